/**
 * The words of Declarative and of the steps whose parameters are known, as data.
 *
 * A signature is `[{}] name[!][:type] …`: `{}` takes a block, `!` is required, the type is string unless named. Types in
 * capitals are enumerations. A step that is not listed is not an error: it may be a function or another plugin's step.
 */
class Vocabulary {
    static final List PIPELINE = 'agent stages environment post tools options parameters triggers libraries'.split(' ')
    static final List STAGE = ('agent when steps post options input tools environment parallel matrix failFast ' +
        'stages').split(' ')
    static final List BODIES = 'steps stages parallel matrix'.split(' ')
    static final List MATRIX = 'axes excludes agent when post options input tools environment stages'.split(' ')
    static final List INPUT = 'message id ok submitter submitterParameter parameters'.split(' ')
    static final List WHEN_FLAGS = 'beforeAgent beforeInput beforeOptions'.split(' ')
    static final List NESTING_CONDITIONS = 'allOf anyOf not'.split(' ')
    static final List POST = ('always changed fixed regression aborted success unsuccessful unstable failure notBuilt ' +
        'cleanup').split(' ')
    static final List BLOCKED_STEPS = 'stage properties'.split(' ')

    static final Map ENUMERATIONS = [
        UNIT      : 'NANOSECONDS MICROSECONDS MILLISECONDS SECONDS MINUTES HOURS DAYS'.split(' ') as List,
        RESULT    : 'SUCCESS UNSTABLE FAILURE NOT_BUILT ABORTED'.split(' ') as List,
        COMPARATOR: 'GLOB REGEXP EQUALS glob regexp equals'.split(' ') as List,
    ]

    static final Map AGENTS = signatures(
        label: 'label! customWorkspace retries:int',
        node: 'label! customWorkspace retries:int',
        docker: 'image! args label alwaysPull:bool registryUrl registryCredentialsId reuseNode:bool customWorkspace ' +
            'containerPerStageRoot:bool',
        dockerfile: 'filename dir additionalBuildArgs args label registryUrl registryCredentialsId reuseNode:bool ' +
            'customWorkspace containerPerStageRoot:bool',
        kubernetes: 'yaml yamlFile defaultContainer inheritFrom cloud namespace serviceAccount label retries:int ' +
            'customWorkspace workspaceVolume:any podRetention:any activeDeadlineSeconds:int idleMinutes:int ' +
            'slaveConnectTimeout:int instanceCap:int nodeSelector supplementalGroups yamlMergeStrategy:any ' +
            'inheritYamlMergeStrategy:bool showRawYaml:bool agentContainer agentInjection:bool hostNetwork:bool',
    )

    static final Map CONDITIONS = signatures(
        branch: 'pattern! comparator:COMPARATOR',
        buildingTag: '',
        changelog: 'pattern!',
        changeRequest: 'id target branch fork url title author authorDisplayName authorEmail comparator:COMPARATOR',
        changeset: 'pattern! comparator:COMPARATOR caseSensitive:bool',
        environment: 'name! value! ignoreCase:bool',
        equals: 'expected!:any actual!:any',
        isRestartedRun: '',
        tag: 'pattern! comparator:COMPARATOR',
        triggeredBy: 'cause! detail',
    )

    static final Map TRIGGERS = signatures(
        cron: 'spec!',
        pollSCM: 'scmpoll_spec! ignorePostCommitHooks:bool',
        upstream: 'upstreamProjects! threshold:any',
        githubPush: '',
        parameterizedCron: 'parameterizedSpecification!',
    )
    static final List OPEN_TRIGGERS = 'gitlab GenericTrigger bitbucketPush issueCommentTrigger'.split(' ')

    static final Map PARAMETERS = signatures(
        string: 'name! defaultValue description trim:bool',
        text: 'name! defaultValue description trim:bool',
        booleanParam: 'name! defaultValue:bool description',
        choice: 'name! choices!:any description',
        password: 'name! defaultValue description',
        file: 'name! description',
        run: 'name! projectName! filter:any description',
    )

    /** Job properties and the options of the Declarative plugin: the top of the pipeline only. */
    static final Map TOP_OPTIONS = signatures(
        buildDiscarder: 'strategy!:any',
        copyArtifactPermission: 'projectNames!',
        disableConcurrentBuilds: 'abortPrevious:bool',
        disableRestartFromStage: '',
        disableResume: '',
        durabilityHint: 'hint!',
        gitLabConnection: 'gitLabConnection!',
        newContainerPerStage: '',
        overrideIndexTriggers: 'enableTriggers!:bool',
        parallelsAlwaysFailFast: '',
        preserveStashes: 'buildCount:int',
        quietPeriod: 'quietPeriod!:int',
        rateLimitBuilds: 'throttle!:any',
        skipStagesAfterUnstable: '',
    )
    static final Map STAGE_OPTIONS = signatures(skipDefaultCheckout: 'skip!:bool', checkoutToSubdirectory: 'subdirectory!')

