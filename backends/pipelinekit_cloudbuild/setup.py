"""What must be configured around the files, as gcloud commands."""

from collections.abc import Iterator

from pipelinekit.backend import Request, SetupStep
from pipelinekit.model.plan import Event
from pipelinekit.text.shell import quote
from pipelinekit_cloudbuild import secrets, triggers
from pipelinekit_cloudbuild.render import TRIGGERS
from pipelinekit_cloudbuild.settings import Settings

_GRANT = 'gcloud projects add-iam-policy-binding "$(gcloud config get project)"'


def setup(request: Request[Settings]) -> Iterator[SetupStep]:
    """The steps, in the order in which they work."""
    yield _services(request)
    accounts = [each for each in (request.settings.service_account, request.settings.pull_request_account) if each]
    if accounts:
        grants = tuple(f'{_GRANT} --member="serviceAccount:{account}" --role=roles/logging.logWriter' for account in accounts)
        yield SetupStep("Let builds write their logs", "a build with an account of its own logs to Cloud Logging", grants)
    yield from _secrets(request)
    yield from _bucket(request)
    yield from _triggers(request)
    for event in request.selection.events:
        if event.kind == "schedule":
            yield _schedule(event, request)
    yield from _gates(request)


def _region(request: Request[Settings]) -> str:
    return f"--region={request.settings.location}"


def _member(request: Request[Settings]) -> str:
    return f"serviceAccount:{request.settings.service_account or '$SERVICE_ACCOUNT'}"


def _services(request: Request[Settings]) -> SetupStep:
    needed = ["cloudbuild.googleapis.com"]
    if any(secrets.of(stage) for stage in request.plan.stages):
        needed.append("secretmanager.googleapis.com")
    if any(event.kind == "schedule" for event in request.selection.events):
        needed.append("cloudscheduler.googleapis.com")
    return SetupStep(
        "Enable the services", "builds run in the project of `gcloud config get project`", (f"gcloud services enable {' '.join(needed)}",)
    )


def _readable(secret: str, member: str) -> str:
    return f'gcloud secrets add-iam-policy-binding {secret} --member="{member}" --role=roles/secretmanager.secretAccessor'


def _secrets(request: Request[Settings]) -> Iterator[SetupStep]:
    stored = dict.fromkeys(secret.stored for stage in request.plan.stages for secret in secrets.of(stage))
    for name in stored:
        create = f"printf '%s' \"$VALUE\" | gcloud secrets create {name} --replication-policy=automatic --data-file=-"
        grant = _readable(name, _member(request))
        grants = (grant, _readable(name, _reviewer(request))) if name in _of_pull_requests(request) else (grant,)
        yield SetupStep(
            f"Store the secret {name}", "a build without it fails before its first step", (f"read -rs VALUE  # {name}", create, *grants)
        )


def _reviewer(request: Request[Settings]) -> str:
    return f"serviceAccount:{request.settings.pull_request_account}"


def _of_pull_requests(request: Request[Settings]) -> set[str]:
    """The secrets that builds of pull requests name, where these run as an account of their own. What a registry wants, deliveries have."""
    events = [event for event in request.selection.events if event.kind == "pull_request"]
    if request.settings.pull_request_account is None or not events:
        return set()
    chosen = [stage for stage in request.plan.stages if any(request.selection.selects(event, stage) for event in events)]
    forks = any(event.forks for event in events)
    return {secret.stored for stage in chosen if not forks or request.selection.in_forks(stage) for secret in stage.secrets}


def _bucket(request: Request[Settings]) -> Iterator[SetupStep]:
    bucket, name = request.settings.bucket, request.plan.name
    if bucket is None:
        return
    commands = [
        f"gcloud storage buckets create gs://{bucket} --uniform-bucket-level-access",
        f'gcloud storage buckets add-iam-policy-binding gs://{bucket} --member="{_member(request)}" --role=roles/storage.objectUser',
    ]
    if request.settings.pull_request_account:
        own = f'gcloud storage buckets add-iam-policy-binding gs://{bucket} --member="{_reviewer(request)}"'
        caches = f'resource.name.startsWith("projects/_/buckets/{bucket}/objects/{name}/caches/")'
        commands.append(f"{own} --role=roles/storage.objectViewer")
        commands.append(f"{own} --role=roles/storage.objectCreator --condition='title=no-caches,expression=!{caches}'")
    days = {-(-stage.keep_for // 86400) for stage in request.plan.stages if stage.keep_for}
    rules = [(14, f"{name}/runs/"), (30, f"{name}/caches/"), *((max(1, day), f"{name}/keep-{max(1, day)}d/") for day in sorted(days))]
    text = ", ".join(
        f'{{"action": {{"type": "Delete"}}, "condition": {{"age": {age}, "matchesPrefix": ["{prefix}"]}}}}' for age, prefix in rules
    )
    commands.append(f"echo '{{\"rule\": [{text}]}}' | gcloud storage buckets update gs://{bucket} --lifecycle-file=/dev/stdin")
    yield SetupStep("Make the bucket", "files across gates, caches, reports and kept files lie there, each for its time", tuple(commands))


def _triggers(request: Request[Settings]) -> Iterator[SetupStep]:
    if request.settings.names_repository:
        command = f"gcloud builds triggers import --source={TRIGGERS} {_region(request)}"
        yield SetupStep("Import the triggers", "again whenever the file changes; triggers are found by their names", (command,))


def _schedule(event: Event, request: Request[Settings]) -> SetupStep:
    part = triggers.parts(request.selection.events)[event]
    name, region = triggers.name(request.plan.name, part), request.settings.location
    url = f"https://cloudbuild.googleapis.com/v1/projects/$(gcloud config get project)/locations/{region}/triggers/{name}:run"
    command = (
        f"gcloud scheduler jobs create http {name} --schedule={quote(event.cron)} --time-zone=UTC --http-method=POST "
        f'--location={"us-central1" if region == "global" else region} --uri="{url}" --message-body={{}} '
        f'--oauth-service-account-email="{request.settings.service_account or "$SERVICE_ACCOUNT"}"'
    )
    return SetupStep(f"Schedule {event.name}", "triggers have no clock; Cloud Scheduler runs this one", (command,))


def _gates(request: Request[Settings]) -> Iterator[SetupStep]:
    gates = [stage for stage in request.plan.stages if stage.is_gate]
    waits = bool(request.plan.environments) or any(stage.lock for stage in request.plan.stages)
    if gates or waits:
        role = "roles/cloudbuild.builds.editor" if gates else "roles/cloudbuild.builds.viewer"
        grant = f'{_GRANT} --member="{_member(request)}" --role={role}'
        yield SetupStep("Let builds look at builds", "locks list the running builds, gates run a trigger", (grant,))
    if gates and request.settings.service_account:
        account = request.settings.service_account
        role = "roles/iam.serviceAccountUser"
        grant = f'gcloud iam service-accounts add-iam-policy-binding {account} --member="{_member(request)}" --role={role}'
        yield SetupStep("Let builds start builds", "the build behind a gate runs as the same account", (grant,))
    if gates:
        grant = f'{_GRANT} --member="group:$APPROVERS" --role=roles/cloudbuild.builds.approver'
        yield SetupStep("Say who may approve", "; ".join(gate.message for gate in gates), (grant,))
