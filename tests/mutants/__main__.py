"""`python -m tests.mutants [TARGET …]`: who notices each seeded bug, as a table, and the score; 1 when one lives."""

from __future__ import annotations

import sys

from tests.mutants import TARGETS, of
from tests.mutants.kill import SECONDS, Alive, Kill, kill
from tests.mutants.patches import Unfit


def main(words: list[str]) -> int:
    scores: list[str] = []
    bad = 0
    for target in words or TARGETS:
        found: list[tuple[str, Kill | Alive]] = []
        for mutant in of(target):
            try:
                end = kill(target, mutant)
            except Unfit as error:
                bad += 1
                print(f"{target:<11}UNFIT    {mutant.name}: {error}", flush=True)
                continue
            found.append((mutant.name, end))
            word = "killed" if isinstance(end, Kill) else "ALIVE"
            print(f"{target:<11}{word:<7}{end.seconds:5.1f}s  {mutant.name}: {end}"[:240], flush=True)
        killed = [end for _, end in found if isinstance(end, Kill)]
        bad += len(found) - len(killed)
        slowest = max(found, key=lambda each: each[1].seconds, default=None)
        told = f", slowest {slowest[1].seconds:.1f} s ({slowest[0]})" if slowest else ""
        late = sum(end.seconds > SECONDS for end in killed)
        told += f", {late} after more than {SECONDS:.0f} s" if late else ""
        by = {word: sum(end.by == word for end in killed) for word in ("render", "reader", "yaml", "idiom", "trace")}
        who = ", ".join(f"{count} by {word}" for word, count in by.items() if count)
        scores.append(f"{target:<11}{len(killed)}/{len(of(target))} killed: {who}{told}")
    print("\n".join(["", *scores]))
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
