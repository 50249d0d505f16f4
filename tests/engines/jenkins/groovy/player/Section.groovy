package player

/** What the closure of a section talks to: names that the section knows, and values by way of the script. */
abstract class Section {
    final PipelineScript script

    Section(PipelineScript script) { this.script = script }

    Object propertyMissing(String name) { name in ['none', 'any'] ? name : script.getProperty(name) }

    Object methodMissing(String name, Object args) { script.invokeMethod(name, args) }

    Object read(Closure body) { run(body, this) }

    /** The closure's owner is the script, not the section that it stands in: what is inside it must not find that section's names. */
    static Object run(Closure body, Object delegate, int strategy = Closure.DELEGATE_ONLY) {
        def script = delegate instanceof Section ? ((Section) delegate).script : delegate
        def own = body.rehydrate(delegate, script, script)
        own.resolveStrategy = strategy
        own.call()
    }
}
