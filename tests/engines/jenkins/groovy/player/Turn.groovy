package player

import java.util.concurrent.locks.ReentrantLock

/**
 * The one thread on which all of a build's Groovy runs (workflow-cps: CpsVmThread): the threads of its branches hold a lock
 * while they run Groovy, and give it away while they wait.
 */
class Turn {
    private static final ReentrantLock LOCK = new ReentrantLock(true)

    static void take() { LOCK.lock() }

    static void give() { LOCK.unlock() }

    static Object away(Closure waiting) {
        LOCK.unlock()
        try {
            return waiting.call()
        } finally {
            LOCK.lock()
        }
    }
}
