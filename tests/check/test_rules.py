"""Each rule of `check` says what it must of the bad, at its line, and nothing of the good."""

from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelinekit.check import check
from pipelinekit.check.events import overlap
from pipelinekit.model.plan import Container, Environment, Need, Plan, Registry, Secret, Stage
from tests.conftest import Define

HEAD = """\
from pipelinekit import *
from pipelinekit.recipes import container
from functools import partial
P = partial(Pipeline, "demo", image="a")
py = Matrix("python", "3.11", "3.12")
prod = Environment("prod")
S = Secret("TOKEN")
"""
BAD = [
    (
        "PK002 10: a cell of test and test-b would both be 'test-b'",
        'p = P()\np.test("x", name="test-b")\np.test("x", matrix=Matrix("os", "a", "b"))',
    ),
    (
        "PK002 10: a cell of test and test-b would both be 'test-b'",
        'p = P()\np.test("x", matrix=Matrix("os", "a", "b"))\np.test("x", name="test-b")',
    ),
    (
        "PK002 8: two schedules or manual runs are called 'n'",
        'p = P(triggers=[on.schedule("n", "0 3 * * *"), on.schedule("n", "0 4 * * *")])\np.test("x")',
    ),
    (
        "PK002 8: two schedules or manual runs are called 'go'",
        'p = P(triggers=[on.manual("go"), on.manual("go", inputs=[Input("x")])])\np.test("x")',
    ),
    ("PK011 9: A is a secret of test and a variable of the pipeline", 'p = P(variables={"A": "1"})\np.test("x", secrets=[Secret("A")])'),
    (
        "PK011 9: PYTHON is a matrix value of test and a variable of the pipeline",
        'p = P(variables={"PYTHON": "1"})\np.test("x", matrix=py)',
    ),
    ("PK011 9: PIP_CACHE_DIR is set by a cache of test", 'p = P(variables={"PIP_CACHE_DIR": "1"})\np.test("x", cache=Cache.pip())'),
    (
        "PK011 9: X is an input and a variable of test",
        'p = P(triggers=[on.manual("go", inputs=[Input("x")])])\np.test("x", variables={"X": "1"})',
    ),
    (
        "PK011 9: TOKEN is a secret of test and an input",
        'p = P(triggers=[on.manual("go", inputs=[Input("token")])])\np.test("x", secrets=[S])',
    ),
    ("PK013 10: lint mentions the matrix value python", 'p = P()\np.test("x", matrix=py)\np.lint(f"tox -e {py}")'),
    (
        "PK020 9: lint doesn't run on pull-request, where test (pipeline.py:10) needs it",
        'p = P()\na = p.lint("x", on=[on.push()])\np.test("x", needs=[a])',
    ),
    (
        "PK020 10: test doesn't run on tag-v",
        'p = P()\ne = Environment("e", on=[on.tag("v*")])\na = p.test("x", on=[on.push()])\np.deploy("x", environment=e, needs=[a])',
    ),
    (
        "PK020 9: lint doesn't run on pull requests from forks",
        'p = P(triggers=[on.pull_request(forks=True)])\na = p.lint("x", on=[on.pull_request()])\np.test("x", needs=[a])',
    ),
    (
        "PK020 9: deploy-prod can't deliver on pull-request, where test (pipeline.py:10) needs it",
        'p = P()\nd = p.deploy("x", environment=prod)\np.test("x", needs=[d])',
    ),
    (
        "PK020 9: deploy-prod can't deliver on tag-v, where test (pipeline.py:10) needs it",
        'p = P(triggers=[on.push(), on.tag("v*")])\nd = p.deploy("x", environment=prod)\np.test("x", needs=[d])',
    ),
    (
        "PK023 9: the gate gate stands between stages of prod",
        'p = P()\nm = p.migrate("x", environment=prod); g = p.gate("Go?", needs=[m])\np.deploy("x", environment=prod, needs=[g])',
    ),
    (
        "PK025 10: step asks for 'cov.xml', which each cell of test writes",
        'p = P()\nt = p.test("x", matrix=py, outputs="cov.xml")\np.step("x", needs=[t["cov.xml"]])',
    ),
    (
        "PK026 8: on.push('release/*') and on.push('**') can match one branch",
        'p = P(triggers=[on.push("release/*"), on.push("**")])\np.test("x")',
    ),
    ("PK026 8: on.tag('v*') and on.tag('v1.*') can match one tag", 'p = P(triggers=[on.tag("v*"), on.tag("v1.*")])\np.test("x")'),
    ("PK027 8: targets= names 'gitlb', which is no target (did you mean 'gitlab'?)", 'p = P(targets={"gitlb": {}})\np.test("x")'),
    ("PK027 8: accept= names 'circle'", 'p = P(accept={"circle": {"cache": "x"}})\np.test("x")'),
    ("PK027 8: raw= names 'x'", 'p = P(raw={"x": {}})\np.test("x")'),
    ("PK027 9: raw= names 'x'", 'p = P()\np.test("x", raw={"x": {}})'),
    ("PK035 8: the pipeline has no stage", "p = P()"),
    ("PK035 9: no event ever starts test", 'p = P()\np.test("x", on=[])'),
    ("PK035 10: no event ever starts gate", 'p = P()\na = p.test("x")\np.gate("Go?", needs=[a])'),
    ("PK037 9: build never publishes its image", 'p = P()\np.build(container("a/b", tag=ci.sha))'),
    (
        "PK037 10: build never publishes its image",
        'p = P()\np.deploy("x", environment=prod, on=[on.push()])\np.build(container("a/b", tag=ci.sha), on=[on.pull_request()])',
    ),
]


