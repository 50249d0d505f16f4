package player

/** The conditions of a `when`, each by the rule of its class in model-definition (when/impl). Looked at one after the other, until one fails. */
class When extends Section {
    private final Build build
    private final List<Closure<Boolean>> conditions = []
    private final Set<String> flags = [] as Set
    boolean passed

    When(PipelineScript script, Closure body) {
        super(script)
        build = script.build
        passed = body == null
        if (body) { read(body) }
    }

    /** WhenEvaluator: asked once, at the first place that it is to be asked at. */
    boolean at(String flag) {
        if (passed || (flag && !(flag in flags))) { return true }
        passed = Context.inside('when', [:]) { conditions.every { it.call() } }
        passed
    }

    private void flag(String name, boolean given) { if (given) { flags << name } }

    void beforeAgent(boolean given) { flag('beforeAgent', given) }

    void beforeInput(boolean given) { flag('beforeInput', given) }

    void beforeOptions(boolean given) { flag('beforeOptions', given) }

    private List<Closure<Boolean>> inner(Closure body) { new When(script, body).@conditions }

    void allOf(Closure body) { def all = inner(body); conditions << { all.every { it.call() } } }

    void anyOf(Closure body) { def all = inner(body); conditions << { all.any { it.call() } } }

    void not(Closure body) { def all = inner(body); conditions << { !all[0].call() } }

    void expression(Closure body) { conditions << { run(body, script, Closure.DELEGATE_FIRST) ? true : false } }

    void branch(Object given) { def words = words(given, 'pattern'); conditions << { compared(words, 'GLOB', env('BRANCH_NAME')) } }

    void buildingTag() { conditions << { env('TAG_NAME') ? true : false } }

    void tag(Object given) { def words = words(given, 'pattern'); conditions << { env('TAG_NAME') ? compared(words, 'GLOB', env('TAG_NAME')) : false } }

    /** ChangeRequestConditional.matches: any change request, narrowed by what is named, compared exactly unless said otherwise. */
    void changeRequest(Map given = [:]) {
        def unknown = given.keySet() - ['target', 'branch', 'fork', 'id', 'url', 'title', 'author', 'authorDisplayName', 'authorEmail', 'comparator']
        if (unknown) { throw new IllegalArgumentException("changeRequest does not take $unknown") }
        conditions << {
            if (!env('CHANGE_ID')) { return false }
            given.findAll { it.key != 'comparator' }.every { key, wanted ->
                def variable = 'CHANGE_' + key.replaceAll('[A-Z]', '_$0').toUpperCase()
                compared([pattern: wanted, comparator: given.comparator], 'EQUALS', env(variable))
            }
        }
    }

    void environment(Map given) { conditions << { env(given.name as String) == given.value } }

    void equals(Map given) { conditions << { given.expected == given.actual } }

    /** Utils.shouldRunBeAllowed: the simple name of the cause's own class, as a pattern without regard to case. */
    void triggeredBy(Object given) {
        def cause = given instanceof Map ? given.cause : given
        def simple = (build.given.cause as String).replaceAll('.*[.$]', '')
        conditions << { simple ==~ /(?i)\.*${cause}.*/ }
    }

    private String env(String name) { build.environment(Context.here())[name] }

    private static Map words(Object given, String name) { given instanceof Map ? given as Map : [(name): given] }

    /** when/utils/Comparator. */
    private static boolean compared(Map words, String usual, String actual) {
        def text = actual ?: ''
        def pattern = words.pattern as String
        switch (((words.comparator ?: usual) as String).toUpperCase()) {
            case 'EQUALS': return text == pattern
            case 'REGEXP': return text.matches(pattern)
            case 'GLOB': return org.apache.tools.ant.types.selectors.SelectorUtils.matchPath(pattern, text, false)
        }
        throw new IllegalArgumentException("$words.comparator compares nothing")
    }
}
