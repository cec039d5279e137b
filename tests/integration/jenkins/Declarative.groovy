/** Runs the directives of a declarative pipeline in the order in which Jenkins does. */
class Declarative {

    private static final List<String> UNITS = ['SECONDS', 'MINUTES', 'HOURS']

    private final Build build
    private Failed first

    Declarative(Build build) {
        this.build = build
    }

    void pipeline(Closure body) {
        Map<String, Closure> sections = [:]
        List<String> names = ['stages', 'environment', 'options', 'parameters', 'post']
        collect(body, sections, names, [any: { -> }, agent: { Object any -> }])
        Recorder.run(sections.parameters, [choice: { Map given -> choose(given) }])
        build.with(build.parameters) {
            Recorder.run(sections.options, options())
            build.with(variables(sections.environment)) {
                Recorder.run(sections.stages, [stage: { String name, Closure stage -> runStage(name, stage) }])
                build.stage = ''
                post(sections.post)
            }
        }
        if (first != null) {
            build.say("ERROR: ${first.message}")
            build.noted.messages << first.message
        }
    }

    private void runStage(String name, Closure body) {
        Map<String, Closure> stage = [:]
        collect(body, stage, ['steps', 'when', 'environment', 'post'])
        if (first != null) {
            build.say("Stage '${name}' skipped due to earlier failure(s)")
            build.stages[name] = 'SKIPPED'
            return
        }
        build.with(variables(stage.environment)) {
            if (!satisfied(stage.when)) {
                build.say("Stage '${name}' skipped due to when conditional")
                build.stages[name] = 'SKIPPED'
                return
            }
            build.say("[Pipeline] stage ${name}")
            build.stage = name
            build.stages[name] = 'SUCCESS'
            guarded { new Steps(build).run(stage.steps) }
            post(stage.post)
        }
    }

    /** Conditions run in the order of Jenkins, whatever theirs in the file; one that fails does not stop the next. */
    private void post(Closure body) {
        Map<String, Closure> conditions = [:]
        collect(body, conditions, Grammar.CONDITIONS)
        Grammar.CONDITIONS.findAll { String it -> conditions.containsKey(it) }.each { String condition ->
            String result = build.currentResult
            boolean holds = condition in ['always', 'cleanup', result.toLowerCase()] ||
                condition == 'unsuccessful' && result != 'SUCCESS'
            if (holds) {
                guarded { new Steps(build).run(conditions[condition]) }
            }
        }
    }

    private void guarded(Closure body) {
        try {
            body()
        } catch (Failed failed) {
            build.become(failed.result)
            first = first ?: failed
        }
    }

    private boolean satisfied(Closure when) {
        boolean holds = true
        Recorder.run(when, [expression: { Closure it -> holds = holds && new Steps(build).run(it) }])
        return holds
    }

    /** Edits stand for a user who wrote other values into the file: they are taken where the name has a line. */
    private Map<String, String> variables(Closure environment) {
        Map<String, String> written = [:]
        Recorder.run(environment, [:], written)
        written.keySet().each { String name -> build.unused.remove(name) }
        return written + build.edited.subMap(written.keySet())
    }

    private void choose(Map given) {
        Steps.check('choice', [name: String, choices: List, description: String], given, ['name', 'choices'])
        String value = build.chosen.getOrDefault(given.name, given.choices[0])
        if (!(value in given.choices)) {
            throw new Refused("${value} is no choice of ${given.name}")
        }
        build.parameters[given.name] = value
    }

    private Map<String, Closure> options() {
        return [
            timeout: { Map given ->
                Steps.check('timeout', [time: Integer, unit: String], given, ['time', 'unit'])
                build.noted.timeout = given.time * 60**UNITS.indexOf(given.unit)
            },
            disableConcurrentBuilds: { -> },
            disableRestartFromStage: { -> build.noted.restartable = false },
            timestamps: { -> },
        ]
    }

    private static void collect(
        Closure body, Map<String, Closure> found, Collection<String> names, Map<String, Closure> known = [:]
    ) {
        names.each { String name -> known[name] = { Closure section -> found[name] = section } }
        Recorder.run(body, known)
    }

}
