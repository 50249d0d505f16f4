"""The values that secrets have in the suite, and finding them again in whatever form something has let them out.

A sentinel is two words that nothing else holds, with letters between them to which a shell, a URL, YAML or an engine gives a meaning:
the whole must arrive byte-equal, and each word alone betrays it, however the letters between were quoted.
"""

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256

LETTERS = "/+=% &?\"'`$HOME $$ $(touch pwned) ((x)) {{y}} \\n#;*~<|>!"
"""What stands between the words of a secret; a system whose store can't hold some of these says so in its `Conformance`."""
LINES = "\n-----\n  two lines\\\n"
"""And of one that arrives as a file."""
_WORD = re.compile(r"\b[0-9a-f]{20}\b")


def sentinel(key: str, letters: str = LETTERS, *, file: bool = False) -> str:
    """The value of the secret that is stored under `key`."""
    first, last = (sha256(f"{end} of {key}".encode()).hexdigest()[:20] for end in ("the beginning", "the end"))
    return f"{first}{letters}{LINES if file else ''}{last}"


class Finder:
    """Looks for values of secrets, by key."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self.forms = {form: key for key, value in secrets.items() for form in forms(value)}
        self.pattern = re.compile(b"|".join(map(re.escape, self.forms)) or b"(?!)")

    def keys(self, text: bytes) -> list[str]:
        """The keys of the secrets of which something is in a text, each once."""
        return list(dict.fromkeys(self.forms[found] for found in self.pattern.findall(text)))

    def among(self, texts: Iterable[bytes]) -> list[str]:
        """The same of several texts."""
        return list(dict.fromkeys(key for text in texts for key in self.keys(text)))


def forms(value: str) -> Iterator[bytes]:
    """How a value can be told from other text: its words, or where it has none all of it, plain, in base64 and in hexadecimal.

    Quoting for a shell, a URL, JSON or YAML leaves the words as they are.
    """
    for word in _WORD.findall(value) or [value]:
        text = word.encode()
        yield text
        yield from _base64(text)
        yield text.hex().encode()
        yield text.hex().upper().encode()


def _base64(text: bytes) -> Iterator[bytes]:
    """The characters of base64 that are the text's own, wherever in a group of three bytes it begins."""
    for before in range(3):
        whole = (before + len(text)) // 3 * 3 - before
        yield base64.b64encode(bytes(before) + text[:whole])[(0, 2, 3)[before] :]
