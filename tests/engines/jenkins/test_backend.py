"""What the corpus doesn't ask: names with dollars, projects that clone one commit, the other settings of the backend."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipelinekit import Input, Pipeline, ci, on
from pipelinekit.backend.emit import emit
from pipelinekit.model.plan import Plan
from pipelinekit.model.value import replace
from pipelinekit.semantics.scenario import Happening, Scenario
from pipelinekit.testing import Ground, corpus
from pipelinekit.testing.probe import instrument
from pipelinekit.testing.scenarios import scenarios
from pipelinekit.testing.suite import fitted, observe, setup
from tests.engines.jenkins import Jenkins, conformance

BRANCH = "fix-$5-$HOME-$$"


def differing(plan: Plan, engine: Jenkins, root: Path, *asked: Scenario, **settings: Any) -> dict[str, list[str]]:
    """What differs, by scenario."""
    ours = conformance()
    plan = fitted(plan, replace(ours, settings={**ours.settings, **settings}))
    ground = Ground(root)
    emission = emit(instrument(plan, ground.probe), "jenkins")
    assert emission.ok, emission.diagnostics
    ground.setup = setup(plan, "jenkins")
    found = {each.name: observe(ground, emission.files, plan, engine, each)[1] for each in asked or scenarios(plan)}
    return {name: [str(each) for each in differences] for name, differences in found.items() if differences}


def test_names_of_outsiders_keep_their_dollars(engine: Jenkins, tmp_path: Path) -> None:
    p = Pipeline("p", image="debian:12-slim", triggers=[on.pull_request(), on.push("**"), on.tag("*")])
    p.test(f'echo "{ci.branch} {ci.tag} {ci.title}"')
    request = Scenario("request", Happening("pull_request", branch=BRANCH))
    push = Scenario("push", Happening("push", branch="fix-$5"))
    tag = Scenario("tag", Happening("tag", tag="v-$1"))
    assert differing(p.plan(), engine, tmp_path, request, push, tag) == {}


def test_a_branch_with_a_variables_name_finds_no_commit(engine: Jenkins, tmp_path: Path) -> None:
    """The git plugin expands it before it looks: the table says so under `outsiders`."""
    p = Pipeline("p", image="debian:12-slim", triggers=[on.push("**")])
    p.test(f'echo "{ci.branch}"')
    (said,) = differing(p.plan(), engine, tmp_path, Scenario("push", Happening("push", branch=BRANCH))).values()
    assert said[0] == "commands test: it ended before its first command"


def test_inputs_keep_their_dollars(engine: Jenkins, tmp_path: Path) -> None:
    p = Pipeline(
        "p", image="debian:12-slim", triggers=[on.manual("m", inputs=[Input("price"), Input("size", default="s", choices=["s", "l"])])]
    )
    p.test('echo "$PRICE $SIZE"')
    asked = Scenario("by hand", Happening("manual", name="m", inputs=(("price", "5 $ or $HOME"), ("size", "l"))))
    assert differing(p.plan(), engine, tmp_path, asked) == {}


SHALLOW = ("changed", "checkout", "facts", "tag", "container")


@pytest.mark.slow
@pytest.mark.parametrize("name", SHALLOW)
def test_a_project_that_clones_one_commit_is_no_obstacle(
    name: str, engine: Jenkins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "shallow", True)
    loss = {"tag v1.4, store overtaken"}  # Unsafe: milestones of tags
    assert set(differing(corpus.plan(name), engine, tmp_path)) <= loss


SETTINGS: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("lattice", {"order": "scripted"}),
    ("chain", {"order": "scripted"}),
    ("allow-failure-in-a-row", {"order": "scripted"}),
    ("artifacts-passed-on", {"order": "scripted"}),
    ("one-job", {"user": "agent"}),
    ("retries", {"user": "agent"}),
    ("keep-reports-cache", {"cache": "none"}),
    ("gate", {"submitter": "ops"}),
)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "settings"), SETTINGS)
def test_other_settings_give_the_same_traces(name: str, settings: Mapping[str, str], engine: Jenkins, tmp_path: Path) -> None:
    assert differing(corpus.plan(name), engine, tmp_path, **settings) == {}
