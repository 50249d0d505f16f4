"""`python -m tests.fuzz [ENGINE…] [--count N] [--seed S] [--keep]`: strings tried and failures, for each engine."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.fuzz.place import Place, places
from tests.fuzz.run import Result, keep, run

ROW = "{:<11} {:<50} {:<32} {:>9} {:>8} {:>6} {:>6}"
PLACES: list[Place] = []
"""What is tried, for the processes that try it: functions can't be sent to them."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("engines", nargs="*", metavar="ENGINE", help="yaml, shell or a target; all of them unless named")
    parser.add_argument("--count", type=int, default=100_000, help="strings for each reader of an engine, shared by its places (100,000)")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other strings")
    parser.add_argument("--keep", action="store_true", help="add what fails to the corpus of past failures")
    given = parser.parse_args()
    try:
        found = places(given.engines)
    except ValueError as error:
        parser.error(str(error))
    absent = {str(place): reason for place in found if (reason := place.missing())}
    PLACES[:] = [place for place in found if str(place) not in absent]
    results = _run(given.count, given.seed)
    for line in (str(wrong) for result in results for wrong in result.wrong):
        print(line)
    print()
    for engine in dict.fromkeys(place.engine for place in found):
        _sum(engine, [result for result in results if result.engine == engine], keeps=given.keep)
    for place, reason in absent.items():
        print(f"not run: {place}: {reason}", file=sys.stderr)
    return 1 if any(result.wrong for result in results) or (absent and os.environ.get("CI") == "true") else 0


def _run(count: int, seed: int) -> list[Result]:
    """All places, as many at once as there are cores, printed in their order."""
    shared = Counter((place.engine, place.reader) for place in PLACES)
    print(ROW.format("engine", "place", "read by", "strings", "refused", "wrong", "s"))
    results: list[Result] = []
    with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
        running = [pool.submit(_try, number, -(-count // shared[place.engine, place.reader]), seed) for number, place in enumerate(PLACES)]
        for each in running:
            result = each.result()
            results.append(result)
            cells = (result.engine, result.place, result.reader, f"{result.tried:,}", f"{result.refused.total():,}", result.failures)
            print(ROW.format(*cells, f"{result.seconds:.0f}"), flush=True)
    return results


def _try(number: int, count: int, seed: int) -> Result:
    return run(PLACES[number], count, seed)


def _sum(engine: str, results: list[Result], *, keeps: bool) -> None:
    failures = sum(result.failures for result in results)
    refused = sum((result.refused for result in results), Counter[str]())
    said = "".join(f", {count:,} refused by the limit {name}" for name, count in refused.most_common())
    print(f"{engine}: {sum(result.tried for result in results):,} strings, {failures} failures{said}")
    if keeps and failures:
        keep(engine, [failure for result in results for failure in result.wrong])


if __name__ == "__main__":
    sys.exit(main())
