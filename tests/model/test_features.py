"""What a plan uses, feature by feature."""

from __future__ import annotations

from typing import get_args

import pytest

from pipelinekit.model.features import FEATURES, Feature, facts, uses
from pipelinekit.model.names import FACTS, OUTSIDERS, SPELLED, reserved_variable
from pipelinekit.semantics.selection import select
from tests.conftest import Define
from tests.golden_cases import cases, plan

HEAD = """\
from pipelinekit import *
from pipelinekit.recipes import container
from functools import partial
P = partial(Pipeline, "demo", image="a", triggers=[on.push()])
prod = Environment("prod")
S = Secret("T")
"""
USES = [
    ('P().test("x")', ""),
    ('p = P()\np.test("x", needs=[p.lint("x")])', "order"),
    ('p = P(triggers=[on.push("release/*")])\np.test("x")', "branches -push"),
    ('p = P(triggers=[on.pull_request()])\np.test("x")', "pull_request -push"),
    ('p = P(triggers=[on.pull_request(forks=True)])\np.test("x")', "pull_request forks -push"),
    ('p = P(triggers=[on.tag()])\np.test("x")', "tag -push"),
    ('p = P(triggers=[on.schedule("n", "0 3 * * *")])\np.test("x")', "schedule -push"),
    ('p = P(triggers=[on.manual("n", inputs=[Input("x")])])\np.test("x")', "manual inputs -push"),
    ('P(cancel_superseded=True).test("x")', "cancel_superseded"),
    ('P(variables={"A": "1"}).test("x")', "variables"),
    ('P(raw={"gitlab": {}}).test("x")', "raw"),
    ('P().test("x", raw={"gitlab": {}})', "raw"),
    ('P().test("x", outputs="o")', "artifacts"),
    ('P().test("x", only_if=changed("a"))', "changed"),
    ('P().test("x", reports="r.xml")', "reports"),
    ('P().test("x", keep="a")', "keep"),
    ('P().test("x", cache=Cache("a"))', "cache"),
    ('P().test("x", services=[Service("db", image="a", port=1)])', "services"),
    ('P().test("x", matrix=Matrix("os", "a"))', "matrix"),
    ('P().test("x", variables={"A": "1"})', "variables"),
    ('P().test("x", secrets=[S])', "secrets"),
    ('P().test("x", secrets=[Secret("T", file=True)])', "secrets secret_files"),
    ('P().test("x", secrets=[Secret("T", optional=True)])', "secrets optional_secrets"),
    (
        'p = P()\nt = p.test("x")\ng = p.gate("Go?", needs=[t])\np.deploy("x", environment=prod, needs=[g])',
        "gate order environment overtaking",
    ),
    ('p = P()\nt = p.test("x")\ng = p.gate("Go?", needs=[t], timeout=9)\np.step("x", needs=[g])', "gate gate_timeout order"),
    ('P().test("x", lock="l")', "lock"),
    ('P().deploy("x", environment=prod)', "environment overtaking"),
    ('p = P()\np.migrate("x", environment=prod)\np.deploy("x", environment=prod)', "environment overtaking block"),
    ('P().test("x", timeout="1m")', "timeout"),
    ('P().test("x", retries=1)', "retries"),
    ('P().test("x", allow_failure=True)', "allow_failure"),
    ('P().test("x", when="on_failure")', "on_failure"),
    ('P().test("x", when="always")', "always"),
    ('P().test("x", runner=Runner("a"))', "runner"),
    ('P().build(container("a/b", tag=ci.sha))', "container"),
    ('P().build(container("a/b", tag=ci.sha, registry=Registry("a", username=S, password=S)))', "container registry"),
    ('P().test("x", shell="bash")', "bash"),
    ('P().test("x", checkout=Checkout(tags=True))', "checkout"),
    ('P().test(f"echo {ci.sha}")', "facts"),
    ('P().test(f"echo {ci.run_id}")', "facts run_facts"),
    ('P().test(f"echo {ci.title}")', "facts outsiders"),
]


@pytest.mark.parametrize("text, expected", USES, ids=[row[1] or "nothing" for row in USES])
def test_uses(define: Define, text: str, expected: str) -> None:
    made = define(HEAD + (text if text.startswith("p = ") else _as_definition(text)))
    words = set(expected.split())
    wanted = {word for word in words if not word.startswith("-")} | ({"push"} - {word[1:] for word in words})
    assert {use.feature for use in uses(made, select(made).events)} == wanted


def _as_definition(text: str) -> str:
    head, _, rest = text.partition(").") if not text.startswith("P().") else ("P(", "", text[4:])
    return f"p = {head})\np.{rest}"


def test_every_feature_has_a_row_and_a_word_for_users() -> None:
    shown = {word.lstrip("-") for _, expected in USES for word in expected.split()}
    assert shown == set(FEATURES) == set(get_args(Feature))


def test_the_golden_cases_use_every_feature() -> None:
    used = {use.feature for case in cases() for use in uses(plan(case), select(plan(case)).events)}
    assert used == set(FEATURES)


@pytest.mark.parametrize(
    "command, mentioned",
    [
        ("echo $PK_SHA", ("PK_SHA",)),
        ('echo "${PK_TAG:-none} ${PK_SHA}"', ("PK_SHA", "PK_TAG")),
        ("python -c 'import os; os.environ[\"PK_BRANCH\"]'", ("PK_BRANCH",)),
        ("echo $PK_SHAME $XPK_SHA", ()),
        ("echo $PK_SHORT_SHA", ("PK_SHORT_SHA",)),
        ("echo", ()),
    ],
)
def test_facts_that_a_command_mentions(define: Define, command: str, mentioned: tuple[str, ...]) -> None:
    made = define(HEAD + f"p = P()\np.test({command!r})")
    assert facts(made.stage("test")) == mentioned


def test_names_of_facts() -> None:
    assert set(FACTS) >= OUTSIDERS | SPELLED
    assert reserved_variable("PK_ANYTHING") == "pipelinekit's facts"
    assert reserved_variable("DATABASE_URL") is None
