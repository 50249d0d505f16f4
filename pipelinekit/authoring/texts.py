"""What a text in a definition may be: names, images, paths, durations, variables, cron lines. Each check raises at the user's line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pipelinekit import literals
from pipelinekit.authoring.refuse import here, refuse
from pipelinekit.model.names import FACTS, OUTSIDERS, SPELLED, reserved_variable
from pipelinekit.model.plan import Pairs

PLACEHOLDER = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HOST = r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]+)?/)?"
_PATH = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REPOSITORY = f"{_HOST}{_PATH}(?:/{_PATH})*"
_IMAGE = re.compile(f"{_REPOSITORY}(?::[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?(?:@sha256:[a-f0-9]{{64}})?")
_URL = r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?:[/?#][A-Za-z0-9._~%/@:+,=?#-]*)?"
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DURATION = r"([0-9]+)\s*(seconds?|sec|s|minutes?|min|m|hours?|h|days?|d|weeks?|w)"
_LONGEST_DURATION = 80
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_UNSENDABLE = re.compile("[\0\ud800-\udfff]")


def name(text: str, what: str) -> str:
    if not isinstance(text, str) or not _NAME.fullmatch(text):
        refuse("PK001", f"{text!r} can't name {what}", "1 to 40 of a-z, 0-9 and -, beginning with a letter")
    return text


def plain(text: str, what: str, key: str = "") -> str:
    """A text that can reach a shell. Raises for NUL, lone surrogates, secrets in clear text, and what isn't text at all."""
    if not isinstance(text, str):
        if type(text).__name__ == "Secret":
            refuse("PK009", f"a Secret can't become {what}", "name it in secrets= and use its variable")
        refuse("PK032", f"{what} must be text, not {type(text).__name__}")
    if _UNSENDABLE.search(text):
        refuse("PK033", f"{what} holds NUL or a lone surrogate", "no shell can be given it")
    looks_secret(text, what, key)
    return text


def factless(text: str, what: str) -> str:
    """A text that no shell of a job expands: a fact in it would stay a name, or be pasted by some system."""
    for found in PLACEHOLDER.findall(plain(text, what)):
        if found in FACTS:
            refuse("PK014", f"{what} would hold {found}", "commands see facts as variables")
    return text


def placeholders(text: str, what: str, values: Iterable[str]) -> None:
    """Refuse each `${NAME}` outside of a script that isn't a fact that may stand there or one of the matrix `values`."""
    for found in PLACEHOLDER.findall(text):
        if found in OUTSIDERS:
            refuse("PK014", f"{what} {text!r} would hold {found}, which outsiders choose", "use it in a command, as a variable")
        if found in FACTS and found not in SPELLED:
            refuse("PK014", f"{found} can't stand in {what} {text!r}", "only ci.sha, ci.short_sha and matrix values can")
        if found not in FACTS and found not in values:
            refuse(
                "PK013",
                f"${{{found}}} in {what} {text!r} is no matrix value of this stage",
                "only ci.sha, ci.short_sha and matrix values can",
            )
    if "$" in PLACEHOLDER.sub("", text):
        refuse("PK013", f"{what} {text!r} holds a $ that nothing expands", "only ci.sha, ci.short_sha and matrix values can")


def image(text: str, what: str = "image", values: Iterable[str] = ()) -> str:
    placeholders(plain(text, what), what, values)
    if not _IMAGE.fullmatch(PLACEHOLDER.sub("0", text)):
        refuse("PK008", f"{text!r} is no image name", 'like "python:3.12-slim" or "registry.example.com/team/app:1.4"')
    return text


def repository(text: str) -> str:
    if not re.fullmatch(_REPOSITORY, plain(text, "the repository")):
        refuse("PK008", f"{text!r} is no image repository", 'like "registry.example.com/team/app", without a tag')
    return text


def tag(text: str) -> str:
    placeholders(plain(text, "tag"), "tag", ())
    if not _TAG.fullmatch(PLACEHOLDER.sub("0", text)):
        refuse("PK008", f"{text!r} is no image tag", "up to 128 of A-Z, a-z, 0-9, _, . and -")
    return text


def path(text: str, what: str, values: Iterable[str] = (), *, globs: bool = False) -> str:
    """A path in the repository; a folder ends in `/`."""
    placeholders(plain(text, what), what, values)
    parts = text.rstrip("/").split("/")
    if not text or text.startswith(("/", "~", "-", "!")) or ".." in parts or "" in parts or "." in parts or "//" in text or "\\" in text:
        refuse("PK017", f"{what} {text!r} is not a path inside the repository", 'relative, with /, without .., "./" and //')
    if re.search(r"[\x00-\x1f\x7f,:'\"<>|;&`]", text) or text != text.strip():
        refuse("PK017", f"{what} {text!r} holds a character that some engine can't take in a path")
    if not globs and re.search(r"[*?\[\]{}]", PLACEHOLDER.sub("", text)):
        refuse("PK017", f"{what} {text!r} is a glob", "name the file, or the folder with a / at its end")
    return text


