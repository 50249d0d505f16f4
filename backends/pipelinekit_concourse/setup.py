"""What is to be configured on the server, as `fly` and credential store commands."""

import re
from collections.abc import Iterator

from pipelinekit.backend import Request, SetupStep
from pipelinekit_concourse.facts import repository
from pipelinekit_concourse.settings import Settings
from pipelinekit_concourse.text import VARIABLE
from pipelinekit_concourse.variables import known, secrets


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
    used = sorted(match[1] for text in known(request) if (match := _NAME.fullmatch(text)) and _is_used(request, match[1]))
    commands = tuple(
        f'vault kv put concourse/main/{key} value="${key.upper()}"' + ("  # may be empty" if key in optional else "") for key in used
    )
    return SetupStep("Store the variables", "The pipeline names them as ((key)); the credential manager knows their values.", commands)


_NAME = re.compile(r"\(\(([^():]+)\)\)")


def _is_used(request: Request[Settings], key: str) -> bool:
    settings = request.settings
    if key == settings.token:
        return any(event.kind == "pull_request" for event in request.selection.events)
    if key in (settings.bucket_key, settings.bucket_secret):
        return bool(settings.bucket)
    if VARIABLE.fullmatch(repository(settings)) and f"(({key}))" == repository(settings):
        return any(event.kind == "pull_request" for event in request.selection.events)
    return bool(key)


def _webhooks(request: Request[Settings]) -> Iterator[SetupStep]:
    why = "Concourse asks the repository once a minute; a webhook makes it ask at once. Give the resource a webhook_token with raw=."
    url = f'"$CONCOURSE_URL/api/v1/teams/main/pipelines/{request.plan.name}/resources/repo/check/webhook?webhook_token=$TOKEN"'
    if any(event.kind == "push" for event in request.selection.events):
        yield SetupStep("Tell Concourse of pushes (optional)", why, (f"curl -X POST {url}",))


def _gates(request: Request[Settings]) -> Iterator[SetupStep]:
    gates = [stage for stage in request.plan.stages if stage.is_gate]
    if gates:
        commands = tuple(f"fly -t ci trigger-job -j {request.plan.name}/{gate.name}  # {gate.message}" for gate in gates)
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
