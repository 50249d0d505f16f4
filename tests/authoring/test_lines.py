"""Where a finding points: the line that the user wrote, wherever that is."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelinekit.diagnostics import DefinitionError, Diagnostic
from pipelinekit.load import load
from pipelinekit.model.plan import Source

DEFINITION = """\
from pipelinekit import Pipeline

p = Pipeline("demo", image="python:3.12")


def pair(name):
    p.lint(
        "x",
        name=name,
    )
    return p.test("x", name=f"{name}-test", image="No Image")


pair("a")
"""


def said(path: str) -> Diagnostic:
    with pytest.raises(DefinitionError) as refused:
        load(path)
    (diagnostic,) = refused.value.diagnostics
    return diagnostic


def test_the_line_inside_a_plain_function_that_builds_stages(project: Path) -> None:
    (project / "pipeline.py").write_text(DEFINITION)
    assert said("pipeline.py").source == Source("pipeline.py", 11)


def test_a_stage_knows_the_line_of_its_call(project: Path) -> None:
    (project / "pipeline.py").write_text(DEFINITION.replace(', image="No Image"', ""))
    assert [str(stage.source) for stage in load("pipeline.py").stages] == ["pipeline.py:7", "pipeline.py:11"]


def test_paths_are_relative_to_the_working_folder(project: Path) -> None:
    (project / "ci").mkdir()
    (project / "ci" / "pipeline.py").write_text(DEFINITION)
    assert said("ci/pipeline.py").source == Source("ci/pipeline.py", 11)
    assert said(str(project / "ci" / "pipeline.py")).source == Source("ci/pipeline.py", 11)


def test_a_module_beside_the_definition_is_imported_and_named(project: Path) -> None:
    (project / "shared_stages.py").write_text("def check(p):\n    return p.lint('x', image='No Image')\n")
    (project / "pipeline.py").write_text(
        "from pipelinekit import Pipeline\nfrom shared_stages import check\np = Pipeline('demo')\ncheck(p)\n"
    )
    assert said("pipeline.py").source == Source("shared_stages.py", 2)


def test_an_exception_in_a_module_beside_it_points_to_the_line_that_called(project: Path) -> None:
    (project / "shared_trouble.py").write_text("def trouble():\n    return {}['x']\n")
    (project / "pipeline.py").write_text("from shared_trouble import trouble\n\ntrouble()\n")
    assert str(said("pipeline.py")) == "pipeline.py:3: error PK030: the definition raised KeyError: 'x'"


def test_a_recipe_is_refused_where_it_is_used(project: Path) -> None:
    (project / "pipeline.py").write_text(
        "from pipelinekit import Pipeline\nfrom pipelinekit.recipes import dvc\np = Pipeline('demo', image='a')\np.data_pull(dvc.pull('../x'))\n"
    )
    assert said("pipeline.py").source == Source("pipeline.py", 4)


def test_what_a_definition_prints_goes_to_standard_error(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pipeline.py").write_text("from pipelinekit import Pipeline\nprint('hello')\np = Pipeline('demo')\n")
    load("pipeline.py")
    assert capsys.readouterr() == ("", "hello\n")


def test_a_missing_file_is_named_with_a_hint(project: Path) -> None:
    assert str(said("pipeline.py")).startswith(
        "pipeline.py: error PK031: can't read pipeline.py: No such file or directory (run this where"
    )


def test_the_search_path_is_as_before_whatever_the_definition_does(project: Path) -> None:
    import sys

    before = list(sys.path)
    (project / "pipeline.py").write_text("import sys\nfrom pipelinekit import Pipeline\nsys.path.pop(0)\np = Pipeline('demo')\n")
    assert load("pipeline.py").name == "demo"
    assert sys.path == before
