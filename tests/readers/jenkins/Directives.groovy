import java.util.regex.Pattern
import java.util.regex.PatternSyntaxException

import org.codehaus.groovy.ast.expr.*
import org.codehaus.groovy.ast.stmt.*
import org.codehaus.groovy.syntax.Types

/** The directives that a pipeline, a stage and a matrix share; each reader returns its part of the model. */
class Directives {
    final Report report
    final Steps steps

    Directives(Report report) {
        this.report = report
        steps = new Steps(report)
    }

    /** Reads the directive of this name. */
    Object read(Call call, boolean inStage) {
        switch (call.name) {
            case 'agent': return agent(call)
            case 'environment': return environment(call)
            case 'options': return options(call, inStage)
            case 'parameters': return listed(call, 'parameter', Vocabulary.PARAMETERS)
            case 'triggers': return triggers(call)
            case 'tools': return tools(call)
            case 'libraries': return libraries(call)
            case 'when': return when(call)
            case 'input': return input(call)
            case 'post': return post(call)
            case 'steps': return steps.read(call)
            case 'failFast': return report.flag(call)
        }
        throw new IllegalArgumentException("no reader for $call.name")
    }

    private Map agent(Call call) {
        if (call.block == null) {
            def word = call.positional.size() == 1 ? call.positional[0] : null
            if (word instanceof VariableExpression && word.name in ['any', 'none']) { return [type: word.name] }
            report.error(call.node, 'agent-form', "only 'agent any', 'agent none' and 'agent { … }' are allowed")
            return null
        }
        def types = report.calls(call, 'an agent type')
        if (types.size() > 1) { report.error(types[1].node, 'agent-once', 'an agent has exactly one type') }
        types ? agentType(types[0]) : null
    }

    private Map agentType(Call type) {
        def signature = Vocabulary.AGENTS[type.name]
        if (signature == null) {
            report.error(type.node, 'agent-type', "there is no agent type '$type.name'")
            return null
        }
        def line = type.node.lineNumber
        if (type.block == null) {
            def value = report.single(type, 'agent-value')
            return [type: type.name, line: line, arguments: [(signature.sole ?: 'value'): value]]
        }
        def keys = type.statements.collect { report.callOf(it, 'an agent key and its value') } - null
        report.unique(keys, 'agent-key-once') { it.name }
        keys.each { key ->
            if (key.name in signature.types) {
                key.positional.each { report.type(key, signature, key.name, it) }
            } else {
                report.error(key.node, 'agent-key', "the agent '$type.name' has no key '$key.name'")
            }
        }
        def complete = keys.size() == type.statements.size()
        (complete ? signature.required - keys*.name : []).each {
            report.error(type.node, 'agent-missing-key', "the agent '$type.name' needs '$it'")
        }
        [type: type.name, line: line, arguments: keys.collectEntries { [it.name, report.single(it, 'agent-value')] }]
    }

    private List environment(Call call) {
        if (!report.block(call)) { return [] }
        if (!call.statements) { report.error(call.node, 'empty-section', "'environment' must not be empty") }
        def entries = call.statements.collect { entry(it) } - null
        def seen = [] as Set
        entries.findAll { !seen.add(it.name) }.each {
            report.error(it.node, 'environment-once', "'$it.name' is set more than once")
        }
        entries.collect { [name: it.name, line: it.node.lineNumber, value: report.source.value(it.value)] }
    }

    private Map entry(Statement statement) {
        def node = statement instanceof ExpressionStatement ? statement.expression : null
        if (!(node instanceof BinaryExpression && node.operation.type == Types.EQUAL)) {
            report.error(statement, 'environment-entry', "expected NAME = value: ${report.source.excerpt(statement)}")
            return null
        }
        def name = node.leftExpression
        if (!(name instanceof VariableExpression && name.name ==~ /[A-Za-z_][A-Za-z0-9_]*/)) {
            report.error(name, 'environment-name', "not a variable name: ${report.source.excerpt(name)}")
            return null
        }
        environmentValue(node.rightExpression)
        [name: name.name, node: node, value: node.rightExpression]
    }

    private void environmentValue(Expression value) {
        if (isText(value)) { return }
        if (value instanceof BinaryExpression) {
            joined(value)
        } else if (!(value instanceof MethodCallExpression)) {
            report.error(value, 'environment-value', 'a value is a quoted string or a function call: ' +
                report.source.excerpt(value))
        } else if (value.methodAsString == 'credentials' && !namesCredentials(new Call(value))) {
            report.error(value, 'credentials-argument', 'credentials() takes one string')
        }
    }

    private static boolean namesCredentials(Call call) {
        call.positional.size() == 1 && !call.named && isText(call.positional[0])
    }

    private void joined(BinaryExpression value) {
        if (value.operation.type != Types.PLUS) {
            report.error(value, 'environment-operator', "values can be joined by '+' only")
            return
        }
        if (value.leftExpression instanceof BinaryExpression) { joined(value.leftExpression) }
        [value.leftExpression, value.rightExpression].findAll {
            !isText(it) && !(it.is(value.leftExpression) && it instanceof BinaryExpression)
        }.each { report.error(it, 'environment-join', "only quoted strings can be joined: ${report.source.excerpt(it)}") }
    }

