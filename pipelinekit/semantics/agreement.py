"""Whether an engine did what the contract says: its trace beside the interpreter's, section 11 line by line."""

import re
from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Literal, TypeAlias

from pipelinekit.model.plan import Stage
from pipelinekit.model.value import replace, value
from pipelinekit.semantics.interpreter import ANY, Run
from pipelinekit.semantics.selection import ancestors
from pipelinekit.semantics.trace import Command, Gate, JobEnd, JobSkip, JobStart, RunEnd, RunStart, Trace

Kind: TypeAlias = Literal[
    "missing-job",
    "extra-job",
    "order",
    "overlap",
    "attempts",
    "commands",
    "environment",
    "secret",
    "leak",
    "input",
    "output",
    "extra-file",
    "services",
    "published",
    "outcome",
    "gate",
    "run",
    "log",
    "argv",
    "file",
    "attack",
]
"""What can differ. `leak` is a name that a job should not see; `overlap` two jobs of one lock at the same time,
`log` a secret in something that was printed, `argv` in the arguments of a process, `file` in a file that is left; `attack` an
outsider's text that was run."""

_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")


@value
class Difference:
    """One thing that the engine did otherwise, at a job where it is about one."""

    kind: Kind
    detail: str
    job: str = ""

    def __str__(self) -> str:
        return f"{self.kind}{f' {self.job}' if self.job else ''}: {self.detail}"


@value
class _Seen:
    """A trace, looked up by job. Positions count lines."""

    starts: dict[str, list[tuple[int, JobStart]]]
    ends: dict[str, list[tuple[int, JobEnd]]]
    commands: dict[tuple[str, int], list[tuple[int, Command]]]
    gates: dict[str, tuple[int, Gate]]
    skips: dict[str, JobSkip]
    start: RunStart | None = None
    outcome: str | None = None


def differences(run: Run, reference: Trace, trace: Trace) -> tuple[Difference, ...]:
    """All that `trace` has otherwise than the contract allows; empty when the two agree."""
    return tuple(_differences(run, _seen(reference), _seen(trace)))


def _seen(trace: Trace) -> _Seen:
    seen = _Seen({}, {}, {}, {}, {})
    begun, outcome = None, None
    for position, line in enumerate(trace):
        match line:
            case JobStart():
                seen.starts.setdefault(line.job, []).append((position, line))
            case JobEnd():
                seen.ends.setdefault(line.job, []).append((position, line))
            case Command():
                seen.commands.setdefault((line.job, line.attempt), []).append((position, line))
            case Gate():
                seen.gates[line.gate] = (position, line)
            case JobSkip():
                seen.skips[line.job] = line
            case RunStart():
                begun = line
            case RunEnd():
                outcome = line.outcome
    return replace(seen, start=begun, outcome=outcome)


def _differences(run: Run, wanted: _Seen, got: _Seen) -> Iterator[Difference]:
    yield from _which(run, wanted, got)
    yield from _order(run, wanted, got)
    yield from _overlaps(run, got)
    for job in run.jobs:
        if job.name in wanted.starts and job.name in got.starts:
            yield from _job(job, wanted, got)
    yield from _gates(wanted, got)
    yield from _run(wanted, got)


def _which(run: Run, wanted: _Seen, got: _Seen) -> Iterator[Difference]:
    """No job more; and none less, but for what a failure elsewhere may have kept from starting. A delivery that is held back may
    count as a failure there: stages for failures then run.
    """
    held = any(skip.why in ("overtaken", "beside-trunk") for skip in wanted.skips.values())
    for job in got.starts:
        reason = wanted.skips[job].why if job in wanted.skips else None
        if job not in wanted.starts and not (held and reason == "no-failure"):
            yield Difference("extra-job", _why_not(job, wanted), job)
    begun = {(job, start.attempt) for job, starts in got.starts.items() for _, start in starts}
    ended = {(job, end.attempt) for job, ends in got.ends.items() for _, end in ends}
    for job, attempt in sorted((ended | set(got.commands)) - begun):
        yield Difference("order", f"attempt {attempt} never began", job)
    excused = _excused(run, wanted, got)
    for job in wanted.starts:
        if job not in got.starts and job not in excused:
            skip = got.skips.get(job)
            yield Difference("missing-job", f"it never ran{f': {skip.why}' if skip else ''}", job)


def _why_not(job: str, wanted: _Seen) -> str:
    skip = wanted.skips.get(job)
    return f"it ran, though {skip.why}" if skip else "it ran, though nothing selects it"


