"""Chains of jobs: what each gets, in which order, what it runs, what it holds and what follows its end."""

from collections.abc import Iterator
from typing import Any

from pipelinekit.backend import Request, merge
from pipelinekit.model.plan import Checkout, Stage
from pipelinekit.text.yaml import Commented, Flow
from pipelinekit_concourse import containers, gates, images, store, tasks
from pipelinekit_concourse.layout import Chain, Unit, chains, rows, unique
from pipelinekit_concourse.place import REPO, Place, artifact, identifier, place
from pipelinekit_concourse.resources import has_start, own_name
from pipelinekit_concourse.settings import Settings

Step = dict[str, Any]
Names = dict[tuple[int, str], str]
"""The name of each job, by the number of its chain and the name of its unit; the empty unit is the one that starts a run."""


def names(request: Request[Settings]) -> Names:
    """`test`, `pr-test`, `nightly-test`: the unit's name behind the event's."""
    found: Names = {}
    taken: set[str] = set()
    for index, chain in enumerate(chains(request)):
        prefix = _prefix(request, chain)
        wanted = [("", own_name(request, chain.event))] if has_start(chain) else []
        for unit in chain.units:
            wanted += [(f"{unit.name}?", f"{prefix}{gates.clock(unit)}")] if gates.is_bounded(unit) else []
            wanted += [(unit.name, prefix + unit.name)]
        wanted += [(stage.name, prefix + stage.name) for stage in _last(chain)]
        for key, name in wanted:
            found[index, key] = unique(identifier(name), taken)
            taken.add(found[index, key])
    return found


def _prefix(request: Request[Settings], chain: Chain) -> str:
    kind = chain.event.kind
    if kind == "push":
        return ""
    prefix = "pr" if kind == "pull_request" else own_name(request, chain.event)
    only_unit = len(chain.units) == 1 and chain.units[0].name == prefix
    return "" if only_unit and not _runs_elsewhere(request, chain) else f"{prefix}-"


def _runs_elsewhere(request: Request[Settings], chain: Chain) -> bool:
    name = chain.units[0].stages[0].name
    return len(request.selection.runs(name)) > 1


def jobs(request: Request[Settings]) -> list[Any]:
    known = names(request)
    return [job for index, chain in enumerate(chains(request)) for job in _Chained(place(request, chain), index, known).jobs()]


def groups(request: Request[Settings]) -> list[Step]:
    """A tab for each event, so that one finds a run's jobs beside each other."""
    known = names(request)
    if len(chains(request)) < 2:
        return []
    labels = {"push": "trunk", "pull_request": "pull-requests"}
    found: list[Step] = []
    for index, chain in enumerate(chains(request)):
        label = labels.get(chain.event.kind) or own_name(request, chain.event)
        name = unique(label, (group["name"] for group in found))
        found.append({"name": name, "jobs": [job for (number, _), job in known.items() if number == index]})
    return found


def _last(chain: Chain) -> tuple[Stage, ...]:
    """Stages that run in any case and have no single last job to stand at the end of: they are a job after all last ones."""
    return tuple(stage for stage in chain.after if stage.when == "always") if len(chain.sinks) > 1 else ()


