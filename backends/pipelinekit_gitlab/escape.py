r"""What GitLab 18's server and its runner, 18 to 19.4, do to text, and how text is written so that nothing happens to it.

Server: a `$[[ … ]]` in any text of a file with a `spec` is an input (`BLOCK_PATTERN` in `lib/gitlab/ci/config/interpolation/template.rb`),
and can't be escaped. `$NAME`, `${NAME}` and `%NAME%` are replaced (`VARIABLES_REGEXP` in `lib/expand_variables.rb`) in the values of
variables, unless they are raw, in `environment:url` and in `rules:changes`, where nothing escapes them. Strings and expressions of
`rules:if` end at the first quote or slash (`lib/gitlab/ci/pipeline/expression/lexeme/{string,pattern}.rb`).

Runner: Go's `os.Expand` (`common/spec/variables.go`) goes over the values of variables that aren't raw, over those of services, raw or
not (`common/build.go`, `GetServiceVariables`), over names of images and keys of caches; in it `$$` is a `$`. Paths of artifacts and caches
are expanded by the helper (`commands/helpers/artifacts_uploader.go`). The items of a script lose the blanks around them, Unicode's and CR
too, and a line that shows the command is written before each (`shells/abstract.go`, `writeCommands`); then all are one script.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pipelinekit.model.plan import Pairs
from pipelinekit.text.shell import quote

_BLOCK = re.compile(r"\$\[\[\s*\S.*?\S\s*\]\]", re.ASCII)
_REFERENCE = re.compile(r"\$[a-zA-Z_]|\$\{[a-zA-Z_]\w*\}|%[a-zA-Z_]\w*%", re.ASCII)
_TRIMMED = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""What Go's `strings.TrimSpace` takes away."""
_BLANK = " \t\n"
"""What of it means nothing to a shell at a command's ends."""
_TOKEN = r"\*\*|\*|[^*]+"
_DOCUMENT = re.compile(r"<<-?[ \t]*[\\'\"]?(\w+)")
_COMMIT = re.compile(r"\$\{PK_(?:SHORT_)?SHA\}")
_WORD = re.compile(r"(?:^|[\s;&|(])(if|fi|case|esac|do|done)(?=[\s;&|)]|$)")


def variables(pairs: Pairs) -> dict[str, Any]:
    """Variables whose values stay as they are."""
    return {name: {"value": text, "expand": False} if "$" in text or text.count("%") > 1 else text for name, text in pairs}


def given(name: str) -> dict[str, Any]:
    """The value of an input, whatever is in it."""
    return {"value": placeholder(name), "expand": False}


def placeholder(name: str) -> str:
    """An input, where its value is to stand."""
    return f"$[[ inputs.{name} ]]"


def service_variables(pairs: Pairs) -> dict[str, str]:
    """Those of a service, which have no `expand: false`."""
    return {name: text.replace("$", "$$") for name, text in pairs}


def inputs(text: str) -> list[str]:
    """Each `$[[ … ]]` that GitLab would take for an input, in a file that has some."""
    return [match[0] for match in _BLOCK.finditer(text)]


def references(text: str) -> list[str]:
    """Each text that the server takes for a variable where it can't be told not to."""
    return [match[0] for match in _REFERENCE.finditer(text)]


def items(commands: Iterable[str]) -> list[str]:
    """Commands as items of a script. One that may go on in the next stands in one item with it, since the runner writes lines between
    items; one that would lose more than blanks is guarded.
    """
    found: list[str] = []
    goes_on = False
    for command in commands:
        if goes_on:
            found[-1] += f"\n{command}"
        else:
            found.append(command)
        goes_on = _goes_on(found[-1])
    return [_guarded(each) for each in found]


def _guarded(item: str) -> str:
    kept = item.strip(_TRIMMED)
    if not kept:
        return item
    before, _, after = item.partition(kept)
    head = ":\n" if before.strip(_BLANK) else ""
    tail = "\n:" if after.strip(_BLANK) or (after and kept.endswith("\\")) else ""
    return f"{head}{item}{tail}"


def _goes_on(command: str) -> bool:
    """Whether a shell may look for the end of something in what follows: in doubt, yes."""
    if not re.search(r"['\"`<(){}&|]|\b(?:if|case|do)\b", command):
        return False
    words = _WORD.findall(command)
    pairs = ((words, "if", "fi"), (words, "case", "esac"), (words, "do", "done"), (command, "{", "}"), (command, "(", ")"))
    lines = {line.lstrip("\t") for line in command.split("\n")}
    return (
        any(command.count(mark) % 2 for mark in "'\"`")
        or any(place.count(opened) > place.count(closed) for place, opened, closed in pairs)
        or any(name not in lines for name in _DOCUMENT.findall(command))
        or command.rstrip(_BLANK).endswith(("&&", "|"))
    )


def word(text: str) -> str:
    """One word of the shell: the commit stays to be expanded, all else is quoted."""
    if not _COMMIT.search(text):
        return quote(text)
    return '"' + re.sub(rf'{_COMMIT.pattern}|[\\"`$]', _backslashed, text) + '"'


def _backslashed(match: re.Match[str]) -> str:
    return match[0] if len(match[0]) > 1 else f"\\{match[0]}"


def expression(globs: Sequence[str]) -> str:
    """Globs of branches or tags as one RE2 expression between slashes; `*` stays within a part of a path, `**` crosses parts."""
    found = ["".join(_piece(token) for token in re.findall(_TOKEN, glob)) for glob in globs]
    return f"/^{found[0]}$/" if len(found) == 1 else f"/^({'|'.join(found)})$/"


def _piece(token: str) -> str:
    if token == "**":
        return ".*"
    return r"[^\/]*" if token == "*" else token.replace(".", r"\.").replace("/", r"\/")


def changes(glob: str) -> str:
    """A glob of changed files as `rules:changes` reads it: Ruby's fnmatch, in which a last `**` stays in its folder."""
    if glob.endswith("/"):
        return f"{glob}**/*"
    return re.sub(r"\*\*(?!/)", "**/*", glob)


def said(text: str) -> str:
    """A command that prints one line; `echo` would take some texts for more."""
    return f"printf '%s\\n' {quote(text)}" if "\\" in text or text.startswith("-") else f"echo {quote(text)}"


def strings(data: Any) -> Iterator[str]:
    """Every text of a document, keys too."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield key
            yield from strings(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from strings(value)
    elif hasattr(data, "value"):
        yield from strings(data.value)
