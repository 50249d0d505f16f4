"""Handles: what a kind returns, to be needed by later stages."""

from __future__ import annotations

from typing import NoReturn

from pipelinekit.authoring import texts
from pipelinekit.authoring.refuse import refuse
from pipelinekit.diagnostics import nearest
from pipelinekit.model import plan as model


class Stage:
    """A stage of a pipeline. `stage` in needs= means order; `stage["dist/"]` its files, and the order with them."""

    __slots__ = ("_pipeline", "_stage")

    def __init__(self, pipeline: object, stage: model.Stage) -> None:
        self._pipeline = pipeline
        self._stage = stage

    @property
    def name(self) -> str:
        return self._stage.name

    def __repr__(self) -> str:
        return f"<{self._stage.kind} {self.name!r} at {self._stage.source}>"

    def __format__(self, spec: str) -> NoReturn:
        refuse("PK032", f"{self.name} is a stage and can't stand in a text", self._instead())

    def _instead(self) -> str:
        return "its name is .name"

    def __getitem__(self, path: str) -> Artifact:
        return Artifact(self, self._asked(path, ()), ())

    def cell(self, **values: str) -> Cell:
        """One cell of the stage's matrix: `test.cell(python="3.12")["cov.xml"]`."""
        axes = {axis.name: axis.values for axis in self._stage.matrix}
        if set(values) != set(axes):
            refuse("PK019", f"{self.name} has the axes {', '.join(axes) or 'of no matrix'}", "give one value for each")
        for name, value in values.items():
            if value not in axes[name]:
                refuse("PK019", f"{value!r} is no value of the axis {name} of {self.name}", nearest(value, axes[name]))
        return Cell(self, tuple((name, values[name]) for name in axes))

    def _asked(self, path: str, cell: model.Pairs) -> str:
        """The path in this stage's own spelling, filled with the values of a cell."""
        stage = self._stage
        asked = _fill(texts.plain(path, "an artifact"), cell)
        outputs = [_fill(output, cell) for output in stage.outputs]
        if not any(asked == output or (output.endswith("/") and asked.startswith(output)) for output in outputs):
            hint = nearest(path, stage.outputs) if stage.outputs else f"say outputs=[{path!r}] there"
            refuse("PK006", f"{self.name} ({stage.source}) declares no output {path!r}", hint, related=(stage.source,))
        if stage.allow_failure or stage.only_if:
            option = "allow_failure" if stage.allow_failure else "only_if"
            refuse("PK024", f"{self.name} may end without {path!r}, since it has {option}", "ask for files of a stage that must pass")
        return texts.path(asked, "artifact", {axis.variable for axis in stage.matrix})


def _fill(text: str, cell: model.Pairs) -> str:
    for name, value in cell:
        text = text.replace(f"${{{name.upper()}}}", value)
    return text


class ImageBuild(Stage):
    """A container build. `ref` is the text `repository:tag`, good in commands and as another stage's image."""

    __slots__ = ()

    @property
    def ref(self) -> str:
        assert self._stage.container is not None
        return self._stage.container.refs[0]

    def _instead(self) -> str:
        return "its image is .ref"


class Cell:
    """One cell of a stage's matrix; `cell["cov.xml"]` is a file of it."""

    __slots__ = ("_cell", "_stage")

    def __init__(self, stage: Stage, cell: model.Pairs) -> None:
        self._stage = stage
        self._cell = cell

    def __getitem__(self, path: str) -> Artifact:
        return Artifact(self._stage, self._stage._asked(path, self._cell), self._cell)


class Artifact:
    """A declared output of a stage, for needs=."""

    __slots__ = ("_cell", "_stage", "path")

    def __init__(self, stage: Stage, path: str, cell: model.Pairs) -> None:
        self._stage = stage
        self._cell = cell
        self.path = path

    def __repr__(self) -> str:
        return f"{self._stage!r}[{self.path!r}]"

    def __format__(self, spec: str) -> NoReturn:
        refuse("PK032", f"{self.path!r} of {self._stage.name} is for needs=, and can't stand in a text", "its path is .path")
