package player

/** The variable `docker` (docker-workflow: Docker.groovy). Containers are played: their commands run in the same folder, in their environment. */
class Docker {
    private final Build build

    Docker(Build build) {
        Signatures.installed(build, 'docker')
        this.build = build
    }

    Image image(Object id) { new Image(build, id.toString()) }

    static class Image {
        private static final String NAME = /[a-z0-9][a-z0-9._:\/-]*(:[A-Za-z0-9_.-]+)?(@sha256:[0-9a-f]{64})?/
        final String id
        private final Build build

        Image(Build build, String id) {
            if (!(id ==~ NAME)) { throw new IllegalArgumentException("$id is no name of an image") }
            this.id = id
            this.build = build
        }

        /** WithContainerStep: `docker run … cat`, then `docker exec` for each command, until the body ends. */
        Object inside(Object args = '', Closure body) {
            build.node('withDockerContainer')
            def here = Context.here()
            def started = Launch.reduced(build, build.environment(here))
            if (!build.dry) { Launch.exposed(build, started) }
            def network = args.toString() =~ /--network (\S+)/
            Context.inside('container', [image: id, started: started, network: network ? network[0][1] : null]) { body.call() }
        }
    }
}
