"""A YAML writer whose output every YAML 1.1 and 1.2 reader takes for the same data.

Text stays plain only where no reader could take it for anything else; otherwise it is single-quoted, a literal block
where it has several lines, and double-quoted only where nothing else can carry it. Lines are never folded.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Alias", "Anchored", "Commented", "Flow", "Literal", "Quoted", "Tagged", "dump", "dump_all"]

# YAML readers look for the colon of a key in its first 1,024 characters only.
_LONGEST_KEY = 1000
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"])
_START = re.compile(r"[A-Za-z0-9_/.$(\\^]|--?[A-Za-z]|[^\x00-\x7f]")
_NUMBER = re.compile(r"[-+]?[.0-9][-+.,:_ 0-9a-fA-FoOpPtTxXzZ]*")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_NOT_IN_FLOW = re.compile(r"[\]\[{},:?#&*!|>'\"%@`]|\A-")
# Beyond ASCII, what a YAML 1.1 reader takes for a line break, drops, or refuses. Few files need these two patterns,
# and compiling them takes a millisecond, so that is left to their first use.
_FOREIGN = "[\x80-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
_NOT_AS_IS = '["\\\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]'
_NAMED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


class Quoted(str):
    """Text of one line that is quoted even where it could stay plain: a port, a version, a cron line."""

    __slots__ = ()


class Literal(str):
    """Text that becomes a literal block (`|`) even where it has one line."""

    __slots__ = ()


class Tagged(str):
    """Text of one line with the tag `!!str` and quotes, for a reader that takes some words for nothing even where they are quoted."""

    __slots__ = ()


class Flow:
    """A list or mapping printed on one line: `[lint, test]`, `{cpu: 2}`."""

    __slots__ = ("value",)

    def __init__(self, value: Sequence[object] | Mapping[str, object]) -> None:
        self.value = value


class Anchored:
    """A mapping below a key that later places of the same document refer to by `name`: `environment: &store`."""

    __slots__ = ("name", "value")

    def __init__(self, value: Mapping[str, object], name: str) -> None:
        self.value = value
        self.name = name


class Alias:
    """The mapping that was anchored as `name` once more: `environment: *store`."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Commented:
    """A value with `# …` lines before its key, its list item or its document."""

    __slots__ = ("text", "value")

    def __init__(self, value: object, text: str) -> None:
        self.value = value
        self.text = text


def dump(
    data: object,
    *,
    header: Sequence[str] = (),
    indent_sequences: bool = True,
    blank_between: int = 0,
    escapes: bool = True,
) -> str:
    """Write one document, without a separator line.

    `data` is made of dict (with str keys, order kept), list, tuple, str, int, float, bool, None and the markers of
    this module. `header` lines become comments on top. `indent_sequences` puts the items of a mapping's list two
    spaces under the key instead of right under it. `blank_between` is the number of levels, from the top, whose
    lists and mappings are set apart by an empty line. With `escapes=False` no double-quoted scalar is written.

    Raises TypeError for another type, and ValueError for a lone surrogate, a number that readers disagree about,
    a comment that isn't plain text, or, without `escapes`, text that only a double-quoted scalar could carry; the
    message starts with the place: `build.script[0]: …`.
    """
    return dump_all((data,), header=header, indent_sequences=indent_sequences, blank_between=blank_between, escapes=escapes)


def dump_all(
    documents: Iterable[object],
    *,
    header: Sequence[str] = (),
    indent_sequences: bool = True,
    blank_between: int = 0,
    escapes: bool = True,
) -> str:
    """Write several documents with `---` between them and none before the first; the rest is as for `dump`.

    A later document's comments (`Commented`) come after its separator.
    """
    writer = _Writer("  " if indent_sequences else "", escapes)
    out = writer.out
    try:
        if header:
            writer.comment("\n".join(header), "")
        if header and blank_between:
            out.append("\n")
        for position, data in enumerate(documents):
            if position:
                out.append("---\n")
            writer.document(data, blank_between)
    except _RefusedError as refusal:
        raise refusal.kind(str(refusal)) from None
    return "".join(out)


class _RefusedError(Exception):
    """Data that can't be written, and the way to it, innermost step first."""

    def __init__(self, kind: type[Exception], reason: str) -> None:
        self.kind = kind
        self.reason = reason
        self.path: list[str] = []

    def __str__(self) -> str:
        where = "".join(reversed(self.path)).removeprefix(".")
        return f"{where}: {self.reason}" if where else self.reason


def _is_plain(text: str) -> bool:
    """Say whether `text`, free of control characters, reads back as the same text without quotes."""
    return (
        _START.match(text) is not None
        and ": " not in text
        and " #" not in text
        and text[-1] not in " :"
        and "\t" not in text
        and text[:3] != "..."
        and not (text[0] in ".-0123456789" and _NUMBER.fullmatch(text))
        and not (len(text) < 11 and text.lower().lstrip("-.") in _WORDS)
        and (text.isascii() or text == text.strip())
    )


