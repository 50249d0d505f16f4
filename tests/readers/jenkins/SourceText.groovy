import org.codehaus.groovy.ast.ASTNode
import org.codehaus.groovy.ast.CodeVisitorSupport
import org.codehaus.groovy.ast.expr.*

/** The text of a Jenkinsfile, and what its expressions look like as JSON data. */
class SourceText {
    final List<String> lines

    SourceText(String text) { lines = text.readLines() }

    /** The source between a node's first and last position. */
    String slice(ASTNode node) {
        if (node.lineNumber < 1 || node.lastLineNumber > lines.size()) { return node.text }
        def taken = lines[(node.lineNumber - 1)..(node.lastLineNumber - 1)].collect { it }
        taken[-1] = taken[-1].take(node.lastColumnNumber - 1)
        taken[0] = taken[0].drop(node.columnNumber - 1)
        taken.join('\n').trim()
    }

    /** The first line of the slice, short enough for a message. */
    String excerpt(ASTNode node) {
        def text = slice(node).readLines() ?: ['']
        text[0].size() > 60 ? text[0].take(57) + '...' : text[0]
    }

    /**
     * A literal is itself and a list is a list; whatever else there is has one key that says what it is: `gstring`
     * (decoded, with its `${}`), `map`, `call` with its arguments, or `groovy` (source).
     */
    Object value(Expression expression) {
        switch (expression) {
            case ConstantExpression: return expression.value
            case ListExpression: return expression.expressions.collect { value(it) }
            case MapExpression:
                return [map: expression.mapEntryExpressions.collectEntries {
                    [it.keyExpression.text, value(it.valueExpression)] }]
            case GStringExpression: return [gstring: interpolated(expression)]
            case MethodCallExpression:
                if (expression.implicitThis && expression.methodAsString) { return nested(new Call(expression)) }
        }
        [groovy: slice(expression)]
    }

    private Map nested(Call call) {
        def model = [call: call.name, arguments: call.named.collectEntries { name, node -> [name, value(node)] }]
        call.positional ? model + [positional: call.positional.collect { value(it) }] : model
    }

    private String interpolated(GStringExpression gstring) {
        def text = new StringBuilder()
        gstring.strings.eachWithIndex { part, index ->
            text << part.value
            if (index < gstring.values.size()) { text << '${' + gstring.values[index].text + '}' }
        }
        text.toString()
    }

    /** Free Groovy as its source and every call in it, in the order of the text. */
    Map code(ASTNode node) {
        def found = []
        node.visit(new CodeVisitorSupport() {
            @Override
            void visitMethodCallExpression(MethodCallExpression call) {
                if (call.methodAsString) { found << call }
                super.visitMethodCallExpression(call)
            }
        })
        [source: slice(node), calls: found.collect { summary(it) }]
    }

    private Map summary(MethodCallExpression node) {
        def call = new Call(node)
        def model = called(call, node.implicitThis ? Vocabulary.STEPS[call.name] : null)
        node.implicitThis ? model : model + [on: slice(node.objectExpression)]
    }

    /** A call with its arguments by name where the signature tells the name of the unnamed one. */
    Map called(Call call, Signature signature) {
        def values = call.named.collectEntries { name, node -> [name, value(node)] }
        def rest = call.positional.collect { value(it) }
        if (rest.size() == 1 && signature?.sole) {
            values[signature.sole] = rest[0]
            rest = []
        }
        def model = [name: call.name, line: call.node.lineNumber, arguments: values]
        rest ? model + [positional: rest] : model
    }
}
