"""The examples and pipelinekit's own pipeline: what is committed is what the definition renders to, and passes each reader."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from pipelinekit.backend import registry
from pipelinekit.backend.emit import Emission, emit
from pipelinekit.load import load
from pipelinekit.semantics.matrix import cell_name, cells_of
from pipelinekit.semantics.selection import select
from tests.golden_cases import cases, plan
from tests.readers import engines, gitlab, gitlab_engine, scalars
from tests.test_golden import problems

ROOT = Path(__file__).parents[1]
EXAMPLES = tuple(f"examples/{name}" for name in ("price-service", "dash-diabetes", "nightly-scores", "shiny-states"))
PROJECTS = (*EXAMPLES, ".")
TARGETS = tuple(registry.entry_points())


@cache
def emission(project: str, target: str) -> Emission:
    return emit(load(str(ROOT / project / "pipeline.py")), target)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("project", PROJECTS)
def test_committed_files_are_what_the_definition_renders_to(project: str, target: str) -> None:
    files = emission(project, target).files
    assert files
    assert {path: (ROOT / project / path).read_text("utf-8") for path in files} == files


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("project", PROJECTS)
def test_readers_have_nothing_against_them(project: str, target: str) -> None:
    files = emission(project, target).files
    assert problems(target, files) == []
    assert scalars.problems(files) == []


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("project", EXAMPLES)
def test_an_example_accepts_all_that_it_loses(project: str, target: str) -> None:
    assert emit(load(str(ROOT / project / "pipeline.py")), target, strict=True).ok
    assert [each for each in emission(project, target).diagnostics if each.level != "note"] == []


def test_the_example_uses_every_kind() -> None:
    kinds = {stage.kind for stage in load(str(ROOT / PROJECTS[0] / "pipeline.py")).stages}
    assert kinds == {"lint", "test", "data_pull", "step", "build", "migrate", "deploy", "verify", "gate"}


@pytest.mark.parametrize("target", TARGETS)
def test_check_fails_when_one_byte_differs(target: str, tmp_path: Path) -> None:
    shutil.copy(ROOT / PROJECTS[0] / "pipeline.py", tmp_path)
    command = [sys.executable, "-m", "pipelinekit", "render", "--target", target]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert subprocess.run([*command, "--check"], cwd=tmp_path, check=False).returncode == 0
    for path, text in emission(PROJECTS[0], target).files.items():
        (tmp_path / path).write_text(text[:-2] + "~" + text[-1:], "utf-8")
        stale = subprocess.run([*command, "--check"], cwd=tmp_path, check=False, capture_output=True, text=True)
        assert stale.returncode == 1
        assert f"+++ {path}" in stale.stdout
        assert f"{path} is not what the definition renders to" in stale.stderr
        (tmp_path / path).write_text(text, "utf-8")


@pytest.mark.parametrize("case", (*cases(), *PROJECTS))
def test_gitlab_ci_local_lists_the_jobs_of_a_push(case: str) -> None:
    """A second reader of GitLab's files: a job per cell of each stage that a push to trunk starts, or a trigger job per block."""
    engines.require(gitlab_engine.available())
    own = load(str(ROOT / case / "pipeline.py")) if case in PROJECTS else plan(case)
    files = emit(own, "gitlab").files
    selection = select(own)
    if not any(event.kind == "push" and event.on_trunk for event in selection.events):
        pytest.skip("starts no run on a push, which gitlab-ci-local doesn't look at")
    if not files or "$[[" in files[".gitlab-ci.yml"]:
        pytest.skip("refused, or with inputs, which gitlab-ci-local doesn't have")
    rows = gitlab.gitlab_ci_local(files, ("push",))["push"]
    cells = {cell_name(stage.name, cell): stage.name for stage in own.stages for cell in cells_of(stage)}
    names = (row["name"].partition(":")[0] for row in rows if row["when"] != "never")
    listed = {cells.get(name, name) for name in names}
    selected = {stage.name for stage in own.stages if any(event.kind == "push" and event.on_trunk for event in selection.runs(stage))}
    environments = {environment.name for environment in own.environments}
    in_children = {stage.name for stage in own.stages if stage.environment} - listed
    assert listed - environments == selected - in_children
