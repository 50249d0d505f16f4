"""What Concourse, or the worker below it, can't take."""

from collections.abc import Iterable, Iterator
from typing import Any

from pipelinekit.backend import Limit, Request
from pipelinekit.diagnostics import Diagnostic
from pipelinekit.model.plan import Stage
from pipelinekit_concourse.escape import is_local, lookups, strings
from pipelinekit_concourse.layout import chains
from pipelinekit_concourse.place import artifact, place
from pipelinekit_concourse.settings import Settings
from pipelinekit_concourse.variables import known

_LONGEST = 131_071

BRACKETS = Limit(
    "brackets",
    "looks up `((name))` as a variable in every text, and has no way to write it as text",
    "8.2, `interpolationRegex` in `vars/template.go`",
    "leave such brackets to commands and variables, where the shell puts them together",
)
ARGUMENT = Limit(
    "argument",
    "gives a script to the shell as one argument, and a variable as one text: 128 KiB at most",
    "8.2, `run.args` and `params` in `atc/exec/task_step.go`; Linux, `MAX_ARG_STRLEN` in `include/uapi/linux/binfmts.h`",
    "put it into a file of the repository",
)
RESOURCES = Limit(
    "resource-names",
    "knows one resource by a name",
    "8.2, `validateResources` in `atc/configvalidate/validate.go`",
    "name the schedule or the stage apart",
)
CAPITALS = Limit(
    "capitals",
    "has no capitals in names, so that two cells' files can get one name",
    "8.2, `ValidateIdentifier` in `atc/configwarning.go`",
    "values that differ in more than capitals",
)
QUOTATION = Limit(
    "quotation",
    "starts a service with the words of its command: a quotation must end",
    "docker's `run IMAGE COMMAND ARG…`, which the task calls",
    "end the quotation",
)
LIMITS = (BRACKETS, ARGUMENT, RESOURCES, CAPITALS, QUOTATION)


def of_plan(request: Request[Settings]) -> Iterator[Diagnostic]:
    """What is wrong before anything is written."""
    from shlex import split

    for stage in request.plan.stages:
        for text in filter(lookups, _plain(stage)):
            yield BRACKETS.broken(f"{stage.name}: Concourse would look up a variable in {text!r}", stage)
        for service in stage.services:
            try:
                split(service.command or "")
            except ValueError:
                yield QUOTATION.broken(f"the command of the service {service.alias} has a quotation without end", stage)


def _plain(stage: Stage) -> Iterator[str]:
    """Texts of a stage that stand in the file as they are."""
    for axis in stage.matrix:
        yield from axis.values
    for cache in stage.caches:
        yield from cache.paths
    yield from stage.runner.labels if stage.runner else ()


def of_document(request: Request[Settings], own: dict[str, Any]) -> Iterator[Diagnostic]:
    """What is wrong with the pipeline as data."""
    meant = known(request)
    for found in sorted({lookup for text in strings(own) for lookup in lookups(text)}):
        if not is_local(found) and found not in meant:
            yield BRACKETS.broken(f"Concourse would look up {found} as a variable", source=request.plan.source)
    names = [resource["name"] for resource in own.get("resources", ())]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield RESOURCES.broken(f"two resources would be called {name!r}", source=request.plan.source)
    for name in sorted({name for chain in chains(request) for name in _shared(place(request, chain).asked)}):
        yield CAPITALS.broken(f"the files of two cells would be called {name!r}", source=request.plan.source)
    for task, config in _configs(own):
        large = [f"the variable {name}" for name, text in config.get("params", {}).items() if len(f"{name}={text}".encode()) > _LONGEST]
        if sum(len(word.encode()) for word in config["run"].get("args", ())) > _LONGEST:
            large.append("its script")
        for what in large:
            yield ARGUMENT.broken(f"{task}: {what} is larger than 128 KiB", source=request.plan.source)


def _shared(tasks: Iterable[str]) -> list[str]:
    names = [artifact(task) for task in tasks]
    return [name for name in names if names.count(name) > 1]


def _configs(data: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The name and the configuration of each task of a document."""
    if isinstance(data, dict):
        if "task" in data and "config" in data:
            yield data["task"], data["config"]
        for value in data.values():
            yield from _configs(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _configs(value)
    elif hasattr(data, "value"):
        yield from _configs(data.value)
