import org.codehaus.groovy.ast.CodeVisitorSupport
import org.codehaus.groovy.ast.expr.*

/** The rules that hold wherever an expression stands. */
class Anywhere extends CodeVisitorSupport {
    static final int LONGEST = 65_535

    Report report
    List pipelines

    @Override
    void visitMethodCallExpression(MethodCallExpression node) {
        def call = new Call(node)
        if (call.name == 'pipeline' && !call.onObject && call.block && !pipelines.any { it.is(node) }) {
            report.error(node, 'pipeline-place', 'pipeline {} must stand at the top level')
        }
        if (call.name == '$' && !call.onObject && call.block) {
            report.error(node, 'bare-dollar', "\${…} is no value without quotes: ${report.source.excerpt(node)}")
        }
        super.visitMethodCallExpression(node)
    }

    @Override
    void visitConstantExpression(ConstantExpression node) {
        if (node.value instanceof BigInteger) {
            report.error(node, 'big-integer', 'the number is too large')
        } else if (node.value instanceof String && encoded(node.value) > LONGEST) {
            report.error(node, 'string-too-long', "a string literal takes at most $LONGEST bytes, this one ${encoded(node.value)}")
        }
    }

    /** The bytes of a literal in a class file (modified UTF-8), never less than its UTF-16 units. */
    private static long encoded(String text) {
        text.length() * 3 <= LONGEST ? 0L : text.chars().mapToLong { it in 1..0x7f ? 1L : it <= 0x7ff ? 2L : 3L }.sum()
    }
}
