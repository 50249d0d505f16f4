"""Pipeline and its kinds: what a user calls. Each call checks what it is given and registers one stage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias, TypeVar, overload

from pipelinekit.authoring import texts
from pipelinekit.authoring.recipe import ContainerBuild, Recipe
from pipelinekit.authoring.refuse import each, here, refuse, typed
from pipelinekit.authoring.stage import Artifact, ImageBuild, Stage
from pipelinekit.authoring.values import Cache, Changed, Checkout, Environment, Event, Matrix, Runner, Secret, Service, several
from pipelinekit.diagnostics import nearest
from pipelinekit.model import plan as model
from pipelinekit.model.names import FACTS, RESERVED_STAGES
from pipelinekit.model.value import replace

Command: TypeAlias = str | Recipe
Commands: TypeAlias = str | Recipe | Sequence[Command]
Needs: TypeAlias = Sequence[Stage | Artifact]
Shell: TypeAlias = Literal["sh", "bash"]
Texts: TypeAlias = str | Sequence[str]
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
        self._trunk = _branch(trunk)
        self._image = None if image is None else texts.image(image)
        self._setup = _bundle(setup)
        self._shell: Shell = _shell(shell)
        self._caches = _caches(cache)
        self._variables = texts.variables(variables, "variables")
        default = (model.Event("push"), model.Event("pull_request"))
        self._triggers = default if triggers is None else _events(triggers, "triggers")
        self._timeout = texts.duration(timeout, "timeout")
        self._runner = _runner(runner, None)
        self._checkout = _checkout(checkout, model.Checkout())
        self._cancel_superseded = bool(cancel_superseded)
        self._targets = {
            target: texts.mapping(settings, f"targets[{target!r}]") for target, settings in texts.mapping(targets, "targets").items()
        }
        self._accept = {target: _reasons(target, reasons) for target, reasons in texts.mapping(accept, "accept").items()}
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
                name=_stage_name(name, "gate", None),
                kind="gate",
                needs=self._needs(needs),
                message=_line(message),
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


class _Kind:
    """A kind of stage of one pipeline, to be called."""

    __slots__ = ("_kind", "_pipeline")

    def __init__(self, pipeline: Pipeline, kind: model.StageKind) -> None:
        self._pipeline = pipeline
        self._kind: model.StageKind = kind

    def _stage(
        self,
        commands: Sequence[Command],
        *,
        name: str | None,
        on: Sequence[Event] | None,
        needs: Needs,
        environment: Environment | None = None,
        variables: Mapping[str, str] | None,
        secrets: Sequence[Secret],
        image: str | None,
        setup: Commands | None,
        shell: Shell | None,
        services: Sequence[Service],
        outputs: Texts,
        keep: Texts,
        keep_for: str | int | None,
        reports: Texts,
        cache: Cache | Sequence[Cache] | None,
        matrix: Matrix | Sequence[Matrix],
        timeout: str | int | None,
        retries: int,
        allow_failure: bool,
        when: str | None,
        only_if: Changed | None,
        lock: str | None,
        runner: Runner | None,
        checkout: Checkout | None,
        raw: Mapping[str, Any] | None,
    ) -> model.Stage:
        p = self._pipeline
        source = here()
        bundle = _bundle([_at(environment, command) for command in commands] if environment else commands)
        axes = _axes(matrix)
        values = {axis.variable for axis in axes}
        chosen = image or bundle.image
        own_image = p._image if chosen is None else texts.image(chosen, "image", values)
        at_home = own_image is not None and (own_image == p._image or _alike(own_image, p._image))
        if own_image is None:
            refuse("PK008", "this stage has no image", 'give image="…" to it or to the Pipeline')
        prepared = _bundle(setup) if setup is not None else p._setup if at_home else _bundle(())
        parts = (bundle, prepared)
        if not bundle.commands:
            refuse("PK007", f"this {self._kind} has no command", "give it at least one")
        caches = _caches(cache) if cache is not None else (*(p._caches if at_home else ()), *(c for b in parts for c in _caches(b.cache)))
        own_environment = environment._environment.name if environment else None
        stage = model.Stage(
            name=_stage_name(name, self._kind, own_environment),
            kind=self._kind,
            needs=p._needs(needs),
            on=None if on is None else _events(on, "on"),
            environment=own_environment,
            image=own_image,
            shell=p._shell if shell is None else _shell(shell),
            setup=(*bundle.setup, *prepared.setup, *prepared.commands),
            commands=tuple(bundle.commands),
            variables=_merge(
                environment._variables if environment else (),
                *(texts.variables(b.variables, "variables") for b in parts),
                texts.variables(variables, "variables"),
            ),
            secrets=_unique(
                *(environment._secrets if environment else ()),
                *(secret._secret for b in parts for secret in b.secrets),
                *(secret._secret for secret in each(secrets, Secret, "secrets")),
            ),
            services=_distinct(
                *(s._service for b in parts for s in b.services), *(s._service for s in each(services, Service, "services"))
            ),
            outputs=_paths((*bundle.outputs, *several(outputs)), "output", values),
            reports=_paths((*bundle.reports, *several(reports)), "report", values, globs=True),
            keep=_paths((*bundle.keep, *several(keep)), "keep", values, globs=True),
            keep_for=texts.duration(keep_for, "keep_for"),
            caches=tuple(dict.fromkeys(caches)),
            matrix=axes,
            timeout=texts.duration(timeout, "timeout") or p._timeout,
            retries=_retries(retries),
            allow_failure=bool(allow_failure),
            when=_when(when, needs, outputs),
            only_if=typed(only_if, Changed, "only_if").globs if only_if else (),
            lock=None if lock is None else texts.name(lock, "a lock"),
            runner=_runner(runner, p._runner),
            checkout=_checkout(checkout, p._checkout, *(b.checkout for b in parts)),
            raw=texts.mapping(raw, "raw"),
            source=source,
        )
        _check_stage(stage)
        if environment:
            self._deliver(environment, stage)
        return stage

    def _deliver(self, environment: Environment, stage: model.Stage) -> None:
        known = self._pipeline._environments.setdefault(environment.name, environment)
        if known is not environment:
            refuse("PK034", f"{environment.name!r} is already the environment at {known._environment.source}", "use one value for both")
        for event in stage.on or ():
            if not event.on_trunk:
                refuse("PK016", f"{event.slug} can't deliver to {environment.name}", "deliveries work on trunk")


class Check(_Kind):
    """lint, test, data_pull or step: call it with commands or recipes."""

    __slots__ = ()

    @overload
    def __call__(
        self,
        *commands: Command,
        name: str | None = None,
        on: Sequence[Event] | None = None,
        needs: Needs = (),
        variables: Mapping[str, str] | None = None,
        secrets: Sequence[Secret] = (),
        image: str | None = None,
        setup: Commands | None = None,
        shell: Shell | None = None,
        services: Sequence[Service] = (),
        outputs: Texts = (),
        keep: Texts = (),
        keep_for: str | int | None = None,
        reports: Texts = (),
        cache: Cache | Sequence[Cache] | None = None,
        matrix: Matrix | Sequence[Matrix] = (),
        timeout: str | int | None = None,
        retries: int = 0,
        allow_failure: bool = False,
        only_if: Changed | None = None,
        lock: str | None = None,
        runner: Runner | None = None,
        checkout: Checkout | None = None,
        raw: Mapping[str, Any] | None = None,
    ) -> Stage: ...

    @overload
    def __call__(
        self,
        *commands: Command,
        when: Literal["on_failure", "always"],
        name: str | None = None,
        on: Sequence[Event] | None = None,
        variables: Mapping[str, str] | None = None,
        secrets: Sequence[Secret] = (),
        image: str | None = None,
        setup: Commands | None = None,
        shell: Shell | None = None,
        services: Sequence[Service] = (),
        keep: Texts = (),
        keep_for: str | int | None = None,
        reports: Texts = (),
        cache: Cache | Sequence[Cache] | None = None,
        matrix: Matrix | Sequence[Matrix] = (),
        timeout: str | int | None = None,
        retries: int = 0,
        allow_failure: bool = False,
        lock: str | None = None,
        runner: Runner | None = None,
        checkout: Checkout | None = None,
        raw: Mapping[str, Any] | None = None,
    ) -> Stage: ...

    def __call__(
        self,
        *commands: Command,
        name: str | None = None,
        on: Sequence[Event] | None = None,
        needs: Needs = (),
        variables: Mapping[str, str] | None = None,
        secrets: Sequence[Secret] = (),
        image: str | None = None,
        setup: Commands | None = None,
        shell: Shell | None = None,
        services: Sequence[Service] = (),
        outputs: Texts = (),
        keep: Texts = (),
        keep_for: str | int | None = None,
        reports: Texts = (),
        cache: Cache | Sequence[Cache] | None = None,
        matrix: Matrix | Sequence[Matrix] = (),
        timeout: str | int | None = None,
        retries: int = 0,
        allow_failure: bool = False,
        when: str | None = None,
        only_if: Changed | None = None,
        lock: str | None = None,
        runner: Runner | None = None,
        checkout: Checkout | None = None,
        raw: Mapping[str, Any] | None = None,
    ) -> Stage:
        """Add the stage.

        `name`: its name, when the kind alone isn't unique. `on`: the events it runs on, in place of the pipeline's
        triggers. `needs`: stages (order) and `stage["path/"]` (order and files). `variables`: what its process sees.
        `secrets`: by name. `image`: the container that the commands run in. `setup`: what runs before them, in place of the
        pipeline's. `shell`: "sh" or "bash". `services`: helpers beside it. `outputs`: files and folders that other stages
        may ask for; missing ones fail the job. `keep`: files kept after the run. `keep_for`: how long, like "30 days".
        `reports`: JUnit XML files. `cache`: paths kept between runs, in place of the pipeline's.
        `matrix`: one job per value, or per combination. `timeout`: of one attempt. `retries`: further attempts.
        `allow_failure`: the run passes all the same. `when`: "on_failure" or "always", after all other stages.
        `only_if`: a condition on changed files in pull requests. `lock`: jobs of one lock never overlap. `runner`: what
        it must run on. `checkout`: history, tags, LFS, submodules. `raw`: text for one system, merged last, by target.
        """
        stage = self._stage(
            commands,
            name=name,
            on=on,
            needs=needs,
            variables=variables,
            secrets=secrets,
            image=image,
            setup=setup,
            shell=shell,
            services=services,
            outputs=outputs,
            keep=keep,
            keep_for=keep_for,
            reports=reports,
            cache=cache,
            matrix=matrix,
            timeout=timeout,
            retries=retries,
            allow_failure=allow_failure,
            when=when,
            only_if=only_if,
            lock=lock,
            runner=runner,
            checkout=checkout,
            raw=raw,
        )
        return self._pipeline._register(Stage, stage)


class Build(_Kind):
    """build: call it with a container build, or with commands or recipes."""

    __slots__ = ()

    @overload
    def __call__(
        self,
        what: ContainerBuild,
        /,
        *,
        name: str | None = None,
        on: Sequence[Event] | None = None,
        needs: Needs = (),
        timeout: str | int | None = None,
        retries: int = 0,
        lock: str | None = None,
        runner: Runner | None = None,
        checkout: Checkout | None = None,
        raw: Mapping[str, Any] | None = None,
    ) -> ImageBuild: ...

    @overload
    def __call__(
        self,
        *commands: Command,
        name: str | None = None,
        on: Sequence[Event] | None = None,
        needs: Needs = (),
        variables: Mapping[str, str] | None = None,
        secrets: Sequence[Secret] = (),
        image: str | None = None,
        setup: Commands | None = None,
        shell: Shell | None = None,
        services: Sequence[Service] = (),
        outputs: Texts = (),
        keep: Texts = (),
        keep_for: str | int | None = None,
        reports: Texts = (),
        cache: Cache | Sequence[Cache] | None = None,
        matrix: Matrix | Sequence[Matrix] = (),
        timeout: str | int | None = None,
        retries: int = 0,
        allow_failure: bool = False,
        only_if: Changed | None = None,
        lock: str | None = None,
        runner: Runner | None = None,
        checkout: Checkout | None = None,
        raw: Mapping[str, Any] | None = None,
    ) -> Stage: ...

    def __call__(
        self,
        *commands: Command | ContainerBuild,
        name: str | None = None,
        on: Sequence[Event] | None = None,
        needs: Needs = (),
        variables: Mapping[str, str] | None = None,
        secrets: Sequence[Secret] = (),
        image: str | None = None,
        setup: Commands | None = None,
        shell: Shell | None = None,
        services: Sequence[Service] = (),
        outputs: Texts = (),
        keep: Texts = (),
        keep_for: str | int | None = None,
        reports: Texts = (),
        cache: Cache | Sequence[Cache] | None = None,
        matrix: Matrix | Sequence[Matrix] = (),
        timeout: str | int | None = None,
        retries: int = 0,
        allow_failure: bool = False,
        only_if: Changed | None = None,
        lock: str | None = None,
        runner: Runner | None = None,
        checkout: Checkout | None = None,
        raw: Mapping[str, Any] | None = None,
    ) -> Stage:
        """Add the stage; the options are those of a check. A container build takes name, on, needs, timeout, retries, lock,
        runner, checkout and raw; it builds whenever selected, and publishes only in deliveries.
        """
        containers = [command for command in commands if isinstance(command, ContainerBuild)]
        if not containers:
            stage = self._stage(
                [command for command in commands if not isinstance(command, ContainerBuild)],
                name=name,
                on=on,
                needs=needs,
                variables=variables,
                secrets=secrets,
                image=image,
                setup=setup,
                shell=shell,
                services=services,
                outputs=outputs,
                keep=keep,
                keep_for=keep_for,
                reports=reports,
                cache=cache,
                matrix=matrix,
                timeout=timeout,
                retries=retries,
                allow_failure=allow_failure,
                when=None,
                only_if=only_if,
                lock=lock,
                runner=runner,
                checkout=checkout,
                raw=raw,
            )
            return self._pipeline._register(Stage, stage)
        if len(commands) > 1:
            refuse("PK016", "a container build stands alone in its stage", "put the commands into a stage that it needs")
        given: dict[str, object] = {"variables": variables, "secrets": secrets, "image": image, "setup": setup, "shell": shell}
        given |= {"services": services, "outputs": outputs, "keep": keep, "keep_for": keep_for, "reports": reports, "cache": cache}
        given |= {"matrix": matrix, "allow_failure": allow_failure, "only_if": only_if}
        for option, value in given.items():
            if value not in (None, (), False):
                refuse("PK016", f"a container build takes no {option}=", "its Dockerfile says how it is built")
        p = self._pipeline
        source = here()
        return p._register(
            ImageBuild,
            model.Stage(
                name=_stage_name(name, "build", None),
                kind="build",
                needs=p._needs(needs),
                on=None if on is None else _events(on, "on"),
                container=containers[0]._container,
                timeout=texts.duration(timeout, "timeout") or p._timeout,
                retries=_retries(retries),
                lock=None if lock is None else texts.name(lock, "a lock"),
                runner=_runner(runner, p._runner),
                checkout=_checkout(checkout, p._checkout),
                raw=texts.mapping(raw, "raw"),
                source=source,
            ),
        )


class Delivery(_Kind):
    """migrate, deploy or verify: call it with commands or recipes and its environment."""

    __slots__ = ()

    def __call__(
        self,
        *commands: Command,
        environment: Environment,
        name: str | None = None,
        on: Sequence[Event] | None = None,
        needs: Needs = (),
        variables: Mapping[str, str] | None = None,
        secrets: Sequence[Secret] = (),
        image: str | None = None,
        setup: Commands | None = None,
        shell: Shell | None = None,
        services: Sequence[Service] = (),
        outputs: Texts = (),
        keep: Texts = (),
        keep_for: str | int | None = None,
        reports: Texts = (),
        cache: Cache | Sequence[Cache] | None = None,
        timeout: str | int | None = None,
        retries: int = 0,
        lock: str | None = None,
        runner: Runner | None = None,
        checkout: Checkout | None = None,
        raw: Mapping[str, Any] | None = None,
    ) -> Stage:
        """Add the stage; the options are those of a check. It runs on the deliveries of its environment, sees its variables
        and secrets, and holds its lock together with the environment's other stages.
        """
        if not isinstance(environment, Environment):
            refuse("PK034", f"environment={environment!r} is no Environment", 'Environment("staging")')
        stage = self._stage(
            commands,
            name=name,
            on=on,
            needs=needs,
            environment=environment,
            variables=variables,
            secrets=secrets,
            image=image,
            setup=setup,
            shell=shell,
            services=services,
            outputs=outputs,
            keep=keep,
            keep_for=keep_for,
            reports=reports,
            cache=cache,
            matrix=(),
            timeout=timeout,
            retries=retries,
            allow_failure=False,
            when=None,
            only_if=None,
            lock=lock,
            runner=runner,
            checkout=checkout,
            raw=raw,
        )
        return self._pipeline._register(Stage, stage)


def _stage_name(name: str | None, kind: str, environment: str | None) -> str:
    text = name if name is not None else kind.replace("_", "-") + (f"-{environment}" if environment else "")
    keeper = RESERVED_STAGES.get(texts.name(text, "a stage"))
    if keeper:
        refuse("PK003", f"{text!r} can't name a stage: {keeper} keeps the word", 'give it another name="…"')
    return text


def _branch(text: str) -> str:
    import re

    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_./-]*", texts.plain(text, "trunk")) or ".." in text:
        refuse("PK032", f"trunk={text!r} is no branch", "letters, digits, _ . / and -")
    return text


def _line(text: str) -> str:
    if not texts.plain(text, "the question").strip() or "\n" in text or "\r" in text:
        refuse("PK032", "a gate's question is one line of text")
    if "$" in text:
        refuse("PK014", "a gate's question holds no values", "write it without $")
    return text


def _bundle(commands: Commands) -> Recipe:
    """Commands and recipes as one recipe, in order; each command is checked as text."""
    parts = [commands] if isinstance(commands, str | Recipe) else list(commands)
    recipes = [part for part in parts if isinstance(part, Recipe)]
    images = {recipe.image for recipe in recipes if recipe.image}
    if len(images) > 1:
        refuse("PK016", f"the recipes run in different images: {', '.join(sorted(images))}", "give image=, or two stages")
    lines: list[str] = []
    for part in parts:
        lines += [_command(line) for line in (several(part.commands) if isinstance(part, Recipe) else (part,))]
    if not recipes:
        return Recipe(commands=[line for line in lines if line.strip()])
    return Recipe(
        commands=[line for line in lines if line.strip()],
        setup=[_command(line) for recipe in recipes for line in several(recipe.setup)],
        image=next(iter(images), None),
        variables=dict(_merge(*(texts.variables(recipe.variables, "variables") for recipe in recipes))),
        secrets=[secret for recipe in recipes for secret in each(recipe.secrets, Secret, "secrets")],
        services=[service for recipe in recipes for service in each(recipe.services, Service, "services")],
        outputs=[path for recipe in recipes for path in several(recipe.outputs)],
        reports=[path for recipe in recipes for path in several(recipe.reports)],
        keep=[path for recipe in recipes for path in several(recipe.keep)],
        cache=[cache for recipe in recipes for cache in each(recipe.cache, Cache, "cache")],
        checkout=next((recipe.checkout for recipe in recipes if recipe.checkout), None),
    )


def _at(environment: Environment, command: Command) -> Command:
    """A recipe with `{url}` in its commands turned into the environment's URL."""
    if not isinstance(command, Recipe) or not any("{url}" in line for line in several(command.commands)):
        return command
    url = environment.url.rstrip("/")
    return replace(command, commands=[line.replace("{url}", url) for line in several(command.commands)])


