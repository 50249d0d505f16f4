import org.codehaus.groovy.ast.ASTNode
import org.codehaus.groovy.ast.expr.*
import org.codehaus.groovy.ast.stmt.Statement

/** What was found, and the checks that every section shares. */
class Report {
    final SourceText source
    final List<Map> findings = []

    Report(SourceText source) { this.source = source }

    void error(ASTNode node, String code, String message) { add(node, 'error', code, message) }

    void add(ASTNode node, String severity, String code, String message) {
        findings << [line: node.lineNumber, column: node.columnNumber, severity: severity, code: code, message: message]
    }

    /** The call that a statement is, or null after saying what was expected. */
    Call callOf(Statement statement, String expected) {
        def call = Call.of(statement)
        if (call == null || call.name == null) {
            error(statement, 'not-a-call', "expected $expected, found: ${source.excerpt(statement)}")
            return null
        }
        if (call.chained) {
            error(call.node.method, 'command-chain', "'$call.name' must start on a line of its own")
            return null
        }
        if (call.onObject) {
            error(statement, 'object-call', "a method call on an object is allowed in script {} only: " +
                source.excerpt(statement))
            return null
        }
        call
    }

    /** The calls of a block; an empty block is an error. */
    List<Call> calls(Call holder, String expected) {
        if (!block(holder)) { return [] }
        if (!holder.statements) { error(holder.node, 'empty-section', "'$holder.name' must not be empty") }
        holder.statements.collect { callOf(it, expected) } - null
    }

    /** Each section of a block, handed to a reader by name: allowed ones, once each. */
    Map sections(Call holder, List allowed, Closure reader) {
        def seen = [:]
        if (!block(holder)) { return seen }
        holder.statements.each { statement ->
            def section = callOf(statement, "a section of '$holder.name'")
            if (section == null) { return }
            if (!(section.name in allowed)) {
                error(section.node, 'unknown-section', "'$holder.name' has no section '$section.name'")
            } else if (seen.containsKey(section.name)) {
                error(section.node, 'section-once', "'$section.name' stands more than once in '$holder.name'")
            } else {
                seen[section.name] = section
            }
        }
        seen.collectEntries { name, section -> [name, reader(section)] }
    }

    void require(Call holder, Map found, List names) {
        names.findAll { !found.containsKey(it) }.each {
            error(holder.node, 'missing-section', "'$holder.name' needs '$it'")
        }
    }

    boolean block(Call call) {
        if (call.block == null) { error(call.node, 'block-expected', "'$call.name' needs a block") }
        call.block != null
    }

    void noBlock(Call call, String kind) {
        if (call.block != null) { error(call.node, 'no-block', "the $kind '$call.name' takes no block") }
    }

    void unique(List<Call> calls, String code, Closure name) {
        def seen = [] as Set
        calls.each { call ->
            if (name(call) != null && !seen.add(name(call))) {
                error(call.node, code, "'${name(call)}' stands more than once")
            }
        }
    }

    /** The literal boolean that a flag holds. */
    Boolean flag(Call call) {
        def literal = call.positional.size() == 1 ? call.positional[0] : null
        if (!(literal instanceof ConstantExpression && literal.value instanceof Boolean)) {
            error(call.node, 'boolean-literal', "'$call.name' takes the word true or false")
            return null
        }
        literal.value
    }

    /** The one value of a key such as `image 'python'`. */
    Object single(Call call, String code) {
        if (call.positional.size() != 1 || call.named || call.block) {
            error(call.node, code, "'$call.name' takes exactly one value")
            return null
        }
        source.value(call.positional[0])
    }

    /** A call's arguments against its signature. */
    void arguments(Call call, Signature signature) {
        mixed(call)
        if (call.positional) { unnamed(call, signature) } else { named(call, signature) }
    }

    void mixed(Call call) {
        if (call.positional && call.named) {
            error(call.node, 'mixed-arguments', "'$call.name' mixes named and unnamed arguments")
        }
    }

    private void unnamed(Call call, Signature signature) {
        if (call.named) { return }
        if (call.positional.size() > 1 || signature.sole == null) {
            error(call.node, 'unnamed-arguments', "the arguments of '$call.name' must be named")
        } else {
            type(call, signature, signature.sole, call.positional[0])
        }
    }

    private void named(Call call, Signature signature) {
        def only = signature.sole
        // A bare flag, and one map in place of the only structured parameter: publishHTML([reportDir: …]).
        if (call.bare && only && signature.types[only] == 'bool') { return }
        if (call.named && only && signature.types[only] == 'any' && !(call.named.keySet().any { it in signature.types })) {
            return
        }
        call.named.each { name, value ->
            if (signature.types.containsKey(name)) {
                type(call, signature, name, value)
            } else {
                error(value, 'unknown-parameter', "'$call.name' has no parameter '$name'")
            }
        }
        signature.required.findAll { !call.named.containsKey(it) }.each {
            error(call.node, 'missing-parameter', "'$call.name' needs '$it'")
        }
    }

    void type(Call call, Signature signature, String name, Expression value) {
        if (!(value instanceof ConstantExpression) || value.value instanceof BigInteger) { return }
        def wanted = signature.refusal(name, value.value)
        if (wanted) { error(value, 'parameter-type', "'$name' of '$call.name' must be $wanted") }
    }
}
