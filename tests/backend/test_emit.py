"""From the table to files and findings: levels, --strict, accept=."""

from __future__ import annotations

import pytest

from pipelinekit import Pipeline, Secret
from pipelinekit.backend import Case, Lowered, Refused, Support, Unsafe, Weakened
from pipelinekit.backend.emit import emit
from pipelinekit.model.plan import Plan
from tests.backend.conftest import Register
from tests.backend.fake import backend


def plan(retries: int = 1, accept: dict[str, dict[str, str]] | None = None, targets: dict[str, dict[str, object]] | None = None) -> Plan:
    p = Pipeline("demo", image="a", accept=accept, targets=targets)
    p.test("x", retries=retries)
    return p.plan()


WHY = {"fake": {"retries": "it is flaky anyway"}}
ROWS: list[tuple[Support, dict[str, dict[str, str]] | None, bool, str, bool]] = [
    (Lowered("a loop"), None, False, "note PK1405", True),
    (Lowered("a loop"), None, True, "note PK1405", True),
    (Weakened("none"), None, False, "warning PK1404", True),
    (Weakened("none"), None, True, "error PK1404", False),
    (Weakened("none"), WHY, False, "note PK1404", True),
    (Weakened("none"), WHY, True, "note PK1404", True),
    (Unsafe("twice"), None, False, "error PK1403", False),
    (Unsafe("twice"), None, True, "error PK1403", False),
    (Unsafe("twice"), WHY, True, "note PK1403", True),
    (Refused("no"), None, False, "error PK1402", False),
    (Refused("no"), WHY, False, "error PK1402", False),
]


@pytest.mark.parametrize("support, accept, strict, said, ok", ROWS)
def test_levels(register: Register, support: Support, accept: dict[str, dict[str, str]] | None, strict: bool, said: str, ok: bool) -> None:
    register(backend({"retries": support}))
    emission = emit(plan(accept=accept), "fake", strict=strict)
    found = emission.diagnostics[0]
    assert f"{found.level} {found.code}" == said
    assert (found.target, found.feature, found.stage) == ("fake", "retries", "test")
    assert support.reason in found.message
    assert ("accepted: it is flaky anyway" in found.message) is (accept is not None and not isinstance(support, Refused))
    assert (emission.ok, list(emission.files)) == (ok, ["fake.txt"] if ok else [])


def test_what_is_native_is_not_mentioned(register: Register) -> None:
    register(backend())
    assert emit(plan(), "fake").diagnostics == ()


def test_the_hint_says_how_to_accept(register: Register) -> None:
    register(backend({"retries": Weakened("none")}))
    assert emit(plan(), "fake").diagnostics[0].hint == 'accept={"fake": {"retries": "why that is all right"}}'


def test_a_case_decides_by_use(register: Register) -> None:
    many = Case("more than 2 retries", lambda use, request: use.stage is not None and use.stage.retries > 2, Refused("only two"))
    register(backend({"retries": (many, Lowered("a loop"))}))
    assert [emit(plan(retries), "fake").diagnostics[0].code for retries in (1, 2, 3)] == ["PK1405", "PK1405", "PK1402"]


def test_one_finding_for_all_stages_of_a_feature(register: Register) -> None:
    register(backend({"secrets": Weakened("seen by all")}))
    p = Pipeline("demo", image="a")
    p.test("x", name="one", secrets=[Secret("T")])
    p.test("x", name="two", secrets=[Secret("T")])
    (found,) = emit(p.plan(), "fake").diagnostics
    assert found.message.startswith("secrets (one, two): seen by all")
    assert (found.stage, len(found.related)) == (None, 1)


@pytest.mark.parametrize(
    "accept, code, words",
    [
        ({"fake": {"retires": "x"}}, "PK028", "there is no feature 'retires'"),
        ({"fake": {"cache": "x"}}, "PK1407", "nothing of 'cache' is lost here"),
    ],
)
def test_acceptances_that_accept_nothing(register: Register, accept: dict[str, dict[str, str]], code: str, words: str) -> None:
    register(backend())
    (found,) = emit(plan(accept=accept), "fake").diagnostics
    assert found.code == code
    assert words in found.message


def test_acceptances_for_other_targets_are_not_looked_at(register: Register) -> None:
    register(backend())
    assert emit(plan(accept={"drone": {"cache": "x"}}), "fake").diagnostics == ()


def test_a_limit_that_the_printer_finds_leaves_no_file(register: Register) -> None:
    register(backend())
    p = Pipeline("demo", image="a")
    for number in range(4):
        p.test("x", name=f"t-{number}")
    emission = emit(p.plan(), "fake")
    assert [(found.code, found.target) for found in emission.diagnostics] == [("PK1408", "fake")]
    assert emission.files == {}


def test_raw_text_is_listed_where_it_is_for_this_target_alone(register: Register) -> None:
    register(backend())
    p = Pipeline("demo", image="a", raw={"fake": {"stages": None, "x": 1}})
    p.test("x", raw={"drone": {"y": 1}})
    emission = emit(p.plan(), "fake")
    assert [(found.level, found.code, found.stage) for found in emission.diagnostics] == [("note", "PK1406", None)]
    assert emission.files["fake.txt"].splitlines()[-1] == "{'x': 1}"


def test_the_header_names_definition_command_and_digest(register: Register) -> None:
    from pipelinekit.model.plan import digest

    register(backend())
    lines = emit(plan(), "fake").files["fake.txt"].splitlines()
    assert lines[1] == "#     pipelinekit render --target fake"
    assert lines[2] == f"# definition {digest(plan(), 'fake')}"


def test_an_unknown_target_is_a_finding() -> None:
    (found,) = emit(plan(), "gitlb").diagnostics
    assert (found.code, found.hint) == ("PK027", "did you mean 'gitlab'?")


def test_a_wrong_setting_leaves_no_file(register: Register) -> None:
    register(backend())
    emission = emit(plan(targets={"fake": {"cuont": 3}}), "fake")
    assert [found.code for found in emission.diagnostics] == ["PK028"]
    assert emission.files == {}
