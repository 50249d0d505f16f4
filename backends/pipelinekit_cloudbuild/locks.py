"""Locks: a build whose turn has not come waits, in a step, for the builds with the same tag that started before it.

Cloud Build has no locks. What holds one is the build itself, from its start to its end: among the running builds of a tag
the one that started first goes on. A build that waits for approval isn't running, and takes its place when it starts.
"""

from pipelinekit.model.plan import Environment
from pipelinekit.text.shell import quote
from pipelinekit_cloudbuild.checkout import WHOLE
from pipelinekit_cloudbuild.escape import comment
from pipelinekit_cloudbuild.steps import Step, sh

_ENV = {"BUILD_ID": "${BUILD_ID}", "LOCATION": "${LOCATION}"}


def environment_tag(name: str) -> str:
    return f"env-{name}"


def lock_tag(name: str) -> str:
    return f"lock-{name}"


def lock(step_id: str, tag: str, image: str) -> Step:
    """Wait for the lock of that name, which all pipelines of the project share."""
    return Step(step_id, image, script=sh(*_turn(f"tags={tag}")), env=dict(_ENV))


def environment(step_id: str, place: Environment, pipeline: str, trunk: str, image: str) -> Step:
    """Wait for an environment, and stop if it has seen a newer commit."""
    name = place.name
    filter = f"tags={pipeline} AND tags={environment_tag(name)}"
    about = f"# {comment(', '.join([name, *(text for text in (place.url, place.config) if text)]))}"
    script = sh(about, *_turn(filter), *_not_overtaken(filter, step_id, name, trunk))
    return Step(step_id, image, script=script, env={**_ENV, "COMMIT_SHA": "${COMMIT_SHA}"})


def _turn(filter: str) -> list[str]:
    running = quote(f"status=WORKING AND {filter}")
    return [
        "# Of the running builds with these tags, the one that started first goes on.",
        "first() {",
        f'  gcloud builds list --region="$LOCATION" --filter={running} \\',
        "    --sort-by=startTime,id --limit=1 --format='value(id)'",
        "}",
        'until [ "$(first)" = "$BUILD_ID" ]; do',
        "  sleep 15",
        "done",
    ]


def _not_overtaken(filter: str, step_id: str, name: str, trunk: str) -> list[str]:
    return [
        "",
        f"# An older commit never replaces a newer one in {name}.",
        'cd "$(mktemp -d)"',
        "cp -R /workspace/.git .",
        f"git fetch --quiet {WHOLE} --no-tags origin {quote(trunk)}",
        f"gcloud builds list --region=\"$LOCATION\" --filter={quote(filter)} --flatten='steps[]' --limit=1000 \\",
        "  --format='csv[no-heading](steps.id,steps.status,substitutions.COMMIT_SHA)' >steps",
        f"sed -n 's/^{step_id},SUCCESS,//p' steps | sort -u >delivered",
        "while read -r commit; do",
        '  if [ "$commit" != "$COMMIT_SHA" ] && git merge-base --is-ancestor "$COMMIT_SHA" "$commit" 2>/dev/null; then',
        f'    echo "the newer $commit is already in {name}" >&2',
        "    exit 1",
        "  fi",
        "done <delivered",
    ]
