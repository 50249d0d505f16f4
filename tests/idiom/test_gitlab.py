"""The rules of gitlab.md, asked of the rendered files."""

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
from tests.readers import gitlab, gitlab_jobs

HERE = Path(__file__).parent
EXAMPLE = "price-service"
CASES = (*golden_cases.cases(), EXAMPLE)

Job = Mapping[str, Any]


@cache
def files_of(case: str) -> Mapping[str, str]:
    """The files of a case; what it loses, or where it isn't safe, is accepted."""
    root = HERE.parents[1]
    plan = load(str(root / "examples" / EXAMPLE / "pipeline.py")) if case == EXAMPLE else golden_cases.plan(case)
    first = emit(plan, "gitlab")
    lost = {found.feature: "it is a test" for found in first.diagnostics if found.feature and found.code in ("PK1403", "PK1404")}
    found = emit(replace(plan, accept={"gitlab": lost}), "gitlab")
    assert found.ok, found.diagnostics
    return found.files


def pipelines_of(case: str) -> list[gitlab_jobs.Pipeline]:
    return gitlab_jobs.pipelines(gitlab.read(files_of(case)))


def jobs_of(case: str) -> Iterator[tuple[str, Job]]:
    """Each job, with the defaults that it inherits."""
    for pipeline in pipelines_of(case):
        for name, job in pipeline.jobs.items():
            yield name, {**_inherited(pipeline, job), **job}


def _inherited(pipeline: gitlab_jobs.Pipeline, job: Job) -> dict[str, Any]:
    default = pipeline.config.get("default", {}) if "script" in job else {}
    wanted = job.get("inherit", {}).get("default", True)
    return {key: value for key, value in default.items() if wanted is True or (wanted and key in wanted)}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def rules_of(case: str) -> Iterator[Job]:
    for pipeline in pipelines_of(case):
        yield from pipeline.config.get("workflow", {}).get("rules", [])
        for job in pipeline.jobs.values():
            yield from job.get("rules", [])


def test_no_problems(case: str) -> None:
    assert gitlab.problems(files_of(case)) == []


def test_workflow_rules(case: str) -> None:
    rules = pipelines_of(case)[0].config["workflow"]["rules"]
    assert rules
    assert all("$CI_PIPELINE_SOURCE" in rule["if"] for rule in rules)


def test_no_catch_all(case: str) -> None:
    assert all(rule.get("if") for rule in rules_of(case))


def test_no_only_except(case: str) -> None:
    assert not any({"only", "except"} & set(job) for _, job in jobs_of(case))


def test_default_not_global(case: str) -> None:
    assert not any(set(gitlab_jobs.DEPRECATED) & set(pipeline.config) for pipeline in pipelines_of(case))


def test_stages_listed(case: str) -> None:
    for pipeline in pipelines_of(case):
        assert set(pipeline.config["stages"]) == {job["stage"] for job in pipeline.jobs.values()} - {".pre", ".post"}


def test_stages_mean_something(case: str) -> None:
    names = [stage for pipeline in pipelines_of(case) for stage in pipeline.config["stages"]]
    assert not any(re.search(r"(level|stage|step)-?\d|^\d", name) for name in names)


def test_needs_everywhere(case: str) -> None:
    assert all("needs" in job for _, job in jobs_of(case) if job["stage"] != ".post")


def test_needs_short(case: str) -> None:
    needs = [need for _, job in jobs_of(case) for need in job.get("needs", []) if isinstance(need, dict)]
    assert all(need.get("artifacts") is not True and set(need) != {"job"} for need in needs)


def test_needs_left(case: str) -> None:
    for pipeline in pipelines_of(case):
        order = pipeline.config["stages"]
        for job in pipeline.jobs.values():
            for need in gitlab_jobs.all_needs(job):
                assert need.elsewhere or order.index(pipeline.jobs[need.job]["stage"]) <= order.index(job["stage"])


def test_no_dependencies_beside_needs(case: str) -> None:
    assert not any({"needs", "dependencies"} <= set(job) for _, job in jobs_of(case))


def test_manual_says_allow_failure(case: str) -> None:
    assert all("allow_failure" in job for _, job in jobs_of(case) if job.get("when") == "manual")


