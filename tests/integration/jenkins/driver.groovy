/*
 * A test double of Jenkins: runs a declarative Jenkinsfile on this machine, without Jenkins.
 *
 * It follows the documented meaning of the directives and steps that the examples use: order of evaluation, results
 * that only get worse, `when`, `post`, variables of credentials that end with their block, `sh -xe` of a script in a
 * file, SIGTERM to all processes of a step when the build is aborted, the JUnit plugin's way to read a report. It
 * refuses every directive, step and parameter that it does not know, and then ends in 3 without a result.
 *
 * What it does not do: no sandbox, no transformation for pausing and resuming, no masking of secrets (so that the tests
 * can look for them), no agents, no checkout, no queue, no history of builds; a time limit is noted and not enforced.
 *
 * The only argument is a JSON file: jenkinsfile, workspace, number, parameters, environment (values to write into the
 * environment blocks), credentials (username and password by id). A line on standard input aborts the build. The last
 * line of the output is the outcome, as JSON. Works where there is /proc.
 */
import groovy.json.JsonOutput
import org.codehaus.groovy.control.CompilationFailedException

Build build = new Build(new File(args[0]))
Thread.startDaemon { ->
    if (System.in.newReader().readLine() != null) {
        build.abort()
    }
}
try {
    Grammar.check(build.jenkinsfile.text)
    new GroovyShell(new Binding(pipeline: new Declarative(build).&pipeline)).evaluate(build.jenkinsfile)
    if (build.unused) {
        throw new Refused("no environment block has a line for ${build.unused.join(', ')}")
    }
} catch (CompilationFailedException | Refused problem) {
    System.err.println("driver: ${problem.message}")
    System.exit(3)
}
build.say(JsonOutput.toJson([result: build.currentResult, stages: build.stages] + build.noted))
System.exit(0)
