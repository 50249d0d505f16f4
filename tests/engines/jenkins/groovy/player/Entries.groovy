package player

/** `environment { NAME = value }`, evaluated in the order of the text; later entries see earlier ones. */
class Entries extends Section {
    private final Map<String, String> keys = new LinkedHashMap<String, String>()
    private final Map<String, String> values = new LinkedHashMap<String, String>()

    Entries(PipelineScript script) { super(script) }

    Map<String, String> getCredentials() { keys }

    Map<String, String> getPlain() { values }

    Object credentials(String key) { [credential: key] }

    Object getProperty(String name) {
        if (name in ['credentials', 'plain', 'script']) { return name == 'credentials' ? keys : name == 'plain' ? values : super.getProperty(name) }
        values.containsKey(name) ? values[name] : script.getProperty(name)
    }

    void setProperty(String name, Object value) {
        if (value instanceof Map) { keys[name] = value.credential as String } else { values[name] = value.toString() }
    }
}
