package player

/** The variable `env` (workflow-cps: EnvActionImpl): reads what a step here would see, writes for the rest of the build. */
class Env {
    private final Build owner

    Env(Build owner) { this.owner = owner }

    Object getProperty(String name) { this.@owner.environment(Context.here())[name] }

    Object getAt(String name) { getProperty(name) }

    void setProperty(String name, Object value) { this.@owner.set[name] = value as String }
}
