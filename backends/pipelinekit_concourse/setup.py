"""What is to be configured on the server, as `fly` and credential store commands."""

from collections.abc import Iterator

from pipelinekit.backend import Request, SetupStep
from pipelinekit.diagnostics import printable
from pipelinekit_concourse.escape import is_local, lookups, strings
from pipelinekit_concourse.render import document
from pipelinekit_concourse.settings import Settings
from pipelinekit_concourse.variables import secrets


def setup(request: Request[Settings]) -> Iterator[SetupStep]:
    name = request.plan.name
    yield _keys(request)
    yield SetupStep(
        "Set the pipeline",
        "Concourse takes the file from you, not from the repository; do it again after each render.",
        (f"fly -t ci set-pipeline -p {name} -c ci/pipeline.yml", f"fly -t ci unpause-pipeline -p {name}"),
    )
    yield from _webhooks(request)
    yield from _gates(request)
    yield from _workers(request)
    if request.settings.bucket:
        command = f"aws s3api put-bucket-lifecycle-configuration --bucket {request.settings.bucket} --lifecycle-configuration file://lifecycle.json"
        yield SetupStep("Let the bucket forget", "Files between jobs are needed until their run has ended, gates included.", (command,))


def _keys(request: Request[Settings]) -> SetupStep:
    """Every variable of the file. Optional secrets get an empty value: a key that is not there errors the build."""
    optional = {secret.stored for secret in secrets(request) if secret.optional}
    found = {lookup for text in strings(document(request)) for lookup in lookups(text)}
    keys = sorted(text.strip("()") for text in found if not is_local(text))
    commands = tuple(f"vault kv put concourse/main/{key} value=-" + ("  # may be empty" if key in optional else "") for key in keys)
    return SetupStep(
        "Store the variables",
        "The pipeline names them as ((key)); each command reads the value from standard input, where your credential manager is Vault.",
        commands,
    )


def _webhooks(request: Request[Settings]) -> Iterator[SetupStep]:
    """Addresses for the repository's host to call, on what is pushed."""
    if not request.settings.webhook_token:
        return
    place = f"/api/v1/teams/main/pipelines/{request.plan.name}/resources"
    names = [resource["name"] for resource in document(request)["resources"] if "webhook_token" in resource]
    commands = tuple(f'curl -X POST "$CONCOURSE_URL{place}/{name}/check/webhook?webhook_token=$WEBHOOK_TOKEN"' for name in names)
    yield SetupStep(
        "Let webhooks call",
        "Concourse then looks at once; what this sends once, a webhook of the repository's host sends on each push.",
        commands,
    )


def _gates(request: Request[Settings]) -> Iterator[SetupStep]:
    gates = [stage for stage in request.plan.stages if stage.is_gate]
    if gates:
        commands = tuple(f"fly -t ci trigger-job -j {request.plan.name}/{gate.name}  # {printable(gate.message)}" for gate in gates)
        yield SetupStep(
            "Approve", "A gate is a job that nobody but a person starts; members and pipeline operators of the team may.", commands
        )


def _workers(request: Request[Settings]) -> Iterator[SetupStep]:
    runners = [stage.runner for stage in request.plan.stages if stage.runner]
    tags = dict.fromkeys(
        tag for runner in runners for tag in (*runner.labels, *filter(None, [request.settings.arch_tags.get(runner.arch or "")]))
    )
    if tags:
        yield SetupStep(
            "Tag the workers",
            "Jobs that ask for a runner start on workers with its tags alone.",
            tuple(f"concourse worker --tag {tag}" for tag in tags),
        )
