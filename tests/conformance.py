"""The conformance suite of the house: `python -m tests.conformance [TARGET…]` runs it and prints what came of it.

`--write` puts the result where the docs are made from; `--no-mutants` leaves the seeded bugs out.
"""

from __future__ import annotations

import argparse
import atexit
import importlib
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path
from time import monotonic

from pipelinekit.model.value import replace
from pipelinekit.testing import Conformance, Refusal, Result, corpus, examine
from pipelinekit.testing.report import TargetReport, plain, summarise
from pipelinekit.testing.scenarios import scenarios
from tests import mutants
from tests.mutants.kill import Kill, kill

TARGETS = ("gitlab", "jenkins", "cloudbuild", "drone", "concourse")
RESULT = Path(__file__).parent.parent / "docs" / "conformance.json"


@cache
def conformance(target: str) -> Conformance:
    """What a target brings, made once a process; its engines end with the process. Raises RuntimeError in CI for a missing engine."""
    made: Conformance = importlib.import_module(f"tests.engines.{target}").conformance()
    there = []
    for engine in made.engines:
        reason = engine.missing()
        if reason is None:
            there.append(engine)
            atexit.register(engine.close)
        elif os.environ.get("CI") == "true":
            raise RuntimeError(f"{target}: {engine.name} is missing: {reason}")
        else:
            print(f"{target}: without {engine.name}: {reason}", file=sys.stderr)
    return replace(made, engines=tuple(there))


def look(target: str, pipeline: str) -> tuple[str, list[Result | Refusal]]:
    """One pipeline of the corpus on all engines of a target."""
    plan = corpus.plan(pipeline)
    return target, list(examine(conformance(target), pipeline, plan, scenarios(plan)))


def seed(target: str, name: str) -> tuple[str, str, str | None]:
    """Put one bug into a target's backend, and say what it is when nobody notices."""
    bug = next(each for each in mutants.of(target) if each.name == name)
    verdict = kill(target, bug)
    return target, name, None if isinstance(verdict, Kill) else str(verdict)


def run(targets: tuple[str, ...], bugs: bool, workers: int) -> Iterator[TargetReport]:
    """The reports of the targets, after all of their work."""
    found: dict[str, list[Result | Refusal]] = {target: [] for target in targets}
    alive: dict[str, dict[str, str | None]] = {target: {} for target in targets}
    with ProcessPoolExecutor(workers) as pool:
        jobs = [pool.submit(look, target, name) for target in targets for name in corpus.names()]
        for number, done in enumerate(as_completed(jobs), 1):
            target, results = done.result()
            found[target] += results
            tell(f"{number} of {len(jobs)} pipelines", end=number == len(jobs))
        tries = [pool.submit(seed, target, each.name) for target in targets for each in mutants.of(target)] if bugs else []
        for number, ended in enumerate(as_completed(tries), 1):
            target, name, words = ended.result()
            alive[target][name] = words
            tell(f"{number} of {len(tries)} seeded bugs", end=number == len(tries))
    for target in targets:
        results = sorted(found[target], key=lambda each: each.pipeline)
        survivors = {name: words for name, words in alive[target].items() if words is not None}
        yield summarise(conformance(target), results, (len(alive[target]) - len(survivors), len(alive[target])))
        for name, words in survivors.items():
            print(f"{target}: the seeded bug {name!r} lives: {words}")


def tell(text: str, end: bool) -> None:
    """Progress where somebody watches."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="\n" if end else "", file=sys.stderr, flush=True)
    elif end:
        print(text, file=sys.stderr)


def table(reports: list[TargetReport]) -> str:
    """A line for each target, aligned."""
    head = ("target", "pipelines", "refused", "scenarios", "agreements", "losses witnessed", "static", "seeded bugs killed")
    rows: list[tuple[str, ...]] = [head]
    for each in reports:
        witnessed = f"{each.shown} of {each.shown + len(each.unproven)}"
        killed = f"{each.mutants[0]} of {each.mutants[1]}"
        figures = (each.pipelines, len(each.refused), each.scenarios, each.agreements)
        rows.append((each.target, *map(str, figures), witnessed, str(each.static), killed))
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def main(words: list[str] | None = None) -> int:
    """0 when everything agrees, every loss has its witness and every seeded bug is killed."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []], help="all, when none is named")
    parser.add_argument("--no-mutants", action="store_true")
    parser.add_argument("--write", action="store_true", help=f"write {RESULT.name}, from which the docs are made")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 2)
    given = parser.parse_args(words)
    began = monotonic()
    reports = list(run(tuple(given.targets) or TARGETS, not given.no_mutants, given.workers))
    for report in reports:
        for line in report.disagreements:
            print(f"{report.target}: {line}")
        for loss in report.unproven:
            print(f"{report.target}: no scenario showed the loss of {loss.feature}: {loss.reason}")
    print(table(reports))
    for report in reports:
        for engine in report.engines:
            left = "".join(f"; {count} not: {why}" for why, count in engine.left_out.items())
            print(f"{report.target}: {engine.name} ({engine.level}): {engine.agreements} of {engine.scenarios} scenarios agree{left}")
    print(f"in {monotonic() - began:.0f} s")
    if given.write:
        RESULT.write_text(json.dumps([plain(report) for report in reports], indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    ok = sum(report.ok for report in reports)
    print(f"{ok} passed, {len(reports) - ok} failed")
    return 0 if ok == len(reports) else 1


if __name__ == "__main__":
    raise SystemExit(main())
