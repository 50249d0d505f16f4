"""Where a task learns what started it: Concourse gives tasks no metadata, so it comes from the resource's `.git` files.

Files of the git resource: `.git/ref`, `.git/author`, `.git/commit_message` (its README, "Additional files populated");
`.git/HEAD` is the commit where `.git/ref` is the tag. Of the pull request resource: `.git/resource/*` (its `in.go`).
"""

from pipelinekit.model.features import facts
from pipelinekit.model.plan import Event, Plan, Stage
from pipelinekit_concourse.escape import lookups, variable
from pipelinekit_concourse.settings import Settings


def commit_file(event: Event) -> str:
    """The file in the tree that holds the commit, 40 hex digits."""
    return {"pull_request": ".git/resource/head_sha", "tag": ".git/HEAD"}.get(event.kind, ".git/ref")


def repository(settings: Settings) -> str:
    """`owner/name`: the setting, the end of the address, or a variable."""
    if settings.repository or lookups(settings.uri):
        return settings.repository or variable("git_repository")
    return "/".join(settings.uri.removesuffix(".git").replace(":", "/").split("/")[-2:])


def literals(stage: Stage, event: Event, plan: Plan, settings: Settings) -> dict[str, str]:
    """The mentioned facts that are known when the file is written, as params."""
    found = facts(stage)
    read = _read(event)
    known = _known(event, plan.trunk)
    own = {"PK_REPOSITORY": repository(settings), "PK_ENVIRONMENT": stage.environment or ""}
    return {name: (own | known).get(name, "") for name in found if name not in read}


def exports(stage: Stage, event: Event) -> list[str]:
    """Lines that read the other mentioned facts from the tree."""
    read = _read(event)
    return [f'{name}="$({read[name]})"\nexport {name}' for name in facts(stage) if name in read]


def spelled(text: str, event: Event, folder: str) -> str:
    """The text with the commit, in shell words, in place of its placeholders; `folder` is where the tree lies."""
    file = folder + commit_file(event)
    return text.replace("${PK_SHA}", f"$(cat {file})").replace("${PK_SHORT_SHA}", f"$(cut -c1-8 {file})")


def _known(event: Event, trunk: str) -> dict[str, str]:
    if event.kind == "pull_request":
        return {"PK_EVENT": event.kind, "PK_TARGET_BRANCH": trunk}
    return {"PK_EVENT": event.kind, "PK_BRANCH": "" if event.kind == "tag" else trunk}


def _read(event: Event) -> dict[str, str]:
    """The command that prints each fact that only the run knows."""
    commit = commit_file(event)
    read = {"PK_SHA": f"cat {commit}", "PK_SHORT_SHA": f"cut -c1-8 {commit}"}
    if event.kind == "pull_request":
        files = {"PK_BRANCH": "head_name", "PK_PULL_REQUEST": "pr", "PK_AUTHOR": "author", "PK_TITLE": "title"}
        return read | {name: f"cat .git/resource/{file}" for name, file in files.items()}
    read |= {"PK_AUTHOR": "cat .git/author", "PK_TITLE": "head -n 1 .git/commit_message"}
    return read | ({"PK_TAG": "cat .git/ref"} if event.kind == "tag" else {})
