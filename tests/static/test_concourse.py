"""Each rule catches a pipeline that breaks it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.static.concourse import PIPELINE_RULES, TASK_RULES, rules

GOOD: dict[str, Any] = {
    "platform": "linux",
    "image_resource": {"type": "registry-image", "source": {"repository": "busybox", "tag": "1.37"}},
    "inputs": [{"name": "repo"}],
    "run": {"path": "sh", "dir": "repo", "args": ["-ec", "exec </dev/null\nmake"]},
}


def job(config: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"name": "test", "plan": [{"get": "repo", "trigger": True}, {"task": "test", **more, "config": GOOD | (config or {})}]}


def script(text: str) -> dict[str, Any]:
    return {"run": GOOD["run"] | {"args": ["-ec", f"exec </dev/null\n{text}"]}}


def found(jobs: list[dict[str, Any]], **top: Any) -> set[str]:
    return {each.rule for each in rules({"ci/pipeline.yml": yaml.safe_dump({**top, "jobs": jobs})})}


PULLS = [{"name": "pulls", "type": "pull-request", "source": {"repository": "a/b", "access_token": "((token))"}}]
FROM_FORKS = {"name": "pr", "plan": [{"get": "repo", "resource": "pulls"}, {"task": "t", "config": GOOD | {"params": {"T": "((token))"}}}]}

BAD: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "privileged": ([job(privileged=True)], {}),
    "pasted-variable": ([job(script("login ((token))"))], {}),
    "literal-credential": ([job({"params": {"API_TOKEN": "abc"}})], {}),
    "mixed-variable": ([job({"params": {"URL": "https://((user))@host"}})], {}),
    "outsiders-text": ([job(script("PK_TITLE=$(cat title)"))], {}),
    "terminal": ([job({"run": GOOD["run"] | {"args": ["-ec", "make"]}})], {}),
    "secret-file": ([job(script('printf %s "$KEY" >/tmp/key'))], {}),
    "moving-image": ([job({"image_resource": {"type": "registry-image", "source": {"repository": "busybox", "tag": "latest"}}})], {}),
    "docker-socket": ([job(script("docker run -v /var/run/docker.sock:/s x"))], {}),
    "public-logs": ([job() | {"public": True}], {}),
    "revealed": ([{"name": "j", "plan": [{"load_var": "key", "file": "repo/key", "reveal": True}]}], {}),
    "fork-variables": ([FROM_FORKS], {"resources": PULLS}),
    "unheld-delivery": ([job() | {"disable_reruns": True}], {}),
    "resource-type": ([job()], {"resource_types": [{"name": "x", "type": "registry-image", "source": {"repository": "x"}}]}),
}


def test_a_good_pipeline_breaks_none() -> None:
    assert found([job()]) == set()


def test_each_rule_has_its_bad_pipeline() -> None:
    assert set(BAD) == {*TASK_RULES, *PIPELINE_RULES}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_pipeline_is_caught(name: str) -> None:
    jobs, top = BAD[name]
    assert found(jobs, **top) == {name}
