package player

import hudson.AbortException
import java.nio.file.CopyOption
import java.nio.file.LinkOption
import java.nio.file.StandardCopyOption
import org.apache.tools.ant.DirectoryScanner

/** Steps about files: stashes (workflow-basic-steps: StashManager), kept files and reports, by Ant's own patterns. */
class Files {
    private static final CopyOption[] WHOLE = [StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING] as CopyOption[]
    private static final Set<String> UNSAFE = '?*/\\%!@#$^&|<>[]:;'.collect { it } as Set
    private final Build build

    Files(Build build) { this.build = build }

    File here() { Shell.cwd(Context.here(), build.node('files')) }

    File at(String path) {
        def file = new File(path)
        file.absolute ? file : new File(here(), path)
    }

    Object deleteDir() {
        def folder = here()
        if (!build.dry) { folder.deleteDir() }
        null
    }

    /** core: Util.createFileSet. Patterns are split at commas; Ant's default excludes hold unless they are turned off. */
    List<String> scan(String includes, String excludes, boolean defaults) { found(here(), includes, excludes, defaults) }

    static List<String> found(File folder, String includes, String excludes, boolean defaults) {
        if (!folder.directory) { return [] }
        def scanner = new DirectoryScanner(basedir: folder, caseSensitive: true)
        scanner.includes = (includes ? includes.split(',')*.trim() : ['**']) as String[]
        if (excludes) { scanner.excludes = excludes.split(',')*.trim() as String[] }
        if (defaults) { scanner.addDefaultExcludes() }
        scanner.scan()
        scanner.includedFiles as List
    }

    Object stash(Map words) {
        def name = words.name as String
        if (!isName(name)) { throw new IllegalArgumentException("$name is no name of a stash") }
        if (build.dry) { return null }
        def found = scan(words.includes as String, words.excludes as String, words.useDefaultExcludes != false)
        if (!found && !words.allowEmpty) { throw new AbortException('No files included in stash') }
        def kept = new File("${build.given.work}/controller/stashes/$name")
        kept.deleteDir()
        copy(here(), found, kept)
        build.stashes[name] = kept
        null
    }

    /** core: Jenkins.checkGoodName. */
    static boolean isName(String name) {
        name && !(name.trim() in ['.', '..']) && !name.trim().endsWith('.') && !name.any { Character.isISOControl(it as char) || it in UNSAFE }
    }

    Object unstash(String name) {
        if (build.dry) { return null }
        def kept = build.stashes[name]
        if (kept == null) { throw new AbortException("No such saved stash ‘${name}’") }
        def found = []
        kept.eachFileRecurse { if (it.file) { found << kept.toPath().relativize(it.toPath()).toString() } }
        copy(kept, found, here())
        null
    }

    private static void copy(File from, List<String> names, File to) {
        to.mkdirs()
        names.each { name ->
            def file = new File(to, name)
            file.parentFile.mkdirs()
            java.nio.file.Files.copy(new File(from, name).toPath(), file.toPath(), WHOLE)
        }
    }

    /** core: ArtifactArchiver. */
    Object archive(Map words) {
        build.node('archiveArtifacts')
        if (build.dry) { return null }
        def found = scan(words.artifacts as String, words.excludes as String, words.defaultExcludes != false)
        if (!found && !words.allowEmptyArchive) { throw new AbortException("No artifacts found that match the file pattern \"$words.artifacts\". Configuration error?") }
        copy(here(), found, new File("${build.given.work}/controller/archive"))
        null
    }

    /** junit: JUnitResultArchiver. Failed tests make the build unstable unless that is turned off. */
    Object junit(Map words) {
        build.node('junit')
        if (build.dry) { return null }
        def found = scan(words.testResults as String, null, true)
        if (!found && !words.allowEmptyResults) { throw new AbortException('No test report files were found. Configuration error?') }
        copy(here(), found, new File("${build.given.work}/controller/reports"))
        if (!words.skipMarkingBuildUnstable && found.any { new File(here(), it).text =~ /<(failure|error)\b/ }) { build.worsen('UNSTABLE') }
        null
    }
}
