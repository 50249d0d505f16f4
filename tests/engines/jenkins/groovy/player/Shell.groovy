package player

import hudson.AbortException

/**
 * `sh`: a file that is run as durable-task runs it (BourneShellScript.launchWithCookie): by the shell with -xe, or by the
 * interpreter that its first line names, without flags; nothing on stdin.
 */
class Shell {
    private static final int BEAT = 20

    static Object run(Build build, Map words) {
        def here = Context.here()
        def node = build.node('sh')
        if (build.dry) { return words.returnStatus ? 0 : words.returnStdout ? '' : null }
        if (words.label == null) { words.label = 'Shell Script' }
        def tmp = node.data.tmp as File
        def control = new File(tmp, "durable-${UUID.randomUUID().toString().take(8)}")
        control.mkdirs()
        here.check()
        def script = new File(control, 'script.sh')
        script.setText(words.script as String, 'UTF-8')
        def output = new File(control, 'output')
        def log = new File(control, 'jenkins-log.txt')
        def builder = new ProcessBuilder(command(words.script as String, script)).directory(cwd(here, node))
        builder.directory().mkdirs()
        builder.environment().clear()
        builder.environment().putAll(Launch.environment(build, here))
        builder.redirectInput(new File('/dev/null'))
        if (words.returnStdout) {
            builder.redirectOutput(output).redirectError(log)
        } else {
            builder.redirectErrorStream(true).redirectOutput(log)
        }
        int status
        try {
            status = wait(build, here, builder.start())
        } finally {
            if (log.exists() && log.length()) { build.print(log.getText('UTF-8')) }
        }
        def printed = words.returnStdout ? output.getText('UTF-8') : null
        control.deleteDir()
        if (words.returnStatus) { return status }
        if (status) { throw new AbortException("script returned exit code $status") }
        printed
    }

    static File cwd(Context here, Context node) {
        def inner = here.innermost('dir', 'node')
        inner.kind == 'dir' ? inner.data.folder as File : node.data.workspace as File
    }

    /** A script that names its interpreter is executable by itself; started by hand, since another thread may be forking just now. */
    private static List<String> command(String text, File script) {
        if (!text.startsWith('#!')) { return ['/bin/sh', '-xe', script.path] }
        def words = text.readLines()[0].substring(2).trim().split(/\s+/, 2) as List
        words + [script.path]
    }

    private static int wait(Build build, Context here, Process process) {
        try {
            while (true) {
                def over = Turn.away { process.waitFor(BEAT, java.util.concurrent.TimeUnit.MILLISECONDS) }
                if (over) { return process.exitValue() }
                if (build.given.hangs) { Hang.look(build, here) }
                here.check()
            }
        } finally {
            if (process.alive) { kill(process) }
        }
    }

    static void kill(Process process) {
        def all = process.toHandle().descendants().collect(java.util.stream.Collectors.toList())
        process.destroyForcibly()
        all.each { it.destroyForcibly() }
        process.waitFor()
    }
}
