"""Pipeline: what a user calls first. It registers stages, and knows what holds for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pipelinekit.authoring import options, texts
from pipelinekit.authoring.kinds import Build, Check, Delivery
from pipelinekit.authoring.options import Commands, Needs, Shell
from pipelinekit.authoring.refuse import here, refuse
from pipelinekit.authoring.stage import Artifact, Stage
from pipelinekit.authoring.values import Cache, Checkout, Environment, Event, Runner
from pipelinekit.diagnostics import nearest
from pipelinekit.model import plan as model

_Handle = TypeVar("_Handle", bound=Stage)


class Pipeline:
    """A pipeline. Its kinds (`lint` … `gate`) each add one stage and return its handle, for the needs of later ones.

    What is given here holds for every stage that doesn't say otherwise; `setup` and `cache` go with `image`. `triggers`
    is what lint, test, data_pull, step and build stages run on. `targets` holds what only one system's side knows,
    `accept` the losses of a target that the team takes, with the reason, by feature.
    """

    def __init__(
        self,
        name: str,
        *,
        trunk: str = "main",
        image: str | None = None,
        setup: Commands = (),
        shell: Shell = "sh",
        cache: Cache | Sequence[Cache] = (),
        variables: Mapping[str, str] | None = None,
        triggers: Sequence[Event] | None = None,
        timeout: str | int | None = None,
        runner: Runner | None = None,
        checkout: Checkout | None = None,
        cancel_superseded: bool = False,
        targets: Mapping[str, Mapping[str, Any]] | None = None,
        accept: Mapping[str, Mapping[str, str]] | None = None,
        raw: Mapping[str, Any] | None = None,
    ) -> None:
        self._source = here()
        self._name = texts.name(name, "a pipeline")
        self._trunk = options.branch(trunk)
        self._image = None if image is None else texts.image(image)
        self._setup = options.bundle(setup)
        self._shell: Shell = options.shell(shell)
        self._caches = options.caches(cache)
        self._variables = texts.variables(variables, "variables")
        default = (model.Event("push"), model.Event("pull_request"))
        self._triggers = default if triggers is None else options.events(triggers, "triggers")
        self._timeout = texts.duration(timeout, "timeout")
        self._runner = options.runner(runner, None)
        self._checkout = options.checkout(checkout, model.Checkout())
        self._cancel_superseded = bool(cancel_superseded)
        self._targets = {
            target: texts.mapping(settings, f"targets[{target!r}]") for target, settings in texts.mapping(targets, "targets").items()
        }
        self._accept = {target: options.reasons(target, reasons) for target, reasons in texts.mapping(accept, "accept").items()}
        self._raw = texts.mapping(raw, "raw")
        self._stages: dict[str, model.Stage] = {}
        self._environments: dict[str, Environment] = {}

    def __repr__(self) -> str:
        return f"Pipeline({self._name!r})"

    @property
    def lint(self) -> Check:
        """A check of the code as text: style, types, secrets."""
        return Check(self, "lint")

    @property
    def test(self) -> Check:
        """A check that runs the code: unit, data, model, notebook, migration tests."""
        return Check(self, "test")

    @property
    def data_pull(self) -> Check:
        """Gets data that is too large for git, for the stages that ask for it."""
        return Check(self, "data_pull")

    @property
    def step(self) -> Check:
        """Anything else: training, reports, notifications."""
        return Check(self, "step")

    @property
    def build(self) -> Build:
        """Makes what is deployed: commands with outputs, or a container image."""
        return Build(self, "build")

    @property
    def migrate(self) -> Delivery:
        """Brings an environment's database to the new version's schema."""
        return Delivery(self, "migrate")

    @property
    def deploy(self) -> Delivery:
        """Puts the new version into an environment."""
        return Delivery(self, "deploy")

    @property
    def verify(self) -> Delivery:
        """Looks at the environment from outside: does the new version answer?"""
        return Delivery(self, "verify")

    def gate(
        self,
        message: str,
        *,
        needs: Needs,
        name: str | None = None,
        timeout: str | int | None = None,
        raw: Mapping[str, Any] | None = None,
    ) -> Stage:
        """Waits for a person, who is asked `message`; rejected or unanswered, nothing after it starts.

        `timeout` bounds the wait. A gate runs wherever something that needs it runs.
        """
        if not needs:
            refuse("PK016", "a gate without needs asks before anything was tested", "needs=[…]")
        source = here()
        return self._register(
            Stage,
            model.Stage(
                name=options.stage_name(name, "gate", None),
                kind="gate",
                needs=self._needs(needs),
                message=options.line(message),
                timeout=texts.duration(timeout, "timeout"),
                raw=texts.mapping(raw, "raw"),
                source=source,
            ),
        )

    def plan(self) -> model.Plan:
        """What was defined so far, as data."""
        return model.Plan(
            name=self._name,
            stages=tuple(self._stages.values()),
            trunk=self._trunk,
            triggers=self._triggers,
            environments=tuple(value._environment for value in self._environments.values()),
            variables=self._variables,
            cancel_superseded=self._cancel_superseded,
            targets=self._targets,
            accept=self._accept,
            raw=self._raw,
            source=self._source,
        )

    def _register(self, handle: Callable[[Pipeline, model.Stage], _Handle], stage: model.Stage) -> _Handle:
        other = self._stages.get(stage.name)
        if other:
            refuse(
                "PK002",
                f"{stage.name!r} is already the stage at {other.source}",
                'give one of the two another name="…"',
                source=stage.source,
                related=(other.source,),
            )
        self._stages[stage.name] = stage
        return handle(self, stage)

    def _needs(self, needs: Needs) -> tuple[model.Need, ...]:
        if isinstance(needs, Stage | Artifact | str) or not isinstance(needs, Iterable):
            refuse("PK004", "needs= takes a list of stages", "needs=[…]")
        merged: dict[tuple[str, model.Pairs], tuple[str, ...]] = {}
        for need in needs:
            stage, paths, cell = self._need(need)
            merged[stage, cell] = tuple(dict.fromkeys((*merged.get((stage, cell), ()), *paths)))
        return tuple(model.Need(stage, paths, cell) for (stage, cell), paths in merged.items())

    def _need(self, need: object) -> tuple[str, tuple[str, ...], model.Pairs]:
        stage: Stage
        paths: tuple[str, ...]
        cell: model.Pairs
        match need:
            case Stage():
                stage, paths, cell = need, (), ()
            case Artifact():
                stage, paths, cell = need._stage, (need.path,), need._cell
            case str():
                refuse("PK004", f"{need!r} in needs= is a text, not a stage", f"needs are values; {nearest(need, self._stages)}")
            case _:
                refuse("PK004", f"{need!r} in needs= is not a stage", "needs are the values that p.lint(…), p.test(…) … return")
        if stage._pipeline is not self:
            refuse("PK005", f"{stage.name} ({stage._stage.source}) belongs to another pipeline", related=(stage._stage.source,))
        if stage._stage.is_post:
            refuse("PK016", f"nothing can come after {stage.name}, which has when={stage._stage.when!r}")
        return stage.name, paths, cell
