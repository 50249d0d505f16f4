"""Asking a registry: tokens, indexes, faults. The registry is one of this machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelinekit.lock.credentials import Credentials, find
from pipelinekit.lock.registry import NoDigestError, Reference, Registry, reference
from pipelinekit.lock.resolve import resolve
from tests.lock.server import Hub


@pytest.mark.parametrize(
    ("image", "host", "repository", "tag"),
    [
        ("python:3.12-slim", "docker.io", "library/python", "3.12-slim"),
        ("python", "docker.io", "library/python", "latest"),
        ("rclone/rclone:1.71", "docker.io", "rclone/rclone", "1.71"),
        ("docker.io/python:3", "docker.io", "library/python", "3"),
        ("index.docker.io/a/b", "docker.io", "a/b", "latest"),
        ("quay.io/buildah/stable:v1.41", "quay.io", "buildah/stable", "v1.41"),
        ("localhost/x", "localhost", "x", "latest"),
        ("registry:5000/team/app", "registry:5000", "team/app", "latest"),
        ("gcr.io/google.com/cloudsdktool/google-cloud-cli:slim", "gcr.io", "google.com/cloudsdktool/google-cloud-cli", "slim"),
    ],
)
def test_names_mean_what_they_mean_to_docker(image: str, host: str, repository: str, tag: str) -> None:
    assert reference(image) == Reference(host, repository, tag)


def test_docker_hub_is_asked_where_it_answers() -> None:
    assert Registry()._base("docker.io") == "https://registry-1.docker.io"
    assert Registry()._base("quay.io") == "https://quay.io"
    assert Registry()._base("localhost:5000") == "http://localhost:5000"
    assert Registry()._base("localhost.example.com") == "https://localhost.example.com"
    assert Registry(insecure=["in.example.com:5000"])._base("in.example.com:5000") == "http://in.example.com:5000"


def ask(hub: Hub, image: str, known: Credentials | None = None, slept: list[float] | None = None) -> str:
    def login(host: str) -> Credentials | None:
        return known if host == hub.host else None

    waits: list[float] = [] if slept is None else slept
    return Registry(login, sleep=waits.append).digest(image)


def test_the_digest_is_the_indexs(hub: Hub) -> None:
    assert ask(hub, hub.image("team/app", "1.4")) == hub.digest("team/app", "1.4")
    assert hub.asked == [("HEAD", "/v2/team/app/manifests/1.4"), ("GET", "/token"), ("HEAD", "/v2/team/app/manifests/1.4")]


@pytest.mark.parametrize("fault", ["without_head", "without_digest"])
def test_where_nobody_says_it_the_bytes_are_counted(hub: Hub, fault: str) -> None:
    setattr(hub, fault, True)
    assert ask(hub, hub.image("app")) == hub.digest("app")
    assert hub.asked[-1][0] == "GET"


def test_a_wrong_digest_is_found_out(hub: Hub) -> None:
    hub.wrong_digest = True
    with pytest.raises(NoDigestError, match=r"says 'sha256:.* of bytes that are sha256:"):
        ask(hub, hub.image("app"))


def test_a_login_is_sent_to_the_realm_alone(hub: Hub) -> None:
    hub.users = {"me": "secret"}
    assert ask(hub, hub.image("app"), Credentials("me", "secret")) == hub.digest("app")
    with pytest.raises(NoDigestError, match=r"gives anybody no token for app: 401 \(incorrect username or password\)"):
        ask(hub, hub.image("app"))
    with pytest.raises(NoDigestError, match="gives me no token") as refused:
        ask(hub, hub.image("app"), Credentials("me", "hunter2"))
    assert "hunter2" not in str(refused.value)


def test_an_identity_token_is_exchanged(hub: Hub) -> None:
    hub.users = {"me": "secret"}
    assert ask(hub, hub.image("app"), Credentials("", "", "identity")) == hub.digest("app")
    with pytest.raises(NoDigestError, match="gives the stored login no token"):
        ask(hub, hub.image("app"), Credentials("", "", "expired"))


def test_a_registry_without_tokens(hub: Hub) -> None:
    hub.tokens, hub.users = False, {"me": "secret"}
    assert ask(hub, hub.image("app"), Credentials("me", "secret")) == hub.digest("app")
    with pytest.raises(NoDigestError, match=r"wants a login: run docker login 127\.0\.0\.1"):
        ask(hub, hub.image("app"))


@pytest.mark.parametrize(("status", "words"), [(403, "lets nobody see app without another login"), (400, r"answers 400")])
def test_refusals_are_one_line(hub: Hub, status: int, words: str) -> None:
    hub.refuses = {"app": status}
    with pytest.raises(NoDigestError, match=words) as refused:
        ask(hub, hub.image("app"))
    assert "\n" not in str(refused.value)


def test_a_tag_that_there_is_not(hub: Hub) -> None:
    hub.image("app", "1")
    with pytest.raises(NoDigestError, match=r"app:2: 127\.0\.0\.1:\d+ has no tag '2' of app"):
        ask(hub, f"{hub.host}/app:2")


def test_patience_is_had_where_it_is_asked_for(hub: Hub) -> None:
    slept: list[float] = []
    hub.busy = [(429, "7"), (503, None), (429, "900")]
    assert ask(hub, hub.image("app"), slept=slept) == hub.digest("app")
    assert slept == [7.0, 2.0, 60.0]


def test_patience_ends(hub: Hub) -> None:
    hub.busy = [(429, None)] * 9
    with pytest.raises(NoDigestError, match="answers 429"):
        ask(hub, hub.image("app"))
    assert len(hub.asked) == 4


def test_nobody_there_is_one_line() -> None:
    with pytest.raises(NoDigestError, match=r"^127\.0\.0\.1:9/app:1: 127\.0\.0\.1:9 can't be reached: "):
        Registry().digest("127.0.0.1:9/app:1")


def test_a_login_never_goes_where_it_could_be_read(hub: Hub) -> None:
    hub.realm = "http://elsewhere.example.com/token"
    with pytest.raises(NoDigestError, match=r"sends its logins to 'http://elsewhere.example.com/token', which is not https"):
        ask(hub, hub.image("app"), Credentials("me", "secret"))


def test_many_at_once(hub: Hub) -> None:
    images = [hub.image(f"app{number}") for number in range(20)]
    missing = f"{hub.host}/nothing:1"
    found, problems = resolve([*images, missing], Registry().digest)
    assert found == {image: hub.digest(f"app{number}") for number, image in enumerate(images)}
    assert len(problems) == 1
    assert problems[0].startswith(missing)


def test_logins_from_dockers_configuration(home: Path) -> None:
    (home / ".docker").mkdir()
    auths = {"quay.io": {"auth": "bWU6c2VjcmV0"}, "https://index.docker.io/v1/": {"auth": "aHViOnB3"}, "broken": {"auth": "%"}, "x": 1}
    auths["token.example.com"] = {"auth": "MDA6", "identitytoken": "identity"}
    (home / ".docker" / "config.json").write_text(json.dumps({"auths": auths}))
    environment = {"HOME": str(home)}
    assert find("quay.io", environment) == Credentials("me", "secret")
    assert find("docker.io", environment) == Credentials("hub", "pw")
    assert find("token.example.com", environment) == Credentials("00", "", "identity")
    assert [find(host, environment) for host in ("broken", "x", "ghcr.io")] == [None, None, None]
    assert "secret" not in repr(find("quay.io", environment))


def test_logins_from_podmans(home: Path) -> None:
    (home / "auth.json").write_text('{"auths": {"quay.io": {"auth": "bWU6c2VjcmV0"}}}')
    assert find("quay.io", {"HOME": str(home), "REGISTRY_AUTH_FILE": str(home / "auth.json")}) == Credentials("me", "secret")
    (home / "auth.json").write_text("{")
    assert find("quay.io", {"HOME": str(home), "REGISTRY_AUTH_FILE": str(home / "auth.json")}) is None


def test_logins_from_a_helper(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper = home / "docker-credential-own"
    helper.write_text('#!/bin/sh\nread -r host\n[ "$host" = quay.io ] || exit 1\necho \'{"Username": "me", "Secret": "secret"}\'\n')
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{home}:/usr/bin:/bin")
    (home / "config.json").write_text('{"credHelpers": {"quay.io": "own", "ghcr.io": "gone"}, "auths": {"ghcr.io": {"auth": "bWU6cHc="}}}')
    environment = {"DOCKER_CONFIG": str(home), "HOME": str(home)}
    assert find("quay.io", environment) == Credentials("me", "secret")
    assert find("ghcr.io", environment) == Credentials("me", "pw")
    (home / "config.json").write_text('{"credsStore": "own"}')
    assert find("quay.io", environment) == Credentials("me", "secret")
    assert find("example.com", environment) is None
    (home / "config.json").write_text('{"credsStore": "../../bin/x"}')
    assert find("quay.io", environment) is None
