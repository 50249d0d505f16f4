"""The rules of drone.md, asked of the rendered files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pipelinekit.backend.emit import emit
from pipelinekit.load import load
from pipelinekit.model.value import replace
from tests import golden_cases
from tests.readers import drone, envsubst
from tests.readers.drone_rules import words_of

HERE = Path(__file__).parent
EXAMPLE = "price-service"
CASES = (*golden_cases.cases(), EXAMPLE)

Data = Mapping[str, Any]


@cache
def files_of(case: str) -> Mapping[str, str]:
    """The files of a case, with a store; what it loses, or where it isn't safe, is accepted."""
    root = HERE.parents[1]
    plan = load(str(root / "examples" / EXAMPLE / "pipeline.py")) if case == EXAMPLE else golden_cases.plan(case)
    plan = replace(plan, targets={"drone": {"store": "s3://bucket", **plan.targets.get("drone", {})}})
    first = emit(plan, "drone")
    lost = {found.feature: "it is a test" for found in first.diagnostics if found.feature and found.code in ("PK1403", "PK1404")}
    found = emit(replace(plan, accept={"drone": lost}), "drone")
    assert found.ok, found.diagnostics
    return found.files


def text_of(case: str) -> str:
    return files_of(case)[".drone.yml"]


def pipelines_of(case: str) -> list[Data]:
    return list(drone.read(files_of(case)))


def steps_of(case: str) -> Iterator[tuple[Data, Data]]:
    """Each step, after its pipeline."""
    for pipeline in pipelines_of(case):
        yield from ((pipeline, step) for step in pipeline["steps"])


def events_of(pipeline: Data) -> list[str]:
    return words_of(pipeline["trigger"]["event"])


def test_no_problems(case: str) -> None:
    assert drone.problems(files_of(case)) == []


def test_kind_type_name_first(case: str) -> None:
    for pipeline in pipelines_of(case):
        assert list(pipeline)[:3] == ["kind", "type", "name"]
        assert (pipeline["kind"], pipeline["type"]) == ("pipeline", "docker")


def test_no_leading_separator(case: str) -> None:
    assert all("kind" in pipeline for pipeline in pipelines_of(case))
    assert not text_of(case).startswith("---")


def test_names_unique(case: str) -> None:
    names = [pipeline["name"] for pipeline in pipelines_of(case)]
    assert len(set(names)) == len(names)
    assert not any("${" in name for name in names)


def test_trigger_names_events(case: str) -> None:
    assert all(events_of(pipeline) for pipeline in pipelines_of(case))


def test_trunk_named(case: str) -> None:
    for pipeline in pipelines_of(case):
        assert {"branch", "ref"} & set(pipeline["trigger"])


def test_tags_by_ref(case: str) -> None:
    for pipeline in pipelines_of(case):
        if "tag" in events_of(pipeline):
            assert "branch" not in pipeline["trigger"]
            assert any(ref.startswith("refs/tags/") for ref in pipeline["trigger"]["ref"])


def test_conditions_are_lists(case: str) -> None:
    found = [pipeline["trigger"] for pipeline in pipelines_of(case)] + [step.get("when", {}) for _, step in steps_of(case)]
    for condition in (value for each in found for value in each.values()):
        lists = condition.values() if isinstance(condition, dict) else [condition]
        assert all(isinstance(value, list) for value in lists)


def test_depends_on_everywhere(case: str) -> None:
    assert all(step.get("depends_on") for _, step in steps_of(case) if step["name"] != "clone")


def test_steps_in_order(case: str) -> None:
    done: set[str] = set()
    for pipeline in pipelines_of(case):
        assert done.issuperset(pipeline.get("depends_on", []))
        done.add(pipeline["name"])
        seen = {"clone", *(service["name"] for service in pipeline.get("services", []))}
        for step in pipeline["steps"]:
            assert seen.issuperset(step.get("depends_on", []))
            seen.add(step["name"])


DEPLOYS = re.compile(r"(?:migrate|deploy|verify)-([a-z].*)")


def _environments(case: str) -> Iterator[tuple[str, Data]]:
    for pipeline, step in steps_of(case):
        found = DEPLOYS.fullmatch(step["name"])
        if found:
            yield found[1], pipeline


def test_locked_environments(case: str) -> None:
    assert all(pipeline["concurrency"] == {"limit": 1} for _, pipeline in _environments(case))


