package org.jenkinsci.plugins.workflow.steps

/** A step that needs a node where there is none (workflow-step-api: MissingContextVariableException). */
class MissingContextVariableException extends Exception {
    MissingContextVariableException(String step) {
        super("Required context class hudson.FilePath is missing: perhaps you forgot to surround the $step step with a step that provides this, such as: node")
    }
}
