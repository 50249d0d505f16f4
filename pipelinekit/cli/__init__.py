"""The command line. `main` opens two quick doors, for the version and for plain renders, and leaves the rest to typer."""

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command in `argv` and exit: 0 fine, 1 findings, 2 a wrong call. The process's own words, the default, run watched."""
    if argv is not None:
        _run(list(argv))
    elif sys.argv[1:] == ["--version"]:
        _run(sys.argv[1:])
    else:
        from pipelinekit.cli.guard import run

        _open_streams()
        run(lambda: _run(sys.argv[1:]))


def _run(words: list[str]) -> None:
    if words == ["--version"]:
        from pipelinekit.version import VERSION

        print(f"pipelinekit {VERSION}")
        sys.exit(0)
    if words[:1] == ["render"]:
        from pipelinekit.cli.quick import options

        quick = options(words[1:])
        if quick is not None:
            from pipelinekit.cli.render import render

            sys.exit(render(**quick))
    from pipelinekit.cli.app import run

    sys.exit(run(words))


def _open_streams() -> None:
    """Results are UTF-8 wherever they go, and closed streams are as good as /dev/null."""
    import io
    import os

    for descriptor, name in ((0, "stdin"), (1, "stdout"), (2, "stderr")):
        stream = getattr(sys, name)
        if stream is None:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
            setattr(sys, name, open(descriptor, "w" if descriptor else "r", encoding="utf-8"))  # noqa: SIM115  # open until the end
        elif name == "stdout" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