def _excused(run: Run, wanted: _Seen, got: _Seen) -> set[str]:
    """What an engine may lack once a job has failed, or a person, a newer delivery or a tag has stopped the run: what precedes
    neither. Stages after all others come after a failure in any case; a run that was stopped promises none of them.
    """
    posts = {job.name for job in run.jobs if job.is_post}
    bad = {job for job, ends in wanted.ends.items() if ends[-1][1].outcome in ("failed", "timeout")} - posts
    stopped = {job for job, skip in wanted.skips.items() if skip.why in ("overtaken", "beside-trunk")}
    stopped |= {name for name, (_, gate) in wanted.gates.items() if gate.decision == "rejected"}
    failed_there = {job for job in bad if job in got.starts}
    if not failed_there and not stopped:
        return set()
    kept = ancestors(run.plan, failed_there or stopped) | failed_there
    return set(wanted.starts) - kept - (set() if stopped else posts)


def _order(run: Run, wanted: _Seen, got: _Seen) -> Iterator[Difference]:
    for job in run.jobs:
        # An attempt that ended for want of a secret ran nothing, so nothing of it came too early.
        began = next((at for at, start in got.starts.get(job.name, ()) if start.seen), None)
        if job.is_gate and job.name in got.gates:
            began = got.gates[job.name][0]
        if began is None:
            continue
        before = [other.name for other in run.jobs if not other.is_post] if job.is_post else _before(run, job, wanted)
        for other in before:
            if other in got.starts and _last(got, other) > began:
                yield Difference("order", f"it began before {other} had ended", job.name)
            if other in got.gates and got.gates[other][0] > began:
                yield Difference("order", f"it began before {other} was answered", job.name)
            if not job.is_post and _due(other, wanted) and not _due(other, got):
                yield Difference("order", f"it began without {other}", job.name)


def _before(run: Run, job: Stage, wanted: _Seen) -> list[str]:
    """What a job needs, and behind one that its files left out what that one needs: the order is kept without it."""
    names = [need.stage for need in job.needs]
    for name in names:
        if name in wanted.skips and wanted.skips[name].why == "unchanged":
            left_out = next(other for other in run.plan.stages if other.name == name)
            names += [need.stage for need in left_out.needs if need.stage not in names]
    return names


def _due(job: str, seen: _Seen) -> bool:
    """Whether a job ran, or a gate was answered."""
    return job in seen.starts or job in seen.gates


def _last(got: _Seen, job: str, attempt: int | None = None) -> float:
    """Where a job, or one attempt of it, ended."""
    ends = [at for at, end in got.ends.get(job, ()) if attempt in (None, end.attempt)]
    return ends[-1] if ends else float("inf")


def _overlaps(run: Run, got: _Seen) -> Iterator[Difference]:
    locked = [job for job in run.jobs if job.lock and job.name in got.starts]
    for one, other in combinations(locked, 2):
        if (
            one.lock == other.lock
            and got.starts[one.name][0][0] < _last(got, other.name)
            and got.starts[other.name][0][0] < _last(got, one.name)
        ):
            yield Difference("overlap", f"it ran beside {one.name}, though both hold {one.lock}", other.name)


def _job(job: Stage, wanted: _Seen, got: _Seen) -> Iterator[Difference]:
    name = job.name
    ours, theirs = [line for _, line in wanted.starts[name]], [line for _, line in got.starts[name]]
    if len(ours) != len(theirs):
        yield Difference("attempts", f"{len(theirs)} in place of {len(ours)}", name)
    for mine, its in zip(ours, theirs, strict=False):
        yield from _start(job, mine, its, got)
        yield from _commands(name, mine.attempt, wanted, got)
        yield from _within(name, mine.attempt, got)
        yield from _end_of(name, mine.attempt, wanted, got)
    for (_, before), (at, after) in pairwise(got.starts[name]):
        if _last(got, name, before.attempt) > at:
            yield Difference("order", f"attempt {after.attempt} began before attempt {before.attempt} had ended", name)


def _end_of(name: str, attempt: int, wanted: _Seen, got: _Seen) -> Iterator[Difference]:
    end, its_end = _ended(wanted, name, attempt), _ended(got, name, attempt)
    if end is None or its_end is None:
        if end is not None:
            yield Difference("outcome", f"attempt {attempt} never ended, where it should have {end.outcome}", name)
    elif _plain(end.outcome) != _plain(its_end.outcome):
        yield Difference("outcome", f"{its_end.outcome} in place of {end.outcome}", name)
    elif end.outcome == "passed":
        missing = sorted(set(end.outputs) - set(its_end.outputs))
        if missing:
            yield Difference("output", f"{', '.join(missing)} was not made", name)


def _ended(seen: _Seen, job: str, attempt: int) -> JobEnd | None:
    return next((end for _, end in seen.ends.get(job, ()) if end.attempt == attempt), None)


