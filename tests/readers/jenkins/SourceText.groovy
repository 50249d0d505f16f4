import org.codehaus.groovy.ast.ASTNode
import org.codehaus.groovy.ast.CodeVisitorSupport
import org.codehaus.groovy.ast.expr.*
import org.codehaus.groovy.syntax.Types

/** The text of a Jenkinsfile, and what its expressions look like as JSON data. */
class SourceText {
    final List<String> lines

    SourceText(String text) { lines = text.readLines() }

    /** The source between a node's first and last position. */
    String slice(ASTNode node) {
        // The parser places a binary expression at its operator.
        def first = node
        def last = node
        while (first instanceof BinaryExpression) { first = first.leftExpression }
        while (last instanceof BinaryExpression) { last = last.rightExpression }
        between(first, last)
    }

    private String between(ASTNode first, ASTNode last) {
        if (first.lineNumber < 1 || last.lastLineNumber > lines.size()) { return first.text }
        def taken = lines[(first.lineNumber - 1)..(last.lastLineNumber - 1)].collect { it }
        taken[-1] = taken[-1].take(last.lastColumnNumber - 1)
        taken[0] = taken[0].drop(first.columnNumber - 1)
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
            case BinaryExpression: return joined(expression)
            case MethodCallExpression:
                if (expression.implicitThis && expression.methodAsString) { return nested(new Call(expression)) }
        }
        [groovy: slice(expression)]
    }

    /** Texts joined by `+` are one text: a literal has a limit, a text has none. */
    private Object joined(BinaryExpression expression) {
        def parts = [value(expression.leftExpression), value(expression.rightExpression)]
        def texts = parts.findAll { it instanceof String || it instanceof Map && it.gstring != null }
        if (expression.operation.type != Types.PLUS || texts.size() < 2) { return [groovy: slice(expression)] }
        def text = texts.collect { it instanceof Map ? it.gstring : it }.join('')
        texts.every { it instanceof String } ? text : [gstring: text]
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
