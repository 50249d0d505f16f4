package player

/** A job of the multibranch project: a branch, a pull request or a tag. Its builds know one another, and hold its locks. */
class Job {
    final String name
    final Map<Integer, Build> builds = new TreeMap<Integer, Build>()
    /** Those that its builds share, where several run at once. */
    Workspaces workspaces
    private static final Map<String, Object> LOCKS = [:]

    Job(String name) { this.name = name }

    /** lockable-resources: all resources of one step are taken together, or none. */
    static boolean take(Collection<String> resources, Object owner) {
        synchronized (LOCKS) {
            if (resources.any { it in LOCKS.keySet() }) { return false }
            resources.each { LOCKS[it] = owner }
            true
        }
    }

    static void release(Collection<String> resources) {
        synchronized (LOCKS) { resources.each { LOCKS.remove(it) } }
    }

    static void releaseAll() {
        synchronized (LOCKS) { LOCKS.clear() }
    }

    /** The newer builds that have passed this milestone already (pipeline-milestone-step: getBuildsToCancel). */
    Build passedBy(Build build, int ordinal) {
        builds.values().find { it.number > build.number && it.milestone != null && it.milestone >= ordinal }
    }
}
