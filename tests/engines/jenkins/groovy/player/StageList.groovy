package player

/** `stages { … }` and `parallel { … }`. */
class StageList extends Section {
    private final List<Stage> found = []

    StageList(PipelineScript script) { super(script) }

    void stage(String name, Closure body) {
        def stage = new Stage(script, name)
        stage.read(body)
        found << stage
    }

    List<Stage> of(Closure body) {
        read(body)
        found
    }
}
