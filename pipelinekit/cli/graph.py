"""`pipelinekit graph`: the stages and their needs as Mermaid, as DOT, or drawn with lines."""

import sys
from collections.abc import Iterator

from pipelinekit.cli import say
from pipelinekit.cli.definition import checked, failed
from pipelinekit.diagnostics import DefinitionError, Diagnostic, nearest
from pipelinekit.model.plan import Plan, Stage
from pipelinekit.semantics.selection import ancestors, select

FORMS = ("mermaid", "dot", "text")


def graph(*, file: str, form: str | None, event: str | None) -> int:
    """Print the drawing, of what one event starts or of everything. Returns the exit code."""
    try:
        plan, found = checked(file)
        if event is not None:
            plan = _of_event(plan, event)
    except DefinitionError as error:
        say.lines(error.diagnostics)
        return 1
    say.lines(found)
    if failed(found):
        return 1
    form = form or ("text" if sys.stdout.isatty() else "mermaid")
    if form not in FORMS:
        say.lines([Diagnostic("PK032", "error", f"there is no format {form!r}", ", ".join(FORMS))])
        return 2
    for line in {"mermaid": mermaid, "dot": dot, "text": text}[form](plan):
        print(line)
    return 0


def _of_event(plan: Plan, slug: str) -> Plan:
    from pipelinekit.lowering.events import only

    selection = select(plan)
    events = {event.slug: event for event in selection.events}
    if slug not in events:
        slug = slug.replace("_", "-")
    if slug not in events:
        raise DefinitionError(Diagnostic("PK032", "error", f"nothing runs on {slug!r}", nearest(slug, events), plan.source))
    return only(plan, selection, events[slug])


def mermaid(plan: Plan) -> Iterator[str]:
    """A flowchart in Mermaid's language, one box per stage, environments as groups."""
    yield "flowchart LR"
    grouped = [stage for stage in plan.stages if stage.environment]
    for stage in plan.stages:
        if not stage.environment:
            yield f"  {_box(stage)}"
    for environment in dict.fromkeys(stage.environment for stage in grouped):
        yield f"  subgraph {environment}"
        for stage in grouped:
            if stage.environment == environment:
                yield f"    {_box(stage)}"
        yield "  end"
    for stage in plan.stages:
        for need in stage.needs:
            label = f"|{', '.join(need.paths)}|" if need.paths else ""
            yield f"  {_id(need.stage)} -->{label} {_id(stage.name)}".replace("${", "{")


def _id(name: str) -> str:
    """`end` and other words are Mermaid's own, so all names get an underscore."""
    return f"s_{name.replace('-', '_')}"


def _box(stage: Stage) -> str:
    label = stage.name + (f" × {_cells(stage)}" if stage.matrix else "")
    return f'{_id(stage.name)}{{"{label}"}}' if stage.is_gate else f'{_id(stage.name)}["{label}"]'


def _cells(stage: Stage) -> int:
    count = 1
    for axis in stage.matrix:
        count *= len(axis.values)
    return count


def dot(plan: Plan) -> Iterator[str]:
    """A digraph in Graphviz' language."""
    yield f'digraph "{plan.name}" {{'
    yield '  rankdir="LR"; node [shape="box", style="rounded"];'
    for stage in plan.stages:
        shape = ', shape="diamond"' if stage.is_gate else ""
        yield f'  "{stage.name}" [label="{stage.name}{f" × {_cells(stage)}" if stage.matrix else ""}"{shape}];'
    for stage in plan.stages:
        for need in stage.needs:
            label = f' [label="{", ".join(need.paths)}"]' if need.paths else ""
            yield f'  "{need.stage}" -> "{stage.name}"{label};'
    yield "}"


def text(plan: Plan) -> Iterator[str]:
    """One line per stage; rails on the left lead from each stage to those that need it, as in `git log --graph`."""
    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    needs = {stage.name: _direct(plan, stage) for stage in plan.stages}
    waiting = {stage.name: {other for other, needed in needs.items() if stage.name in needed} for stage in plan.stages}
    rails: list[str | None] = []
    last = -1
    rows = []
    for stage in plan.stages:
        sources = [index for index, rail in enumerate(rails) if rail in needs[stage.name]]
        for name in needs[stage.name]:
            waiting[name].discard(stage.name)
        ending = [index for index in sources if not waiting[rails[index] or ""]]
        place = ending[-1] if ending else _free(rails, last, sources)
        rails += [None] * (place + 1 - len(rails))
        rows.append((_row(rails, sources, ending, place, stage), stage))
        for index in ending:
            rails[index] = None
        rails[place] = stage.name if waiting[stage.name] else None
        last = place
    width = max((len(row) for row, _ in rows), default=0)
    for row, stage in rows:
        line = f"{row.ljust(width)}  {stage.name}{f' × {_cells(stage)}' if stage.matrix else ''}"
        yield line if unicode else line.translate(_ASCII)


_ASCII = str.maketrans(
    {"●": "*", "◆": "?", "│": "|", "─": "-", "├": "|", "└": "`", "┴": "'", "┼": "+", "┬": ".", "┐": ".", "┤": "|", "┘": "'", "×": "x"}
)


def _direct(plan: Plan, stage: Stage) -> set[str]:
    """The needs of a stage that no other need of it implies."""
    names = {need.stage for need in stage.needs}
    return names - {before for name in names for before in ancestors(plan, [name])}


def _free(rails: list[str | None], last: int, sources: list[int]) -> int:
    """A column right of all sources that no rail uses and that the line above hasn't just ended in."""
    start = (max(sources) + 1) if sources else 0
    for index in range(start, len(rails)):
        if rails[index] is None and index != last:
            return index
    return max(len(rails), start)


def _row(rails: list[str | None], sources: list[int], ending: list[int], place: int, stage: Stage) -> str:
    """The rails beside one stage: those that it comes from are joined to it, the others pass."""
    joined = [index for index in sources if index != place]
    low, high = min([*joined, place]), max([*joined, place])
    cells = []
    for index, rail in enumerate(rails):
        if index == place:
            mark = "◆" if stage.is_gate else "●"
        elif index in joined:
            mark = _joint(index in ending, index == low, index == high)
        elif rail is not None:
            mark = "│"
        else:
            mark = "─" if low < index < high else " "
        cells.append(mark + ("─" if low <= index < high else " "))
    return "".join(cells).rstrip()


def _joint(ends: bool, first: bool, last: bool) -> str:
    if first:
        return "└" if ends else "├"
    if last:
        return "┘" if ends else "┤"
    return "┴" if ends else "┼"
