package player

/** What a Jenkinsfile is compiled to: its names are steps, the global variables, and the build's environment (workflow-cps: CpsScript). */
abstract class PipelineScript extends Script {
    Build build
    Steps stepsOf
    Declarative declarative
    private Env envOf
    private RunWrapper wrapper
    private Scm scmOf

    void begin(Build given) {
        build = given
        stepsOf = new Steps(build, this)
        declarative = new Declarative(build, this)
        envOf = new Env(build)
        wrapper = new RunWrapper(build, true)
        scmOf = Scm.of(build)
    }

    /** Lets something else take the pipeline than what runs it. */
    void handTo(Declarative other) { declarative = other }

    void pipeline(Closure body) { declarative.run(body) }

    void sleep(long time) { stepsOf.call('sleep', [time]) }

    void println(Object text) { build.print(text.toString()) }

    void print(Object text) { build.print(text.toString()) }

    Object methodMissing(String name, Object given) {
        def args = (given as Object[]).toList()
        if (Signatures.isStep(name)) { return stepsOf.call(name, args) }
        if (name in Signatures.VALUES.keySet()) {
            Signatures.installed(build, name)
            return Signatures.value(name, args)
        }
        throw new NoSuchMethodError("No such DSL method '$name' found among steps")
    }

    Object getProperty(String name) {
        switch (name) {
            case 'env': return envOf
            case 'params': return build.params.asImmutable()
            case 'currentBuild': return wrapper
            case 'docker': return new Docker(build)
            case 'scm': return scmOf
            case ['build', 'stepsOf', 'declarative', 'binding', 'metaClass', 'class', 'property']: return super.getProperty(name)
        }
        if (binding.hasVariable(name)) { return binding.getVariable(name) }
        def value = build.environment(Context.here())[name]
        if (value == null) { throw new MissingPropertyException(name, getClass()) }
        value
    }
}
