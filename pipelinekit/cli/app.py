"""All commands and their options. The work of each is a module of its own, imported when the command is called."""

import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from pipelinekit.version import VERSION

app = typer.Typer(
    help="One pipeline definition in typed Python; the file that an expert would have written for each CI system.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def run(words: Sequence[str]) -> int:
    """The exit code of a command; a wrong call is told in one line."""
    try:
        code = app(args=list(words), prog_name="pipelinekit", standalone_mode=False)
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        print(_wrong_call(error, words), file=sys.stderr)
        return 2
    if code == 130:
        raise KeyboardInterrupt  # which typer has swallowed
    return code if isinstance(code, int) else 0


def _wrong_call(error: Any, words: Sequence[str]) -> str:
    """What is wrong with a call, in one line: typer's errors carry the parts."""
    from difflib import get_close_matches

    from pipelinekit.diagnostics import nearest, printable

    message = " ".join(error.format_message().split()).rstrip(".")
    known = {command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands}
    command = "pipelinekit" + (f" {words[0]}" if words and words[0] in known else "")
    option = getattr(error, "option_name", None)
    match type(error).__name__:
        case "NoArgsIsHelpError":
            return str(error.format_message())
        case "NoSuchOption":
            close = get_close_matches(str(option), error.possibilities or (), n=1, cutoff=0.75)
            near = f", did you mean {close[0]}?" if close else ""
            message = f"there is no option {option}{near}"
        case "BadOptionUsage" if "requires an argument" in message:
            message = f"{option} needs a value"
        case "MissingParameter":
            message = f"{' or '.join(error.param.opts)} is missing"
        case "NoSuchCommand" | "UsageError" if message.startswith("No such command"):
            word = message.split("'")[1] if "'" in message else message
            message = f"there is no command {word!r}: {nearest(word, error.ctx.command.commands)}"
        case "UsageError" if "unexpected extra argument" in message:
            message = f"{message.rpartition('(')[2].rstrip(')')!r} is one word too many"
    return printable(f"{command}: {message} (see {command} --help)")


def _target_names() -> list[str]:
    from pipelinekit.backend import registry

    return list(registry.entry_points())


def _version(wanted: bool) -> None:
    if wanted:
        print(f"pipelinekit {VERSION}")
        raise typer.Exit


File = Annotated[str, typer.Option("--file", "-f", metavar="PATH", help="The definition. Reading it runs its code, with your rights.")]
Untrusted = Annotated[
    bool,
    typer.Option("--untrusted", help="Run the definition in a sandbox (bubblewrap): no network, no secrets, nothing to write."),
]
Targets = Annotated[
    list[str] | None,
    typer.Option("--target", "-t", metavar="NAME", autocompletion=_target_names, help="A CI system; may be given several times."),
]
Target = Annotated[str, typer.Option("--target", "-t", metavar="NAME", autocompletion=_target_names, help="The CI system.")]
Strict = Annotated[bool, typer.Option("--strict", help="A loss that the definition doesn't accept is an error.")]
AsJson = Annotated[bool, typer.Option("--json", help="Findings as JSON on standard output.")]
AsSarif = Annotated[bool, typer.Option("--sarif", help="Findings as SARIF 2.1.0 on standard output.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show notes too.")]


@app.callback()
def root(version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False) -> None:
    """Nothing but the options of the program itself."""


@app.command()
def render(
    target: Targets = None,
    every: Annotated[bool, typer.Option("--all", help="All installed CI systems.")] = False,
    file: File = "pipeline.py",
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="DIR", help="Write below this folder instead of the definition's.")
    ] = None,
    stdout: Annotated[bool, typer.Option("--stdout", help="Print instead of writing.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; show how committed files differ and exit with 1 if they do.")
    ] = False,
    strict: Strict = False,
    force: Annotated[bool, typer.Option("--force", help="Write over files that pipelinekit didn't write.")] = False,
    as_json: AsJson = False,
    sarif: AsSarif = False,
    verbose: Verbose = False,
) -> None:
    """Write the files of one or more CI systems."""
    from pipelinekit.cli.render import render as work

    raise typer.Exit(
        work(
            targets=target or [],
            every=every,
            file=file,
            output=output,
            stdout=stdout,
            check=check,
            strict=strict,
            force=force,
            json=as_json,
            sarif=sarif,
            verbose=verbose,
        )
    )


@app.command(short_help="Find mistakes in the definition.")
def check(
    target: Targets = None,
    file: File = "pipeline.py",
    untrusted: Untrusted = False,
    strict: Strict = False,
    as_json: AsJson = False,
    sarif: AsSarif = False,
    verbose: Verbose = False,
) -> None:
    """Find mistakes in the definition; with --target, also what those systems can't do. Runs the definition, as all commands do."""
    from pipelinekit.cli.check import check as work

    raise typer.Exit(work(targets=target or [], file=file, untrusted=untrusted, strict=strict, json=as_json, sarif=sarif, verbose=verbose))


@app.command(short_help="Show what the definition means, as a table or JSON.")
def show(
    file: File = "pipeline.py",
    as_json: Annotated[
        bool, typer.Option("--json", help="The plan as JSON, by the published schema; --file takes such a file again.")
    ] = False,
    stage: Annotated[str | None, typer.Option("--stage", "-s", metavar="NAME", help="Everything about one stage.")] = None,
    untrusted: Untrusted = False,
) -> None:
    """Show what the definition means: its stages, their order and their events."""
    from pipelinekit.cli.show import show as work

    raise typer.Exit(work(file=file, json=as_json, stage=stage, untrusted=untrusted))


