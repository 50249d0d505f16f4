"""Texts that people outside choose, handed to something that reads them as code: PK038.

A shell expands a variable once and runs none of it, so the fact of a title is harmless as an argument, in a test, in a file. It
becomes code where a command reads its argument or input as a program of its own.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from pipelinekit.diagnostics import Diagnostic
from pipelinekit.model.names import OUTSIDERS
from pipelinekit.model.plan import Plan, Stage
from pipelinekit.semantics.outsiders import inputs
from pipelinekit.semantics.selection import Selection
from pipelinekit.text.words import Command, Word, commands

HINT = """hand it over as an argument or a variable: sh -c 'echo "$1"' sh "$PK_TITLE\""""
SHELLS = frozenset(["sh", "bash", "dash", "ash", "zsh", "ksh"])
CODE: Mapping[str, re.Pattern[str]] = {
    **dict.fromkeys(SHELLS, re.compile(r"-[a-z]*c")),
    **dict.fromkeys(("python", "python3"), re.compile(r"-[A-Za-z]*c")),
    **dict.fromkeys(("perl", "ruby"), re.compile(r"-[A-Za-z]*[eE]")),
    **dict.fromkeys(("node", "bun"), re.compile(r"-e|-p|-pe|--eval|--print")),
    **dict.fromkeys(("Rscript", "R", "lua", "julia"), re.compile(r"-e|-E|--eval")),
    "php": re.compile(r"-r"),
    **dict.fromkeys(("psql", "duckdb", "cockroach"), re.compile(r"-[A-Za-z]*c|--command|--execute")),
    **dict.fromkeys(("mysql", "mariadb", "trino"), re.compile(r"-e|--execute")),
    **dict.fromkeys(("clickhouse-client", "snowsql"), re.compile(r"-q|--query")),
    "mongosh": re.compile(r"--eval"),
    "su": re.compile(r"-c|--command"),
}
"""Programs that read the argument behind an option as code. Without that option they read their input so."""
FIRST = frozenset(["awk", "gawk", "mawk", "sed", "trap", "watch"])
"""Programs whose first argument is code."""
WHOLE = frozenset(["eval", ".", "source"])
PRINTS = frozenset(["echo", "printf", "cat"])
_VERSION = re.compile(r"[0-9.]+$")


def text_stays_text(plan: Plan, selection: Selection) -> Iterator[Diagnostic]:
    """No fact that outsiders choose, and no input that a person types, is run as code."""
    for stage in plan.stages:
        names = OUTSIDERS | inputs(stage, selection)
        scripts = [script for script in (*stage.setup, *stage.commands) if any(name in script for name in names)]
        if scripts:
            yield from _of_stage(stage, scripts, names)


def _of_stage(stage: Stage, scripts: Sequence[str], names: frozenset[str]) -> Iterator[Diagnostic]:
    found = dict.fromkeys(each for script in scripts for each in misused(script, names))
    for name, reader in found:
        message = f"{stage.name} hands {name}, which outsiders choose, to {reader} as code"
        yield Diagnostic("PK038", "error", message, HINT, stage.source, stage=stage.name)


def misused(script: str, names: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Each variable of `names` whose text a script runs as code, and what runs it."""
    before: Command | None = None
    for command in commands(script):
        names = names | _taken_over(command, names)
        mentioned = _mentions(names)
        for text, reader in (*_code(command, names), *_input(command, before)):
            yield from ((name, reader) for name in dict.fromkeys(mentioned(text)))
        for word in command.words:
            if _shell_with_code(command, word):
                yield from misused(word.text, names)
        before = command


def _mentions(names: frozenset[str]) -> Callable[[str], list[str]]:
    return re.compile(rf"(?<!\\)\$\{{?[#!]?({'|'.join(sorted(names))})(?![A-Za-z0-9_])").findall


def _taken_over(command: Command, names: frozenset[str]) -> frozenset[str]:
    """Variables of the script that are given such a text."""
    given = (*command.assigned, *(command.words[1:] if _name(command.words[:1]) in ("export", "local", "readonly") else ()))
    return frozenset(word.text.partition("=")[0] for word in given if "=" in word.text and _mentions(names)(word.live))


def _code(command: Command, names: frozenset[str]) -> Iterator[tuple[str, str]]:
    """What a command reads as code among its words, with the reader's name."""
    words = command.words
    first = _name(words[:1])
    if words and first not in PRINTS:
        yield words[0].live, "the shell"
    if first in WHOLE:
        yield from ((word.live, first) for word in words[1:])
    if first == "ssh":
        yield from ((word.live, first) for word in _behind_host(words))
    if first in FIRST:
        yield from ((word.live, first) for word in _programs(words))
    for at, word in enumerate(words if first not in PRINTS else ()):
        option = CODE.get(_name((word,)))
        yield from ((text, _name((word,))) for text in (_behind(words[at + 1 :], option) if option else ()))


def _behind(words: Sequence[Word], option: re.Pattern[str]) -> Iterator[str]:
    """The words behind an option, or in it behind a `=`."""
    for at, word in enumerate(words):
        key, equals, _ = word.text.partition("=")
        if not word.text.startswith("-"):
            continue
        if option.fullmatch(key):
            yield word.live if equals else words[at + 1].live if at + 1 < len(words) else ""


def _behind_host(words: Sequence[Word]) -> Sequence[Word]:
    """What ssh sends to the other side: all behind the host."""
    at = 1
    while at < len(words) and words[at].text.startswith("-"):
        at += 2 if re.fullmatch(r"-[bcDEeFIiJLlmOopQRSWw]", words[at].text) else 1
    return words[at + 1 :]


def _programs(words: Sequence[Word]) -> Iterator[Word]:
    """The first operand of awk and its like, and what `-e` brings; `-v name=text` brings text."""
    rest, seen = list(words[1:]), False
    while rest:
        word = rest.pop(0)
        if word.text in ("-e", "--expression") and rest:
            yield rest.pop(0)
            seen = True
        elif word.text in ("-v", "-F", "-f", "-n", "--file") and rest and word.text != "-n":
            seen |= word.text in ("-f", "--file")
            rest.pop(0)
        elif not word.text.startswith("-"):
            if not seen:
                yield word
            return


def _input(command: Command, before: Command | None) -> Iterator[tuple[str, str]]:
    """What a reader of code is given as its input: a here-document, or what another command prints."""
    for at, word in enumerate(command.words):
        name = _name((word,))
        if name not in CODE or any(CODE[name].fullmatch(other.text) for other in command.words[at + 1 :]):
            continue
        operands = [other.text for other in command.words[at + 1 :] if not other.text.startswith("-")]
        if not operands or name not in (*SHELLS, "python", "python3", "perl", "ruby", "node", "php"):
            yield command.given, name
            if command.piped and before is not None and _name(before.words[:1]) in PRINTS:
                yield " ".join((before.given, *(other.live for other in before.words[1:]))), name


def _shell_with_code(command: Command, word: Word) -> bool:
    """Whether a word is the script of a shell, written where the outer one expands nothing."""
    at = command.words.index(word)
    shells = (other for other in range(at) if _name((command.words[other],)) in SHELLS)
    return word.text != word.live and any(re.fullmatch(r"-[a-z]*c", command.words[at - 1].text) for _ in shells)


def _name(words: Sequence[Word]) -> str:
    """The program's name, without its folder and version."""
    if not words:
        return ""
    name = words[0].text.rpartition("/")[2] if words[0].text not in (".", "/") else words[0].text
    return _VERSION.sub("", name) if name.startswith(("python", "perl", "ruby")) else name
