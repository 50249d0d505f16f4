"""The small pipelines that every target renders: one folder each under tests/golden, named by what it shows."""

from functools import cache
from pathlib import Path

from pipelinekit.load import load
from pipelinekit.lock import file as lock
from pipelinekit.model import Plan
from pipelinekit.model.value import replace

GOLDEN = Path(__file__).parent / "golden"


def cases() -> tuple[str, ...]:
    """The names of all cases."""
    return tuple(sorted(path.parent.name for path in GOLDEN.glob("*/pipeline.py")))


@cache
def plan(case: str) -> Plan:
    """The plan of a case, with the lock beside it where there is one."""
    definition = str(GOLDEN / case / "pipeline.py")
    return replace(load(definition), locked=lock.read(lock.place(definition)))
