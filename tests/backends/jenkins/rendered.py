"""Rendered Jenkinsfiles, read back: the model, its jobs, what a build of it would run, and in which order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

import pytest

from pipelinekit import Pipeline
from pipelinekit.backend.emit import Emission, emit
from pipelinekit.model.plan import Event, Plan
from tests.readers import engines, jenkins

Model: TypeAlias = dict[str, Any]


def emission(definition: Pipeline | Plan) -> Emission:
    return emit(definition.plan() if isinstance(definition, Pipeline) else definition, "jenkins")


def jenkinsfile(definition: Pipeline | Plan) -> str:
    """The text, after the linter has found nothing in it."""
    engines.require(jenkins.available())
    found = emission(definition)
    assert found.ok, found.diagnostics
    text = found.files["Jenkinsfile"]
    assert jenkins.lint(text) == []
    return text


def model(definition: Pipeline | Plan) -> Model:
    return jenkins.model(jenkinsfile(definition))


def stage(read: Model, name: str) -> Model:
    """The innermost stage of that name."""
    found = [each for each in jenkins.stages(read) if each["name"] == name]
    if not found:
        pytest.fail(f"no stage {name}")
    return found[-1]


def script(read: Model, name: str) -> str:
    """The script that runs in a job's container: the last of the job's that names its shell."""
    found = jenkins.shell({key: value for key, value in stage(read, name).items() if key != "post"})
    return [each for each in found if each.startswith("#!")][-1]


def steps(holder: Model) -> list[str]:
    """The names of all steps, in order."""
    return [step["name"] for step in jenkins.steps(holder)]


def build_of(event: Event, trunk: str = "main", **more: str) -> dict[str, str]:
    """What Jenkins knows of a build that this event starts."""
    match event.kind:
        case "push":
            branch = event.branches[0].replace("**", "a/b").replace("*", "x") if event.branches else trunk
            return {"BRANCH_NAME": branch, "cause": "BranchEventCause", **more}
        case "pull_request":
            return {"BRANCH_NAME": "PR-7", "CHANGE_ID": "7", "CHANGE_TARGET": trunk, "cause": "BranchEventCause", **more}
        case "tag":
            tag = event.tag.replace("*", "1")
            return {"BRANCH_NAME": tag, "TAG_NAME": tag, "cause": "BranchEventCause", **more}
        case "schedule":
            return {"BRANCH_NAME": trunk, "cause": "TimerTriggerCause", "params.SCHEDULE": event.name, **more}
        case "manual":
            return {"BRANCH_NAME": trunk, "cause": "UserIdCause", "params.RUN": event.name, **more}


def run(read: Model, build: dict[str, str]) -> set[str]:
    """The stages with steps that a build runs."""
    return set(_run(read, build))


def _run(holder: Model, build: dict[str, str]) -> Iterator[str]:
    if not all(holds(condition, build) for condition in (holder.get("when") or {}).get("conditions", ())):
        return
    if "steps" in holder:
        yield holder["name"]
    for inner in (*(holder.get("stages") or ()), *(holder.get("parallel") or ())):
        yield from _run(inner, build)
    if holder.get("matrix"):
        yield from _run(holder["matrix"], build)


def holds(condition: Model, build: dict[str, str]) -> bool:
    """Whether a condition of `when` holds, by the rules of the Declarative plugin."""
    arguments, inner = condition.get("arguments", {}), condition.get("conditions", [])
    match condition["name"]:
        case "branch":
            return _compared(arguments, build["BRANCH_NAME"])
        case "tag":
            return "TAG_NAME" in build and _compared(arguments, build["TAG_NAME"])
        case "buildingTag":
            return "TAG_NAME" in build
        case "changeRequest":
            return "CHANGE_ID" in build and arguments.get("target", build["CHANGE_TARGET"]) == build["CHANGE_TARGET"]
        case "triggeredBy":
            return re.fullmatch(rf"\.*{arguments['cause']}.*", build["cause"], re.IGNORECASE) is not None
        case "allOf":
            return all(holds(each, build) for each in inner)
        case "anyOf":
            return any(holds(each, build) for each in inner)
        case "not":
            return not holds(inner[0], build)
        case "expression":
            return _expression(condition["source"].strip(" {}"), build)
        case name:
            pytest.fail(f"{name} was not expected")


def _compared(arguments: Model, value: str) -> bool:
    if arguments["comparator"] == "EQUALS":
        return bool(value == arguments["pattern"])
    assert arguments["comparator"] == "REGEXP"
    return re.fullmatch(arguments["pattern"], value) is not None


def _expression(source: str, build: dict[str, str]) -> bool:
    if source == "!env.CHANGE_FORK":
        return "CHANGE_FORK" not in build
    if source.startswith("!(") and source.endswith(")"):
        return not _expression(source[2:-1], build)
    if source.startswith("changes("):
        return build.get("changed", "yes") == "yes"
    chosen = re.fullmatch(r"(params\.\w+) (?:==|in) \[?((?:'[^']*'(?:, )?)+)\]?", source)
    assert chosen, source
    return build[chosen[1]] in re.findall(r"'([^']*)'", chosen[2])


def before(read: Model) -> set[tuple[str, str]]:
    """Pairs of stages with steps of which the file makes the second wait for the first."""
    pairs, _ = _ordered(read)
    return pairs


def _ordered(holder: Model) -> tuple[set[tuple[str, str]], list[str]]:
    own = [holder["name"]] if "steps" in holder else []
    pairs: set[tuple[str, str]] = set()
    names = list(own)
    for inner in (*(holder.get("stages") or ()), *([holder["matrix"]] if holder.get("matrix") else ())):
        found, more = _ordered(inner)
        pairs |= found | {(one, other) for one in names for other in more}
        names += more
    for branch in holder.get("parallel") or ():
        found, more = _ordered(branch)
        pairs |= found
        names += more
    return pairs, names
