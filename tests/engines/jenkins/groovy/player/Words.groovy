package player

/** A block of `name value` lines: `agent { docker { … } }`, `input { … }`. */
class Words extends Section {
    final Map<String, Object> found = [:]

    Words(PipelineScript script, Closure body) {
        super(script)
        read(body)
    }

    Object methodMissing(String name, Object given) {
        def args = (given as Object[]).toList()
        found[name] = args[0] instanceof Closure ? new Words(script, args[0] as Closure).found : args[0] instanceof GString ? args[0].toString() : args[0]
        null
    }
}
