package player

import org.codehaus.groovy.control.CompilerConfiguration
import org.codehaus.groovy.control.customizers.ImportCustomizer
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/** One request a line: `{"run": …}` plays a build, `{"runs": […]}` builds of one job at the same time, `{"triggers": …}` tells the timers of a job, `{"found": …}` the files of lists of paths, `{"sizes": …}` the bytes of a file's methods. Ends with its input. */
class Server {
    private static final Map<String, Class> COMPILED = [:]

    static void main(String[] args) {
        for (def request = Ask.read(); request != null; request = Ask.read()) {
            Map answer
            Turn.take()
            try {
                answer = request.run ? run(request.run as Map) : request.runs ? beside(request.runs as List<Map>) : request.triggers ? triggers(request.triggers as Map) : request.found ? found(request.found as Map) : request.sizes ? [sizes: Sizes.of(request.sizes as String)] : [failure: "unknown request ${request.keySet()}"]
            } catch (Throwable failure) {
                def text = new StringWriter()
                failure.printStackTrace(new PrintWriter(text))
                answer = [failure: text.toString()]
            } finally {
                Turn.give()
                Context.enter(null)
                Job.releaseAll()
            }
            Ask.tell([done: answer])
        }
    }

    static PipelineScript script(Build build) {
        def made = compiled(build.given.jenkinsfile as String).newInstance() as PipelineScript
        made.begin(build)
        made
    }

    /** The file as Jenkins compiles it; what Declarative's validator refuses, the reader of this house refuses too. */
    private static Class compiled(String text) {
        if (COMPILED.size() > 20) { COMPILED.clear() }
        if (!COMPILED[text]) {
            def errors = (Class.forName('DeclarativeLinter', true, Server.classLoader).newInstance(text).run() as Map).findings.findAll { it.severity == 'error' }
            if (errors) { throw new IllegalArgumentException("Declarative refuses the file: $errors") }
            def imports = new ImportCustomizer().addImport('System', 'player.Clock')
            def configuration = new CompilerConfiguration(scriptBaseClass: 'player.PipelineScript', disabledGlobalASTTransformations: ['groovy.grape.GrabAnnotationTransformation'] as Set)
            configuration.addCompilationCustomizers(imports)
            COMPILED[text] = new GroovyClassLoader(Server.classLoader, configuration).parseClass(text, 'Jenkinsfile.groovy')
        }
        COMPILED[text]
    }

    private static Map run(Map given) {
        Clock.reset()
        Hang.reset()
        def job = new Job(given.job as String)
        def build = new Build(given, job, 7, false)
        def outcome = play(build)
        [result: outcome, log: build.log.toString(), description: build.description, anything: build.anything]
    }

    /** Builds of one job, numbered in their order, which are all there from the start (core: WorkflowJob runs builds of a branch side by side). */
    private static Map beside(List<Map> all) {
        Clock.reset()
        Hang.reset()
        def job = new Job(all[0].job as String)
        job.workspaces = new Workspaces(new File("${all[0].work}/agent/workspace"), job.name)
        def builds = []
        all.eachWithIndex { given, at -> builds << new Build(given, job, 7 + at, false) }
        def results = new ArrayList<String>(Collections.nCopies(builds.size(), (String) null))
        def threads = builds.withIndex().collect { Build build, int at ->
            def work = {
                Turn.take()
                try {
                    results[at] = play(build)
                } finally {
                    Turn.give()
                }
            }
            new Thread(null, work as Runnable, "build $build.number", 16L << 20)
        }
        threads.each { it.start() }
        Turn.away { threads.each { it.join() } }
        [results: results, logs: builds.collect { it.log.toString() }]
    }

    /** A build from its start to its end (workflow-cps: CpsFlowExecution). */
    static String play(Build build) {
        Throwable thrown = null
        Context.enter(new Context(null, 'build', [:]))
        try {
            script(build).run()
        } catch (Ended ended) {
            build.print(ended.message)
            build.running = false
            return null
        } catch (Throwable failure) {
            thrown = failure
            def text = new StringWriter()
            if (!(failure instanceof FlowInterruptedException || failure instanceof hudson.AbortException)) {
                org.codehaus.groovy.runtime.StackTraceUtils.sanitize(failure).printStackTrace(new PrintWriter(text))
            }
            build.print("ERROR: $failure.message $text")
        }
        build.worsen(Results.of(thrown))
        build.running = false
        build.result ?: 'SUCCESS'
    }

    /** What lies in a folder for each list of paths, and which names a stash can have. */
    private static Map found(Map given) {
        def folder = new File(given.folder as String)
        [found: given.lists.collect { Files.found(folder, it as String, null, false) }, named: given.names.collect { Files.isName(it as String) }]
    }

    /** The timers of a job, as its last build has left them: the lines of cron and of parameterizedCron. */
    private static Map triggers(Map given) {
        def build = new Build(given, new Job(given.job as String), 1, true)
        Context.enter(new Context(null, 'build', [:]))
        def found = new Triggers(script(build))
        found.look()
        [timers: found.timers]
    }
}
