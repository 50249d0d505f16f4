package org.jenkinsci.plugins.workflow.steps

/** A body that something has ended: a timeout, a person, a sibling (workflow-step-api: FlowInterruptedException). */
class FlowInterruptedException extends InterruptedException {
    final String result
    final String why
    /** False once a timeout's exception has left its own step: only then may `retry` try again. */
    boolean actualInterruption = true

    FlowInterruptedException(String result, String why) {
        super(why)
        this.result = result
        this.why = why
    }
}
