"""The corpus: small pipelines named by what they show, each with the traces that the contract gives for all its scenarios.

A folder below `corpus/` is one: `pipeline.py`, and `traces.jsonl` with a run for each scenario, which its first line tells in full.
`python -m pipelinekit.testing.corpus` writes the traces anew.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pipelinekit.load import load
from pipelinekit.model.plan import Plan
from pipelinekit.semantics.interpreter import simulate
from pipelinekit.semantics.trace import write
from pipelinekit.testing.scenarios import scenarios

FOLDER = Path(__file__).parent / "corpus"


def names() -> tuple[str, ...]:
    """The pipelines of the corpus, in the order of their names."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob("*/pipeline.py")))


@cache
def plan(name: str) -> Plan:
    """The plan of one."""
    return load(str(FOLDER / name / "pipeline.py"))


def traces(name: str) -> str:
    """What `traces.jsonl` is to hold."""
    return write(simulate(plan(name), scenario) for scenario in scenarios(plan(name)))


def outdated() -> Iterator[Path]:
    """The trace files that are not what the interpreter says now."""
    for name in names():
        path = FOLDER / name / "traces.jsonl"
        if not path.exists() or path.read_text() != traces(name):
            yield path


def main() -> None:
    """Write the trace files that are outdated, and name them."""
    for path in outdated():
        path.write_text(traces(path.parent.name))
        print(path.relative_to(FOLDER))


if __name__ == "__main__":
    main()
