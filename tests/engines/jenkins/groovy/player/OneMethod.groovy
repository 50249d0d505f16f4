package player

import org.codehaus.groovy.ast.ASTNode
import org.codehaus.groovy.ast.ClassNode
import org.codehaus.groovy.ast.MethodNode
import org.codehaus.groovy.ast.expr.*
import org.codehaus.groovy.ast.stmt.*
import org.codehaus.groovy.classgen.GeneratorContext
import org.codehaus.groovy.control.CompilePhase
import org.codehaus.groovy.control.SourceUnit
import org.codehaus.groovy.control.customizers.CompilationCustomizer

/**
 * Makes of each method what groovy-cps makes of it: one expression, a call of a builder for each node of its tree, the closures' among
 * them (groovy-cps: CpsTransformer.makeNode). So a whole `pipeline {}` is one method, as in Jenkins; how much longer Jenkins' own is,
 * since Declarative adds its model, is the factor in `tests/engines/jenkins/size.py`.
 */
class OneMethod extends CompilationCustomizer {
    OneMethod() { super(CompilePhase.CONVERSION) }

    @Override
    void call(SourceUnit source, GeneratorContext context, ClassNode classNode) {
        classNode.methods.findAll { it.code != null && it.name != 'main' }.each { MethodNode method ->
            def builder = new VariableExpression('b')
            def begin = new ExpressionStatement(new DeclarationExpression(builder, org.codehaus.groovy.syntax.Token.newSymbol('=', 0, 0), ConstantExpression.NULL))
            method.code = new BlockStatement([begin, new ReturnStatement(of(method.code))] as List<Statement>, new org.codehaus.groovy.ast.VariableScope())
        }
    }

    private static Expression node(String kind, ASTNode at, List<Expression> children) {
        def line = new ConstantExpression(at.lineNumber)
        new MethodCallExpression(new VariableExpression('b'), kind, new ArgumentListExpression([line as Expression] + children))
    }

    private static Expression all(List<? extends ASTNode> nodes) { new ListExpression(nodes.collect { of(it) }) }

    private static Expression text(String given) { new ConstantExpression(given) }

    static Expression of(ASTNode given) {
        switch (given) {
            case BlockStatement: return node('block', given, [all((given as BlockStatement).statements)])
            case ExpressionStatement: return of((given as ExpressionStatement).expression)
            case ReturnStatement: return node('return_', given, [of((given as ReturnStatement).expression)])
            case IfStatement: def s = given as IfStatement; return node('if_', s, [of(s.booleanExpression.expression), of(s.ifBlock), of(s.elseBlock)])
            case ForStatement: def s = given as ForStatement; return node('forInLoop', s, [of(s.collectionExpression), of(s.loopBlock)])
            case TryCatchStatement:
                def s = given as TryCatchStatement
                return node('tryCatch', s, [of(s.tryStatement), of(s.finallyStatement), all(s.catchStatements*.code)])
            case ThrowStatement: return node('throw_', given, [of((given as ThrowStatement).expression)])
            case EmptyStatement: return node('noop', given, [])
            case ClosureExpression: def c = given as ClosureExpression; return node('closure', c, [new ListExpression(), of(c.code)])
            case MethodCallExpression:
                def call = given as MethodCallExpression
                return node('functionCall', call, [of(call.objectExpression), of(call.method)] + arguments(call.arguments))
            case ConstructorCallExpression: return node('new_', given, arguments((given as ConstructorCallExpression).arguments))
            case MapExpression: return node('map', given, (given as MapExpression).mapEntryExpressions.collectMany { [of(it.keyExpression), of(it.valueExpression)] })
            case ListExpression: return node('list', given, (given as ListExpression).expressions.collect { of(it) })
            case GStringExpression: def g = given as GStringExpression; return node('gstring', g, [node('list', g, g.values.collect { of(it) }), node('list', g, g.strings.collect { of(it) })])
            case PropertyExpression: def p = given as PropertyExpression; return node('property', p, [of(p.objectExpression), of(p.property)])
            case DeclarationExpression: def d = given as DeclarationExpression; return node('declareVariable', d, [text(d.leftExpression.text), of(d.rightExpression)])
            case BinaryExpression: def e = given as BinaryExpression; return node('binary', e, [text(e.operation.text), of(e.leftExpression), of(e.rightExpression)])
            case TernaryExpression: def t = given as TernaryExpression; return node('ternaryOp', t, [of(t.booleanExpression.expression), of(t.trueExpression), of(t.falseExpression)])
            case NotExpression: return node('not', given, [of((given as NotExpression).expression)])
            case BooleanExpression: return of((given as BooleanExpression).expression)
            case VariableExpression: return node('localVariable', given, [text((given as VariableExpression).name)])
            case ConstantExpression: return node('constant', given, [new ConstantExpression((given as ConstantExpression).value)])
            case ClassExpression: return node('constant', given, [text(given.text)])
        }
        node('other', given, [text(given.text)])
    }

    private static List<Expression> arguments(Expression given) {
        given instanceof TupleExpression ? (given as TupleExpression).expressions.collect { of(it) } : [of(given)]
    }
}
