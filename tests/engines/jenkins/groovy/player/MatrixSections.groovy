package player

/** The sections of a `matrix`: those of a stage, and its axes. */
class MatrixSections extends Stage {
    private final Matrix matrix

    MatrixSections(PipelineScript script, Matrix matrix) {
        super(script, 'matrix')
        this.matrix = matrix
    }

    void axes(Closure body) { matrix.read(body) }

    void excludes(Closure body) { throw new IllegalArgumentException('excludes are not played here') }
}
