package player

/** A value that is said like a step: an extension of git, the binding of a credential, a property of a job. */
class Described {
    final String symbol
    final Map words

    Described(String symbol, Map words) {
        this.symbol = symbol
        this.words = words
    }

    Object propertyMissing(String name) { words[name] }
}
