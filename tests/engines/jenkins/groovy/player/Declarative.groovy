package player

import hudson.AbortException
import org.jenkinsci.plugins.workflow.steps.MissingContextVariableException

/** Runs a `pipeline { … }`: what comes first, what is skipped, what is done after a failure (model-definition: ModelInterpreter.groovy). */
class Declarative {
    private final Build build
    private final PipelineScript script
    private Stage root
    private Options options

    Declarative(Build build, PipelineScript script) {
        this.build = build
        this.script = script
    }

    /** ModelInterpreter.call: agent, credentials, environment, wrappers, stages, post. */
    void run(Closure body) {
        root = new Stage(script, 'pipeline')
        root.read(body)
        options = new Options(script, root.options)
        new Parameters(script, root.parameters).give(build)
        Throwable first = null
        def done = false
        try {
            onAgent(root) {
                withVariables(root) {
                    wrapped(options) {
                        first = all(root.stages, null, null)
                        done = true
                        first = after(root, first)
                        if (first) { throw first }
                    }
                }
            }
        } catch (Ended ended) {
            throw ended
        } catch (Throwable failure) {
            first = first ?: failure
        }
        if (!done) { first = after(root, first) }
        if (first) { throw first }
    }

    /** evaluateSequentialStages: once one has failed the others are skipped. The post of a stage with stages stands here. */
    private Throwable all(List<Stage> stages, Throwable error, Stage parent, boolean skipped = false) {
        def first = error
        stages.each { stage ->
            try {
                one(stage, first, skipped)
            } catch (Ended ended) {
                throw ended
            } catch (Throwable failure) {
                first = first ?: failure
            }
        }
        if (parent && !skipped) { first = after(parent, first) }
        first
    }

    /** evaluateStage. */
    private void one(Stage stage, Throwable error, boolean skipped) {
        def scope = stage.cell ? 'cell' : 'group'
        Context.inside(scope, [values: stage.cell, overrides: stage.axes ?: [:]]) {
            script.stepsOf.inStage(stage.name, stage.leaf) { played(stage, error, skipped) }
        }
    }

    private void played(Stage stage, Throwable error, boolean skipped) {
        def thrown = error
        def left = skipped || error != null || (build.result == 'UNSTABLE' && options.isSet('skipStagesAfterUnstable'))
        try {
            if (left) {
                skip(stage, error)
            } else {
                def when = new When(script, stage.when)
                if (when.at('beforeOptions')) {
                    wrapped(new Options(script, stage.options)) {
                        if (when.at('beforeInput')) { asked(stage) { inside(stage, when) } }
                    }
                }
                if (!when.passed) {
                    left = true
                    skip(stage, null)
                }
            }
        } catch (Ended ended) {
            throw ended
        } catch (Throwable failure) {
            thrown = thrown ?: failure
        }
        if (!left && stage.parallel) { thrown = after(stage, thrown) }
        if (thrown) { throw thrown }
    }

    private void inside(Stage stage, When when) {
        if (stage.parallel) {
            if (when.at(null)) { withVariables(stage) { script.stepsOf.call('parallel', [branches(stage, false)]) } }
        } else if (when.at('beforeAgent')) {
            onAgent(stage) {
                if (when.at(null)) {
                    withVariables(stage) {
                        if (stage.leaf) {
                            single(stage)
                        } else {
                            def failure = all(stage.stages, null, stage)
                            if (failure) { throw failure }
                        }
                    }
                }
            }
        }
    }

    private Map branches(Stage stage, boolean skipped) {
        Map found = stage.parallel.collectEntries { inner -> [(inner.name): { one(inner, null, skipped) }] }
        if (stage.failFast || options.isSet('parallelsAlwaysFailFast')) { found.failFast = true }
        found
    }

    /** skipStage: what is in a skipped stage is skipped with it. */
    private void skip(Stage stage, Throwable error) {
        if (stage.leaf) {
            def name = Names.of(Context.here().innermost('stage'))
            if (!(stage.name in Names.ADDED)) { build.say('job_skip', name, error ? 'need' : 'unknown') }
        }
        (stage.parallel ?: stage.stages ?: []).each { inner ->
            try {
                one(inner, error, true)
            } catch (Ended ended) {
                throw ended
            } catch (Throwable same) {
                assert same.is(error)
            }
        }
    }

