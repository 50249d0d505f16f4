package player

/** The variable `currentBuild` (workflow-support: RunWrapper), as far as a sandbox lets it be used. */
class RunWrapper {
    private final Build of
    private final boolean current

    RunWrapper(Build of, boolean current) {
        this.of = of
        this.current = current
    }

    String getResult() { of.result }

    String getCurrentResult() { of.result ?: 'SUCCESS' }

    void setResult(String result) {
        if (!current) { throw new SecurityException('can only set the result property on the current build') }
        of.worsen(result)
    }

    String getDescription() { of.description }

    void setDescription(String text) {
        if (!current) { throw new SecurityException('can only set the description property on the current build') }
        of.description = text
    }

    int getNumber() { of.number }

    String getId() { "$of.number" }

    String getAbsoluteUrl() { of.variables().BUILD_URL }

    RunWrapper getNextBuild() { beside(of.job.builds.keySet().find { it > of.number }) }

    RunWrapper getPreviousBuild() { beside(of.job.builds.keySet().findAll { it < of.number }.max()) }

    private RunWrapper beside(Integer number) { number == null ? null : new RunWrapper(of.job.builds[number], false) }

    /** The causes whose class has this very name: no subclasses. */
    List<Map> getBuildCauses(String name = null) {
        def cause = of.given.cause as String
        name == null || name == cause ? [[_class: cause, shortDescription: 'Started']] : []
    }
}
