"""The steps of a build, each behind all that it waits for: what opens the build, what jobs find ready, the jobs, the gates."""

from pipelinekit.model.plan import Stage
from pipelinekit.semantics.selection import block
from pipelinekit.text.shell import quote
from pipelinekit_cloudbuild import artifacts, caches, checkout, facts, gates, locks, services
from pipelinekit_cloudbuild.build import Build, required
from pipelinekit_cloudbuild.jobs import inputs, job
from pipelinekit_cloudbuild.steps import Step, sh


def steps(build: Build, triggers: dict[str, str]) -> list[Step]:
    """All steps. `triggers` name the trigger behind each gate that this build asks at."""
    return _Steps(build, triggers).all()


class _Steps:
    """Collects the steps. `door` is the step that all others stand behind; `turns` the last job that had a lock or an alias."""

    def __init__(self, build: Build, triggers: dict[str, str]) -> None:
        self.build = build
        self.triggers = triggers
        self.steps: list[Step] = []
        self.door: str | None = None
        self.turns: dict[str, str] = {}
        self.before: dict[str, list[str]] = {}
        self.locks: set[str] = set()

    def all(self) -> list[Step]:
        for step in self.doors():
            self.add(step)
            self.door = step.id
        self.prepare()
        for stage in self.build.plan.stages:
            self.stage(stage)
        self.ask()
        self.save()
        return _reduced(self.steps)

    def add(self, step: Step, *after: str) -> None:
        step.after = list(dict.fromkeys((*after, *step.after))) or ([self.door] if self.door else [])
        self.steps.append(step)

    def doors(self) -> list[Step]:
        """What everything else waits for."""
        build, settings = self.build, self.build.settings
        found: list[Step | None] = []
        gate = build.part.gate
        if gate:
            found.append(gates.approved(build.helper("approved"), gate, _before(build), self.demanded(gate.name), settings.gcloud_image))
        if build.event.kind == "pull_request" and not build.event.forks:
            found.append(checkout.same_repository(build.helper("same-repository"), settings.docker_image))
        if any(value.choices for value in build.event.inputs):
            found.append(self.choices())
        found.append(checkout.complete(build.helper("checkout"), build.plan.stages, settings.git_image))
        return [step for step in found if step]

    def demanded(self, gate: str) -> list[str]:
        """The steps of the build before that must have passed: its own door, and all that this build or one behind it needs.
        One that may fail is not asked.
        """
        run = self.build.run
        above = run.opened[gate]
        stages = [run.parts[above].plan.stage(name) for name in required(run, above, gate)]
        door = [self.build.helper("approved")] if above else []
        return [*door, *(self.build.last_of(stage) for stage in stages if not stage.allow_failure)]

    def choices(self) -> Step:
        """Refuse inputs that are none of their choices."""
        lines = []
        for value in self.build.event.inputs:
            if value.choices:
                words = " | ".join(quote(choice) for choice in value.choices)
                lines += [
                    f'case "${value.variable}" in',
                    f"  {words}) ;;",
                    f"  *) echo '{value.name} is none of its choices' >&2; exit 1 ;;",
                    "esac",
                ]
        return Step(self.build.helper("inputs"), self.build.settings.docker_image, script=sh(*lines), env=inputs(self.build))

    def prepare(self) -> None:
        """What some jobs wait for: files of earlier builds, caches, facts of git, the changed files."""
        build, settings = self.build, self.build.settings
        stages = build.plan.stages
        pipeline = build.run.plan.name
        imported = list(dict.fromkeys(need.stage for need in build.part.imports))
        if imported and settings.bucket:
            users = [stage for stage in stages if set(imported) & set(build.asked(stage))]
            step = artifacts.download(build.helper("artifacts"), imported, settings.gcloud_image, settings.bucket, pipeline, _run_id(build))
            self.prepared(step, users)
        if build.caches and settings.bucket:
            step = caches.restore(build.helper("restore-caches"), build.caches, settings.gcloud_image, settings.bucket, pipeline)
            self.prepared(step, [stage for stage in stages if stage.caches])
        named = [stage for stage in stages if facts.by_git(stage)]
        if named:
            self.prepared(checkout.facts(build.helper("facts"), settings.git_image), named)
        guarded = [stage for stage in stages if build.is_guarded(stage)]
        if guarded:
            different = list({stage.origin: stage for stage in guarded}.values())
            self.prepared(checkout.changed(build.helper("changed"), different, settings.git_image, build.plan.trunk), guarded)

    def prepared(self, step: Step, users: list[Stage]) -> None:
        self.add(step)
        for stage in users:
            self.before.setdefault(stage.name, []).append(step.id)

    def stage(self, stage: Stage) -> None:
        """A job's steps: locks first, then its services, itself, and the copies of its files."""
        build = self.build
        needs = [build.last(need.stage) for need in stage.needs]
        after = [*needs, *self.before.get(stage.name, ()), *self.locked(stage, needs), *self.served(stage)]
        if stage.services:
            reused = {service.alias for service in stage.services if f"service {service.alias}" in self.turns}
            start = services.start(build.helper(f"{stage.name}-services"), stage, build.settings.docker_image, reused)
            start.allow_failure = stage.allow_failure
            self.add(start, *after)
            after = [start.id]
        own = job(build, stage)
        own[0].raw = stage.raw.get("cloudbuild") or {}
        self.add(own[0], *after)
        self.steps += own[1:]
        for turn in _turns(stage):
            self.turns[turn] = own[-1].id
        self.upload(stage)

    def served(self, stage: Stage) -> list[str]:
        """The jobs before this one that had the same lock or the same alias: they go in turn."""
        return [self.turns[turn] for turn in _turns(stage) if turn in self.turns]

    def locked(self, stage: Stage, needs: list[str]) -> list[str]:
        """The steps that take the stage's locks, made before the first job that needs them."""
        build, image = self.build, self.build.settings.gcloud_image
        found: list[str] = []
        for name in _environments(build, stage):
            step_id = build.helper(f"lock-{name}")
            if step_id not in self.locks:
                self.locks.add(step_id)
                self.add(locks.environment(step_id, build.plan.environment(name), build.run.plan.name, build.plan.trunk, image), *needs)
            found.append(step_id)
        if stage.lock and f"lock {stage.lock}" not in self.turns:
            step_id = build.helper(f"lock-{stage.lock}", {f"lock-{environment.name}" for environment in build.plan.environments})
            self.add(locks.lock(step_id, locks.lock_tag(stage.lock), image), *needs)
            found.append(step_id)
        return found

    def upload(self, stage: Stage) -> None:
        """Copies of a job's files outside of the build."""
        build, settings = self.build, self.build.settings
        pipeline = build.run.plan.name
        if settings.bucket and stage.name in build.exported:
            self.add(
                artifacts.upload(
                    build.helper(f"{stage.name}-upload"), stage.name, settings.gcloud_image, settings.bucket, pipeline, _run_id(build)
                )
            )
        if build.kept(stage):
            prefix = artifacts.kept_prefix(pipeline, stage.keep_for)
            assert settings.bucket
            self.add(artifacts.upload_kept(build.helper(f"{stage.name}-keep"), stage.name, settings.gcloud_image, settings.bucket, prefix))

    def ask(self) -> None:
        """The gates that are asked in this build, each when all that lies behind it has passed its part here."""
        build, run = self.build, self.build.run
        here = build.part.gate.name if build.part.gate else None
        for name, part in run.parts.items():
            if name is None or part.gate is None or run.opened[name] != here:
                continue
            after = [build.last(stage) for stage in required(run, here, name)]
            later = [part, *run.behind(name)]
            imported = {need.stage for each in later for need in each.imports}
            after += [build.helper(f"{stage}-upload") for stage in build.exported if stage in imported]
            typed = [value.variable for value in run.event.inputs]
            self.add(gates.ask(part.gate, self.triggers[name], build.settings.gcloud_image, self.handed_over(name), typed), *after)

    def handed_over(self, gate: str) -> dict[str, str]:
        """The substitutions that the build behind a gate is given."""
        build, run = self.build, self.build.run
        values = {facts.RUN: _run_id(build)}
        if build.behind_gate:
            values["_PK_BEFORE"] = "${BUILD_ID}"
        for part in (run.parts[gate], *run.behind(gate)):
            for name, text in facts.handed_over(run.event, run.plan.trunk, part.plan).items():
                values[f"_{name}"] = f"${{_{name}}}" if build.behind_gate else text
        for value in run.event.inputs:
            values[f"_{value.variable}"] = f"${{_{value.variable}}}"
        return values

    def save(self) -> None:
        """Caches are saved when the jobs that fill them have ended."""
        build, settings = self.build, self.build.settings
        if build.saves and settings.bucket:
            users = [stage.name for stage in build.plan.stages if stage.caches]
            self.add(
                caches.save(build.helper("save-caches"), build.caches, users, settings.gcloud_image, settings.bucket, build.run.plan.name)
            )


def _turns(stage: Stage) -> list[str]:
    """The things that a build has once, which a job uses."""
    return [*([f"lock {stage.lock}"] if stage.lock else []), *(f"service {service.alias}" for service in stage.services)]


def _environments(build: Build, stage: Stage) -> list[str]:
    """The environments whose block a stage is in."""
    return [e.name for e in build.plan.environments if any(other.name == stage.name for other in block(build.plan, e.name))]


def _run_id(build: Build) -> str:
    """The id of the run's first build."""
    return f"${{{facts.RUN}}}" if build.behind_gate else "${BUILD_ID}"


def _before(build: Build) -> str:
    """The substitution with the id of the build that asked."""
    gate = build.part.gate
    assert gate is not None
    return facts.RUN if build.run.opened[gate.name] is None else "_PK_BEFORE"


def _reduced(steps: list[Step]) -> list[Step]:
    """Take out of each waitFor what another of its steps waits for already."""
    behind: dict[str, set[str]] = {}
    for step in steps:
        further = {name for other in step.after for name in behind[other]}
        step.after = [name for name in step.after if name not in further]
        behind[step.id] = further | set(step.after)
    return steps