def _command(text: object) -> str:
    if not isinstance(text, str):
        kind = type(text).__name__
        refuse(
            "PK032",
            f"a command is text or a recipe, not {kind}",
            "container builds belong to p.build(…)" if kind == "ContainerBuild" else "",
        )
    if texts.plain(text, "the command").rstrip(" \t").endswith("\\"):
        refuse("PK032", "a command ends in a backslash, which would swallow what comes after it", "put the lines into one command")
    texts.looks_secret(text, "the command")
    return text


def _check_stage(stage: model.Stage) -> None:
    """What can only be said of a whole stage."""
    values = {axis.variable for axis in stage.matrix}
    for command in (*stage.setup, *stage.commands):
        if "${PK_" in command or (values and "$" in command):
            _check_facts(command, values)
    taken: dict[str, str] = dict.fromkeys(values, "a matrix value")
    for pairs, what in ((stage.variables, "a variable"), (tuple((s.name, "") for s in stage.secrets), "a secret")):
        for key, _ in pairs:
            if key in taken:
                refuse("PK011", f"{key} is {taken[key]} and {what} of {stage.name}", "rename one of them", source=stage.source)
            taken[key] = what
    for cache in stage.caches:
        if cache.variable and cache.variable in taken:
            refuse("PK011", f"{cache.variable} is {taken[cache.variable]} and set by a cache of {stage.name}", source=stage.source)
    aliases = [service.alias for service in stage.services]
    if len(set(aliases)) != len(aliases):
        refuse("PK002", f"two services of {stage.name} have one alias", source=stage.source)
    if stage.keep_for and not stage.keep:
        refuse("PK016", "keep_for= says how long, and keep= what: the one needs the other", source=stage.source)
    if stage.is_post and stage.outputs:
        refuse("PK016", f"a stage with when={stage.when!r} hands out no files", source=stage.source)
    if stage.only_if and stage.is_post:
        refuse("PK016", "when= and only_if= exclude each other")


