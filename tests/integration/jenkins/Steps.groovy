import groovy.xml.XmlSlurper
import java.nio.file.FileSystems
import java.nio.file.Path
import org.xml.sax.SAXParseException

/** The steps that a pipeline can take here, each with the parameters that it may be given; anything else is refused. */
class Steps {

    private static final Map<String, Map<String, Class>> PARAMETERS = [
        sh: [script: CharSequence, returnStatus: Boolean, label: CharSequence],
        junit: [
            testResults: CharSequence, allowEmptyResults: Boolean, keepProperties: Boolean,
            skipMarkingBuildUnstable: Boolean,
        ],
        archiveArtifacts: [artifacts: CharSequence, allowEmptyArchive: Boolean],
        usernamePassword: [credentialsId: CharSequence, usernameVariable: CharSequence, passwordVariable: CharSequence],
    ]

    private final Build build
    private File folder

    Steps(Build build) {
        this.build = build
        folder = build.workspace
    }

    /** Run a block in which the steps, and the variables of Jenkins, are known; what a step throws comes through. */
    Object run(Closure block) {
        Closure bound = block.rehydrate(this, block.owner, block.thisObject)
        bound.resolveStrategy = Closure.DELEGATE_FIRST
        try {
            return bound()
        } catch (MissingMethodException | MissingPropertyException unknown) {
            throw new Refused(unknown.message)
        }
    }

    Map<String, String> getParams() {
        return build.parameters
    }

    Map<String, String> getCurrentBuild() {
        return [currentResult: build.currentResult].asImmutable()
    }

    Object script(Closure block) {
        return run(block)
    }

    void echo(CharSequence message) {
        build.say(message)
    }

    void error(CharSequence message) {
        throw new Failed(message as String)
    }

    void unstable(CharSequence message) {
        build.say("WARNING: ${message}")
        build.noted.messages << (message as String)
        build.become('UNSTABLE')
    }

    Object dir(CharSequence path, Closure block) {
        File before = folder
        folder = new File(before, path as String)
        try {
            return run(block)
        } finally {
            folder = before
        }
    }

    void deleteDir() {
        if (folder.exists() && !folder.deleteDir()) {
            throw new Failed("cannot delete ${folder}")
        }
    }

    /** The script goes into a file, since that is what Jenkins does: it never is an argument of the shell. */
    Object sh(Map given) {
        known('sh', given, ['script'])
        File file = new File("${build.workspace.path}@tmp/durable-${UUID.randomUUID()}/script.sh")
        file.parentFile.mkdirs()
        String text = given.script
        if (text.startsWith('#!')) {
            throw new Refused('the driver runs scripts by the default shell only')
        }
        file.text = text
        int code = build.run(['/bin/sh', '-xe', file.path], folder)
        file.parentFile.deleteDir()
        if (given.returnStatus) {
            return code
        }
        if (code != 0) {
            throw new Failed("script returned exit code ${code}")
        }
        return null
    }

    Object sh(CharSequence script) {
        return sh(script: script)
    }

    Map usernamePassword(Map given) {
        known('usernamePassword', given, ['credentialsId', 'usernameVariable', 'passwordVariable'])
        return given
    }

    Object withCredentials(List<Map> bindings, Closure block) {
        Map<String, String> variables = [:]
        bindings.each { Map binding ->
            Map<String, String> found = build.credentials[binding.credentialsId as String]
            if (found == null) {
                throw new Failed("Could not find credentials entry with ID '${binding.credentialsId}'")
            }
            variables[binding.usernameVariable as String] = found.username
            variables[binding.passwordVariable as String] = found.password
        }
        return build.with(variables) { run(block) }
    }

    void archiveArtifacts(Map given) {
        known('archiveArtifacts', given, ['artifacts'])
        List<String> found = matching(given.artifacts as String)
        if (!found && !given.allowEmptyArchive) {
            throw new Failed("No artifacts found that match the file pattern '${given.artifacts}'")
        }
        build.noted.archived.addAll(found)
    }

    /** Reads as the JUnit plugin does: skipped wins over failed, an error over a failure, and a torn report fails. */
    void junit(Map given) {
        known('junit', given, ['testResults'])
        List<String> reports = matching(given.testResults as String)
        List<Map> cases = reports.collectMany { String it -> casesOf(new File(folder, it)) }
        if (!cases && !given.allowEmptyResults) {
            throw new Failed('No test report files were found. Configuration error?')
        }
        if (!cases) {
            build.say('No test report files were found.')
            return
        }
        build.noted.junit = [
            total: cases.size(),
            failed: cases.count { Map it -> it.state == 'failed' },
            skipped: cases.count { Map it -> it.state == 'skipped' },
            failures: cases.findAll { Map it -> it.state == 'failed' },
        ]
        if (build.noted.junit.failed && !given.skipMarkingBuildUnstable) {
            build.become('UNSTABLE')
        }
    }

    void junit(CharSequence testResults) {
        junit(testResults: testResults)
    }

    private static List<Map> casesOf(File report) {
        if (report.length() == 0) {
            return [[name: '[empty]', state: 'failed', message: 'length 0', text: '']]
        }
        try {
            return new XmlSlurper().parse(report).depthFirst().findAll { it.name() == 'testcase' }.collect { read(it) }
        } catch (SAXParseException torn) {
            return [[name: '[failed-to-read]', state: 'failed', message: torn.message, text: '']]
        }
    }

    private static Map read(Object testcase) {
        Object problem = ['error', 'failure'].collect { String it -> testcase."${it}" }.find { it.size() > 0 }
        String state = testcase.skipped.size() > 0 ? 'skipped' : problem == null ? 'passed' : 'failed'
        return [
            className: testcase.@classname.text(), name: testcase.@name.text(), state: state,
            kind: problem == null ? '' : problem[0].name(), message: problem == null ? '' : problem[0].@message.text(),
            text: problem == null ? '' : problem[0].text(),
        ]
    }

    /** Give the files of the folder that match a pattern of Ant, of which `**` at its end is all that is known here. */
    private List<String> matching(String pattern) {
        List<String> found = []
        if (folder.directory) {
            Path root = folder.toPath()
            folder.eachFileRecurse { File it ->
                Path relative = root.relativize(it.toPath())
                if (it.file && FileSystems.default.getPathMatcher("glob:${pattern}").matches(relative)) {
                    found << (relative as String)
                }
            }
        }
        return found.sort()
    }

    static void known(String name, Map given, List<String> required = []) {
        check(name, PARAMETERS[name], given, required)
    }

    static void check(String name, Map<String, Class> parameters, Map given, List<String> required) {
        given.each { key, value ->
            if (!(key in parameters.keySet())) {
                throw new Refused("the driver does not know the parameter ${key} of ${name}")
            }
            if (!parameters[key].isInstance(value)) {
                throw new Refused("${key} of ${name} cannot be ${value}")
            }
        }
        required.each { String key ->
            if (!given.containsKey(key)) {
                throw new Refused("${name} needs ${key}")
            }
        }
    }

}
