r"""What Drone 2.x, the docker runner 1.8.4 and plugins/docker do to text, and how text is written so that nothing happens to it.

- The runner substitutes in the whole text of the file before it reads it as YAML (`run` in `pipeline/runtime/runner.go` of
  runner-go 1.12, envsubst v1.0.3): `$$` becomes a dollar, `\\` a backslash and `\/` a slash, also where no dollar is near, and
  `${…}` is replaced. What is meant literally is doubled. A dollar or backslash before anything else is left alone. The server
  reads the file as it stands, so the writer puts no escapes of its own into it (a double-quoted scalar would).
- What is put in for `${…}` is pasted, so nothing that outsiders choose may be: `substituted` asks for the commit alone.
- `commands` are echoed in double quotes first, and all go through `echo` again (`Script` in `engine/compiler/shell/shell.go`): a
  backquote runs, a backslash changes. Only steps of ours have them: no path has such a character (PK017), nor has the store (`limits`).
- The YAML library (buildkite/yaml v2.1, `prepare` in `decode.go`) takes `null` and `~` for nothing even in quotes where a value has a
  reader of its own, as the values of an `environment` do: they are tagged as text.
- A plugin's list is one variable with commas between (`encodeSlice` in `engine/compiler/encoder/encoder.go`), which the plugin
  splits, and whose parts it trims (`flag_string_slice.go` of urfave/cli 1.22).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pipelinekit.text.yaml import Commented, Flow, Quoted, Tagged

_MEANING = re.compile(r"\$(?=[${])|\\(?=[\\/])")
_COMMIT = {"${PK_SHA}": "${DRONE_COMMIT_SHA}", "${PK_SHORT_SHA}": "${DRONE_COMMIT_SHA:0:8}"}
_COMMIT_OR_MEANING = re.compile("|".join((*map(re.escape, _COMMIT), _MEANING.pattern)))


class Substituted(Quoted):
    """Text whose `${DRONE_COMMIT_SHA}` the runner fills in. Quoted: a short commit can look like a number."""

    __slots__ = ()


def substituted(text: str) -> str:
    """A text of the plan for places outside of scripts, where the commit alone may stand."""
    if "$" not in text:
        return text
    return Substituted(_COMMIT_OR_MEANING.sub(lambda found: _COMMIT.get(found[0], found[0] * 2), text))


def literal(value: Any) -> Any:
    """`value` with every text in it written so that envsubst gives it back, but for what is `Substituted`."""
    match value:
        case Substituted():
            return Quoted(value)
        case str():
            return type(value)(doubled(value))
        case dict():
            return {literal(key): literal(item) for key, item in value.items()}
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


def environment(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Variables of a step or a service, none of them nothing."""
    return {name: Tagged(value) if value in ("null", "~") else value for name, value in variables.items()}


def listed(items: Sequence[str]) -> bool:
    """Whether a plugin gets these items of a list, and no others."""
    return all("," not in item and item == item.strip() for item in items)
