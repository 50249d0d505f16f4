package player

/** What Jenkins' stages are in the plan: a stage with steps on a node is the job of its name, in a cell with the cell's values behind. */
class Names {
    /** Stages that the translation adds, of which the plan knows nothing: the guard of tags, and the one that asks whether this build is the newest. */
    static final Set<String> ADDED = ['newest', 'tag-on-trunk'] as Set

    static String of(Context stage) {
        def cell = stage.innermost('cell')
        ([stage.data.name] + (cell ? cell.data.values : [])).join('-')
    }
}
