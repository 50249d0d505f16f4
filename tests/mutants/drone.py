"""Bugs seeded into the Drone backend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.mutants import Mutant
from tests.mutants.patches import edited, replaced

B = "pipelinekit_drone"


def _numbers(made: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """An environment whose values that look like numbers are numbers."""

    def environment(*given: Any) -> dict[str, Any]:
        return {key: float(text) if _number(text) else text for key, text in made(*given).items()}

    return environment


def _number(text: Any) -> bool:
    return isinstance(text, str) and text.replace(".", "", 1).isdigit()


MUTANTS = (
    Mutant(
        "promotions start on any target",
        edited(f"{B}.triggers:trigger", '"target": Flow([document.target]), ', ""),
        ("golden/gate",),
        "promoting one environment would deploy another",
    ),
    Mutant(
        "environments without a lock",
        edited(f"{B}.render:_pipeline", 'data["concurrency"] = {"limit": 1}', "pass"),
        ("golden/environment",),
        "two runs would deploy at the same time",
    ),
    Mutant(
        "steps wait for the clone alone",
        edited(
            f"{B}.render:_after",
            "yield from (context.steps[need.stage] for need in stage.needs if need.stage in context.document.runs)",
            "yield from ()",
        ),
        ("diamond",),
        "a job would run before what it needs has passed",
    ),
    Mutant(
        "pipelines that wait for none",
        edited(
            f"{B}.layout:_connected", "depends_on=tuple(other.name for other in documents if _depends(document, other))", "depends_on=()"
        ),
        ("blocks",),
        "an environment would be delivered to before the tests have ended",
    ),
    Mutant(
        "artifacts that nobody saves",
        edited(f"{B}.scripts:save", 'list(_copy(paths, "", f"{ARTIFACTS}/{stage}/"))', "[]"),
        ("artifacts",),
        "files would not arrive",
    ),
    Mutant(
        "artifacts that nobody lays over the tree",
        edited(f"{B}.scripts:lay_over", "for need in stage.needs for line", "for need in stage.needs[1:] for line"),
        ("artifacts",),
        "a job would work without the files that it asked for",
    ),
    Mutant(
        "environments without the store's files",
        edited(f"{B}.render:_steps", "store.demand(context), store.fetch(context)", "store.demand(context), None"),
        ("staging-gate-production",),
        "an environment would be delivered to without what was built",
    ),
    Mutant(
        "what runs on failure runs always",
        edited(f"{B}.jobs:_statuses", '["failure"] if', '["success", "failure"] if'),
        ("on-failure",),
        "people would be told of failures that there weren't",
    ),
    Mutant(
        "numbers without quotes",
        replaced(f"{B}.jobs:_variables", _numbers),
        ("matrix",),
        "3.10 would become 3.1",
    ),
    Mutant(
        "gates that pass by themselves",
        edited(f"{B}.store:demand", "if not document.gate or document.depends_on:", "if True:"),
        ("gate",),
        "a build that failed could be promoted",
    ),
    Mutant(
        "stages marked as passed before they have",
        edited(f"{B}.store:mark", '"passed", commands, stages)', '"passed", commands, [])'),
        ("gate",),
        "a gate would be open for a commit whose delivery to staging failed",
    ),
    Mutant(
        "every job has every secret",
        edited(
            f"{B}.jobs:_variables",
            "for secret in stage.secrets}",
            "for other in context.document.stages for secret in other.secrets}",
        ),
        ("secrets",),
        "a linter could read the database's password",
    ),
    Mutant(
        "secrets that are missing go unnoticed",
        edited(f"{B}.scripts:body", "*script.secret_guards(stage),", ""),
        ("secrets",),
        "a job would run with an empty password",
    ),
    Mutant(
        "nobody asks for a registry's secrets",
        edited(f"{B}.containers:preparation", "script.secret_guards(replace(stage, secrets=secrets))", "[]"),
        ("container",),
        "an image would be built for nothing, and the log would not say which secret is missing",
    ),
    Mutant(
        "a branch that is evaluated",
        edited(f"{B}.facts:_branch", 'return f"export PK_BRANCH={branch}"', 'return f"eval export PK_BRANCH={branch}"'),
        ("attack-branch",),
        "whoever names a branch would run commands",
    ),
    Mutant(
        "a title that is pasted into the file",
        edited(f"{B}.escape:doubled", "return _MEANING", 'return text if "TITLE" in text else _MEANING'),
        ("attack-title",),
        "whoever writes a title could write steps, and titles with quotes would break the script",
    ),
    Mutant(
        "dollars that aren't doubled",
        edited(f"{B}.escape:doubled", 'if "$" in text or', "if"),
        ("facts",),
        "the runner would fill in what is the shell's",
    ),
    Mutant(
        "backslashes that aren't doubled",
        edited(f"{B}.escape:doubled", 'return _MEANING.sub(r"\\g<0>\\g<0>", text)', 'return text.replace("${", "$${")'),
        ("hostile-letters",),
        "sed's expressions would lose their backslashes",
    ),
    Mutant(
        "every job may fail",
        edited(f"{B}.jobs:step", "if stage.allow_failure:", "if not stage.container:"),
        ("one-job",),
        "a failing test would let everything go on",
    ),
    Mutant(
        "exit code 78 passes",
        edited(f"{B}.scripts:entrypoint", 'f"{run} || exit 1"', "run"),
        ("artifacts",),
        "Drone ends a pipeline green at that code",
    ),
    Mutant(
        "jobs without a timeout",
        edited(f"{B}.scripts:_bound", "if stage.timeout", "if stage.retries and stage.timeout"),
        ("timeout",),
        "a job that hangs would hold the environment's lock until the repository's timeout",
    ),
    Mutant(
        "one attempt",
        edited(f"{B}.scripts:entrypoint", "range(1, stage.retries + 2)", "range(1, 2)"),
        ("retries",),
        "a job would not be tried again",
    ),
    Mutant(
        "attempts in one tree",
        edited(f"{B}.scripts:body", "*tree(place, again=stage.retries > 0),", "*tree(place),"),
        ("retries",),
        "an attempt would see what the one before has left",
    ),
    Mutant(
        "pull requests of forks see secrets",
        edited(f"{B}.layout:_lay_out", "keep_secrets=not hides_secrets(request)", "keep_secrets=True"),
        ("forks",),
        "a stranger's commit would run with the repository's secrets",
    ),
    Mutant(
        "pull requests are merged first",
        edited(f"{B}.checkout:clone", 'if not commands and not context.document.takes("pull_request"):', "if not commands:"),
        ("pull-requests",),
        "what is tested is not the branch's head",
    ),
    Mutant(
        "tags deliver from anywhere",
        edited(f"{B}.layout:_lay_out", "guarded = tags.guard(request.plan, image=request.settings.git_image)", "guarded = request.plan"),
        ("tag",),
        "a tag beside trunk would be delivered",
    ),
    Mutant(
        "any cron job starts everything",
        edited(f"{B}.triggers:_cron", "if not own:", "if True:"),
        ("schedules",),
        "the weekly jobs would run every hour",
    ),
    Mutant(
        "branches that include trunk",
        edited(f"{B}.triggers:_other_branches", "if any(matches(glob, trunk) for glob in globs):", "if False:"),
        ("branches-all",),
        "a push to trunk would run what is for other branches too",
    ),
    Mutant(
        "unchanged parts run",
        edited(f"{B}.scripts:_skip", "|| exit 0", "|| true"),
        ("changed",),
        "a filter would filter nothing",
    ),
    Mutant(
        "images published by pull requests",
        edited(f"{B}.containers:settings", 'found["dry_run"] = True', "pass"),
        ("container",),
        "a pull request would overwrite the latest image",
    ),
    Mutant(
        "services that nobody waits for",
        edited(f"{B}.services:before", "for value in stage.services:", "for value in stage.services[1:]:"),
        ("services",),
        "a test would start before its database answers",
    ),
    Mutant(
        "services that don't wait for the tree",
        edited(f"{B}.services:ready", '["clone", value.alias]', "[value.alias]"),
        ("services",),
        "a job could start in half a tree, since the clone of pull requests is a step like any other",
    ),
    Mutant(
        "the target's branch for the source's",
        edited(f"{B}.facts:_branch", "else '\"$DRONE_SOURCE_BRANCH\"'", "else '\"$DRONE_COMMIT_BRANCH\"'"),
        ("pull-requests",),
        "a pull request's job would take itself for one of trunk",
    ),
    Mutant(
        "the last command is left out",
        edited(
            f"{B}.scripts:body",
            "*script.commands(stage, save(stage.name, saved)),",
            "*(script.commands(stage, save(stage.name, saved)) if saved else script.commands(stage)[:-1]),",
        ),
        ("chain",),
        "a job would pass without having done what it is for",
    ),
    Mutant(
        "a file of the commit is lost",
        edited(f"{B}.scripts:body", "*tree(place, again=stage.retries > 0),", '*tree(place, again=stage.retries > 0), "rm -f CHANGES",'),
        ("chain",),
        "a job would test another tree than the commit's",
    ),
)
