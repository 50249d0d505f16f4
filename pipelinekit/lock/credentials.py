"""Logins to registries, from where `docker login` and `podman login` leave them."""

import binascii
import json
import os
import subprocess
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any

from pipelinekit.model.value import value

HUB = "https://index.docker.io/v1/"
"""The name that Docker's configuration gives Docker Hub."""


@value
class Credentials:
    """A login; `identity_token` stands in place of a password where a registry gave one."""

    username: str
    password: str
    identity_token: str = ""

    def __repr__(self) -> str:
        return f"Credentials({self.username!r})"


def find(host: str, environment: Mapping[str, str] = os.environ) -> Credentials | None:
    """The login for a registry, or None: from a credential helper where the configuration names one, else from the configuration."""
    for config in _configurations(environment):
        auths, helpers = config.get("auths"), config.get("credHelpers")
        for name in _names(host):
            helper = helpers.get(name) if isinstance(helpers, dict) else None
            found = _from_helper(helper or config.get("credsStore"), name)
            if found is None and isinstance(auths, dict):
                found = _from_entry(auths.get(name))
            if found is not None:
                return found
    return None


def _configurations(environment: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    home = environment.get("HOME") or os.path.expanduser("~")
    docker = os.path.join(environment.get("DOCKER_CONFIG") or os.path.join(home, ".docker"), "config.json")
    runtime = environment.get("XDG_RUNTIME_DIR")
    podman = environment.get("REGISTRY_AUTH_FILE") or (os.path.join(runtime, "containers", "auth.json") if runtime else None)
    for path in (docker, podman):
        if path:
            try:
                with open(path, encoding="utf-8") as file:
                    read = json.load(file)
            except (OSError, ValueError):
                continue
            if isinstance(read, dict):
                yield read


def _names(host: str) -> tuple[str, ...]:
    """What configurations call a registry."""
    return (HUB, "docker.io", "index.docker.io") if host == "docker.io" else (host, f"https://{host}", f"https://{host}/v2/")


def _from_entry(entry: Any) -> Credentials | None:
    if not isinstance(entry, dict):
        return None
    try:
        username, _, password = b64decode(entry.get("auth") or "").decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, TypeError):
        return None
    token = entry.get("identitytoken") or ""
    return Credentials(username, password, token) if token or (username and password) else None


def _from_helper(helper: Any, name: str) -> Credentials | None:
    """What `docker-credential-HELPER get` says; a helper that isn't there, or knows nothing, is as none."""
    if not isinstance(helper, str) or not helper.replace("-", "").replace("_", "").isalnum():
        return None
    try:
        ended = subprocess.run([f"docker-credential-{helper}", "get"], input=name.encode(), capture_output=True, timeout=30, check=False)
        said = json.loads(ended.stdout) if ended.returncode == 0 else None
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    if not isinstance(said, dict) or not said.get("Secret"):
        return None
    username, secret = str(said.get("Username", "")), str(said["Secret"])
    return Credentials("", "", secret) if username == "<token>" else Credentials(username, secret)
