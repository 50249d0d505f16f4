package player

/** `matrix { … }`: a stage for each cell, with its own copy of all that stands in it (model-definition: MatrixTransformer). */
class Matrix extends Section {
    private final Map<String, List<String>> axes = new LinkedHashMap<String, List<String>>()
    private String axis

    Matrix(PipelineScript script) { super(script) }

    List<Stage> cells(Closure body) {
        def outer = new MatrixSections(script, this)
        outer.read(body)
        def names = axes.keySet() as List
        def combinations = axes.values().toList().inject([[]]) { all, values -> all.collectMany { one -> values.collect { one + [it] } } }
        combinations.collect { values ->
            def title = [names, values].transpose().collect { name, value -> "$name = '$value'" }.join(', ')
            def cell = new Stage(script, "Matrix - $title".toString(), values as List<String>)
            ['agent', 'when', 'options', 'environment', 'input', 'post'].each { cell.setProperty(it, outer.getProperty(it)) }
            cell.stages = outer.stages
            cell.axes = [names, values].transpose().collectEntries()
            cell
        }
    }

    void axis(Closure body) { read(body) }

    void name(String given) {
        axis = given
        axes[given] = []
    }

    void values(String... given) { axes[axis].addAll(given) }
}
