"""The rules of jenkins.md, asked of the rendered files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pipelinekit.backend.emit import emit
from pipelinekit.load import load
from pipelinekit.model.plan import Plan
from pipelinekit.model.value import replace
from tests import golden_cases
from tests.readers import engines, jenkins

HERE = Path(__file__).parent
EXAMPLE = "price-service"
CASES = (*golden_cases.cases(), EXAMPLE)

Stage = Mapping[str, Any]


@pytest.fixture(autouse=True)
def _groovy() -> None:
    engines.require(jenkins.available())


@cache
def plan_of(case: str) -> Plan:
    return load(str(HERE.parents[1] / "examples" / EXAMPLE / "pipeline.py")) if case == EXAMPLE else golden_cases.plan(case)


@cache
def files_of(case: str) -> Mapping[str, str]:
    """The files of a case; what it loses, or where it isn't safe, is accepted."""
    plan = plan_of(case)
    first = emit(plan, "jenkins")
    lost = {found.feature: "it is a test" for found in first.diagnostics if found.feature and found.code in ("PK1403", "PK1404")}
    found = emit(replace(plan, accept={"jenkins": lost}), "jenkins")
    assert found.ok, found.diagnostics
    return found.files


def text_of(case: str) -> str:
    return files_of(case)["Jenkinsfile"]


def read(case: str) -> dict[str, Any]:
    return jenkins.model(text_of(case))


def stages_of(case: str) -> Iterator[tuple[Stage, tuple[Stage, ...]]]:
    """Each stage, with those around it."""
    yield from _below(read(case), ())


def _below(holder: Stage, around: tuple[Stage, ...]) -> Iterator[tuple[Stage, tuple[Stage, ...]]]:
    inner = [*(holder.get("stages") or ()), *(holder.get("parallel") or ()), *((holder.get("matrix") or {}).get("stages") or ())]
    for stage in inner:
        yield stage, around
        yield from _below(stage, (*around, stage))


def steps_of(holder: Stage) -> list[dict[str, Any]]:
    return list(jenkins.steps(dict(holder)))


def options_of(stage: Stage) -> set[str]:
    return {option["name"] for option in stage.get("options") or ()}


