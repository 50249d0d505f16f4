package player

import hudson.AbortException
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/** The steps that hold or change the flow; those about files are in Files, credentials and docker in rooms of their own. */
class Steps {
    final Build build
    final Files files
    final Credentials credentials
    final PipelineScript script

    Steps(Build build, PipelineScript script) {
        this.build = build
        this.script = script
        files = new Files(build)
        credentials = new Credentials(build)
    }

    Object call(String name, List args) {
        Signatures.installed(build, name)
        def words = Signatures.arguments(name, args)
        def body = args && args.last() instanceof Closure ? args.last() as Closure : null
        if ((body != null) != (name in Signatures.BLOCKS)) {
            throw new IllegalArgumentException(body ? "$name takes no body" : "$name step must be called with a body")
        }
        Context.here().check()
        this."$name"(new LinkedHashMap(words), body)
    }

    Object echo(Map words, Closure body) { build.print(words.message as String); null }

    Object error(Map words, Closure body) { throw new AbortException(words.message as String) }

    Object script(Map words, Closure body) { body.call() }

    Object timestamps(Map words, Closure body) { body.call() }

    Object isUnix(Map words, Closure body) { true }

    Object sh(Map words, Closure body) { Shell.run(build, words) }

    Object checkout(Map words, Closure body) { Scm.checkout(build, words.scm) }

    Object withCredentials(Map words, Closure body) { credentials.bound(words.bindings as List, body) }

    Object sleep(Map words, Closure body) { Turn.away { Thread.sleep(1) }; null }

    Object withEnv(Map words, Closure body) {
        def overrides = (words.overrides as List).collectEntries { pair ->
            def text = pair.toString()
            if (text.indexOf('=') < 0) { throw new IllegalArgumentException(text) }
            [(text.substring(0, text.indexOf('='))): text.substring(text.indexOf('=') + 1)]
        }
        Context.inside('env', [overrides: overrides]) { body.call() }
    }

    /** workflow-durable-task-step: ExecutorStep. Of an expression of labels only `&&` is known; where no agent has them a build would wait for ever. */
    Object node(Map words, Closure body) {
        def here = Context.here()
        def wanted = (words.label as String ?: '').split('&&')*.trim().findAll { it }
        if (build.given.labels != null && wanted - build.given.labels) { throw new Ended("no agent has the labels ${wanted - build.given.labels}") }
        build.asJob(here) {
            def lease = build.workspaces.lease()
            def folder = lease.folder as File
            folder.mkdirs()
            def tmp = new File(folder.parentFile, "$folder.name@tmp")
            def variables = [NODE_NAME: 'agent', NODE_LABELS: "agent $words.label".toString(), EXECUTOR_NUMBER: "$lease.number".toString(),
                             WORKSPACE: folder.path, WORKSPACE_TMP: tmp.path]
            try {
                Context.inside('node', [workspace: folder, tmp: tmp, variables: variables]) { body.call() }
            } finally {
                build.workspaces.free(lease)
            }
        }
    }

    /** A stage in a script; those of Declarative come from Declarative itself. */
    Object stage(Map words, Closure body) { inStage(words.name as String, true, body) }

    Object inStage(String name, boolean leaf, Closure body) {
        Context.inside('stage', [name: name, leaf: leaf, overrides: [STAGE_NAME: name]]) { body.call() }
    }

    /** workflow-basic-steps: RetryStepExecution. What a person or a sibling has ended is not tried again. */
    Object retry(Map words, Closure body) {
        int left = words.count as int
        while (true) {
            try {
                return body.call()
            } catch (Exception failure) {
                left--
                if (left <= 0 || (failure instanceof FlowInterruptedException && failure.actualInterruption)) { throw failure }
                build.print("ERROR: $failure.message\nRetrying")
            }
        }
    }

    /** workflow-basic-steps: TimeoutStepExecution. */
    Object timeout(Map words, Closure body) {
        def unit = java.util.concurrent.TimeUnit.valueOf((words.unit ?: 'MINUTES') as String)
        def end = Clock.currentTimeMillis() + unit.toMillis(words.time as long)
        Context.inside('timeout', [end: end]) { own ->
            try {
                body.call()
            } catch (FlowInterruptedException stopped) {
                if (stopped.is(own.stop)) { stopped.actualInterruption = false }
                throw stopped
            }
        }
    }

    /** workflow-basic-steps: CatchErrorStep. The result of an interruption goes over the one that was asked for. */
    Object catchError(Map words, Closure body) {
        def onError = [build: words.containsKey('buildResult') ? (words.buildResult ?: 'SUCCESS') : 'FAILURE', stage: words.stageResult ?: 'SUCCESS']
        onError.values().each { Results.known(it as String) }
        Context.inside('catchError', [:]) { own ->
            try {
                body.call()
            } catch (FlowInterruptedException stopped) {
                if (words.catchInterruptions == false && stopped.actualInterruption) { throw stopped }
                caught(own, stopped, stopped.result, stopped.result)
            } catch (Exception failure) {
                caught(own, failure, onError.build as String, onError.stage as String)
            }
            null
        }
    }

