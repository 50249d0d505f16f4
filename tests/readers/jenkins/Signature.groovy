/** The parameters of one step, option, condition, trigger or parameter. */
class Signature {
    boolean block
    Map types = [:]
    List required = []

    Signature(String text) {
        def words = text.tokenize(' ')
        block = words && words[0] == '{}'
        words.drop(block ? 1 : 0).each { word ->
            def (String name, String type) = word.tokenize(':') + ['string']
            if (name.endsWith('!')) { required << name[0..-2] }
            types[name - '!'] = type
        }
    }

    /** The parameter that a single unnamed argument means, or null: it must be the only required one. */
    String getSole() { required.size() == 1 ? required[0] : null }

    /** Why a literal cannot be the value of this parameter, or null. */
    String refusal(String parameter, Object literal) {
        def type = types[parameter]
        if (literal == null || type == 'any') { return null }
        if (type == 'int') { return literal instanceof Integer || literal instanceof Long ? null : 'an integer' }
        if (type == 'bool') { return literal instanceof Boolean ? null : 'a boolean' }
        if (!(literal instanceof String)) { return 'a string' }
        def words = Vocabulary.ENUMERATIONS[type]
        words == null || literal in words ? null : "one of ${words.join(', ')}"
    }
}
