package player

/** What the closure of a section talks to: names that the section knows, and values by way of the script. */
abstract class Section {
    final PipelineScript script

    Section(PipelineScript script) { this.script = script }

    Object propertyMissing(String name) { name in ['none', 'any'] ? name : script.getProperty(name) }

    Object methodMissing(String name, Object args) { script.invokeMethod(name, args) }

    Object read(Closure body) { run(body, this) }

    static Object run(Closure body, Object delegate, int strategy = Closure.DELEGATE_ONLY) {
        def own = body.clone() as Closure
        own.delegate = delegate
        own.resolveStrategy = strategy
        own.call()
    }
}
