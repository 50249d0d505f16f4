"""The tree that Cloud Build puts into /workspace is shallow, of the commit alone; steps of git add what jobs ask for."""

from collections.abc import Sequence

from pipelinekit.model.plan import Stage
from pipelinekit.text.shell import quote
from pipelinekit_cloudbuild.steps import Step, sh, tree

WHOLE = "--depth=2147483647"
"""All history. As `--unshallow`, which fails where the history is whole already."""


def complete(step_id: str, stages: Sequence[Stage], image: str) -> Step | None:
    """The step that adds history, tags, submodules and LFS files for all jobs, when one of them asks for it."""
    asked = [stage.checkout for stage in stages]
    lines = [line for name, line in _LINES.items() if any(getattr(checkout, name) for checkout in asked)]
    if any(c.history for c in asked) and any(c.tags for c in asked):
        lines = [f"git fetch --quiet {WHOLE} --tags origin", *lines[2:]]
    return Step(step_id, image, script=sh(*lines)) if lines else None


_LINES = {
    "history": f"git fetch --quiet {WHOLE} --no-tags origin",
    "tags": "git fetch --quiet --tags origin",
    "submodules": "git submodule --quiet update --init --recursive",
    "lfs": "git lfs pull",
}


def changed(step_id: str, stages: Sequence[Stage], image: str, trunk: str) -> Step:
    """Mark the stages whose files a pull request changes since it left trunk."""
    lines = [*tree(), f"git fetch --quiet {WHOLE} --no-tags origin {quote(trunk)}", "base=$(git merge-base FETCH_HEAD HEAD)"]
    for stage in stages:
        # With a wildcard before it, a slash at the end would mean a folder, of which git knows none.
        globs = " ".join(quote(f":(glob){glob}**" if glob.endswith("/") else f":(glob){glob}") for glob in stage.only_if)
        lines.append(f'git diff --quiet "$base" HEAD -- {globs} || touch /changed/{stage.origin}')
    return Step(step_id, image, script=sh(*lines), volumes=dict(CHANGED))


CHANGED = {"changed": "/changed"}


def unless_changed(stage: Stage) -> str:
    """End a job green before its setup when nothing that it looks at was changed."""
    return f"[ -e /changed/{stage.origin} ] || {{ echo 'no change for {stage.origin}'; exit 0; }}"


FACTS = {"facts": "/facts"}


def facts(step_id: str, image: str) -> Step:
    """What only git knows of the commit."""
    return Step(
        step_id,
        image,
        script=sh("git log -1 --format=%an >/facts/PK_AUTHOR", "git log -1 --format=%s >/facts/PK_TITLE"),
        volumes=dict(FACTS),
    )


def read_facts(names: Sequence[str]) -> list[str]:
    return [line for name in names for line in (f"{name}=$(cat /facts/{name})", f"export {name}")]


def same_repository(step_id: str, image: str) -> Step:
    """Triggers know no forks: end their builds here, before anything of theirs runs or a secret is seen."""
    script = sh(
        'case "$HEAD_REPO_URL" in',
        '  */"$REPO_FULL_NAME" | */"$REPO_FULL_NAME".git) ;;',
        "  *) echo 'pull requests from forks are not built' >&2; exit 1 ;;",
        "esac",
    )
    return Step(step_id, image, script=script, env={"HEAD_REPO_URL": "${_HEAD_REPO_URL}", "REPO_FULL_NAME": "${REPO_FULL_NAME}"})
