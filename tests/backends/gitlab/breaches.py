"""Definitions around each limit of this engine."""

from __future__ import annotations

from collections.abc import Sequence

from pipelinekit import Cache, Environment, Input, Matrix, Pipeline, Runner, Service, changed, on
from pipelinekit.model.plan import Plan
from tests.backends.breach import Breach


def _defined() -> Pipeline:
    return Pipeline("widget", image="busybox:1.37", triggers=[on.push(), on.pull_request()])


def _needs(count: int) -> Plan:
    p = _defined()
    p.step("true", name="last", needs=[p.test("true", name=f"t{number}") for number in range(count)])
    return p.plan()


def _of_parent(count: int) -> Plan:
    p = _defined()
    production = Environment("production")
    made = [p.build("make", name=f"b{number}", outputs=f"o{number}") for number in range(count)]
    live = p.deploy("ship", environment=production, needs=[build[f"o{number}"] for number, build in enumerate(made)])
    p.verify("true", environment=production, needs=[live])
    return p.plan()


def _cells(*values: Sequence[str]) -> Plan:
    p = _defined()
    p.test("true", matrix=[Matrix(f"m{number}", *each) for number, each in enumerate(values)])
    return p.plan()


def _caches(count: int, files: int = 1) -> Plan:
    p = _defined()
    key = [f"{number}.lock" for number in range(files)]
    p.test("true", cache=[Cache(f"c{number}/", key=key) for number in range(count)])
    return p.plan()


def _globs(*globs: str) -> Plan:
    p = _defined()
    p.lint("true")
    p.test("true", only_if=changed(*globs))
    return p.plan()


def _labels(count: int) -> Plan:
    p = _defined()
    p.test("true", runner=Runner(*(f"l{number}" for number in range(count))))
    return p.plan()


def _input(command: str = "true", choices: Sequence[str] = ()) -> Plan:
    given = Input("problem", choices[0] if choices else "x", choices=choices)
    p = Pipeline("widget", image="busybox:1.37", triggers=[on.push(), on.manual("by-hand", inputs=[given])])
    p.test(command)
    return p.plan()


def _service(command: str) -> Plan:
    p = _defined()
    p.test("true", services=[Service("db", image="postgres:16", port=5432, command=command)])
    return p.plan()


def _url(url: str) -> Plan:
    p = _defined()
    p.deploy("ship", environment=Environment("production", url=url), needs=[p.test("true")])
    return p.plan()


def _kept(path: str) -> Plan:
    p = _defined()
    p.test("true", keep=path)
    return p.plan()


def _variable(size: int) -> Plan:
    p = _defined()
    p.test("true", variables={"V": "#" * size})
    return p.plan()


def _scripts(size: int, count: int = 1) -> Plan:
    p = _defined()
    for number in range(count):
        p.test("#" * size, name=f"t{number}")
    return p.plan()


_LETTERS = [f"v{number}" for number in range(15)]

BREACHES: dict[str, Breach] = {
    "needs": Breach(lambda: _needs(51), lambda: _needs(50)),
    "needs-of-parent": Breach(lambda: _of_parent(6), lambda: _of_parent(5)),
    "cells": Breach(lambda: _cells(_LETTERS, _LETTERS), lambda: _cells(_LETTERS, _LETTERS[:13])),
    "job-name": Breach(lambda: _cells(["x" * 121]), lambda: _cells(["x" * 120])),
    "caches": Breach(lambda: _caches(5), lambda: _caches(4)),
    "key-files": Breach(lambda: _caches(1, 3), lambda: _caches(1, 2)),
    "globs": Breach(lambda: _globs(*(f"f{number}" for number in range(51))), lambda: _globs(*(f"f{number}" for number in range(50)))),
    "labels": Breach(lambda: _labels(50), lambda: _labels(49)),
    "choices": Breach(lambda: _input(choices=list(map(str, range(51)))), lambda: _input(choices=list(map(str, range(50))))),
    "quotation": Breach(lambda: _service("postgres -c 'x"), lambda: _service("postgres -c 'x'")),
    "brackets": Breach(lambda: _input("echo '$[[ inputs.problem ]]'"), lambda: _input("echo '$['[ inputs.problem ]]")),
    "references": Breach(lambda: _url("https://example.com/%C3%A9"), lambda: _url("https://example.com/%20a%2F")),
    "variable": Breach(lambda: _variable(131_070), lambda: _variable(131_069)),
    "path": Breach(lambda: _kept("out/\x80"), lambda: _kept("out/\x81")),
    "file": Breach(lambda: _scripts(1_000_000), lambda: _scripts(400_000, 2)),
}
