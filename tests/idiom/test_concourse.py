"""The rules of concourse.md, each on every pipeline that the golden definitions and the example render to."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pipelinekit.backend.emit import emit
from pipelinekit.load import load
from tests import golden_cases
from tests.readers import concourse
from tests.readers.concourse_grammar import VARIABLE, job_steps
from tests.readers.concourse_rules import BUILT_IN_TYPES

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[1] / "examples" / "price-service" / "pipeline.py"
Step = Mapping[str, Any]


@cache
def files_of(case: str) -> Mapping[str, str]:
    plan = load(str(EXAMPLE)) if case == "price-service" else golden_cases.plan(case)
    return emit(plan, "concourse").files


def cases() -> list[str]:
    named = [*golden_cases.cases(), *(["price-service"] if EXAMPLE.exists() else [])]
    return [case for case in named if files_of(case)]


class Pipeline:
    """A rendered pipeline, with what the rules ask of it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.data = concourse.read({"ci/pipeline.yml": text})["ci/pipeline.yml"]
        self.jobs: list[Step] = self.data["jobs"]
        self.resources: list[Step] = self.data["resources"]

    def steps(self, core: str) -> Iterator[Step]:
        for job in self.jobs:
            yield from (step for _, step in job_steps(job) if core in step)

    def configs(self) -> Iterator[Step]:
        return (step["config"] for step in self.steps("task"))

    def scripts(self) -> Iterator[Step]:
        """The configurations of tasks that run a stage's commands: those in the tree."""
        return (config for config in self.configs() if "dir" in config["run"])

    def is_gate(self, job: Step) -> bool:
        return not any("trigger" in step for _, step in job_steps(job)) and any("passed" in step for _, step in job_steps(job))

    def of(self, job: Step) -> str:
        """The resource that the tree of a job comes from."""
        return next(str(step.get("resource", "repo")) for _, step in job_steps(job) if step.get("get") == "repo")


Rule = Callable[[Pipeline], bool]


def one_document(it: Pipeline) -> bool:
    return set(it.data) <= {"groups", "resource_types", "resources", "jobs"}


def valid(it: Pipeline) -> bool:
    return concourse.problems({"ci/pipeline.yml": it.text}) == []


def resources_first(it: Pipeline) -> bool:
    return list(it.data) == [key for key in ("groups", "resource_types", "resources", "jobs") if key in it.data]


def job_keys(it: Pipeline) -> bool:
    order = ["name", "serial", "serial_groups", "disable_reruns", "plan", "on_failure", "on_error", "ensure"]
    return all([key for key in job if key in order] == [key for key in order if key in job] for job in it.jobs)


def grouped(it: Pipeline) -> bool:
    shown = [job for group in it.data.get("groups", []) for job in group["jobs"]]
    return sorted(shown) == (sorted(job["name"] for job in it.jobs) if shown else [])


def own_tree(it: Pipeline) -> bool:
    return all([step.get("get") for _, step in job_steps(job)].count("repo") == 1 for job in it.jobs)


def passed(it: Pipeline) -> bool:
    sources = {job["name"]: it.of(job) for job in it.jobs}
    trees = [(it.of(job), step) for job in it.jobs for _, step in job_steps(job) if step.get("get") == "repo"]
    return all(sources[name] == resource for resource, step in trees for name in step.get("passed", []))


def started(it: Pipeline) -> bool:
    return all(sum(step.get("trigger", False) for _, step in job_steps(job)) <= 1 for job in it.jobs)


def gates_wait(it: Pipeline) -> bool:
    gates = [job for job in it.jobs if re.search(r"(^|-)gate$", job["name"])]
    return all(it.is_gate(job) for job in gates)


def every_pull_request(it: Pipeline) -> bool:
    return all(step.get("version") == "every" for step in it.steps("get") if step.get("resource") == "pull-request" and "trigger" in step)


def head(it: Pipeline) -> bool:
    trees = [step for step in it.steps("get") if step.get("resource") == "pull-request"]
    return all("skip_download" in step["params"] or step["params"]["integration_tool"] == "checkout" for step in trees)


def no_forks(it: Pipeline) -> bool:
    chain = [job for job in it.jobs if it.of(job) == "pull-request"]
    secrets = [match[0] for job in chain for match in VARIABLE.finditer(repr(job)) if match[1] != ".:" and "repository" not in match[0]]
    pulls = [resource for resource in it.resources if resource["type"] == "pull-request"]
    return all(resource["source"].get("disable_forks") for resource in pulls) or not secrets


