"""The smoke test of a deployed service: does the expected commit answer? Needs the standard library alone."""

import argparse
import json
import math
import sys
import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen


def call(url: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
    """The JSON that `url` answers to GET, to POST with a body. Raises OSError (an HTTP error is one) or ValueError."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data=data, headers={"Content-Type": "application/json"})  # noqa: S310 - the caller's URL
    with urlopen(request, timeout=10) as answer:  # noqa: S310 - the same
        return json.load(answer)


def check(url: str, commit: str, pairs: list[dict[str, Any]]) -> dict[str, Any]:
    """What /version says, once /healthz is well, the commit is `commit` and each of `pairs` gets its price.

    Raises ValueError saying what is wrong, OSError when nobody answers.
    """
    call(f"{url}/healthz")
    version: dict[str, Any] = call(f"{url}/version")
    if version.get("commit") != commit:
        raise ValueError(f"{url} runs commit {version.get('commit')}, expected {commit}")
    for pair in pairs:
        price = call(f"{url}/predict", pair["wine"])["price"]
        if not math.isclose(price, pair["price"], abs_tol=0.011):
            raise ValueError(f"{url} says {price} where the evaluated model says {pair['price']}")
    return version


def wait(url: str, commit: str, pairs: list[dict[str, Any]], seconds: float) -> dict[str, Any]:
    """`check`, tried again each half second until `seconds` have passed; then raises what the last try raised."""
    end = time.monotonic() + seconds
    while True:
        try:
            return check(url, commit, pairs)
        except (OSError, ValueError):
            if time.monotonic() >= end:
                raise
            time.sleep(0.5)


def main() -> str | None:
    """Run the command; the text says what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m price.smoke", description="Check a deployed service.")
    parser.add_argument("url")
    parser.add_argument("--expect", required=True, metavar="COMMIT")
    parser.add_argument("--parity", type=Path, help="wines and prices that the service must give (logged like others)")
    parser.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="try again for so long")
    chosen = parser.parse_args()
    pairs = json.loads(chosen.parity.read_text(encoding="utf-8")) if chosen.parity else []
    try:
        print(json.dumps(wait(chosen.url.rstrip("/"), chosen.expect, pairs, chosen.wait)))
    except (OSError, ValueError) as error:
        return f"smoke test failed: {error}"
    return None


if __name__ == "__main__":
    sys.exit(main())
