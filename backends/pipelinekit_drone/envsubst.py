r"""The runner substitutes in the whole text of the file before it reads it as YAML: what is meant literally is doubled.

envsubst v1.0.3 takes `$$` for a dollar, `\\` for a backslash and `\/` for a slash, also where no dollar is near, and
replaces `${…}`. A dollar or backslash before anything else is left alone. The writer puts no escapes of its own into the
text (a double-quoted scalar would), so that doubling in the data is doubling in the text.
"""

import re
from typing import Any

from pipelinekit.text.yaml import Commented, Flow, Quoted

_MEANING = re.compile(r"\$(?=[${])|\\(?=[\\/])")


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
    """The text that envsubst turns into `text`."""
    if "$" in text or "\\" in text:
        return _MEANING.sub(r"\g<0>\g<0>", text)
    return text
