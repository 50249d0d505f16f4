"""Gates: a build can't wait for a person, but a trigger can. A step runs the trigger of the next build, which needs approval."""

from collections.abc import Collection, Iterable, Mapping

from pipelinekit.model.names import OUTSIDERS
from pipelinekit.model.plan import Stage
from pipelinekit.text.shell import quote
from pipelinekit_cloudbuild.escape import comment, given
from pipelinekit_cloudbuild.steps import Step, sh

_ENV = {"COMMIT_SHA": "${COMMIT_SHA}", "LOCATION": "${LOCATION}"}


def ask(gate: Stage, trigger: str, image: str, values: Mapping[str, str], typed: Collection[str]) -> Step:
    """Start the build behind the gate, at this commit; `values` are the substitutions that it is given, `typed` those from a form."""
    env = {name.removeprefix("_"): text for name, text in values.items()}
    shown = {name: f"${name.removeprefix('_')}" for name in values}
    if gate.timeout:
        shown["_PK_ASKED"] = "$(date +%s)"
    outsiders = [name for name in env if name in OUTSIDERS]
    lines, joined = given(shown, outsiders, typed)
    script = sh(
        f"# {comment(gate.message)}",
        *lines,
        f"gcloud builds triggers run {trigger} \\",
        f'  --region="$LOCATION" --sha="$COMMIT_SHA" --substitutions="{joined}"',
    )
    return Step(gate.name, image, script=script, env={**_ENV, **env})


def approved(step_id: str, gate: Stage, before: str, required: Iterable[str], image: str) -> Step:
    """Go on only where the build that asked (`before` is the substitution with its id) passed all that was needed of it."""
    names = [quote(name) for name in required]
    lines = [
        "# What follows needs these steps of the build that asked, for this commit.",
        'gcloud builds describe "$BEFORE" --region="$LOCATION" --flatten=\'steps[]\' \\',
        "  --format='csv[no-heading](substitutions.COMMIT_SHA,steps.id,steps.status)' >/tmp/steps",
    ]
    if len(names) == 1:
        failed = f'{{ echo "{names[0]} has not passed for $COMMIT_SHA" >&2; exit 1; }}'
        lines.append(f'grep -Fqx "$COMMIT_SHA,{names[0]},SUCCESS" /tmp/steps || {failed}')
    elif names:
        lines += [
            f"for step in {' '.join(names)}; do",
            '  grep -Fqx "$COMMIT_SHA,$step,SUCCESS" /tmp/steps || {',
            '    echo "$step has not passed for $COMMIT_SHA" >&2',
            "    exit 1",
            "  }",
            "done",
        ]
    else:
        lines += ['grep -q "^$COMMIT_SHA," /tmp/steps']
    env = {**_ENV, "BEFORE": f"${{{before}}}"}
    if gate.timeout:
        env["ASKED"] = "${_PK_ASKED}"
        lines.append(f'[ "$(date +%s)" -le "$((ASKED + {gate.timeout}))" ] || {{ echo "the approval came too late" >&2; exit 1; }}')
    return Step(step_id, image, script=sh(*lines), env=env)
