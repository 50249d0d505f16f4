package player

import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException
import org.jenkinsci.plugins.workflow.steps.MissingContextVariableException

/**
 * One build of one job of a multibranch project: its environment, its result, its stashes, and what it says to the ground.
 * A build that is `dry` runs no command and says nothing: only its traces in the job (milestones, description) count.
 */
class Build {
    final Map given
    final Job job
    final int number
    final boolean dry
    final Map<String, String> params = [:]
    /** What `env.NAME = value` has set (workflow-cps: EnvActionImpl). */
    final Map<String, String> set = [:]
    final Map<String, File> stashes = [:]
    final Map<String, String> warnings = [:]
    final Workspaces workspaces
    final StringBuffer log = new StringBuffer()
    String result
    String description
    Integer milestone
    boolean running = true
    boolean anything

    Build(Map given, Job job, int number, boolean dry) {
        this.given = given
        this.job = job
        this.number = number
        this.dry = dry
        workspaces = job.workspaces ?: new Workspaces(new File("$given.work/agent/workspace"), job.name)
        job.builds[number] = this
        given.parameters?.each { name, value -> params[name as String] = value as String }
    }

    /** The variables of a build wherever it runs (core: CoreEnvironmentContributor; branch-api: BranchNameContributor; github-branch-source). */
    Map<String, String> variables() {
        def path = "job/${job.name.replace('/', '/job/')}"
        [BUILD_NUMBER: "$number", BUILD_ID: "$number", BUILD_DISPLAY_NAME: "#$number", CI: 'true',
         BUILD_TAG: "jenkins-${job.name.replace('/', '-')}-$number", BUILD_URL: "https://jenkins.example.com/$path/$number/",
         JOB_NAME: job.name, JOB_BASE_NAME: job.name.replaceAll('.*/', ''), JOB_URL: "https://jenkins.example.com/$path/",
         JENKINS_URL: 'https://jenkins.example.com/', JENKINS_HOME: '/var/jenkins_home',
        ].collectEntries { name, value -> [(name): value.toString()] } + (given.variables as Map<String, String>) + params + set
    }

    /** The environment of a step here: the node's, the build's, then what stands around it (workflow-step-api: EnvironmentExpander). */
    Map<String, String> environment(Context here) {
        def found = new LinkedHashMap<String, String>()
        def node = here?.innermost('node')
        if (node) { found.putAll(computer() + (node.data.variables as Map<String, String>)) }
        found.putAll(variables())
        here?.path()?.each { context ->
            context.data?.overrides?.each { name, value -> override(found, name as String, value as String) }
        }
        found
    }

    /** core: EnvVars.override. An empty value takes the variable away; `PATH+X` puts something before it. */
    private static void override(Map<String, String> found, String name, String value) {
        if (!value) {
            found.remove(name)
        } else if (name.indexOf('+') > 0) {
            def real = name.substring(0, name.indexOf('+'))
            found[real] = found[real] ? "$value:${found[real]}".toString() : value
        } else {
            found[name] = value
        }
    }

    Map<String, String> computer() { given.environment as Map<String, String> }

    void worsen(String to) {
        if (Results.isWorse(Results.known(to), result)) { result = to }
    }

    void print(String line) { log.append(masked(line)).append('\n') }

    /** credentials-binding: BindingStep.Filter hides the values of the bindings around a step. */
    static String masked(String text) {
        def found = text
        for (def each = Context.here(); each != null; each = each.parent) {
            each.data?.masks?.each { value -> if (value) { found = found.replace(value as String, '****') } }
        }
        found
    }

    Context node(String step) {
        def found = Context.here()?.innermost('node')
        if (found == null) { throw new MissingContextVariableException(step) }
        found
    }

    int say(String what, Object... words) {
        if (dry) { return 0 }
        (Ask.say(what, words).status ?: 0) as int
    }

    /** The name of the job that a node taken here is for: that of the stage right around it; null where it is for something else. */
    static Map jobAt(Context here) {
        for (def each = here; each != null; each = each.parent) {
            if (each.kind in ['node', 'when', 'job']) { return null }
            if (each.kind == 'stage') { return each.data.leaf && !(each.data.name in Names.ADDED) ? [name: Names.of(each), stage: each] : null }
        }
        null
    }

    /** Says that a job begins and how it ends. */
    Object asJob(Context here, Closure body) {
        def found = jobAt(here)
        if (found == null) { return body.call() }
        def allowed = here.path().any { it.kind == 'catchError' && it.path().contains(found.stage) }
        reach(here)
        anything = true
        say('job_start', found.name)
        Context.inside('job', [name: found.name, failed: false]) { own ->
            def outcome = 'failed'
            try {
                def value = body.call()
                outcome = own.data.failed ? 'allowed' : 'passed'
                return value
            } catch (FlowInterruptedException stopped) {
                outcome = allowed ? 'allowed' : stopped.why.startsWith('Timeout') ? 'timeout' : 'failed'
                throw stopped
            } catch (Exception failure) {
                outcome = allowed ? 'allowed' : 'failed'
                throw failure
            } catch (Ended ended) {
                outcome = null
                throw ended
            } finally {
                if (outcome != null) { say('job_end', found.name, outcome) }
            }
        }
    }

    /** A newer build comes to an environment right before this one does, where the scenario wants it. */
    void overtaken(List<String> resources) {
        def now = given.reach.findAll { name -> resources.any { it.endsWith("-$name") } }
        if (!now || given.variables.TAG_NAME) { return }
        given.reach.removeAll(now)
        def here = Context.here()
        Server.play(new Build(given + [reach: now], job, number + 1, true))
        Context.enter(here)
    }

    /** A dry build goes on until its first job in the environment that it is to reach. */
    private void reach(Context here) {
        if (dry && here.path().any { it.kind == 'lock' && it.data.resources.any { name -> given.reach.any { name.endsWith("-$it") } } }) {
            throw new Ended('the environment is reached')
        }
    }
}
