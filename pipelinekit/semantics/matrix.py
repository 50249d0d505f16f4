"""A matrix becomes a stage per cell; needing the stage becomes needing each of its cells."""

from collections.abc import Collection, Iterator
from itertools import product

from pipelinekit.model.plan import Cache, Need, Pairs, Plan, Stage
from pipelinekit.model.value import replace


def unroll(plan: Plan, names: Collection[str] | None = None) -> Plan:
    """The plan without matrices, or without those of the stages `names`: `test` over python 3.11 and 3.12 becomes `test-3.11`
    and `test-3.12`.
    """
    cells = {stage.name: cells_of(stage) for stage in plan.stages if stage.matrix and (names is None or stage.name in names)}
    if not cells:
        return plan
    stages = (unrolled for stage in plan.stages for unrolled in _stages(stage, cells))
    return replace(plan, stages=tuple(stages))


def cells_of(stage: Stage) -> tuple[Pairs, ...]:
    """The cells of a stage's matrix, as (axis, value) pairs; of a stage without one, the single empty cell."""
    return tuple(
        tuple(zip((axis.name for axis in stage.matrix), values, strict=True)) for values in product(*(axis.values for axis in stage.matrix))
    )


def cell_name(name: str, cell: Pairs) -> str:
    return "-".join((name, *(value for _, value in cell)))


def _stages(stage: Stage, cells: dict[str, tuple[Pairs, ...]]) -> Iterator[Stage]:
    needs = tuple(_needs(stage, cells))
    if stage.name not in cells:
        yield stage if needs == stage.needs else replace(stage, needs=needs)
        return
    for cell in cells[stage.name]:
        yield _cell(replace(stage, needs=needs), cell)


def _needs(stage: Stage, cells: dict[str, tuple[Pairs, ...]]) -> Iterator[Need]:
    """Needing one cell's files is still needing all cells; a cell that is asked twice is needed once."""
    asked: dict[tuple[str, Pairs], dict[str, None]] = {}
    for need in stage.needs:
        if need.stage not in cells:
            asked.setdefault((need.stage, need.cell), {}).update(dict.fromkeys(need.paths))
        for cell in cells.get(need.stage, ()):
            wanted = not need.cell or need.cell == cell
            paths = [fill(path, cell) for path in need.paths] if wanted else []
            asked.setdefault((cell_name(need.stage, cell), ()), {}).update(dict.fromkeys(paths))
    return (Need(name, tuple(paths), cell) for (name, cell), paths in asked.items())


def _cell(stage: Stage, cell: Pairs) -> Stage:
    return replace(
        stage,
        name=cell_name(stage.name, cell),
        of=stage.name,
        cell=cell,
        matrix=(),
        image=None if stage.image is None else fill(stage.image, cell),
        outputs=tuple(fill(path, cell) for path in stage.outputs),
        reports=tuple(fill(path, cell) for path in stage.reports),
        keep=tuple(fill(path, cell) for path in stage.keep),
        caches=tuple(Cache(tuple(fill(path, cell) for path in c.paths), c.key_files, c.variable) for c in stage.caches),
        variables=(*stage.variables, *((name.upper(), value) for name, value in cell)),
    )


def fill(text: str, cell: Pairs) -> str:
    """The text with the cell's values in place of `${AXIS}`."""
    if "$" in text:
        for name, value in cell:
            text = text.replace(f"${{{name.upper()}}}", value)
    return text
