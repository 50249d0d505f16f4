"""Where the text of outsiders flows: which stages see what people beyond the repository's own have chosen."""

import re

from pipelinekit.model.features import facts
from pipelinekit.model.names import OUTSIDERS
from pipelinekit.model.plan import Plan, Stage
from pipelinekit.semantics.selection import Selection


def inputs(stage: Stage, selection: Selection) -> frozenset[str]:
    """The variables that whoever starts a manual run fills with any text; where there are choices, one of these arrives."""
    return frozenset(given.variable for event in selection.runs(stage) for given in event.inputs if not given.choices)


def flows(plan: Plan, selection: Selection) -> dict[str, tuple[str, ...]]:
    """The variables with outsiders' text that each stage's commands mention, of the stages that mention any."""
    found: dict[str, tuple[str, ...]] = {}
    for stage in plan.stages:
        own = inputs(stage, selection)
        text = "\n".join((*stage.setup, *stage.commands)) if own else ""
        names = (*(name for name in facts(stage) if name in OUTSIDERS), *(n for n in sorted(own) if re.search(rf"\b{n}\b", text)))
        if names:
            found[stage.name] = names
    return found
