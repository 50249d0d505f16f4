"""Definitions around each limit of this engine."""

from __future__ import annotations

from pipelinekit import Matrix, Pipeline, Service, ci, on
from pipelinekit.model.plan import Plan
from pipelinekit.recipes import container
from tests.backends.breach import Breach


def _defined(**settings: str) -> Pipeline:
    return Pipeline("widget", image="busybox:1.37", triggers=[on.push()], targets={"drone": settings})


def _command(text: str) -> Plan:
    p = _defined()
    p.test(text)
    return p.plan()


def _variable(text: str) -> Plan:
    p = _defined()
    p.test("true", variables={"TEXT": text})
    return p.plan()


def _cells(size: int) -> Plan:
    p = _defined()
    p.test("true", matrix=Matrix("value", "1" * size))
    return p.plan()


def _argument(text: str) -> Plan:
    p = _defined()
    p.build(container("registry.example.com/widget", tag=ci.sha, args={"EXTRAS": text}))
    return p.plan()


def _service(command: str) -> Plan:
    p = _defined()
    p.test("true", services=[Service("db", image="postgres:16", port=5432, command=command)])
    return p.plan()


BREACHES: dict[str, Breach] = {
    "characters": Breach(lambda: _command("printf 'a\rb'"), lambda: _command("printf 'a\\rb\tc'")),
    "line": Breach(lambda: _command("#" * 65_536), lambda: _command("#" * 65_500)),
    "argument": Breach(lambda: _variable("text\n" * 26_215), lambda: _variable("text\n" * 26_000)),
    "name": Breach(lambda: _cells(96), lambda: _cells(95)),
    "list": Breach(lambda: _argument("a,b"), lambda: _argument("a;b c")),
    "quotation": Breach(lambda: _service("postgres -c 'x"), lambda: _service("postgres -c 'x'")),
}
