import groovy.json.JsonSlurper

/** One build: what it was given, what became of it so far, and the way to abort it. */
class Build {

    private static final List<String> RESULTS = ['SUCCESS', 'UNSTABLE', 'FAILURE', 'NOT_BUILT', 'ABORTED']

    final File jenkinsfile
    final File workspace
    final Map<String, Map<String, String>> credentials
    final Map<String, String> chosen
    final Map<String, String> edited
    final Map<String, String> parameters = [:]
    final Map<String, String> stages = [:]
    final Map<String, Object> noted = [junit: null, archived: [], messages: [], timeout: null, restartable: true]
    Map<String, String> environment
    final Set<String> unused = []
    String stage = ''
    private String result
    private volatile boolean aborted
    private volatile Process running
    private volatile String cookie

    Build(File job) {
        Map given = new JsonSlurper().parse(job) as Map
        jenkinsfile = new File(given.jenkinsfile)
        workspace = new File(given.workspace)
        credentials = given.credentials
        chosen = given.parameters
        edited = given.environment
        unused.addAll(edited.keySet())
        environment = System.getenv() + [
            WORKSPACE: workspace.path, WORKSPACE_TMP: "${workspace.path}@tmp" as String,
            JOB_NAME: workspace.name, BUILD_NUMBER: given.number as String, CI: 'true',
        ]
    }

    String getCurrentResult() {
        return result ?: 'SUCCESS'
    }

    /** A result can only get worse, that of the build as well as that of the stage in which it happens. */
    void become(String worse) {
        result = [currentResult, worse].max { String it -> RESULTS.indexOf(it) }
        if (stage) {
            stages[stage] = [stages[stage], worse].max { String it -> RESULTS.indexOf(it) }
        }
    }

    void say(Object text) {
        println(text)
        System.out.flush()
    }

    /** Run something with more variables: the innermost block wins, and its variables end with it. */
    Object with(Map<String, String> variables, Closure body) {
        Map<String, String> before = environment
        environment = before + variables
        try {
            return body()
        } finally {
            environment = before
        }
    }

    /** Run a program to its end, its output in the log; an aborted build fails here, unless the program ended in 0. */
    int run(List<String> command, File folder) {
        folder.mkdirs()
        refuseWhenAborted()
        cookie = "durable-${UUID.randomUUID()}"
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder).redirectErrorStream(true)
        builder.redirectInput(new File('/dev/null'))
        builder.environment().clear()
        builder.environment().putAll(environment + [JENKINS_SERVER_COOKIE: cookie])
        running = builder.start()
        if (aborted) {
            stop()
        }
        running.inputStream.eachLine { String line -> say(line) }
        int code = running.waitFor()
        running = null
        if (aborted && code != 0) {
            say("script returned exit code ${code}")
            throw new Failed('aborted', 'ABORTED')
        }
        return code
    }

    /** The button of Jenkins: the program that runs is told to end, then made to; without one, the next step fails. */
    void abort() {
        say('Aborted by a person')
        aborted = true
        if (running) {
            say('Sending interrupt signal to process')
            stop()
        }
    }

    void refuseWhenAborted() {
        if (aborted && currentResult != 'ABORTED') {
            throw new Failed('aborted', 'ABORTED')
        }
    }

    /** Jenkins finds a step's processes by the cookie in their environment, sends SIGTERM, and after 5 s SIGKILL. */
    private void stop() {
        List<ProcessHandle> all = ProcessHandle.allProcesses().toList()
        List<ProcessHandle> found = all.findAll { ProcessHandle it -> carriesCookie(it) }
        found.each { ProcessHandle it -> it.destroy() }
        Thread.startDaemon { ->
            sleep(5000)
            found.findAll { ProcessHandle it -> it.alive }.each { ProcessHandle it -> it.destroyForcibly() }
        }
    }

    private boolean carriesCookie(ProcessHandle process) {
        try {
            return new File("/proc/${process.pid()}/environ").text.contains("JENKINS_SERVER_COOKIE=${cookie}")
        } catch (IOException gone) {
            return false
        }
    }

}
