package player

/** What no `catch` of a Jenkinsfile may take: the engine itself ends the build. */
class Ended extends Error {
    Ended(String why) { super(why) }
}
