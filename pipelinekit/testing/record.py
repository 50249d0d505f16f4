"""From the record of probe and engine to `trace/1`."""

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, cast

from pipelinekit.model.plan import Stage
from pipelinekit.model.value import value
from pipelinekit.semantics.interpreter import Run, handed
from pipelinekit.semantics.trace import (
    Command,
    Decision,
    Gate,
    JobEnd,
    JobSkip,
    JobStart,
    Line,
    Outcome,
    RunEnd,
    RunOutcome,
    RunStart,
    Trace,
    Why,
)
from pipelinekit.testing.ground import Ground

UNKNOWN = -1
"""The exit of a command that nobody wanted to fail and that didn't reach its end."""

_LEAVES = re.compile(r"\b(?:exit|exec|return)\b")
"""Words by which a command ends its shell, so that the probe behind it never speaks."""


class Row(NamedTuple):
    """A line of the record: its number, what it is, the process, and three words."""

    at: int
    kind: str
    key: str
    job: str
    word: str
    rest: str


@value
class Attempt:
    """The rows of one process."""

    key: str
    rows: tuple[Row, ...]


def trace(ground: Ground, run: Run, engine: str) -> Trace:
    """What happened on a ground. `run` tells what the plan's names mean; nothing that it wants is put into the trace."""
    rows = _rows(ground.log)
    lines: list[tuple[float, Line]] = [(-1, RunStart(run.scenario.happening.kind, ground.world.sha, engine, run.scenario))]
    for job in (stage for stage in run.plan.stages if not stage.is_gate):
        lines += _job(ground, run, job, rows)
    for row in rows:
        if row.kind == "gate":
            lines.append((row.at, Gate(row.job, cast("Decision", row.word))))
        elif row.kind == "job.skip":
            lines.append((row.at, JobSkip(row.job, cast("Why", row.word))))
        elif row.kind == "run.end":
            lines.append((float("inf"), RunEnd(cast("RunOutcome", row.word))))
    return tuple(line for _, line in sorted(lines, key=lambda each: each[0]))


def jobs(ground: Ground) -> dict[str, str]:
    """The job of each process that the probe saw, by the process's key."""
    return {row.key: row.job for row in _rows(ground.log) if row.job and row.key != "-"}


def _rows(log: Path) -> list[Row]:
    rows = []
    for number, line in enumerate(log.read_text().splitlines()):
        kind, key, job, word, rest = line.split("\t", 4)
        rows.append(Row(number, kind, key, job, word, rest))
    return rows


def _job(ground: Ground, run: Run, job: Stage, rows: list[Row]) -> Iterator[tuple[float, Line]]:
    begun = [row for row in rows if row.kind == "job.start" and row.job == job.name]
    ended = [row for row in rows if row.kind == "job.end" and row.job == job.name]
    services = tuple(dict.fromkeys(name for row in begun for name in json.loads(row.rest or "[]")))
    if job.container:
        yield from _image(ground, job, rows, begun, ended)
        return
    keys = dict.fromkeys(row.key for row in rows if row.job == job.name and row.key != "-")
    attempts = [Attempt(key, tuple(row for row in rows if row.key == key)) for key in keys]
    if not attempts:
        yield from _unseen(job, begun, ended)
        return
    by_attempt = len(ended) == len(attempts)
    for number, attempt in enumerate(attempts, 1):
        last = number == len(attempts)
        end = ended[number - 1] if by_attempt else (ended[-1] if last and ended else None)
        outcome = cast("Outcome", end.word) if end else None
        start = attempt.rows[0]
        yield start.at, _start(ground, run, job, attempt, number, services)
        yield from ((at, command) for at, command in _commands(job, attempt, number, outcome))
        if end is not None and outcome is not None:
            yield end.at, JobEnd(job.name, outcome, number, _outputs(ground, run, job, attempt) if outcome == "passed" else {})
        elif not last:
            yield attempt.rows[-1].at + 0.5, JobEnd(job.name, "failed", number)


def _unseen(job: Stage, begun: list[Row], ended: list[Row]) -> Iterator[tuple[float, Line]]:
    """A job of which the probe saw nothing: ended green by its filter, or red before its first command."""
    if not begun:
        return
    if ended and ended[-1].word == "passed":
        yield begun[0].at, JobSkip(job.name, "unchanged")
        return
    yield begun[0].at, JobStart(job.name, 1, seen=False)
    if ended:
        yield ended[-1].at, JobEnd(job.name, cast("Outcome", ended[-1].word), 1)


def _image(ground: Ground, job: Stage, rows: list[Row], begun: list[Row], ended: list[Row]) -> Iterator[tuple[float, Line]]:
    """A container build: one command, which is over when it has built and pushed."""
    actions = [row for row in rows if row.kind == "image" and row.job == job.name]
    if not actions:
        yield from _unseen(job, begun, ended)
        return
    builds = [row for row in actions if row.word == "build"]
    for number, build in enumerate(builds, 1):
        upto = builds[number].at if number < len(builds) else float("inf")
        own = [row for row in actions if build.at <= row.at < upto]
        statuses = [json.loads(row.rest)["status"] for row in own]
        status = next((each for each in statuses if each), 0)
        published = tuple(json.loads(row.rest)["ref"] for row in own if row.word == "push")
        tree = ground.state / "trees" / f"image-{job.name}.start"
        inputs = _contents(tree, [path for need in job.needs for path in need.paths]) if tree.exists() else {}
        yield build.at, JobStart(job.name, number, inputs=inputs)
        yield own[-1].at + 0.1, Command(job.name, 0, status, number, published)
        end = ended[-1] if number == len(builds) and ended else None
        if end is not None:
            yield end.at, JobEnd(job.name, cast("Outcome", end.word), number)
        elif number < len(builds):
            yield own[-1].at + 0.2, JobEnd(job.name, "failed", number)


