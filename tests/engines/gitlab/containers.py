"""gitlab-ci-local with containers, on podman: real services that answer at their alias and port.

There is no registry: one image, made of this machine's own programs, goes by the names of all images that the corpus uses. Started as
a service it listens on the ports of all of these.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from glob import glob
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from pipelinekit.model.features import Feature
from pipelinekit.model.plan import Plan
from pipelinekit.semantics.scenario import Scenario
from pipelinekit.testing import Level
from pipelinekit.testing.ground import Ground
from tests.readers import gitlab_engine

from . import project
from .local import Once
from .runner import services

IMAGES = ("debian:12-slim", "postgres:16", "redis:7")
PORTS = ("5432", "6379")

PROGRAMS = (
    *("bash", "sh", "perl", "rsync", "git", "find", "sed", "grep", "awk", "head", "cat", "date", "mkdir", "rm", "cp", "mv", "ls", "ln"),
    *("chown", "chmod", "touch", "test", "true", "false", "env", "id", "sleep", "sha256sum", "printf", "echo", "tar", "wc", "sort", "tr"),
    *("dirname", "basename", "readlink", "stat", "mktemp", "xargs", "uname", "pwd"),
)
LISTEN = "/usr/bin/listen"
LISTENER = """#!/usr/bin/perl
# Accepts TCP on each port that it is given, for ever.
use IO::Socket::INET;
for my $port (@ARGV) {
    next if fork;
    my $socket = IO::Socket::INET->new(LocalPort => $port, Listen => 9, ReuseAddr => 1) or die "$port: $!";
    while (my $client = $socket->accept) { print $client "ready\\n"; close $client }
}
sleep;
"""

NEEDED = {"podman": "podman", "runc": "runc", "iptables": "iptables", "perl": "perl-base", "ldd": "libc-bin"}
HELPERS = {"/usr/lib/podman/netavark": "netavark", "/usr/lib/podman/aardvark-dns": "aardvark-dns"}
"""Debian's packages."""

CONTAINERS = """[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
[network]
network_backend = "netavark"
"""


def available() -> str | None:
    """Why there can be no containers here, or None."""
    if os.geteuid() != 0:
        return "podman needs root for networks with names"
    missing = [package for program, package in NEEDED.items() if not shutil.which(program)]
    missing += [package for path, package in HELPERS.items() if not Path(path).exists()]
    return f"containers need {', '.join(missing)}" if missing else gitlab_engine.available()


class Podman:
    """A store of images and containers of its own, in a folder that goes with it."""

    def __init__(self) -> None:
        self.folder = Path(mkdtemp(prefix="pk-podman-"))
        (self.folder / "containers.conf").write_text(CONTAINERS)
        store = f'[storage]\ndriver = "{_driver(self.folder)}"\ngraphroot = "{self.folder}/graph"\nrunroot = "{self.folder}/run"\n'
        (self.folder / "storage.conf").write_text(store)
        self.environment = {
            "CONTAINERS_CONF": str(self.folder / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(self.folder / "storage.conf"),
        }
        self._image()
        self.run("run", "--rm", "--network=none", f"docker.io/library/{IMAGES[0]}", "true")

    def run(self, *words: str) -> str:
        """What podman prints. Raises RuntimeError."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), **self.environment}
        done = subprocess.run(["podman", *words], cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"podman {' '.join(words)}: {done.stderr}")
        return done.stdout

    def clean(self) -> None:
        """Remove all containers, volumes and networks."""
        self.run("rm", "--all", "--force", "--volumes", "--time", "0")
        self.run("volume", "prune", "--force")
        self.run("network", "prune", "--force")

    def close(self) -> None:
        self.clean()
        for process in Path(self.folder).rglob("aardvark.pid"):
            os.kill(int(process.read_text()), signal.SIGTERM)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _image(self) -> None:
        root = self.folder / "root"
        for path in sorted(_files()):
            _copy(Path(path), root)
        for name in ("tmp", "root", "proc", "dev", "sys", "var/tmp", "etc"):
            (root / name).mkdir(parents=True, exist_ok=True)
        (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/bash\n")
        (root / "etc/group").write_text("root:x:0:\n")
        _program(root / LISTEN.lstrip("/"), LISTENER)
        _program(root / "usr/bin/redis-server", f"#!/bin/sh\nexec {LISTEN} 6379\n")
        archive = self.folder / "root.tar"
        subprocess.run(["tar", "-C", str(root), "-cf", str(archive), "."], check=True)
        shutil.rmtree(root)
        first, *others = (f"docker.io/library/{name}" for name in IMAGES)
        words = ", ".join(f'"{word}"' for word in (LISTEN, *PORTS))
        self.run("import", "--change", f"CMD [{words}]", str(archive), first)
        for other in others:
            self.run("tag", first, other)
        archive.unlink()


def _driver(folder: Path) -> str:
    """How layers lie on each other. An overlay can't lie on another, as in a container; copies are slower."""
    kind = subprocess.run(["stat", "--file-system", "--format=%T", str(folder)], capture_output=True, text=True, check=True).stdout.strip()
    return "vfs" if kind == "overlayfs" else "overlay"


def _files() -> Iterator[str]:
    """The programs, perl's own modules, and the libraries that they are linked with."""
    binaries = [found for name in PROGRAMS if (found := shutil.which(name, path="/usr/bin:/bin:/usr/sbin:/sbin"))]
    modules = [path for folder in glob("/usr/lib/*/perl-base") for path in glob(f"{folder}/**/*", recursive=True)]
    yield from binaries
    yield from (path for path in modules if Path(path).is_file())
    linked = [*binaries, *(path for path in modules if path.endswith(".so"))]
    done = subprocess.run(["ldd", *linked], capture_output=True, text=True, check=False)
    yield from set(re.findall(r"(/\S+) \(0x", done.stdout))


def _copy(path: Path, root: Path) -> None:
    """A file at its place, with what a link leads to; `/bin` and `/lib` are below `/usr`, as Debian has them."""
    for name in ("bin", "sbin", "lib", "lib64"):
        link = root / name
        if not link.is_symlink():
            (root / "usr" / name).mkdir(parents=True, exist_ok=True)
            link.symlink_to(f"usr/{name}")
    target = root / str(path).lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        shutil.copy2(path, target)


def _program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


class Contained(Once):
    """One scenario, each job and each service in a container. The ground is there under its own path, for the probe."""

    podman: Podman

    def environment(self) -> dict[str, str]:
        return {**super().environment(), **self.podman.environment}

    def services(self, entry: Mapping[str, Any]) -> list[str]:
        """Those for which the script waits before the job's own commands, and waited with success."""
        return services(entry)


class Containers:
    """gitlab-ci-local's own executor for containers."""

    name = "gitlab-ci-local in containers"
    level: Level = "L2"
    hides: Mapping[Feature, str] = {}

    def __init__(self, podman: Podman) -> None:
        self.podman = podman

    def missing(self) -> str | None:
        return available()

    def cannot(self, plan: Plan, scenario: Scenario) -> str | None:
        del plan, scenario
        return None

    def run(self, files: Mapping[str, str], ground: Ground, scenario: Scenario) -> None:
        once = Contained(files, project.of(ground.setup), ground, scenario)
        once.podman = self.podman
        once.executor = (
            "--container-executable=podman",
            f"--helper-image=docker.io/library/{IMAGES[0]}",
            "--pull-policy=if-not-present",
            f"--volume={ground.root}:{ground.root}",
        )
        try:
            once.run()
        finally:
            self.podman.clean()

    def close(self) -> None:
        self.podman.close()
