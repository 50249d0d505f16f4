"""Gates: a build can't wait for a person, but a trigger can. A step runs the trigger of the next build, which needs approval."""

from collections.abc import Iterable, Mapping

from pipelinekit.model.plan import Stage
from pipelinekit.text.shell import quote
from pipelinekit_cloudbuild.steps import Step, sh

_ENV = {"COMMIT_SHA": "${COMMIT_SHA}", "LOCATION": "${LOCATION}"}


def ask(gate: Stage, trigger: str, image: str, values: Mapping[str, str], has_inputs: bool) -> Step:
    """Start the build behind the gate, at this commit; `values` are the substitutions that it is given."""
    # No branch, tag or id holds a colon, so none can end a value early; what people type may be `std::max`.
    between = "|::|" if has_inputs else "::"
    env = {**_ENV, **{name.removeprefix("_"): text for name, text in values.items()}}
    given = [f"{name}=${name.removeprefix('_')}" for name in values]
    if gate.timeout:
        given.append("_PK_ASKED=$(date +%s)")
    joined = given[0] if len(given) == 1 else f"^{between}^" + between.join(given)
    script = sh(
        f"# {gate.message}",
        f"gcloud builds triggers run {trigger} \\",
        f'  --region="$LOCATION" --sha="$COMMIT_SHA" --substitutions="{joined}"',
    )
    return Step(gate.name, image, script=script, env=env)


def approved(step_id: str, gate: Stage, before: str, required: Iterable[str], image: str) -> Step:
    """Go on only where the build that asked (`before` is the substitution with its id) passed all that was needed of it."""
    steps = " ".join(quote(name) for name in required)
    lines = [
        "# What follows needs these steps of the build that asked, for this commit.",
        'gcloud builds describe "$BEFORE" --region="$LOCATION" --flatten=\'steps[]\' \\',
        "  --format='csv[no-heading](substitutions.COMMIT_SHA,steps.id,steps.status)' >/tmp/steps",
    ]
    if steps:
        lines += [
            f"for step in {steps}; do",
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
