package player

import hudson.AbortException
import hudson.plugins.git.extensions.impl.CloneOption
import java.nio.file.Paths

/** `scm`: what the multibranch project checks out (git-plugin: GitSCM; branch-api: the revision of the build). */
class Scm {
    final List branches
    final List extensions
    final List userRemoteConfigs

    Scm(List branches, List extensions, List userRemoteConfigs) {
        this.branches = branches
        this.extensions = extensions
        this.userRemoteConfigs = userRemoteConfigs
    }

    /** As the branch source gives it: one refspec, no tags, and an option for cloning where the project has one. */
    static Scm of(Build build) {
        def extensions = [new Described('gitSCMSourceDefaults', [:])]
        if (build.given.shallow) { extensions << new CloneOption(shallow: true, noTags: true, depth: 1) }
        new Scm([[name: build.given.branch]], extensions, [[url: build.given.url, credentialsId: null, name: 'origin', refspec: build.given.refspec]])
    }

    static Map checkout(Build build, Object given) {
        def node = build.node('checkout')
        def scm = given instanceof Scm ? given : described(given)
        if (scm == null) { throw new AbortException("$given can't be checked out") }
        if (!build.dry) { lay(build, scm, Shell.cwd(Context.here(), node)) }
        [GIT_BRANCH: build.given.branch, GIT_COMMIT: build.given.sha, GIT_URL: build.given.url]
    }

    private static Scm described(Object given) {
        def known = given instanceof Described && given.symbol == 'scmGit'
        known ? new Scm(given.branches as List, (given.extensions ?: []) as List, given.userRemoteConfigs as List) : null
    }

    /** A clone without a second copy of the objects, of the refs alone that the job fetches. */
    private static void lay(Build build, Scm scm, File folder) {
        def remote = (scm.userRemoteConfigs[0] ?: [:]) as Map
        def options = scm.extensions.findAll { isClone(it) }.collect { it instanceof CloneOption ? [shallow: it.shallow, noTags: it.noTags] : it.words }
        if (options.size() > 1) { throw new AbortException('two options for cloning') }
        def option = options ? options[0] : [shallow: false, noTags: scm.extensions.any { it instanceof Described && it.symbol == 'gitSCMSourceDefaults' }]
        def git = new File(folder, '.git')
        ['objects/info', 'refs/heads', 'refs/remotes'].each { new File(git, it).mkdirs() }
        new File(git, 'HEAD').text = "$build.given.sha\n"
        new File(git, 'objects/info/alternates').text = "$build.given.repository/objects\n"
        new File(git, 'config').text = "[core]\n\trepositoryformatversion = 0\n\tbare = false\n[remote \"origin\"]\n\turl = $remote.url\n\tfetch = $remote.refspec\n"
        fetched(build, remote.refspec as String, !option.noTags).each { name, sha ->
            def ref = new File(git, name)
            ref.parentFile.mkdirs()
            ref.text = "$sha\n"
        }
        def cut = new File(git, 'shallow')
        if (option.shallow) { cut.text = "$build.given.sha\n" } else { cut.delete() }
        def log = new File(git, 'checkout.log')
        def process = new ProcessBuilder('git', 'read-tree', '-u', '--reset', 'HEAD').directory(folder).redirectErrorStream(true).redirectOutput(log)
        process.environment().clear()
        process.environment().putAll(build.computer())
        def status = Turn.away { process.start().waitFor() }
        if (status) { throw new AbortException("Couldn't checkout $build.given.sha: $log.text") }
    }

    private static boolean isClone(Object extension) {
        extension instanceof CloneOption || (extension instanceof Described && extension.symbol == 'cloneOption')
    }

    /** git-plugin: GitSCM.getRefSpecs; core: Util.replaceMacro, which leaves what it doesn't know. */
    private static String expanded(Build build, String spec) {
        def known = build.computer() + (build.given.variables as Map<String, String>)
        spec.replaceAll(/\$(\w+|\{[\w.]+\}|\$)/) { whole, name ->
            name == '$' ? '$' : (known[name.replaceAll(/[{}]/, '')] ?: whole)
        }
    }

    /** The refs that a refspec brings. Raises where one names what the repository lacks, as git does. */
    private static Map<String, String> fetched(Build build, String refspecs, boolean tags) {
        def refs = build.given.refs as Map<String, String>
        Map<String, String> found = [:]
        refspecs.split(/\s+/).each { spec ->
            def (from, to) = expanded(build, spec).replaceFirst(/^\+/, '').split(':')
            if (from.contains('*')) { throw new AbortException("the refspec $spec is not played here") }
            if (!refs[from]) { throw new AbortException("couldn't find remote ref $from") }
            found[to] = from == build.given.refspec.replaceFirst(/^\+/, '').split(':')[0] ? build.given.sha as String : refs[from]
        }
        if (tags) { refs.each { name, sha -> if (name.startsWith('refs/tags/')) { found[name] = sha } } }
        found
    }
}