def pinned_images(it: Pipeline) -> bool:
    images = [config["image_resource"] for config in it.configs()]
    return all("tag" in image["source"] or "digest" in image.get("version", {}) for image in images)


def pinned_types(it: Pipeline) -> bool:
    declared = {one["name"]: one for one in it.data.get("resource_types", [])}
    used = {resource["type"] for resource in it.resources} - set(BUILT_IN_TYPES)
    return used == set(declared) and all("tag" in one["source"] for one in declared.values())


def shell(it: Pipeline) -> bool:
    runs = [config["run"] for config in it.configs() if "args" in config["run"]]
    starts = {"sh": ["-ec"], "bash": ["-eo", "pipefail", "-c"]}
    return all(run["args"][: len(starts[run["path"]])] == starts[run["path"]] for run in runs)


def in_tree(it: Pipeline) -> bool:
    return all(config["run"]["dir"] == "repo" and {"name": "repo"} in config["inputs"] for config in it.scripts())


def stdin(it: Pipeline) -> bool:
    return all("exec </dev/null\n" in "".join(config["run"]["args"]) for config in it.scripts())


def text_params(it: Pipeline) -> bool:
    return all(isinstance(value, str) for config in it.configs() for value in config.get("params", {}).values())


def secrets_by_name(it: Pipeline) -> bool:
    def is_telling(key: str) -> bool:
        return bool(re.search(r"(?i)private_key$|token$|^password$|secret_access_key$|access_key_id$", key))

    sources = [resource["source"] for resource in it.resources] + [config.get("params", {}) for config in it.configs()]
    return all(VARIABLE.fullmatch(value) for source in sources for key, value in source.items() if is_telling(key))


def no_metadata(it: Pipeline) -> bool:
    return "$BUILD_" not in it.text and "${BUILD_" not in it.text


def outputs_beside(it: Pipeline) -> bool:
    return all("path" not in output and "/" not in output["name"] for config in it.configs() for output in config.get("outputs", []))


def caches_in_tree(it: Pipeline) -> bool:
    return all(cache["path"].startswith("repo/") for config in it.configs() for cache in config.get("caches", []))


def put_inputs(it: Pipeline) -> bool:
    return all("inputs" in step and step["no_get"] for step in it.steps("put"))


def quiet_puts(it: Pipeline) -> bool:
    triggered = {step.get("resource", step["get"]) for step in it.steps("get") if not step.get("passed")}
    put = {step["put"] for step in it.steps("put")} - triggered
    return all(resource.get("check_every") == "never" for resource in it.resources if resource["name"] in put)


def durations(it: Pipeline) -> bool:
    found = [step["timeout"] for core in ("task", "do") for step in it.steps(core) if "timeout" in step]
    return all(re.fullmatch(r"(\d+h)?(\d+m)?(\d+s)?", text) for text in found)


def serial_deliveries(it: Pipeline) -> bool:
    held = [
        job for job in it.jobs if any(step.get("task", "").startswith(("migrate-", "deploy-", "verify-")) for _, step in job_steps(job))
    ]
    return all((job.get("serial") or job.get("serial_groups")) and job["disable_reruns"] for job in held)


def privileged_few(it: Pipeline) -> bool:
    images = [step["config"]["image_resource"]["source"]["repository"] for step in it.steps("task") if step.get("privileged")]
    return set(images) <= {"concourse/oci-build-task", "docker"}


def time_quoted(it: Pipeline) -> bool:
    times = [resource["source"] for resource in it.resources if resource["type"] == "time"]
    return all(isinstance(value, str) for source in times for key, value in source.items() if key != "days")


RULES: dict[str, Rule] = {
    rule.__name__.replace("_", "-"): rule
    for rule in (
        one_document, valid, resources_first, job_keys, grouped, own_tree, passed, started, gates_wait, every_pull_request, head, no_forks,
        pinned_images, pinned_types, shell, in_tree, stdin, text_params, secrets_by_name, no_metadata, outputs_beside, caches_in_tree,
        put_inputs, quiet_puts, durations, serial_deliveries, privileged_few, time_quoted,
    )
}  # fmt: skip


def test_the_table_and_the_functions_are_the_same_rules() -> None:
    listed = re.findall(r"^\| ([a-z-]+) \|", (HERE / "concourse.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for name in listed if name != "id"] == list(RULES)


@pytest.mark.parametrize("case", cases())
@pytest.mark.parametrize("rule", RULES)
def test_rule(rule: str, case: str) -> None:
    assert RULES[rule](Pipeline(files_of(case)["ci/pipeline.yml"]))
