"""A night: `APP_ENV=production python -m scores.nightly`."""

import datetime as dt
import json
import shutil
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

import jupytext
import papermill
from frictionless import Resource, Schema

from scores import config

NOTEBOOK = files("scores").joinpath("notebooks/score.py")
SCHEMA = files("scores").joinpath("schema.json")


def problems(scores: Path) -> list[str]:
    """What is wrong with a night's scores, by the schema."""
    schema = Schema.from_descriptor(json.loads(SCHEMA.read_text(encoding="utf-8")))
    report = Resource(scores.name, basepath=str(scores.parent), schema=schema).validate()
    return [str(message) for [message] in report.flatten(["message"])]


def run(settings: config.Settings, day: dt.date) -> list[str]:
    """Run the notebook, look at what it made, and make that the newest; return what is wrong with it.

    The notebook with its outputs is left beside the scores also when a cell fails, which raises
    papermill's PapermillExecutionError. What is wrong never becomes the newest.
    """
    folder = settings.folder / day.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    parameters = {"run_date": day.isoformat(), "patients": settings.patients, "folder": str(folder.resolve())}
    with tempfile.TemporaryDirectory() as name:
        notebook = Path(name, "score.ipynb")
        jupytext.write(jupytext.reads(NOTEBOOK.read_text(encoding="utf-8"), fmt="py:percent"), notebook)
        papermill.execute_notebook(notebook, folder / "score.ipynb", parameters, progress_bar=False)
    found = problems(folder / "scores.csv")
    if not found:
        shutil.copyfile(folder / "scores.csv", settings.folder / "newest.csv")
    return found


if __name__ == "__main__":
    sys.exit("\n".join(run(config.load(), dt.datetime.now(dt.UTC).date())) or None)
