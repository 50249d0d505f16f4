"""Carry strings through places, count what comes out otherwise, and keep it."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from pipelinekit.backend import Limit
from tests.fuzz.place import Carried, Place
from tests.fuzz.texts import smaller, texts

MOST_SHOWN = 5
PAST = Path(__file__).parent / "past"


@dataclass
class Wrong:
    """A text that came out as another, made as short as it goes."""

    place: str
    text: str
    came: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text!r} came out as {self.came}"


@dataclass
class Result:
    """What one place made of all texts. `refused` counts by the limit's name; `wrong` shows the first few of the `failures`."""

    engine: str
    place: str
    reader: str
    tried: int = 0
    size: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    failures: int = 0
    wrong: list[Wrong] = field(default_factory=list)
    seconds: float = 0.0


def run(place: Place, count: int, seed: int = 0) -> Result:
    """Carry so many strings, those of the past first."""
    result = Result(place.engine, place.name, place.reader)
    begun = time.monotonic()
    drawn = chain(past(place), texts(seed))
    fitting = (text for text in map(place.fit, drawn) if text is not None)
    for batch in _batches(list(islice(fitting, count)), place.batch):
        for text, came in zip(batch, _carry(place, batch), strict=True):
            result.tried += 1
            result.size += len(text.encode())
            if isinstance(came, Limit):
                result.refused[came.name] += 1
            elif not _same(text, came):
                result.failures += 1
                if len(result.wrong) == MOST_SHOWN:
                    continue
                short = _shortest(place, text)
                result.wrong.append(Wrong(str(place), short, repr(_carry(place, [short])[0])))
    result.seconds = time.monotonic() - begun
    return result


def past(place: Place) -> list[str]:
    """Strings that once came out wrong in this engine, in whichever of its places."""
    file = PAST / f"{place.engine}.json"
    return list(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else []


def keep(engine: str, failures: Sequence[Wrong]) -> None:
    """Add failures to the corpus of the past."""
    file = PAST / f"{engine}.json"
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    found = list(dict.fromkeys([*known, *(failure.text for failure in failures)]))
    file.write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8")


def _batches(found: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(found), size):
        yield found[start : start + size]


def _same(text: str, came: Carried) -> bool:
    return came == (text.encode() if isinstance(came, bytes) else text)


def _carry(place: Place, batch: Sequence[str]) -> Sequence[Carried]:
    """A batch that can't be read as a whole is tried by halves, down to the text that does it."""
    try:
        came = place.carry(batch)
    except Exception:  # noqa: BLE001  # whatever a reader raises, it couldn't read the batch
        if len(batch) == 1:
            return [None]
        half = len(batch) // 2
        return [*_carry(place, batch[:half]), *_carry(place, batch[half:])]
    if len(came) != len(batch):
        raise RuntimeError(f"{place} gave {len(came)} texts for {len(batch)}")
    return came


def _shortest(place: Place, text: str) -> str:
    """A part of the text that comes out wrong and of which no part does; bounded, since each look may start a process."""
    looks = 200
    while looks:
        for part in smaller(text):
            looks -= 1
            came = _carry(place, [part])[0]
            if not isinstance(came, Limit) and not _same(part, came):
                text = part
                break
            if not looks:
                break
        else:
            return text
    return text
