import org.codehaus.groovy.ast.*
import org.codehaus.groovy.ast.expr.*
import org.codehaus.groovy.control.*
import org.codehaus.groovy.control.messages.ExceptionMessage
import org.codehaus.groovy.control.messages.SyntaxErrorMessage

/** Reads one Jenkinsfile: `findings` by the rules of Declarative, and a `model` of its pipeline (null without one). */
class DeclarativeLinter {
    final String text
    final SourceText source
    final Report report

    DeclarativeLinter(String text) {
        this.text = text
        source = new SourceText(text)
        report = new Report(source)
    }

    Map run() {
        def module = parse()
        def model = module ? file(module) : null
        [findings: report.findings.sort(false) { a, b -> a.line <=> b.line ?: a.column <=> b.column }, model: model]
    }

    /** The tree before any name is resolved, as Declarative itself looks at it. */
    private ModuleNode parse() {
        // @Grab would go to the network.
        def configuration = new CompilerConfiguration(
            disabledGlobalASTTransformations: ['groovy.grape.GrabAnnotationTransformation'] as Set)
        def unit = new CompilationUnit(configuration)
        def file = unit.addSource('Jenkinsfile', text)
        try {
            unit.compile(Phases.CONVERSION)
            return file.AST
        } catch (MultipleCompilationErrorsException refused) {
            refused.errorCollector.errors.each { syntax(it) }
            return null
        }
    }

    private void syntax(Object error) {
        if (error instanceof SyntaxErrorMessage) {
            def cause = error.cause
            place(cause.line, cause.startColumn, 'syntax', cause.originalMessage)
        } else {
            // The reader of characters tells the line in words only.
            def message = error instanceof ExceptionMessage ? error.cause.message : error.toString()
            def line = message =~ /line:? ?(\d+)/
            place(line ? line[0][1] as int : 1, 1, 'syntax', message)
        }
    }

    private void place(int line, int column, String code, String message) {
        report.findings << [line: line, column: column, severity: 'error', code: code, message: message]
    }

    private Map file(ModuleNode module) {
        def top = module.statementBlock.statements.collect { Call.of(it) }.findAll { isPipeline(it) }
        anywhere(module, top*.node)
        if (!top) {
            if (!report.findings.any { it.code == 'pipeline-place' }) {
                place(1, 1, 'pipeline-missing', 'there is no pipeline {} at the top level')
            }
            return null
        }
        top.drop(1).each { report.error(it.node, 'pipeline-once', 'there is more than one pipeline {}') }
        def model = new Structure(report).pipeline(top[0])
        size(top[0], model)
        model + [functions: functions(module)]
    }

    private static boolean isPipeline(Call call) { call?.name == 'pipeline' && !call.onObject && call.block }

    private void size(Call pipeline, Map model) {
        model.bytes = SizeEstimate.of(model)
        if (model.bytes >= SizeEstimate.REFUSE) {
            report.error(pipeline.node, 'too-large', "about $model.bytes bytes of the 65535 that a method may have")
        } else if (model.bytes >= SizeEstimate.WARN) {
            report.add(pipeline.node, 'warning', 'nearly-too-large', "about $model.bytes bytes of 65535")
        }
    }

    private List functions(ModuleNode module) {
        module.methods.collect {
            [name: it.name, line: it.lineNumber, parameters: it.parameters*.name] + source.code(it.code)
        }
    }

    /** What is refused wherever it stands, functions and script blocks included. */
    private void anywhere(ModuleNode module, List pipelines) {
        def visitor = new Anywhere(report: report, pipelines: pipelines)
        module.statementBlock.visit(visitor)
        module.methods.each { it.code?.visit(visitor) }
        module.classes.findAll { !it.script }*.methods.flatten().each { it.code?.visit(visitor) }
    }
}
