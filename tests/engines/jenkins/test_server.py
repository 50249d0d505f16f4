"""The server that the set-up makes: what no step of it has brought is not there."""

from __future__ import annotations

from pathlib import Path

from pipelinekit.backend.emit import emit
from pipelinekit.model.value import replace
from pipelinekit.semantics.scenario import Happening, Scenario
from pipelinekit.testing import Ground, corpus
from pipelinekit.testing.suite import fitted, setup
from tests.engines.jenkins import Jenkins, conformance
from tests.engines.jenkins.server import of

PUSH = Scenario("push", Happening("push", branch="main"))


def played(name: str, engine: Jenkins, root: Path, files: dict[str, str] | None = None, **without: str) -> str:
    """What a build of a pipeline of the corpus prints, on a server without a step, or with another list of plugins."""
    plan = fitted(corpus.plan(name), conformance())
    ground = Ground(root)
    ground.setup = tuple(
        replace(step, why=step.why.replace(without["label"], "other")) if "label" in without else step
        for step in setup(plan, "jenkins")
        if not ("title" in without and step.title.startswith(without["title"]))
    )
    ground.begin(plan, PUSH)
    engine.run({**emit(plan, "jenkins").files, **(files or {})}, ground, PUSH)
    return engine.log


def test_steps_of_plugins_that_nobody_installed(engine: Jenkins, tmp_path: Path) -> None:
    log = played("one-job", engine, tmp_path, {"jenkins/plugins.txt": "git\nworkflow-aggregator\n"})
    assert "the plugin docker-workflow is not installed" in log
    assert "is not installed" not in played("one-job", engine, tmp_path / "again")


def test_credentials_that_nobody_made(engine: Jenkins, tmp_path: Path) -> None:
    assert "Could not find credentials entry with ID 'API_TOKEN'" in played("secrets", engine, tmp_path, title="Credential")


def test_labels_that_no_agent_has(engine: Jenkins, tmp_path: Path) -> None:
    assert "no agent has the labels [docker]" in played("one-job", engine, tmp_path, label="label docker")


def test_what_is_read_from_the_steps() -> None:
    plan = fitted(corpus.plan("secrets-as-files"), conformance())
    server = of(setup(plan, "jenkins"), {"jenkins/plugins.txt": "# comment\ngit\n"})
    assert server.script == "Jenkinsfile"
    assert set(server.files.values()) == {True}
    assert server.plugins == ["git"]
    assert server.labels == ["docker"]
    assert of((), {}).plugins is None
