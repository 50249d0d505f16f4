"""Backends are found through the entry point group `pipelinekit.backends`, ours through the same door as a stranger's."""

import os
import sys
from functools import cache
from importlib import import_module

from pipelinekit.backend.interface import AnyBackend, Backend

GROUP = "pipelinekit.backends"


@cache
def entry_points() -> dict[str, str]:
    """Name and `module:attribute` of each installed backend.

    Reads the `entry_points.txt` of installed distributions itself: importlib.metadata says the same (a test compares them)
    but its import costs more than rendering a pipeline. It is asked when the folders of `sys.path` name no backend,
    as with packages inside a zip file.
    """
    found: dict[str, str] = {}
    for folder in sys.path:
        for text in _entry_point_files(folder):
            for name, value in _group(text).items():
                found.setdefault(name, value)
    if not found:
        from importlib.metadata import entry_points as installed

        found = {point.name: point.value for point in installed(group=GROUP)}
    return dict(sorted(found.items()))


def _entry_point_files(folder: str) -> list[str]:
    try:
        names = [name for name in os.listdir(folder or ".") if name.endswith((".dist-info", ".egg-info"))]
    except OSError:
        return []
    texts = []
    for name in sorted(names):
        try:
            with open(os.path.join(folder, name, "entry_points.txt"), encoding="utf-8") as file:
                texts.append(file.read())
        except OSError:
            continue
    return texts


def _group(text: str) -> dict[str, str]:
    """The entries of our group in an INI text."""
    if f"[{GROUP}]" not in text:
        return {}
    section = text.split(f"[{GROUP}]", 1)[1].split("\n[", 1)[0]
    pairs = (line.split("=", 1) for line in section.splitlines() if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def load(name: str) -> AnyBackend:
    """The backend of that name. Raises KeyError for one that isn't installed, TypeError for a door that leads to none."""
    module, _, attribute = entry_points()[name].partition(":")
    backend = getattr(import_module(module), attribute or "backend")
    if not isinstance(backend, Backend):
        raise TypeError(f"{entry_points()[name]} is no pipelinekit backend")
    return backend