    /** executeSingleStage. A stage without an agent of its own is a job where one of those around it has one. */
    private void single(Stage stage) {
        def here = Context.here()
        def work = {
            Throwable failure = null
            try {
                withNode(stage) { Section.run(stage.steps, script) }
            } catch (Ended ended) {
                throw ended
            } catch (Throwable thrown) {
                failure = thrown
            }
            failure = after(stage, failure)
            if (failure) { throw failure }
        }
        if (stage.agent == null && here.innermost('node') && !here.innermost('job')) { build.asJob(here, work) } else { work.call() }
    }

    /** catchRequiredContextForNode. */
    private Object withNode(Stage stage, Closure body) {
        try {
            body.call()
        } catch (MissingContextVariableException missing) {
            throw new AbortException("Attempted to execute a step that requires a node context while 'agent none' was specified.")
        }
    }

    /** runPostConditions. A result that the conditions see holds for them alone. */
    private Throwable after(Stage stage, Throwable error) {
        def post = new Post(script, stage.post)
        def failure = error
        Post.ORDER.findAll { it in post.bodies.keySet() }.each { condition ->
            def before = build.result
            def seen = combined(stage, failure)
            if (!Post.holds(condition, seen)) { return }
            build.result = seen
            try {
                withNode(stage) { Context.inside('post', [condition: condition]) { Section.run(post.bodies[condition], script) } }
            } catch (Ended ended) {
                throw ended
            } catch (Throwable thrown) {
                failure = failure ?: thrown
                build.print("Error when executing $condition post condition: $thrown.message")
            } finally {
                if (build.result == seen && seen != before) { build.result = before }
            }
        }
        failure
    }

    /** BuildCondition.getCombinedResult. */
    private String combined(Stage stage, Throwable error) {
        def own = error ? Results.of(error) : stage.is(root) ? 'SUCCESS' : build.warnings[stage.name]
        Results.worse(build.result, own)
    }

    private Object wrapped(Options given, Closure body) { nest(given.wrappers, body) }

    private Object nest(List<List> wrappers, Closure body) {
        if (!wrappers) { return body.call() }
        def (name, args) = wrappers[0]
        script.stepsOf.call(name as String, (args as List) + [{ nest(wrappers.drop(1), body) }])
    }

    /** withCredentialsBlock, withEnvBlock. */
    private Object withVariables(Stage stage, Closure body) {
        def found = stage.variables()
        script.stepsOf.credentials.declared(found.credentials) {
            found.plain ? script.stepsOf.call('withEnv', [found.plain.collect { name, value -> "$name=$value".toString() }, body]) : body.call()
        }
    }

    /** stageInput. */
    private Object asked(Stage stage, Closure body) {
        if (stage.input) {
            def words = new Words(script, stage.input).found
            if (words.parameters) { throw new IllegalArgumentException('parameters of an input are not played here') }
            script.stepsOf.call('input', [words])
        }
        body.call()
    }

    /** inDeclarativeAgent: LabelScript, DockerPipelineScript, CheckoutScript. */
    private Object onAgent(Stage stage, Closure body) {
        if (stage.agent == null || stage.agent == 'none') { return body.call() }
        def words = stage.agent == 'any' ? [label: ''] : new Words(script, stage.agent as Closure).found
        if (words.size() != 1) { throw new IllegalArgumentException("no agent is ${words.keySet()}") }
        def docker = words.docker
        def label = docker ? docker.label : words.containsKey('node') ? words.node.label : words.label
        if (!docker && !(words.keySet().first() in ['label', 'node'])) { throw new IllegalArgumentException("agents by ${words.keySet()} are not played here") }
        def known = ['image', 'args', 'label', 'alwaysPull', 'registryUrl', 'registryCredentialsId', 'reuseNode', 'customWorkspace']
        if (docker && !(docker.keySet() - known).empty) { throw new IllegalArgumentException("docker does not take ${docker.keySet() - known}") }
        script.stepsOf.call('node', [label ?: '', {
            def given = new Options(script, stage.options)
            def work = { docker ? new Docker(build).image(docker.image).inside(docker.args ?: '', body) : body.call() }
            if (options.isSet('skipDefaultCheckout') || given.isSet('skipDefaultCheckout')) { return work.call() }
            def map = script.stepsOf.call('checkout', [script.getProperty('scm')])
            script.stepsOf.call('withEnv', [map.collect { name, value -> "$name=$value".toString() }, work])
        }])
    }
}
