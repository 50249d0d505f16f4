"""Words of a shell in recipes' commands: quoted, but for the facts and matrix values in them."""

from collections.abc import Iterable

from pipelinekit.authoring import texts
from pipelinekit.authoring.refuse import refuse
from pipelinekit.text.shell import quote


def word(text: str) -> str:
    """One word of a command; `${PK_SHA}` and the like stay expansions, in double quotes."""
    if not texts.PLACEHOLDER.search(text):
        return quote(text)
    found, position = "", 0
    for match in texts.PLACEHOLDER.finditer(text):
        before = text[position : match.start()]
        found += f'{quote(before) if before else ""}"{match[0]}"'
        position = match.end()
    return found + (quote(text[position:]) if text[position:] else "")


def words(*given: str) -> str:
    """Several words, with a blank before each."""
    return "".join(f" {word(each)}" for each in given)


def options(given: Iterable[tuple[str, str | None]]) -> str:
    """`--name value` for each option that has a value."""
    return "".join(f" {name} {word(text)}" for name, text in given if text is not None)


def released(image: str) -> str:
    """A reference to an image that no later run can move: by digest, or by a tag that holds the commit. Raises DefinitionError else."""
    if "@sha256:" not in image and "${PK_SHA}" not in image and "${PK_SHORT_SHA}" not in image:
        refuse("PK015", f"{image!r} can be overwritten by a later run", "deploy image.ref, or a digest")
    return image


def r_text(text: str) -> str:
    """A text of R."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
