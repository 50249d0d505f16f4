"""The worker: Drone chooses one for a whole pipeline, by platform and by labels that must equal the runner's."""

from typing import Any

from pipelinekit.model.plan import Stage
from pipelinekit.text.yaml import Quoted
from pipelinekit_drone.layout import Document


def place(document: Document) -> dict[str, Any]:
    """`platform` and `node`: all that any of the pipeline's stages asks for."""
    found: dict[str, Any] = {}
    chosen = architectures(document.stages)
    if chosen:
        found["platform"] = {"os": "linux", "arch": chosen[0]}
    labels = dict.fromkeys(label for stage in document.stages if stage.runner for label in stage.runner.labels)
    if labels:
        found["node"] = dict(_label(label) for label in labels)
    return found


def architectures(stages: tuple[Stage, ...]) -> list[str]:
    return list(dict.fromkeys(stage.runner.arch for stage in stages if stage.runner and stage.runner.arch))


def _label(label: str) -> tuple[str, str]:
    """`gpu` is the runner's label `gpu:true`, `machine:large` that of its words."""
    key, _, value = label.partition(":")
    return key, Quoted(value or "true")
