"""docker, as steps call it: images are built on the build's machine, containers run on the network `cloudbuild` beside the steps.

"Interact with Docker Hub images", "Build, test, and deploy container images" and the network `cloudbuild`
(cloud.google.com/build/docs/build-config-file-schema, `name`, "Docker network"): a container on it is found by its name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.engines.cloudbuild.programs import Answer, Call

_WITH_VALUE = ("-t", "--tag", "-f", "--file", "--build-arg", "--platform", "--cache-from", "--target")
NETWORK = "cloudbuild"


@dataclass
class Container:
    """A container that a step started; `user` is the job that has asked for it first."""

    name: str
    step: int
    user: str = ""


@dataclass
class Docker:
    """The docker of one build's machine. `image` tells the ground of a build or a push, and gives its status.

    Registries take what the machine's own account pushes; a step that is given secrets is taken to need them, and to sign in.
    """

    image: Callable[[str, str, str, Path | None], int]
    running: dict[str, Container] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)

    def call(self, call: Call, step: int, job: str, *, has_secrets: bool) -> Answer:
        match call.words[1:]:
            case ["build", *words]:
                return self._build(call, words, job)
            case ["push", ref]:
                return self._push(call, ref, job, has_secrets=has_secrets)
            case ["login", *words]:
                return self._login(call, words)
            case ["run", *words]:
                return self._run(words, step)
            case ["rm", *words]:
                return self._remove([word for word in words if not word.startswith("-")], force="-f" in words)
            case _:
                return Answer(1, err=f"docker: '{' '.join(call.words[1:2])}' is not known here\n")

    def _build(self, call: Call, words: Sequence[str], job: str) -> Answer:
        tags, context, file = [], "", ""
        left = list(words)
        while left:
            word = left.pop(0)
            name, _, value = word.partition("=")
            if name in _WITH_VALUE:
                value = value or left.pop(0)
                tags += [value] if name in ("-t", "--tag") else []
                file = value if name in ("-f", "--file") else file
            elif not word.startswith("-"):
                context = word
        place = call.path(context)
        recipe = call.path(file) if file else place / "Dockerfile"
        if not context or not recipe.is_file():
            return Answer(1, err="ERROR: failed to read dockerfile: no such file or directory\n")
        status = self.image(job, "build", "", call.path("."))
        if status == 0:
            self.images.update(dict.fromkeys(tags, job))
        return Answer(status)

    def _push(self, call: Call, ref: str, job: str, *, has_secrets: bool) -> Answer:
        if ref not in self.images:
            return Answer(1, err=f"An image does not exist locally with the tag: {ref}\n")
        host = ref.partition("/")[0]
        if has_secrets and host not in self._signed_in(call):
            return Answer(1, err=f"denied: {host} needs a login\n")
        return Answer(self.image(job, "push", ref, None))

    def _config(self, call: Call) -> Path:
        environ = call.environ()
        return call.path(environ.get("DOCKER_CONFIG") or f"{environ['HOME']}/.docker") / "config.json"

    def _signed_in(self, call: Call) -> dict[str, str]:
        path = self._config(call)
        found: dict[str, str] = json.loads(path.read_text()).get("auths", {}) if path.exists() else {}
        return found

    def _login(self, call: Call, words: Sequence[str]) -> Answer:
        """`login --username U --password-stdin HOST`; the client adds what stdin held."""
        *rest, password = words
        host = next((word for word in reversed(rest) if not word.startswith("-")), "docker.io")
        if "--password-stdin" not in rest or not password:
            return Answer(1, err="Error: Cannot perform an interactive login from a non TTY device\n")
        path = self._config(call)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"auths": {**self._signed_in(call), host: {}}}))
        return Answer(out="Login Succeeded\n")

    def _run(self, words: Sequence[str], step: int) -> Answer:
        name = network = ""
        left, is_detached = list(words), False
        while left and left[0].startswith("-"):
            word, _, value = left.pop(0).partition("=")
            if word in ("--name", "--network", "-e", "--env", "--hostname"):
                value = value or left.pop(0)
            name = value if word == "--name" else name
            network = value if word == "--network" else network
            is_detached |= word in ("-d", "--detach")
        if not left or not is_detached:
            return Answer(125, err="docker: only detached containers run here\n")
        if name in self.running:
            return Answer(125, err=f'docker: Conflict. The container name "/{name}" is already in use\n')
        if name and network == NETWORK:
            self.running[name] = Container(name, step)
        return Answer(out="0123456789ab\n")

    def _remove(self, names: Sequence[str], *, force: bool) -> Answer:
        for name in names:
            if self.running.pop(name, None) is None and not force:
                return Answer(1, err=f"Error: No such container: {name}\n")
        return Answer()
