"""What stands in for a container image on a machine that reaches no registry: the files that it would be built from, its wheel installed,
and its command.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from pipelinekit.model import Stage


@dataclass(frozen=True)
class Store:
    """The stand-ins of images, by reference; `gcloud`'s stand-in starts them."""

    folder: Path
    commit: str

    def build(self, stage: Stage, tree: Path) -> str:
        assert stage.container
        (tag, *_) = stage.container.tags
        reference = f"{stage.container.repository}:{tag.replace('${PK_SHA}', self.commit)}"
        # No colon, which would part it in PYTHONPATH.
        place = self.folder / reference.replace("/", "%").replace(":", "@")
        place.mkdir(parents=True)
        lines = (tree / stage.container.dockerfile).read_text("utf-8").splitlines()
        (command,) = (line.removeprefix("CMD ") for line in lines if line.startswith("CMD "))
        wheels = list(map(str, tree.glob("dist/*.whl")))
        install = ["python", "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", str(place / "lib")]
        subprocess.run([*install, *wheels], check=True)
        (place / "image.json").write_text(json.dumps({"command": json.loads(command), "PYTHONPATH": str(place / "lib")}), "utf-8")
        return "not built: no registry is reached, so there is no base image; what is deployed is its command on the same wheel"
