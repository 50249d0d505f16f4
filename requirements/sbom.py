"""Writes the lists of what this package takes along (CycloneDX 1.6): `python requirements/sbom.py FOLDER`.

They are made from the locks, so they name the packages of every supported Python and system, with the hashes of their
files, and hold neither a time nor a random number: the same locks give the same bytes.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from pipelinekit.version import VERSION

ROOT = Path(__file__).parent.parent
LISTS = {"pipelinekit.cdx.json": "run.lock", "pipelinekit-development.cdx.json": "dev.lock"}


def main(folder: Path) -> None:
    environment = {key: text for key, text in os.environ.items() if key != "SOURCE_DATE_EPOCH"}
    for name, lock in LISTS.items():
        command = ["requirements", "--output-reproducible", "--pyproject", "pyproject.toml", "--mc-type", "application"]
        command += ["--validate", "--output-file", str((folder / name).resolve()), f"requirements/{lock}"]
        quiet = ["-W", "ignore:The Component this BOM is describing"]
        subprocess.run([sys.executable, *quiet, "-m", "cyclonedx_py", *command], cwd=ROOT, env=environment, check=True)
        made = json.loads((folder / name).read_text())
        made["metadata"]["component"]["version"] = VERSION  # read from a file when the wheel is made, which the tool doesn't do
        (folder / name).write_text(json.dumps(made, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
