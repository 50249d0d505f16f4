package player

import org.jenkinsci.plugins.credentialsbinding.impl.CredentialNotFoundException

/** The store of secrets, and what binds them around a body (credentials-binding: BindingStep, StringBinding, FileBinding). */
class Credentials {
    private final Build build

    Credentials(Build build) { this.build = build }

    private Map find(String key, boolean file) {
        if (build.dry) { return [value: 'dry', file: file] }
        def found = build.given.secrets[key] as Map
        if (found == null) { throw new CredentialNotFoundException("Could not find credentials entry with ID '$key'") }
        if (found.file != file) {
            throw new CredentialNotFoundException("Credentials '$key' is of type '${found.file ? 'Secret file' : 'Secret text'}' where '${file ? 'Secret file' : 'Secret text'}' was expected")
        }
        found
    }

    Object bound(List bindings, Closure body) {
        def overrides = [:]
        def masks = []
        List<File> written = []
        bindings.each { given ->
            def binding = given as Described
            switch (binding.symbol) {
                case 'string':
                    def secret = find(binding.credentialsId as String, false)
                    overrides[binding.variable] = secret.value
                    masks << secret.value
                    break
                case 'file':
                    def node = build.node('withCredentials')
                    def secret = find(binding.credentialsId as String, true)
                    def file = new File(node.data.tmp as File, "secretFiles/${UUID.randomUUID()}/$binding.credentialsId")
                    file.parentFile.mkdirs()
                    file.setText(secret.value as String, 'UTF-8')
                    written << file.parentFile
                    overrides[binding.variable] = file.path
                    masks << file.path
                    break
                default:
                    throw new IllegalArgumentException("bindings of $binding.symbol are not played here")
            }
        }
        try {
            Context.inside('credentials', [overrides: overrides, masks: masks]) { body.call() }
        } finally {
            written.each { it.deleteDir() }
        }
    }

    /** `NAME = credentials('key')`: the kind of the entry decides how it is bound (model-definition: CredentialsBindingHandler.forId). */
    Object declared(Map<String, String> wanted, Closure body) {
        if (!wanted) { return body.call() }
        def bindings = wanted.collect { name, key ->
            def entry = build.dry ? [file: false] : build.given.secrets[key]
            if (entry == null) { throw new CredentialNotFoundException("Could not find credentials entry with ID '$key'") }
            new Described(entry.file ? 'file' : 'string', [credentialsId: key, variable: name])
        }
        bound(bindings, body)
    }
}
