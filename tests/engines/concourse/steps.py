"""A build's plan, step by step (`atc/exec`): what succeeds, fails, errors, and what is tried again or runs in any case."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import yaml

from pipelinekit.semantics.trace import Outcome

from . import names
from .pipeline import Refused, Step, StepError, read, seconds
from .variables import Scope, interpolate

if TYPE_CHECKING:
    from .builds import Running


class Canceled(Exception):
    """A neighbour has failed, where `fail_fast` ends all of them."""


@dataclass
class Artifact:
    """A folder that a step has left for later ones, and the plan's job that made it."""

    folder: Path
    maker: str = ""


@dataclass
class Artifacts:
    """Those of a build; what is made within an `across` step is seen there alone (`build.Repository`)."""

    own: dict[str, Artifact]
    outer: Artifacts | None = None

    def get(self, name: str) -> Artifact | None:
        return self.own.get(name) or (self.outer.get(name) if self.outer else None)

    def all(self) -> dict[str, Artifact]:
        return {**(self.outer.all() if self.outer else {}), **self.own}


@dataclass(frozen=True)
class State:
    """Where a step stands: `tried`, so that its failure is forgiven; `last`, unless another attempt follows; `told`, where what it
    is a part of is said to begin and to end.
    """

    running: Running
    scope: Scope
    artifacts: Artifacts
    limits: tuple[float, ...] = ()
    tried: bool = False
    last: bool = True
    told: bool = False
    stops: tuple[threading.Event, ...] = ()

    @property
    def is_canceled(self) -> bool:
        return any(stop.is_set() for stop in self.stops)

    def stoppable(self, *, fail_fast: bool) -> State:
        """Inside of steps of which the first that fails ends the others."""
        return replace(self, stops=(*self.stops, threading.Event())) if fail_fast else self


Result: TypeAlias = bool
"""Whether a step succeeded. One that errors raises instead."""


def run(step: Step, state: State) -> Result:
    """Run a step with all its modifiers, the outermost first (`StepPrecedence` in `atc/steps.go`). Raises StepError, Canceled."""
    if state.is_canceled:
        raise Canceled
    for key, wrapper in _WRAPPERS.items():
        if key in step:
            return wrapper(step, state)
    for key, core in _CORES.items():
        if key in step:
            if "timeout" in step and key not in ("task", "get", "put"):
                state = replace(state, limits=(*state.limits, seconds(step["timeout"])))
            return core(step, state)
    raise StepError("no core step type declared")


def _without(step: Step, *keys: str) -> Step:
    return {key: value for key, value in step.items() if key not in keys}


def _ensure(step: Step, state: State) -> Result:
    """In any case, and its failure counts; both errors are told (`ensure_step.go`)."""
    ok, error = _caught(lambda: run(_without(step, "ensure"), state))
    hook_ok, hook_error = _caught(lambda: run(step["ensure"], state))
    for each in (error, hook_error):
        if each:
            raise each
    return ok and hook_ok


def _caught(action: Callable[[], Result]) -> tuple[Result, StepError | Canceled | None]:
    try:
        return action(), None
    except (StepError, Canceled) as error:
        return False, error


def _on_error(step: Step, state: State) -> Result:
    """After an error alone: what has failed has not errored (`on_error.go`)."""
    try:
        return run(_without(step, "on_error"), state)
    except StepError:
        _caught(lambda: run(step["on_error"], state))
        raise


def _on_abort(step: Step, state: State) -> Result:
    try:
        return run(_without(step, "on_abort"), state)
    except Canceled:
        _caught(lambda: run(step["on_abort"], replace(state, stops=())))
        raise


def _on_failure(step: Step, state: State) -> Result:
    """The hook's own failure changes nothing, its error does (`on_failure.go`)."""
    ok = run(_without(step, "on_failure"), state)
    if not ok:
        run(step["on_failure"], state)
    return ok


def _on_success(step: Step, state: State) -> Result:
    return run(_without(step, "on_success"), state) and run(step["on_success"], state)


def _across(step: Step, state: State) -> Result:
    """Every combination of the values, each with a scope and artifacts of its own (`across_step.go`)."""
    axes = [(each["var"], interpolate(each["values"], state.scope), _in_flight(each)) for each in step["across"]]
    inner = _without(step, "across", "fail_fast")
    fail_fast = step.get("fail_fast", False)
    state = state.stoppable(fail_fast=fail_fast)

    def level(chosen: dict[str, Any]) -> Result:
        if len(chosen) == len(axes):
            return _combination(inner, chosen, state)
        name, values, limit = axes[len(chosen)]
        return parallel([partial(level, {**chosen, name: value}) for value in values], limit, state, fail_fast=fail_fast)

    return level({})


def _combination(step: Step, chosen: dict[str, Any], state: State) -> Result:
    """The values are put into the whole step before it runs, its name too (`ConstructAcrossSubsteps`)."""
    filled = interpolate(step, Scope({}, chosen), all_known=False)
    scope = state.scope.inner()
    scope.local |= chosen
    return run(filled, replace(state, scope=scope, artifacts=Artifacts({}, state.artifacts)))


def _in_flight(entry: Step) -> int:
    """0 for all at once."""
    asked = entry.get("max_in_flight", 1)
    return 0 if asked == "all" else int(asked)


