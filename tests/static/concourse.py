"""Concourse has a validator (asked by the readers) and no linter: these rules are ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tests.readers import concourse
from tests.static.finding import Files, Finding, Linter, Script, Shell

Node = dict[str, Any]
LOOKUP = re.compile(r"\(\((?!\.:)[^()\s]+\)\)")
OUTSIDERS = ("PK_BRANCH", "PK_TARGET_BRANCH", "PK_TAG", "PK_AUTHOR", "PK_TITLE")


def nodes(data: Any, where: str = "") -> Iterator[tuple[str, Node]]:
    """Every mapping of a document, with the names on the way to it."""
    if isinstance(data, dict):
        label = next((str(data[key]) for key in ("task", "get", "put", "name") if isinstance(data.get(key), str)), "")
        here = f"{where}/{label}" if label else where
        yield here, data
        for value in data.values():
            yield from nodes(value, here)
    elif isinstance(data, list):
        for value in data:
            yield from nodes(value, where)


def tasks(files: Files) -> Iterator[tuple[str, Node]]:
    for path, document in concourse.read(files).items():
        yield from ((f"{path}{where}", node) for where, node in nodes(document) if "task" in node and "config" in node)


def scripts(files: Files) -> Iterator[Script]:
    """What `sh -ec` and `bash -eo pipefail -c` are given; pieces that such a script puts together, or hands to a container, are one."""
    for where, task in tasks(files):
        run = task["config"]["run"]
        args = list(run.get("args", ()))
        flags = next((index for index, word in enumerate(args) if word.endswith("c") and word.startswith("-")), None)
        if run["path"] not in ("sh", "bash") or flags is None:
            continue
        own, rest = args[flags + 1], args[flags + 3 :]
        options = "-eo pipefail" if "pipefail" in args else "-e"
        shell: Shell = "bash" if run["path"] == "bash" else "sh"
        if not own.startswith("exec ") or not rest:
            yield Script(where, own, shell, options)
        if rest:
            inner: Shell = "bash" if own.startswith("exec bash") or "--entrypoint bash" in own else "sh"
            yield Script(where, "".join(rest), inner, "-eo pipefail" if inner == "bash" else "-e")


def _privileged(task: Node) -> Iterator[str]:
    """Docker in a task, and the builder of images, need it; nothing else does."""
    needs = "dockerd" in str(task["config"]["run"].get("args")) or task["config"]["image_resource"]["source"]["repository"].endswith(
        "oci-build-task"
    )
    if task.get("privileged") and not needs:
        yield "is privileged without a reason"


def _pasted(task: Node) -> Iterator[str]:
    for word in task["config"]["run"].get("args", ()):
        yield from (f"pastes {found} into a script" for found in LOOKUP.findall(word))


def _literal(task: Node) -> Iterator[str]:
    for name, text in task["config"].get("params", {}).items():
        if re.search(r"(?i)(passw|secret|token|_key$)", name) and "((" not in str(text):
            yield f"gives {name} as text"


def _beside(task: Node) -> Iterator[str]:
    """A value that is looked up inside of other text could be read as more than a value."""
    for name, text in task["config"].get("params", {}).items():
        if LOOKUP.search(str(text)) and not LOOKUP.fullmatch(str(text)):
            yield f"mixes a looked-up value into {name}"


def _text(task: Node) -> str:
    return "\n".join(map(str, task["config"]["run"].get("args", ())))


def _outsiders(task: Node) -> Iterator[str]:
    """The lines that set an outsider's fact put it in quotes."""
    for name in OUTSIDERS:
        yield from (f"sets {name} without quotes" for _ in re.findall(rf"^{name}=(?![\"'])\S", _text(task), re.MULTILINE))
        if name in task["config"].get("params", {}) and LOOKUP.search(str(task["config"]["params"][name])):
            yield f"takes {name} from a variable"


def _stdin(task: Node) -> Iterator[str]:
    run = task["config"]["run"]
    if run.get("dir") and run["path"] in ("sh", "bash") and "</dev/null" not in _text(task):
        yield "could wait for a terminal"


def _files(task: Node) -> Iterator[str]:
    yield from (f"writes a secret to {found}" for found in re.findall(r'printf %s "\$\w+" >(?!"\$pk_file")\s*(\S+)', _text(task)))


def _image(task: Node) -> Iterator[str]:
    source = task["config"]["image_resource"]["source"]
    if source.get("tag") == "latest":
        yield f"runs whatever {source['repository']} is today"


def _socket(task: Node) -> Iterator[str]:
    if "docker.sock" in str(task):
        yield "has the worker's docker"


TASK_RULES: dict[str, Callable[[Node], Iterable[str]]] = {
    "privileged": _privileged,
    "pasted-variable": _pasted,
    "literal-credential": _literal,
    "mixed-variable": _beside,
    "outsiders-text": _outsiders,
    "terminal": _stdin,
    "secret-file": _files,
    "moving-image": _image,
    "docker-socket": _socket,
}


def _public(document: Node) -> Iterator[tuple[str, str]]:
    for where, node in nodes(document):
        if node.get("public"):
            yield where, "shows its logs to everybody"


def _revealed(document: Node) -> Iterator[tuple[str, str]]:
    for where, node in nodes(document):
        if node.get("reveal") and node.get("load_var") not in ("sha", "short-sha"):
            yield where, f"shows {node.get('load_var')} in the logs"


def _forks(document: Node) -> Iterator[tuple[str, str]]:
    """Jobs that outsiders' commits can start name no secret."""
    open_to = {
        one["name"] for one in document.get("resources", ()) if one["type"] == "pull-request" and not one["source"].get("disable_forks")
    }
    for job in document["jobs"]:
        if any((node.get("resource") or node.get("get")) in open_to for _, node in nodes(job)):
            for where, node in nodes(job):
                if any(LOOKUP.search(str(value)) for value in node.get("params", {}).values()):
                    yield where, "gives a variable to a fork's pull request"


def _deliveries(document: Node) -> Iterator[tuple[str, str]]:
    """A job that may not be run again with what it once had never runs beside itself either."""
    for job in document["jobs"]:
        if job.get("disable_reruns") and not (job.get("serial") or job.get("serial_groups")):
            yield job["name"], "delivers, and may run beside itself"


def _types(document: Node) -> Iterator[tuple[str, str]]:
    for each in document.get("resource_types", ()):
        if each["source"].get("tag", "latest") == "latest" and "version" not in each:
            yield each["name"], "is a resource type of whatever version"
        if each.get("privileged"):
            yield each["name"], "is a privileged resource type"


PIPELINE_RULES: dict[str, Callable[[Node], Iterable[tuple[str, str]]]] = {
    "public-logs": _public,
    "revealed": _revealed,
    "fork-variables": _forks,
    "unheld-delivery": _deliveries,
    "resource-type": _types,
}


def rules(files: Files) -> Iterator[Finding]:
    for where, task in tasks(files):
        for name, rule in TASK_RULES.items():
            yield from (Finding(name, where, what) for what in rule(task))
    for path, document in concourse.read(files).items():
        for name, of_pipeline in PIPELINE_RULES.items():
            yield from (Finding(name, f"{path}: {where}", what) for where, what in of_pipeline(document))


LINTER = Linter(scripts, rules, {})
