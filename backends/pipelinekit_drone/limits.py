"""What the runner cuts off without a word, or dies of."""

from collections.abc import Iterator, Sequence

from pipelinekit.diagnostics import Diagnostic
from pipelinekit_drone import scripts
from pipelinekit_drone.context import Context

LONGEST_LINE = 65_535
"""Bytes of a line; a longer one ends the file there (bufio.Scanner)."""
LONGEST_SCRIPT = 131_072
"""Bytes of one argument of a process."""


def problems(text: str, contexts: Sequence[Context]) -> Iterator[Diagnostic]:
    if len(text) > LONGEST_LINE:
        for number, line in enumerate(text.split("\n"), 1):
            if len(line.encode()) > LONGEST_LINE:
                message = f"line {number} of the file would be longer than 64 KiB, where Drone stops reading"
                yield Diagnostic("PK1408", "error", message, "break the line, or put the text into a file of the repository")
    for context in contexts:
        for stage in context.document.stages:
            size = sum(len(line.encode()) + 1 for line in (*stage.setup, *stage.commands))
            if size > LONGEST_SCRIPT - 4096 and not stage.container:
                script = scripts.body(stage, context.document, context.tree, context.layout.asked(stage.name))
                if len(script.encode()) >= LONGEST_SCRIPT:
                    message = f"the script of {stage.name} is larger than 128 KiB, more than a process can be given"
                    yield Diagnostic("PK1408", "error", message, "put it into a file of the repository", stage.source, stage=stage.name)