def data(value: object, what: str) -> Any:
    """A value that every system's file can hold: text, numbers, True, False, None, and lists and dicts of them."""
    if isinstance(value, str):
        return plain(value, what) if what.startswith("raw") else factless(value, what)
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and abs(value) < float("inf")):
        return value
    if isinstance(value, list | tuple):
        return [data(each, what) for each in value]
    if isinstance(value, Mapping):
        return {plain(key, f"a key of {what}"): data(each, f"{what}[{key!r}]") for key, each in value.items()}
    if type(value).__name__ == "Secret":
        refuse("PK009", f"a Secret can't become {what}", "name it in secrets= and use its variable")
    refuse("PK032", f"{what} can't hold {value!r}", "text, numbers, True, False, None, lists and dicts")


def mapping(values: Mapping[str, Any] | None, what: str) -> dict[str, Any]:
    """A dict of such values, by name."""
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        refuse("PK032", f"{what} must be a dict, not {type(values).__name__}", '{"name": …}')
    return {plain(key, f"a key of {what}"): data(value, f"{what}[{key!r}]") for key, value in values.items()}


def duration(text: str | int | None, what: str) -> int | None:
    """Seconds of `"1h 30m"`, `"15m"`, `"7 days"` or a number of seconds."""
    if text is None:
        return None
    if isinstance(text, bool) or not isinstance(text, str | int) or (isinstance(text, str) and len(text) > _LONGEST_DURATION):
        shown = text[:40] if isinstance(text, str) else text
        refuse("PK012", f"{what}={shown!r} is no duration", 'like "90s", "15m", "1h 30m" or "7 days"')
    if isinstance(text, int):
        seconds = text
    else:
        rest = re.sub(_DURATION, "", text).replace("and", "").strip()
        seconds = 0 if rest else sum(int(count) * _UNITS[unit[0]] for count, unit in re.findall(_DURATION, text))
    if seconds <= 0:
        refuse("PK012", f"{what}={text!r} is no duration", 'like "90s", "15m", "1h 30m" or "7 days"')
    return seconds


def variables(values: Mapping[str, str] | None, what: str) -> Pairs:
    """Variables as sorted-by-writing pairs. Raises for names that are none or that an engine keeps."""
    if not values:
        return ()
    if not isinstance(values, Mapping):
        refuse("PK032", f"{what} must be a dict of text to text, not {type(values).__name__}")
    for key, value in values.items():
        variable(key)
        if not isinstance(value, str):
            refuse("PK032", f"{what}[{key!r}] must be text, not {type(value).__name__}", f'write "{value}"')
        plain(value, f"{what}[{key!r}]", key)
        for found in PLACEHOLDER.findall(value):
            if found in FACTS:
                refuse("PK014", f"{what}[{key!r}] would hold {found}", "commands see facts as variables already")
    return tuple(values.items())


def variable(text: str) -> str:
    if isinstance(text, str) and text in _good_variables:
        return text
    if not isinstance(text, str) or not _VARIABLE.fullmatch(text):
        refuse("PK010", f"{text!r} can't name a variable", "[A-Za-z_][A-Za-z0-9_]*")
    keeper = reserved_variable(text)
    if keeper:
        refuse("PK010", f"the variable {text} belongs to {keeper}", "choose another name")
    _good_variables.add(text)
    return text


_good_variables: set[str] = set()


def cron(text: str) -> str:
    """Five fields of numbers, `*`, ranges, lists and steps, each in its range."""
    ranges = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
    fields = plain(text, "the schedule").split()
    if len(fields) != len(ranges) or not all(_cron_field(part, *limits) for part, limits in zip(fields, ranges, strict=True)):
        refuse("PK018", f"{text!r} is no schedule", 'five cron fields in UTC, like "0 3 * * *"')
    return " ".join(fields)


def _cron_field(text: str, low: int, high: int) -> bool:
    for part in text.split(","):
        match = re.fullmatch(r"(?:\*|([0-9]+)(?:-([0-9]+))?)(?:/([0-9]+))?", part)
        if not match:
            return False
        numbers = [int(number) for number in match.groups()[:2] if number is not None]
        if any(not low <= number <= high for number in numbers) or numbers != sorted(numbers) or match[3] == "0":
            return False
    return True


def looks_secret(text: str, what: str, key: str = "") -> None:
    """Refuse a literal that looks like a credential: of a known shape, or a long value under a telling name."""
    found = literals.marked(text)
    if (not found and not literals.telling(key, text)) or literals.place(here(), found.text if found else text)[1]:
        return
    kind = f": {found}" if found else ""
    refuse(
        "PK009",
        f"{what} looks like a secret in clear text{kind}",
        f'keep it in the system\'s store and name it: secrets=[Secret("{key or "TOKEN"}")]',
    )