class _Chained:
    """The jobs of one chain."""

    def __init__(self, here: Place, index: int, known: Names) -> None:
        self.here = here
        self.chain = here.chain
        self.index = index
        self.known = known
        self.resource = own_name(here.request, here.event)
        self.has_start = has_start(here.chain)
        self.sinks = here.chain.sinks if here.chain.after else ()

    def jobs(self) -> Iterator[Any]:
        if self.has_start:
            yield self.start()
        for unit in self.chain.units:
            if gates.is_bounded(unit):
                yield {"name": self.name(f"{unit.name}?"), "plan": [*self.gets(self.chain.upstream(unit), unit.stages), gates.start(unit)]}
            yield self.job(unit)
        for stage in _last(self.chain):
            name = self.name(stage.name)
            gets = self.gets(self.sinks, (stage,))
            held = {"serial_groups": [stage.lock]} if stage.lock else {}
            plan = [*gets, *images.loads(self.here, (stage,)), *self.steps(stage)]
            yield merge({"name": name} | held | {"plan": plan}, stage.raw.get("concourse"))

    def name(self, unit: str) -> str:
        return self.known[self.index, unit]

    def start(self) -> Step:
        """The job that starts a run of several: it takes trunk's tip once, for all of them."""
        name = self.name("")
        if self.here.event.kind == "manual":
            return {"name": name, "plan": [{"get": REPO}, {"put": self.resource, "inputs": [], "no_get": True}]}
        return {"name": name, "plan": [_together([{"get": self.resource, "trigger": True}, {"get": REPO}])]}

    def job(self, unit: Unit) -> Any:
        job: Step = {"name": self.name(unit.name)} | self.holds(unit)
        job["plan"] = self.plan(unit)
        job |= self.ends(unit)
        for stage in unit.stages:
            job = merge(job, stage.raw.get("concourse"))
        comment = self.comment(unit)
        return Commented(job, comment) if comment else job

    def plan(self, unit: Unit) -> list[Step]:
        if gates.is_bounded(unit):
            asked = self.name(f"{unit.name}?")
            gets = self.gets((), unit.stages, triggers=False, passed=[asked])
            return [_together([*gets, gates.get(unit, asked)]), gates.check(self.here.settings, unit)]
        after = () if unit.is_gate else self.chain.after
        gets = self.gets(self.chain.upstream(unit), (*unit.stages, *after), triggers=not unit.is_gate)
        return [*gets, *self.files(unit), *images.loads(self.here, (*unit.stages, *after)), *self.work(unit), *store.steps(self.here, unit)]

    def holds(self, unit: Unit) -> Step:
        """The locks of a job; one that delivers is never run again with what it once had."""
        locks = _locks((*unit.stages, *(() if unit.is_gate else self.chain.after)))
        if not unit.environments:
            return {"serial_groups": locks} if locks else {}
        request = self.here.request
        others = [environment for chain in chains(request) for other in chain.units for environment in other.environments]
        shared = [_environment_lock(request, name) for name in unit.environments if others.count(name) > 1]
        held: Step = {"serial_groups": [*shared, *locks]} if shared or locks else {"serial": True}
        return held | {"disable_reruns": True}

    def gets(
        self, upstream: tuple[Unit, ...], stages: tuple[Stage, ...], *, triggers: bool = True, passed: list[str] | None = None
    ) -> list[Step]:
        """The tree, and what else carries the run; first jobs start by it, later ones when it has passed all that they need."""
        start_job = [self.name("")] if self.has_start else []
        passed = passed or [self.name(unit.name) for unit in upstream] or start_job
        kind = self.here.event.kind
        start = {"trigger": True} if triggers else {}
        order = {"passed": Flow(passed)} if passed else {}
        tree: Step = {"get": REPO} | ({"resource": self.resource} if self.resource != REPO and kind in ("pull_request", "tag") else {})
        carriers: list[Step] = []
        if kind == "schedule" or (kind == "manual" and self.has_start):
            carriers, start = [{"get": self.resource} | order | start], {}
        if kind == "manual":
            start = {}
        every = {"version": "every"} if kind in ("pull_request", "tag") and triggers else {}
        params = self.params(stages)
        gets = [*carriers, tree | order | start | every | ({"params": params} if params else {})]
        return [_together(gets)] if len(gets) > 1 else gets

    def params(self, stages: tuple[Stage, ...]) -> Step:
        """No more of the repository than the stages ask for; a gate asks for nothing."""
        if all(stage.is_gate for stage in stages):
            return {"skip_download": True} if self.here.event.kind == "pull_request" else _git_params(Checkout())
        asked = Checkout(*(any(getattr(stage.checkout, name) for stage in stages) for name in ("history", "tags", "lfs", "submodules")))
        if self.here.event.kind == "pull_request":
            return _pull_request_params(asked, changed=any(stage.only_if for stage in stages))
        return _git_params(asked)

    def files(self, unit: Unit) -> list[Step]:
        """Files of other jobs, by way of the bucket."""
        gets = [
            {
                "get": artifact(name),
                "resource": store.resource_name(name),
                "passed": Flow([self.name(self.chain.of[stage].name)]),
                "params": {"unpack": True},
            }
            for name, stage in store.taken(self.here, unit).items()
        ]
        return [_together(gets)] if len(gets) > 1 else gets

    def work(self, unit: Unit) -> list[Step]:
        """The tasks; those of one row side by side, unless a lock that they share forbids it."""
        found: list[Step] = []
        for row in rows(unit):
            steps = [step for stage in row for step in self.steps(stage)]
            locks = [stage.lock for stage in row for _ in self.here.tasks(stage) if stage.lock]
            alone = len(set(locks)) < len(locks)
            found += steps if alone or len(steps) < 2 else [{"in_parallel": steps}]
        return found

    def steps(self, stage: Stage) -> list[Step]:
        if stage.is_gate:
            return []
        if stage.container:
            build = containers.step(self.here, self.here.tasks(stage)[0])
            return [{"try": build} if stage.allow_failure else build]
        return [tasks.step(self.here, task) for task in self.here.tasks(stage)]

    def ends(self, unit: Unit) -> Step:
        """What follows a job's end: hooks, since Concourse knows no end of a run."""
        if unit.is_gate:
            return {}
        is_last = (unit,) == self.sinks
        always = [stage for stage in self.chain.after if stage.when == "always"]
        failed = [stage for stage in self.chain.after if stage.when == "on_failure"]
        failed += [] if is_last else always
        found: Step = {}
        if failed:
            hook = self.hook(failed)
            found |= {"on_failure": hook, "on_error": hook}
        if is_last and always:
            found["ensure"] = self.hook(always)
        return found

    def hook(self, stages: list[Stage]) -> Step:
        steps = [step for stage in stages for step in self.steps(stage)]
        if len(steps) == 1:
            return steps[0]
        locks = [stage.lock for stage in stages for _ in self.here.tasks(stage) if stage.lock]
        return {"in_parallel": {"steps": steps, "limit": 1} if len(set(locks)) < len(locks) else steps}

    def comment(self, unit: Unit) -> str:
        """What a job of Concourse has no place for: the question of a gate, an environment with its address and configuration."""
        if unit.is_gate:
            return _line(unit.stages[0].message)
        environments = [self.here.plan.environment(name) for name in unit.environments]
        return "\n".join(", ".join(filter(None, (one.name, one.url, one.config))) for one in environments)


def _locks(stages: tuple[Stage, ...]) -> list[str]:
    """The locks of a job, of the stages in its hooks too: only jobs can hold one."""
    return list(dict.fromkeys(stage.lock for stage in stages if stage.lock))


def _line(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def _environment_lock(request: Request[Settings], environment: str) -> str:
    return unique(environment, (stage.lock for stage in request.plan.stages if stage.lock))


def _together(steps: list[Step]) -> Step:
    return {"in_parallel": steps}


def _git_params(asked: Checkout) -> Step:
    found: Step = {} if asked.history else {"depth": 1}
    found |= {"fetch_tags": True} if asked.tags else {}
    found |= {} if asked.submodules else {"submodules": "none"}
    return found | ({} if asked.lfs else {"disable_git_lfs": True})


def _pull_request_params(asked: Checkout, *, changed: bool) -> Step:
    """`checkout` takes the head of the branch; the default merges. The depth still holds it once the branch has moved on."""
    found: Step = {"integration_tool": "checkout"} | ({} if asked.history else {"git_depth": 50})
    found |= {"submodules": True} if asked.submodules else {}
    found |= {"fetch_tags": True} if asked.tags else {}
    return found | ({"list_changed_files": True} if changed else {})
