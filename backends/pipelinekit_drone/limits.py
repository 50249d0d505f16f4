"""What Drone's two readers, the docker plugin, or the machine below the runner, can't take."""

from collections.abc import Iterator, Sequence
from typing import Any

from pipelinekit.backend import Limit, Request
from pipelinekit.diagnostics import Diagnostic
from pipelinekit_drone import scripts
from pipelinekit_drone.context import Context
from pipelinekit_drone.escape import listed
from pipelinekit_drone.settings import Settings

_LONGEST_LINE = 65_535
_LONGEST_WORD = 131_071
_LONGEST_NAME = 100

CHARACTERS = Limit(
    "characters",
    "has no way to write control characters but tab and newline, or the line breaks of YAML 1.1 that others take for text",
    "only a double-quoted scalar holds them, whose escapes the runner's envsubst v1.0.3 changes before YAML is read",
    "print them where they are needed: `printf '\\r'`",
)
LINE = Limit(
    "line",
    "reads lines of 64 KiB at most, and takes a longer one for the file's end",
    "runner-go 1.12 and drone-yaml, `bufio.Scanner` in `ParseRaw` of `manifest/parse.go` and `yaml/parse.go`",
    "break the line, or put the text into a file of the repository",
)
ARGUMENT = Limit(
    "argument",
    "gives a script to the shell as one argument, and a variable as one text: 128 KiB at most",
    "docker runner 1.8, `command` and `environment` of a step; Linux, `MAX_ARG_STRLEN` in `include/uapi/linux/binfmts.h`",
    "put it into a file of the repository",
)
NAME = Limit(
    "name",
    "has names of steps of 100 characters at most",
    "docker runner 1.8, `engine/resource/parser.go`",
    "a shorter name, or shorter values of the matrix",
)
LIST = Limit(
    "list",
    "gives a plugin a list as one text, which plugins/docker splits at commas and whose parts it trims",
    "docker runner 1.8, `engine/compiler/encoder/encoder.go`; urfave/cli 1.22, `flag_string_slice.go`",
    "put the value into a file of the context",
)
QUOTATION = Limit(
    "quotation",
    "starts a service with the words of its command: a quotation must end",
    "docker runner 1.8, `command` of a service is a list",
    "end the quotation",
)
LIMITS = (CHARACTERS, LINE, ARGUMENT, NAME, LIST, QUOTATION)


def of_plan(request: Request[Settings], contexts: Sequence[Context]) -> Iterator[Diagnostic]:
    """What is wrong before anything is written."""
    from shlex import split

    for stage in request.plan.stages:
        if stage.container and not listed([f"{key}={value}" for key, value in stage.container.args]):
            message = (
                f"{stage.name}: an argument of the build has a comma, or a blank at its end, which the docker plugin would take for its own"
            )
            yield LIST.broken(message, stage)
        for service in stage.services:
            try:
                split(service.command or "")
            except ValueError:
                yield QUOTATION.broken(f"the command of the service {service.alias} has a quotation without end", stage)
    for context in contexts:
        for name in context.steps.values():
            if len(name) > _LONGEST_NAME:
                yield NAME.broken(f"the step {name[:40]}… would have a name of {len(name)} characters", source=request.plan.source)


def of_context(context: Context) -> Iterator[Diagnostic]:
    """What is too large for a process, of one pipeline."""
    for stage in context.document.stages:
        for name, text in (*context.layout.plan.variables, *stage.variables):
            if _too_large(f"{name}={text}"):
                yield ARGUMENT.broken(f"{stage.name}: the variable {name} is larger than 128 KiB", stage)
        inputs = (value for event in context.document.runs[stage.name] for value in event.inputs)
        own = (*stage.setup, *stage.commands, *stage.outputs, *(text for value in inputs for text in (value.default, *value.choices)))
        if sum(map(len, own)) > _LONGEST_WORD // 8 and not stage.container:
            asked = () if context.shares else context.layout.asked(stage.name)
            if _too_large(scripts.body(stage, context.document, context.tree, asked)):
                yield ARGUMENT.broken(f"the script of {stage.name} is larger than 128 KiB", stage)
    for service in context.services:
        for name, text in service.variables:
            if _too_large(f"{name}={text}"):
                yield ARGUMENT.broken(f"the variable {name} of the service {service.alias} is larger than 128 KiB")


def of_text(text: str) -> Iterator[Diagnostic]:
    """What is wrong with the file's text."""
    if len(text) > _LONGEST_LINE // 4:
        for number, line in enumerate(text.split("\n"), 1):
            if len(line.encode()) > _LONGEST_LINE:
                yield LINE.broken(f"line {number} of the file would be longer than 64 KiB, where Drone stops reading")


def of_writer(error: ValueError, request: Request[Any]) -> Diagnostic:
    """What has no spelling."""
    return CHARACTERS.broken(str(error), source=request.plan.source)


def _too_large(text: str) -> bool:
    return len(text) > _LONGEST_WORD // 4 and len(text.encode()) > _LONGEST_WORD