def parallel(actions: list[Callable[[], Result]], limit: int, state: State, *, fail_fast: bool) -> Result:
    """All of them, so many at once (`parallelExecutor` in `in_parallel.go`); the first error is told when all have ended."""
    ended: list[tuple[Result, BaseException | None]] = []
    width = limit or len(actions) or 1
    free = threading.Semaphore(width)
    meeting = state.running.server.meeting

    def work(action: Callable[[], Result]) -> None:
        ok: Result = False
        error: BaseException | None = None
        try:
            with meeting.expected():
                ok = action()
        except BaseException as raised:  # noqa: BLE001  # handed on below, in the thread that waits
            error = raised
        if not ok and fail_fast:
            state.stops[-1].set()
        ended.append((ok, error))
        free.release()

    threads = [threading.Thread(target=work, args=(action,)) for action in actions]
    with meeting.instead(*threads[:width]):
        for number, thread in enumerate(threads):
            free.acquire()
            if fail_fast and state.is_canceled:
                meeting.gone(*threads[number:])
                del threads[number:]
                break
            thread.start()
        for thread in threads:
            thread.join()
    errors = [error for _, error in ended if error is not None and not (fail_fast and isinstance(error, Canceled))]
    for error in sorted(errors, key=lambda each: isinstance(each, StepError)):
        raise error
    return all(ok for ok, _ in ended) and len(ended) == len(actions)


def _attempts(step: Step, state: State) -> Result:
    """Again after a failure and after an error; the last attempt's end is the step's (`retry_step.go`)."""
    inner = _without(step, "attempts")
    for _ in range(1, step["attempts"]):
        ok, error = _caught(lambda: run(inner, replace(state, last=False)))
        if isinstance(error, Canceled):
            raise error
        if ok:
            return True
    return run(inner, state)


def _try(step: Step, state: State) -> Result:
    """Neither failure nor error counts (`try_step.go`)."""
    _, error = _caught(lambda: run(step["try"], replace(state, tried=True)))
    if isinstance(error, Canceled):
        raise error
    return True


def _do(step: Step, state: State) -> Result:
    """One after the other, until one isn't green. Building an image and publishing it are one job of the plan."""
    stage = _published(step["do"])
    if state.told or not stage:
        return all(run(each, state) for each in step["do"])
    state.running.server.ground.job_start(stage)
    ok, error = _caught(lambda: all(run(each, replace(state, told=True)) for each in step["do"]))
    say_end(state, stage, "passed" if ok else "failed")
    if error:
        raise error
    return ok


def _published(steps: list[Step]) -> str:
    """The job of the plan whose image these steps build and publish, if they do."""
    builds = [each["task"] for each in steps if "task" in each and names.is_build(each.get("config", {}))]
    return builds[0] if builds and any("put" in each for each in steps) else ""


def say_end(state: State, stage: str, outcome: Outcome) -> None:
    """Say how a job of the plan ended: what a `try` forgives is allowed, once nothing follows."""
    if outcome != "passed" and state.tried and state.last:
        outcome = "allowed"
    state.running.server.ground.job_end(stage, outcome)


def _in_parallel(step: Step, state: State) -> Result:
    given = step["in_parallel"]
    given = given if isinstance(given, dict) else {"steps": given}
    fail_fast = given.get("fail_fast", False)
    inner = state.stoppable(fail_fast=fail_fast)
    limit = given.get("limit", 0)
    if all("get" in each for each in given["steps"]):
        limit = 1  # their order shows nowhere
    return parallel([partial(run, each, inner) for each in given["steps"]], limit, inner, fail_fast=fail_fast)


def _get(step: Step, state: State) -> Result:
    return state.running.get(step, state)


def _put(step: Step, state: State) -> Result:
    return state.running.put(step, state)


def _task(step: Step, state: State) -> Result:
    return state.running.task(step, state)


def _load_var(step: Step, state: State) -> Result:
    """A file's text, or what it says as JSON or YAML, as a local variable (`load_var_step.go`)."""
    step = interpolate(step, state.scope)
    text = state.running.file(step["file"], state).read_text()
    kind = step.get("format") or (Path(step["file"]).suffix.removeprefix(".") or "trim")
    readers: dict[str, Callable[[str], Any]] = {"json": json.loads, "yml": yaml.safe_load, "yaml": yaml.safe_load, "raw": str}
    try:
        state.scope.local[step["load_var"]] = readers.get(kind, str.strip)(text)
    except (ValueError, yaml.YAMLError) as error:
        raise StepError(f"failed to parse {step['file']} in format {kind}: {error}") from error
    return True


def _set_pipeline(step: Step, state: State) -> Result:
    """The server looks at the file as `fly set-pipeline` would; builds that run go on with what they have."""
    file = state.running.file(interpolate(step["file"], state.scope), state)
    try:
        read({file.name: file.read_text()})
    except Refused as error:
        state.running.print(f"invalid pipeline:\n{error}")
        return False
    return True


_WRAPPERS: dict[str, Callable[[Step, State], Result]] = {
    "ensure": _ensure,
    "on_error": _on_error,
    "on_abort": _on_abort,
    "on_failure": _on_failure,
    "on_success": _on_success,
    "across": _across,
    "attempts": _attempts,
}
_CORES: dict[str, Callable[[Step, State], Result]] = {
    "task": _task,
    "put": _put,
    "get": _get,
    "set_pipeline": _set_pipeline,
    "load_var": _load_var,
    "try": _try,
    "do": _do,
    "in_parallel": _in_parallel,
}
