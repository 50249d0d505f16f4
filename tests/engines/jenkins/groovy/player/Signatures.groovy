package player

/** The steps, with the parameters that each takes: its unnamed one, those that must be there, all others. Unknown ones are errors (workflow-cps: DSL). */
class Signatures {
    private static final Map<String, List> STEPS = [
        archiveArtifacts: ['artifacts', [], ['allowEmptyArchive', 'caseSensitive', 'defaultExcludes', 'excludes', 'fingerprint', 'followSymlinks', 'onlyIfSuccessful']],
        cache: [null, ['caches', 'maxCacheSize'], ['defaultBranch', 'skipRestore', 'skipSave']],
        catchError: [null, [], ['buildResult', 'catchInterruptions', 'message', 'stageResult']],
        checkout: ['scm', [], ['changelog', 'poll']],
        cleanWs: [null, [], ['deleteDirs', 'disableDeferredWipeout', 'notFailBuild', 'patterns']],
        deleteDir: [null, [], []],
        dir: ['path', [], []],
        echo: ['message', [], []],
        error: ['message', [], []],
        fileExists: ['file', [], []],
        input: ['message', [], ['cancel', 'id', 'ok', 'parameters', 'submitter', 'submitterParameter']],
        isUnix: [null, [], []],
        junit: ['testResults', [], ['allowEmptyResults', 'keepLongStdio', 'skipMarkingBuildUnstable', 'skipPublishingChecks']],
        lock: ['resource', [], ['extra', 'inversePrecedence', 'label', 'priority', 'quantity', 'reason', 'skipIfLocked', 'variable']],
        milestone: ['ordinal', [], ['label', 'unsafe']],
        node: ['label', [], []],
        parallel: [null, [], null],
        properties: ['properties', [], []],
        pwd: [null, [], ['tmp']],
        readFile: ['file', [], ['encoding']],
        retry: ['count', [], ['conditions']],
        script: [null, [], []],
        sh: ['script', [], ['encoding', 'label', 'returnStatus', 'returnStdout']],
        sleep: ['time', [], ['unit']],
        stage: ['name', [], []],
        stash: ['name', [], ['allowEmpty', 'excludes', 'includes', 'useDefaultExcludes']],
        timeout: ['time', [], ['activity', 'unit']],
        timestamps: [null, [], []],
        unstable: ['message', [], []],
        unstash: ['name', [], []],
        waitUntil: [null, [], ['initialRecurrencePeriod', 'quiet']],
        warnError: ['message', [], ['catchInterruptions']],
        withCredentials: ['bindings', [], []],
        withEnv: ['overrides', [], []],
        writeFile: [null, ['file', 'text'], ['encoding']],
        ws: ['dir', [], []],
    ]
    /** Those that take a body. */
    static final Set<String> BLOCKS = ['cache', 'catchError', 'dir', 'lock', 'node', 'retry', 'script', 'stage', 'timeout', 'timestamps',
                                       'waitUntil', 'warnError', 'withCredentials', 'withEnv', 'ws'] as Set
    private static final Set<String> FREE = ['lock'] as Set
    /** Things that are said in arguments: extensions of git, bindings of credentials, properties of jobs. */
    static final Map<String, List<String>> VALUES = [
        scmGit: ['branches', 'browser', 'extensions', 'userRemoteConfigs'], cloneOption: ['depth', 'honorRefspec', 'noTags', 'reference', 'shallow', 'timeout'],
        lfs: [], submodule: ['recursiveSubmodules', 'parentCredentials', 'disableSubmodules', 'trackingSubmodules', 'reference', 'timeout', 'depth', 'shallow', 'threads'],
        string: ['credentialsId', 'variable'], file: ['credentialsId', 'variable'],
        usernamePassword: ['credentialsId', 'usernameVariable', 'passwordVariable'],
        disableConcurrentBuilds: ['abortPrevious'], buildDiscarder: ['_'], logRotator: ['artifactDaysToKeepStr', 'artifactNumToKeepStr', 'daysToKeepStr', 'numToKeepStr'],
        arbitraryFileCache: ['path', 'includes', 'excludes', 'useDefaultExcludes', 'cacheValidityDecidingFile', 'compressionMethod', 'cacheName'],
    ]

    /** Steps and values of plugins that a server has only if they are installed. */
    private static final Map<String, String> PLUGINS = [
        archiveArtifacts: 'workflow-aggregator', cache: 'jobcacher', arbitraryFileCache: 'jobcacher', checkout: 'workflow-aggregator', cleanWs: 'ws-cleanup',
        docker: 'docker-workflow', file: 'plain-credentials', input: 'pipeline-input-step', junit: 'junit', lock: 'lockable-resources',
        milestone: 'pipeline-milestone-step', parameterizedCron: 'parameterized-scheduler', scmGit: 'git', string: 'plain-credentials',
        timestamps: 'timestamper', withCredentials: 'credentials-binding',
    ]

    static void installed(Build build, String name) {
        def plugin = PLUGINS[name]
        if (plugin && build.given.plugins != null && !(plugin in build.given.plugins)) {
            throw new NoSuchMethodError("No such DSL method '$name' found: the plugin $plugin is not installed")
        }
    }

    static boolean isStep(String name) { name in STEPS.keySet() }

    /** The arguments of a step by name. */
    static Map arguments(String name, List args) {
        def (positional, required, optional) = STEPS[name]
        def words = args && args.last() instanceof Closure ? args.take(args.size() - 1) : args
        if (optional == null) { return [branches: words[0]] }
        if (words.size() > 1) { throw new IllegalArgumentException("Expected named arguments but got $words: $name") }
        def found = words && words[0] instanceof Map ? words[0] as Map : words ? [(positional): words[0]] : [:]
        if (found.containsKey(null)) { throw new IllegalArgumentException("$name takes no unnamed argument") }
        def unknown = found.keySet() - required - optional - [positional]
        if (unknown) { throw new IllegalArgumentException("Unknown parameter(s) found for step $name: ${unknown.join(', ')}") }
        def missing = required - found.keySet()
        if (positional && !(name in FREE) && !found.containsKey(positional)) { missing << positional }
        if (missing) { throw new IllegalArgumentException("$name: missing required parameter ${missing.join(', ')}") }
        found.collectEntries { key, value -> [(key as String): value instanceof GString ? value.toString() : value] }
    }

    /** One of the values. */
    static Described value(String name, List args) {
        def known = VALUES[name]
        if (args && args[0] instanceof Map && !(args[0] as Map).keySet().every { it in known }) {
            throw new IllegalArgumentException("$name does not take ${(args[0] as Map).keySet() - known}")
        }
        new Described(name, args ? (args[0] instanceof Map ? args[0] as Map : [_: args[0]]) : [:])
    }
}
