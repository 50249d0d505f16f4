"""The corpus: definitions without fault, commands that really run, traces that are what the contract says now."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipelinekit.backend.emit import emit
from pipelinekit.check import check
from pipelinekit.model.features import FEATURES, uses
from pipelinekit.model.plan import Stage
from pipelinekit.semantics.interpreter import Run, environment, handed, prepare, simulate
from pipelinekit.semantics.scenario import Happening, Scenario
from pipelinekit.semantics.selection import select
from pipelinekit.semantics.trace import RunStart, read, write
from pipelinekit.testing import corpus
from pipelinekit.testing.engine import Engine
from pipelinekit.testing.ground import Ground
from pipelinekit.testing.probe import instrument
from pipelinekit.testing.scenarios import happenings, scenarios
from pipelinekit.testing.suite import Conformance, fitted

NAMES = corpus.names()
GENERAL = [name for name in NAMES if not name.startswith("loss-")]
NO_ENGINE: tuple[Engine, ...] = ()
SETTINGS: dict[str, dict[str, Any]] = {
    "cloudbuild": {"bucket": "acme-ci"},
    "concourse": {"services": "docker", "bucket": "acme-ci"},
    "drone": {"store": "s3://acme-ci/runs"},
    "gitlab": {},
    "jenkins": {},
}


def text(name: str) -> str:
    return (corpus.FOLDER / name / "traces.jsonl").read_text(encoding="utf-8")


def test_there_are_sixty_and_more() -> None:
    assert len(GENERAL) >= 60
    assert {path.parent.name for path in corpus.FOLDER.glob("*/traces.jsonl")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_definition(name: str) -> None:
    """Without fault, under its own name, and told in its first line."""
    assert [str(each) for each in check(corpus.plan(name))] == []
    assert corpus.plan(name).name == name
    assert (corpus.FOLDER / name / "pipeline.py").read_text(encoding="utf-8").startswith('"""')


def test_each_feature_is_in_it() -> None:
    found = {use.feature for name in NAMES for use in uses(corpus.plan(name), select(corpus.plan(name)).events)}
    assert set(FEATURES) - found == set()


@pytest.mark.parametrize("name", GENERAL)
def test_most_targets_render_it(name: str) -> None:
    rendered = [
        target
        for target, settings in SETTINGS.items()
        if emit(instrument(fitted(corpus.plan(name), Conformance(target, NO_ENGINE, settings)), "/probe"), target).ok
    ]
    assert len(rendered) >= 3


# Traces.


@pytest.mark.parametrize("name", NAMES)
def test_traces_are_up_to_date(name: str) -> None:
    """`make corpus` writes them."""
    assert text(name) == corpus.traces(name)


@pytest.mark.parametrize("name", NAMES)
def test_traces_are_read_back(name: str) -> None:
    traces = tuple(read(text(name)))
    assert write(traces) == text(name)
    found = [trace[0].scenario for trace in traces if isinstance(trace[0], RunStart)]
    assert found == list(scenarios(corpus.plan(name)))
    assert [simulate(corpus.plan(name), scenario) for scenario in found if scenario] == list(traces)


def test_traces_are_written_where_they_are_outdated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one-job", "chain", "gate"):
        shutil.copytree(corpus.FOLDER / name, tmp_path / name)
    (tmp_path / "one-job" / "traces.jsonl").write_text("{}\n")
    (tmp_path / "gate" / "traces.jsonl").unlink()
    monkeypatch.setattr(corpus, "FOLDER", tmp_path)
    corpus.main()
    assert capsys.readouterr().out == f"{Path('gate/traces.jsonl')}\n{Path('one-job/traces.jsonl')}\n"
    assert (tmp_path / "gate" / "traces.jsonl").read_text() == text("gate")
    corpus.main()
    assert capsys.readouterr().out == ""


