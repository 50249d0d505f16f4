"""`stages:`: the columns of the pipeline's page, by what is in them. The order of jobs comes from `needs` alone."""

from collections.abc import Iterable, Mapping

from pipelinekit.model.plan import Stage
from pipelinekit_gitlab.layout import Layout

POST = ".post"


def parent(layout: Layout, needs: Mapping[str, Iterable[str]]) -> tuple[list[str], dict[str, str]]:
    """The columns of the pipeline itself, and that of each job, given what each job needs: check, build, environments."""
    environments = {environment.name: _column(environment.name) for environment in layout.plan.environments}
    triggers = {layout.trigger(name): environments[name] for name in layout.blocks}
    order = ["check", "build", *_in_order(layout, environments)]
    natural = {name: triggers.get(name) or _natural(layout, layout.stages[name], environments) for name in needs}
    return _places(order, natural, needs)


def child(stages: tuple[Stage, ...]) -> tuple[list[str], dict[str, str]]:
    """The columns of a child pipeline: the kinds of its stages."""
    order = list(dict.fromkeys(stage.kind if stage.environment else _kind(stage) for stage in stages))
    names = {stage.name for stage in stages}
    needs = {stage.name: [need.stage for need in stage.needs if need.stage in names] for stage in stages}
    natural = {stage.name: stage.kind if stage.environment else _kind(stage) for stage in stages}
    return _places([*order], dict(natural), needs)


def _column(environment: str) -> str:
    return f"{environment}-environment" if environment in ("check", "build") else environment


def _kind(stage: Stage) -> str:
    return "build" if stage.kind == "build" else "check"


def _natural(layout: Layout, stage: Stage, environments: Mapping[str, str]) -> str:
    if stage.is_post:
        return POST
    if stage.environment:
        return environments[stage.environment]
    if not stage.is_gate:
        return _kind(stage)
    opened = [s.environment for s in layout.plan.stages if s.environment and any(need.stage == stage.name for need in s.needs)]
    return environments[opened[0]] if opened and opened[0] else "check"


def _in_order(layout: Layout, environments: Mapping[str, str]) -> list[str]:
    """The environments' columns, in the order of their first stages."""
    seen = dict.fromkeys(stage.environment for stage in layout.plan.stages if stage.environment)
    return [environments[name] for name in seen]


def _places(order: list[str], natural: Mapping[str, str], needs: Mapping[str, Iterable[str]]) -> tuple[list[str], dict[str, str]]:
    """Each job in its own column, or, if that is left of something it needs, in the column of that."""
    place = {name: order.index(column) for name, column in natural.items() if column != POST}
    moved = True
    while moved:
        moved = False
        for name, wanted in needs.items():
            least = max((place[other] for other in wanted if other in place), default=0)
            if name in place and place[name] < least:
                place[name], moved = least, True
    used = set(place.values())
    columns = [column for index, column in enumerate(order) if index in used]
    return columns, {name: order[place[name]] if name in place else POST for name in natural}
