"""Gates: a job that nothing triggers. With a bound, the job before it starts a clock, and the gate looks at it.

Concourse lets a job wait to be started without end. The clock is a time resource: a `put` of it makes a version of the
moment, which the gate gets together with the commit, in a file `epoch` (the resource's README).
"""

from collections.abc import Iterator
from typing import Any

from pipelinekit.text.yaml import Flow
from pipelinekit_concourse import images
from pipelinekit_concourse.layout import Chain, Unit
from pipelinekit_concourse.settings import Settings

Step = dict[str, Any]


def is_bounded(unit: Unit) -> bool:
    return unit.is_gate and unit.stages[0].timeout is not None


def clock(unit: Unit) -> str:
    """The resource, and the job that starts it."""
    return f"{unit.name}-asked"


def resources(chains: tuple[Chain, ...]) -> Iterator[Step]:
    """One clock a gate; it is only ever put, so nothing looks for new versions."""
    names = dict.fromkeys(clock(unit) for chain in chains for unit in chain.units if is_bounded(unit))
    for name in names:
        yield {"name": name, "type": "time", "icon": "timer-outline", "check_every": "never", "source": {"interval": "24h"}}


def start(unit: Unit) -> Step:
    return {"put": clock(unit), "inputs": [], "no_get": True}


def get(unit: Unit, asked: str) -> Step:
    return {"get": clock(unit), "passed": Flow([asked])}


def check(settings: Settings, unit: Unit) -> Step:
    """Fail when the approval comes too late."""
    stage = unit.stages[0]
    script = f'[ $(( $(date +%s) - $(cat {clock(unit)}/epoch) )) -le {stage.timeout} ] || {{ echo "approved too late" >&2; exit 1; }}'
    config: Step = {"platform": "linux", "image_resource": images.resource(settings.tools_image)}
    config |= {"inputs": [{"name": clock(unit)}], "run": {"path": "sh", "args": ["-ec", script]}}
    return {"task": stage.name, "config": config}
