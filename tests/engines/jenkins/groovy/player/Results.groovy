package player

import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/** Results of builds, from best to worst (core: hudson.model.Result). */
class Results {
    static final List<String> ORDER = ['SUCCESS', 'UNSTABLE', 'FAILURE', 'NOT_BUILT', 'ABORTED']

    static String worse(String one, String other) {
        ORDER[Math.max(ORDER.indexOf(one ?: 'SUCCESS'), ORDER.indexOf(other ?: 'SUCCESS'))]
    }

    static boolean isWorse(String one, String other) { ORDER.indexOf(one) > ORDER.indexOf(other ?: 'SUCCESS') }

    static String known(String name) {
        if (!(name in ORDER)) { throw new IllegalArgumentException("no result is called $name") }
        name
    }

    /** What an exception makes of a build (workflow-cps: CpsFlowExecution, by FlowInterruptedException.getResult). */
    static String of(Throwable thrown) {
        if (thrown == null) { return 'SUCCESS' }
        thrown instanceof FlowInterruptedException ? thrown.result : 'FAILURE'
    }
}
