"""Container builds."""

from typing import Any

import pytest

from pipelinekit import Environment, Pipeline, Registry, Secret, ci, on
from pipelinekit.recipes import container

from .rendered import config, run

REGISTRY = Registry("registry.example.com", username=Secret("REGISTRY_USER"), password=Secret("REGISTRY_PASSWORD"))


def pipeline(builder="buildah", triggers=None, **given):
    p = Pipeline("x", image="python:3.12", triggers=triggers or [on.push(), on.pull_request()], targets={"gitlab": {"builder": builder}})
    options: dict[str, Any] = {"registry": REGISTRY, "also": "latest", "args": {"VERSION": f"1 {ci.sha}", "A": "it's"}} | given
    image = p.build(container("registry.example.com/x", tag=ci.sha, **options))
    p.deploy("ship", environment=Environment("production"), needs=[image])
    return p


def fake(folder, name):
    tool = folder / "bin" / name
    tool.parent.mkdir()
    file = '"${REGISTRY_AUTH_FILE:-$DOCKER_CONFIG/config.json}"'
    show = f"case $1 in push) stat -c ' %a ' $(dirname {file}) | tr -d '\\n' >> calls; cat {file} >> calls ;; esac"
    tool.write_text(f'#!/bin/sh\nprintf "[%s]" "$@" >> calls\n{show}\necho >> calls\n')
    tool.chmod(0o755)
    return f"{tool.parent}:/usr/local/bin:/usr/bin:/bin"


@pytest.mark.parametrize("builder", ["buildah", "docker"])
@pytest.mark.parametrize("delivery", [True, False])
def test_it_builds_always_and_publishes_in_deliveries(tmp_path, builder, delivery):
    found = config(pipeline(builder))
    path = fake(tmp_path, builder)
    secrets = {"REGISTRY_USER": "me", "REGISTRY_PASSWORD": 'p $HOME %s "\\', "PK_PUBLISH": "true"} if delivery else {}
    done = run(found, "build", tmp_path, {"PATH": path, "CI_COMMIT_SHA": "abc"} | secrets)
    assert done.returncode == 0, done.stderr
    calls = [line for line in (tmp_path / "calls").read_text().splitlines() if "[info]" not in line]
    tags = "[--tag][registry.example.com/x:abc][--tag][registry.example.com/x:latest]"
    built = f"[build][--file][Dockerfile]{tags}[--build-arg][VERSION=1 abc][--build-arg][A=it's][.]"
    auth = '{"auths":{"registry.example.com":{"auth":"bWU6cCAkSE9NRSAlcyAiXA=="}}}'
    published = [f"[push][registry.example.com/x:{tag}] 700 {auth}" for tag in ("abc", "latest")]
    assert calls == [built, *(published if delivery else [])]


def test_rules_say_which_run_publishes():
    rules = config(pipeline())["build"]["rules"]
    assert [rule.get("variables") for rule in rules] == [{"PK_PUBLISH": "true"}, None]


def test_a_missing_secret_of_the_registry_fails_a_delivery_before_the_build(tmp_path):
    found = config(pipeline())
    done = run(found, "build", tmp_path, {"PATH": fake(tmp_path, "buildah"), "PK_PUBLISH": "true", "REGISTRY_USER": "me"})
    assert done.returncode != 0
    assert "the secret REGISTRY_PASSWORD is missing" in done.stderr
    assert not (tmp_path / "calls").exists()


def test_where_every_run_delivers_nothing_is_asked():
    found = config(pipeline(triggers=[on.push()]))["build"]
    assert "rules" not in found
    auth = """$(printf '%s' "$REGISTRY_USER:$REGISTRY_PASSWORD" | base64 | tr -d '\\n')"""
    assert found["script"][1:] == [
        'signed_in="$(mktemp -d)"',
        "trap 'rm -rf \"$signed_in\"' EXIT",
        'export REGISTRY_AUTH_FILE="$signed_in/auth.json"',
        f"""printf '{{"auths":{{"%s":{{"auth":"%s"}}}}}}' registry.example.com "{auth}" >"$REGISTRY_AUTH_FILE\"""",
        'buildah push "registry.example.com/x:$CI_COMMIT_SHA"',
        "buildah push registry.example.com/x:latest",
    ]


def test_where_nothing_delivers_nothing_is_published():
    p = Pipeline("x", image="python:3.12", triggers=[on.pull_request()])
    p.build(container("registry.example.com/x", tag=ci.sha, registry=REGISTRY))
    assert len(config(p)["build"]["script"]) == 1


def test_docker_has_its_daemon_as_a_service():
    found = config(pipeline("docker"))["build"]
    assert found["services"] == [{"name": "docker:28-dind", "alias": "docker"}]
    assert found["variables"] == {"DOCKER_TLS_CERTDIR": "/certs"}
    assert "docker info" in found["before_script"][-1]


def test_gitlabs_own_registry_takes_the_jobs_token():
    p = Pipeline("x", triggers=[on.push()], targets={"gitlab": {"registry": "registry.gitlab.com"}})
    image = p.build(container("registry.gitlab.com/a/b", tag=ci.sha))
    p.deploy("ship", image="alpine:3.22", environment=Environment("production"), needs=[image])
    (login,) = (line for line in config(p)["build"]["script"] if "auths" in line)
    assert '"$CI_REGISTRY_USER:$CI_REGISTRY_PASSWORD"' in login
    assert "' registry.gitlab.com " in login


def test_the_registrys_secrets_are_scoped():
    assert config(pipeline())["build"]["environment"] == {"name": "ci/build", "action": "access"}
