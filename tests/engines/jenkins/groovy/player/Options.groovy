package player

/** `options { … }`: blocks around the stage, in the order of the text, and what says how the job or its checkouts are. */
class Options extends Section {
    /** Job properties and options of Declarative's own (model-definition: options/impl; model/Options). */
    private static final Set<String> OWN = ['skipDefaultCheckout', 'buildDiscarder', 'disableConcurrentBuilds', 'parallelsAlwaysFailFast', 'skipStagesAfterUnstable',
                                            'disableResume', 'durabilityHint', 'preserveStashes', 'quietPeriod', 'overrideIndexTriggers', 'newContainerPerStage'] as Set
    final Map<String, List> own = [:]
    final List<List> wrappers = []

    Options(PipelineScript script, Closure body) {
        super(script)
        if (body) { read(body) }
    }

    Object methodMissing(String name, Object given) {
        def args = (given as Object[]).toList()
        if (name in ['logRotator']) { return Signatures.value(name, args) }
        if (name in OWN) { own[name] = args } else { wrappers << [name, args] }
        null
    }

    boolean isSet(String name) { own.containsKey(name) && own[name] != [false] }
}
