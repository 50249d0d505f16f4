"""`pipelinekit.lock`, beside the definition: the digest of every image that rendered files name, one `name:tag@sha256:…` a line."""

import os
import re
from collections.abc import Mapping

from pipelinekit.diagnostics import DefinitionError, Diagnostic
from pipelinekit.model.plan import Source

NAME = "pipelinekit.lock"
FORMAT = "format 1"
HEADER = "# The images that rendered files name, by digest. `pipelinekit lock` writes this file, `pipelinekit render` reads it.\n"

_ENTRY = re.compile(r"(?P<image>[A-Za-z0-9][A-Za-z0-9._:/-]*)@(?P<digest>sha256:[0-9a-f]{64})")


def place(definition: str) -> str:
    """The path of a definition's lock."""
    return os.path.join(os.path.dirname(definition), NAME)


def read(path: str) -> dict[str, str] | None:
    """Digests by image, or None when there is no such file. Raises DefinitionError, with the line, for a file that is none of ours."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            text = file.read()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _broken(path, 0, f"can't read {path}: {getattr(error, 'strerror', None) or 'it is not UTF-8'}") from None
    return parsed(text, path)


def parsed(text: str, path: str = NAME) -> dict[str, str]:
    """What a lock's text holds. Raises DefinitionError."""
    found: dict[str, str] = {}
    version = False
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        if not version:
            if line != FORMAT:
                raise _broken(path, number, f"{line[:60]!r} stands where {FORMAT!r} should", "another version of pipelinekit wrote it?")
            version = True
            continue
        entry = _ENTRY.fullmatch(line)
        if entry is None:
            raise _broken(path, number, f"{line[:60]!r} is no name:tag@sha256:…")
        if entry["image"] in found:
            raise _broken(path, number, f"{entry['image']} is there twice")
        found[entry["image"]] = entry["digest"]
    if not version:
        raise _broken(path, 0, f"it lacks the line {FORMAT!r}")
    return found


def written(digests: Mapping[str, str]) -> str:
    """The text of a lock, sorted by image."""
    return HEADER + f"{FORMAT}\n" + "".join(f"{image}@{digest}\n" for image, digest in sorted(digests.items()))


def _broken(path: str, line: int, what: str, hint: str = "") -> DefinitionError:
    hint = hint or "take it from version control again, or delete it and run pipelinekit lock"
    return DefinitionError(Diagnostic("PK040", "error", f"the lock is broken: {what}", hint, Source(path, line)))