def _within(name: str, attempt: int, got: _Seen) -> Iterator[Difference]:
    """The commands of an attempt lie between its first line and its last."""
    began = next((at for at, start in got.starts[name] if start.attempt == attempt), -1)
    ended = next((at for at, end in got.ends.get(name, ()) if end.attempt == attempt), float("inf"))
    outside = [str(line.index) for at, line in got.commands.get((name, attempt), ()) if not began < at < ended]
    outside += ["the end"] if ended < began else []
    if outside:
        yield Difference("order", f"{', '.join(outside)} of attempt {attempt}: not between its first line and its last", name)


def _plain(outcome: str) -> str:
    return "failed" if outcome == "timeout" else outcome


def _start(job: Stage, mine: JobStart, its: JobStart, got: _Seen) -> Iterator[Difference]:
    name = job.name
    if not mine.seen or not its.seen:
        if mine.seen and not its.seen:
            yield Difference("commands", "it ended before its first command", name)
        return
    for key, wish in mine.env.items():
        found = its.env.get(key)
        if found is None or not _fits(key, wish, found):
            yield Difference("environment", f"{key} is {found!r} in place of {wish!r}", name)
    for key, state in mine.secrets.items():
        if its.secrets.get(key, "absent") != state:
            yield Difference("secret", f"{key} is {its.secrets.get(key, 'absent')} in place of {state}", name)
    for key in mine.absent:
        if key in its.env or its.secrets.get(key, "absent") != "absent":
            yield Difference("leak", f"it sees {key}", name)
    for path, producer in mine.inputs.items():
        source, _, attempt = producer.rpartition("#")
        made = next((line.outputs.get(path) for _, line in got.ends.get(source, ()) if line.attempt == int(attempt)), None)
        if its.inputs.get(path) is None or its.inputs[path] != made:
            yield Difference("input", f"{path} is not what attempt {attempt} of {source} made", name)
    if its.lacks:
        yield Difference("input", f"{', '.join(its.lacks[:5])} of its commit is not there", name)
    if its.extra:
        yield Difference("extra-file", ", ".join(its.extra[:5]), name)
    if set(mine.services) != set(its.services):
        yield Difference("services", f"{sorted(its.services)} in place of {sorted(mine.services)}", name)


def _fits(key: str, wish: str, found: str) -> bool:
    """Whether a variable holds what it should. Of authors the contract promises only who it was: the name, whatever a system writes
    beside it, or a login, in which there is no text of theirs.
    """
    if wish == ANY:
        return bool(found)
    if key == "PK_AUTHOR":
        return wish in found or _LOGIN.fullmatch(found) is not None
    return found == wish


def _commands(name: str, attempt: int, wanted: _Seen, got: _Seen) -> Iterator[Difference]:
    ours, theirs = ([line for _, line in seen.commands.get((name, attempt), ())] for seen in (wanted, got))
    if [(line.index, line.exit) for line in ours] != [(line.index, line.exit) for line in theirs]:
        yield Difference("commands", f"{_told(theirs)} in place of {_told(ours)} (attempt {attempt})", name)
    published = [ref for line in ours for ref in line.published]
    pushed = [ref for line in theirs for ref in line.published]
    if sorted(published) != sorted(pushed):
        yield Difference("published", f"{pushed} in place of {published}", name)


def _told(lines: list[Command]) -> str:
    return " ".join(f"{line.index}→{line.exit}" for line in lines) or "none"


def _gates(wanted: _Seen, got: _Seen) -> Iterator[Difference]:
    elsewhere = any(ends[-1][1].outcome in ("failed", "timeout") for ends in wanted.ends.values())
    turned_down = any(gate.decision == "rejected" for _, gate in wanted.gates.values())
    for name, (_, gate) in wanted.gates.items():
        its = got.gates.get(name)
        if its is None:
            if elsewhere or (turned_down and gate.decision == "approved"):
                continue
            yield Difference("gate", "nobody was asked", name)
        elif its[1].decision != gate.decision:
            yield Difference("gate", f"{its[1].decision} in place of {gate.decision}", name)
    for name in got.gates:
        if name not in wanted.gates:
            yield Difference("gate", "somebody was asked for nothing", name)


def _run(wanted: _Seen, got: _Seen) -> Iterator[Difference]:
    """How a run that was stopped ends is the engine's affair; that no job ran is all there is to say of one that selects nothing, or
    of which files leave out all.
    """
    none = got.outcome == "nothing" and not wanted.starts and not wanted.gates
    if got.outcome is None or (wanted.outcome in ("passed", "failed") and got.outcome != wanted.outcome and not none):
        yield Difference("run", f"{got.outcome or 'no end'} in place of {wanted.outcome}")
    if wanted.start is not None:
        its = got.start
        if its is None or (its.event, its.commit) != (wanted.start.event, wanted.start.commit):
            yield Difference("run", f"{its.event} of {its.commit}" if its else "no start")
