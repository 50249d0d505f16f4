"""`pipelinekit show`: what the definition means, for people or as JSON."""

from collections.abc import Iterator

from pipelinekit.cli import say
from pipelinekit.cli.definition import checked, failed
from pipelinekit.cli.table import table
from pipelinekit.diagnostics import DefinitionError, Diagnostic, nearest, printable
from pipelinekit.model.plan import Plan, Stage
from pipelinekit.semantics.outsiders import flows
from pipelinekit.semantics.selection import Selection, select


def show(*, file: str, json: bool, stage: str | None, untrusted: bool) -> int:
    """Print the plan, or one stage of it. Returns the exit code."""
    try:
        plan, found = checked(file, untrusted=untrusted)
    except DefinitionError as error:
        say.lines(error.diagnostics)
        return 1
    say.lines(found)
    if failed(found):
        return 1
    if json:
        from pipelinekit.model.border import to_json

        print(to_json(plan, outsiders=flows(plan, select(plan))), end="")
    elif stage is not None:
        return _one(plan, stage)
    else:
        _all(plan)
    return 0


def _all(plan: Plan) -> None:
    selection = select(plan)
    rows = [(s.name, _events(selection, s), ", ".join(need.stage for need in s.needs) or "-", _where(s), _what(s)) for s in plan.stages]
    table(("STAGE", "EVENTS", "AFTER", "IN", "RUNS"), rows)
    for environment in plan.environments:
        takes = ", ".join(event.slug for event in environment.on)
        print(f"environment {environment.name}: takes {takes}{f', at {environment.url}' if environment.url else ''}")
    for name, variables in flows(plan, selection).items():
        print(f"outsiders' text reaches {name}: {', '.join(variables)}")


def _events(selection: Selection, stage: Stage) -> str:
    if stage.is_post:
        return f"{stage.when} of {', '.join(event.slug for event in selection.runs(stage))}"
    return ", ".join(event.slug for event in selection.runs(stage))


def _where(stage: Stage) -> str:
    cells = " × ".join(f"{axis.name} {'|'.join(axis.values)}" for axis in stage.matrix)
    place = stage.image or ("a person" if stage.is_gate else "the engine's builder")
    return f"{place} × {cells}" if cells else place


def _what(stage: Stage) -> str:
    if stage.is_gate:
        return stage.message
    if stage.container:
        return f"container {stage.container.refs[0]}"
    first, *more = "\n".join(stage.commands).strip().splitlines()
    return f"{first[:60]}{' …' if more or len(first) > 60 else ''}"


def _one(plan: Plan, name: str) -> int:
    names = [stage.name for stage in plan.stages]
    if name not in names:
        say.lines([Diagnostic("PK032", "error", f"there is no stage {name!r}", nearest(name, names), plan.source)])
        return 1
    stage = plan.stage(name)
    print(f"{stage.name}  ({stage.source})")
    for label, value in _facts(plan, select(plan), stage):
        first, *rest = [printable(line) for line in value.splitlines()] or [""]
        print(f"  {label:<14}{first}")
        for line in rest:
            print(f"  {'':<14}{line}")
    return 0


def _facts(plan: Plan, selection: Selection, stage: Stage) -> Iterator[tuple[str, str]]:
    """What is set of a stage, in the order in which a user writes it."""
    yield "kind", stage.kind.replace("_", " ")
    yield "events", _events(selection, stage)
    for need in stage.needs:
        cell = f" of {', '.join(f'{axis}={value}' for axis, value in need.cell)}" if need.cell else ""
        yield "after", need.stage + (f": {', '.join(need.paths)}{cell}" if need.paths else "")
    yield "in", _where(stage)
    for command in stage.setup:
        yield "setup", command
    for command in stage.commands:
        yield "command", command
    if stage.container:
        yield "container", "\n".join(stage.container.refs)
    reached = flows(plan, selection).get(stage.name)
    if reached:
        yield "outsiders", ", ".join(reached)
    for key, value in stage.variables:
        yield "variable", f"{key}={value}"
    for secret in stage.secrets:
        yield (
            "secret",
            f"{secret.name} from {secret.stored}{', as a file' if secret.file else ''}{', may be missing' if secret.optional else ''}",
        )
    for service in stage.services:
        yield "service", f"{service.alias}:{service.port} by {service.image}"
    simple = (("outputs", stage.outputs), ("reports", stage.reports), ("keeps", stage.keep), ("only if", stage.only_if))
    for label, paths in simple:
        if paths:
            yield label, ", ".join(paths)
    for cache in stage.caches:
        yield "cache", ", ".join(cache.paths) + (f" by {', '.join(cache.key_files)}" if cache.key_files else "")
    for label, single in (("timeout", stage.timeout and f"{stage.timeout} s"), ("lock", stage.lock), ("environment", stage.environment)):
        if single:
            yield label, str(single)
    if stage.retries:
        yield "retries", str(stage.retries)
    if stage.allow_failure:
        yield "may fail", "yes"
    if stage.runner:
        yield "runner", " ".join(filter(None, (*stage.runner.labels, stage.runner.arch, stage.runner.memory)))
