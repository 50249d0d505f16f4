"""Definitions around each limit of this engine."""

from __future__ import annotations

from pipelinekit import Input, Matrix, Pipeline, Secret, Service, on
from pipelinekit.model.plan import Plan
from tests.backends.breach import Breach


def _step(command: str = "true", name: str = "NAME", value: str = "") -> Plan:
    p = Pipeline("widget", image="busybox:1.37", triggers=[on.push()])
    p.test(command, variables={name: value})
    return p.plan()


def _secret(name: str) -> Plan:
    p = Pipeline("widget", image="busybox:1.37", triggers=[on.push()])
    p.test("true", secrets=[Secret(name)])
    return p.plan()


def _message(size: int) -> Plan:
    p = Pipeline("widget", image="busybox:1.37", triggers=[on.push()])
    p.gate("?" * size, needs=[p.test("true")])
    return p.plan()


def _service(command: str) -> Plan:
    p = Pipeline("widget", image="busybox:1.37", triggers=[on.push()])
    p.test("true", services=[Service("db", image="postgres:16", port=5432, command=command)])
    return p.plan()


def _input(default: str) -> Plan:
    p = Pipeline("widget", image="busybox:1.37", triggers=[on.push(), on.manual(inputs=[Input("problem", default)])])
    p.test("true")
    return p.plan()


def _cell(value: str) -> Plan:
    p = Pipeline("widget", image="busybox:1.37", triggers=[on.push()])
    p.test("true", matrix=Matrix("letter", value, "b"))
    return p.plan()


def _stages(count: int) -> Plan:
    p = Pipeline("widget", image="busybox:1.37", triggers=[on.push()])
    before = p.lint("true")
    for number in range(count):
        before = p.test("true", name=f"t{number}", needs=[before], on=[on.push()])
    return p.plan()


BREACHES: dict[str, Breach] = {
    "last-character": Breach(lambda: _step("echo \uffff"), lambda: _step("echo \ufffe")),
    "literal": Breach(lambda: _message(60_001), lambda: _message(60_000)),
    "argument": Breach(lambda: _step(value="#" * 131_067), lambda: _step(value="#" * 131_066)),
    "quotation": Breach(lambda: _service("postgres -c 'x"), lambda: _service("postgres -c 'x'")),
    "names": Breach(lambda: _secret("class"), lambda: _secret("Class")),
    "field": Breach(lambda: _input("one\ntwo"), lambda: _input("one two")),
    "stop": Breach(lambda: _cell("a."), lambda: _cell("a.b")),
    "method": Breach(lambda: _stages(200), lambda: _stages(80)),
}
