"""Commands of the documentation, run for real: what a page shows as output is what they print."""

import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_FENCE = re.compile(r"^```(?P<word>python|console|toml|yaml)(?: (?P<path>\S+))?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_PLAIN = re.compile(r"[\w ./=:-]+")


def run(command: str, folder: Path) -> str:
    """What a command prints in `folder`, on both of its streams. Plain calls of pipelinekit run in this process, which is quicker."""
    if command.startswith("pipelinekit ") and _PLAIN.fullmatch(command):
        return _called(command.split()[1:], folder)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path, "PYTHONUTF8": "1", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return done.stdout


def _called(words: list[str], folder: Path) -> str:
    from pipelinekit.cli import main

    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with contextlib.chdir(folder), contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream), contextlib.suppress(SystemExit):
        main(words)
    stream.seek(0)
    return stream.read()


def fences(text: str) -> Iterator[re.Match[str]]:
    """The fenced blocks of a page; a path may stand behind the language: it is the file that the block shows."""
    return _FENCE.finditer(text)


def played(text: str, folder: Path) -> str:
    """The page with the outputs of its `console` blocks made anew: files are written and `$ commands` run, from top to bottom."""
    return _FENCE.sub(lambda fence: _play(fence, folder), text)


def _play(fence: re.Match[str], folder: Path) -> str:
    if fence["path"]:
        place = folder / fence["path"]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(fence["body"], encoding="utf-8")
    if fence["word"] != "console":
        return fence[0]
    commands = [line.removeprefix("$ ") for line in fence["body"].splitlines() if line.startswith("$ ")]
    shown = "".join(f"$ {command}\n{_closed(run(command, folder))}" for command in commands)
    return f"```console\n{shown}```"


def _closed(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"
