"""Nothing privileged, no docker daemon, no folder of the worker's but for a stage that needs it, and then it is listed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipelinekit import Pipeline, Runner, Service, ci
from pipelinekit.backend import Privilege, registry
from pipelinekit.backend.emit import emit, prepare
from pipelinekit.backend.privilege import asked
from pipelinekit.cli import main
from pipelinekit.load import load
from pipelinekit.model.plan import Plan
from pipelinekit.recipes import container
from tests.golden_cases import cases, plan

ROOT = Path(__file__).parents[1]
TARGETS = tuple(registry.entry_points())
DEFINITIONS = tuple(
    path.relative_to(ROOT).as_posix()
    for path in (
        ROOT / "pipeline.py",
        *sorted(ROOT.glob("examples/*/pipeline.py")),
        *sorted(ROOT.glob("pipelinekit/testing/corpus/*/pipeline.py")),
    )
)

ALARMS = re.compile(
    r"privileged"
    r"|docker\.sock|DOCKER_HOST"
    r"|\bdind\b"
    r"|plugins/(docker|ecr|gcr|acr|heroku)\b"
    r"|\bdocker (run|build|push|exec|compose)\b"
    r"|(-v|--volume)[ =]\S*:|--mount\b"
    r"|hostPath|\bhost:\s*(\{|$)"
    r"|(-u|--user)[ =]?(0|root)\b|runAsUser|run_as|\bsudo\b"
    r"|--(cap-add|device|gpus|pid|ipc|security-opt)\b|--network[ =]host"
    r"|serviceAccount:"
)
"""Texts in a file that ask for something, or could."""


def privileges(found: Plan, target: str) -> list[Privilege]:
    backend = registry.load(target)
    request, _ = prepare(found, backend)
    return [privilege for privilege, _ in asked(request, backend)]


def unlisted(found: Plan, target: str, files: dict[str, str]) -> list[str]:
    """The lines that ask for what no privilege of the plan's stages lists. Comments ask for nothing."""
    signs = [privilege.sign for privilege in privileges(found, target) if privilege.sign]
    lines = [f"{path}: {line}" for path, text in files.items() for line in text.splitlines() if not line.lstrip().startswith(("#", "//"))]
    return [line for line in lines if ALARMS.search(line) and not any(re.search(sign, line) for sign in signs)]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("case", cases())
def test_what_golden_files_ask_for_is_listed(case: str, target: str) -> None:
    files = emit(plan(case), target).files
    assert unlisted(plan(case), target, files) == []
    text = "\n".join(files.values())
    for privilege in privileges(plan(case), target) if files else ():
        assert re.search(privilege.sign, text), f"{privilege.name} is listed, and nothing asks for it"


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("definition", DEFINITIONS)
def test_what_examples_and_the_corpus_ask_for_is_listed(definition: str, target: str) -> None:
    found = load(str(ROOT / definition))
    assert unlisted(found, target, emit(found, target).files) == []


def test_a_plain_pipeline_asks_for_nothing_but_jenkins_root() -> None:
    p = Pipeline("plain", image="python:3.12-slim")
    p.test("pytest", needs=[p.lint("ruff check .")])
    listed = {target: [each.name for each in privileges(p.plan(), target)] for target in TARGETS}
    assert {target: names for target, names in listed.items() if names} == {"jenkins": ["root in the container"]}


def test_each_privilege_is_asked_for_by_something() -> None:
    """No entry of a backend's list is dead: some definition has it, and is listed with the stage."""
    seen: dict[str, set[str]] = {target: set() for target in TARGETS}
    for settings in ({}, {"gitlab": {"builder": "docker"}, "concourse": {"services": "docker"}, "cloudbuild": {"service_account": "a@b"}}):
        p = Pipeline("all", image="python:3.12-slim", targets=settings)
        p.test("pytest", services=[Service("db", image="postgres:16", port=5432)], runner=Runner(gpus=1))
        p.build(container("registry.example.com/all", tag=ci.sha))
        for target in TARGETS:
            backend = registry.load(target)
            request, _ = prepare(p.plan(), backend)
            seen[target] |= {f"{privilege.name}: {privilege.when}" for privilege, _ in asked(request, backend)}
    listed = {target: {f"{each.name}: {each.when}" for each in registry.load(target).privileges} for target in TARGETS}
    assert seen == listed


def test_explain_lists_them_with_their_stages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pipeline.py").write_text(
        "from pipelinekit import Environment, Pipeline, ci\nfrom pipelinekit.recipes import container\n"
        'p = Pipeline("x", image="python:3.12-slim")\nbuilt = p.build(container("registry.example.com/x", tag=ci.sha))\n'
        'p.deploy("./deploy.sh", environment=Environment("staging"), needs=[built])\n'
    )
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main(["explain", "--target", "concourse"])
    assert "asks for  privileged task: the oci-build task mounts file systems; it is root on its worker [build]" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["explain", "--target", "concourse", "--json"])
    assert '"support": "privilege"' in capsys.readouterr().out


@pytest.mark.parametrize(
    "line", ["privileged: true", "docker run -v /:/host x", "path: /var/run/docker.sock", "image: plugins/docker", "-u 0:0"]
)
def test_what_nobody_needs_is_found(line: str) -> None:
    assert unlisted(plan("one-test"), "gitlab", {"x": f"a\n  {line}\n# {line}\n"}) == [f"x:   {line}"]
