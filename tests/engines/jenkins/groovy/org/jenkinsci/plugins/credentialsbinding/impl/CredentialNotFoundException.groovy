package org.jenkinsci.plugins.credentialsbinding.impl

/** A credential that the store lacks, or holds in another kind (credentials-binding: MultiBinding.getCredentials). */
class CredentialNotFoundException extends IOException {
    CredentialNotFoundException(String message) { super(message) }
}
