import org.codehaus.groovy.ast.expr.*
import org.codehaus.groovy.ast.stmt.Statement

/** The blocks that hold steps: `steps`, the conditions of `post`, and the blocks of steps themselves. */
class Steps {
    final Report report

    Steps(Report report) { this.report = report }

    /** The steps of a block that must not be empty. */
    List read(Call holder) {
        if (!report.block(holder)) { return [] }
        if (!holder.statements) { report.error(holder.node, 'empty-section', "'$holder.name' must not be empty") }
        def alone = holder.name == 'steps' && holder.statements.size() == 1
        holder.statements.collect { step(it, alone) } - null
    }

    private Map step(Statement statement, boolean mayFork) {
        def call = report.callOf(statement, 'a step')
        if (call == null) { return null }
        if (call.name == 'script') { return script(call) }
        if (call.name == 'parallel' && mayFork) { return fork(call) }
        if (call.name == 'parallel' || call.name in Vocabulary.BLOCKED_STEPS) {
            report.error(call.node, 'blocked-step', "the step '$call.name' is not allowed here")
            return null
        }
        def signature = Vocabulary.STEPS[call.name]
        signature ? known(call, signature) : report.mixed(call)
        def model = report.source.called(call, signature)
        call.block ? model + [steps: inner(call.block)] : model
    }

    private void known(Call call, Signature signature) {
        report.arguments(call, signature)
        if (signature.block) { report.block(call) } else { report.noBlock(call, 'step') }
    }

    private List inner(ClosureExpression block) {
        Call.statementsOf(block).collect { step(it, false) } - null
    }

    private Map script(Call call) {
        def model = report.source.called(call, null)
        report.block(call) ? model + report.source.code(call.block) : model
    }

    private static boolean isBoolean(Expression value) {
        value instanceof ConstantExpression && value.value instanceof Boolean
    }

    /** The step `parallel a: { … }, b: { … }`, which may only stand alone in `steps`. */
    private Map fork(Call call) {
        // The trailing closure of `parallel(a: {…})` is a named argument, so a block here has no branch name.
        if (call.block || call.positional || !call.named) {
            report.error(call.node, 'parallel-branch', "the step 'parallel' takes named branches")
        }
        def branches = call.named.findAll { name, value -> value instanceof ClosureExpression }
        (call.named - branches).findAll { name, value -> !(name == 'failFast' && isBoolean(value)) }.each { name, value ->
            report.error(value, 'parallel-branch', "the branch '$name' must be a block")
        }
        def model = [name: call.name, line: call.node.lineNumber, arguments: [:]]
        model + [branches: branches.collectEntries { name, block -> [name, inner(block)] }]
    }
}
