"""The runner of examples, and the stand-ins: what must fail does."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from pipelinekit.model import Stage
from tests.examples import __main__ as main
from tests.examples.connect import Content
from tests.examples.jobs import Runner, repository, run_all
from tests.examples.projects import PROJECTS, Project

GCLOUD = Path(__file__).parent / "stand_ins/gcloud"
HEAD = 'from pipelinekit import Environment, Pipeline, Secret, ci\np = Pipeline("app", image="busybox")\n'


def never(stage: Stage, tree: Path) -> str:
    raise AssertionError(f"{stage.name} builds nothing")


def run(folder: Path, definition: str) -> list[str]:
    source = folder / "source"
    source.mkdir()
    (source / "pipeline.py").write_text(HEAD + definition)
    subprocess.run(["git", "init", "-q"], cwd=source, check=True)
    commit = repository(source, folder / "origin")
    runner = Runner(folder / "origin", folder, commit, {}, {"https://server.example": "http://127.0.0.1:1"}, {}, never, {})
    return run_all(runner, source)


def test_files_are_handed_on_and_nothing_else_is(tmp_path: Path) -> None:
    definition = """
made = p.build("mkdir out", "echo 1 >out/a", "echo 2 >b", outputs="out/")
p.test("[ -f out/a ] && [ ! -e b ]", "git diff --exit-code HEAD && git rev-parse origin/main HEAD~1", needs=[made["out/"]])
"""
    assert run(tmp_path, definition) == []


def test_what_fails_or_lacks_an_output_ends_what_needs_it(tmp_path: Path) -> None:
    definition = """
bad = p.lint("false", "true")
empty = p.build("mkdir out", outputs="out/")
p.test("true", needs=[bad])
p.step("true", needs=[empty])
p.step("true", name="other")
"""
    assert run(tmp_path, definition) == ["lint", "build", "test", "step"]


def test_a_job_sees_its_secrets_facts_and_addresses(tmp_path: Path) -> None:
    definition = """
p.test(
    '[ "$KEY" ] && [ -f "$FILE" ] && [ "$ADDRESS" = http://127.0.0.1:1/x ]',
    'case https://server.example in http://127*) ;; *) exit 1 ;; esac',
    f'[ "{ci.sha}" = "$(git rev-parse HEAD)" ]',
    variables={"ADDRESS": "https://server.example/x"},
    secrets=[Secret("KEY"), Secret("FILE", file=True)],
)
p.step('[ -z "$KEY" ]', "! env | grep ^PK")
"""
    assert run(tmp_path, definition) == []


@pytest.mark.parametrize("name", PROJECTS)
def test_each_project_is_an_example(name: str) -> None:
    assert (Path(__file__).parents[2] / "examples" / name / "pipeline.py").is_file()


@pytest.mark.parametrize(
    "words, problem",
    [
        ("run deploy app --image nowhere:1 --region r --quiet", "image nowhere:1 not found"),
        ("run deploy app --image nowhere:1 --regions r", "unrecognized arguments"),
        ("run jobs execute app --region r --wait", "Job [app] not found"),
        ("scheduler jobs describe app --location r", "NOT_FOUND"),
        ("storage cp gs://bucket/file here", "matched no objects"),
    ],
)
def test_gcloud_refuses(tmp_path: Path, words: str, problem: str) -> None:
    key = tmp_path / "key"
    seen = {**os.environ, "STAND_INS": str(tmp_path), "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE": str(key)}
    done = subprocess.run([GCLOUD, *words.split()], env=seen, capture_output=True, text=True, check=False)
    assert done.returncode
    assert "unrecognized" in done.stderr or "active account" in done.stderr
    key.write_text("{}")
    done = subprocess.run([GCLOUD, *words.split()], env=seen, capture_output=True, text=True, check=False)
    assert done.returncode
    assert problem in done.stderr


def test_connect_refuses_a_file_that_is_not_the_manifests(tmp_path: Path) -> None:
    def bundle(checksum: str) -> bytes:
        manifest = json.dumps({"files": {"app.R": {"checksum": checksum}}}).encode()
        made = io.BytesIO()
        with tarfile.open(fileobj=made, mode="w:gz") as archive:
            for name, text in (("manifest.json", manifest), ("app.R", b"1\n")):
                info = tarfile.TarInfo(name)
                info.size = len(text)
                archive.addfile(info, io.BytesIO(text))
        return made.getvalue()

    content = Content(tmp_path, "app")
    assert content.add(bundle(hashlib.md5(b"1\n").hexdigest()), {}) == "1"
    with pytest.raises(ValueError, match=r"app\.R is not what the manifest says"):
        content.add(bundle("0" * 32), {})


@pytest.mark.parametrize("ci, passed", [("", True), ("true", False)])
def test_what_is_not_here_skips_an_example_and_fails_in_ci(ci, passed, monkeypatch, capsys):
    monkeypatch.setenv("CI", ci)
    assert main.run(Project("any", lacking=lambda: "R is not here")) is passed
    assert "skipped: R is not here" in capsys.readouterr().out