def _check_facts(command: str, values: set[str]) -> None:
    for found in texts.PLACEHOLDER.findall(command):
        if found.startswith("PK_") and found not in FACTS:
            refuse("PK013", f"{found} is no fact", nearest(found, FACTS))
    if "'" in command or "<<" in command or "\\" in command:
        from pipelinekit.text.shell import unexpanded

        for name, _line_number in unexpanded(command, [*FACTS, *values]):
            refuse("PK013", f"the shell will not expand ${{{name}}} in {command.splitlines()[0]!r}", "use double quotes there")


def _alike(image: str, other: str | None) -> bool:
    """Whether two images differ by matrix values alone."""
    import re

    pattern = ".+".join(re.escape(part) for part in texts.PLACEHOLDER.sub("\0", image).split("\0"))
    return other is not None and bool(re.fullmatch(pattern, other))


def _axes(matrix: Matrix | Sequence[Matrix]) -> tuple[model.Axis, ...]:
    axes = tuple(axis._axis for axis in each((matrix,) if isinstance(matrix, Matrix) else matrix, Matrix, "matrix"))
    if len({axis.name for axis in axes}) != len(axes):
        refuse("PK019", "two axes of the matrix have one name")
    return axes


def _caches(cache: Cache | Sequence[Cache]) -> tuple[model.Cache, ...]:
    return tuple(value._cache for value in each((cache,) if isinstance(cache, Cache) else cache, Cache, "cache"))


