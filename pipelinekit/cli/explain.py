"""`pipelinekit explain`: a table stage × target, and the reasons behind each cell that isn't native."""

import sys
from collections.abc import Sequence

from pipelinekit.backend import registry
from pipelinekit.backend.emit import Verdict, prepare, verdicts
from pipelinekit.backend.privilege import Privilege, asked
from pipelinekit.backend.support import Lowered, Native, Refused, Unsafe, Weakened
from pipelinekit.cli import say
from pipelinekit.cli.definition import checked, failed
from pipelinekit.cli.table import table
from pipelinekit.diagnostics import CODES, DefinitionError, Diagnostic, nearest
from pipelinekit.model.plan import Plan, Stage
from pipelinekit.semantics.pins import pin

WORDS: dict[type, str] = {Native: "native", Lowered: "lowered", Weakened: "weakened", Unsafe: "unsafe", Refused: "refused"}
_RANK = {word: rank for rank, word in enumerate(WORDS.values())}
_STYLES = {"native": "green", "lowered": "cyan", "weakened": "yellow", "unsafe": "bold red", "refused": "bold red"}
PIPELINE = "(pipeline)"


def explain(*, targets: Sequence[str], file: str, json: bool) -> int:
    """Print the table and its reasons for some targets, or for all. Returns the exit code: 1 when the definition is wrong."""
    names = list(dict.fromkeys(targets)) or list(registry.entry_points())
    unknown = [name for name in names if name not in registry.entry_points()]
    try:
        plan, found = checked(file)
    except DefinitionError as error:
        say.lines(error.diagnostics)
        return 1
    if unknown:
        say.lines(
            [Diagnostic("PK027", "error", f"there is no target {unknown[0]!r}", nearest(unknown[0], registry.entry_points()), plan.source)]
        )
        return 2
    say.lines(found)
    if failed(found):
        return 1
    plan = pin(plan)
    every = {name: _verdicts(plan, name) for name in names}
    if json:
        _json(plan, every)
    else:
        _table(plan, every)
    return 0


def meaning(code: str) -> int:
    """Print what a diagnostic's code means, and where its page is. Returns the exit code: 2 for a code that there is not."""
    if code not in CODES:
        from difflib import get_close_matches

        near = get_close_matches(code.upper(), CODES, n=1, cutoff=0.85)
        hint = f"did you mean {near[0]!r}?" if near else "codes are like PK013 and stand in each finding"
        print(f"there is no code {code!r}: {hint}", file=sys.stderr)
        return 2
    title, text = CODES[code]
    print(f"{code}: {title}\n\n{text}\n\nAn example: docs/diagnostics/{code}.md in pipelinekit's repository")
    return 0


def _verdicts(plan: Plan, target: str) -> list[Verdict]:
    backend = registry.load(target)
    request, _ = prepare(plan, backend)
    return verdicts(request, backend)


def row_of(verdict: Verdict) -> str:
    return verdict.use.stage.name if verdict.use.stage else PIPELINE


def cell(found: Sequence[Verdict], row: str) -> str:
    """The worst word of a stage on one target."""
    return max((WORDS[type(verdict.support)] for verdict in found if row_of(verdict) == row), key=_RANK.__getitem__, default="native")


def _table(plan: Plan, every: dict[str, list[Verdict]]) -> None:
    rows = [PIPELINE, *(stage.name for stage in plan.stages)]
    table(("STAGE", *every), [(row, *(cell(found, row) for found in every.values())) for row in rows], styles=_STYLES)
    for target, found in every.items():
        gives = registry.load(target).gives
        reasons = [*_reasons(plan, target, found), *_privileges(plan, target), *([f"credentials of every job: {gives}"] if gives else [])]
        if reasons:
            print(f"\n{target}")
            for line in reasons:
                print(f"  {line}")


def _reasons(plan: Plan, target: str, found: Sequence[Verdict]) -> list[str]:
    """One line per feature that isn't native, worst first, with the stages and whether the loss is accepted."""
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for verdict in found:
        if not isinstance(verdict.support, Native):
            key = (WORDS[type(verdict.support)], verdict.use.feature, verdict.support.reason)
            grouped.setdefault(key, []).append(row_of(verdict))
    accepted = plan.accept.get(target, {})
    lines = []
    for (word, feature, reason), places in sorted(grouped.items(), key=lambda item: -_RANK[item[0][0]]):
        where = ", ".join(dict.fromkeys(places))
        told = f"; accepted: {accepted[feature]}" if feature in accepted else ""
        lines.append(f"{word:<9} {feature}: {reason} [{where}]{told}")
    return lines


def _privileges(plan: Plan, target: str) -> list[str]:
    """One line for each privilege that the target's files ask for, with the stages that do."""
    backend = registry.load(target)
    request, _ = prepare(plan, backend)
    return [f"asks for  {each.name}: {each.why} [{', '.join(stage.name for stage in stages)}]" for each, stages in asked(request, backend)]


def _json(plan: Plan, every: dict[str, list[Verdict]]) -> None:
    import json

    data: list[dict[str, object]] = [
        {
            "target": target,
            "stage": verdict.use.stage.name if verdict.use.stage else None,
            "feature": verdict.use.feature,
            "support": WORDS[type(verdict.support)],
            "reason": verdict.support.reason,
            "hint": verdict.support.hint,
            "accepted": plan.accept.get(target, {}).get(verdict.use.feature),
            "line": verdict.use.source.line,
        }
        for target, found in every.items()
        for verdict in found
    ]
    for target in every:
        backend = registry.load(target)
        for privilege, stages in asked(prepare(plan, backend)[0], backend):
            data += [_privilege(target, privilege, stage) for stage in stages]
    print(json.dumps(data, indent=2, ensure_ascii=False))


def _privilege(target: str, privilege: Privilege, stage: Stage) -> dict[str, object]:
    return {
        "target": target,
        "stage": stage.name,
        "feature": privilege.name,
        "support": "privilege",
        "reason": privilege.why,
        "hint": "",
        "accepted": None,
        "line": stage.source.line,
    }
