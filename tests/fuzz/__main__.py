"""`python -m tests.fuzz [ENGINE…] [--count N] [--seed S] [--keep]`: strings tried and failures, for each engine."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter

from tests.fuzz.place import Place, places
from tests.fuzz.run import Result, keep, run

ROW = "{:<11} {:<34} {:<32} {:>9} {:>8} {:>6} {:>6}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("engines", nargs="*", metavar="ENGINE", help="yaml, shell or a target; all of them unless named")
    parser.add_argument("--count", type=int, default=100_000, help="strings for each place (100,000)")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other strings")
    parser.add_argument("--keep", action="store_true", help="add what fails to the corpus of past failures")
    given = parser.parse_args()
    try:
        found = places(given.engines)
    except ValueError as error:
        parser.error(str(error))
    print(ROW.format("engine", "place", "read by", "strings", "refused", "wrong", "s"))
    results: list[Result] = []
    absent: list[str] = []
    for place in found:
        reason = place.missing()
        if reason:
            absent.append(f"{place}: {reason}")
            continue
        result = run(place, given.count, given.seed)
        results.append(result)
        _print(place, result)
    for line in (str(wrong) for result in results for wrong in result.wrong):
        print(line)
    for engine in dict.fromkeys(place.engine for place in found):
        of_engine = [result for result in results if result.place.engine == engine]
        wrong = sum(result.failures for result in of_engine)
        refused = sum((result.refused for result in of_engine), Counter[str]())
        said = "".join(f", {count:,} beyond {name}" for name, count in refused.most_common())
        print(f"{engine}: {sum(result.tried for result in of_engine):,} strings, {wrong} failures{said}")
        if given.keep and wrong:
            keep(engine, [failure for result in of_engine for failure in result.wrong])
    for line in absent:
        print(f"not run: {line}", file=sys.stderr)
    return 1 if any(result.wrong for result in results) or (absent and os.environ.get("CI") == "true") else 0


def _print(place: Place, result: Result) -> None:
    cells = (place.engine, place.name, place.reader, f"{result.tried:,}", f"{result.refused.total():,}", result.failures)
    print(ROW.format(*cells, f"{result.seconds:.0f}"), flush=True)


if __name__ == "__main__":
    sys.exit(main())
