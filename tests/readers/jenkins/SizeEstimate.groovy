/**
 * The bytes that a `pipeline {}` takes in its one compiled method (limit 65,535), estimated from its model.
 *
 * The numbers come from measurements of single constructs with the real transformer; what lies between them (a further
 * condition, a further key, a nested block) is interpolated, and an option counts as the dearest one. A stage with many
 * directives was measured about a tenth above its estimate, hence the distance of REFUSE from the limit. The length of
 * texts costs nothing, and the functions beside the pipeline are methods of their own.
 */
class SizeEstimate {
    static final int WARN = 45_000
    static final int REFUSE = 60_000

    static int of(Map pipeline) {
        (directives(pipeline) + stages(pipeline.stages)) as int
    }

    private static int stages(List all) { (all ?: []).sum(0) { stage(it) } as int }

    private static int stage(Map stage) {
        def inside = stages(stage.stages) + stages(stage.parallel) + steps(stage.steps)
        275 + directives(stage) + inside + (stage.matrix ? matrix(stage.matrix) : 0)
    }

    private static int matrix(Map matrix) {
        cells(matrix) * (425 + directives(matrix)) + stages(matrix.stages)
    }

    private static int directives(Map holder) {
        agent(holder.agent) + environment(holder.environment) + 160 * (holder.options ?: []).size() +
            when(holder.when) + (holder.input ? 84 : 0) + post(holder.post)
    }

    private static int agent(Map agent) {
        if (agent == null || agent.type == 'none') { return 0 }
        def keys = agent.arguments?.size() ?: 0
        agent.type in ['any', 'label'] ? 136 : 160 + 28 * Math.max(0, keys - 1)
    }

    private static int environment(List entries) {
        if (!entries) { return 0 }
        66 + entries.sum { entry ->
            def value = entry.value
            if (!(value instanceof Map)) { return 121 }
            value.gstring != null ? 390 : 187
        }
    }

    private static int when(Map when) { when ? 101 + when.conditions.sum(0) { condition(it) } : 0 }

    private static int condition(Map condition) {
        if (condition.name == 'expression') { return 259 + 80 * ((condition.source ?: '').split(/&&|\|\|/).size() - 1) }
        87 + (condition.conditions ?: []).sum(0) { SizeEstimate.condition(it) }
    }

    private static int post(Map post) { (post ?: [:]).values().sum(0) { 132 + steps(it) } as int }

    private static int steps(List all) { (all ?: []).sum(0) { step(it) } as int }

    private static int step(Map step) {
        def inside = steps(step.steps) + (step.branches ?: [:]).values().sum(0) { 129 + steps(it) }
        switch (step.name) {
            case 'script': return 69 + Math.max(60, (step.calls ?: []).sum(0) { SizeEstimate.step(it) } as int)
            case 'withCredentials': return 251 + inside
            case 'checkout': return 76
        }
        inside + (step.arguments.size() > 1 ? 110 : 60)
    }

    /** The cells that are left after the excludes; a matrix too large to unfold counts them all. */
    private static int cells(Map matrix) {
        def axes = matrix.axes.findAll { it.values }
        def total = axes.inject(1G) { product, axis -> product * axis.values.size() }
        if (!axes || total > 10_000) { return total.min(100_000G) as int }
        def combinations = axes*.values.combinations().collect { [axes*.name, it].transpose().collectEntries() }
        combinations.count { cell -> !matrix.excludes.any { excluded(cell, it) } }
    }

    private static boolean excluded(Map cell, List axes) {
        axes.every { axis -> axis.notValues ? !(cell[axis.name] in axis.notValues) : cell[axis.name] in axis.values }
    }
}
