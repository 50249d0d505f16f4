package player

/** `triggers { … }` of a job: the lines of its timers, with the parameters that a line gives. */
class Triggers extends Section {
    final List<Map> timers = []

    Triggers(PipelineScript script) { super(script) }

    /** Reads that one section: the script's `pipeline` is called with something that wants nothing else. */
    void look() {
        def triggers = this
        def reader = new Declarative(script.build, script) {
            void run(Closure body) {
                def root = new Stage(triggers.script, 'pipeline')
                root.read(body)
                if (root.triggers) { triggers.read(root.triggers) }
            }
        }
        script.handTo(reader)
        script.run()
    }

    void cron(String spec) { lines(spec).each { timers << [cause: 'hudson.triggers.TimerTrigger$TimerTriggerCause', spec: it, parameters: [:]] } }

    /** parameterized-scheduler: ParameterParser. */
    void parameterizedCron(String spec) {
        Signatures.installed(script.build, 'parameterizedCron')
        lines(spec).each { line ->
            def parts = line.split('%', 2)*.trim()
            def parameters = parts.size() < 2 ? [:] : parts[1].split(';')*.trim().findAll { it }.collectEntries { it.split('=', 2) as List }
            timers << [cause: 'org.jenkinsci.plugins.parameterizedscheduler.ParameterizedTimerTriggerCause', spec: parts[0], parameters: parameters]
        }
    }

    private static List<String> lines(String spec) {
        spec.readLines()*.trim().findAll { it && !it.startsWith('#') && !it.startsWith('TZ=') }.each { line ->
            if (!(line ==~ /\S+ \S+ \S+ \S+ [^ %]+( *%.*)?/)) { throw new IllegalArgumentException("$line is no time") }
        }
    }
}