    private void caught(Context own, Exception failure, String result, String stageResult) {
        build.print("ERROR: $failure.message")
        def job = own.innermost('job')
        if (job) { job.data.failed = true }
        build.worsen(result)
        def stage = own.innermost('stage')
        if (stage) { build.warnings[stage.data.name as String] = Results.worse(build.warnings[stage.data.name as String], stageResult) }
    }

    Object warnError(Map words, Closure body) {
        catchError([buildResult: 'UNSTABLE', stageResult: 'UNSTABLE', message: words.message, catchInterruptions: words.catchInterruptions], body)
    }

    Object unstable(Map words, Closure body) {
        build.print("WARNING: $words.message")
        build.worsen('UNSTABLE')
        null
    }

    /** pipeline-input-step: InputStepExecution. A rejection aborts the build. */
    Object input(Map words, Closure body) {
        def gate = Names.of(Context.here().innermost('stage'))
        if (!words.message) { throw new IllegalArgumentException('an input needs a message') }
        def rejected = gate in (build.given.rejected as List)
        build.say('gate', gate, rejected && !build.dry ? 'rejected' : 'approved')
        if (rejected && !build.dry) { throw new FlowInterruptedException('ABORTED', 'Rejected') }
        null
    }

    /** pipeline-milestone-step: MilestoneStepExecution.tryToPass. */
    Object milestone(Map words, Closure body) {
        if (!words.unsafe && Context.here().innermost('branch')) { throw new AbortException('Using a milestone step inside parallel is not allowed') }
        def ordinal = words.ordinal as int
        if (build.milestone != null && build.milestone >= ordinal) {
            throw new AbortException("Invalid ordinal $ordinal, as the previous one was $build.milestone")
        }
        if (build.job.passedBy(build, ordinal)) { throw new FlowInterruptedException('NOT_BUILT', 'Superseded by a newer build') }
        build.milestone = ordinal
        null
    }

    /** lockable-resources: LockStep; resources are made when first asked for. */
    Object lock(Map words, Closure body) {
        if (words.label || words.quantity || words.skipIfLocked) { throw new IllegalArgumentException('locks by label are not played here') }
        def resources = [words.resource as String] + (words.extra as List ?: []).collect { (it as Map).resource as String }
        if (resources.any { !it }) { throw new IllegalArgumentException('Either resource label or resource name must be specified.') }
        def here = Context.here()
        if (build.dry) { return Context.inside('lock', [resources: resources]) { body.call() } }
        build.overtaken(resources)
        while (!Job.take(resources, build)) {
            Turn.away { Thread.sleep(2) }
            here.check()
        }
        try {
            Context.inside('lock', [resources: resources]) { body.call() }
        } finally {
            Job.release(resources)
        }
    }

    Object waitUntil(Map words, Closure body) {
        while (!body.call()) {
            Turn.away { Thread.sleep(2) }
            Context.here().check()
        }
        null
    }

    Object parallel(Map words, Closure body) { new Parallel(build).run(words.branches as Map) }

    /** Job properties, set in passing; which other builds of the job they end is not played. */
    Object properties(Map words, Closure body) {
        (words.properties as List).each { if (!(it instanceof Described)) { throw new IllegalArgumentException("$it is no property of a job") } }
        null
    }

    /** jobcacher: a cache that is never there, which is all that a pipeline may count on. */
    Object cache(Map words, Closure body) {
        (words.caches as List).each { if (!(it instanceof Described) || it.symbol != 'arbitraryFileCache') { throw new IllegalArgumentException("$it is no cache") } }
        body.call()
    }

    Object dir(Map words, Closure body) {
        def folder = files.at(words.path as String)
        Context.inside('dir', [folder: folder]) { body.call() }
    }

    Object ws(Map words, Closure body) { throw new IllegalArgumentException('ws is not played here') }

    Object deleteDir(Map words, Closure body) { files.deleteDir() }

    Object cleanWs(Map words, Closure body) { files.deleteDir() }

    Object stash(Map words, Closure body) { files.stash(words) }

    Object unstash(Map words, Closure body) { files.unstash(words.name as String) }

    Object archiveArtifacts(Map words, Closure body) { files.archive(words) }

    Object junit(Map words, Closure body) { files.junit(words) }

    Object fileExists(Map words, Closure body) { files.at(words.file as String).exists() }

    Object readFile(Map words, Closure body) { build.dry ? '' : files.at(words.file as String).getText('UTF-8') }

    Object pwd(Map words, Closure body) { words.tmp ? build.node('pwd').data.tmp.path : files.here().path }

    Object writeFile(Map words, Closure body) {
        if (!build.dry) {
            def file = files.at(words.file as String)
            file.parentFile.mkdirs()
            file.setText(words.text as String, 'UTF-8')
        }
        null
    }
}