    private static boolean isText(Expression value) {
        value instanceof GStringExpression || value instanceof ConstantExpression
    }

    private List options(Call call, boolean inStage) {
        def allowed = Vocabulary.options(inStage)
        def place = inStage ? ' of a stage' : ''
        definitions(call, "option$place", true) { allowed[it.name] }
    }

    private List triggers(Call call) {
        definitions(call, 'trigger', true) { it.name in Vocabulary.OPEN_TRIGGERS ? it : Vocabulary.TRIGGERS[it.name] }
    }

    private List listed(Call call, String kind, Map signatures) {
        definitions(call, kind, false) { signatures[it.name] }
    }

    private List definitions(Call call, String kind, boolean once, Closure lookup) {
        def found = report.calls(call, "a definition (${kind.split(' ')[0]})")
        if (once) { report.unique(found, 'definition-once') { it.name } }
        found.collect { definition ->
            def signature = lookup(definition)
            if (!signature) {
                report.error(definition.node, 'unknown-definition', "there is no $kind '$definition.name'")
            } else if (signature instanceof Signature) {
                report.arguments(definition, signature)
            }
            report.noBlock(definition, kind)
            (definition.positional + definition.named.values()).each { nested(it) }
            report.source.called(definition, signature instanceof Signature ? signature : null)
        }
    }

    private void nested(Expression argument) {
        if (argument instanceof ClosureExpression) {
            report.error(argument, 'closure-argument', 'an argument of a definition cannot be a block')
        } else if (argument instanceof MethodCallExpression) {
            def call = new Call(argument)
            if (call.name in Vocabulary.BLOCKED_STEPS) {
                report.error(argument, 'blocked-step', "the step '$call.name' is not allowed here")
            }
            (call.positional + call.named.values() + call.block - null).each { nested(it) }
        }
    }

    private List tools(Call call) {
        report.calls(call, "a tool and its installation's name").collect {
            [name: it.name, value: report.single(it, 'tool-value')]
        }
    }

    private List libraries(Call call) {
        report.calls(call, "lib('name@version')").collect { entry ->
            if (entry.name != 'lib') {
                report.error(entry.node, 'library-form', "only lib('name@version') is allowed, not '$entry.name'")
            }
            report.single(entry, 'library-form')
        }
    }

    private Map when(Call call) {
        if (!report.block(call)) { return null }
        def calls = call.statements.collect { report.callOf(it, 'a condition') } - null
        def flags = calls.findAll { it.name in Vocabulary.WHEN_FLAGS }
        def conditions = calls - flags
        if (call.statements.size() == flags.size()) { report.error(call.node, 'empty-section', "'when' needs a condition") }
        flags.collectEntries { [it.name, report.flag(it)] } + [conditions: conditions.collect { condition(it) }]
    }

    private Map condition(Call call) {
        def model = [name: call.name, line: call.node.lineNumber]
        if (call.name == 'expression') {
            return report.block(call) ? model + report.source.code(call.block) : model
        }
        if (call.name in Vocabulary.NESTING_CONDITIONS) { return model + [conditions: children(call)] }
        def signature = Vocabulary.CONDITIONS[call.name]
        if (signature == null) {
            report.error(call.node, 'unknown-condition', "there is no condition '$call.name'")
            return model
        }
        if (call.block) { report.error(call.node, 'condition-children', "'$call.name' holds no conditions") }
        report.arguments(call, signature)
        pattern(call)
        report.source.called(call, signature)
    }

    private List children(Call call) {
        if (!report.block(call)) { return [] }
        if (!call.bare) { report.error(call.node, 'condition-arguments', "'$call.name' takes no arguments") }
        def conditions = call.statements.collect { report.callOf(it, 'a condition') } - null
        def count = call.statements.size()
        if (call.name == 'not' && count != 1) {
            report.error(call.node, 'condition-children', "'not' holds exactly one condition")
        } else if (count == 0) {
            report.error(call.node, 'condition-children', "'$call.name' holds at least one condition")
        }
        conditions.collect { condition(it) }
    }

    private void pattern(Call call) {
        def text = call.named.pattern ?: call.positional.find()
        def regular = call.name == 'changelog' || call.named.comparator?.text?.equalsIgnoreCase('REGEXP')
        if (!regular || !(text instanceof ConstantExpression && text.value instanceof String)) { return }
        try {
            Pattern.compile(text.value)
        } catch (PatternSyntaxException refused) {
            report.error(text, 'bad-pattern', "not a regular expression: $refused.description")
        }
    }

    private Map input(Call call) {
        def found = report.sections(call, Vocabulary.INPUT) {
            it.name == 'parameters' ? read(it, true) : report.single(it, 'input-value')
        }
        if (call.block) { report.require(call, found, ['message']) }
        found
    }

    private Map post(Call call) {
        def conditions = report.calls(call, 'a condition of post')
        report.unique(conditions, 'section-once') { it.name }
        conditions.findAll { !(it.name in Vocabulary.POST) }.each {
            report.error(it.node, 'post-condition', "'post' has no condition '$it.name'")
        }
        conditions.collectEntries { [it.name, steps.read(it)] }
    }
}
