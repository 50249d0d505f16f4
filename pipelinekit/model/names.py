"""The words of the model: facts, and the names that engines keep for themselves. Each fact in one place."""

FACTS: dict[str, str] = {
    "PK_SHA": "the commit, 40 hex digits",
    "PK_SHORT_SHA": "its first 8",
    "PK_EVENT": "push, pull_request, tag, schedule or manual",
    "PK_BRANCH": "the pushed branch, or the pull request's source; trunk on schedules; empty for tags",
    "PK_TARGET_BRANCH": "the branch that a pull request goes to",
    "PK_TAG": "the tag, in a run of a tag",
    "PK_PULL_REQUEST": "the pull request's number",
    "PK_RUN_ID": "the run, in the system's own counting",
    "PK_RUN_URL": "the page of the run",
    "PK_AUTHOR": "who wrote the commit",
    "PK_TITLE": "the commit's or pull request's title",
    "PK_REPOSITORY": "owner/name of the repository",
    "PK_ENVIRONMENT": "the environment of the stage",
}
"""Environment variables that a job gets when its stage mentions them; one that does not apply is empty."""

OUTSIDERS: frozenset[str] = frozenset({"PK_BRANCH", "PK_TARGET_BRANCH", "PK_TAG", "PK_AUTHOR", "PK_TITLE"})
"""Facts whose text outsiders choose; they reach scripts as variables and nothing else."""

SPELLED: frozenset[str] = frozenset({"PK_SHA", "PK_SHORT_SHA"})
"""Facts that may stand in images and tags, where the backend spells them."""

RESERVED_STAGES: dict[str, str] = {
    **dict.fromkeys(["image", "services", "stages", "pages", "default", "include", "variables", "cache"], "GitLab"),
    **dict.fromkeys(["workflow", "spec"], "GitLab"),
    "clone": "Drone",
    "tag-on-trunk": "pipelinekit",
    **dict.fromkeys(["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nil"], "YAML 1.1"),
}
"""Stage names that an engine keeps, with who keeps them."""

RESERVED_VARIABLES: dict[str, str] = {
    "PK_": "pipelinekit's facts",
    "CI_": "GitLab and Drone",
    "GITLAB_": "GitLab",
    "DRONE_": "Drone",
    "PLUGIN_": "Drone",
    "JENKINS_": "Jenkins",
    "ATC_": "Concourse",
}
"""Beginnings of variable names that an engine sets itself, with who does."""

RESERVED_VARIABLE_NAMES: dict[str, str] = {
    **dict.fromkeys(["CI", "CHAT_CHANNEL", "CHAT_INPUT"], "GitLab"),
    **dict.fromkeys(["DRONE"], "Drone"),
    **dict.fromkeys(["WORKSPACE", "BUILD_ID", "BUILD_NUMBER", "BUILD_URL", "JOB_NAME", "NODE_NAME", "BRANCH_NAME"], "Jenkins"),
    **dict.fromkeys(["CHANGE_ID", "CHANGE_TARGET", "CHANGE_BRANCH", "CHANGE_TITLE", "CHANGE_AUTHOR", "TAG_NAME"], "Jenkins"),
    **dict.fromkeys(["PROJECT_ID", "PROJECT_NUMBER", "LOCATION", "TRIGGER_NAME", "COMMIT_SHA", "SHORT_SHA"], "Cloud Build"),
    **dict.fromkeys(["REPO_NAME", "REPO_FULL_NAME", "REVISION_ID", "REF_NAME"], "Cloud Build"),
    **dict.fromkeys(["HOME", "PATH", "PWD", "IFS", "SHELL", "OLDPWD", "UID"], "the shell"),
}
"""Variable names that an engine or the shell sets itself, with who does."""


def reserved_variable(name: str) -> str | None:
    """Who keeps a variable name, or None when it is free."""
    for beginning, keeper in RESERVED_VARIABLES.items():
        if name.startswith(beginning):
            return keeper
    return RESERVED_VARIABLE_NAMES.get(name)
