"""A bucket between jobs: what a stage hands over becomes a version, and `passed` keeps it together with its commit."""

from typing import Any

from pipelinekit.backend import Request
from pipelinekit.model.plan import Stage
from pipelinekit_concourse import facts, images
from pipelinekit_concourse.escape import variable
from pipelinekit_concourse.layout import Chain, Unit, chains
from pipelinekit_concourse.place import REPO, Place, artifact, identifier, place, sources
from pipelinekit_concourse.settings import Settings

Step = dict[str, Any]


def carried(chain_place: Place, unit: Unit) -> tuple[Stage, ...]:
    """The tasks of a job whose files another job takes."""
    if not chain_place.settings.bucket:
        return ()
    own = {stage.name for stage in unit.stages}
    wanted = {source for origin, cells in chain_place.cells.items() if origin not in own for cell in cells for source, _ in sources(cell)}
    return tuple(cell for stage in unit.stages for cell in chain_place.cells[stage.name] if cell.name in wanted)


def taken(chain_place: Place, unit: Unit) -> dict[str, str]:
    """What a job takes from others: the task that made it, and the job of that task."""
    if not chain_place.settings.bucket:
        return {}
    own = {stage.name for stage in unit.stages}
    wanted = [source for stage in unit.stages for cell in chain_place.cells[stage.name] for source, _ in sources(cell)]
    makers = {cell.name: (origin, cell) for origin, cells in chain_place.cells.items() for cell in cells}
    return {name: makers[name][0] for name in dict.fromkeys(wanted) if makers[name][0] not in own}


def names(request: Request[Settings]) -> tuple[str, ...]:
    """The tasks of all chains whose files travel."""
    found: dict[str, None] = {}
    for chain in chains(request):
        found.update(dict.fromkeys(_names(request, chain)))
    return tuple(found)


def _names(request: Request[Settings], chain: Chain) -> list[str]:
    chain_place = place(request, chain)
    return [cell.name for unit in chain.units for cell in carried(chain_place, unit)]


def resource_name(name: str) -> str:
    return f"{identifier(name)}-files"


def resource(request: Request[Settings], name: str) -> Step:
    """Archives named by time and commit, so that each run has its own; they are only ever put, so nothing looks for new ones."""
    settings = request.settings
    source = {"bucket": settings.bucket, "regexp": f"{request.plan.name}/{name}/files-(\\d+)-[0-9a-f]+[.]tgz"}
    source |= {"region_name": settings.region} if settings.region else {}
    source |= {"endpoint": settings.endpoint} if settings.endpoint else {}
    source |= {"access_key_id": variable(settings.bucket_key), "secret_access_key": variable(settings.bucket_secret)}
    return {"name": resource_name(name), "type": "s3", "icon": "package", "check_every": "never", "source": source}


def steps(chain_place: Place, unit: Unit) -> list[Step]:
    """Pack and put the files of each task that another job takes."""
    return [step for cell in carried(chain_place, unit) for step in _steps(chain_place, cell.name)]


def _steps(chain_place: Place, name: str) -> list[Step]:
    made, packed = artifact(name), f"{identifier(name)}-packed"
    file = f"{REPO}/{facts.commit_file(chain_place.event)}"
    script = f'tar -czf "{packed}/files-$(date +%s)-$(cat {file}).tgz" -C {made} .'
    config: Step = {"platform": "linux", "image_resource": images.resource(chain_place.settings.tools_image)}
    config |= {"inputs": [{"name": REPO}, {"name": made}], "outputs": [{"name": packed}]}
    config["run"] = {"path": "sh", "args": ["-ec", script]}
    put = {"put": resource_name(name), "inputs": [packed], "params": {"file": f"{packed}/files-*.tgz"}, "no_get": True}
    return [{"task": f"pack-{identifier(name)}", "config": config}, put]
