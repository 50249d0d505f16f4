"""The command line. `main` opens two quick doors, for the version and for plain renders, and leaves the rest to typer."""

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command in `argv` (by default the process's own) and exit: 0 fine, 1 findings, 2 a wrong call."""
    words = list(sys.argv[1:] if argv is None else argv)
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
    from pipelinekit.cli.app import app

    app(args=words, prog_name="pipelinekit")
