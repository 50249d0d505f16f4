"""What the Cloud Build service refuses in a build although it parses.

The rules are those of Google's local builder (`validate.go`), with the limits that the live service has today.
Each rule takes a build whose types are right and yields one line per finding.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

Build = Mapping[str, Any]

DAY = 24 * 3600.0
DEFAULT_TIMEOUT = 3600.0

_REFERENCE = re.compile(
    r"(?:[a-zA-Z0-9][a-zA-Z0-9.-]*(?::\d+)?/)?"
    r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*"
    r"(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)
_VOLUME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_RESERVED_PATHS = ("/workspace", "/builder/home", "/var/run/docker.sock")
_SUBSTITUTION = re.compile(r"\$\{[^}]*\}|\$[A-Z_][A-Z0-9_]*")


def label(index: int, step: Build) -> str:
    """A step as the messages name it."""
    return f"step {step.get('id') or index}"


def steps(build: Build) -> Iterator[tuple[str, Build]]:
    """Each step with its name in messages."""
    for index, step in enumerate(build["steps"]):
        yield label(index, step), step


def step_count(build: Build) -> Iterator[str]:
    """1 to 300 steps."""
    if not 1 <= len(build["steps"]) <= 300:
        yield f"has {len(build['steps'])} steps; 1 to 300 are allowed"


def images_are_references(build: Build) -> Iterator[str]:
    """A step's `name` is a docker reference once its substitutions are filled in."""
    for where, step in steps(build):
        name = step.get("name", "")
        if not name:
            yield f"{where}: has no name (the image)"
        elif len(name) > 1000 or not _REFERENCE.fullmatch(_SUBSTITUTION.sub("x", name)):
            yield f"{where}: {name[:60]!r} is not a docker image reference"


def script_or_arguments(build: Build) -> Iterator[str]:
    """`script` replaces the entrypoint, so it excludes `entrypoint` and `args`."""
    for where, step in steps(build):
        for key in ("entrypoint", "args"):
            if "script" in step and key in step:
                yield f"{where}: has both script and {key}"


def argument_limits(build: Build) -> Iterator[str]:
    """100 args of 10,000 characters; `script` has no such cap."""
    for where, step in steps(build):
        args = step.get("args", [])
        if len(args) > 100:
            yield f"{where}: has {len(args)} args; at most 100"
        for index, arg in enumerate(args):
            if len(arg) > 10_000:
                yield f"{where}: arg {index} has {len(arg)} characters; at most 10,000"


def environments(build: Build) -> Iterator[str]:
    """100 entries, each K=V of at most 1,000 characters."""
    for where, holder in [*steps(build), ("options", build.get("options", {}))]:
        entries = holder.get("env", [])
        if len(entries) > 100:
            yield f"{where}: has {len(entries)} env entries; at most 100"
        for entry in entries:
            if not entry.partition("=")[0] or "=" not in entry:
                yield f"{where}: env entry {entry[:40]!r} is not KEY=VALUE"
            if len(entry) > 1000:
                yield f"{where}: env entry {entry.partition('=')[0]!r} has {len(entry)} characters; at most 1,000"


def folders(build: Build) -> Iterator[str]:
    """`dir` has at most 1,000 characters."""
    for where, step in steps(build):
        if len(step.get("dir", "")) > 1000:
            yield f"{where}: dir has more than 1,000 characters"


def ids_are_unique(build: Build) -> Iterator[str]:
    """Ids are unique and `-` is reserved for waitFor."""
    count = Counter(step["id"] for step in build["steps"] if step.get("id"))
    for name, times in count.items():
        if times > 1:
            yield f"id {name!r} is used by {times} steps"
        if name == "-":
            yield "id '-' is reserved"


def waits_backwards(build: Build) -> Iterator[str]:
    """waitFor names ids of earlier steps only, so a file is in topological order."""
    defined = {"-"}
    for where, step in steps(build):
        for name in step.get("waitFor", []):
            if name not in defined:
                yield f'{where}: waits for "{name}", which has not been defined before it'
        defined.add(step.get("id", ""))


def seconds(duration: str) -> float:
    """A protobuf JSON duration, such as `600s`, in seconds."""
    return float(duration.removesuffix("s"))


def timeouts(build: Build) -> Iterator[str]:
    """The build's timeout is said, at most a day, and at least that of each step."""
    if "timeout" not in build:
        yield "timeout is not set; the default differs between versions (10 or 60 minutes)"
    whole = seconds(build["timeout"]) if "timeout" in build else DEFAULT_TIMEOUT
    if whole > DAY:
        yield f"timeout {build['timeout']} is more than 24 hours"
    for where, step in steps(build):
        if "timeout" in step and seconds(step["timeout"]) > whole:
            yield f"{where}: timeout {step['timeout']} must be <= build timeout {whole:g}s"


def volumes(build: Build) -> Iterator[str]:
    """Names, paths, and uniqueness in a step and against options.volumes."""
    shared = build.get("options", {}).get("volumes", [])
    yield from _volume_list("options", shared)
    for where, step in steps(build):
        own = step.get("volumes", [])
        yield from _volume_list(where, own)
        for volume in own:
            if any(volume["name"] == other["name"] or volume["path"] == other["path"] for other in shared):
                yield f"{where}: volume {volume['name']!r} clashes with options.volumes"


def _volume_list(where: str, found: list[dict[str, str]]) -> Iterator[str]:
    for key in ("name", "path"):
        for value, times in Counter(volume.get(key, "") for volume in found).items():
            if times > 1:
                yield f"{where}: volume {key} {value!r} is used twice"
    for volume in found:
        path = posixpath.normpath(volume.get("path", ""))
        if not _VOLUME.fullmatch(volume.get("name", "")):
            yield f"{where}: volume name {volume.get('name', '')!r} is not allowed"
        if not path.startswith("/") or path in _RESERVED_PATHS or path.startswith("/cloudbuild/"):
            yield f"{where}: volume path {volume.get('path', '')!r} is relative or reserved"


