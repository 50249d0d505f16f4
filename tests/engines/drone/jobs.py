"""Which step is which job of the plan, and which services it has been waited for: read from the file alone."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.readers import drone

KINDS = ("lint", "test", "data-pull", "step", "build", "migrate", "deploy", "verify")
_READY = re.compile(r"until nc -z (\S+) (\d+);")


class Steps:
    """The steps of a file."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._pipelines = {document["name"]: document for document in drone.read(files) if "steps" in document}

    def job(self, pipeline: str, step: str) -> str | None:
        """The job that a step is, or None for one that the translation adds.

        Jobs have an entrypoint, or are the plugin that builds containers; all other steps have commands. A job whose name is a
        service's of its pipeline has its kind in front of it.
        """
        document = self._pipelines[pipeline]
        found = next((each for each in document["steps"] if each["name"] == step), None)
        if found is None or "commands" in found:
            return None
        services = {each["name"] for each in document.get("services", ())}
        for kind in KINDS:
            if step.startswith(f"{kind}-") and step.removeprefix(f"{kind}-") in services:
                return step.removeprefix(f"{kind}-")
        return step

    def before(self, pipeline: str, step: str) -> str | None:
        """The container build that a step is the first half of: the one before the plugin, which runs no commands of its own."""
        document = self._pipelines[pipeline]
        names = [each["name"] for each in document["steps"] if "settings" in each and each.get("depends_on") == [step]]
        ours = step.endswith(("-secrets", "-context")) and self.job(pipeline, step) is None
        return self.job(pipeline, names[0]) if ours and names else None

    def services(self, pipeline: str, needs: list[str]) -> list[str]:
        """The services, as `alias:port`, of which a step that this one depends on has seen that they answer."""
        document = self._pipelines[pipeline]
        names = {each["name"] for each in document.get("services", ())}
        found: dict[str, None] = {}
        for step in document["steps"]:
            for alias, port in _READY.findall("\n".join(map(str, step.get("commands", ())))):
                if step["name"] in needs and alias in names:
                    found[f"{alias}:{port}"] = None
        return list(found)
