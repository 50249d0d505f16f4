"""The 64 KB that one method may have: the backend's estimate beside a compiler's bytes, and files whose jobs are functions of their own.

The compiler is Groovy's, after a transformation like groovy-cps' own (`OneMethod.groovy`). Jenkins' is tighter; how much was measured once,
with its real parser and transformer: there one `sh` takes 60 bytes.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pipelinekit_jenkins import document, functions, size
from pipelinekit_jenkins.groovy import Call, printed
from pipelinekit_jenkins.stages import Stages

from pipelinekit import Matrix, Pipeline, Secret, Service, on
from pipelinekit.backend import registry
from pipelinekit.backend.emit import Emission, emit, prepare
from pipelinekit.model.plan import Plan
from pipelinekit.testing import corpus
from tests.engines.jenkins import Jenkins
from tests.engines.jenkins.by_hand import pipeline, stage
from tests.engines.jenkins.jvm import Jvm
from tests.engines.jenkins.test_backend import differing

LIMIT = 65_535
SH = 60
MOST = 1.25
LEAST = 0.93


def plain(p: Pipeline, number: int) -> None:
    p.test("pytest", name=f"t{number}")


def rich(p: Pipeline, number: int) -> None:
    more: dict[str, Any] = {"variables": {"X": "1"}, "outputs": ["a"], "reports": "r.xml", "keep": "a", "allow_failure": True}
    p.test("pytest", name=f"t{number}", timeout="5m", retries=1, secrets=[Secret("A"), Secret("B")], **more)


def served(p: Pipeline, number: int) -> None:
    p.test("pytest", name=f"t{number}", services=[Service("db", image="postgres:16", port=5432)])


def eventful(p: Pipeline, number: int) -> None:
    events = [on.push(), on.tag("v*"), on.schedule("nightly", "1 2 * * *")]
    p.test("pytest", name=f"t{number}", on=events if number % 2 else [on.pull_request()])


def of(kind: Callable[[Pipeline, int], None], count: int) -> Plan:
    p = Pipeline("p", image="python:3.12", accept={"jenkins": {"order": "as it comes"}})
    for number in range(count):
        kind(p, number)
    return p.plan()


def tree(plan: Plan) -> Call:
    """The pipeline before it is printed."""
    request, _ = prepare(plan, registry.load("jenkins"))
    work, order, _ = importlib.import_module("pipelinekit_jenkins.render").prepared(request)
    return document.pipeline(work, Stages(work, order).row(order))


class Compiler:
    """The bytes of a file's methods in Jenkins; None for one too large even for Groovy."""

    def __init__(self, jvm: Jvm) -> None:
        self._jvm = jvm
        few, many = (self._of(pipeline(stage("a", "sh 'x'\n" * count)))["run"] for count in (300, 600))
        self._growth = SH * 300 / (many - few)  # in a large file: numbers up to 255 take a byte less

    def _of(self, text: str) -> dict[str, int]:
        found: dict[str, int] = self._jvm.ask({"sizes": text}, lambda *_: 0)["sizes"] or {}
        return found

    def __call__(self, text: str) -> dict[str, int] | None:
        return {name: int(size * self._growth) for name, size in self._of(text).items() if not name.startswith("$")} or None


@pytest.fixture(scope="module")
def compiler(engine: Jenkins) -> Compiler:
    return Compiler(engine.jvm())


def test_one_step_of_the_transformation_is_as_long_as_the_reference_says(compiler: Compiler) -> None:
    """335 bytes for a stage with one `sh`, and the proportions of steps, within what a fifth of a stage may be off."""
    twenty, forty = (compiler(pipeline(*(stage(f"s{n}", "sh 'x'", agent="") for n in range(count)))) for count in (20, 40))
    assert twenty is not None
    assert forty is not None
    assert 0.65 * 335 < (forty["run"] - twenty["run"]) / 20 < 1.1 * 335


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        (plain, 10),
        (plain, 40),
        (plain, 60),
        (rich, 5),
        (rich, 20),
        (served, 20),
        (served, 40),
        (served, 60),
        (eventful, 20),
        (eventful, 40),
    ],
)
def test_the_estimate_is_near_and_rarely_below(kind: Callable[[Pipeline, int], None], count: int, compiler: Compiler) -> None:
    text = emission(of(kind, count)).files["Jenkinsfile"]
    found = compiler(text)
    assert found is not None
    whole = tree(of(kind, count))
    estimate = size.estimate(functions.split(whole)[0] if "def job_" in text else whole)
    assert LEAST < estimate / found["run"] < MOST


def emission(plan: Plan) -> Emission:
    found = emit(plan, "jenkins")
    assert found.ok, found.diagnostics
    return found


@pytest.mark.parametrize(("kind", "unsplit", "split"), [(plain, 60, 80), (served, 30, 60), (eventful, 35, 40)])
def test_functions_come_before_the_limit(kind: Callable[[Pipeline, int], None], unsplit: int, split: int, compiler: Compiler) -> None:
    assert "def job_" not in emission(of(kind, unsplit)).files["Jenkinsfile"]
    text = emission(of(kind, split)).files["Jenkinsfile"]
    assert text.count("def job_") == split
    found = compiler(text)
    assert found is not None
    assert max(found.values()) < LIMIT


@pytest.mark.parametrize(("kind", "count"), [(plain, 120), (rich, 60), (served, 80), (eventful, 80)])
def test_what_is_refused_does_not_compile(kind: Callable[[Pipeline, int], None], count: int, compiler: Compiler) -> None:
    assert not emit(of(kind, count), "jenkins").ok
    whole, outlined = functions.split(tree(of(kind, count)))
    assert compiler("\n".join((*outlined, printed([whole])))) is None


def test_matrices_grow_with_their_cells() -> None:
    """Declarative copies the matrix for each cell; the estimate counts them."""
    sizes = []
    for count in (4, 8):
        p = Pipeline("p", image="debian:12-slim")
        p.test("true", matrix=Matrix("n", *map(str, range(count))))
        sizes.append(size.estimate(tree(p.plan())))
    assert sizes[1] - sizes[0] == 4 * 425


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["artifacts", "secrets", "retries", "matrix", "container", "on-failure", "allow-failure", "facts", "checkout"]
)
def test_functions_change_no_trace(name: str, engine: Jenkins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(size, "SPLIT", 0)
    assert "def job_" in emission(corpus.plan(name)).files["Jenkinsfile"]
    assert differing(corpus.plan(name), engine, tmp_path) == {}
