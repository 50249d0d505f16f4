"""Times the YAML writer against `json.dumps(indent=2)` and PyYAML's C dumper on GitLab-like jobs, in one run.

`python benchmarks/yaml_writer.py [JOBS ...]` prints CPU times and their ratios; 1,000 and 10,000 jobs if none is said.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
from typing import TYPE_CHECKING

import yaml

from pipelinekit.text.yaml import dump

if TYPE_CHECKING:
    from collections.abc import Callable

    Dumper = Callable[[dict[str, object]], str]


def file_of(jobs: int) -> dict[str, object]:
    """Return what a GitLab file with `jobs` jobs holds."""
    return {f"test-{number:05}": job(number) for number in range(jobs)}


def job(number: int) -> dict[str, object]:
    return {
        "stage": "check",
        "image": f"python:3.{number % 4 + 10}-slim",
        "needs": [f"test-{number - 1:05}"] if number % 10 else [],
        "variables": {"SHARD": str(number), "PIP_CACHE_DIR": "$CI_PROJECT_DIR/.cache/pip"},
        "script": ["set -eu", f"pip install -r requirements.lock\npytest -q --shard {number}\n", "echo 'done: ok'"],
        "cache": {"key": {"files": ["requirements.lock"]}, "paths": [".cache/pip/"]},
        "artifacts": {"when": "always", "paths": [f"reports/{number}/"], "expire_in": "1 week"},
        "rules": [{"if": '$CI_COMMIT_BRANCH == "main"'}, {"when": "never"}],
        "retry": 2,
        "interruptible": True,
    }


def with_json(data: dict[str, object]) -> str:
    return json.dumps(data, indent=2)


def with_libyaml(data: dict[str, object]) -> str:
    return yaml.dump(data, Dumper=yaml.CSafeDumper, sort_keys=False)


def seconds(dumper: Dumper, data: dict[str, object]) -> float:
    gc.collect()
    start = time.process_time()
    dumper(data)
    return time.process_time() - start


def compare(jobs: int, rounds: int) -> None:
    """Print the median of `rounds` interleaved runs of each dumper and of their ratios to JSON's."""
    data = file_of(jobs)
    dumpers: dict[str, Dumper] = {"json.dumps(indent=2)": with_json, "pipelinekit": dump, "CSafeDumper": with_libyaml}
    runs = [{name: seconds(dumper, data) for name, dumper in dumpers.items()} for _ in range(rounds)]
    print(f"{jobs:,} jobs, {len(dump(data)):,} characters")
    for name in dumpers:
        median = statistics.median(run[name] for run in runs)
        ratio = statistics.median(run[name] / run["json.dumps(indent=2)"] for run in runs)
        print(f"  {name:<22} {median * 1000:>9.1f} ms {ratio:>7.2f} x json")


if __name__ == "__main__":
    for count in [int(argument) for argument in sys.argv[1:]] or [1_000, 10_000]:
        compare(count, rounds=9 if count < 5_000 else 3)
