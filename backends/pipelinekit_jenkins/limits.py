"""What Jenkins, or Groovy below it, can't take."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from pipelinekit.backend import Limit, Request
from pipelinekit.diagnostics import Diagnostic
from pipelinekit.model.plan import Event, Plan, Stage
from pipelinekit_jenkins import conditions, escape, functions, size
from pipelinekit_jenkins.groovy import Call
from pipelinekit_jenkins.settings import Settings

_LONGEST = 131_071

LAST = Limit(
    "last-character",
    "can't read U+FFFF, which ends a file of Groovy",
    "Groovy 2.4.21, `EOF_CHAR` of its lexer, escaped or not",
    "write it by an escape of the shell",
)
LITERAL = Limit(
    "literal",
    "takes messages, descriptions and defaults of at most 60,000 bytes",
    "Groovy 2.4.21: a constant of a class file has 65,535 bytes, and Declarative takes no sum of several",
    "say it shorter",
)
ARGUMENT = Limit(
    "argument",
    "gives variables to processes of the agent, and words to docker there: 128 KiB at most",
    "Linux, `MAX_ARG_STRLEN` in `include/uapi/linux/binfmts.h`",
    "put it into a file of the repository",
)
QUOTATION = Limit(
    "quotation",
    "starts a service with the words of its command: a quotation must end",
    "docker's `run IMAGE COMMAND ARG…`, which a step calls",
    "end the quotation",
)
NAMES = Limit(
    "names",
    "has variables of its own that the pipeline reads, and Groovy has words that name nothing else",
    "2.528, `WORKSPACE_TMP` and `BUILD_TAG`; branch-api, `CHANGE_FORK`; Groovy 2.4.21, its keywords; parameters of this file",
    "choose another name",
)
FIELD = Limit(
    "field",
    "asks for inputs in the fields of a form, which hold one line",
    "2.528, `StringParameterDefinition` and `ChoiceParameterDefinition`: `input` and `option` of HTML",
    "a default and choices of one line",
)
STOP = Limit(
    "stop",
    "names a stash by the job that hands it out, and takes no stop at a name's end",
    "2.528, `Jenkins.checkGoodName`",
    "a value of the matrix without a stop at its end",
)
METHOD = Limit(
    "method",
    "compiles a pipeline to one method, which may have 65,535 bytes",
    "the class file format; JENKINS-37984; measured with Declarative's parser and the CPS transformer",
    "fewer stages, or matrices in place of copies",
)
LIMITS = (LAST, LITERAL, ARGUMENT, QUOTATION, NAMES, FIELD, STOP, METHOD)

_OWN = frozenset({"WORKSPACE_TMP", "BUILD_TAG", "CHANGE_FORK"})
_KEYWORDS = re.compile(
    "abstract|as|assert|boolean|break|byte|case|catch|char|class|const|continue|def|default|do|double|else|enum|extends|false|final"
    "|finally|float|for|goto|if|implements|import|in|instanceof|int|interface|long|native|new|null|package|private|protected|public"
    "|return|short|static|strictfp|super|switch|synchronized|this|threadsafe|throw|throws|transient|true|try|void|volatile|while"
)


def of_plan(plan: Plan, events: Iterable[Event]) -> Iterator[Diagnostic]:
    """Texts that don't come through, and names that are taken."""
    given = tuple(events)
    for stage in plan.stages:
        yield from _texts(stage)
        yield from _sizes(plan, stage)
        yield from _names(plan, stage)
    if any(escape.LAST in text for text in strings((*given, plan.variables, plan.name))):
        yield LAST.broken("a text of the pipeline holds U+FFFF", source=plan.source)
    yield from _inputs(plan, given)


def strings(data: Any) -> Iterator[str]:
    """Every text of a value."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, tuple | list):
        for each in data:
            yield from strings(each)
    elif hasattr(data, "__slots__"):
        for name in data.__slots__:
            if name not in ("raw", "source"):
                yield from strings(getattr(data, name))


def _texts(stage: Stage) -> Iterator[Diagnostic]:
    if any(escape.LAST in text for text in strings(stage)):
        yield LAST.broken(f"{stage.name}: Groovy can't read U+FFFF, which one of its texts holds", stage)
    if not escape.fits(stage.message):
        yield LITERAL.broken(f"{stage.name}: its message is larger than 60,000 bytes", stage)
    if any(words(service.command) is None for service in stage.services if service.command):
        yield QUOTATION.broken(f"{stage.name}: a service's command has a quotation without end", stage)
    if any(value.endswith(".") for axis in stage.matrix for value in axis.values):
        yield STOP.broken(f"{stage.name}: a value of its matrix ends in a stop", stage)


def words(command: str) -> list[str] | None:
    """A command as words, or None where it can't be split into any."""
    from shlex import split

    try:
        return split(command)
    except ValueError:
        return None


def _sizes(plan: Plan, stage: Stage) -> Iterator[Diagnostic]:
    pairs = [*plan.variables, *stage.variables, *(pair for service in stage.services for pair in service.variables)]
    pairs += stage.container.args if stage.container else ()
    long = [name for name, value in pairs if len(f"{name}={value}".encode()) > _LONGEST]
    long += [service.alias for service in stage.services for word in words(service.command or "") or () if len(word.encode()) > _LONGEST]
    for name in dict.fromkeys(long):
        yield ARGUMENT.broken(f"{stage.name}: the text of {name} is larger than 128 KiB", stage)


def _names(plan: Plan, stage: Stage) -> Iterator[Diagnostic]:
    variables = [name for name, _ in (*plan.variables, *stage.variables)]
    secrets = [secret.name for secret in stage.secrets]
    axes = [axis.variable for axis in stage.matrix]
    taken = [*(name for name in (*variables, *secrets, *axes) if name in _OWN), *(name for name in secrets if _KEYWORDS.fullmatch(name))]
    for name in dict.fromkeys(taken):
        yield NAMES.broken(f"{stage.name}: {name} can't name a variable or a secret", stage)


def _inputs(plan: Plan, events: tuple[Event, ...]) -> Iterator[Diagnostic]:
    kinds = [event.kind for event in events]
    taken = {*_OWN, *((conditions.RUN,) if kinds.count("manual") > 1 else ())}
    taken |= {conditions.SCHEDULE} if kinds.count("schedule") > 1 else set()
    for given in dict.fromkeys(given for event in events for given in event.inputs):
        if given.variable in taken:
            yield NAMES.broken(f"{given.variable} can't name an input", source=plan.source)
        if not all(text.isprintable() for text in (given.default, *given.choices)):
            yield FIELD.broken(f"the input {given.name} has a text that no field of a form holds", source=plan.source)
        if not all(map(escape.fits, (given.default, given.help, *given.choices))):
            yield LITERAL.broken(f"the input {given.name} has a text larger than 60,000 bytes", source=plan.source)


def of_size(request: Request[Settings], pipeline: Call) -> Iterator[Diagnostic]:
    """The one method that a pipeline is compiled to."""
    whole = size.estimate(pipeline)
    left = size.estimate(functions.split(pipeline)[0]) if whole >= size.SPLIT else whole
    said = f"about {left:,} bytes in one method, of which Jenkins compiles 65,535"
    if left >= size.REFUSE:
        yield METHOD.broken(said, source=request.plan.source)
    elif whole >= size.WARN:
        outlined = ", the jobs' steps being functions of their own" if left < whole else ""
        yield Diagnostic("PK1408", "warning", f"{said}{outlined}", METHOD.hint, request.plan.source, limit=METHOD.name)
