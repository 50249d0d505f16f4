package player

/** `parameters { … }`: what a build has that was given nothing is their defaults (core: ParameterizedJobMixIn.getDefaultParametersValues). */
class Parameters extends Section {
    private final Map<String, Closure> defined = new LinkedHashMap<String, Closure>()

    Parameters(PipelineScript script, Closure body) {
        super(script)
        if (body) { read(body) }
    }

    void string(Map words) { defined[words.name as String] = { String value -> value == null ? (words.defaultValue ?: '') : value } }

    void text(Map words) { string(words) }

    void booleanParam(Map words) { defined[words.name as String] = { String value -> value == null ? "${words.defaultValue ?: false}" : value } }

    /** core: ChoiceParameterDefinition takes nothing but its choices, and the first when nothing is given. */
    void choice(Map words) {
        def choices = (words.choices instanceof String ? words.choices.readLines() : words.choices) as List
        defined[words.name as String] = { String value ->
            if (value != null && !(value in choices)) { throw new IllegalArgumentException("Illegal choice for parameter $words.name: $value") }
            value == null ? choices[0] : value
        }
    }

    Set<String> names() { defined.keySet() }

    /** Parameters that the job does not define are dropped (core: ParametersAction, SECURITY-170). */
    void give(Build build) {
        def given = new LinkedHashMap<String, String>(build.params)
        build.params.clear()
        defined.each { name, value -> build.params[name] = value.call(given[name]).toString() }
    }
}
