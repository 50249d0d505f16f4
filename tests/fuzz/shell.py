"""A word that `quote` makes, read by shells: of POSIX, of bash and of busybox."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from functools import partial

from pipelinekit.text.shell import quote
from tests.fuzz.place import Carried, Place


def _words(shell: Sequence[str], texts: Sequence[str]) -> list[Carried]:
    """Each text is an argument of a command in a script that the shell reads from a file."""
    script = "\n".join(f"printf '%s\\0' {quote(text)}" for text in texts)
    done = subprocess.run([*shell, "/dev/stdin"], input=script.encode(), capture_output=True, check=True)
    return list(done.stdout.split(b"\0")[:-1])


def _missing(program: str) -> Callable[[], str | None]:
    return lambda: None if shutil.which(program) else f"{program} isn't installed"


PLACES = [
    Place("shell", "word", "sh", partial(_words, ["sh"])),
    Place("shell", "word", "bash", partial(_words, ["bash"]), _missing("bash")),
    Place("shell", "word", "busybox sh", partial(_words, ["busybox", "sh"]), _missing("busybox")),
]
