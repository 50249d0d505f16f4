"""The rules of cloudbuild.md, each asked of every definition's files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pipelinekit.backend.emit import emit
from pipelinekit.load import load
from pipelinekit.model.plan import Plan
from pipelinekit.model.value import replace
from tests import golden_cases
from tests.readers import cloudbuild
from tests.readers.cloudbuild_substitutions import BUILT_IN, PULL_REQUEST

Builds = Mapping[str, Mapping[str, Any]]
Rule = Callable[[str], Iterator[str]]

SETTINGS = {
    "owner": "acme",
    "repository": "app",
    "region": "europe-west1",
    "bucket": "acme-ci",
    "pools": {"gpu": "projects/a/locations/b/workerPools/c"},
}
RULES: dict[str, Rule] = {}


def rule(function: Rule) -> Rule:
    RULES[function.__name__] = function
    return function


EXAMPLE = Path(__file__).parents[2] / "examples" / "price-service" / "pipeline.py"
CASES = (*golden_cases.cases(), *(["price-service"] if EXAMPLE.exists() else []))


def plan_of(case: str) -> Plan:
    return load(str(EXAMPLE)) if case == "price-service" else golden_cases.plan(case)


@cache
def files_of(case: str) -> Mapping[str, str]:
    """The files of a definition, with settings that let as much as possible be written; none where the target refuses it."""
    plan = plan_of(case)
    return emit(replace(plan, targets={"cloudbuild": SETTINGS}), "cloudbuild").files


@cache
def read(case: str) -> cloudbuild.CloudBuild:
    return cloudbuild.read(files_of(case))


def steps(case: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, build in read(case).builds.items():
        for step in build["steps"]:
            yield f"{path}: {step['id']}", step


def scripts(case: str) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    yield from ((where, step, step["script"]) for where, step in steps(case) if "script" in step)


@rule
def camel_case(case: str) -> Iterator[str]:
    def keys(node: Any, above: str = "") -> Iterator[str]:
        if isinstance(node, dict):
            for key, value in node.items():
                if above != "substitutions":
                    yield key
                yield from keys(value, key)
        elif isinstance(node, list):
            for value in node:
                yield from keys(value)

    found = [*read(case).builds.values(), *read(case).triggers]
    yield from (key for data in found for key in keys(data) if not re.fullmatch(r"[a-z][a-zA-Z]*", key))


@rule
def ids_and_waits(case: str) -> Iterator[str]:
    yield from (where for where, step in steps(case) if "id" not in step or ("waitFor" not in step and case != "raw"))


@rule
def roots_start_at_once(case: str) -> Iterator[str]:
    yield from (where for where, step in steps(case) if step.get("waitFor") == [])


@rule
def waits_are_earlier(case: str) -> Iterator[str]:
    for path, build in read(case).builds.items():
        seen = {"-"}
        for step in build["steps"]:
            yield from (f"{path}: {step['id']}: {name}" for name in step.get("waitFor", ()) if name not in seen)
            seen.add(step["id"])


@rule
def no_redundant_waits(case: str) -> Iterator[str]:
    for path, build in read(case).builds.items():
        behind: dict[str, set[str]] = {"-": set()}
        for step in build["steps"]:
            waits = step.get("waitFor", ())
            further = {name for other in waits for name in behind[other]}
            yield from (f"{path}: {step['id']}: {name}" for name in waits if name in further)
            behind[step["id"]] = further | set(waits)


@rule
def scripts_have_a_shebang(case: str) -> Iterator[str]:
    yield from (where for where, _, text in scripts(case) if not text.startswith(("#!/bin/sh\n", "#!/usr/bin/env bash\n")))


@rule
def scripts_fail(case: str) -> Iterator[str]:
    yield from (where for where, _, text in scripts(case) if text.split("\n")[1] not in ("set -e", "set -eo pipefail"))


@rule
def scripts_replace_entrypoints(case: str) -> Iterator[str]:
    yield from (where for where, step in steps(case) if "script" in step and {"args", "entrypoint"} & set(step))


@rule
def no_shell_in_args(case: str) -> Iterator[str]:
    yield from (
        where for where, step in steps(case) if any(re.fullmatch(r"-[a-z]*c|.*\n.*", text, re.DOTALL) for text in step.get("args", ()))
    )


@rule
def scripts_have_no_substitutions(case: str) -> Iterator[str]:
    names = "|".join(sorted(BUILT_IN - {"PROJECT_ID"}))
    for where, step, text in scripts(case):
        known = {entry.partition("=")[0] for entry in step.get("env", ())}
        if case != "scripts-hostile":
            yield from (f"{where}: {name}" for name in re.findall(rf"\$\{{?({names})\b", text) if name not in known)


@rule
def braces(case: str) -> Iterator[str]:
    for where, step in steps(case):
        texts = [step["name"], *step.get("args", ()), *step.get("env", ())]
        yield from (f"{where}: {text}" for text in texts if re.search(r"(?<!\$)(?:\$\$)*\$[A-Z_]", text))


@rule
def user_substitutions_declared(case: str) -> Iterator[str]:
    for path, build in read(case).builds.items():
        declared = {*build.get("substitutions", {}), *PULL_REQUEST}
        used = set(re.findall(r"\$\{(_[A-Z0-9_]+)", repr([{k: v for k, v in step.items() if k != "script"} for step in build["steps"]])))
        yield from (f"{path}: {name}" for name in used - declared)


@rule
def no_outsiders_in_scripts(case: str) -> Iterator[str]:
    names = r"\$\{(?:BRANCH_NAME|TAG_NAME|_HEAD_BRANCH|_BASE_BRANCH|_PR_TITLE)\}"
    for where, step in steps(case):
        texts = [step["name"], *step.get("args", ())]
        yield from (f"{where}: {text}" for text in texts if re.search(names, text))


@rule
def build_timeout(case: str) -> Iterator[str]:
    yield from (path for path, build in read(case).builds.items() if not re.fullmatch(r"\d+s", build.get("timeout", "")))


@rule
def logging(case: str) -> Iterator[str]:
    yield from (path for path, build in read(case).builds.items() if build["options"].get("logging") != "CLOUD_LOGGING_ONLY")


@rule
def secrets_from_secret_manager(case: str) -> Iterator[str]:
    yield from (path for path, build in read(case).builds.items() if "secrets" in build or "inline" in build.get("availableSecrets", {}))


@rule
def secrets_where_used(case: str) -> Iterator[str]:
    for path, build in read(case).builds.items():
        if "secretEnv" in build.get("options", {}):
            yield path
    for where, step, text in scripts(case):
        yield from (f"{where}: {name}" for name in step.get("secretEnv", ()) if name not in text and "optional" not in case)


@rule
def no_secret_in_args(case: str) -> Iterator[str]:
    for where, step in steps(case):
        yield from (f"{where}: {name}" for name in step.get("secretEnv", ()) if any(name in text for text in step.get("args", ())))


@rule
def images_pushed_by_steps(case: str) -> Iterator[str]:
    yield from (path for path, build in read(case).builds.items() if "images" in build or "artifacts" in build)


@rule
def pushes_only_in_deliveries(case: str) -> Iterator[str]:
    for where, step in steps(case):
        pushes = step.get("args", [""])[0] == "push" or "docker push" in step.get("script", "")
        if pushes and where.startswith("cloudbuild.pull-request"):
            yield where


@rule
def one_tree_each(case: str) -> Iterator[str]:
    for path, build in read(case).builds.items():
        found = [step for step in build["steps"] if "\ncp -R /workspace/. .\n" not in step.get("script", "")]
        users = [step["id"] for step in found if not re.match(r"gcr\.io/(cloud-builders|google\.com/cloudsdktool)/", step["name"])]
        if len(users) > 1:
            yield f"{path}: {users}"


@rule
def volumes_shared(case: str) -> Iterator[str]:
    for path, build in read(case).builds.items():
        used = [volume["name"] for step in build["steps"] for volume in step.get("volumes", ())]
        yield from (f"{path}: {name}" for name in set(used) if used.count(name) < 2)


@rule
def services_on_the_network(case: str) -> Iterator[str]:
    yield from (where for where, _, text in scripts(case) if text.count("docker run ") != text.count("--network cloudbuild"))


@rule
def tags_for_search(case: str) -> Iterator[str]:
    yield from (path for path, build in read(case).builds.items() if plan_of(case).name not in build["tags"])


@rule
def anchored_expressions(case: str) -> Iterator[str]:
    for trigger in read(case).triggers:
        event = trigger.get("github", {})
        text = event.get("push", event.get("pullRequest", {}))
        yield from (trigger["name"] for key in ("branch", "tag") if key in text and not re.fullmatch(r"\^.*\$", text[key]))


@rule
def comment_control(case: str) -> Iterator[str]:
    for trigger in read(case).triggers:
        event = trigger.get("github", {}).get("pullRequest")
        if event and event.get("commentControl", "COMMENTS_DISABLED") == "COMMENTS_DISABLED":
            yield trigger["name"]


@rule
def approval_by_trigger(case: str) -> Iterator[str]:
    approved = {trigger["name"] for trigger in read(case).triggers if trigger.get("approvalConfig") == {"approvalRequired": True}}
    for where, _, text in scripts(case):
        yield from (f"{where}: {name}" for name in re.findall(r"gcloud builds triggers run (\S+)", text) if name not in approved)


@rule
def header(case: str) -> Iterator[str]:
    yield from (path for path, text in files_of(case).items() if not text.startswith("# Rendered from "))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", RULES)
def test_rule(name: str, case: str):
    assert list(RULES[name](case)) == []


def test_every_rule_of_the_page_is_asked():
    page = Path(__file__).with_name("cloudbuild.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| ([a-z_]+) \| [A-Z]", page, re.MULTILINE) == list(RULES)


def test_rules_have_something_to_read():
    assert sum(bool(files_of(case)) for case in CASES) >= len(CASES) - 3