def _needs_escapes(text: str) -> bool:
    return _CONTROL.search(text) is not None or not (text.isascii() or re.search(_FOREIGN, text) is None)


def _single_quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if 0xD800 <= code < 0xE000:
        raise _RefusedError(ValueError, f"a lone surrogate (U+{code:04X}) is no text that a file can hold")
    return _NAMED.get(character) or (f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}")


class _Texts(dict[str, str]):
    """Texts and their scalars of one line; an empty string stands for text that wants a literal block."""

    def __init__(self, escapes: bool) -> None:
        super().__init__()
        self.escapes = escapes

    def __missing__(self, text: str) -> str:
        shown = self[text] = self.shown(text)
        return shown

    def shown(self, text: str) -> str:
        if _needs_escapes(text):
            return self.double_quoted(text)
        if "\n" in text:
            return ""
        return text if text and _is_plain(text) else _single_quoted(text)

    def one_line(self, text: str) -> str:
        return _Texts.shown(self, text) or self.double_quoted(text)

    def double_quoted(self, text: str) -> str:
        escaped = '"' + re.sub(_NOT_AS_IS, _escape, text) + '"'
        if not self.escapes:
            raise _RefusedError(ValueError, f"{escaped[:60]} needs escapes in double quotes, which this system's reader breaks")
        return escaped


class _Keys(_Texts):
    """Keys with their colon; an empty string stands for a key that is too long to be read as one."""

    def shown(self, text: str) -> str:
        # Ruby merges even a quoted `<<` into the mapping around it.
        scalar = self.one_line(_as_key(text)) if text != "<<" else "!!str '<<'"
        return scalar + ":" if len(scalar) <= _LONGEST_KEY else ""


class _FlowTexts(_Texts):
    """Texts and their scalars between brackets, where more characters mean something."""

    def shown(self, text: str) -> str:
        scalar = self.one_line(text)
        return scalar if scalar[0] in "'\"" or not _NOT_IN_FLOW.search(text) else _single_quoted(text)


def _as_key(key: object) -> str:
    if isinstance(key, str):
        return str.__str__(key)
    raise _RefusedError(TypeError, f"a key is text, not {type(key).__name__}: {key!r}")


def _block(text: str, pad: str) -> str:
    """Return `text` as a literal block whose parent stands at `pad`."""
    inner = pad + "  "
    if text[-1] != "\n":
        chomping, body = "-", text
    else:
        body = text[:-1]
        chomping = "+" if not body or body[-1] == "\n" else ""
    if "\n\n" in text or text[0] == "\n":
        lines = "\n".join([inner + line if line else "" for line in body.split("\n")])
    else:
        lines = inner + body.replace("\n", "\n" + inner)
    indicator = "2" if text[0] in " \t\n" else ""
    return f"|{indicator}{chomping}\n{lines}"


def _number(value: float) -> str:
    """Return an int or a float as all readers take it."""
    if isinstance(value, int):
        if -(2**63) <= value < 2**63:
            return int.__repr__(value)
        raise _RefusedError(ValueError, f"{value} has more than 64 bits: write it as text")
    shown = float.__repr__(value)
    if shown in {"nan", "inf", "-inf"}:
        raise _RefusedError(ValueError, f"{shown} is no number that all readers know")
    return shown if "." in shown else shown.replace("e", ".0e")


def _plain_type(value: object) -> object:
    """Return dict, list and text for their subclasses and for a tuple, anything else as it is."""
    kind = type(value)
    if kind is dict or kind is list:
        return value
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, str) and kind is not Quoted and kind is not Literal and kind is not Tagged:
        return str.__str__(value)
    return value


def _is_large(value: object) -> bool:
    """Say whether `value` takes lines of its own below its key or dash."""
    if type(value) is Commented:
        value = value.value
    return isinstance(value, (dict, list, tuple)) and bool(value)


