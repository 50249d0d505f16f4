import org.codehaus.groovy.ast.expr.*
import org.codehaus.groovy.ast.stmt.*

/** One call as Declarative reads it: a name, named and unnamed arguments, and the block that follows. */
class Call {
    MethodCallExpression node
    String name
    List<Expression> positional = []
    Map<String, Expression> named = [:]
    ClosureExpression block

    Call(MethodCallExpression node) {
        this.node = node
        name = node.methodAsString
        def arguments = ((TupleExpression) node.arguments).expressions
        if (arguments && arguments[-1] instanceof ClosureExpression) {
            block = arguments[-1]
            arguments = arguments[0..<-1]
        }
        arguments.each { argument ->
            if (argument instanceof MapExpression) {
                argument.mapEntryExpressions.each { named[it.keyExpression.text] = it.valueExpression }
            } else {
                positional << argument
            }
        }
    }

    /** The call of a statement, or null where the statement is something else. */
    static Call of(Statement statement) {
        def expression = statement instanceof ExpressionStatement ? statement.expression : null
        expression instanceof MethodCallExpression ? new Call(expression) : null
    }

    /** Whether the call has a receiver: `docker.image('x')`, or a command chain. */
    boolean isOnObject() { !node.implicitThis }

    /** Whether two blocks share a line: `when { … } steps { … }` is one expression to Groovy. */
    boolean isChained() {
        def receiver = node.objectExpression
        receiver instanceof MethodCallExpression && receiver.implicitThis && new Call(receiver).block != null
    }

    boolean isBare() { !positional && !named }

    List<Statement> getStatements() { statementsOf(block) }

    static List<Statement> statementsOf(ClosureExpression closure) {
        def code = closure.code
        def all = code instanceof BlockStatement ? code.statements : [code]
        all.findAll { !(it instanceof EmptyStatement) }
    }
}
