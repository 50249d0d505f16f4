package player

import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/**
 * The blocks around what runs just now, innermost last: stages, nodes, containers, credentials, timeouts, branches.
 * A block that is to end holds `stop`, which each thread below it takes once, at its next wait.
 */
class Context {
    final Context parent
    final String kind
    final Map data
    volatile FlowInterruptedException stop
    private final Set<Thread> told = Collections.newSetFromMap(new java.util.concurrent.ConcurrentHashMap<Thread, Boolean>())

    private static final ThreadLocal<Context> HERE = new ThreadLocal<Context>()

    Context(Context parent, String kind, Map data) {
        this.parent = parent
        this.kind = kind
        this.data = data
    }

    static Context here() { HERE.get() }

    static void enter(Context context) { HERE.set(context) }

    /** Runs the body in a block of its own, which it is given. */
    static Object inside(String kind, Map data, Closure body) {
        def outer = here()
        def own = new Context(outer, kind, data)
        HERE.set(own)
        try {
            return body.call(own)
        } finally {
            HERE.set(outer)
        }
    }

    /** The blocks from the outermost to this one. */
    List<Context> path() {
        def found = []
        for (def each = this; each != null; each = each.parent) { found.add(0, each) }
        found
    }

    /** The innermost block of a kind, or null. */
    Context innermost(String... kinds) {
        for (def each = this; each != null; each = each.parent) {
            if (each.kind in kinds) { return each }
        }
        null
    }

    /** Ends the thread's work here if a block around it is to end, or a timeout is over. */
    void check() {
        for (def each = this; each != null; each = each.parent) {
            if (each.kind == 'timeout' && each.stop == null && Clock.currentTimeMillis() >= each.data.end) { each.expire() }
            if (each.stop != null && each.told.add(Thread.currentThread())) { throw each.stop }
        }
    }

    /** A timeout that is over (workflow-basic-steps: TimeoutStepExecution.cancel). */
    void expire() { stop = new FlowInterruptedException('ABORTED', 'Timeout has been exceeded') }
}
