package player

import hudson.AbortException
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/** workflow-cps: ParallelStep. Branches start in their order, and each runs until it waits; failures are collected, the worst is thrown. */
class Parallel {
    private final Build build

    Parallel(Build build) { this.build = build }

    Object run(Map given) {
        def branches = given.findAll { name, body -> name != 'failFast' }
        branches.each { name, body -> if (!(body instanceof Closure)) { throw new IllegalArgumentException("$name is no closure") } }
        def here = Context.here()
        def contexts = branches.keySet().collectEntries { [(it): new Context(here, 'branch', [name: it])] }
        List<Throwable> failures = Collections.synchronizedList([])
        List<Throwable> ended = Collections.synchronizedList([])
        def values = Collections.synchronizedMap([:])
        def threads = branches.collect { name, body ->
            def work = {
                Turn.take()
                Context.enter(contexts[name] as Context)
                try {
                    values[name] = (body as Closure).call()
                } catch (Ended end) {
                    ended << end
                } catch (Throwable failure) {
                    failures << failure
                    build.print("Failed in branch $name")
                    if (given.failFast) { contexts.each { other, context -> if (other != name) { (context as Context).stop = new FlowInterruptedException('ABORTED', 'Failed in another branch') } } }
                } finally {
                    Turn.give()
                }
            }
            new Thread(null, work as Runnable, "branch $name", 16L << 20)
        }
        threads.each { it.start() }
        Turn.away { threads.each { it.join() } }
        if (ended) { throw ended[0] }
        if (failures) { throw given.failFast ? failures[0] : failures.sort(false) { one, other -> rank(one) <=> rank(other) }[0] }
        values
    }

    /** ParallelStep.ThrowableComparator: what is no AbortException first, interruptions last, the worst of them before the others. */
    private static int rank(Throwable failure) {
        if (failure instanceof FlowInterruptedException) { return 10 - Results.ORDER.indexOf(failure.result) }
        failure instanceof AbortException ? 1 : 0
    }
}
