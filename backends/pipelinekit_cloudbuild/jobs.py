"""A job becomes one step: what it needs is laid into a tree of its own, its commands run, what others ask for is handed over."""

from pipelinekit.model.plan import Stage
from pipelinekit.text import script
from pipelinekit.text.shell import quote
from pipelinekit_cloudbuild import artifacts, caches, checkout, containers, facts, secrets
from pipelinekit_cloudbuild.build import Build
from pipelinekit_cloudbuild.escape import filled, fits, literal, mentioned
from pipelinekit_cloudbuild.steps import Step, tree


def job(build: Build, stage: Stage) -> list[Step]:
    """The step of a job; a container build that docker's arguments say whole has a second one, which pushes."""
    if stage.container and containers.is_plain(stage, build.publishes):
        push = build.helper(f"{stage.name}-push")
        found = list(containers.plain(stage.name, push, stage, build.settings.docker_image, build.publishes))
        for each in found:
            each.allow_failure = stage.allow_failure
        return found
    step = _container(build, stage) if stage.container else _commands(build, stage)
    step.allow_failure = stage.allow_failure
    step.timeout = None if stage.retries else stage.timeout
    return [step]


def _commands(build: Build, stage: Stage) -> Step:
    env, exported = _environment(build, stage)
    first = [checkout.unless_changed(stage)] if build.is_guarded(stage) else []
    first += [*secrets.lines(stage.secrets, build.aliases), *checkout.read_facts(facts.by_git(stage)), *exported]
    own = [
        *(tree() if build.copies(stage) else []),
        *_laid_over(build, stage),
        *(caches.before(stage, build.caches) if build.caches else []),
        *(script.wait_for(service) for service in stage.services),
        *script.commands(stage, _after(build, stage)),
    ]
    return Step(
        stage.name,
        filled(stage.image or ""),
        script=_script(stage, first, own),
        env=env,
        secrets=[build.aliases[secret.stored] for secret in stage.secrets],
        volumes=_volumes(build, stage),
    )


def _container(build: Build, stage: Stage) -> Step:
    laid_over = _laid_over(build, stage)
    first = containers.sign_in(stage, build.aliases) if build.publishes else []
    own = [*(tree() if laid_over else []), *laid_over, *containers.lines(stage, build.publishes)]
    return Step(
        stage.name,
        build.settings.docker_image,
        script=_script(stage, first, own),
        env=mentioned([*containers.words(containers.of(stage)), *containers.of(stage).refs]),
        secrets=[build.aliases[secret.stored] for secret in secrets.of(stage)] if build.publishes else [],
        volumes=_volumes(build, stage),
    )


def _environment(build: Build, stage: Stage) -> tuple[dict[str, str], list[str]]:
    """The step's env entries, and the export lines of values that no entry can hold."""
    env: dict[str, str] = {}
    exported: list[str] = []
    own = {**dict(build.own_variables), **dict(stage.variables)}
    for name, value in own.items():
        if fits(name, value):
            env[name] = literal(value)
        else:
            exported.append(f"export {name}={quote(value)}")
    if build.caches:
        env |= caches.variables(stage, build.caches)
    return {**inputs(build), **env, **facts.of_stage(stage, build.facts)}, exported


def inputs(build: Build) -> dict[str, str]:
    """The env entries of what a person typed."""
    return {value.variable: f"${{_{value.variable}}}" for value in build.event.inputs}


def _laid_over(build: Build, stage: Stage) -> list[str]:
    return [line for job, paths in build.asked(stage).items() for line in artifacts.lay_over(job, paths)]


def _after(build: Build, stage: Stage) -> list[str]:
    handed, kept = build.handed_over(stage), build.kept(stage)
    return [
        *(artifacts.hand_over(stage.name, handed) if handed else []),
        *(artifacts.keep(stage.name, kept) if kept else []),
        *(caches.after(stage, build.caches) if build.saves else []),
    ]


def _volumes(build: Build, stage: Stage) -> dict[str, str]:
    used = (
        (artifacts.VOLUME, build.asked(stage) or build.handed_over(stage)),
        (artifacts.KEPT, build.kept(stage)),
        (caches.VOLUME, build.caches and stage.caches),
        (checkout.CHANGED, build.is_guarded(stage)),
        (checkout.FACTS, facts.by_git(stage)),
    )
    return {name: path for volume, is_used in used if is_used for name, path in volume.items()}


def _script(stage: Stage, first: list[str], own: list[str]) -> str:
    shebang = ["#!/usr/bin/env bash", "set -eo pipefail"] if stage.shell == "bash" else ["#!/bin/sh", "set -e"]
    return script.joined([*shebang, *first, *(_attempts(stage, own) if stage.retries else own)])


def _attempts(stage: Stage, own: list[str]) -> list[str]:
    """Each attempt is a process and a tree of its own, written to a file so that its bytes stay as they are."""
    mark = "ATTEMPT"
    while any(mark in line for line in own):
        mark += "_"
    shell = "bash -eo pipefail" if stage.shell == "bash" else "sh -e"
    bound = f"timeout {stage.timeout} " if stage.timeout else ""
    return [
        f"cat >/tmp/attempt <<'{mark}'",
        *own,
        mark,
        "PK_ATTEMPT=1",
        f"until {bound}{shell} /tmp/attempt; do",
        f'  [ "$PK_ATTEMPT" -le {stage.retries} ] || exit 1',
        "  PK_ATTEMPT=$((PK_ATTEMPT + 1))",
        "done",
    ]
