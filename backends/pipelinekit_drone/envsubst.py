"""The runner substitutes in the whole text of the file before it reads it as YAML: what is meant literally is doubled.

envsubst v1.0.3 takes `$$` for a dollar and `\\\\` for a backslash, also where no dollar is near. The writer puts no
escapes of its own into the text, so that doubling in the data is doubling in the text.
"""

from typing import Any

from pipelinekit.text.yaml import Commented, Flow, Literal, Quoted


class Substituted(Quoted):
    """Text whose `${DRONE_…}` the runner fills in. Quoted: a short commit can look like a number."""

    __slots__ = ()


def substituted(text: str) -> str:
    """A text of the plan for places outside of scripts, where the commit alone may stand."""
    if "$" not in text:
        return text
    return Substituted(text.replace("${PK_SHA}", "${DRONE_COMMIT_SHA}").replace("${PK_SHORT_SHA}", "${DRONE_COMMIT_SHA:0:8}"))


def literal(value: Any) -> Any:
    """`value` with every text in it written so that envsubst gives it back, but for what is `Substituted`."""
    match value:
        case Substituted():
            return Quoted(value)
        case str():
            return type(value)(doubled(value))
        case dict():
            return {key: literal(item) for key, item in value.items()}
        case list() | tuple():
            return [literal(item) for item in value]
        case Flow():
            return Flow(literal(value.value))
        case Commented():
            return Commented(literal(value.value), doubled(value.text))
    return value


def doubled(text: str) -> str:
    if "$" in text or "\\" in text:
        return str.__str__(text).replace("\\", "\\\\").replace("$", "$$")
    return text


__all__ = ["Literal", "Substituted", "doubled", "literal", "substituted"]
