"""What is to be configured on the server, as commands of Drone's CLI."""

from collections.abc import Iterator

from pipelinekit.backend import Request, SetupStep
from pipelinekit.model.plan import Event, Secret
from pipelinekit.text.shell import quote
from pipelinekit_drone.layout import hides_secrets, layout
from pipelinekit_drone.settings import Settings

REPOSITORY = "OWNER/NAME"


def setup(request: Request[Settings]) -> Iterator[SetupStep]:
    yield from _repository(request)
    yield from _secrets(request)
    yield from _schedules(request)
    yield from _by_hand(request)
    yield from _runner(request)


def _repository(request: Request[Settings]) -> Iterator[SetupStep]:
    settings, plan = request.settings, request.plan
    pulls = any(event.kind == "pull_request" for event in request.selection.events)
    yield SetupStep("Activate the repository", "nothing is built before", (f"drone repo enable {REPOSITORY}",))
    if settings.file != ".drone.yml":
        yield SetupStep(
            "Name the pipeline file", "it isn't at its usual place", (f"drone repo update --config {settings.file} {REPOSITORY}",)
        )
    if pulls and not hides_secrets(request):
        why = "a pipeline can't tell a fork's pull request, and secrets are given to pull requests"
        yield SetupStep("Ignore forks", why, (f"drone repo update --ignore-forks {REPOSITORY}",))
    if any(event.kind == "pull_request" and event.forks for event in request.selection.events):
        why = (
            "a fork's pull request brings a pipeline file of its own, which runs without secrets; "
            "`drone repo update --protected` has each build whose file isn't signed wait for `drone build approve`, pushes too"
        )
        yield SetupStep("Decide who lets forks run", why)
    if plan.cancel_superseded and pulls:
        why = "a newer run of a pull request cancels the older one while it waits"
        yield SetupStep("Cancel superseded builds", why, (f"drone repo update --auto-cancel-pull-requests {REPOSITORY}",))


def _secrets(request: Request[Settings]) -> Iterator[SetupStep]:
    found: dict[str, bool] = {}
    for document in layout(request).documents:
        pulls = document.takes("pull_request")
        for stage in document.stages:
            registry = stage.container.registry if stage.container and document.publishes else None
            given: list[Secret | None] = [*stage.secrets, *((registry.username, registry.password) if registry else ())]
            for secret in given:
                if secret:
                    found[secret.stored] = found.get(secret.stored, False) or pulls
    if request.settings.store and request.plan.stages:
        found |= {request.settings.store_access_key: False, request.settings.store_secret_key: False}
    for name, pulls in found.items():
        flag = " --allow-pull-request" if pulls else ""
        why = "also in pull requests of this repository" if pulls else "kept from pull requests"
        yield SetupStep(f"Secret {name}", why, (f'drone secret add --name {name} --data "${name}"{flag} {REPOSITORY}',))


def _schedules(request: Request[Settings]) -> Iterator[SetupStep]:
    for event in request.selection.events:
        if event.kind == "schedule":
            command = f'drone cron add --branch {request.plan.trunk} {REPOSITORY} {event.name} "0 {event.cron}"'
            yield SetupStep(f"Schedule {event.name}", "cron jobs are kept by the server; their first field is the second", (command,))


def _by_hand(request: Request[Settings]) -> Iterator[SetupStep]:
    for event in request.selection.events:
        if event.kind == "manual":
            command = f"drone build create --branch {request.plan.trunk}{parameters(event)} {REPOSITORY}"
            yield SetupStep(f"Start {event.name}", "by hand", (command,))
    for target, gate in dict.fromkeys((document.target, document.gate.message) for document in layout(request).documents if document.gate):
        yield SetupStep(f"Answer {gate}", "by promoting the build that passed", (f"drone build promote {REPOSITORY} BUILD {target}",))


def parameters(event: Event) -> str:
    """The inputs of a manual run as `drone build create` takes them, with their defaults."""
    return "".join(f" --param {value.variable}={quote(value.default)}" for value in event.inputs)


def _runner(request: Request[Settings]) -> Iterator[SetupStep]:
    labels = dict.fromkeys(label for stage in request.plan.stages if stage.runner for label in stage.runner.labels)
    if labels:
        words = ",".join(label if ":" in label else f"{label}:true" for label in labels)
        yield SetupStep("Label the runners", "a pipeline's labels must equal its runner's", (f"DRONE_RUNNER_LABELS={words}",))
    if any(stage.container for stage in request.plan.stages):
        image = request.settings.docker_image
        if not image.startswith("plugins/docker"):
            why = "container builds need the privilege that the runner gives to the images it lists"
            yield SetupStep("Trust the image builder", why, (f"DRONE_RUNNER_PRIVILEGED_IMAGES={image}",))
