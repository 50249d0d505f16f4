"""The Dockerfiles of container builds: a lock holds what the definition names, not what these do."""

import re
from collections.abc import Iterator

from pipelinekit import files
from pipelinekit.diagnostics import Diagnostic
from pipelinekit.model.plan import Plan, Source

_FROM = re.compile(r"\s*FROM\s+(?:--platform=\S+\s+)?(?P<image>\S+)(?:\s+AS\s+(?P<name>\S+))?\s*", re.IGNORECASE)


def bases_are_pinned(plan: Plan, root: str) -> Iterator[Diagnostic]:
    """Each `FROM` names a digest, nothing at all, or a stage above it. One that an argument decides is the argument's affair.

    `root` is the repository's folder; a Dockerfile that isn't there may be made by the pipeline.
    """
    for path in dict.fromkeys(stage.container.dockerfile for stage in plan.stages if stage.container):
        names = {"scratch"}
        for number, line in enumerate((files.read(root, path) or "").splitlines(), start=1):
            found = _FROM.fullmatch(line)
            if found is None:
                continue
            image = found["image"]
            if "@" not in image and "$" not in image and image.lower() not in names:
                message = f"FROM names an image by a tag that may move: {image}"
                yield Diagnostic("PK039", "warning", message, f"FROM {image}@sha256:…: the lock has no part in it", Source(path, number))
            names.add((found["name"] or "").lower())
