"""Definitions around each limit of this engine."""

from __future__ import annotations

from pipelinekit import Input, Matrix, Pipeline, Secret, Service, ci, on
from pipelinekit.model.plan import Plan
from pipelinekit.recipes import container
from tests.backends.breach import Breach


def _defined(**settings: object) -> Pipeline:
    return Pipeline("widget", image="busybox:1.37", triggers=[on.push()], targets={"cloudbuild": settings})


def _script(size: int) -> Plan:
    p = _defined()
    p.test("#" * size)
    return p.plan()


def _cells(*sizes: int) -> Plan:
    p = _defined()
    p.test("true", matrix=[Matrix(f"axis_{index}", *(f"v{value}" for value in range(size))) for index, size in enumerate(sizes)])
    return p.plan()


def _variables(count: int) -> Plan:
    p = _defined()
    p.test("true", variables={f"V{number}": "x" for number in range(count)})
    return p.plan()


def _argument(size: int) -> Plan:
    p = _defined()
    p.build(container("registry.example.com/widget", tag=ci.sha, args={"A": "x" * (size - len("A="))}))
    return p.plan()


def _image(size: int) -> Plan:
    p = _defined()
    p.test("true", image="a/" * ((size - 1) // 2) + "a" * (2 - size % 2))
    return p.plan()


def _secrets(count: int) -> Plan:
    p = _defined()
    p.test("true", secrets=[Secret(f"S{number}") for number in range(count)])
    return p.plan()


def _locks(count: int) -> Plan:
    p = _defined()
    for number in range(count):
        p.step("true", name=f"step-{number}", lock=f"lock-{number}")
    return p.plan()


def _input(size: int) -> Plan:
    p = Pipeline("widget", image="busybox:1.37", triggers=[on.manual("go", inputs=[Input("text", "x" * size)])])
    p.test("true")
    return p.plan()


def _hours(text: str) -> Plan:
    p = _defined()
    p.test("true", timeout=text)
    return p.plan()


def _service(command: str) -> Plan:
    p = _defined()
    p.test("true", services=[Service("db", image="postgres:16", port=5432, command=command)])
    return p.plan()


BREACHES: dict[str, Breach] = {
    "size": Breach(lambda: _script(100_000), lambda: _script(99_000)),
    "steps": Breach(lambda: _cells(7, 43), lambda: _cells(3, 100)),
    "variables": Breach(lambda: _variables(101), lambda: _variables(100)),
    "arguments": Breach(lambda: _argument(10_001), lambda: _argument(10_000)),
    "image": Breach(lambda: _image(1_001), lambda: _image(1_000)),
    "secrets": Breach(lambda: _secrets(101), lambda: _secrets(100)),
    "tags": Breach(lambda: _locks(64), lambda: _locks(63)),
    "inputs": Breach(lambda: _input(4_001), lambda: _input(4_000)),
    "day": Breach(lambda: _hours("25h"), lambda: _hours("24h")),
    "quotation": Breach(lambda: _service("postgres -c 'x"), lambda: _service("postgres -c 'x'")),
}
