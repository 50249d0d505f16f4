"""Reading of locks, by the rules of pip's requirement files."""

import re
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
EXAMPLES = sorted(path for path in (ROOT / "examples").rglob("requirements*.*") if path.suffix in (".lock", ".txt"))


def packages(lock: Path) -> dict[str, tuple[str, list[str]]]:
    """Name to version and hashes. Raises AssertionError for a line that is neither a pinned package nor a hash."""
    found: dict[str, tuple[str, list[str]]] = {}
    text = re.sub(r"(?m)^\s*#.*\n?", "", lock.read_text()).replace("\\\n", " ")
    for line in text.splitlines():
        named, *hashes = re.split(r"\s+--hash=", line.strip())
        requirement = Requirement(named)
        pins = [specifier.version for specifier in requirement.specifier if specifier.operator == "=="]
        assert len(pins) == len(requirement.specifier) == 1, f"{lock.name}: {named} is not pinned"
        found[canonicalize_name(requirement.name)] = (pins[0], [digest.strip() for digest in hashes])
    return found
