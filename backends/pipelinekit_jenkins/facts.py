"""Facts as Jenkins has them: variables of the build, the map that `checkout` returns, and git on the agent.

Nothing that outsiders choose passes through a Groovy text or `withEnv`, which would expand `$NAME` in it: the agent's shell reads the
variables that Jenkins has set itself. A container's would read each `$` twice: durable-task doubles it for launchers, which halve it again,
and `docker exec --env` has no launcher.
"""

from collections.abc import Iterable

from pipelinekit.model.features import facts
from pipelinekit.model.plan import Event, Stage

CHECKOUT: dict[str, str] = {
    "PK_SHA": "${tree.GIT_COMMIT}",
    "PK_SHORT_SHA": "${tree.GIT_COMMIT.substring(0, 8)}",
}
"""Facts that a template with the map of the checkout gives."""

SHELL: dict[str, str] = {
    "PK_BRANCH": '"$(cat "$WORKSPACE_TMP/branch")"',
    "PK_TARGET_BRANCH": '"${CHANGE_TARGET:-}"',
    "PK_TAG": '"$(cat "$WORKSPACE_TMP/tag")"',
    "PK_PULL_REQUEST": '"${CHANGE_ID:-}"',
    "PK_RUN_ID": '"$BUILD_NUMBER"',
    "PK_RUN_URL": '"$BUILD_URL"',
    "PK_AUTHOR": '"$(cat "$WORKSPACE_TMP/author")"',
    "PK_TITLE": '"$(cat "$WORKSPACE_TMP/title")"',
    "PK_REPOSITORY": '"$(cat "$WORKSPACE_TMP/repository")"',
}
"""Facts that the job's own shell reads."""

AGENT: dict[str, str] = {
    "PK_BRANCH": 'printf "%s\\n" "${CHANGE_BRANCH:-$BRANCH_NAME}" > "$WORKSPACE_TMP/branch"',
    "PK_TAG": 'printf "%s\\n" "${TAG_NAME:-}" > "$WORKSPACE_TMP/tag"',
    "PK_AUTHOR": 'git log -1 --format=%an > "$WORKSPACE_TMP/author"',
    "PK_TITLE": 'printf "%s\\n" "${CHANGE_TITLE:-$(git log -1 --format=%s)}" > "$WORKSPACE_TMP/title"',
    "PK_REPOSITORY": "git config remote.origin.url | sed -E 's,^([a-z+]+://[^/]*/|[^/]*:),,; s,\\.git$,,' > \"$WORKSPACE_TMP/repository\"",
}
"""Facts that the agent knows, or git there, left in files beside the workspace: the job's image need not have git."""


def mentioned(stage: Stage, handed: Iterable[str] = ()) -> tuple[str, ...]:
    """The facts of a job's commands, of its image and of its paths, those that it hands on among them."""
    texts = [
        stage.image or "",
        *handed,
        *stage.outputs,
        *stage.reports,
        *stage.keep,
        *(path for cache in stage.caches for path in cache.paths),
    ]
    texts += [path for need in stage.needs for path in need.paths]
    spelled = [name for name in CHECKOUT if any(f"${{{name}}}" in text for text in texts)]
    return tuple(dict.fromkeys((*facts(stage), *spelled)))


def from_checkout(stage: Stage, handed: Iterable[str] = ()) -> tuple[tuple[str, str], ...]:
    """Names and templates of the facts that the checkout gives."""
    if stage.container:
        return ()
    return tuple((name, CHECKOUT[name]) for name in mentioned(stage, handed) if name in CHECKOUT)


def from_agent(stage: Stage) -> tuple[str, ...]:
    """Lines of shell for the agent, before the container starts."""
    return tuple(AGENT[name] for name in facts(stage) if name in AGENT)


def exported(name: str, word: str) -> str:
    """A variable for all that the script starts. What `export` itself runs could fail unseen."""
    return f"{name}={word}\nexport {name}" if "$(" in word else f"export {name}={word}"


def exports(stage: Stage, events: tuple[Event, ...]) -> tuple[str, ...]:
    """Lines that set the other facts in the job's shell."""
    lines = []
    for name in facts(stage):
        if name in SHELL:
            lines.append(exported(name, SHELL[name]))
        if name == "PK_BRANCH" and any(event.kind == "tag" for event in events):
            lines.append('[ -z "${TAG_NAME:-}" ] || PK_BRANCH=')
    if "PK_ENVIRONMENT" in facts(stage):
        lines.append(f"export PK_ENVIRONMENT={stage.environment or ''}")
    return tuple(lines)
