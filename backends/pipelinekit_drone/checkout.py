"""The tree: Drone's own clone, or one of ours where that isn't the tree that was asked for."""

from typing import Any

from pipelinekit.text.shell import quote
from pipelinekit.text.yaml import Flow
from pipelinekit_drone import scripts
from pipelinekit_drone.context import Context


def clone(context: Context) -> dict[str, Any] | None:
    """A clone step in place of the implicit one, which merges a pull request into its target and fetches no tags.

    None where the implicit one will do. No depth: with it, a build whose branch has moved on doesn't find its commit.
    """
    commands = [*_extras(context)]
    folders = [folder for folder, used in ((scripts.ARTIFACTS, context.hands_over()), (scripts.KEPT, context.keeps_any())) if used]
    if folders:
        # A volume belongs to root, an image's user need not be.
        commands.append(f"mkdir -m 777 {' '.join(folders)}")
    if not commands and not context.document.takes("pull_request"):
        return None
    fetch = [
        "git init",
        'git remote add origin "$DRONE_REMOTE_URL"',
        'git fetch origin "$DRONE_COMMIT_REF"',
        'git checkout "$DRONE_COMMIT_SHA"',
    ]
    return {"name": "clone", "image": context.settings.git_image, "commands": [*fetch, *commands]}


def _extras(context: Context) -> list[str]:
    asked = [stage.checkout for stage in context.document.stages]
    lines = []
    if any(checkout.tags for checkout in asked):
        lines.append("git fetch --tags origin")
    if any(checkout.submodules for checkout in asked):
        lines.append("git submodule update --init --recursive")
    if any(checkout.lfs for checkout in asked):
        lines += ["git lfs install --local", "git lfs pull"]
    return lines


def changes(context: Context) -> dict[str, Any] | None:
    """The step that looks at what a pull request changes, for the jobs that run on some changes only."""
    stages = [stage for stage in context.document.stages if stage.only_if]
    if not stages or not context.document.takes("pull_request"):
        return None
    commands = [
        *scripts.tree(context.tree),
        f"mkdir {scripts.CHANGED}",
        'git fetch origin "refs/heads/$DRONE_TARGET_BRANCH"',
        'base=$(git merge-base FETCH_HEAD "$DRONE_COMMIT_SHA")',
    ]
    for stage in stages:
        globs = " ".join(quote(f":(glob){glob}{'**' if glob.endswith('/') else ''}") for glob in stage.only_if)
        commands.append(f'git diff --quiet "$base" "$DRONE_COMMIT_SHA" -- {globs} || touch {scripts.CHANGED}/{stage.name}')
    step: dict[str, Any] = {"name": context.name("changes"), "image": context.settings.git_image, "commands": commands}
    if any(event.kind != "pull_request" for event in context.document.events):
        step["when"] = {"event": Flow(["pull_request"])}
    return step