def _merge(*layers: model.Pairs) -> model.Pairs:
    merged: dict[str, str] = {}
    for layer in layers:
        for key, value in layer:
            if merged.get(key, value) != value:
                refuse(
                    "PK011",
                    f"{key} is set twice, to {merged[key]!r} and {value!r}",
                    "only a stage variable may replace a pipeline variable",
                )
            merged[key] = value
    return tuple(merged.items())


def _unique(*secrets: model.Secret) -> tuple[model.Secret, ...]:
    named: dict[str, model.Secret] = {}
    for secret in secrets:
        if named.setdefault(secret.name, secret) != secret:
            refuse("PK011", f"the secret {secret.name} is named twice, from different keys or in different ways")
    return tuple(named.values())


_Value = TypeVar("_Value")


def _distinct(*values: _Value) -> tuple[_Value, ...]:
    return tuple(dict.fromkeys(values))


def _paths(paths: Sequence[str], what: str, values: set[str], *, globs: bool = False) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts.path(path, what, values, globs=globs) for path in paths))


def _retries(count: int) -> int:
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= 10:
        refuse("PK032", f"retries={count!r} is no number of further attempts", "0 to 10")
    return count


def _when(when: str | None, needs: Needs, outputs: Texts) -> model.When:
    match when:
        case None:
            return "on_success"
        case "on_failure" | "always":
            if needs or outputs:
                refuse("PK016", f"a stage with when={when!r} runs after all others: it has no needs= and no outputs=")
            return "on_failure" if when == "on_failure" else "always"
        case _:
            refuse("PK032", f"when={when!r} is not known", '"on_failure" or "always"')


