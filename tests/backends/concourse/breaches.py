"""Definitions around each limit of this engine."""

from __future__ import annotations

from pipelinekit import Cache, Matrix, Pipeline, Service, on
from pipelinekit.model.plan import Plan
from tests.backends.breach import Breach

SETTINGS = {"uri": "https://git.example.com/acme/widget.git", "repository": "acme/widget", "services": "docker"}


def _defined() -> Pipeline:
    return Pipeline("widget", image="busybox:1.37", triggers=[on.push()], targets={"concourse": SETTINGS})


def _cached(path: str) -> Plan:
    p = _defined()
    p.test("true", cache=Cache(path, key="requirements.lock"))
    return p.plan()


def _script(size: int) -> Plan:
    p = _defined()
    p.test("#" * size)
    return p.plan()


def _resources(name: str) -> Plan:
    """A schedule and a container build each have a resource, by their names."""
    p = Pipeline("widget", image="busybox:1.37", triggers=[on.push(), on.schedule(name, "0 3 * * *")], targets={"concourse": SETTINGS})
    p.step("true", needs=[p.gate("Go?", needs=[p.lint("true")], timeout="1h", name="ask")])
    return p.plan()


def _cells(*values: str) -> Plan:
    p = _defined()
    letters = Matrix("letter", *values)
    made = p.build("make", matrix=letters, outputs=[f"out/{letters}.txt"])
    p.test("cat out/*", needs=[made.cell(letter=value)[f"out/{letters}.txt"] for value in values])
    return p.plan()


def _service(command: str) -> Plan:
    p = _defined()
    p.test("true", services=[Service("db", image="postgres:16", port=5432, command=command)])
    return p.plan()


BREACHES: dict[str, Breach] = {
    "brackets": Breach(lambda: _cached("((x))/"), lambda: _cached("( (x))/")),
    "argument": Breach(lambda: _script(131_072), lambda: _script(131_000)),
    "resource-names": Breach(lambda: _resources("ask-asked"), lambda: _resources("ask-again")),
    "capitals": Breach(lambda: _cells("a", "A"), lambda: _cells("a", "b")),
    "quotation": Breach(lambda: _service("postgres -c 'x"), lambda: _service("postgres -c 'x'")),
}
