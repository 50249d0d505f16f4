"""A trace as one short text: `lint 0 passed; gate approved; deploy-prod skip need; failed`."""

from __future__ import annotations

from collections.abc import Iterator

from pipelinekit.semantics.trace import Command, Gate, JobEnd, JobSkip, JobStart, RunEnd, Trace


def told(trace: Trace) -> str:
    """What ran, how it ended and what didn't; attempts after the first as `test#2`, published references behind the command."""
    return "; ".join(_lines(trace))


def _lines(trace: Trace) -> Iterator[str]:
    words: list[str] = []
    for line in trace:
        match line:
            case JobStart():
                words = [line.job if line.attempt == 1 else f"{line.job}#{line.attempt}", *([] if line.seen else ["unseen"])]
            case Command():
                words += [str(line.exit), *line.published]
            case JobEnd():
                yield " ".join([*words, line.outcome])
            case Gate():
                yield f"{line.gate} {line.decision}"
            case JobSkip():
                yield f"{line.job} skip {line.why}"
            case RunEnd():
                yield line.outcome
            case _:
                pass
