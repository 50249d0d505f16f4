"""What is to be set up, the plugins, and the table."""

from __future__ import annotations

import re

import pytest
from pipelinekit_jenkins import plugins

from pipelinekit import Environment, Pipeline, Registry, Secret, ci, on
from pipelinekit.backend import registry
from pipelinekit.backend.emit import prepare
from pipelinekit.backend.support import Case, cases
from pipelinekit.model.features import FEATURES
from pipelinekit.recipes import container
from tests.backends.jenkins.rendered import emission

IMAGE = "python:3.12"


def steps_of(p: Pipeline):
    backend = registry.load("jenkins")
    request, _ = prepare(p.plan(), backend)
    return list(backend.setup(request))


def test_credentials_are_made_without_their_values() -> None:
    p = Pipeline("p", image=IMAGE)
    p.test("t", secrets=[Secret("URL", stored="STAGING_URL"), Secret("KEY", file=True), Secret("MORE", optional=True)])
    p.build(container("quay.io/a/b", tag=ci.sha, registry=Registry("quay.io", username=Secret("U"), password=Secret("P"))))
    titles = [step.title for step in steps_of(p)]
    assert titles == [
        "Plugins",
        "Agents",
        "Credential STAGING_URL",
        "Credential KEY",
        "Credential MORE (may be left out)",
        "Credential U",
        "Credential P",
        "The multibranch job",
    ]
    url = steps_of(p)[2]
    assert "read -rs" in url.commands[0]
    assert "$VALUE" in url.commands[-1]


def test_tags_and_timers_take_more() -> None:
    p = Pipeline("p", image=IMAGE, triggers=[on.schedule("nightly", "0 3 * * *")])
    p.deploy("d", environment=Environment("e", on=[on.tag("v*")]))
    p.test("t")
    assert {"Tags are built", "A first build"} <= {step.title for step in steps_of(p)}


def test_plugins_are_those_of_the_file() -> None:
    p = Pipeline("p", image=IMAGE)
    p.test("t", reports="r.xml", lock="a")
    lines = emission(p).files["jenkins/plugins.txt"].splitlines()
    assert [line.split(":")[0] for line in lines if not line.startswith("#")] == [
        "docker-workflow",
        "git",
        "junit",
        "lockable-resources",
        "pipeline-model-definition",
        "workflow-aggregator",
        "workflow-multibranch",
    ]
    assert all(re.fullmatch(r"[a-z-]+:\d[\w.]+", line) for line in lines if not line.startswith("#"))


def test_every_plugin_that_a_file_can_need_has_a_version() -> None:
    assert {plugin for found in plugins._BY_NAME.values() for plugin in found} | {*plugins._ALWAYS} <= set(plugins.VERSIONS)


@pytest.mark.parametrize("feature", FEATURES)
def test_the_table_has_an_answer(feature) -> None:
    entry = cases(registry.load("jenkins").table[feature])
    assert not isinstance(entry[-1], Case)
    assert all(isinstance(each, Case) for each in entry[:-1])


def test_tag_deliveries_may_overtake() -> None:
    p = Pipeline("p", image=IMAGE)
    p.deploy("d", environment=Environment("e", on=[on.tag("v*")]))
    assert [each.code for each in emission(p).diagnostics if each.level == "error"] == ["PK1403"]


def test_losses_are_said() -> None:
    from pipelinekit import Runner

    p = Pipeline("p", image=IMAGE)
    p.test("t", name="a", keep="[ab].txt", runner=Runner(cpus=4))
    p.test("t", name="b", keep="x", keep_for="36h")
    assert {(each.feature, each.code) for each in emission(p).diagnostics} == {("keep", "PK1404"), ("runner", "PK1404")}
