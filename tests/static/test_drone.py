"""Each rule catches a file that breaks it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.static.drone import PIPELINE_RULES, STEP_RULES, rules, scripts

SCRIPT = ["/bin/sh", "-c", 'sh -ec "$0" || exit 1']
NO_NETRC = {"DRONE_NETRC_FILE": "", "DRONE_NETRC_PASSWORD": ""}
GOOD: dict[str, Any] = {"name": "test", "image": "busybox:1.37", "environment": NO_NETRC, "entrypoint": SCRIPT, "command": ["make"]}


def text(*steps: dict[str, Any], **top: Any) -> str:
    pipeline = {"kind": "pipeline", "type": "docker", "name": "a", "trigger": {"event": ["push"]}, "steps": list(steps), **top}
    return str(yaml.safe_dump(pipeline))


def found(*steps: dict[str, Any], **top: Any) -> set[str]:
    return {each.rule for each in rules({".drone.yml": text(*steps, **top)})}


def job(script: str, **more: Any) -> dict[str, Any]:
    return {**GOOD, "command": [script], **more}


def ours(*commands: str, **more: Any) -> dict[str, Any]:
    return {"name": "ours", "image": "busybox:1.37", "commands": list(commands), **more}


STEPS: dict[str, dict[str, Any]] = {
    "privileged": job("make", privileged=True),
    "docker-socket": job("make", volumes=[{"name": "docker", "path": "/var/run/docker.sock"}]),
    "powers": job("make", network_mode="host"),
    "volume": job("make", volumes=[{"name": "cache", "path": "/cache"}]),
    "moving-image": job("make", image="busybox:latest"),
    "plugin": {"name": "tell", "image": "somebody/slack", "environment": NO_NETRC, "settings": {"room": "dev"}},
    "literal-credential": {"name": "a", "image": "plugins/docker", "environment": NO_NETRC, "settings": {"password": "hunter2"}},
    "git-password": job("make", environment={}),
    "echoed": ours("echo `date`"),
    "outsiders-text": job("export PK_BRANCH=$DRONE_SOURCE_BRANCH"),
    "evaluated": job('sh -c "make $PK_TITLE"'),
    "secret-file": job('printf %s "$KEY" >/tmp/key'),
    "secret-word": ours('curl -u "$KEY" https://example.com', environment={"KEY": {"from_secret": "KEY"}}),
    "remote-script": ours("curl https://example.com/install | sh"),
    "endless-wait": ours("until nc -z db 5432; do sleep 1; done"),
}
PIPELINES: dict[str, dict[str, Any]] = {
    "any-event": {"trigger": {"branch": ["main"]}},
    "open-promotion": {"trigger": {"event": ["promote"], "target": ["production"]}},
    "host-volume": {"volumes": [{"name": "docker", "host": {"path": "/var/run/docker.sock"}}]},
    "shared-secret": {"environment": {"KEY": {"from_secret": "KEY"}}},
}


def test_a_good_file_breaks_no_rule() -> None:
    waits = ours("timeout 60 sh -c 'until nc -z db 5432; do sleep 1; done'")
    build = {"name": "image", "image": "plugins/docker:20", "environment": NO_NETRC, "settings": {"password": {"from_secret": "KEY"}}}
    assert found(GOOD, waits, build) == set()


def test_each_rule_has_its_bad_file() -> None:
    assert set(STEPS) == set(STEP_RULES)
    assert set(PIPELINES) == set(PIPELINE_RULES)


@pytest.mark.parametrize("rule", STEPS)
def test_a_step_that_breaks_a_rule_is_caught(rule: str) -> None:
    assert rule in found(STEPS[rule])


@pytest.mark.parametrize("rule", PIPELINES)
def test_a_pipeline_that_breaks_a_rule_is_caught(rule: str) -> None:
    assert rule in found(GOOD, **PIPELINES[rule])


def test_what_outsiders_choose_is_not_pasted() -> None:
    assert "pasted" in found(job("make ${DRONE_BRANCH}"))
    assert "pasted" not in found(job("make $${DRONE_BRANCH}"))
    assert "pasted" not in found({**GOOD, "image": "registry.example.com/app:${DRONE_COMMIT_SHA}"})


def test_scripts_are_read_as_the_runner_reads_them() -> None:
    given = list(scripts({".drone.yml": text(job("echo $${HOME} $$$$"), ours("one", "two"))}))
    assert [(each.where, each.text) for each in given] == [
        ("a/test (entrypoint)", SCRIPT[-1]),
        ("a/test", "echo ${HOME} $$"),
        ("a/ours", "one\ntwo"),
    ]
