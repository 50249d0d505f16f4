"""One step of a build, and how its texts are spelled: Cloud Build replaces `$NAME` everywhere but in `script`."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipelinekit.text.shell import quote
from pipelinekit.text.yaml import Flow, Literal, Quoted

SUBSTITUTIONS = {"PK_SHA": "${COMMIT_SHA}", "PK_SHORT_SHA": "${_PK_SHORT_SHA}"}
"""The facts that may stand in images and tags."""

_PLACEHOLDER = re.compile(r"\$\{(PK_SHA|PK_SHORT_SHA)\}")
_IN_DOUBLE_QUOTES = re.compile(r'([\\"$`])')
_TREE = ('cd "$(mktemp -d)"', "cp -R /workspace/. .")


class Step:
    """A step before it is printed. `after` are ids of earlier steps; `env` holds texts as Cloud Build wants them."""

    __slots__ = ("after", "allow_failure", "args", "env", "id", "image", "raw", "script", "secrets", "timeout", "volumes")

    def __init__(
        self,
        name: str,
        image: str,
        *,
        after: Sequence[str] = (),
        script: str | None = None,
        args: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        secrets: Sequence[str] = (),
        volumes: Mapping[str, str] | None = None,
        allow_failure: bool = False,
    ) -> None:
        self.id = name
        self.image = image
        self.after = list(after)
        self.script = script
        self.args = list(args)
        self.env = dict(env or {})
        self.secrets = list(dict.fromkeys(secrets))
        self.volumes = dict(volumes or {})
        self.allow_failure = allow_failure
        self.timeout: int | None = None
        self.raw: dict[str, Any] = {}

    def document(self) -> dict[str, Any]:
        """The step's mapping; waitFor is always said, since its absence means everything above."""
        parts: dict[str, Any] = {
            "id": self.id,
            "name": self.image,
            "waitFor": Flow([Quoted("-")] if not self.after else self.after),
            "allowFailure": self.allow_failure,
            "timeout": f"{self.timeout}s" if self.timeout else None,
            "env": [f"{name}={text}" for name, text in self.env.items()],
            "secretEnv": Flow(self.secrets) if self.secrets else None,
            "volumes": [Flow({"name": name, "path": path}) for name, path in self.volumes.items()],
            "args": Flow(self.args) if self.args else None,
            "script": Literal(self.script) if self.script else None,
        }
        return {key: value for key, value in parts.items() if value}


def literal(text: str) -> str:
    """Text that Cloud Build must leave alone: doubling every `$` is the exact inverse of its substitution."""
    return text.replace("$", "$$")


def filled(text: str) -> str:
    """Text outside of a script, with `${PK_SHA}` and `${PK_SHORT_SHA}` as Cloud Build's own names."""
    pieces = _PLACEHOLDER.split(text)
    return "".join(SUBSTITUTIONS[piece] if index % 2 else literal(piece) for index, piece in enumerate(pieces))


def word(text: str) -> str:
    """Text as one word of a script; the facts in it are expanded by the shell."""
    pieces = _PLACEHOLDER.split(text)
    if len(pieces) == 1:
        return quote(text)
    return '"' + "".join(f"${{{p}}}" if index % 2 else _IN_DOUBLE_QUOTES.sub(r"\\\1", p) for index, p in enumerate(pieces)) + '"'


def mentioned(texts: Iterable[str]) -> dict[str, str]:
    """The env entries that words of a script need."""
    found = {name for text in texts for name in _PLACEHOLDER.findall(text)}
    return {name: value for name, value in SUBSTITUTIONS.items() if name in found}


def tree() -> list[str]:
    """A clean tree of the job's own: every step of a build shares /workspace, so nobody works in it."""
    return list(_TREE)


def sh(*lines: str) -> str:
    """A POSIX sh script that ends at the first failure."""
    return "\n".join(("#!/bin/sh", "set -e", *lines)) + "\n"
