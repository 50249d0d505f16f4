r"""What Jenkins 2.528 and its plugins do to text, and how text is written so that nothing happens to it.

Groovy 2.4.21: nothing is expanded in `'…'` and `'''…'''`. `\` escapes; `\uXXXX` is decoded wherever it stands, in comments too
(`UnicodeEscapingReader`), a raw CR becomes a newline, U+FFFF ends the file (`groovy.g`, `UnicodeLexerSharedInputState`). A literal is a
constant of a class file, of 65,535 bytes at most.

Environment: `environment { }`, `withEnv` and parameters go through `EnvVars.overrideExpandingAll` (core, `hudson/EnvVars.java`), which
expands `$NAME` and drops empty values, and reach processes in the agent's locale. durable-task doubles each `$` for the launcher
(`FileMonitoringTask.escape`), which halves it again, but for `docker exec --env` (docker-workflow, `WithContainerStep`), which hands on
nothing that the agent has with the same value, and no PATH. Scripts are files of UTF-8, byte by byte (`BourneShellScript.java`).

Files: lists of paths are split at commas and trimmed, then they are patterns of Ant (core, `Util.createFileSet`). A stash's name has none
of `?*/\%!@#$^&|<>[]:;` and no stop at its end (core, `Jenkins.checkGoodName`).
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from pipelinekit.text.shell import quote

LAST = "\uffff"
"""Groovy's reader takes it for the end of the file, escaped or not."""

COMMIT = ("PK_SHA", "PK_SHORT_SHA")
"""What scripts on the agent expand."""

_LITERAL = 60_000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")
_PLAIN = re.compile(r"[ -#%-~]{1,1000}")
_OF_PIPELINES = re.compile(r"[A-Z][A-Z0-9_]*")
_OF_AGENTS = re.compile(
    r"(?:PATH|HOME|LANG|LANGUAGE|TZ|TERM|USER|LOGNAME|TMPDIR|HOSTNAME|ENV)|(?:BUILDKIT|DOCKER|GIT|JAVA|LC|LD|SSH|SSL)_\w+|(?:\w+_)?PROXY"
)


def quoted(value: str) -> str:
    """The text between quotes that expand nothing; several literals joined by `+` where one would be too long."""
    if fits(value):
        return _quoted(value)
    return " +\n".join(_quoted(part) for part in _parts(value))


def literals(value: str) -> int:
    """How many literals a text is joined from."""
    return 1 if fits(value) else -(-len(value) // (_LITERAL // 4))


def fits(value: str) -> bool:
    """Whether one literal holds a text, where Declarative takes no sum of several."""
    return len(value.encode()) <= _LITERAL


def line(value: str) -> str:
    """The text as one literal on one line."""
    return "'" + _escaped(value).replace("'", "\\'").replace("\n", "\\n") + "'"


def template(value: str) -> str:
    """A literal in which Groovy expands `${…}` and nothing else."""
    escaped = _escaped(value).replace('"', '\\"').replace("\n", "\\n")
    return '"' + re.sub(r"\$(?!\{)", r"\\$", escaped) + '"'


def is_template(value: str) -> bool:
    """Whether a text holds a `${NAME}`: the definition lets it stand only where a backend spells it."""
    return "${" in value


def comment(value: str) -> str:
    """A text behind `//`: on one line, and with nothing that Groovy would decode."""
    return re.sub(r"\s+", " ", _CONTROL.sub(" ", value).replace(LAST, " ")).replace("\\", "/").strip()


def function(name: str) -> str:
    """The name of a job's function."""
    return "job_" + re.sub(r"[^a-z0-9]+", "_", name)


def _parts(value: str) -> Iterator[str]:
    size = _LITERAL // 4
    return (value[start : start + size] for start in range(0, len(value), size))


def _quoted(value: str) -> str:
    if "\n" not in value:
        return line(value)
    # A lone quote needs no escape between three; one before another quote, or at the end, does.
    return "'''" + re.sub(r"'(?='|\Z)", r"\\'", _escaped(value)) + "'''"


def _escaped(value: str) -> str:
    return _CONTROL.sub(_control, value.replace("\\", "\\\\"))


def _control(match: re.Match[str]) -> str:
    return "\\r" if match[0] == "\r" else f"\\u{ord(match[0]):04x}"


def word(text: str) -> str:
    """A word of the shell, in which it expands the commit and nothing else."""
    pieces = re.split(rf"(\$\{{(?:{'|'.join(COMMIT)})\}})", text)
    if len(pieces) == 1:
        return quote(text)
    return '"' + "".join(piece if index % 2 else re.sub(r'(["\\`$])', r"\\\1", piece) for index, piece in enumerate(pieces)) + '"'


def is_plain(name: str, value: str) -> bool:
    """Whether `environment` can hold a variable. What the agent's own programs read, or have themselves, is left to the job's shell."""
    return _PLAIN.fullmatch(value) is not None and _OF_PIPELINES.fullmatch(name) is not None and _OF_AGENTS.fullmatch(name) is None


def is_told(choices: Sequence[str]) -> bool:
    """Whether containers are told each of these texts as it is."""
    return bool(choices) and all(re.fullmatch(r"[ -#%-~]*", text) for text in choices)


def stash(text: str) -> str:
    """A path as a part of a stash's name; `${AXIS}` stays, for Groovy."""
    pieces = re.split(r"(\$\{\w+\})", re.sub(r"\$\{PK_(SHA|SHORT_SHA)\}", "commit", text).rstrip("/"))
    return "".join(piece if index % 2 else re.sub(r"[^A-Za-z0-9_.-]", "-", piece) for index, piece in enumerate(pieces)).rstrip(".")


def ant(path: str) -> str:
    """What Ant calls a path, or a folder's files."""
    return f"{path}**" if path.endswith("/") else path


def listed(paths: Iterable[str]) -> str:
    """Paths, as one text."""
    return ", ".join(map(ant, paths))


def expression(globs: Sequence[str]) -> str:
    """Globs as one regular expression: `*` stays between slashes, `**` crosses them. (Jenkins' own globs disregard case.)"""
    return "|".join("".join(_piece(part) for part in re.findall(r"\*\*|\*|[^*]+", glob)) for glob in globs)


def _piece(text: str) -> str:
    return {"**": ".*", "*": "[^/]*"}.get(text) or re.sub(r"([.\\+?()\[\]{}|^$])", r"\\\1", text)


def pathspec(glob: str) -> str:
    """A glob of changed files, as a word of a git command."""
    return quote(f":(glob){glob}**" if glob.endswith("/") else f":(glob){glob}")
