"""A `Secret` is a name. However somebody tries to make text of it, they are told so at their line."""

from __future__ import annotations

import copy
import pickle

import pytest

from pipelinekit import Secret
from pipelinekit.diagnostics import DefinitionError

HEAD = """\
import json
from pipelinekit import *
from pipelinekit.authoring.recipe import Recipe
from pipelinekit.recipes import container
p = Pipeline("demo", image="python:3.12-slim")
s = Secret("DATABASE_URL", stored="PRODUCTION_DATABASE_URL")
"""

WAYS = [
    'f"psql {s}"',
    'f"psql {s!s}"',
    'f"psql {s:>20}"',
    '"psql {}".format(s)',
    '"psql {0:s}".format(s)',
    '"psql %s" % s',
    '"psql %s" % (s,)',
    "format(s)",
    'format(s, "s")',
    "str(s)",
    '"psql " + s',
    's + " psql"',
    '" ".join(["psql", s])',
    "json.dumps(s)",
    'json.dumps({"url": s})',
    "json.dumps(s, default=str)",
    "bytes(s)",
    'bytes(s, "utf-8")',
    "list(s)",
    "int(s)",
    "s[0]",
    "s.encode()",
    "print(s)",
    "p.test(s)",
    'p.test(["psql", s])',
    "p.test(Recipe(commands=[s]))",
    'p.test("x", setup=s)',
    'p.test("x", variables={"URL": s})',
    'p.test("x", variables={s: "URL"})',
    'Pipeline("q", variables={"URL": s})',
    'Environment("e", variables={"URL": s})',
    'Environment("e", url=s)',
    'Environment("e", config=s)',
    'Service("db", image="postgres:16", port=1, variables={"URL": s})',
    'Service("db", image="postgres:16", port=1, command=s)',
    'Service("db", image=s, port=1)',
    'p.test("x", image=s)',
    'p.test("x", name=s)',
    'p.test("x", outputs=s)',
    'p.test("x", outputs=[s])',
    'p.test("x", reports=[s])',
    'p.test("x", keep=[s])',
    'p.test("x", lock=s)',
    'p.test("x", raw={"gitlab": {"variables": {"URL": s}}})',
    'p.test("x", raw={"gitlab": {"tags": [s]}})',
    'Pipeline("q", raw={"gitlab": {"x": s}})',
    'Pipeline("q", targets={"drone": {"store": s}})',
    'p.gate(s, needs=[p.lint("x")])',
    "Cache(s)",
    'Cache("x", key=s)',
    "changed(s)",
    "Runner(s)",
    'Matrix("url", s)',
    'Input("url", s)',
    "on.push(s)",
    "container(s, tag=ci.sha)",
    'container("a/b", tag=s)',
    'container("a/b", tag=ci.sha, args={"URL": s})',
    'container("a/b", tag=ci.sha, context=s)',
    "Registry(s)",
    'Secret("A", stored=s)',
]


@pytest.mark.parametrize("way", WAYS)
def test_it_is_refused_at_the_users_line(define, way):
    with pytest.raises(DefinitionError) as refused:
        define(f"{HEAD}x = {way}\n")
    (said,) = refused.value.diagnostics
    assert str(said.source) == "pipeline.py:7"
    assert said.code in ("PK009", "PK010", "PK001", "PK019", "PK030", "PK032")
    assert "PRODUCTION_DATABASE_URL" not in said.message


@pytest.mark.parametrize("text", ['f"{s!r}"', "repr(s)", '"%r" % s', 'f"{[s]}"'])
def test_its_repr_is_its_name(define, text):
    plan = define(f"{HEAD}p.test('echo ' + ({text}).replace(chr(39), ''))\n")
    assert plan.stages[0].commands[0].strip("[]") in ("echo Secret(DATABASE_URL)", "echo [Secret(DATABASE_URL)")


def test_copies_are_names_too():
    secret = Secret("DATABASE_URL", stored="PRODUCTION_DATABASE_URL")
    for copied in (copy.copy(secret), copy.deepcopy(secret), pickle.loads(pickle.dumps(secret))):
        assert repr(copied) == "Secret('DATABASE_URL')"
        with pytest.raises(DefinitionError, match="can't become text"):
            str(copied)
