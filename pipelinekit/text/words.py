"""Shell text as commands with their words, as far as it takes to say what is handed to whom; `shell` knows where a variable expands."""

import re
from collections.abc import Iterator

from pipelinekit.model.value import field, value

_KEYWORDS = frozenset(["if", "then", "elif", "else", "while", "until", "do", "!", "{", "time"])
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_DOCUMENT = re.compile(r"<<(-?)[ \t]*((?:\\.|'[^']*'|\"[^\"]*\"|[^\s;&|()<>'\"\\])+)")


@value
class Word:
    """A word: `text` without its quotes, and of that `live`, in which the shell has expanded variables: all that no single quote holds."""

    text: str
    live: str


@value
class Command:
    """A simple command: its words, what it is given as its input here (`live`, as of a word), and whether another one is piped to it."""

    words: tuple[Word, ...]
    given: str = ""
    piped: bool = False
    assigned: tuple[Word, ...] = field(default=())


def commands(script: str) -> Iterator[Command]:
    """The simple commands of a script, those in substitutions first. Keywords are no part of them; what can't be read ends the script."""
    yield from _Reader(script).commands()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.words: list[Word] = []
        self.given = ""
        self.piped = False
        self.open: list[tuple[str, bool, bool]] = []
        self.inner: list[str] = []

    def commands(self) -> Iterator[Command]:
        text = self.text
        while self.at < len(text):
            character = text[self.at]
            document = _DOCUMENT.match(text, self.at) if character == "<" and not text.startswith("<<<", self.at) else None
            if character in " \t" or text.startswith("\\\n", self.at):
                self.at += 1 if character in " \t" else 2
            elif character == "#":
                end = text.find("\n", self.at)
                self.at = len(text) if end < 0 else end
            elif document:
                delimiter = re.sub(r"['\"\\]", "", document[2])
                self.open.append((delimiter, delimiter != document[2], bool(document[1])))
                self.at = document.end()
            elif text.startswith("<<<", self.at):
                self.at += 3
                self.given += self.following().live
            elif character in "<>":
                self.at += 1
            elif character in "\n;&|()":
                yield from self.ended(character)
            else:
                self.words.append(self.word())
        yield from self.ended("\n")

    def ended(self, character: str) -> Iterator[Command]:
        self.at += 1
        if character == "\n":
            self.documents()
        for script in self.inner:
            yield from commands(script)
        self.inner.clear()
        assigned: list[Word] = []
        while self.words and (self.words[0].text in _KEYWORDS or _ASSIGNMENT.match(self.words[0].text)):
            first = self.words.pop(0)
            assigned += [first] if "=" in first.text else []
        if self.words or assigned:
            yield Command(tuple(self.words), self.given, self.piped, tuple(assigned))
        self.piped = character == "|" and not self.text.startswith("|", self.at) and not self.text.startswith("||", self.at - 2)
        self.words, self.given = [], ""

    def documents(self) -> None:
        for delimiter, literal, tabs in self.open:
            lines: list[str] = []
            while self.at < len(self.text):
                line, newline, _ = self.text[self.at :].partition("\n")
                self.at += len(line) + len(newline)
                if (line.lstrip("\t") if tabs else line) == delimiter:
                    break
                lines.append(line)
            self.given += "" if literal else "\n".join(lines)
        self.open.clear()

    def following(self) -> Word:
        while self.text[self.at : self.at + 1] in (" ", "\t"):
            self.at += 1
        return self.word()

    def word(self) -> Word:
        texts: list[str] = []
        live: list[str] = []
        while self.at < len(self.text) and self.text[self.at] not in " \t\n;&|()<>":
            text, expanded = self.piece()
            texts.append(text)
            live.append(text if expanded else " ")
        return Word("".join(texts), "".join(live))

    def piece(self) -> tuple[str, bool]:
        """One character, quotation or expansion, and whether the shell has expanded it."""
        text, start = self.text, self.at
        match text[start]:
            case "'":
                end = text.find("'", start + 1)
                self.at = len(text) if end < 0 else end + 1
                return text[start + 1 : self.at - 1], False
            case '"':
                return self.double(), True
            case "\\":
                self.at += 2
                return text[start + 1 : start + 2], False
            case "$" | "`":
                return self.expansion(), True
        self.at += 1
        return text[start], True

    def double(self) -> str:
        found: list[str] = []
        self.at += 1
        while self.at < len(self.text) and self.text[self.at] != '"':
            if self.text[self.at] in "$`":
                found.append(self.expansion())
            elif self.text[self.at] == "\\":
                found.append("\\" + self.text[self.at + 1 : self.at + 2] if self.text[self.at + 1 : self.at + 2] == "$" else "")
                found.append("" if found[-1] else self.text[self.at + 1 : self.at + 2])
                self.at += 2
            else:
                found.append(self.text[self.at])
                self.at += 1
        self.at += 1
        return "".join(found)

    def expansion(self) -> str:
        """A variable, or a substitution as it is written; the commands in it are looked at on their own."""
        text, start = self.text, self.at
        closing = {"$(": ")", "${": "}"}.get(text[start : start + 2]) or ("`" if text[start] == "`" else "")
        self.at += 2 if closing in (")", "}") else 1
        if not closing:
            return text[start : self.at]
        begun = self.at
        while self.at < len(text) and text[self.at] != closing:
            if closing == "`":
                self.at += 1
            elif text[self.at] == "(":
                self.at += 1
                self.nested()
            else:
                self.piece()
        inside = text[begun : self.at]
        self.at += 1
        if closing != "}":
            self.inner.append(inside)
        return text[start : self.at]

    def nested(self) -> None:
        while self.at < len(self.text) and self.text[self.at] != ")":
            self.piece()
        self.at += 1