def test_one_pipeline_an_environment(case: str) -> None:
    places: dict[str, set[str]] = {}
    for environment, pipeline in _environments(case):
        places.setdefault(environment, set()).add(pipeline["name"])
    assert all(len(names) == 1 for names in places.values())


def _promotions(case: str) -> Iterator[Data]:
    return (pipeline for pipeline in pipelines_of(case) if "promote" in events_of(pipeline))


def test_promotions_name_target_and_ref(case: str) -> None:
    assert all({"target", "ref"} <= set(pipeline["trigger"]) for pipeline in _promotions(case))


def test_promotions_check(case: str) -> None:
    for pipeline in _promotions(case):
        if not pipeline.get("depends_on"):
            first = next(step for step in pipeline["steps"] if step["name"] != "clone")
            assert "/passed/" in first["commands"][0]
            assert all(step is first or "clone" not in step.get("depends_on", []) for step in pipeline["steps"])


TELLING = re.compile(r"(?i)(password|secret|token|key)$")
HARMLESS = ("test", "postgres")


def test_secrets_by_name(case: str) -> None:
    for pipeline in pipelines_of(case):
        assert not any(isinstance(value, dict) for value in pipeline.get("environment", {}).values())
        for item in (*pipeline.get("services", []), *pipeline["steps"]):
            for key, value in {**item.get("environment", {}), **item.get("settings", {})}.items():
                if value and TELLING.search(key) and value not in HARMLESS:
                    assert list(value) == ["from_secret"]


def test_store_keys_once(case: str) -> None:
    for document in text_of(case).split("\n---\n"):
        assert document.count("from_secret: STORE_SECRET_ACCESS_KEY") <= 1


def test_no_substitution_in_scripts(case: str) -> None:
    """Names that the runner would put in stand on lines of images, tags and arguments."""
    for line in text_of(case).split("\n"):
        if envsubst.names(line.replace("$$", "")):
            assert re.fullmatch(r"\s*(?:- )?(?:image: )?'[^']*\$\{DRONE_COMMIT_SHA(?::0:8)?\}[^']*'", line)


def _plugins(case: str) -> Iterator[tuple[Data, Data]]:
    return ((pipeline, step) for pipeline, step in steps_of(case) if "settings" in step)


def test_plugins_keep_their_privilege(case: str) -> None:
    for _, step in _plugins(case):
        assert not {"commands", "command", "entrypoint", "volumes"} & set(step)


def test_pull_requests_run_dry(case: str) -> None:
    for pipeline, step in _plugins(case):
        if "pull_request" in events_of(pipeline):
            assert step["settings"]["dry_run"] is True
            assert "password" not in step["settings"]


def test_no_shallow_clone(case: str) -> None:
    assert "depth" not in text_of(case)


def test_own_clone_disables_the_other(case: str) -> None:
    for pipeline in pipelines_of(case):
        names = [step["name"] for step in pipeline["steps"]]
        assert pipeline.get("clone", {}).get("disable", False) == ("clone" in names)
        assert "clone" not in names[1:]


def test_services_are_awaited(case: str) -> None:
    for pipeline in pipelines_of(case):
        aliases = {service["name"] for service in pipeline.get("services", [])}
        for step in pipeline["steps"]:
            if aliases & set(step.get("depends_on", [])):
                assert "nc -z" in step["commands"][0]


def test_no_exit_78(case: str) -> None:
    for _, step in steps_of(case):
        if "entrypoint" in step:
            shell = step["entrypoint"][2].rstrip()
            assert shell.endswith(("|| exit 1", "; exit 1", 'exit "$PK_FAILED"'))


def test_no_backslash_in_commands(case: str) -> None:
    assert not any(character in command for _, step in steps_of(case) for command in step.get("commands", []) for character in "\\`")


def test_short_conditions_in_flow(case: str) -> None:
    assert not re.search(
        r"^ *(?:event|branch|ref|target|depends_on|status):$", re.sub(r"branch:\n +include:", "", text_of(case)), re.MULTILINE
    )


RULES = {name.removeprefix("test_"): rule for name, rule in list(globals().items()) if name.startswith("test_")}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", CASES)


def test_every_rule_is_written_down_and_asked() -> None:
    written = re.findall(r"^\| `(\w+)` \|", (HERE / "drone.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(written) == sorted(RULES)
