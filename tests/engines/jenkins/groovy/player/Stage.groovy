package player

/** A stage of Declarative, or the pipeline itself: its sections, read but not yet run. */
class Stage extends Section {
    final String name
    final List<String> cell
    Object agent
    Closure when, steps, environment, options, input, post, parameters, triggers
    List<Stage> stages
    List<Stage> parallel
    boolean failFast
    Map<String, String> axes

    Stage(PipelineScript script, String name, List<String> cell = null) {
        super(script)
        this.name = name
        this.cell = cell
    }

    boolean isLeaf() { steps != null }

    void agent(Object given) { agent = given }

    void when(Closure body) { when = body }

    void steps(Closure body) { steps = body }

    void environment(Closure body) { environment = body }

    void options(Closure body) { options = body }

    void input(Closure body) { input = body }

    void input(String message) { throw new IllegalArgumentException("input wants a block")}

    void post(Closure body) { post = body }

    void parameters(Closure body) { parameters = body }

    void triggers(Closure body) { triggers = body }

    void failFast(boolean given) { failFast = given }

    void stages(Closure body) { stages = new StageList(script).of(body) }

    void parallel(Closure body) { parallel = new StageList(script).of(body) }

    void matrix(Closure body) { parallel = new Matrix(script).cells(body) }

    void tools(Closure body) { throw new IllegalArgumentException('tools are not played here') }

    void libraries(Closure body) { throw new IllegalArgumentException('libraries are not played here') }

    /** The entries of `environment`: those that are credentials, by key, and the others, by value. */
    Map<String, Map<String, String>> variables() {
        def entries = new Entries(script)
        if (environment) { entries.read(environment) }
        [credentials: entries.credentials, plain: entries.plain]
    }
}