@app.command(short_help="Show what each CI system makes of each stage, and why.")
def explain(
    code: Annotated[str | None, typer.Argument(metavar="[CODE]", help="Say what a code, like PK013, means instead.")] = None,
    target: Targets = None,
    file: File = "pipeline.py",
    as_json: Annotated[bool, typer.Option("--json", help="The table as JSON.")] = False,
) -> None:
    """Show what each CI system makes of each stage: native, lowered, weakened, unsafe or refused, and why; and its privileges."""
    from pipelinekit.cli.explain import explain as work
    from pipelinekit.cli.explain import meaning

    if code is not None:
        raise typer.Exit(meaning(code))
    raise typer.Exit(work(targets=target or [], file=file, json=as_json))


@app.command()
def graph(
    file: File = "pipeline.py",
    form: Annotated[
        str | None, typer.Option("--format", metavar="FORM", help="mermaid, dot or text; a terminal gets text, a pipe Mermaid.")
    ] = None,
    event: Annotated[
        str | None, typer.Option("--event", "-e", metavar="EVENT", help="Only what this event starts, like push or schedule-nightly.")
    ] = None,
) -> None:
    """Draw the stages and their needs."""
    from pipelinekit.cli.graph import graph as work

    raise typer.Exit(work(file=file, form=form, event=event))


@app.command(short_help="Show what a run would do, without running anything.")
def simulate(
    event: Annotated[
        str, typer.Option("--event", "-e", metavar="EVENT", help="What happens: push, pull_request, tag, schedule or manual.")
    ] = "push",
    branch: Annotated[
        str, typer.Option("--branch", metavar="NAME", help="The pushed branch (trunk when left out), or the one that a pull request is of.")
    ] = "",
    into: Annotated[
        str, typer.Option("--into", metavar="NAME", help="The branch into which a pull request goes; trunk when left out.")
    ] = "",
    tag: Annotated[
        str, typer.Option("--tag", metavar="NAME", help="The tag, like v1.0; one that the definition takes when left out.")
    ] = "",
    beside_trunk: Annotated[bool, typer.Option("--beside-trunk", help="The tag's commit is not on trunk.")] = False,
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="The schedule or the manual run, where the definition has several.")
    ] = "",
    fork: Annotated[bool, typer.Option("--fork", help="The pull request comes from a fork.")] = False,
    changed: Annotated[
        list[str] | None,
        typer.Option("--changed", metavar="PATH", help="A file that the pull request touches; when left out, it touches something of all."),
    ] = None,
    given: Annotated[
        list[str] | None, typer.Option("--input", metavar="NAME=VALUE", help="An input of the manual run; its default when left out.")
    ] = None,
    fail: Annotated[
        list[str] | None,
        typer.Option("--fail", metavar="JOB[:INDEX]", help="A job whose last command fails, or that of this index, counted from 0."),
    ] = None,
    hang: Annotated[
        list[str] | None,
        typer.Option("--hang", metavar="JOB[:INDEX]", help="A job whose command never ends, so that its timeout must."),
    ] = None,
    reject: Annotated[list[str] | None, typer.Option("--reject", metavar="GATE", help="A gate that is turned down.")] = None,
    missing: Annotated[list[str] | None, typer.Option("--missing", metavar="SECRET", help="A secret that the store lacks.")] = None,
    overtaken: Annotated[
        list[str] | None,
        typer.Option("--overtaken", metavar="ENVIRONMENT", help="An environment that a newer delivery reaches before this run does."),
    ] = None,
    file: File = "pipeline.py",
    as_json: Annotated[bool, typer.Option("--json", help="The trace as JSON lines.")] = False,
) -> None:
    """Show what a run would do: which jobs start, in which order, what they see, and how it ends. Nothing is executed."""
    from pipelinekit.cli.scenario import Asked
    from pipelinekit.cli.simulate import run

    asked = Asked(
        event=event,
        branch=branch,
        into=into,
        tag=tag,
        beside_trunk=beside_trunk,
        name=name,
        fork=fork,
        changed=tuple(changed or ()),
        input=tuple(given or ()),
        fail=tuple(fail or ()),
        hang=tuple(hang or ()),
        reject=tuple(reject or ()),
        missing=tuple(missing or ()),
        overtaken=tuple(overtaken or ()),
    )
    raise typer.Exit(run(file=file, json=as_json, asked=asked))


@app.command()
def targets(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """List the CI systems, their files, and what each can do."""
    from pipelinekit.cli.targets import targets as work

    raise typer.Exit(work(json=as_json))


@app.command(short_help="Print what a CI system's server must be told.")
def setup(target: Target, file: File = "pipeline.py") -> None:
    """Print what must be configured on a CI system's server, as that system's own commands."""
    from pipelinekit.cli.setup import setup as work

    raise typer.Exit(work(target=target, file=file))


@app.command(short_help="Pin images by their digests, in pipelinekit.lock.")
def lock(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[IMAGE]...", help="With --update, only these, like python or python:3.12-slim.")
    ] = None,
    target: Targets = None,
    file: File = "pipeline.py",
    update: Annotated[bool, typer.Option("--update", help="Ask again for digests that are locked already.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 if a tag has moved since it was locked, or is not locked.")
    ] = False,
    insecure: Annotated[
        list[str] | None,
        typer.Option("--insecure-registry", metavar="HOST", help="Ask this registry over http; may be given several times."),
    ] = None,
) -> None:
    """Pin images: write the digest of each image that the files of all CI systems, or of those named, use to pipelinekit.lock."""
    from pipelinekit.cli.lock import lock as work

    raise typer.Exit(work(file=file, targets=target or [], names=names or [], update=update, check=check, insecure=insecure or []))
