"""Whoever chooses a branch, a title or a name decides nothing: the runner pastes none of it into the file, and makes the same steps."""

from __future__ import annotations

from typing import Any

import pytest

from pipelinekit.backend.emit import emit
from pipelinekit.model.plan import Plan
from pipelinekit.model.value import replace
from pipelinekit.testing import corpus, hostile
from tests.engines.drone import program
from tests.fuzz.drone import ask
from tests.golden_cases import cases, plan
from tests.readers import engines, envsubst

INJECTED = "x\n- name: pwned\n  image: eve/pwned\n  commands: [touch pwned]\n"
CALM: dict[str, Any] = {"event": "pull_request", "ref": "refs/pull/7/head", "source": "feature", "target": "main", "title": "A title"}
ATTACKED = (
    "container",
    "facts",
    "facts-of-outsiders",
    "gate",
    "everything-accepted",
    *(name for name in corpus.names() if "attack" in name),
)
NAMES: dict[str, Plan] = {
    **{case: plan(case) for case in cases()},
    **{name: corpus.plan(name) for name in corpus.names() if not name.startswith("loss-")},
}


def builds() -> list[dict[str, Any]]:
    """Builds of the same commit in which all that outsiders choose is theirs, a fork's name and a deployment's target too."""
    texts = [INJECTED, "'\"]}: pwned", *hostile.REFS, *hostile.TITLES, *hostile.AUTHORS, hostile.MESSAGE]
    keys = ("source", "title", "message", "author_login", "author_name", "author_email", "author_avatar", "source_repo", "link", "sender")
    return [{**CALM, **dict.fromkeys(keys, text), "ref": f"refs/tags/{text}", "target": text, "deploy_to": text} for text in texts]


def file(given: Plan) -> str:
    targets = {**given.targets, "drone": {"store": "s3://bucket", **given.targets.get("drone", {})}}
    return emit(replace(given, targets=targets), "drone").files.get(".drone.yml", "")


@pytest.mark.parametrize("name", NAMES)
def test_the_commit_alone_is_pasted(name: str) -> None:
    assert set(envsubst.names(file(NAMES[name]))) <= {"DRONE_COMMIT_SHA"}


@pytest.mark.parametrize("name", ATTACKED)
def test_a_build_is_made_of_the_same_steps_whatever_outsiders_write(name: str) -> None:
    engines.require(program.built()[1])
    text = file(NAMES[name])
    calm = ask(text, CALM)
    for build in builds():
        found = ask(text, build)
        assert found["text"] == calm["text"]
        assert found["server"] == calm["server"]
        assert [_shape(each) for each in found["pipelines"]] == [_shape(each) for each in calm["pipelines"]]


def _shape(pipeline: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps but for whether the build's branch or tag lets them start, which is theirs to decide."""
    return [
        {key: value for key, value in step.items() if key not in ("never", "environ")} | {"own": _own(step)} for step in pipeline["steps"]
    ]


def _own(step: dict[str, Any]) -> dict[str, str]:
    return {
        name: text for name, text in step["environ"].items() if not name.startswith(("DRONE_", "CI_", "GIT_")) or name == "DRONE_SCRIPT"
    }


def test_what_is_pasted_can_be_a_step() -> None:
    """The same with a file that pastes a title: a step of the outsider's is in it."""
    engines.require(program.built()[1])
    step = "{name: test, image: busybox, settings: {title: '${DRONE_PULL_REQUEST_TITLE}'}}"
    text = f"kind: pipeline\ntype: docker\nname: a\nclone: {{disable: true}}\nsteps: [{step}]\n"
    assert envsubst.names(text) == ["DRONE_PULL_REQUEST_TITLE"]
    (pipeline,) = ask(text, {**CALM, "title": "x'}}, {name: pwned, image: eve/pwned, settings: {title: 'x"})["pipelines"]
    assert [each["image"] for each in pipeline["steps"]] == ["busybox", "eve/pwned"]


@pytest.mark.parametrize("name", [name for name in NAMES if not (NAMES[name].raw or any(stage.raw for stage in NAMES[name].stages))])
def test_gits_password_reaches_no_job_and_no_service(name: str) -> None:
    """Steps of ours with commands are told it, and their script signs git in and forgets it."""
    engines.require(program.built()[1])
    text = file(NAMES[name])
    for step in (step for pipeline in (ask(text)["pipelines"] if text else ()) for step in pipeline["steps"]):
        held = sorted(key for key, value in step["environ"].items() if "the-password-of-git" in value)
        assert held == (
            [] if "DRONE_SCRIPT" not in step["environ"] and step["name"] != "clone" else ["DRONE_NETRC_FILE", "DRONE_NETRC_PASSWORD"]
        )
        assert not held or step["name"] == "clone" or "\nunset DRONE_SCRIPT DRONE_NETRC_MACHINE" in step["environ"]["DRONE_SCRIPT"]