def test_gates_do_nothing(case: str) -> None:
    gates = [job for _, job in jobs_of(case) if job.get("when") == "manual"]
    assert all(job["variables"]["GIT_STRATEGY"] == "none" and not job.get("before_script") and not job.get("cache") for job in gates)


def test_environment_locked(case: str) -> None:
    pipelines = pipelines_of(case)
    holders = [job for pipeline in pipelines for job in pipeline.jobs.values() if "resource_group" in job]
    locked = {path for job in holders for path in gitlab_jobs.local_paths(gitlab_jobs.child_includes(job))}
    for pipeline in pipelines:
        for job in pipeline.jobs.values():
            deploys = "environment" in job and job["environment"].get("action", "start") != "access"
            assert not deploys or "resource_group" in job or pipeline.path in locked


def test_environment_named(case: str) -> None:
    for name, job in jobs_of(case):
        if "environment" in job:
            assert job["environment"]["name"]
            starts = "action" not in job["environment"]
            assert starts == (not name.startswith(("migrate", "verify")) and not job["environment"]["name"].startswith("ci/"))


def test_child_pipelines_depend(case: str) -> None:
    assert all(job["trigger"]["strategy"] == "depend" for _, job in jobs_of(case) if "trigger" in job)


def test_services_alias(case: str) -> None:
    services = [service for _, job in jobs_of(case) for service in job.get("services", [])]
    assert all(service["alias"] and "_" not in service["alias"] for service in services)


def test_cache_keyed(case: str) -> None:
    assert all(cache["key"] for _, job in jobs_of(case) for cache in as_list(job.get("cache")))


def test_paths_inside(case: str) -> None:
    holders = [holder for _, job in jobs_of(case) for holder in (job.get("artifacts", {}), *as_list(job.get("cache")))]
    assert not any(path.startswith(("/", "~", "..")) for holder in holders for path in holder.get("paths", []))


def test_reports_always(case: str) -> None:
    kept = [job["artifacts"] for _, job in jobs_of(case) if {"reports", "expire_in"} & set(job.get("artifacts", {}))]
    assert all(artifacts["when"] == "always" for artifacts in kept)


def test_strings_quoted(case: str) -> None:
    for pipeline in pipelines_of(case):
        holders = [pipeline.config, *pipeline.jobs.values()]
        values = [value for holder in holders for value in holder.get("variables", {}).values()]
        assert all(isinstance(value, str) or set(value) <= {"value", "expand", "description", "options"} for value in values)
        rows = [row for job in pipeline.jobs.values() for row in job.get("parallel", {}).get("matrix", [])]
        assert all(isinstance(text, str) for row in rows for texts in row.values() for text in texts)


def test_no_secrets(case: str) -> None:
    holders = [holder for pipeline in pipelines_of(case) for holder in (pipeline.config, *pipeline.jobs.values())]
    variables = [pair for holder in holders for pair in holder.get("variables", {}).items()]
    named = [value for name, value in variables if re.search(r"(?i)passw|secret|token", name)]
    assert not any(len(str(value)) > 20 for value in named)


def test_passwords_by_stdin(case: str) -> None:
    lines = [line for _, job in jobs_of(case) for line in job.get("script", []) if " login " in line]
    assert all("--password-stdin" in line for line in lines)


def test_images_pinned(case: str) -> None:
    for _, job in jobs_of(case):
        images = [job.get("image"), *job.get("services", [])]
        for name in (image["name"] if isinstance(image, dict) else image for image in images if image):
            assert re.search(r"(:(?!latest$)[^/]+|@sha256:.*)$", name)


def test_blocks_literal(case: str) -> None:
    for path, text in files_of(case).items():
        assert not re.search(r"^\s*- >|: >[-+]?$", text, re.MULTILINE), path
        assert not re.search(r'^\s*- ".*\\n', text, re.MULTILINE), path


def test_interruptible_not_in_delivery(case: str) -> None:
    for _, job in jobs_of(case):
        deploys = "environment" in job and job["environment"].get("action") != "access"
        assert not (job.get("interruptible") and (deploys or "trigger" in job))


RULES = {name.removeprefix("test_"): test for name, test in list(globals().items()) if name.startswith("test_")}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_each_rule_has_its_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", (HERE / "gitlab.md").read_text("utf-8"), re.MULTILINE)
    assert len(rows) == len(set(rows))
    assert set(rows) == set(RULES) - {"no_problems"}