def _start(ground: Ground, run: Run, job: Stage, attempt: Attempt, number: int, services: tuple[str, ...]) -> JobStart:
    seen = _environ(ground.state / "environ" / attempt.key)
    own = {secret.name: secret for secret in job.secrets}
    named = {secret.name for stage in run.plan.stages for secret in stage.secrets}
    values = set(ground.secrets.values())
    env: dict[str, str] = {}
    secrets: dict[str, str] = {}
    inputs = {each.variable for each in run.event.inputs} if run.event else set[str]()
    for name in sorted((run.names | inputs) & set(seen)):
        text = seen[name]
        if name in own:
            secret = own[name]
            wanted = ground.secrets.get(secret.stored)
            found = _file(ground, attempt.key, name) if secret.file else text
            right = wanted is not None and (found == sha256(wanted.encode()).hexdigest() if secret.file else found == wanted)
            if right or text:
                secrets[name] = "present" if right else "wrong"
        elif name in named and (text in values or not dict(job.variables).get(name)):
            if text:
                secrets[name] = "present"
        else:
            env[name] = text
    asked = [path for need in job.needs for path in need.paths]
    tree = ground.state / "trees" / f"{attempt.key}.start"
    absent = tuple(sorted(run.names - set(env) - set(secrets)))
    extra, lacks = _extra(ground, run, tree, asked), tuple(sorted(set(ground.files) - set(_tree(tree))))
    return JobStart(job.name, number, env, secrets, absent, _contents(tree, asked), services, extra, lacks)


def _file(ground: Ground, key: str, name: str) -> str:
    path = ground.state / "secret-files" / f"{key}.{name}"
    return path.read_text().split()[0] if path.exists() and path.read_text() else ""


def _environ(path: Path) -> dict[str, str]:
    entries = (entry.partition("=") for entry in path.read_bytes().decode(errors="replace").split("\0") if entry)
    return {name: text for name, _, text in entries}


def _commands(job: Stage, attempt: Attempt, number: int, outcome: Outcome | None) -> Iterator[tuple[float, Command]]:
    steps = [row for row in attempt.rows if row.kind in ("setup", "at", "exit", "hang", "done")]
    for row, after in zip(steps, [*steps[1:], None], strict=True):
        if row.kind == "exit":
            yield row.at, Command(job.name, int(row.word), int(row.rest), number)
        elif row.kind in ("setup", "at"):
            if after is not None:
                yield after.at - 0.5, Command(job.name, int(row.word), 0, number)
            elif outcome != "timeout":
                # A script that was cut short passes too: without a word that leaves the shell, nothing excuses the silence.
                left = outcome == "passed" and any(_LEAVES.search(line) for line in (*job.setup, *job.commands))
                yield row.at + 0.5, Command(job.name, int(row.word), 0 if left else UNKNOWN, number)


def _outputs(ground: Ground, run: Run, job: Stage, attempt: Attempt) -> dict[str, str]:
    return _contents(ground.state / "trees" / f"{attempt.key}.done", handed(job, run.plan))


def _tree(path: Path) -> dict[str, tuple[bool, str]]:
    """The files of a listing: whether each can be executed, and its hash."""
    modes: dict[str, bool] = {}
    hashes: dict[str, str] = {}
    for line in path.read_bytes().decode(errors="surrogateescape").split("\0")[:-1] if path.exists() else ():
        first, _, rest = line.partition(" ")
        if len(first) == 64 and rest.startswith(" ./"):
            hashes[rest[3:]] = first
        else:
            modes[rest] = bool(int(first, 8) & 0o100)
    return {name: (modes[name], digest) for name, digest in hashes.items() if name in modes}


def _contents(tree: Path, paths: "tuple[str, ...] | list[str]") -> dict[str, str]:
    """The hash of each path that is there: of a folder that of its sorted (path, execute bit, bytes)."""
    files = _tree(tree)
    found = {}
    for path in paths:
        inside = {n: e for n, e in files.items() if n == path or (path.endswith("/") and n.startswith(path))}
        if inside:
            text = "".join(f"{name} {'x' if runs else '-'} {digest}\n" for name, (runs, digest) in sorted(inside.items()))
            found[path] = sha256(text.encode(errors="surrogateescape")).hexdigest()
    return found


def _extra(ground: Ground, run: Run, tree: Path, asked: list[str]) -> tuple[str, ...]:
    """Files that are neither the commit's nor asked for, nor in a cache; and files of the commit that were changed."""
    caches = tuple(path for stage in run.plan.stages for cache in stage.caches for path in cache.paths)
    own = {name: sha256(text.encode()).hexdigest() for name, text in ground.files.items()}
    extra = []
    for name, (_, digest) in sorted(_tree(tree).items()):
        if any(name == path or name.startswith(f"{path.rstrip('/')}/") for path in (*asked, *caches)):
            continue
        if own.get(name) != digest:
            extra.append(name)
    return tuple(extra)