def test_it_is_a_program() -> None:
    done = subprocess.run([sys.executable, "-m", "pipelinekit.testing.corpus"], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


# Scenarios.


@pytest.mark.parametrize("name", NAMES)
def test_scenarios_of_one(name: str) -> None:
    """Few enough to run them all, each with a name and a trace of its own."""
    found = scenarios(corpus.plan(name))
    assert 0 < len(found) <= 30
    assert len({scenario.name for scenario in found}) == len(found)
    assert all("\n" not in scenario.name and len(scenario.name) <= 80 for scenario in found)


def test_scenarios_of_all() -> None:
    every = [scenario for name in GENERAL for scenario in scenarios(corpus.plan(name))]
    assert 500 <= len(every) <= 900
    assert {scenario.happening.kind for scenario in every} == {"push", "pull_request", "tag", "schedule", "manual"}
    assert {failure.kind for scenario in every for failure in scenario.failures} == {"exit", "hang", "output"}
    assert any(failure.status == 78 for scenario in every for failure in scenario.failures)
    for condition in ("failures", "rejected", "missing", "overtaken"):
        assert any(getattr(scenario, condition) for scenario in every), condition
    assert any(scenario.happening.fork for scenario in every)
    assert any(scenario.happening.beside_trunk for scenario in every)


def test_each_line_of_a_trace_is_in_it() -> None:
    """Each outcome of jobs and runs, each decision, each reason of what was skipped."""
    lines = [line for name in GENERAL for trace in read(text(name)) for line in trace]
    found = {getattr(line, field) for line in lines for field in ("outcome", "decision", "why") if hasattr(line, field)}
    told = {"passed", "failed", "allowed", "timeout", "stopped", "nothing", "approved", "rejected"}
    assert found == told | {"need", "gate", "unchanged", "overtaken", "beside-trunk", "no-failure"}


def test_a_job_fails_once_on_one_event(define: Any) -> None:
    plan = define(
        "from pipelinekit import *\np = Pipeline('x', image='a', triggers=[on.push(), on.pull_request(), on.tag('v*')])\n"
        "a = p.lint('x', matrix=Matrix('os', 'a', 'b'))\np.test('x', needs=[a])\n"
        "p.step('x', on=[on.push()], name='s', retries=1, timeout='5m')"
    )
    assert [each.name for each in scenarios(plan) if each.failures] == [
        "push, lint-b fails",
        "push, test fails",
        "push, s fails",
        "push, s fails but the last time",
        "push, s hangs once",
    ]


# Commands.


def happening(name: str) -> Happening:
    """The happening that starts the most jobs."""
    plan = corpus.plan(name)
    found = [each for event in select(plan).events for _, each in happenings(plan, event)]
    return max(found, key=lambda each: len(prepare(plan, Scenario("", each)).jobs))


def run(ground: Ground, job: Stage, given: Run, made: Mapping[str, Path], folder: str) -> Path:
    """The tree of a job that ran by itself, as the contract says: its commit with what it asks for, and its environment."""
    tree = ground.checkout(ground.work / folder)
    for need in job.needs:
        for path in need.paths:
            source, target = made[need.stage] / path, tree / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(source, target, dirs_exist_ok=True) if path.endswith("/") else shutil.copy2(source, target)
    env = {name: "1" if value == "*" else value for name, value in environment(job, given).items()}
    for secret in job.secrets:
        value = ground.secrets[secret.stored]
        if secret.file:
            (ground.work / f"{secret.name}.file").write_text(value)
        env[secret.name] = str(ground.work / f"{secret.name}.file") if secret.file else value
    shell = ["bash", "-eo", "pipefail", "-c"] if job.shell == "bash" else ["sh", "-c"]
    script = "\n".join(("set -e", *job.setup, *job.commands))
    done = subprocess.run([*shell, script], cwd=tree, env=ground.environment(**env), capture_output=True, text=True, check=False)
    assert done.returncode == 0, (job.name, done.stdout + done.stderr)
    return tree


@pytest.mark.parametrize("name", NAMES)
def test_commands_run_with_a_shell_and_pass(name: str, tmp_path: Path) -> None:
    """And make what they promise, other bytes each time."""
    scenario = Scenario("", happening(name))
    ground = Ground(tmp_path / "ground")
    given = prepare(corpus.plan(name), scenario)
    ground.begin(given.plan, scenario)
    made: dict[str, Path] = {}
    for job in given.jobs:
        if job.is_gate or job.container:
            continue
        made[job.name] = run(ground, job, given, made, job.name)
        for path in handed(job, given.plan):
            again = contents(run(ground, job, given, made, f"{job.name} again") / path)
            shutil.rmtree(ground.work / f"{job.name} again")
            assert contents(made[job.name] / path) and contents(made[job.name] / path) != again, path


def contents(path: Path) -> list[bytes]:
    return [each.read_bytes() for each in sorted(path.rglob("*")) if each.is_file()] if path.is_dir() else [path.read_bytes()]
