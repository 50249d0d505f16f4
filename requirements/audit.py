"""Asks the vulnerability service about every package of the locks: `python requirements/audit.py [--required]`.

Where the service isn't reached nothing was looked at, and that is said: a skip by default, a failure with `--required`, as
in the project's own pipeline. pip-audit itself counts a package that its service doesn't know as one without holes, and
ends green; here each such package is named and is no pass.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LOCKS = (HERE / "dev.lock", HERE / "release.lock")


def main(arguments: Sequence[str], locks: Sequence[Path] = LOCKS, command: Sequence[str] = (sys.executable, "-m", "pip_audit")) -> int:
    parser = argparse.ArgumentParser(description="Known holes in what the locks name.")
    parser.add_argument("--required", action="store_true", help="fail where the service isn't reached")
    required = parser.parse_args(arguments).required
    with tempfile.TemporaryDirectory() as folder:
        probe = Path(folder) / "probe.lock"
        probe.write_text(next(requirements(locks[0].read_text())))
        reason = unanswered(*audit(command, probe))
        if reason:
            print(f"audit {'failed' if required else 'skipped'}: {reason}")
            return 1 if required else 0
    return max(report(lock, *audit(command, lock)) for lock in locks)


def requirements(text: str) -> Iterator[str]:
    """The packages of a lock, each with its hashes."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    yield from (f"{part}\n" for part in "\n".join(lines).replace("\\\n", " ").splitlines())


def audit(command: Sequence[str], lock: Path) -> tuple[list[dict[str, Any]] | None, str]:
    """What the service says of each package, or None and the last line of what went wrong."""
    asked = [*command, "--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off", "-r", str(lock)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return None, (done.stderr.strip().splitlines() or [f"pip-audit ended with {done.returncode}"])[-1]
    return found, ""


def unanswered(found: list[dict[str, Any]] | None, problem: str) -> str:
    """Why the service says nothing, or the empty text."""
    if found is None:
        return problem
    if not found:
        return "pip-audit looked at no package"
    return next((package["skip_reason"] for package in found if "skip_reason" in package), "")


def report(lock: Path, found: list[dict[str, Any]] | None, problem: str) -> int:
    """Print what is known of a lock's packages. Returns 0 if each was looked at and none has a hole."""
    if not found:
        print(f"{lock.name}: audit failed: {unanswered(found, problem)}")
        return 1
    skipped = [package["skip_reason"] for package in found if "skip_reason" in package]
    holes = [
        f"{package['name']} {package['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for package in found
        for hole in package.get("vulns", ())
    ]
    for line in (*skipped, *holes):
        print(f"{lock.name}: {line}")
    print(f"{lock.name}: {len(found) - len(skipped)} packages looked at, {len(skipped)} not, {len(holes)} known holes")
    return 1 if skipped or holes else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