    /** Steps with a block that need neither a workspace nor a launcher, so that they may stand in `options`. */
    static final List WRAPPERS = ('timeout retry timestamps lock ansiColor withEnv withCredentials catchError warnError ' +
        'waitUntil throttle gitlabCommitStatus').split(' ')

    static final Map STEPS = signatures(
        ansiColor: '{} colorMapName!',
        archiveArtifacts: 'artifacts! allowEmptyArchive:bool caseSensitive:bool defaultExcludes:bool excludes ' +
            'fingerprint:bool followSymlinks:bool onlyIfSuccessful:bool',
        bat: 'script! label encoding returnStdout:bool returnStatus:bool',
        build: 'job! parameters:any propagate:bool quietPeriod:int wait:bool waitForStart:bool',
        cache: '{} caches!:any defaultBranch maxCacheSize:int skipSave:bool skipRestore:bool',
        catchError: '{} message buildResult:RESULT stageResult:RESULT catchInterruptions:bool',
        checkout: 'scm!:any changelog:bool poll:bool',
        cleanWs: 'cleanWhenAborted:bool cleanWhenFailure:bool cleanWhenNotBuilt:bool cleanWhenSuccess:bool ' +
            'cleanWhenUnstable:bool cleanupMatrixParent:bool deleteDirs:bool disableDeferredWipeout:bool ' +
            'externalDelete notFailBuild:bool patterns:any skipWhenFailed:bool',
        container: '{} name! shell',
        copyArtifacts: 'projectName! selector:any filter excludes target flatten:bool optional:bool ' +
            'fingerprintArtifacts:bool parameters resultVariableSuffix includeBuildNumberInTargetPath:bool',
        deleteDir: '',
        dir: '{} path!',
        echo: 'message!',
        error: 'message!',
        fileExists: 'file!',
        fingerprint: 'targets!',
        git: 'url! branch credentialsId changelog:bool poll:bool',
        gitlabCommitStatus: '{} name builds:any connection:any',
        input: 'message! id ok submitter submitterParameter parameters:any',
        isUnix: '',
        junit: 'testResults! allowEmptyResults:bool skipMarkingBuildUnstable:bool skipPublishingChecks:bool checksName ' +
            'healthScaleFactor:any keepLongStdio:bool keepProperties:bool keepTestNames:bool skipOldReports:bool ' +
            'stdioRetention testDataPublishers:any',
        load: 'path!',
        lock: '{} resource! label quantity:int variable inversePrecedence:bool skipIfLocked:bool extra:any priority:int ' +
            'reason resourceSelectStrategy',
        mail: 'subject! body! to cc bcc from replyTo charset mimeType',
        milestone: 'ordinal!:int label unsafe:bool',
        node: '{} label!',
        powershell: 'script! label encoding returnStdout:bool returnStatus:bool',
        publishHTML: 'target!:any',
        pwd: 'tmp:bool',
        pwsh: 'script! label encoding returnStdout:bool returnStatus:bool',
        readFile: 'file! encoding',
        retry: '{} count!:int conditions:any',
        sh: 'script! label encoding returnStdout:bool returnStatus:bool',
        sleep: 'time!:int unit:UNIT',
        sshagent: '{} credentials!:any ignoreMissing:bool',
        stash: 'name! includes excludes allowEmpty:bool useDefaultExcludes:bool',
        throttle: '{} categories!:any',
        timeout: '{} time!:int unit:UNIT activity:bool',
        timestamps: '{}',
        unstable: 'message!',
        unstash: 'name!',
        waitUntil: '{} initialRecurrencePeriod:int quiet:bool',
        warnError: '{} message! catchInterruptions:bool',
        withCredentials: '{} bindings!:any',
        withEnv: '{} overrides!:any',
        writeFile: 'file! text! encoding',
        ws: '{} dir!',
    )

    /** What `options` at the top, or of a stage, may hold: name to signature. */
    static Map options(boolean inStage) {
        def wrappers = STEPS.subMap(WRAPPERS)
        inStage ? STAGE_OPTIONS + wrappers : TOP_OPTIONS + STAGE_OPTIONS + wrappers
    }

    private static Map signatures(Map texts) {
        texts.collectEntries { name, text -> [name, new Signature(text)] }
    }
}