@pytest.mark.parametrize("said, text", BAD, ids=[said.split(":")[0] for said, _ in BAD])
def test_the_bad(define: Define, said: str, text: str) -> None:
    (found,) = check(define(HEAD + text))
    place, words = said.split(": ", 1)
    assert f"{found.code} {found.source.line}" == place, str(found)
    assert words in str(found)


GOOD = {
    "a name that only looks like a cell's": 'p = P()\np.test("x", matrix=py)\np.test("x", name="test-3-12")',
    "an axis' value of one letter more": 'p = P()\np.test("x", matrix=Matrix("os", "a", "ab"))',
    "a stage variable in place of the pipeline's": 'p = P(variables={"A": "1"})\np.test("x", variables={"A": "2"})',
    "inputs and variables of different names": 'p = P(triggers=[on.manual("go", inputs=[Input("x")])])\np.test("x", variables={"Y": "1"})',
    "a variable of one's own named as another stage's axis": 'p = P()\np.test("x", matrix=py)\np.lint(f"tox -e {py}", variables={"PYTHON": "3.12"})',
    "a check after a delivery, on deliveries": 'p = P()\nd = p.deploy("x", environment=prod)\np.test("x", needs=[d], on=[on.push()])',
    "an explicit on= as wide as its dependant": 'p = P()\na = p.lint("x", on=[on.push(), on.pull_request()])\np.test("x", needs=[a])',
    "an explicit on= wider than its dependant": 'p = P()\na = p.lint("x", on=[on.push(), on.manual()])\np.test("x", needs=[a], on=[on.push()])',
    "forks that a secret keeps out anyway": (
        'p = P(triggers=[on.pull_request(forks=True)])\na = p.lint("x", on=[on.pull_request()], secrets=[S])\np.test("x", needs=[a])'
    ),
    "a gate before the first stage of an environment": 'p = P()\nt = p.test("x")\ng = p.gate("Go?", needs=[t])\np.deploy("x", environment=prod, needs=[g])',
    "a gate between two environments": (
        'p = P()\nd = p.deploy("x", environment=prod)\ng = p.gate("Go?", needs=[d])\np.deploy("x", environment=Environment("next"), needs=[g])'
    ),
    "a path with the value": 'p = P()\nt = p.test("x", matrix=py, outputs=f"c-{py}.xml")\np.step("x", needs=[t[f"c-{py}.xml"]])',
    "one cell's path": 'p = P()\nt = p.test("x", matrix=py, outputs="c.xml")\np.step("x", needs=[t.cell(python="3.11")["c.xml"]])',
    "an axis of one value": 'p = P()\nt = p.test("x", matrix=Matrix("os", "a"), outputs="c.xml")\np.step("x", needs=[t["c.xml"]])',
    "globs that no branch matches twice": 'p = P(triggers=[on.push("release/*"), on.push("feature/**"), on.push()])\np.test("x")',
    "the same globs twice": 'p = P(triggers=[on.tag("v*")])\np.test("x")\np.lint("x", on=[on.tag("v*")])',
    "installed targets": 'p = P(targets={"gitlab": {}}, raw={"drone": {}})\np.test("x", raw={"jenkins": {}})',
    "an image that a delivery publishes": 'p = P()\ni = p.build(container("a/b", tag=ci.sha))\np.deploy("x", environment=prod, needs=[i])',
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_the_good(define: Define, text: str) -> None:
    assert check(define(HEAD + text)) == ()


T = Stage("test", "test", image="a", commands=("x",))
D = Stage("deploy", "deploy", image="a", commands=("x",), environment="prod")
R = Registry("quay.io", Secret("U", "U"), Secret("P", "P", file=True))
JSON = [
    ("PK002", [T, T], "'test' is the name of two stages"),
    ("PK004", [Stage("b", "test", (Need("tset"),), image="a", commands=("x",)), T], "did you mean 'test'?"),
    ("PK022", [Stage("b", "test", (Need("test"),), image="a", commands=("x",)), T], "b stands before test, which it needs"),
    ("PK022", [Stage("b", "test", (Need("b"),), image="a", commands=("x",))], "stages need one another: b → b"),
    ("PK034", [D, Stage("b", "deploy", image="a", commands=("x",), environment="prd")], "did you mean 'prod'?"),
    ("PK034", [Stage("b", "deploy", image="a", commands=("x",))], "a deploy has an environment"),
    ("PK034", [Stage("b", "test", image="a", commands=("x",), environment="prod")], "a test has no environment"),
    ("PK007", [Stage("b", "test", image="a")], "there is no command"),
    ("PK008", [Stage("b", "test", commands=("x",))], "there is no image"),
    ("PK016", [Stage("b", "gate", message="Go?")], "a gate has a question and needs"),
    ("PK016", [Stage("b", "build", commands=("x",), container=Container("a", ("b",)))], "no commands"),
    ("PK016", [Stage("b", "build", container=Container("quay.io/a", ("b",), registry=R))], "username and password are texts"),
]


@pytest.mark.parametrize("code, stages, words", JSON, ids=[row[2] for row in JSON])
def test_plans_that_only_json_can_hold(code: str, stages: list[Stage], words: str) -> None:
    environments = (Environment("prod"),) if any(stage.environment for stage in stages) else ()
    (found,) = check(Plan("demo", tuple(stages), environments=environments))
    assert found.code == code
    assert words in str(found)


def test_two_environments_of_one_name() -> None:
    (found,) = check(Plan("demo", (D,), environments=(Environment("prod"), Environment("prod"))))
    assert found.code == "PK034"


def test_an_environment_without_a_stage() -> None:
    (found,) = check(Plan("demo", (T,), environments=(Environment("prod"),)))
    assert str(found).endswith("error PK034: no stage belongs to the environment 'prod'")


def test_all_findings_are_collected(define: Define) -> None:
    found = check(define(HEAD + 'p = P(targets={"x": {}})\np.test("x", on=[])\np.build(container("a/b", tag=ci.sha))'))
    assert [each.code for each in found] == ["PK035", "PK037", "PK027"]


def test_every_golden_case_is_clean() -> None:
    from tests.golden_cases import cases, plan

    assert {case: check(plan(case)) for case in cases() if check(plan(case))} == {}


WORDS = ["".join(letters) for size in range(5) for letters in product("ab/", repeat=size)]
GLOBS = ["".join(letters) for size in range(1, 4) for letters in product("ab/*", repeat=size)]


def pattern(glob: str) -> re.Pattern[str]:
    """The glob as a regular expression: `*` stays within a part, `**` crosses slashes."""
    return re.compile(glob.replace("**", "\0").replace("*", "[^/]*").replace("\0", ".*"))


MATCHES = {glob: {word for word in WORDS if pattern(glob).fullmatch(word)} for glob in GLOBS}


def test_overlap_is_what_brute_force_finds() -> None:
    """Two globs of up to three letters meet in a word of up to four, if at all."""
    wrong = [(a, b) for a in GLOBS for b in GLOBS if overlap(a, b) != bool(MATCHES[a] & MATCHES[b])]
    assert wrong == []


@given(st.text("ab/*", min_size=1, max_size=6), st.text("ab/*", min_size=1, max_size=6), st.text("ab/", max_size=8))
def test_globs_that_match_one_word_overlap(a: str, b: str, word: str) -> None:
    if pattern(a).fullmatch(word) and pattern(b).fullmatch(word):
        assert overlap(a, b)
    assert overlap(a, b) == overlap(b, a)
