package player

/** The environment of a process, on the agent and in a container. */
class Launch {
    static Map<String, String> environment(Build build, Context here) {
        def wanted = build.environment(here)
        def container = here.innermost('container')
        if (container != null && container.path().contains(here.innermost('node'))) { return inContainer(build, wanted, container) }
        // durable-task escapes each $ from the expansion that the launcher does (FileMonitoringTask.escape); it drops empty values.
        def found = new LinkedHashMap<String, String>(build.computer())
        wanted.each { name, value -> if (value) { found[name] = value } else { found.remove(name) } }
        [PK_ENGINE_JOB: here.innermost('job')?.data?.name ?: ''] + found
    }

    /**
     * docker-workflow, WithContainerStep.Decorator: `docker exec --env …` with what is not the agent's own, and without PATH;
     * the $ that durable-task has doubled stays doubled, since no launcher expands arguments.
     */
    private static Map<String, String> inContainer(Build build, Map<String, String> wanted, Context container) {
        def found = new LinkedHashMap<String, String>(build.computer())
        found.putAll(container.data.started as Map<String, String>)
        def reduced = reduced(build, wanted)
        exposed(build, reduced)
        reduced.each { name, value -> found[name] = value.replace('$', '$$') }
        [PK_ENGINE_JOB: Context.here().innermost('job')?.data?.name ?: '', PK_ENGINE_NETWORK: container.data.network ?: ''] + found
    }

    /** What a container is told of the environment: docker has it in its arguments. */
    static Map<String, String> reduced(Build build, Map<String, String> wanted) {
        def host = build.computer()
        wanted.findAll { name, value -> name != 'PATH' && host[name] != value }
    }

    /** Arguments are for all to read who are on the agent: a secret among them counts as printed. */
    static void exposed(Build build, Map<String, String> told) {
        def found = told.values().join('\n')
        build.given.secrets.each { key, secret ->
            if (found.contains(secret.value as String)) { build.say('output', 'arguments-of-docker', "--env …=$secret.value\n".toString()) }
        }
    }
}
