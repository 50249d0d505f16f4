"""What a run may never do, whatever its plan: run an outsider's text."""

import os
from collections.abc import Iterator
from pathlib import Path

from pipelinekit.semantics.agreement import Difference
from pipelinekit.testing.ground import Ground
from pipelinekit.testing.hostile import CALLING_CARD


def attacks(ground: Ground) -> Iterator[Difference]:
    """The files that only a text of outsiders makes, when somebody has run it."""
    for folder, folders, files in os.walk(ground.root):
        if CALLING_CARD in folders or CALLING_CARD in files:
            yield Difference("attack", f"an outsider's text was run: {Path(folder, CALLING_CARD).relative_to(ground.root)}")