def conditions_of(stage: Stage) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Each list of conditions that hold together."""
    lists = [("allOf", (stage.get("when") or {}).get("conditions", []))]
    while lists:
        name, conditions = lists.pop()
        yield name, conditions
        lists += [(each["name"], each["conditions"]) for each in conditions if "conditions" in each]


def runs_shell(stage: Stage) -> bool:
    return "steps" in stage and any(step["name"] in ("sh", "checkout", "node") for step in steps_of({"steps": stage["steps"]}))


def test_no_problems(case: str) -> None:
    assert jenkins.lint(text_of(case)) == []


def test_agent_none(case: str) -> None:
    assert read(case)["agent"]["type"] == "none"


def test_agent_per_job(case: str) -> None:
    for stage, _ in stages_of(case):
        assert ("agent" in stage) == (runs_shell(stage) or "checkoutWithTrunk" in str(stage.get("steps")))


def test_own_checkout(case: str) -> None:
    assert "skipDefaultCheckout" in options_of(read(case))
    for stage, _ in stages_of(case):
        if "agent" in stage:
            names = [step["name"] for step in steps_of({"steps": stage["steps"]})]
            assert sum(name in ("checkout", "checkoutWithTrunk") for name in names) == 1


def test_clean_tree(case: str) -> None:
    for stage, _ in stages_of(case):
        if "agent" in stage and "checkoutWithTrunk" not in str(stage["steps"]):
            first = next(step for step in steps_of({"steps": stage["steps"]}) if step["name"] not in ("script", "retry"))
            assert first["name"] == "deleteDir" or first["arguments"]["script"] == "rm -rf ./..?* ./.[!.]* ./*"


def test_no_deletedir_in_container(case: str) -> None:
    for stage, _ in stages_of(case):
        if stage.get("agent", {}).get("type") == "docker":
            assert not any(step["name"] == "deleteDir" for step in steps_of(stage))


def test_input_holds_nothing(case: str) -> None:
    for stage, around in stages_of(case):
        if "input" in stage:
            for each in (stage, *around):
                assert "agent" not in each
                assert "lock" not in options_of(each)


def test_input_ends(case: str) -> None:
    assert all("timeout" in options_of(stage) for stage, _ in stages_of(case) if "input" in stage)


def test_before_input(case: str) -> None:
    assert all(stage["when"]["beforeInput"] for stage, _ in stages_of(case) if "input" in stage and "when" in stage)


def test_before_agent(case: str) -> None:
    assert all(stage["when"]["beforeAgent"] for stage, _ in stages_of(case) if "agent" in stage and "when" in stage)


def test_before_options(case: str) -> None:
    for stage, _ in stages_of(case):
        if "lock" in options_of(stage) and "stages" in stage and "when" in stage:
            assert stage["when"]["beforeOptions"]


def test_no_fork_in_fork(case: str) -> None:
    for stage, around in stages_of(case):
        if "parallel" in stage or "matrix" in stage:
            assert not any("parallel" in each or "matrix" in each for each in around)


def test_exact_branches(case: str) -> None:
    for stage, _ in stages_of(case):
        for _, conditions in conditions_of(stage):
            for each in conditions:
                assert each["name"] not in ("branch", "tag") or each["arguments"]["comparator"] in ("EQUALS", "REGEXP")


def test_tags_are_no_branches(case: str) -> None:
    for stage, _ in stages_of(case):
        for name, conditions in conditions_of(stage):
            if name != "not" and any(each["name"] == "branch" for each in conditions):
                assert any(each["name"] == "not" and each["conditions"][0]["name"] == "buildingTag" for each in conditions)


def test_forks_told(case: str) -> None:
    for stage, _ in stages_of(case):
        for _, conditions in conditions_of(stage):
            if any(each["name"] == "changeRequest" and each["arguments"] for each in conditions):
                told = any("CHANGE_FORK" in each.get("source", "") for each in conditions)
                assert told or "credentials" not in str(stage.get("environment"))


def test_no_changeset(case: str) -> None:
    assert not re.search(r"\b(changeset|changelog) ['p]", text_of(case))


def test_timers_of_trunk(case: str) -> None:
    for trigger in read(case).get("triggers") or ():
        assert f"env.BRANCH_NAME == '{plan_of(case).trunk}' ? 'TZ=Etc/UTC\\n" in text_of(case), trigger


def test_timeout_is_a_step(case: str) -> None:
    assert all("timeout" not in options_of(stage) for stage, _ in stages_of(case) if "input" not in stage)


def test_retry_is_a_step(case: str) -> None:
    assert all("retry" not in options_of(stage) for stage, _ in stages_of(case))


def test_plain_scripts(case: str) -> None:
    scripts = [step["arguments"]["script"] for step in steps_of(read(case)) if step["name"] == "sh"]
    assert all(isinstance(script, str) for script in scripts)


def test_shell_named(case: str) -> None:
    for script in jenkins.shell(read(case)):
        assert "\n" not in script or re.match(r"#!(/bin/sh\nset -e|/usr/bin/env bash\nset -eo pipefail)\n", script)


def test_secrets_at_stages(case: str) -> None:
    assert not any(isinstance(entry["value"], dict) for entry in read(case).get("environment") or ())


def test_secrets_no_arguments(case: str) -> None:
    texts = {secret.name for stage in plan_of(case).stages for secret in stage.secrets if not secret.file}
    for stage, _ in stages_of(case):
        bound = {entry["name"] for entry in stage.get("environment") or () if "credentials" in str(entry["value"])}
        if bound & texts:
            assert stage["agent"]["type"] == "label"
            names = [step["name"] for step in steps_of({"steps": stage["steps"]})]
            assert "inside" not in names or names.index("secretsInFiles") < names.index("inside")


def test_attempts_in_containers(case: str) -> None:
    for stage, _ in stages_of(case):
        if any(step["name"] == "retry" for step in steps_of({"steps": stage.get("steps")})):
            assert stage["agent"]["type"] == "label"


def test_asked_once(case: str) -> None:
    def asked(stage: Stage) -> Any:
        return re.sub(r"'line': \d+", "", str(stage.get("when") or ""))

    for stage in (read(case), *(stage for stage, _ in stages_of(case))):
        for one, other in pairwise(stage.get("stages") or ()):
            assert not asked(one) or asked(one) != asked(other) or "changes(" in asked(one)


def test_reports_change_nothing(case: str) -> None:
    for step in steps_of(read(case)):
        if step["name"] == "junit":
            assert step["arguments"]["allowEmptyResults"]
            assert step["arguments"]["skipMarkingBuildUnstable"]
        if step["name"] == "archiveArtifacts":
            assert step["arguments"]["allowEmptyArchive"]


def test_stash_all(case: str) -> None:
    assert all(step["arguments"]["useDefaultExcludes"] is False for step in steps_of(read(case)) if step["name"] == "stash")


def test_post_has_a_node(case: str) -> None:
    for name, steps in (read(case).get("post") or {}).items():
        names = [step["name"] for step in jenkins.steps({"steps": steps})]
        assert "node" in names, name
        assert not {"sh", "junit", "archiveArtifacts"} & set(names[: names.index("node")])


def test_milestones_ascend(case: str) -> None:
    ordinals = [step["arguments"]["ordinal"] for step in steps_of(read(case)) if step["name"] == "milestone"]
    assert ordinals == sorted(set(ordinals))
    for stage, around in stages_of(case):
        if any(step["name"] == "milestone" for step in stage.get("steps") or ()):
            assert not any("parallel" in each for each in around)


def test_locked_deliveries(case: str) -> None:
    named = {stage.name for stage in plan_of(case).stages if stage.environment}
    for stage, around in stages_of(case):
        assert stage["name"] not in named or any("lock" in options_of(each) for each in around)


def test_functions_used(case: str) -> None:
    text = text_of(case)
    for name in re.findall(r"^def (\w+)\(", text, re.MULTILINE):
        assert len(re.findall(rf"\b{name}\b", text)) > 1, name


def test_plugins_listed(case: str) -> None:
    words = {
        "docker-workflow": r"docker \{|docker\.image",
        "lockable-resources": r"\block\(",
        "parameterized-scheduler": "parameterizedCron",
    }
    for plugin, word in words.items():
        assert bool(re.search(word, text_of(case))) is (plugin in re.split(r"[:\s]", files_of(case)["jenkins/plugins.txt"]))


def test_names_mean_something(case: str) -> None:
    assert not any(re.search(r"(level|wave|stage|step)[ -]?\d|^\d", stage["name"]) for stage, _ in stages_of(case))


RULES = sorted(name.removeprefix("test_") for name, value in dict(globals()).items() if name.startswith("test_") and callable(value))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", CASES)


def test_each_rule_has_its_test() -> None:
    text = (HERE / "jenkins.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == RULES
