"""Run all rules."""

from collections.abc import Callable, Iterator

from pipelinekit.check import artifacts, events, graph, images, outsiders, shape, targets, variables
from pipelinekit.diagnostics import Diagnostic
from pipelinekit.model.plan import Plan
from pipelinekit.semantics.selection import Selection, select

Rule = Callable[[Plan, Selection], Iterator[Diagnostic]]

RULES: tuple[Rule, ...] = (
    events.explicit_events_are_wide_enough,
    events.deliveries_stay_on_trunk,
    events.something_runs,
    events.no_two_runs_of_one_event,
    events.images_are_published,
    graph.cells_have_names_of_their_own,
    graph.gates_stand_outside_of_blocks,
    variables.each_is_set_once,
    variables.matrix_values_stay_in_their_stage,
    outsiders.text_stays_text,
    artifacts.cells_write_different_paths,
    images.images_are_locked,
    targets.targets_are_installed,
)


def check(plan: Plan) -> tuple[Diagnostic, ...]:
    """All findings, in the order of the rules. A plan that isn't one (read from JSON) has nothing more to say."""
    broken = (*graph.needs_are_known_and_ordered(plan), *shape.stages_are_whole(plan))
    if broken:
        return broken
    selection = select(plan)
    return tuple(finding for rule in RULES for finding in rule(plan, selection))
