"""Files that a job hands on, keeps or shows."""

from typing import Any

from pipelinekit.model.plan import Need, Stage
from pipelinekit.semantics.matrix import fill
from pipelinekit_gitlab.facts import spelled
from pipelinekit_gitlab.layout import Layout
from pipelinekit_gitlab.times import period


def handed_out(layout: Layout, stage: Stage) -> tuple[str, ...]:
    """What the server keeps of a job's tree: the outputs that somebody asks for, and what is kept after the run."""
    wanted = [path for path in stage.outputs if any(_covers(path, need) for need in layout.asked[stage.name])]
    return tuple(dict.fromkeys([*wanted, *stage.keep]))


def _covers(output: str, need: Need) -> bool:
    """Whether an output is, or holds, a file that is asked for."""
    return any(
        path == own or (own.endswith("/") and path.startswith(own)) for path in need.paths for own in {output, fill(output, need.cell)}
    )


def shows_more(layout: Layout, stage: Stage) -> bool:
    """Whether a job gets files that it didn't ask for: GitLab hands over all that a job keeps, or nothing."""
    asked: dict[str, set[str]] = {}
    for need in stage.needs:
        if need.paths:
            asked.setdefault(need.stage, set()).update(need.paths)
            if need.cell:
                asked[need.stage].update(path for path in layout.stages[need.stage].outputs if fill(path, need.cell) in need.paths)
    return any(set(handed_out(layout, layout.stages[name])) - paths for name, paths in asked.items())


def block(layout: Layout, stage: Stage) -> dict[str, Any] | None:
    """`artifacts:` of a job."""
    paths = [spelled(path) for path in handed_out(layout, stage)]
    found: dict[str, Any] = {}
    if stage.keep or stage.reports:
        found["when"] = "always"
    if paths:
        found["paths"] = paths
    if stage.keep and stage.keep_for:
        found["expire_in"] = period(stage.keep_for)
    if stage.reports:
        reports = [spelled(f"{path}**/*.xml" if path.endswith("/") else path) for path in stage.reports]
        found["reports"] = {"junit": reports[0] if len(reports) == 1 else reports}
    return found or None