def volumes_are_shared(build: Build) -> Iterator[str]:
    """A named volume is used by two steps or more; options.volumes needs two steps."""
    uses = Counter(volume["name"] for step in build["steps"] for volume in step.get("volumes", []))
    yield from (f'volume "{name}" is only used by one step' for name, times in uses.items() if times == 1)
    if build.get("options", {}).get("volumes") and len(build["steps"]) < 2:
        yield "options.volumes needs two steps or more"


def declared_secrets(build: Build) -> list[str]:
    """The environment names that availableSecrets and the legacy secrets define, repetitions kept."""
    available = build.get("availableSecrets", {})
    inline = [*available.get("inline", []), *build.get("secrets", [])]
    names = [entry["env"] for entry in available.get("secretManager", [])]
    return names + [name for entry in inline for name in entry.get("envMap", entry.get("secretEnv", {}))]


def secrets(build: Build) -> Iterator[str]:
    """Each secret is defined once and used; each use is defined."""
    declared = Counter(declared_secrets(build))
    everywhere = build.get("options", {}).get("secretEnv", [])
    used = {name for step in build["steps"] for name in step.get("secretEnv", [])} | set(everywhere)
    yield from (f"secret {name!r} is defined {times} times" for name, times in declared.items() if times > 1)
    yield from (f"secret {name!r} is defined and not used" for name in declared if name not in used)
    yield from (f"secret {name!r} is used and not defined" for name in sorted(used - set(declared)))
    if len(declared) > 100:
        yield f"{len(declared)} secrets are defined; at most 100"


def secrets_in_steps(build: Build) -> Iterator[str]:
    """A step names a secret once, not also globally, and not also as a plain variable."""
    options = build.get("options", {})
    for where, step in steps(build):
        own: Counter[str] = Counter(step.get("secretEnv", []))
        plain = {entry.partition("=")[0] for entry in [*step.get("env", []), *options.get("env", [])]}
        for name, times in own.items():
            if times > 1:
                yield f"{where}: secretEnv names {name!r} twice"
            if name in options.get("secretEnv", []):
                yield f"{where}: secret {name!r} is also in options.secretEnv"
        for name in sorted(plain & {*own, *options.get("secretEnv", [])}):
            yield f"{where}: {name!r} is both a secret and a plain variable"


def pushed_images(build: Build) -> Iterator[str]:
    """`images`: 100 references, the same as `artifacts.images` if both are there."""
    images = build.get("images", [])
    artifacts = build.get("artifacts", {})
    if len(images) > 100:
        yield f"{len(images)} images are pushed; at most 100"
    if images and artifacts.get("images") and images != artifacts["images"]:
        yield "images and artifacts.images differ"
    for image in {*images, *artifacts.get("images", [])}:
        if len(image) > 1000 or not _REFERENCE.fullmatch(_SUBSTITUTION.sub("x", image)):
            yield f"image {image[:60]!r} is not a docker image reference"


def uploaded_objects(build: Build) -> Iterator[str]:
    """`artifacts.objects`: a gs:// location and 1 to 100 distinct paths without white space."""
    objects = build.get("artifacts", {}).get("objects")
    if objects is None:
        return
    paths = objects.get("paths", [])
    if not objects.get("location", "").startswith("gs://"):
        yield f"artifacts.objects.location {objects.get('location', '')!r} does not start with gs://"
    if not 1 <= len(paths) <= 100:
        yield f"artifacts.objects has {len(paths)} paths; 1 to 100 are allowed"
    for path, times in Counter(paths).items():
        if times > 1 or not path or re.search(r"\s", path):
            yield f"artifacts.objects path {path!r} is empty, has white space or is there twice"


def tags(build: Build) -> Iterator[str]:
    """64 tags of the docker tag form; a branch name may hold `/`, so it can't be one."""
    found = build.get("tags", [])
    if len(found) > 64:
        yield f"has {len(found)} tags; at most 64"
    for tag in found:
        if not _TAG.fullmatch(_SUBSTITUTION.sub("x", tag)):
            yield f"tag {tag!r} is not allowed"
        if re.search(r"\$\{?(BRANCH_NAME|REF_NAME|_HEAD_BRANCH|_BASE_BRANCH)\b", tag):
            yield f"tag {tag!r} breaks on a branch with a slash"


def logs_have_a_place(build: Build, callers: list[dict[str, Any]]) -> Iterator[str]:
    """A build with its own service account must say where its logs go, or it is refused."""
    options = build.get("options", {})
    placed = (
        build.get("logsBucket")
        or options.get("defaultLogsBucketBehavior") == "REGIONAL_USER_OWNED_BUCKET"
        or options.get("logging") in ("CLOUD_LOGGING_ONLY", "NONE")
    )
    if not placed and (build.get("serviceAccount") or any("serviceAccount" in trigger for trigger in callers)):
        yield "serviceAccount needs options.logging CLOUD_LOGGING_ONLY or NONE, or a logs bucket"


RULES = (
    step_count,
    images_are_references,
    script_or_arguments,
    argument_limits,
    environments,
    folders,
    ids_are_unique,
    waits_backwards,
    timeouts,
    volumes,
    volumes_are_shared,
    secrets,
    secrets_in_steps,
    pushed_images,
    uploaded_objects,
    tags,
)

RULES_WITH_CALLERS = (logs_have_a_place,)
"""Rules that depend on the triggers which start the build."""
