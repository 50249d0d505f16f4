"""Each rule catches a pipeline that breaks it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.readers.engines import require
from tests.static.gitlab import FILE_RULES, JOB_RULES, LINTER, rules, scripts

MERGE = '$CI_PIPELINE_SOURCE == "merge_request_event"'
GOOD: dict[str, Any] = {"image": "busybox:1.37", "script": ["make"]}
ROOT = ".gitlab-ci.yml"


def written(job: dict[str, Any], **top: Any) -> dict[str, str]:
    workflow = {"rules": [{"if": '$CI_PIPELINE_SOURCE == "push"'}]}
    return {ROOT: yaml.safe_dump({"workflow": workflow, **top, "test": GOOD | job})}


def script(text: str) -> dict[str, Any]:
    return {"script": [text]}


CREDENTIALS = """printf '{"auths":{"%s":{"auth":"%s"}}}' example.com "$a" >/root/config.json"""

BAD: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "read-by-hand": (script('notify "$CI_COMMIT_TITLE"'), {}),
    "pasted-text": ({"image": "registry.example.com/x:$CI_COMMIT_BRANCH"}, {}),
    "privileged": ({"services": [{"name": "docker:28-dind", "alias": "docker"}]}, {}),
    "docker-socket": (script("docker run -v /var/run/docker.sock:/s x"), {}),
    "literal-credential": ({"variables": {"API_TOKEN": "abc"}}, {}),
    "secret-words": (script('docker login --username "$REGISTRY_USER" example.com'), {}),
    "job-token": (script('git clone "https://x:$CI_JOB_TOKEN@gitlab.com/a/b"'), {}),
    "open-credentials": (script(CREDENTIALS), {}),
    "traced": (script("set -ex\nmake"), {}),
    "moving-image": ({"image": "busybox:latest"}, {}),
    "unheard-gate": ({"when": "manual", "allow_failure": True}, {}),
    "filled-in": ({"variables": {"PRICE": "5 $HOME"}}, {}),
    "endless-wait": (script("until nc -z db 5432; do\n  sleep 1\ndone"), {}),
    "interrupted-delivery": ({"environment": "production", "resource_group": "production", "interruptible": True}, {}),
    "proposed-delivery": ({"environment": "production", "resource_group": "production", "rules": [{"if": MERGE}]}, {}),
    "open-workflow": ({}, {"workflow": {"rules": [{"when": "always"}]}}),
    "unlocked-delivery": ({"environment": "production"}, {}),
    "outsiders-cache": ({"cache": {"key": "x", "paths": ["c/"]}}, {"workflow": {"rules": [{"if": MERGE}]}}),
    "pasted-input": (script("echo $[[ inputs.problem ]]"), {}),
}


def found(job: dict[str, Any], **top: Any) -> set[str]:
    return {each.rule for each in rules(written(job, **top))}


def test_a_good_pipeline_breaks_none() -> None:
    assert found({}) == set()


def test_each_rule_has_its_bad_pipeline() -> None:
    assert set(BAD) == {*JOB_RULES, *FILE_RULES}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_pipeline_is_caught(name: str) -> None:
    job, top = BAD[name]
    assert found(job, **top) == {name}


def test_a_title_that_is_exported_first_is_no_fault() -> None:
    assert found(script('export PK_TITLE="${CI_MERGE_REQUEST_TITLE:-$CI_COMMIT_TITLE}"\nnotify "$PK_TITLE"')) == set()


def test_lines_that_ask_the_shell_are_bashs() -> None:
    asking = 'case "$(set -o)" in *pipefail*) set +o pipefail ;; esac'
    assert [(each.text, each.shell) for each in scripts(written(script(f"{asking}\nmake | tee log")))] == [
        (":\nmake | tee log", "sh"),
        (asking, "bash"),
    ]


@pytest.mark.parametrize(
    ("name", "job", "top", "code"),
    [
        ("cicheck", script("curl -s https://example.com/x | sh"), {}, "cicheck curl-pipe-shell"),
        ("cicheck", script('echo "$CI_COMMIT_MESSAGE"'), {}, "cicheck shell-injection"),
        ("gitlab-ci-verify", {}, {"include": [{"local": "gone.yml"}]}, "gitlab-ci-verify INC-102"),
    ],
)
def test_other_peoples_linters_look(name: str, job: dict[str, Any], top: dict[str, Any], code: str) -> None:
    missing, check = LINTER.linters[name]
    require(missing())
    assert code in {each.rule for each in check(written(job, **top))}
