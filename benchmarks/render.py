"""Times rendering against what it can't be faster than, in one run: only the ratios mean something elsewhere.

`python benchmarks/render.py [--rounds N] [--jobs N,N,…]` installs the project as users do, byte code and all, then
measures CPU seconds of whole processes, in turn:

P  `python -c pass`                                          against a cold render of eight jobs, from Python and on the command line
J  a process that builds the same jobs as plain dicts and    against a definition of as many stages rendered for GitLab
   `json.dumps(indent=2)`s them
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent

EIGHT = """
from pipelinekit import Cache, Environment, Matrix, Pipeline, Secret, ci
python = Matrix("python", "3.11", "3.12", "3.13")
staging = Environment("staging", secrets=[Secret("DEPLOY_KEY", stored="STAGING_KEY")])
production = Environment("production", secrets=[Secret("DEPLOY_KEY", stored="PRODUCTION_KEY")])
p = Pipeline("eight", image="python:3.12-slim", setup="pip install -r requirements.lock", cache=Cache.pip())
lint = p.lint("ruff check .")
test = p.test(f"pytest --junitxml=junit-{python}.xml", image=f"python:{python}-slim", matrix=python, needs=[lint], reports=f"junit-{python}.xml")
wheel = p.build("python -m build", needs=[test], outputs="dist/")
live = p.deploy(f"./deploy.sh staging {ci.sha}", environment=staging, needs=[wheel["dist/"]])
smoke = p.verify("pytest tests/smoke", environment=staging, needs=[live])
asked = p.gate("Ship?", needs=[smoke])
p.deploy(f"./deploy.sh production {ci.sha}", environment=production, needs=[asked, wheel["dist/"]])
"""

MANY = """
from pipelinekit import Cache, Pipeline
p = Pipeline("many", image="python:3.12-slim")
cache = Cache.pip()
layer, above = [], []
for number in range({jobs}):
    if number % ({jobs} // 10) == 0:
        above, layer = layer, []
    needs = [above[number % len(above)], above[(number + 1) % len(above)]] if above else []
    layer.append(p.step(
        f"pip install -q shard-{{number}}", f"set -u\\npytest -q --shard {{number}}\\necho done: {{number}}\\n", name=f"job-{{number}}",
        needs=needs, variables={{"SHARD": str(number), "MODE": "ci", "LEVEL": "3"}}, cache=cache, outputs=[f"reports/{{number}}/", f"logs-{{number}}.txt"],
    ))
"""

MANY_AS_DICTS = """
import json
jobs, layer, above = {{}}, [], []
for number in range({jobs}):
    if number % ({jobs} // 10) == 0:
        above, layer = layer, []
    needs = [above[number % len(above)], above[(number + 1) % len(above)]] if above else []
    checks = [f'[ -n "$(find reports/{{number}}/ -type f 2>/dev/null | head -n 1)" ] || {{{{ echo missing >&2; exit 1; }}}}', f"[ -e logs-{{number}}.txt ] || exit 1"]
    jobs[f"job-{{number}}"] = {{
        "stage": "check", "needs": [{{"job": need, "artifacts": False}} for need in needs],
        "variables": {{"SHARD": str(number), "MODE": "ci", "LEVEL": "3", "PIP_CACHE_DIR": "$CI_PROJECT_DIR/.cache/pip"}},
        "cache": {{"key": {{"files": ["requirements.lock"]}}, "paths": [".cache/pip/"]}},
        "script": [f"pip install -q shard-{{number}}", f"set -u\\npytest -q --shard {{number}}\\necho done: {{number}}\\n", *checks],
        "artifacts": {{"paths": [f"reports/{{number}}/", f"logs-{{number}}.txt"]}},
    }}
    layer.append(f"job-{{number}}")
print(len(json.dumps(jobs, indent=2)))
"""

FROM_PYTHON = """
from pipelinekit.backend.emit import emit
from pipelinekit.load import load
print(len(emit(load({file!r}), 'gitlab').files['.gitlab-ci.yml']))
"""


def cpu(command: list[str], environment: dict[str, str]) -> tuple[float, int]:
    """User and system seconds of a process and its peak memory in KiB. Raises CalledProcessError."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, errors = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, stderr=errors)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, after.ru_maxrss


def ratios(name: str, floor: list[str], command: list[str], environment: dict[str, str], rounds: int, goal: str) -> None:
    """Print the median over rounds of paired ratios: each round runs both."""
    pairs = [(cpu(floor, environment)[0], cpu(command, environment)[0]) for _ in range(rounds)]
    middle = statistics.median(mine / base for base, mine in pairs)
    seconds = statistics.median(mine for _, mine in pairs)
    print(f"{name:<44}{middle:6.2f}   goal {goal:<5}  ({seconds * 1000:.0f} ms here)", flush=True)


def installed(folder: Path) -> dict[str, str]:
    """Install the project into a folder; the environment of processes that use it from there."""
    site = folder / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(ROOT)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    subprocess.run(pip, check=True, env=environment)
    return {**environment, "PYTHONPATH": str(site)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--jobs", default="100,1000,10000")
    arguments = parser.parse_args()
    python = sys.executable
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = installed(folder)
        file = folder / "pipeline.py"
        file.write_text(EIGHT)
        nothing = [python, "-c", "pass"]
        cli = [python, "-m", "pipelinekit"]
        from_python = [python, "-c", FROM_PYTHON.format(file=str(file))]
        render = [*cli, "render", "--target", "gitlab", "--file", str(file), "--stdout"]
        print("whole processes, CPU, as multiples of python -c pass")
        ratios("--version", nothing, [*cli, "--version"], environment, arguments.rounds, "1.3")
        ratios("--help", nothing, [*cli, "--help"], environment, arguments.rounds, "3.5")
        ratios("render 8 jobs, from Python", nothing, from_python, environment, arguments.rounds, "4")
        ratios("render 8 jobs, command line", nothing, render, environment, arguments.rounds, "6")
        print("whole processes, CPU, as multiples of json.dumps(indent=2) of the same jobs")
        for jobs in (int(count) for count in arguments.jobs.split(",")):
            file.write_text(MANY.format(jobs=jobs))
            floor = [python, "-c", MANY_AS_DICTS.format(jobs=jobs)]
            ratios(f"render {jobs} jobs", floor, render, environment, 3 if jobs > 1000 else 7, "1.8")


if __name__ == "__main__":
    main()
