import org.codehaus.groovy.ast.expr.*

/** The tree of a pipeline: stages, what a stage holds, matrix; each reader returns its part of the model. */
class Structure {
    final Report report
    final Directives directives

    Structure(Report report) {
        this.report = report
        directives = new Directives(report)
    }

    Map pipeline(Call call) {
        def found = report.sections(call, Vocabulary.PIPELINE) {
            it.name == 'stages' ? stages(it, null) : directives.read(it, false)
        }
        if (call.block) { report.require(call, found, ['agent', 'stages']) }
        found
    }

    /** The stages of `stages` or `parallel`; `inside` names the parallel or matrix around them, if any. */
    private List stages(Call holder, String inside) {
        def calls = report.calls(holder, 'a stage').findAll { stage ->
            if (stage.name != 'stage') {
                report.error(stage.node, 'not-a-stage', "'$holder.name' holds stages, not '$stage.name'")
            }
            stage.name == 'stage'
        }
        report.unique(calls, 'stage-once') { name(it) }
        calls.collect { stage(it, inside) }
    }

    private static String name(Call stage) {
        def node = stage.positional.size() == 1 ? stage.positional[0] : null
        node instanceof ConstantExpression && node.value instanceof String ? node.value : null
    }

    private Map stage(Call call, String inside) {
        if (name(call) == null) { report.error(call.node, 'stage-name', 'a stage has one literal name') }
        def found = report.sections(call, Vocabulary.STAGE) { section(it, inside) }
        if (call.block) { bodies(call, found, inside) }
        [name: name(call), line: call.node.lineNumber] + found
    }

    private Object section(Call call, String inside) {
        switch (call.name) {
            case 'stages': return stages(call, inside)
            case 'parallel': return stages(call, inside ?: 'parallel')
            case 'matrix': return matrix(call)
        }
        directives.read(call, true)
    }

    private void bodies(Call stage, Map found, String inside) {
        def bodies = Vocabulary.BODIES.findAll { found.containsKey(it) }
        if (bodies.size() != 1) {
            report.error(stage.node, 'stage-body', 'a stage has exactly one of steps, stages, parallel and matrix, not ' +
                (bodies ? bodies.join(' and ') : 'none'))
        }
        def forks = bodies.findAll { it in ['parallel', 'matrix'] }
        forks.each { fork ->
            if (inside) { report.error(stage.node, 'nested-parallel', "'$fork' cannot stand inside '$inside'") }
            ['agent', 'tools'].findAll { found.containsKey(it) }.each {
                report.error(stage.node, 'fork-directive', "a stage with '$fork' cannot have '$it'")
            }
        }
    }

    private Map matrix(Call call) {
        def found = report.sections(call, Vocabulary.MATRIX) {
            switch (it.name) {
                case 'axes': return axes(it, ['name', 'values'])
                case 'excludes': return excludes(it)
                case 'stages': return stages(it, 'matrix')
            }
            directives.read(it, true)
        }
        if (call.block) { report.require(call, found, ['axes', 'stages']) }
        [axes: [], excludes: []] + found
    }

    private List excludes(Call call) {
        named(call, 'exclude').collect { axes(it, ['name', 'values', 'notValues']) }
    }

    private List axes(Call call, List allowed) {
        def axes = named(call, 'axis').collect { axis(it, allowed) }
        def seen = [] as Set
        axes.findAll { it.name != null && !seen.add(it.name) }.each {
            report.error(call.node, 'axis-once', "the axis '$it.name' stands more than once")
        }
        axes
    }

    private List<Call> named(Call holder, String name) {
        report.calls(holder, "'$name'").findAll { call ->
            if (call.name != name) {
                report.error(call.node, 'unknown-section', "'$holder.name' holds '$name', not '$call.name'")
            }
            call.name == name
        }
    }

    private Map axis(Call call, List allowed) {
        def found = report.sections(call, allowed) { it.name == 'name' ? axisName(it) : axisValues(it) }
        if (!call.block) { return found }
        report.require(call, found, ['name'])
        def lists = (allowed - 'name').findAll { found.containsKey(it) }
        if (lists.size() != 1) {
            report.error(call.node, 'axis-values', "an axis needs ${(allowed - 'name').join(' or ')}")
        }
        found
    }

    private String axisName(Call call) {
        def name = report.single(call, 'axis-name')
        if (name != null && !(name instanceof String && name ==~ /[A-Za-z_][A-Za-z0-9_]*/)) {
            report.error(call.node, 'axis-name', 'the name of an axis is a variable name in quotes')
        }
        name as String
    }

    private List axisValues(Call call) {
        def literals = call.positional.findAll { it instanceof ConstantExpression }*.value
        if (!literals || literals.size() != call.positional.size() || call.named) {
            report.error(call.node, 'axis-values', "'$call.name' takes literals")
        }
        def seen = [] as Set
        literals.findAll { !seen.add(it) }.each {
            report.error(call.node, 'axis-value-once', "the value '$it' stands more than once")
        }
        literals
    }
}
