"""What must be set up in the project, as commands of `glab`, GitLab's own command line."""

from collections.abc import Iterator

from pipelinekit.backend import Request, SetupStep
from pipelinekit.model.plan import Event, Secret, Stage
from pipelinekit.text.shell import quote
from pipelinekit_gitlab import containers, secrets
from pipelinekit_gitlab.layout import Layout, lay_out
from pipelinekit_gitlab.settings import Settings


def setup(request: Request[Settings]) -> Iterator[SetupStep]:
    """The steps, in the order in which they are needed."""
    layout = lay_out(request)
    yield from _refs(layout)
    yield _token()
    yield from _secrets(layout)
    yield from _schedules(layout)
    yield from _environments(layout)
    yield from _gates(layout)
    yield from _merge_requests(layout)
    yield from _runners(layout)


def _put(path: str, *fields: str) -> str:
    return " ".join(["glab api --method PUT", quote(path), *(f"--field {field}" for field in fields)])


def _refs(layout: Layout) -> Iterator[SetupStep]:
    """Protected branches and tags are where protected variables are seen."""
    commands = [f"glab api --method POST projects/:id/protected_branches --field name={quote(layout.plan.trunk)}"]
    tags = [event.tag for event in layout.selection.events if event.kind == "tag" and layout.delivers(event)]
    commands += [f"glab api --method POST projects/:id/protected_tags --field name={quote(tag)}" for tag in tags]
    why = "Protected variables and environments are for protected branches and tags alone."
    yield SetupStep("Protect what is delivered from", why, tuple(commands))


def _token() -> SetupStep:
    """Every job gets a token; the file can't take it away."""
    scope = "glab api --method PATCH projects/:id/job_token_scope --field enabled=true"
    why = "GitLab gives every job CI_JOB_TOKEN. It then reads this project alone, is taken from no other project, and can't push."
    return SetupStep("Keep the jobs' token small", why, (scope, _put("projects/:id", "ci_push_repository_for_job_token_allowed=false")))


def _secrets(layout: Layout) -> Iterator[SetupStep]:
    wanted: dict[tuple[str, str], tuple[Secret, bool]] = {}
    for stage in layout.plan.stages:
        for secret in secrets.of(stage):
            key = (secret.stored, secrets.scope(stage))
            wanted[key] = (secret, _protected(layout, stage) and wanted.get(key, (secret, True))[1])
    if wanted:
        commands = tuple(_secret(secret, scope, protected) for (_, scope), (secret, protected) in wanted.items())
        why = "Each is seen by the jobs of its environment alone. The value is read from the variable of that name, or from the file."
        yield SetupStep("Store the secrets", why, commands)


def _secret(secret: Secret, scope: str, protected: bool) -> str:
    """Raw, so that GitLab puts nothing in for a `$` of the value."""
    flags = ["--raw", *(["--type file"] if secret.file else ["--masked"]), *(["--protected"] if protected else [])]
    value = f'< "${secret.stored}"' if secret.file else ""
    given = "" if secret.file else f'printf "%s" "${secret.stored}" | '
    return f"{given}glab variable set {secret.stored} --scope {quote(scope)} {' '.join(flags)} {value}".rstrip()


def _protected(layout: Layout, stage: Stage) -> bool:
    """Whether the stage sees its secrets on protected branches and tags alone."""
    return all(_on_protected(layout, stage, event) for event in layout.selection.runs(stage))


def _on_protected(layout: Layout, stage: Stage, event: Event) -> bool:
    publishing_only = stage.container is not None
    return (event.on_trunk and (event.kind != "tag" or layout.delivers(event))) or (publishing_only and not layout.delivers(event))


def _schedules(layout: Layout) -> Iterator[SetupStep]:
    schedules = [event for event in layout.selection.events if event.kind == "schedule"]
    commands = tuple(_schedule(event, layout.plan.trunk) for event in schedules)
    if commands:
        yield SetupStep("Create the schedules", "The rules know a schedule by its description.", commands)


def _schedule(event: Event, trunk: str) -> str:
    cron = f"--cron {quote(event.cron)} --cronTimeZone UTC"
    return f"glab schedule create --description {quote(event.name)} {cron} --ref {quote(trunk)}"


def _environments(layout: Layout) -> Iterator[SetupStep]:
    if not layout.plan.environments:
        return
    why = "Deliveries enter an environment in the order of their pipelines. A group exists once a pipeline with it has run."
    names = [environment.name for environment in layout.plan.environments]
    commands = tuple(_put(f"projects/:id/resource_groups/{name}", "process_mode=oldest_first") for name in names)
    yield SetupStep("Let deliveries keep their order", why, commands)
    why = "GitLab numbers deployments when their jobs become ready: it would fail a newer delivery that has waited for an older one."
    yield SetupStep("Don't prevent outdated deployment jobs", why, (_put("projects/:id", "ci_forward_deployment_enabled=false"),))


def _gates(layout: Layout) -> Iterator[SetupStep]:
    if any(stage.is_gate for stage in layout.plan.stages):
        why = (
            "Whoever may merge to the protected branch may start its manual jobs. To narrow that, protect the environment behind"
            " the gate (Premium): its deployers are then the only ones whose pipelines get into it."
        )
        protect = "glab api --method POST projects/:id/protected_environments"
        levels = '--field "deploy_access_levels[][access_level]=40"'
        commands = tuple(f"{protect} --field name={environment.name} {levels}" for environment in layout.plan.environments)
        yield SetupStep("Say who may answer the gates", why, commands)


def _merge_requests(layout: Layout) -> Iterator[SetupStep]:
    if any(event.kind == "pull_request" for event in layout.selection.events):
        why = "Merge requests are tested at the head of their branch; with merged results on (Premium) it would be a merge."
        yield SetupStep("Test the branch, not a merge", why, (_put("projects/:id", "merge_pipelines_enabled=false"),))


def _runners(layout: Layout) -> Iterator[SetupStep]:
    builds = any(stage.container for stage in layout.plan.stages)
    if builds and layout.settings.builder == "docker":
        daemon = containers.environment(layout.settings)["services"][0]["name"]
        why = f"Container builds start {daemon} as a service, which takes `privileged = true`."
        yield SetupStep("Have a privileged runner", why, ("glab runner list",))
    elif builds:
        yield SetupStep(
            "Have a runner that buildah can work in", "It takes user namespaces, which GitLab.com's runners have.", ("glab runner list",)
        )
