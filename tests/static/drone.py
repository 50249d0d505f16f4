"""Drone's own linter is asked by its engine's tests, and looks at grammar alone: these rules are ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tests.readers import drone, envsubst, scalars
from tests.static.finding import Files, Finding, Linter, Script, Shell

Node = dict[str, Any]
COMMIT = {"DRONE_COMMIT_SHA": "0123456789abcdef0123456789abcdef01234567"}
OUTSIDERS = (
    r"(?:DRONE_(?:SOURCE_BRANCH|BRANCH|COMMIT_BRANCH|TARGET_BRANCH|TAG|COMMIT_REF|COMMIT_MESSAGE|COMMIT_AUTHOR\w*|PULL_REQUEST_TITLE)"
    r"|PK_(?:BRANCH|TARGET_BRANCH|TAG|AUTHOR|TITLE))"
)
"""Variables that hold what outsiders chose."""
BUILDERS = ("plugins/docker", "plugins/buildx", "plugins/kaniko")


def pipelines(files: Files) -> Iterator[tuple[str, Node]]:
    """The pipelines as the runner reads them."""
    seen = {path: envsubst.expand(text, COMMIT) for path, text in scalars.yaml_files(files).items()}
    for document in drone.read(seen):
        if document.get("kind") == "pipeline":
            yield str(document.get("name")), document


def scripts(files: Files) -> Iterator[Script]:
    """What the entrypoint's shell is given, the script that it starts, and the commands of other steps as one script."""
    for name, pipeline in pipelines(files):
        for step in pipeline.get("steps", ()):
            where = f"{name}/{step['name']}"
            if step.get("commands"):
                yield Script(where, "\n".join(step["commands"]))
            elif step.get("entrypoint"):
                outer = step["entrypoint"][-1]
                yield Script(f"{where} (entrypoint)", outer, options="+e")
                bash = "bash -eo pipefail -c" in outer
                inner: Shell = "bash" if bash else "sh"
                yield Script(where, step["command"][0], inner, "-eo pipefail" if bash else "-e")


def _text(step: Node) -> str:
    return "\n".join(map(str, (*step.get("commands", ()), *step.get("entrypoint", ()), *step.get("command", ()))))


def _privileged(step: Node) -> Iterator[str]:
    if step.get("privileged"):
        yield "is privileged"


def _socket(step: Node) -> Iterator[str]:
    if "docker.sock" in str(step):
        yield "has the worker's docker"


def _powers(step: Node) -> Iterator[str]:
    yield from (f"asks for {key}" for key in ("devices", "network_mode", "dns", "extra_hosts", "user") if step.get(key))


def _volumes(step: Node) -> Iterator[str]:
    yield from (f"mounts {each.get('path')}" for each in step.get("volumes", ()))


def _moving(step: Node) -> Iterator[str]:
    """Whatever the image is today: written so in the definition it is PK039's affair."""
    if str(step.get("image", "")).endswith(":latest"):
        yield f"runs whatever {step['image']} is today"


def _plugin(step: Node) -> Iterator[str]:
    image = str(step.get("image", "")).partition("@")[0].rpartition(":")[0] or str(step.get("image", "")).partition("@")[0]
    if "settings" in step and not image.endswith(BUILDERS):
        yield f"is the plugin {image}, which nobody asked for"


def _literal(step: Node) -> Iterator[str]:
    for kind in ("settings", "environment"):
        for name, value in (step.get(kind) or {}).items():
            if re.search(r"(?i)(passw|secret|token|_key$|username)", name) and isinstance(value, str) and value and kind == "settings":
                yield f"gives {name} as text"


def _netrc(step: Node) -> Iterator[str]:
    """Jobs and plugins are not told git's password; steps with commands forget it."""
    told = [name for name in ("DRONE_NETRC_FILE", "DRONE_NETRC_PASSWORD") if (step.get("environment") or {}).get(name) != ""]
    if told and not step.get("commands"):
        yield f"is told {', '.join(told)}"


def _echoed(step: Node) -> Iterator[str]:
    """`commands` are echoed in double quotes, and all of them by `echo`."""
    yield from (
        f"has {found} in its commands, which echo changes or runs" for found in re.findall(r"[`\\]", "\n".join(step.get("commands", ())))
    )


def _unquoted(step: Node) -> Iterator[str]:
    """The lines that set an outsider's fact put it in quotes."""
    yield from (
        f"sets {found[1]} without quotes" for found in re.finditer(rf"\bexport ({OUTSIDERS})=(?![\"'\s;]|$)", _text(step), re.MULTILINE)
    )


