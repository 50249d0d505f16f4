"""One step of a build."""

from collections.abc import Mapping, Sequence
from typing import Any

from pipelinekit.text.yaml import Flow, Literal, Quoted

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


def tree() -> list[str]:
    """A clean tree of the job's own: every step of a build shares /workspace, so nobody works in it."""
    return list(_TREE)


def sh(*lines: str) -> str:
    """A POSIX sh script that ends at the first failure."""
    return "\n".join(("#!/bin/sh", "set -e", *lines)) + "\n"
