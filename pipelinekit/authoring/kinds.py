"""The kinds: what `p.lint`, `p.build`, `p.deploy` … are, with every option spelled out, so that completion shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

from pipelinekit.authoring import options, texts
from pipelinekit.authoring.options import Command, Commands, Needs, Shell, Texts
from pipelinekit.authoring.recipe import ContainerBuild
from pipelinekit.authoring.refuse import each, here, refuse, typed
from pipelinekit.authoring.stage import ImageBuild, Stage
from pipelinekit.authoring.values import Cache, Changed, Checkout, Environment, Event, Matrix, Runner, Secret, Service, several
from pipelinekit.model import plan as model

if TYPE_CHECKING:
    from pipelinekit.authoring.pipeline import Pipeline


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
        bundle = options.bundle([options.at(environment, command) for command in commands] if environment else commands)
        axes = options.axes(matrix)
        values = {axis.variable for axis in axes}
        chosen = image or bundle.image
        own_image = p._image if chosen is None else texts.image(chosen, "image", values)
        at_home = own_image is not None and (own_image == p._image or options.alike(own_image, p._image))
        if own_image is None:
            refuse("PK008", "this stage has no image", 'give image="…" to it or to the Pipeline')
        prepared = options.bundle(setup) if setup is not None else p._setup if at_home else options.bundle(())
        parts = (bundle, prepared)
        if not bundle.commands:
            refuse("PK007", f"this {self._kind} has no command", "give it at least one")
        kept = [*(p._caches if at_home else ()), *(c for b in parts for c in options.caches(b.cache))]
        caches = kept if cache is None else options.caches(cache)
        own_environment = environment._environment.name if environment else None
        stage = model.Stage(
            name=options.stage_name(name, self._kind, own_environment),
            kind=self._kind,
            needs=p._needs(needs),
            on=None if on is None else options.events(on, "on"),
            environment=own_environment,
            image=own_image,
            shell=p._shell if shell is None else options.shell(shell),
            setup=(*bundle.setup, *prepared.setup, *prepared.commands),
            commands=tuple(bundle.commands),
            variables=options.merge(
                environment._variables if environment else (),
                *(texts.variables(b.variables, "variables") for b in parts),
                texts.variables(variables, "variables"),
            ),
            secrets=options.unique(
                *(environment._secrets if environment else ()),
                *(secret._secret for b in parts for secret in b.secrets),
                *(secret._secret for secret in each(secrets, Secret, "secrets")),
            ),
            services=options.distinct(
                *(s._service for b in parts for s in b.services), *(s._service for s in each(services, Service, "services"))
            ),
            outputs=options.paths((*bundle.outputs, *several(outputs)), "output", values),
            reports=options.paths((*bundle.reports, *several(reports)), "report", values, globs=True),
            keep=options.paths((*bundle.keep, *several(keep)), "keep", values, globs=True),
            keep_for=texts.duration(keep_for, "keep_for"),
            caches=tuple(dict.fromkeys(caches)),
            matrix=axes,
            timeout=texts.duration(timeout, "timeout") or p._timeout,
            retries=options.retries(retries),
            allow_failure=bool(allow_failure),
            when=options.when(when, needs, outputs),
            only_if=typed(only_if, Changed, "only_if").globs if only_if else (),
            lock=None if lock is None else texts.name(lock, "a lock"),
            runner=options.runner(runner, p._runner),
            checkout=options.checkout(checkout, p._checkout, *(b.checkout for b in parts)),
            raw=texts.mapping(raw, "raw"),
            source=source,
        )
        options.check_stage(stage)
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
                name=options.stage_name(name, "build", None),
                kind="build",
                needs=p._needs(needs),
                on=None if on is None else options.events(on, "on"),
                container=containers[0]._container,
                timeout=texts.duration(timeout, "timeout") or p._timeout,
                retries=options.retries(retries),
                lock=None if lock is None else texts.name(lock, "a lock"),
                runner=options.runner(runner, p._runner),
                checkout=options.checkout(checkout, p._checkout),
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
