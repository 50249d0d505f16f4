"""Artifacts: each path that somebody asks for is a stash of its own, so that nobody gets more than was asked for."""

import re
from collections.abc import Iterable, Mapping

from pipelinekit.model.plan import Plan, Stage
from pipelinekit_jenkins.groovy import Call, call, text


def asked(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Per job, the paths that others ask for, in the order of asking."""
    found: dict[str, dict[str, None]] = {}
    for stage in plan.stages:
        for need in stage.needs:
            found.setdefault(need.stage, {}).update(dict.fromkeys(need.paths))
    return {name: tuple(paths) for name, paths in found.items()}


def name(job: str, path: str, paths: tuple[str, ...]) -> str:
    """The job's name where it hands out one path; otherwise with the path, in letters that Jenkins takes."""
    if len(paths) == 1:
        return job
    plain = re.sub(r"\$\{PK_(SHA|SHORT_SHA)\}", "commit", path).rstrip("/").replace("/", "-")
    clashes = [other for other in paths if other.rstrip("/").replace("/", "-") == plain]
    return f"{job}-{plain}" + (f"-{clashes.index(path)}" if len(clashes) > 1 else "")


def pattern(path: str) -> str:
    """What Ant calls a path or a folder's files."""
    return f"{path}**" if path.endswith("/") else path


def stashes(job: str, paths: tuple[str, ...]) -> tuple[Call, ...]:
    return tuple(call("stash", name=text(name(job, path, paths)), includes=text(pattern(path)), useDefaultExcludes=False) for path in paths)


def unstashes(stage: Stage, handed: Mapping[str, tuple[str, ...]]) -> tuple[Call, ...]:
    wanted = ((need.stage, path) for need in stage.needs for path in need.paths)
    return tuple(call("unstash", text(name(job, path, handed[job]))) for job, path in dict.fromkeys(wanted))


def kept(stage: Stage) -> tuple[Call, ...]:
    """Reports and kept files, whatever the outcome, and without changing it."""
    return (*_reports(stage.reports), *_archived(stage.keep))


def _reports(paths: Iterable[str]) -> tuple[Call, ...]:
    joined = ", ".join(pattern(path) for path in paths)
    if not joined:
        return ()
    return (call("junit", testResults=text(joined), allowEmptyResults=True, skipMarkingBuildUnstable=True),)


def _archived(paths: Iterable[str]) -> tuple[Call, ...]:
    joined = ", ".join(pattern(path) for path in paths)
    return (call("archiveArtifacts", artifacts=text(joined), allowEmptyArchive=True, defaultExcludes=False),) if joined else ()