class _Writer:
    """Collects the lines of a file.

    `lead` is what stands before a collection's first entry (`- ` of the item that it is, or `pad`), `pad` what
    stands before the others, and `blank` the number of levels that are still set apart by empty lines.
    """

    __slots__ = ("flow_texts", "keys", "out", "step", "texts")

    def __init__(self, step: str, escapes: bool) -> None:
        self.out: list[str] = []
        self.step = step
        self.texts = _Texts(escapes)
        self.keys = _Keys(escapes)
        self.flow_texts = _FlowTexts(escapes)

    def document(self, data: object, blank: int) -> None:
        if type(data) is Commented:
            data = self.uncommented(data, "")
        data = _plain_type(data)
        if data and isinstance(data, dict):
            self.mapping(data, "", "", blank)
        elif data and isinstance(data, list):
            self.sequence(data, "", "", blank)
        else:
            self.out.append(self.scalar(data, "") + "\n")

    def mapping(self, data: dict[str, object], lead: str, pad: str, blank: int) -> None:
        out, keys, texts = self.out, self.keys, self.texts
        key, before = "", None
        try:
            for key, value in data.items():
                if blank:
                    self.gap(before, value)
                    before = value
                if type(value) is Commented:
                    value = self.uncommented(value, lead)
                head = lead + (keys[key] or self.long_key(key, pad))
                lead = pad
                if type(value) is str:
                    out.append(f"{head} {texts[value] or _block(value, pad)}\n")
                else:
                    self.under_key(head, value, pad, blank and blank - 1)
        except _RefusedError as refusal:
            refusal.path.append(f".{key}")
            raise

    def under_key(self, head: str, value: object, pad: str, blank: int) -> None:
        if type(value) is Anchored:
            head += f" &{value.name}"
            value = value.value
        value = _plain_type(value)
        if value and isinstance(value, dict):
            self.out.append(head + "\n")
            pad += "  "
            self.mapping(value, pad, pad, blank)
        elif value and isinstance(value, list):
            self.out.append(head + "\n")
            pad += self.step
            self.sequence(value, pad, pad, blank)
        else:
            self.out.append(f"{head} {self.scalar(value, pad)}\n")

    def sequence(self, data: list[object], lead: str, pad: str, blank: int) -> None:
        out, texts = self.out, self.texts
        position, before = 0, None
        try:
            for position, value in enumerate(data):  # noqa: B007  # the place of a refusal
                if blank:
                    self.gap(before, value)
                    before = value
                if type(value) is Commented:
                    value = self.uncommented(value, lead)
                if type(value) is str:
                    out.append(f"{lead}- {texts[value] or _block(value, pad)}\n")
                else:
                    self.item(lead + "- ", value, pad, blank and blank - 1)
                lead = pad
        except _RefusedError as refusal:
            refusal.path.append(f"[{position}]")
            raise

    def item(self, head: str, value: object, pad: str, blank: int) -> None:
        value = _plain_type(value)
        if value and isinstance(value, dict):
            self.mapping(value, head, pad + "  ", blank)
        elif value and isinstance(value, list):
            self.sequence(value, head, pad + "  ", blank)
        else:
            self.out.append(f"{head}{self.scalar(value, pad)}\n")

    def gap(self, before: object, value: object) -> None:
        """Leave an empty line between two entries if one is large; a block that ends in empty lines has its own."""
        if before is not None and (_is_large(before) or _is_large(value)) and not self.out[-1].endswith("\n\n"):
            self.out.append("\n")

    def uncommented(self, value: Commented, lead: str) -> object:
        """Write the comment above the entry whose line starts with `lead`."""
        self.comment(value.text, lead[: len(lead) - len(lead.lstrip(" "))])
        return value.value

    def comment(self, text: str, pad: str) -> None:
        if _needs_escapes(text):
            raise _RefusedError(ValueError, f"a comment is plain text, which {text!r} is not")
        self.out += [f"{pad}# {line}".rstrip() + "\n" for line in text.split("\n")]

    def long_key(self, key: str, pad: str) -> str:
        """Return a key that only an explicit entry (`? key`, `: value`) can hold."""
        return f"? {self.texts.one_line(_as_key(key))}\n{pad}:"

    def scalar(self, value: object, pad: str) -> str:
        """Return what stands on one line or in a block below a parent at `pad`."""
        if isinstance(value, str):
            return self.text(value, pad)
        if type(value) is Flow:
            return self.flow(value.value)
        if type(value) is Alias:
            return f"*{value.name}"
        if value is None or isinstance(value, bool):
            return "null" if value is None else "true" if value else "false"
        if isinstance(value, (int, float)):
            return _number(value)
        if isinstance(value, (dict, list, tuple)) and not value:
            return "{}" if isinstance(value, dict) else "[]"
        raise _RefusedError(TypeError, f"{type(value).__name__} has no place in a YAML file: {value!r}"[:200])

    def text(self, value: str, pad: str) -> str:
        text = str.__str__(value)
        if type(value) is Tagged:
            return f"!!str {_single_quoted(text)}"
        shown = self.texts[text]
        if not shown or (type(value) is Literal and text and shown[0] != '"'):
            return _block(text, pad)
        return _single_quoted(text) if type(value) is Quoted and shown[0] not in "'\"" else shown

    def flow(self, value: object) -> str:
        """Return `value` on one line."""
        value = _plain_type(value)
        if isinstance(value, list):
            return f"[{', '.join([self.flow(item) for item in value])}]"
        if isinstance(value, dict):
            return f"{{{', '.join([self.flow_entry(key, item) for key, item in value.items()])}}}"
        if isinstance(value, str):
            shown = self.flow_texts[str.__str__(value)]
            return _single_quoted(value) if type(value) is Quoted and shown[0] not in "'\"" else shown
        return self.scalar(value, "")

    def flow_entry(self, key: object, value: object) -> str:
        shown = self.flow_texts[_as_key(key)] if key != "<<" else "!!str '<<'"
        if len(shown) > _LONGEST_KEY:
            raise _RefusedError(ValueError, f"a key of more than {_LONGEST_KEY} characters doesn't fit between braces")
        return f"{shown}: {self.flow(value)}"