def _checkout(own: Checkout | None, default: model.Checkout, *recipes: Checkout | None) -> model.Checkout:
    if own is not None:
        return typed(own, Checkout, "checkout")._checkout
    asked = [default, *(recipe._checkout for recipe in recipes if recipe)]
    return model.Checkout(*(any(getattr(each, name) for each in asked) for name in ("history", "tags", "lfs", "submodules")))


def _runner(own: Runner | None, default: model.Runner | None) -> model.Runner | None:
    return default if own is None else typed(own, Runner, "runner")._runner


def _shell(text: str) -> Shell:
    match text:
        case "sh" | "bash":
            return "bash" if text == "bash" else "sh"
        case _:
            refuse("PK032", f"shell={text!r} is not known", '"sh" or "bash"')


def _events(on: Sequence[Event], what: str) -> tuple[model.Event, ...]:
    return tuple(event._event for event in each(on, Event, what))


def _reasons(target: str, reasons: object) -> dict[str, str]:
    if not isinstance(reasons, Mapping):
        refuse("PK032", f"accept[{target!r}] is a dict of features, each with the reason", f'accept={{{target!r}: {{"cache": "…"}}}}')
    for feature, reason in reasons.items():
        if not isinstance(reason, str) or not reason.strip():
            refuse("PK032", f"accept[{target!r}][{feature!r}] needs a reason in words", "why the team can live with it")
    return dict(reasons)
