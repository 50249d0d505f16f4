"""What the last run of the conformance suite said: `docs/conformance.json`, which `python -m tests.conformance --write` makes."""

import json
from functools import cache
from pathlib import Path

from docs.generator import tables
from pipelinekit.model.features import FEATURES
from pipelinekit.testing.report import TargetReport, Witness, read

RESULT = Path(__file__).parent.parent / "conformance.json"


@cache
def reports() -> dict[str, TargetReport]:
    """The report of each target, by its name."""
    found = [read(each) for each in json.loads(RESULT.read_text(encoding="utf-8"))] if RESULT.exists() else []
    return {each.target: each for each in found}


def level(target: str, feature: str) -> str:
    """The level that a target reached with a feature: `L0` to `L3`; empty where it refuses all uses, or was not looked at."""
    report = reports().get(target)
    found = report.levels.get(feature, "") if report else ""
    return "" if found == "refused" else found


def figures() -> str:
    """A row for each target."""
    head = (
        "target",
        "pipelines",
        "of them refused",
        "scenarios run",
        "agree",
        "losses that showed",
        "losses that no trace shows",
        "seeded bugs killed",
    )
    rows = [
        (
            each.target,
            str(each.pipelines),
            str(len(each.refused)),
            str(each.scenarios),
            str(each.agreements),
            f"{each.shown} of {each.shown + len(each.unproven)}",
            str(each.static),
            f"{each.mutants[0]} of {each.mutants[1]}",
        )
        for each in reports().values()
    ]
    return tables.table(head, rows)


def levels() -> str:
    """Feature × target: the level reached, or `refused`."""
    names = tuple(reports())
    rows = [(feature, *(reports()[name].levels.get(feature, "") for name in names)) for feature in FEATURES]
    return tables.table(("feature", *names), rows)


def engines() -> str:
    rows = []
    for report in reports().values():
        for engine in report.engines:
            left = "; ".join(f"{count}: {tables.cell(why)}" for why, count in engine.left_out.items())
            rows.append((report.target, tables.cell(engine.name), engine.level, str(engine.scenarios), str(engine.agreements), left))
    return tables.table(("target", "engine", "level", "scenarios", "agree", "left out, and why"), rows)


def loss(witness: Witness) -> str:
    """One loss, and what shows it."""
    if witness.shown:
        shown = f"shown by `{witness.pipeline}`, {witness.scenario}"
    else:
        shown = f"static: {witness.static}" if witness.static else "not shown"
    return f"{witness.feature}: {witness.reason} ({shown})"
