"""Artifacts: each path that somebody asks for is a stash of its own, so that nobody gets more than was asked for."""

from collections.abc import Iterable, Mapping

from pipelinekit.model.plan import Plan, Stage
from pipelinekit_jenkins import escape
from pipelinekit_jenkins.groovy import Call, call, text


def asked(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Per job, the paths that others ask for, in the order of asking."""
    found: dict[str, dict[str, None]] = {}
    for stage in plan.stages:
        for need in stage.needs:
            found.setdefault(need.stage, {}).update(dict.fromkeys(need.paths))
    return {name: tuple(paths) for name, paths in found.items()}


def name(job: str, path: str, paths: tuple[str, ...]) -> str:
    """The job's name where it hands out one path; otherwise with the path behind a blank, which no job's name has."""
    if len(paths) == 1:
        return job
    clashes = [other for other in paths if escape.stash(other) == escape.stash(path)]
    return f"{job} {escape.stash(path)}" + (f" {clashes.index(path)}" if len(clashes) > 1 else "")


def stashes(job: str, paths: tuple[str, ...]) -> tuple[Call, ...]:
    return tuple(_stash(name(job, path, paths), path) for path in paths)


def _stash(name: str, path: str) -> Call:
    return call("stash", name=text(name), includes=text(escape.ant(path)), useDefaultExcludes=False)


def unstashes(stage: Stage, handed: Mapping[str, tuple[str, ...]]) -> tuple[Call, ...]:
    wanted = ((need.stage, path) for need in stage.needs for path in need.paths)
    return tuple(call("unstash", text(name(job, path, handed[job]))) for job, path in dict.fromkeys(wanted))


def kept(stage: Stage) -> tuple[Call, ...]:
    """Reports and kept files, whatever the outcome, and without changing it."""
    return (*_reports(stage.reports), *_archived(stage.keep))


def _reports(paths: Iterable[str]) -> tuple[Call, ...]:
    joined = escape.listed(paths)
    if not joined:
        return ()
    return (call("junit", testResults=text(joined), allowEmptyResults=True, skipMarkingBuildUnstable=True),)


def _archived(paths: Iterable[str]) -> tuple[Call, ...]:
    joined = escape.listed(paths)
    return (call("archiveArtifacts", artifacts=text(joined), allowEmptyArchive=True, defaultExcludes=False),) if joined else ()
