"""The store: what outlives a pipeline. Files for other pipelines, marks of stages that passed, kept files.

Files and marks lie under the commit, so that a promotion, which is another
build of the same commit, finds them; pull requests never write there, since they never deliver.
"""

from collections.abc import Iterable
from typing import Any

from pipelinekit.model.plan import Event, Stage
from pipelinekit.text.shell import quote
from pipelinekit.text.yaml import Alias, Anchored, Flow
from pipelinekit_drone import scripts, triggers
from pipelinekit_drone.context import Context
from pipelinekit_drone.settings import Settings

COMMIT = "$DRONE_REPO/$DRONE_COMMIT_SHA"
BUILD = "$DRONE_REPO/$DRONE_BUILD_NUMBER"


def fetch(context: Context) -> dict[str, Any] | None:
    """The step that gets the files of other pipelines' stages."""
    commands = []
    for name, takers in context.imports().items():
        commands.append(f'rclone copyto "{_at(context, COMMIT)}/{name}.tar" /tmp/{name}.tar')
        if context.shares:
            asked = (need.paths for stage in takers for need in stage.needs if need.stage == name)
            commands.append(f"tar -xf /tmp/{name}.tar {_members(path for paths in asked for path in paths)}")
        else:
            commands += [f"mkdir -p {scripts.ARTIFACTS}/{name}", f"tar -xf /tmp/{name}.tar -C {scripts.ARTIFACTS}/{name}"]
    return _step(context, "fetch-artifacts", commands, []) if commands else None


def store(context: Context) -> dict[str, Any] | None:
    """The step that puts files where other pipelines get them from."""
    stages = context.exports()
    commands = []
    for stage in stages:
        place = "" if context.shares else f"-C {scripts.ARTIFACTS}/{stage.name} "
        commands.append(f"tar -cf /tmp/{stage.name}.tar {place}{_members(context.layout.asked(stage.name))}")
        commands.append(f'rclone copyto /tmp/{stage.name}.tar "{_at(context, COMMIT)}/{stage.name}.tar"')
    if not commands:
        return None
    events = _events(context, (context.layout.takers(context.document, stage.name) for stage in stages))
    return _step(context, "store-artifacts", commands, stages) | _when(context, events)


def mark(context: Context) -> dict[str, Any] | None:
    """The step that writes down when the stages before a gate have passed."""
    document, layout = context.document, context.layout
    stages = [stage for stage in document.stages if layout.demanders(document, stage.name)]
    if not stages:
        return None
    commands = [f'date +%s | rclone rcat "{_at(context, COMMIT)}/passed/{stage.name}"' for stage in stages]
    events = _events(context, (layout.demanders(document, stage.name) for stage in stages))
    return _step(context, "passed", commands, stages) | _when(context, events)


def demand(context: Context) -> dict[str, Any] | None:
    """The first step of a promotion: all that the gate needs has passed for this commit, and not too long ago."""
    document = context.document
    if not document.gate or document.depends_on:
        return None
    commands = [f'rclone copyto "{_at(context, COMMIT)}/passed/{name}" /tmp/passed/{name}' for name in document.requires]
    if document.gate.timeout:
        commands.append("passed=$(cat /tmp/passed/* | sort -n | tail -n 1)")
        commands.append(f'[ $(($(date +%s) - passed)) -le {document.gate.timeout} ] || {{ echo "too late" >&2; exit 1; }}')
    return _step(context, "check-passed", commands, [])


def keep(context: Context, after: Iterable[str]) -> dict[str, Any] | None:
    """The last step: reports and kept files, however the jobs ended; it never changes the outcome."""
    if not context.keeps_any():
        return None
    found = _step(context, "keep", [f'rclone copy {scripts.KEPT} "{_at(context, BUILD)}"'], [])
    events = tuple(event for event in context.document.events if event.kind != "pull_request")
    condition = triggers.when(events, context.document, context.layout.plan)
    return found | {"depends_on": Flow(list(after)), "failure": "ignore", "when": condition | {"status": Flow(["success", "failure"])}}


def _members(paths: Iterable[str]) -> str:
    """Files and folders as arguments of tar; busybox finds a folder's files by its name without a slash alone."""
    return " ".join(dict.fromkeys(quote(path.rstrip("/")) for path in paths))


def _step(context: Context, name: str, commands: list[str], after: Iterable[Stage]) -> dict[str, Any]:
    names = [context.steps[stage.name] for stage in after]
    return {
        "name": context.name(name),
        "image": context.settings.store_image,
        "depends_on": Flow(names or ["clone"]),
        "environment": _environment(context.settings),
        "commands": commands,
    }


def written_once(steps: list[dict[str, Any]], settings: Settings) -> None:
    """Let the steps that have the store's keys refer to the first of them."""
    keys = _environment(settings)
    holders = [step for step in steps if step.get("environment") == keys]
    for step in holders[1:]:
        step["environment"] = Alias("store")
    if len(holders) > 1:
        holders[0]["environment"] = Anchored(keys, "store")


def _environment(settings: Settings) -> dict[str, Any]:
    return {
        "AWS_ACCESS_KEY_ID": {"from_secret": settings.store_access_key},
        "AWS_SECRET_ACCESS_KEY": {"from_secret": settings.store_secret_key},
    }


def _at(context: Context, folder: str) -> str:
    """A place in the store, as a remote that rclone needs no configuration for."""
    settings = context.settings
    options = ["env_auth", "no_check_bucket", "provider=Other" if settings.store_endpoint else "provider=AWS"]
    options += [f"region={settings.store_region}"] if settings.store_region else []
    options += [f"endpoint='{settings.store_endpoint}'"] if settings.store_endpoint else []
    bucket = (settings.store or "").removeprefix("s3://").strip("/")
    return f":s3,{','.join(options)}:{bucket}/{folder}"


def _events(context: Context, found: Iterable[tuple[Event, ...]]) -> tuple[Event, ...]:
    wanted = {event for events in found for event in events}
    return tuple(event for event in context.document.events if event in wanted)


def _when(context: Context, events: tuple[Event, ...]) -> dict[str, Any]:
    condition = triggers.when(events, context.document, context.layout.plan)
    return {"when": condition} if condition else {}
