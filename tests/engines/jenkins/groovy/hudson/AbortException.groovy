package hudson

/** A failure with nothing but a message, as steps throw it (core: hudson/AbortException). */
class AbortException extends IOException {
    AbortException(String message) { super(message) }
}
