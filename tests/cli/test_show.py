"""show, explain, targets, setup: what people read."""

from __future__ import annotations

import json

import pytest

from pipelinekit.backend import registry
from pipelinekit.diagnostics import CODES
from pipelinekit.model.features import FEATURES
from tests.cli.conftest import Call
from tests.golden_cases import GOLDEN, cases, plan


def file(case: str) -> str:
    return str(GOLDEN / case / "pipeline.py")


def test_show_is_a_table_of_stages(call: Call) -> None:
    assert call("show", "--file", file("gate-with-artifacts")).out == (
        "STAGE              EVENTS              AFTER        IN                RUNS\n"
        "build              push, pull-request  -            python:3.12-slim  python -m build --wheel\n"
        "test               push, pull-request  build        python:3.12-slim  pip install dist/*.whl && pytest\n"
        "gate               push                test         a person          Ship it?\n"
        "deploy-production  push                gate, build  python:3.12-slim  ./upload.sh dist/\n"
        "environment production: takes push\n"
    )


def test_show_one_stage(call: Call) -> None:
    lines = call("show", "--stage", "build", "--file", file("container")).out.splitlines()
    assert lines[0].startswith("build  (")
    assert [line.split() for line in lines[1:4]] == [["kind", "build"], ["events", "push,", "pull-request"], ["after", "test"]]
    assert "quay.io/acme/price:${PK_SHA}" in "\n".join(lines)


def test_show_a_stage_that_there_is_not(call: Call) -> None:
    ended = call("show", "--stage", "biuld", "--file", file("container"))
    assert (ended.code, "did you mean 'build'?" in ended.err) == (1, True)


@pytest.mark.parametrize("case", cases())
def test_every_case_and_every_stage_of_it_can_be_shown(call: Call, case: str) -> None:
    assert call("show", "--file", file(case)).code == 0
    for stage in plan(case).stages:
        out = call("show", "--stage", stage.name, "--file", file(case)).out
        assert out.startswith(f"{stage.name}  (")
        assert all(command.splitlines()[0] in out for command in stage.commands)


def test_explain_is_a_table_with_reasons(call: Call) -> None:
    ended = call("explain", "--target", "drone", "--target", "gitlab", "--file", file("no-store"))
    lines = ended.out.splitlines()
    assert lines[0].split() == ["STAGE", "drone", "gitlab"]
    assert [line.split()[0] for line in lines[1:5]] == ["(pipeline)", "build", "gate", "deploy-production"]
    assert any(line.startswith("  refused   gate: ") and line.endswith("[gate]") for line in lines)


def test_explain_as_json(call: Call) -> None:
    rows = json.loads(call("explain", "--json", "--file", file("timeout-and-retries")).out)
    assert {row["target"] for row in rows} == set(registry.entry_points())
    assert {row["support"] for row in rows} <= {"native", "lowered", "weakened", "unsafe", "refused", "privilege"}
    assert {"timeout", "retries"} <= {row["feature"] for row in rows}


def test_explain_tells_an_accepted_loss(call: Call) -> None:
    out = call("explain", "--target", "drone", "--file", file("everything-accepted")).out
    assert "; accepted: a cold start takes a minute" in out


@pytest.mark.parametrize("code", CODES)
def test_explain_says_what_a_code_means(call: Call, code: str) -> None:
    ended = call("explain", code)
    assert ended.code == 0
    assert CODES[code][1] in ended.out


def test_targets_lists_every_feature(call: Call) -> None:
    out = call("targets").out
    assert [line.split()[0] for line in out.split("\n\n")[1].splitlines()[1:]] == list(FEATURES)
    assert out.splitlines()[0].split() == ["TARGET", "SYSTEM", "WRITTEN", "FOR", "FILES"]


def test_targets_as_json(call: Call) -> None:
    rows = json.loads(call("targets", "--json").out)
    assert [row["name"] for row in rows] == list(registry.entry_points())
    assert all(set(row["features"]) == set(FEATURES) for row in rows)


@pytest.mark.parametrize("target", registry.entry_points())
@pytest.mark.parametrize("case", ["secrets", "environment-block", "event-schedule"])
def test_setup_prints_commands_with_reasons(call: Call, target: str, case: str) -> None:
    ended = call("setup", "--target", target, "--file", file(case))
    assert ended.code == 0
    assert ended.out.startswith(f"# What {registry.load(target).title} must know before {case} can run there.\n")
    if case == "secrets":
        for stage in plan(case).stages:
            assert all(secret.stored in ended.out for secret in stage.secrets)


@pytest.mark.parametrize("words", [("show",), ("explain",), ("graph",), ("setup", "--target", "gitlab"), ("render", "--all"), ("check",)])
def test_a_definition_that_is_not_there(call: Call, words: tuple[str, ...]) -> None:
    ended = call(*words, "--file", "nowhere/pipeline.py")
    assert (ended.code, ended.out) == (1, "")
    assert "error PK031: can't read nowhere/pipeline.py" in ended.err


def test_show_tells_where_outsiders_text_flows(call: Call, tmp_path) -> None:
    definition = tmp_path / "pipeline.py"
    definition.write_text(
        "from pipelinekit import *\n"
        "again = on.manual('again', inputs=[Input('problem', 'houses'), Input('size', 's', choices=('s', 'm'))])\n"
        "p = Pipeline('x', image='a', triggers=[on.push(), again])\n"
        "p.test(f'echo \"{ci.title}\" \"{ci.branch}\" {ci.sha}', name='test')\n"
        "p.step('echo \"$PROBLEM\" $SIZE', name='train')\n"
        "p.lint('true')\n"
    )
    out = call("show", "--file", str(definition)).out
    assert out.endswith("outsiders' text reaches test: PK_BRANCH, PK_TITLE\noutsiders' text reaches train: PROBLEM\n")
    assert "  outsiders     PK_BRANCH, PK_TITLE\n" in call("show", "--stage", "test", "--file", str(definition)).out
    assert "outsiders" not in call("show", "--stage", "lint", "--file", str(definition)).out
    told = call("show", "--json", "--file", str(definition)).out
    assert json.loads(told)["outsiders"] == {"test": ["PK_BRANCH", "PK_TITLE"], "train": ["PROBLEM"]}
    (tmp_path / "plan.json").write_text(told)
    assert call("show", "--json", "--file", str(tmp_path / "plan.json")).out == told
