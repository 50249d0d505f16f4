package hudson.plugins.git.extensions.impl

/** How much is cloned (git-plugin: extensions/impl/CloneOption). */
class CloneOption {
    boolean shallow
    boolean noTags
    String reference
    Integer depth
    boolean honorRefspec
}
