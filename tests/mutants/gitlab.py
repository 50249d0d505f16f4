"""Bugs seeded into the GitLab backend."""

from collections.abc import Callable

from pipelinekit_gitlab.settings import Settings

from pipelinekit.model.plan import Container
from tests.mutants import Mutant
from tests.mutants.patches import edited, replaced

_JOBS = "pipelinekit_gitlab.jobs"
_NEEDS = "pipelinekit_gitlab.needs"


def _with_words(sign_in: Callable[..., list[str]]) -> Callable[..., list[str]]:
    def wrong(container: Container, settings: Settings) -> list[str]:
        found = sign_in(container, settings)
        registry = container.registry
        return [*found, f'env true "${registry.username.name}"'] if registry and registry.username else found

    return wrong


MUTANTS = (
    Mutant(
        "gates that nothing waits for",
        edited(f"{_JOBS}:_gate", '"allow_failure": False,', '"allow_failure": True,'),
        ("gate",),
        "what follows would be delivered before anybody was asked",
    ),
    Mutant(
        "the last retry is lost",
        edited(f"{_JOBS}:_frame", "min(stage.retries, MOST_RETRIES)", "min(stage.retries, 1)"),
        ("retries",),
        "a job gets one attempt less than asked for",
    ),
    Mutant(
        "gates that open by themselves",
        edited(f"{_JOBS}:_gate", '"when": "manual",', '"when": "on_success",'),
        ("gate",),
        "nobody would be asked",
    ),
    Mutant(
        "one need too few",
        edited(f"{_NEEDS}:waits_for", "found = list(stage.needs)", "found = list(stage.needs)[:-1]"),
        ("diamond",),
        "a job would start before all that it needs has ended",
    ),
    Mutant(
        "no order behind a stage that was left out",
        edited(f"{_NEEDS}:waits_for", "found.append(Need(further.stage))", "pass"),
        ("changed-between",),
        "in a merge request without the stage between them, a job would not wait for the one before",
    ),
    Mutant(
        "needs that must be there",
        edited(f"{_NEEDS}:optional", "return _may_lack(", "return False and _may_lack("),
        ("changed",),
        "GitLab refuses a pipeline that lacks a job that is needed",
    ),
    Mutant(
        "outputs that are not kept",
        edited("pipelinekit_gitlab.artifacts:handed_out", "[*wanted, *stage.keep]", "[*stage.keep]"),
        ("artifacts",),
        "files would not reach the stages that ask for them",
    ),
    Mutant(
        "files for those who ask for none",
        edited(f"{_NEEDS}:_same", '{"artifacts": False} if hands_out', '{"artifacts": True} if hands_out'),
        ("artifacts",),
        "a bare need would bring files",
    ),
    Mutant(
        "jobs without rules",
        edited("pipelinekit_gitlab.rules:of_job", "if events == layout.selection.events and not differing", "if True or not differing"),
        ("trunk",),
        "deployments would run in merge requests",
    ),
    Mutant(
        "any branch is trunk",
        edited(
            "pipelinekit_gitlab.conditions:started_by",
            """on_trunk = f'$CI_COMMIT_BRANCH == "{plan.trunk}"'""",
            "on_trunk = '$CI_COMMIT_BRANCH'",
        ),
        ("one-job",),
        "a push to any branch would be delivered",
    ),
    Mutant(
        "merge requests into any branch",
        edited("pipelinekit_gitlab.conditions:started_by", """ && $CI_MERGE_REQUEST_TARGET_BRANCH_NAME == "{plan.trunk}"'""", "'"),
        ("pull-requests",),
        "merge requests between other branches would start runs",
    ),
    Mutant(
        "schedules and manual runs swapped",
        replaced(
            "pipelinekit_gitlab.conditions:started_by",
            lambda original: lambda *given: original(*given).replace('== "schedule"', "=~ /^(web|api)$/"),
        ),
        ("schedule",),
        "a schedule would start nothing, and a person what is meant for the night",
    ),
    Mutant(
        "forks run what has secrets",
        edited("pipelinekit_gitlab.rules:_rule", "inside = event.forks and not layout.selection.in_forks(stage)", "inside = False"),
        ("forks-and-secrets",),
        "a stranger's commands would run in jobs that hold secrets",
    ),
    Mutant(
        "no lock",
        edited(f"{_JOBS}:_resource_group", "if stage.lock:", "if False:"),
        ("lock",),
        "two jobs would use the one machine at the same time",
    ),
    Mutant(
        "blocks that nobody holds",
        edited(f"{_JOBS}:trigger", '"resource_group": environment,', ""),
        ("blocks",),
        "two runs would work on one environment at the same time",
    ),
    Mutant(
        "blocks that nobody waits for",
        edited(f"{_JOBS}:trigger", ', "strategy": "depend"', ""),
        ("blocks",),
        "production would begin while staging is being verified",
    ),
    Mutant(
        "blocks that don't know their run",
        edited(f"{_JOBS}:trigger", '{facts.PARENT: "$CI_PIPELINE_ID"} if knows_parent(layout, environment) else None', "None"),
        ("staging-gate-production",),
        "a deployment would find no files of the run",
    ),
    Mutant(
        "on failure is always",
        edited(f"{_JOBS}:_frame", '"when": stage.when if stage.is_post else None', '"when": "always" if stage.is_post else None'),
        ("on-failure",),
        "people would be told of failures that there were none",
    ),
    Mutant(
        "versions are numbers",
        edited(f"{_JOBS}:_parallel", "Quoted(text)", "float(text) if text.replace('.', '', 1).isdigit() else text"),
        ("matrix",),
        "3.10 would be 3.1",
    ),
    Mutant(
        "secrets in no environment",
        edited(f"{_JOBS}:_environment", "if secrets.of(stage) else None", "if False else None"),
        ("secrets",),
        "a job would not see its secrets",
    ),
    Mutant(
        "secrets of the whole environment",
        edited("pipelinekit_gitlab.secrets:hidden", "return [f\"unset {' '.join(names)}\"] if names else []", "return []"),
        ("secrets-in-a-block",),
        "a job would see secrets that its stage doesn't name",
    ),
    Mutant(
        "secrets that may be missing",
        edited("pipelinekit_gitlab.secrets:lines", "for line in _lines(secret)", "for line in _lines(secret)[1:]"),
        ("secrets",),
        "a job would start without a secret and fail somewhere in the middle",
    ),
    Mutant(
        "no timeout",
        edited(f"{_JOBS}:_frame", "period(stage.timeout) if stage.timeout and not stage.is_gate else None", "None"),
        ("timeout",),
        "a job that hangs would hold its runner for an hour",
    ),
    Mutant(
        "no failure is allowed",
        edited(f"{_JOBS}:_frame", "True if stage.allow_failure else None", "None"),
        ("allow-failure",),
        "a stage that may fail would fail the run",
    ),
    Mutant(
        "merge requests write caches",
        edited("pipelinekit_gitlab.caches:_policy", "if layout.home(stage.name) or merging == {False}:", "if True:"),
        ("keep-reports-cache",),
        "a fork could put files into what trunk takes from the cache",
    ),
    Mutant(
        "outputs that nobody checks",
        edited("pipelinekit_gitlab.scripts:main", "checks = script.output_checks(stage.outputs)", "checks: list[str] = []"),
        ("artifacts",),
        "a stage that made nothing would pass",
    ),
    Mutant(
        "no services",
        edited(f"{_JOBS}:_commands", "[images.service(service) for service in stage.services] or None", "None"),
        ("services",),
        "tests would find no database",
    ),
    Mutant(
        "values are filled",
        edited("pipelinekit_gitlab.escape:variables", 'if "$" in text or text.count("%") > 1', "if False"),
        ("variables-hostile",),
        "a `$` in a value would be eaten",
    ),
    Mutant(
        "folders without what is below",
        edited("pipelinekit_gitlab.escape:changes", 're.sub(r"\\*\\*(?!/)", "**/*", glob)', "glob"),
        ("changed",),
        "a change deep in a folder would go unnoticed",
    ),
    Mutant(
        "images are published in every run",
        edited(
            "pipelinekit_gitlab.containers:publishes",
            "found = {layout.delivers(event) for event in layout.selection.runs(stage)}",
            "found = {True}",
        ),
        ("container",),
        "a merge request would replace the image",
    ),
    Mutant(
        "pipes fail where bash is",
        replaced("pipelinekit_gitlab.scripts:_shell", lambda _: lambda stage: []),
        ("one-shell",),
        "a pipe would fail on one image and pass on another",
    ),
    Mutant(
        "inputs stay at their defaults",
        edited("pipelinekit_gitlab.escape:given", "placeholder(name)", '""'),
        ("manual",),
        "what a person asks for would not be done",
    ),
    Mutant(
        "inputs are filled in",
        edited("pipelinekit_gitlab.escape:given", '"expand": False', '"expand": True'),
        ("attack-inputs",),
        "who starts a run could read its secrets by their names",
    ),
    Mutant(
        "branches that GitLab fills in",
        replaced("pipelinekit_gitlab.conditions:without_reference", lambda _: lambda *_: ""),
        ("attack-branch", "pull-requests"),
        "who names a branch could read secrets by their names",
    ),
    Mutant(
        "outsiders' facts outside of quotes",
        edited("pipelinekit_gitlab.facts:exports", """f'export {name}="{EXPORTS[name]}"'""", "f'eval export {name}={EXPORTS[name]}'"),
        ("attack-title", "facts-of-outsiders"),
        "a title would be a command",
    ),
    Mutant(
        "a registry's user among a command's words",
        replaced("pipelinekit_gitlab.containers:_sign_in", _with_words),
        ("container",),
        "who looks at the machine's processes would read it",
    ),
)
