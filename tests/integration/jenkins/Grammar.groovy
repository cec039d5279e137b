import org.codehaus.groovy.ast.builder.AstBuilder
import org.codehaus.groovy.ast.expr.ArgumentListExpression
import org.codehaus.groovy.ast.expr.BinaryExpression
import org.codehaus.groovy.ast.expr.ClosureExpression
import org.codehaus.groovy.ast.expr.ConstantExpression
import org.codehaus.groovy.ast.expr.Expression
import org.codehaus.groovy.ast.expr.MethodCallExpression
import org.codehaus.groovy.ast.expr.VariableExpression
import org.codehaus.groovy.ast.stmt.BlockStatement
import org.codehaus.groovy.ast.stmt.ExpressionStatement
import org.codehaus.groovy.ast.stmt.Statement
import org.codehaus.groovy.control.CompilePhase

/**
 * The grammar of a declarative pipeline: which directive may stand where, before anything is run.
 *
 * It knows what the driver can run, which is less than Jenkins can; what it does not know, it refuses.
 */
class Grammar {

    /** In the order in which Jenkins runs them; those that compare with the build before are not known. */
    static final List<String> CONDITIONS = [
        'always', 'aborted', 'failure', 'success', 'unstable', 'unsuccessful', 'cleanup',
    ]

    private static final Set<String> PIPELINE = ['agent', 'stages', 'environment', 'options', 'parameters', 'post']
    private static final Set<String> STAGE = ['steps', 'when', 'environment', 'post']

    static void check(String text) {
        Object file = new AstBuilder().buildFromString(CompilePhase.CONVERSION, false, text)[0]
        List<Statement> statements = statementsOf(file)
        if (statements.size() != 1) {
            throw new Refused('a declarative pipeline is one block: pipeline { … }')
        }
        MethodCallExpression pipeline = callOf(statements[0])
        if (pipeline.methodAsString != 'pipeline') {
            throw refused(pipeline, "expected pipeline, not ${pipeline.methodAsString}")
        }
        sections(pipeline, PIPELINE, ['agent', 'stages']).each { MethodCallExpression section ->
            switch (section.methodAsString) {
                case 'stages':
                    nonEmpty(section).each { Statement it -> stage(callOf(it)) }
                    break
                case 'agent':
                    agent(section)
                    break
                default:
                    directive(section)
            }
        }
    }

    private static void stage(MethodCallExpression stage) {
        if (stage.methodAsString != 'stage' || !(arguments(stage)[0] instanceof ConstantExpression)) {
            throw refused(stage, "stages holds stage('name') { … } only")
        }
        sections(stage, STAGE, ['steps']).each { MethodCallExpression section -> directive(section) }
    }

    private static void agent(MethodCallExpression section) {
        List<Expression> given = arguments(section)
        if (!(given.size() == 1 && given[0] instanceof VariableExpression && given[0].name == 'any')) {
            throw refused(section, 'the driver knows agent any only')
        }
    }

    private static void directive(MethodCallExpression section) {
        List<Statement> statements = nonEmpty(section)
        switch (section.methodAsString) {
            case 'environment':
                statements.each { Statement it -> assignment(it) }
                break
            case 'post':
                unique(statements.collect { Statement it -> callOf(it) }).each { MethodCallExpression condition ->
                    if (!(condition.methodAsString in CONDITIONS)) {
                        throw unknown(condition, 'post condition')
                    }
                    steps(condition)
                }
                break
            case 'steps':
                steps(section)
                break
            case 'when':
                statements.each { Statement it ->
                    if (callOf(it).methodAsString != 'expression') {
                        throw unknown(callOf(it), 'when condition')
                    }
                }
                break
            default:  // options and parameters are calls
                unique(statements.collect { Statement it -> callOf(it) })
        }
    }

    /** Outside of script, steps are calls and nothing else; those that take a block hold steps again. */
    private static void steps(MethodCallExpression block) {
        nonEmpty(block).each { Statement it ->
            MethodCallExpression step = callOf(it)
            if (step.methodAsString != 'script' && bodyOf(step)) {
                steps(step)
            }
        }
    }

    /** A value is plain text; Jenkins could also evaluate expressions here. */
    private static void assignment(Statement statement) {
        Expression expression = statement instanceof ExpressionStatement ? statement.expression : null
        boolean known = expression instanceof BinaryExpression && expression.operation.text == '=' &&
            expression.leftExpression instanceof VariableExpression &&
            expression.rightExpression instanceof ConstantExpression &&
            expression.rightExpression.value instanceof String
        if (!known) {
            throw refused(statement, "environment holds NAME = 'text' only")
        }
    }

    private static List<MethodCallExpression> sections(
        MethodCallExpression block, Set<String> known, List<String> required
    ) {
        List<MethodCallExpression> sections = unique(nonEmpty(block).collect { Statement it -> callOf(it) })
        sections.each { MethodCallExpression section ->
            if (!(section.methodAsString in known)) {
                throw unknown(section, 'directive')
            }
        }
        required.each { String name ->
            if (!sections.any { MethodCallExpression section -> section.methodAsString == name }) {
                throw refused(block, "${block.methodAsString} needs ${name}")
            }
        }
        return sections
    }

    private static List<MethodCallExpression> unique(List<MethodCallExpression> calls) {
        Set<String> seen = []
        calls.each { MethodCallExpression it ->
            // Parameters of one kind may repeat.
            if (!seen.add(it.methodAsString) && it.methodAsString != 'choice') {
                throw refused(it, "${it.methodAsString} stands here twice")
            }
        }
        return calls
    }

    private static List<Statement> nonEmpty(MethodCallExpression block) {
        ClosureExpression body = bodyOf(block)
        List<Statement> statements = body ? statementsOf(body.code) : []
        if (!statements) {
            throw refused(block, "${block.methodAsString} is empty")
        }
        return statements
    }

    private static MethodCallExpression callOf(Statement statement) {
        Expression expression = statement instanceof ExpressionStatement ? statement.expression : null
        if (!(expression instanceof MethodCallExpression && expression.implicitThis)) {
            throw refused(statement, 'a directive or a step is expected; other code needs script { … }')
        }
        return expression
    }

    private static ClosureExpression bodyOf(MethodCallExpression call) {
        List<Expression> given = arguments(call)
        return given && given.last() instanceof ClosureExpression ? given.last() : null
    }

    private static List<Expression> arguments(MethodCallExpression call) {
        return call.arguments instanceof ArgumentListExpression ? call.arguments.expressions : []
    }

    private static List<Statement> statementsOf(Object block) {
        return block instanceof BlockStatement ? block.statements : [block]
    }

    private static Refused unknown(MethodCallExpression node, String kind) {
        return refused(node, "the driver does not know the ${kind} ${node.methodAsString}")
    }

    private static Refused refused(Object node, String why) {
        return new Refused("line ${node.lineNumber}: ${why}")
    }

}
