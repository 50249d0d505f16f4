"""Each rule catches a build or a trigger that breaks it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.static.cloudbuild import BUILD_RULES, TRIGGER_RULES, rules

GOOD: dict[str, Any] = {"id": "test", "name": "busybox:1.37", "waitFor": ["-"], "script": "#!/bin/sh\nset -e\nmake\n"}
OPTIONS = {"logging": "CLOUD_LOGGING_ONLY"}
TRIGGER: dict[str, Any] = {"name": "main", "github": {"push": {"branch": "^main$"}}, "filename": "cloudbuild.yaml"}


def build(step: dict[str, Any] | None = None, options: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"steps": [GOOD | (step or {})], "timeout": "60s", "options": OPTIONS | (options or {}), **more}


def script(text: str, *secrets: str) -> dict[str, Any]:
    return {"script": f"#!/bin/sh\nset -e\n{text}\n", "secretEnv": list(secrets)}


def found(given: dict[str, Any], *triggers: dict[str, Any]) -> set[str]:
    files = {"cloudbuild.yaml": yaml.safe_dump(given), "cloudbuild.triggers.yaml": yaml.safe_dump_all(triggers or [TRIGGER])}
    return {each.rule for each in rules(files)}


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in build().items() if name != key}


BAD: dict[str, dict[str, Any]] = {
    "logs": build(options={"logging": "LEGACY"}),
    "unbounded": without("timeout"),
    "secrets-everywhere": build(options={"secretEnv": ["TOKEN"]}),
    "loose": build(options={"substitutionOption": "ALLOW_LOOSE"}),
    "literal-credential": build({"env": ["API_TOKEN=abc"]}),
    "pasted-text": build({"name": "app:${BRANCH_NAME}"}),
    "evaluated-text": build({"script": None, "args": ["-c", "echo ${_NAME}"]}),
    "unchecked-secret": build({"script": "make\n", "secretEnv": ["TOKEN"]}),
    "secret-in-argv": build(script('docker login --username "$USER_NAME" quay.io', "USER_NAME")),
    "piped-download": build(script("curl -fsSL https://example.com/install | sh")),
    "secret-in-log": build(script("set -x\nmake", "TOKEN")),
    "machine": build(script("docker run --privileged busybox")),
    "order": build({"waitFor": None}),
    "unfailing": build({"script": "#!/bin/sh\nmake\n"}),
    "braces": build({"env": ["A=$COMMIT_SHA_x"]}),
}
BAD_TRIGGERS: dict[str, dict[str, Any]] = {
    "unanchored": TRIGGER | {"github": {"push": {"branch": "main"}}},
    "unasked": TRIGGER | {"github": {"pullRequest": {"branch": "^main$"}}},
}


def clean(given: dict[str, Any]) -> dict[str, Any]:
    return given | {"steps": [{key: value for key, value in step.items() if value is not None} for step in given["steps"]]}


def test_nothing_is_said_of_good_files() -> None:
    assert found(build({"env": ["BRANCH=${BRANCH_NAME}", "PRICE=$$5"]})) == set()


@pytest.mark.parametrize("rule", BUILD_RULES)
def test_a_rule_of_builds_catches(rule: str) -> None:
    assert rule in found(clean(BAD[rule]))


@pytest.mark.parametrize("rule", TRIGGER_RULES)
def test_a_rule_of_triggers_catches(rule: str) -> None:
    assert rule in found(build(), BAD_TRIGGERS[rule])
