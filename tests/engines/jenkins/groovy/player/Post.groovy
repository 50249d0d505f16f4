package player

/** `post { … }`: its conditions, in the order in which they are looked at (model-definition: BuildCondition and model/conditions). */
class Post extends Section {
    static final List<String> ORDER = ['always', 'changed', 'fixed', 'regression', 'aborted', 'failure', 'success', 'unstable', 'unsuccessful', 'notBuilt', 'cleanup']
    private static final List<String> PLAYED = ORDER - ['changed', 'fixed', 'regression']
    final Map<String, Closure> bodies = [:]

    Post(PipelineScript script, Closure body) {
        super(script)
        if (body) { read(body) }
    }

    Object methodMissing(String name, Object given) {
        if (!(name in PLAYED)) { throw new IllegalArgumentException("post condition $name is not played here") }
        bodies[name] = (given as Object[])[0] as Closure
        null
    }

    static boolean holds(String condition, String result) {
        switch (condition) {
            case ['always', 'cleanup']: return true
            case 'unsuccessful': return result != 'SUCCESS'
            case 'notBuilt': return result == 'NOT_BUILT'
        }
        result == condition.toUpperCase()
    }
}
