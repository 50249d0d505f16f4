"""The interpreter runs the steps of a plan in the order in which Concourse's own code does, and ends as it does."""

from __future__ import annotations

from random import Random
from typing import Any, cast

import pytest

from .builds import Running
from .own_steps import ask
from .pipeline import StepError, of
from .steps import Artifacts, Canceled, State, run
from .variables import Scope, coerced, interpolate

Data = dict[str, Any]

VARS: Data = {"known": "value", "number": "3"}
TEXTS = ("text", "((known))", "a ((known)) and ((number))", "((nobody))", "((.:python))", "(( known ))", "$((known-1))", "((é))")
HOOKS = ("on_success", "on_failure", "on_error", "ensure")


class Steps:
    """Random plans. What runs at the same time runs in no order: so one at a time, where several might."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.count = 0

    def job(self) -> Data:
        hooks = {hook: self.step(1) for hook in HOOKS if self.random.random() < 0.2}
        return {"name": "test", "plan": [self.step(3) for _ in range(self.random.randint(1, 3))]} | hooks

    def step(self, depth: int) -> Data:
        core = self.core(depth)
        if self.random.random() < 0.25:
            core["attempts"] = self.random.randint(1, 3)
        for hook in HOOKS:
            if depth and self.random.random() < 0.12:
                core[hook] = self.step(depth - 1)
        return core

    def core(self, depth: int) -> Data:
        kind = self.random.choice(("task", "task", "across", "do", "try", "in_parallel")) if depth else "task"
        if kind == "do":
            return {"do": self.several(depth)}
        if kind == "try":
            return {"try": self.step(depth - 1)}
        if kind == "in_parallel":
            return {"in_parallel": {"steps": self.several(depth), "limit": 1, "fail_fast": self.random.random() < 0.4}}
        if kind == "across":
            axes = [{"var": name, "values": self.random.sample(["3.9", "3.10", 3, "x"], 2)} for name in ("python", "other")]
            return {"across": axes[: self.random.randint(1, 2)], "fail_fast": self.random.random() < 0.4} | self.task()
        return self.task()

    def several(self, depth: int) -> list[Data]:
        return [self.step(depth - 1) for _ in range(self.random.randint(1, 3))]

    def task(self) -> Data:
        self.count += 1
        params = {name: self.random.choice(TEXTS[: 3 if self.random.random() < 0.8 else None]) for name in ("A", "B")}
        config = {"platform": "linux", "rootfs_uri": "/", "params": params, "run": {"path": "true"}}
        return {"task": f"task-{self.count}", "config": config}

    def ends(self) -> dict[str, list[str]]:
        words = ("ok", "ok", "ok", "fail", "error")
        return {f"task-{number}": [self.random.choice(words) for _ in range(3)] for number in range(1, self.count + 1)}


class Leaves:
    """What stands for a running build: its tasks end as they are told."""

    def __init__(self, ends: dict[str, list[str]]) -> None:
        self.ends = {name: list(found) for name, found in ends.items()}
        self.ran: list[str] = []

    def task(self, step: Data, state: State) -> bool:
        try:
            params = interpolate(step["config"]["params"], state.scope)
        except StepError:
            self.ran.append(f"{step['task']} undefined")
            raise
        self.ran.append(f"{step['task']} [{' '.join(f'{name}={coerced(params[name])}' for name in sorted(params))}]")
        ends = self.ends[step["task"]]
        end = ends.pop(0) if len(ends) > 1 else ends[0]
        if end == "error":
            raise StepError("no worker")
        return end == "ok"


def interpreted(job: Data, ends: dict[str, list[str]]) -> Data:
    leaves = Leaves(ends)
    found = of({"resources": [], "jobs": [job]}).jobs["test"]
    state = State(cast("Running", leaves), Scope(VARS), Artifacts({}))
    try:
        status = "succeeded" if run(found.step, state) else "failed"
    except StepError:
        status = "errored"
    except Canceled:
        status = "aborted"
    return {"ran": leaves.ran, "status": status}


@pytest.mark.slow
def test_steps_run_as_in_concourses_own_code():
    cases = []
    for seed in range(1500):
        steps = Steps(seed)
        job = steps.job()
        cases.append({"job": job, "ends": steps.ends(), "vars": VARS})
    for seed, (case, answer) in enumerate(zip(cases, ask(cases), strict=True)):
        assert interpreted(case["job"], case["ends"]) == answer, seed
