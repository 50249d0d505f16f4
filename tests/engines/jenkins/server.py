"""The server as people have set it up: the steps of `pipelinekit setup`, read back from their commands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipelinekit.backend import SetupStep

_CREDENTIAL = re.compile(r"<org\.jenkinsci\.plugins\.plaincredentials\.impl\.(String|File)CredentialsImpl>.*<id>(.*?)</id>")
_BROUGHT = {"workflow-aggregator": {"pipeline-input-step", "pipeline-milestone-step", "credentials-binding", "plain-credentials"}}
"""Plugins that others bring with them (the dependencies in their pom.xml)."""


@dataclass(frozen=True)
class Server:
    """`files` says of each stored key whether it is a secret file; what is None, nobody has said."""

    script: str
    files: Mapping[str, bool]
    plugins: list[str] | None
    labels: list[str] | None


def of(setup: Iterable[SetupStep], files: Mapping[str, str]) -> Server:
    """What the steps make of a server that has none of it."""
    steps = list(setup)
    text = "\n".join(command for step in steps for command in step.commands)
    script = re.search(r"<scriptPath>(.*)</scriptPath>", text)
    credentials = {key: kind == "File" for kind, key in _CREDENTIAL.findall(text)}
    return Server(script[1] if script else "Jenkinsfile", credentials, _plugins(text, files), _labels(steps))


def _plugins(text: str, files: Mapping[str, str]) -> list[str] | None:
    listed = re.search(r"jenkins-plugin-cli --plugin-file (\S+)", text)
    if listed is None:
        return None
    found = {line.partition(":")[0] for line in files[listed[1]].splitlines() if not line.startswith("#")}
    found.update(re.findall(r"jenkins-plugin-cli --plugins ([^:\s]+)", text))
    return sorted(found.union(*(brought for plugin, brought in _BROUGHT.items() if plugin in found)))


def _labels(steps: list[SetupStep]) -> list[str] | None:
    said = next((step.why for step in steps if step.title == "Agents"), None)
    if said is None:
        return None
    common = re.search(r"agents with the label (.*?) have", said)
    more = re.search(r"; some also (.*)", said)
    return [*([common[1]] if common else []), *(more[1].split(", ") if more else [])]
