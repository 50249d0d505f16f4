"""What a POSIX shell makes of text: quoting, and where it expands a variable and where it doesn't."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["mentions", "quote", "unexpanded"]

_SAFE = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
_WORD = re.compile(r"[a-z]+(?=[\s;&|()]|\Z)|[!{](?=\s)")
_BEFORE_COMMAND = frozenset(["!", "{", "do", "elif", "else", "if", "in", "then", "until", "while"])
_DELIMITER = re.compile(r"""[ \t]*((?:\\(?s:.)|'[^']*'|"[^"]*"|[^\s;&|()<>'"\\])+)""")
_PARAMETER = re.compile(r"\$\{(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[-#@*?$!])?")


def quote(text: str) -> str:
    """Return `text` as one word of a POSIX shell: plain when safe, else in single quotes."""
    if _SAFE.fullmatch(text):
        return text
    return "'" + text.replace("'", "'\"'\"'") + "'"


def mentions(script: str, name: str) -> bool:
    """Say whether `script` has `$NAME` or `${NAME…}`, also where only a shell that it starts would expand it."""
    return name in script and _expansions([name]).search(script) is not None


def unexpanded(script: str, names: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Yield the name and the 1-based line of each `$NAME` and `${NAME…}` that stays as it is written.

    That is so in single quotes, behind a backslash and in a here-document whose delimiter is quoted. A comment is
    no place where a value could be missed, so nothing is said about it.
    """
    if "'" in script or "\\" in script or "<<" in script or "$$" in script:
        expansions = _expansions(names)
        if expansions.search(script):
            yield from _Scanner(script, 1, expansions).run()


def _expansions(names: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"\$(?:\{{[#!]?)?({'|'.join(map(re.escape, names)) or '(?!)'})(?![A-Za-z0-9_])")


class _Scanner:
    """Walks through shell text as a shell's reader does.

    Each method takes the position where its construct starts and returns the position behind its end; text that
    ends too early ends everything that is open.
    """

    def __init__(self, text: str, line: int, expansions: re.Pattern[str]) -> None:
        self.text = text
        self.line = line
        self.expansions = expansions
        self.found: list[tuple[str, int]] = []

    def run(self) -> list[tuple[str, int]]:
        position = 0
        while position < len(self.text):
            position = self.commands(position)
        return self.found

    def run_document(self) -> list[tuple[str, int]]:
        """Scan the text of a here-document that the shell expands."""
        position = 0
        while position < len(self.text):
            position = self.quoted_piece(position)
        return self.found

    def report(self, start: int, end: int) -> None:
        for match in self.expansions.finditer(self.text, start, end):
            self.found.append((match[1], self.line_at(match.start())))

    def report_at(self, position: int) -> None:
        if match := self.expansions.match(self.text, position):
            self.found.append((match[1], self.line_at(position)))

    def line_at(self, position: int) -> int:
        return self.line + self.text.count("\n", 0, position)

    def commands(self, position: int) -> int:
        """Scan commands up to the `)` that nothing in them opened."""
        return _Commands(self).scan(position)

    def piece(self, position: int) -> int:
        """Scan one character, quotation or expansion outside of quotes."""
        character = self.text[position]
        if character == "'":
            return self.single_quotes(position)
        if character == '"':
            return self.double_quotes(position)
        if character == "$":
            return self.dollar(position, quoted=False)
        return self.quoted_piece(position)

    def quoted_piece(self, position: int, *, in_double_quotes: bool = False) -> int:
        """Scan one character or expansion where single quotes mean nothing."""
        character = self.text[position]
        if character == "\\":
            self.report_at(position + 1)
            return position + 2
        if character == "$":
            return self.dollar(position, quoted=True)
        if character == "`":
            return self.backquotes(position, in_double_quotes)
        return position + 1

    def single_quotes(self, position: int) -> int:
        end = self.text.find("'", position + 1)
        end = len(self.text) if end < 0 else end
        self.report(position + 1, end)
        return end + 1

    def double_quotes(self, position: int) -> int:
        position += 1
        while position < len(self.text) and self.text[position] != '"':
            position = self.quoted_piece(position, in_double_quotes=True)
        return position + 1

    def dollar(self, position: int, *, quoted: bool) -> int:
        text = self.text
        if text.startswith("$((", position):
            return self.arithmetic(position + 3)
        if text.startswith("$(", position):
            return self.commands(position + 2)
        if text.startswith("${", position):
            return self.braces(position, quoted=quoted)
        if text.startswith("$$", position):
            self.report_at(position + 1)
            return position + 2
        return position + 1

    def arithmetic(self, position: int) -> int:
        depth = 2
        while position < len(self.text) and depth:
            character = self.text[position]
            depth += (character == "(") - (character == ")")
            position = self.quoted_piece(position)
        return position

    def braces(self, position: int, *, quoted: bool) -> int:
        """Scan `${NAME…}`; in a trimmed pattern (`#`, `%`) quotes count even inside double quotes."""
        text = self.text
        head = _PARAMETER.match(text, position)
        position = head.end() if head else position + 2
        quoted = quoted and text[position : position + 1] not in {"#", "%"}
        in_inner_quotes = False
        while position < len(text) and (text[position] != "}" or in_inner_quotes):
            if quoted and text[position] == '"':
                in_inner_quotes = not in_inner_quotes
            position = self.quoted_piece(position, in_double_quotes=True) if quoted else self.piece(position)
        return position + 1

    def backquotes(self, position: int, in_double_quotes: bool) -> int:
        """Scan a command in backquotes, which loses one layer of backslashes before it is read."""
        line = self.line_at(position)
        escapable = '$`\\"' if in_double_quotes else "$`\\"
        inner: list[str] = []
        position += 1
        while position < len(self.text) and self.text[position] != "`":
            if self.text[position] == "\\" and self.text[position + 1 : position + 2] in escapable:
                position += 1
            inner += self.text[position : position + 1]
            position += 1
        self.found += _Scanner("".join(inner), line, self.expansions).run()
        return position + 1


class _Commands:
    """Commands on one level: knows where a word, a comment, a keyword and a here-document may start."""

    def __init__(self, scanner: _Scanner) -> None:
        self.scanner = scanner
        self.text = scanner.text
        self.open: list[str] = []
        self.documents: list[tuple[str, bool, bool]] = []
        self.at_word = True
        self.at_command = True

    def scan(self, position: int) -> int:
        while position < len(self.text):
            if self.text[position] == ")" and not self.open:
                return position + 1
            position = self.step(position)
        return position

    def step(self, position: int) -> int:
        character = self.text[position]
        if character in "\n;&|()":
            return self.separator(position, character)
        if character in " \t":
            self.at_word = True
            return position + 1
        if character == "#" and self.at_word:
            end = self.text.find("\n", position)
            return len(self.text) if end < 0 else end
        if self.text.startswith("\\\n", position):
            return position + 2
        if character in "<>":
            return self.redirection(position)
        return self.word(position)

    def separator(self, position: int, character: str) -> int:
        self.at_word = self.at_command = True
        if character == "(":
            self.open.append("(")
        elif character == ")" and self.open[-1] == "(":
            self.open.pop()
        return self.bodies(position + 1) if character == "\n" else position + 1

    def word(self, position: int) -> int:
        """Scan a piece of a word; `case` and `esac` matter because a pattern's `)` closes nothing."""
        keyword = _WORD.match(self.text, position) if self.at_word else None
        follows = keyword is not None and keyword[0] in _BEFORE_COMMAND
        if keyword and self.at_command and keyword[0] == "case":
            self.open.append("case")
        elif keyword and self.at_command and keyword[0] == "esac" and self.open[-1:] == ["case"]:
            self.open.pop()
        self.at_word = False
        self.at_command = follows
        if keyword:
            return keyword.end()
        return self.scanner.piece(position)

    def redirection(self, position: int) -> int:
        text = self.text
        self.at_word = True
        if text.startswith("<<<", position):
            return position + 3
        if not text.startswith("<<", position):
            return position + 1
        tabs = text.startswith("<<-", position)
        word = _DELIMITER.match(text, position + 2 + tabs)
        if not word:
            return position + 2
        self.at_word = False
        self.documents.append((_unquoted(word[1]), tabs, _unquoted(word[1]) != word[1]))
        return word.end()

    def bodies(self, position: int) -> int:
        """Scan the here-documents that start on the line at `position`."""
        for delimiter, tabs, literal in self.documents:
            end, behind = self.document_end(position, delimiter, tabs)
            if literal:
                self.scanner.report(position, end)
            else:
                line = self.scanner.line_at(position)
                body = _Scanner(self.text[position:end], line, self.scanner.expansions)
                self.scanner.found += body.run_document()
            position = behind
        self.documents.clear()
        return position

    def document_end(self, position: int, delimiter: str, tabs: bool) -> tuple[int, int]:
        """Return where the delimiter's line starts and where the next line does.

        The first such line counts, as in bash; dash reads on where a `$(` of the body is still open.
        """
        while position < len(self.text):
            newline = self.text.find("\n", position)
            newline = len(self.text) if newline < 0 else newline
            line = self.text[position:newline]
            if (line.lstrip("\t") if tabs else line) == delimiter:
                return position, newline + 1
            position = newline + 1
        return len(self.text), len(self.text)


def _unquoted(word: str) -> str:
    """Return a here-document's delimiter as its last line spells it."""
    return re.sub(r"""\\(.)|'([^']*)'|"([^"]*)\"""", r"\1\2\3", word, flags=re.DOTALL)
