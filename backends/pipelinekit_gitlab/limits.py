"""What the server would refuse by its size (https://docs.gitlab.com/administration/instance_limits/)."""

from collections.abc import Iterator

from pipelinekit.backend import Request
from pipelinekit.diagnostics import Diagnostic
from pipelinekit.model.plan import Stage
from pipelinekit_gitlab import documents, needs
from pipelinekit_gitlab.layout import Layout
from pipelinekit_gitlab.settings import Settings

MOST_NEEDS = 50
MOST_FROM_PARENT = 5
MOST_CELLS = 200
MOST_CACHES = 4
MOST_KEY_FILES = 2
MOST_GLOBS = 50
MOST_TAGS = 49
MOST_OPTIONS = 50
LONGEST_NAME = 128


def problems(layout: Layout, request: Request[Settings]) -> Iterator[Diagnostic]:
    """One error for each limit that a stage goes beyond."""
    for stage in layout.plan.stages:
        for message, hint in _of_stage(layout, stage):
            yield Diagnostic("PK1408", "error", f"{stage.name}: {message}", hint, stage.source, stage=stage.name)
    for environment in layout.blocks:
        count = len(needs.names(layout, layout.trigger(environment)))
        if count > MOST_NEEDS:
            message = f"the stages of {environment} need {count} jobs outside of it, GitLab allows {MOST_NEEDS}"
            yield Diagnostic("PK1408", "error", message, "let one stage gather some of them", request.plan.source)
    given = documents.inputs(layout)
    for value in given:
        if len(value.choices) > MOST_OPTIONS:
            yield Diagnostic("PK1408", "error", f"the input {value.name} has more than {MOST_OPTIONS} choices", "", request.plan.source)
    for stage in layout.plan.stages if given else ():
        if any("$[[" in text for text in (*stage.setup, *stage.commands)):
            message = f"{stage.name}: a file with inputs can't hold `$[[`, which GitLab would take for one"
            yield Diagnostic("PK1408", "error", message, "put the command into a script of the repository", stage.source, stage=stage.name)


def _of_stage(layout: Layout, stage: Stage) -> Iterator[tuple[str, str]]:
    count = needs.count(layout, stage)
    if count > MOST_NEEDS:
        yield f"needs {count} jobs, GitLab allows {MOST_NEEDS}", "let one stage gather some of them"
    entries = needs.of_job(layout, stage) if layout.home(stage.name) else []
    crossing = sum("pipeline" in entry for entry in entries) if isinstance(entries, list) else 0
    if crossing > MOST_FROM_PARENT:
        yield f"asks {crossing} jobs outside of its environment for files, GitLab allows {MOST_FROM_PARENT}", "let one stage gather them"
    cells = 1
    for axis in stage.matrix:
        cells *= len(axis.values)
    if cells > MOST_CELLS:
        yield f"has {cells} cells, GitLab allows {MOST_CELLS}", "split its matrix"
    longest = len(needs.job_name(stage.name, tuple((axis.name, max(axis.values, key=len)) for axis in stage.matrix)))
    if longest > LONGEST_NAME:
        yield f"a cell's job has a name of {longest} characters, GitLab allows {LONGEST_NAME}", "shorten the values"
    yield from _of_lists(stage)
    if any(_broken(service.command) for service in stage.services if service.command):
        yield "a service's command has a quotation without end", "GitLab takes it as a list of words"


def _broken(command: str) -> bool:
    """Whether a command can't be split into words."""
    from shlex import split

    try:
        split(command)
    except ValueError:
        return True
    return False


def _of_lists(stage: Stage) -> Iterator[tuple[str, str]]:
    if len(stage.caches) > MOST_CACHES:
        yield f"has {len(stage.caches)} caches, GitLab allows {MOST_CACHES}", "give one cache several paths"
    if any(len(cache.key_files) > MOST_KEY_FILES for cache in stage.caches):
        yield f"a cache is named by more than {MOST_KEY_FILES} files", "name the two that decide"
    if len(stage.only_if) > MOST_GLOBS:
        yield f"only_if has {len(stage.only_if)} globs, GitLab allows {MOST_GLOBS}", "use ** for whole folders"
    if stage.runner and len(stage.runner.labels) > MOST_TAGS:
        yield f"asks for {len(stage.runner.labels)} labels, GitLab allows {MOST_TAGS}", ""
