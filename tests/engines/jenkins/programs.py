"""Programs that stand in for those of the agents and containers: `docker`, `nc`, and those that would need root or time."""

from __future__ import annotations

import base64
import json
import os
import shlex
import shutil
import tempfile
import threading
from pathlib import Path
from typing import IO

from pipelinekit.testing.ground import Ground

CALL = """#!/bin/sh
# Tells the engine of a call, and ends as it says.
here={folder}
call=$here/$$
{{ printf '%s\\0' {name} "$PWD" "$PK_ENGINE_JOB" "$PK_ENGINE_NETWORK" "${{DOCKER_CONFIG-}}" "$@"; }} >"$call"
mkfifo "$call.answer"
echo $$ >"$here/calls"
read -r status <"$call.answer"
rm -f "$call" "$call.answer"
[ "$status" != 255 ] || kill "$PPID" # who asks for ever is told that time is over
exit "$status"
"""
NOTHING = "#!/bin/sh\nexit 0\n"
PATIENCE = 3
"""How often a job may ask in vain for a port: there is no time for the minute that it would wait."""
SLEEP = "#!/bin/sh\nexec /bin/sleep 0.005\n"


class Programs:
    """The programs' side of the engine: a thread that answers their calls, with the networks and images that docker has."""

    def __init__(self) -> None:
        self._root = Path(tempfile.mkdtemp(prefix="pk-jenkins-"))  # ours until close(): a TemporaryDirectory may go before it at exit
        self._calls = self._root / "calls"
        os.mkfifo(self._calls)
        self._pipe: IO[str] = os.fdopen(os.open(self._calls, os.O_RDWR), "r")
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._ground: Ground | None = None
        self._networks: dict[str, dict[str, str]] = {}
        self._asked: dict[str, int] = {}
        self._thread.start()

    def install(self, ground: Ground, *, quick: bool) -> None:
        """Put the programs first on the ground's path, and forget what docker had. `quick` makes `sleep` short."""
        self._ground = ground
        self._networks, self._asked = {}, {}
        for name in ("docker", "nc"):
            _write(ground.bin / name, CALL.format(folder=shlex.quote(str(self._root)), name=name))
        _write(ground.bin / "chown", NOTHING)
        if quick:
            _write(ground.bin / "sleep", SLEEP)
        else:
            (ground.bin / "sleep").unlink(missing_ok=True)

    def close(self) -> None:
        with self._calls.open("w") as pipe:
            pipe.write("end\n")
        self._thread.join(timeout=5)
        self._pipe.close()
        shutil.rmtree(self._root)

    def _serve(self) -> None:
        for line in self._pipe:
            number = line.strip()
            if number == "end":
                return
            words = (self._root / number).read_text(errors="surrogateescape").split("\0")[:-1]
            status = self._answer(words)
            (self._root / f"{number}.answer").write_text(f"{status}\n")

    def _answer(self, words: list[str]) -> int:
        assert self._ground is not None
        name, folder, job, network, config, *args = words
        if any(secret in " ".join(args) for secret in self._ground.secrets.values()):
            self._ground.output("arguments-of-programs", f"{name} {' '.join(args)}\n")
        if name == "nc":
            return self._reach(job, network, args)
        return self._docker(Path(folder), job, Path(config) if config else None, args)

    def _reach(self, job: str, network: str, args: list[str]) -> int:
        """Whether a port of a host can be reached from the container: whether a container of that alias is in its network."""
        assert self._ground is not None
        host, port = [word for word in args if not word.startswith("-")]
        if host not in self._networks.get(network, {}).values():
            self._asked[job] = self._asked.get(job, 0) + 1
            return 255 if self._asked[job] > PATIENCE else 1
        self._ground.job_start(job, [f"{host}:{port}"])
        return 0

    def _docker(self, folder: Path, job: str, config: Path | None, args: list[str]) -> int:
        assert self._ground is not None
        match args:
            case ["network", "create", network] if network not in self._networks:
                self._networks[network] = {}
            case ["network", "rm", network] if network in self._networks and not self._networks[network]:
                del self._networks[network]
            case ["run", *words]:
                return self._run(words)
            case ["rm", *words]:
                for containers in self._networks.values():
                    for word in words:
                        containers.pop(word, None)
            case ["build", *words]:
                return self._ground.image(job, "build", context=folder / words[-1])
            case ["push", ref] if config is None or self._signed_in(config, ref):
                return self._ground.image(job, "push", ref)
            case _:
                self._ground.output("docker", f"docker can't {' '.join(args)}\n")
                return 1
        return 0

    def _signed_in(self, config: Path, ref: str) -> bool:
        """Whether docker's configuration holds two values of the store for the registry of a reference."""
        assert self._ground is not None
        known = json.loads((config / "config.json").read_text())["auths"].get(ref.partition("/")[0], {})
        given = base64.b64decode(known.get("auth", "")).decode().split(":")
        return len(given) == 2 and set(given) <= set(self._ground.secrets.values())

    def _run(self, words: list[str]) -> int:
        """`docker run --detach`, of which name, network and alias count."""
        given: dict[str, str] = {}
        rest = list(words)
        while rest and rest[0].startswith("--"):
            option = rest.pop(0)
            if option != "--detach":
                given[option] = rest.pop(0)
        if not rest or given.get("--network") not in self._networks or "--name" not in given:
            return 125
        self._networks[given["--network"]][given["--name"]] = given.get("--network-alias", "")
        return 0


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
        path.chmod(0o755)