def _evaluated(step: Node) -> Iterator[str]:
    found = re.finditer(rf"\b(?:eval|(?:ba)?sh -e?c) +\"?[^\"'\n]*\$\{{?{OUTSIDERS}", _text(step))
    yield from (f"evaluates {each[0]}" for each in found)


def _secret_files(step: Node) -> Iterator[str]:
    yield from (f"writes a secret to {found}" for found in re.findall(r'printf %s "\$\w+" >(?!"\$1")\s*(\S+)', _text(step)))


def _secret_words(step: Node) -> Iterator[str]:
    """A secret among the words of a command of ours: `entrypoint` is the backend's."""
    names = [name for name, value in (step.get("environment") or {}).items() if isinstance(value, dict)]
    outer = "\n".join(map(str, (*step.get("commands", ()), *step.get("entrypoint", ()))))
    yield from (f"shows {name} in its words" for name in names for line in outer.split("\n") if f"${name}" in line)
    yield from (f"traces what it knows of {name}" for name in names[:1] if re.search(r"\bset -\w*x", outer))


def _remote(step: Node) -> Iterator[str]:
    outer = "\n".join(map(str, (*step.get("commands", ()), *step.get("entrypoint", ()))))
    yield from (f"runs what it fetches: {found[0]}" for found in re.finditer(r"\b(?:curl|wget)\b[^\n|]*\|\s*(?:ba)?sh\b", outer))


def _waits(step: Node) -> Iterator[str]:
    """A wait of ours ends."""
    yield from ("waits without an end" for line in step.get("commands", ()) if "until " in line and "timeout " not in line)


STEP_RULES: dict[str, Callable[[Node], Iterable[str]]] = {
    "privileged": _privileged,
    "docker-socket": _socket,
    "powers": _powers,
    "volume": _volumes,
    "moving-image": _moving,
    "plugin": _plugin,
    "literal-credential": _literal,
    "git-password": _netrc,
    "echoed": _echoed,
    "outsiders-text": _unquoted,
    "evaluated": _evaluated,
    "secret-file": _secret_files,
    "secret-word": _secret_words,
    "remote-script": _remote,
    "endless-wait": _waits,
}


def _events(pipeline: Node) -> Iterator[tuple[str, str]]:
    if not (pipeline.get("trigger") or {}).get("event"):
        yield "trigger", "runs on whatever happens, promotions too"


def _promotion(pipeline: Node) -> Iterator[tuple[str, str]]:
    """Only trunk and tags are promoted, to a place that is named."""
    trigger = pipeline.get("trigger") or {}
    if "promote" in (trigger.get("event") or ()) and not (trigger.get("target") and trigger.get("ref")):
        yield "trigger", "is promoted to any place, or from any branch"


def _trusted(pipeline: Node) -> Iterator[tuple[str, str]]:
    yield from (("volumes", f"asks for the worker's {each['host']}") for each in pipeline.get("volumes", ()) if "host" in each)


def _shared_secrets(pipeline: Node) -> Iterator[tuple[str, str]]:
    for name, value in (pipeline.get("environment") or {}).items():
        if isinstance(value, dict):
            yield "environment", f"gives the secret {name} to every step"


PIPELINE_RULES: dict[str, Callable[[Node], Iterable[tuple[str, str]]]] = {
    "any-event": _events,
    "open-promotion": _promotion,
    "host-volume": _trusted,
    "shared-secret": _shared_secrets,
}


def _pasted(text: str) -> Iterator[str]:
    """The runner puts values into the file's text before it is read: the commit is the only one that nobody chooses."""
    yield from (f"pastes ${{{name}}} into the file" for name in sorted(set(envsubst.names(text)) - set(COMMIT)))


def rules(files: Files) -> Iterator[Finding]:
    for path, text in scalars.yaml_files(files).items():
        yield from (Finding("pasted", path, what) for what in _pasted(text))
    for name, pipeline in pipelines(files):
        for rule, of_pipeline in PIPELINE_RULES.items():
            yield from (Finding(rule, f"{name}: {where}", what) for where, what in of_pipeline(pipeline))
        for step in (*pipeline.get("services", ()), *pipeline.get("steps", ())):
            for rule, of_step in STEP_RULES.items():
                yield from (Finding(rule, f"{name}/{step['name']}", what) for what in of_step(step))


LINTER = Linter(scripts, rules, {})
