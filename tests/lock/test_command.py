"""`pipelinekit lock` from definition to file, against a registry of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.lock.server import Hub, index

TARGETS = {
    "gitlab": ("gate_image", "git_image", "buildah_image"),
    "drone": ("git_image", "helper_image"),
}


@pytest.fixture
def project(tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A definition whose images, and those of its targets, are all in the one registry."""
    settings = {target: {name: hub.image(f"own/{target}-{name.replace('_', '-')}") for name in names} for target, names in TARGETS.items()}
    hub.image("py", "3.11")
    hub.image("py", "3.12")
    database = hub.image("db", "16")
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pipeline.py").write_text(
        f"""\
from pipelinekit import Matrix, Pipeline, Service

python = Matrix("python", "3.11", "3.12")
p = Pipeline("demo", image="{hub.host}/py:3.12", targets={settings!r})
p.lint("ruff check .")
p.test(
    "pytest",
    image=f"{hub.host}/py:{{python}}",
    matrix=python,
    services=[Service("db", image="{database}", port=5432)],
)
"""
    )
    monkeypatch.chdir(folder)
    return folder


LOCK = ("lock", "--target", "gitlab", "--target", "drone")


def entries(folder: Path) -> list[str]:
    return (folder / "pipelinekit.lock").read_text().splitlines()[2:]


def test_what_is_named_is_locked_and_what_is_not_is_not(project: Path, hub: Hub, call: Call) -> None:
    ended = call(*LOCK)
    assert ended.code == 0, ended.err
    named = {
        "db:16": ("db", "16"),
        "py:3.11": ("py", "3.11"),
        "py:3.12": ("py", "3.12"),
        "own/drone-git-image:1": ("own/drone-git-image", "1"),
        "own/drone-helper-image:1": ("own/drone-helper-image", "1"),
    }
    assert entries(project) == sorted(f"{hub.host}/{name}@{hub.digest(*parts)}" for name, parts in named.items())
    assert (project / "pipelinekit.lock").read_text().startswith("# The images that rendered files name")
    assert "added" in ended.out
    assert ended.out.endswith("pipelinekit.lock: 5 images\n")


def test_files_are_rendered_from_it(project: Path, hub: Hub, call: Call) -> None:
    unlocked = call("render", "--target", "gitlab")
    assert "warning PK039: the definition names 3 images by tags that may move" in unlocked.err
    call(*LOCK)
    assert call("render", "--target", "gitlab", "--check").code == 1
    locked = call("render", "--target", "gitlab")
    assert "PK039" not in locked.err
    text = (project / ".gitlab-ci.yml").read_text()
    assert f"image: {hub.host}/py:3.11@{hub.digest('py', '3.11')}" in text
    assert f"name: {hub.host}/db:16@{hub.digest('db', '16')}" in text
    assert call("render", "--target", "gitlab", "--check").code == 0


def test_a_second_time_asks_nobody(project: Path, hub: Hub, call: Call) -> None:
    call(*LOCK)
    hub.asked.clear()
    ended = call(*LOCK)
    assert (ended.code, ended.out) == (0, "pipelinekit.lock: 5 images (unchanged)\n")
    assert hub.asked == []


def test_moved_tags_are_found_and_taken_when_asked(project: Path, hub: Hub, call: Call) -> None:
    call(*LOCK)
    assert call("lock", "--check", "--target", "drone").out == "5 images looked at, 0 moved since the lock was written\n"
    old = hub.digest("py", "3.12")
    hub.tags["py:3.12"] = index("moved")
    new = hub.digest("py", "3.12")
    before = entries(project)
    ended = call(*LOCK, "--check")
    assert ended.code == 1
    assert f"{hub.host}/py:3.12" in ended.out
    assert f"{old} → {new}" in ended.out
    assert "1 moved" in ended.out
    assert entries(project) == before
    assert f"{hub.host}/py:3.12@{old}" in entries(project)
    assert f"{old} → {new}" not in call(*LOCK, "--update", f"{hub.host}/db").out
    taken = call(*LOCK, "--update", f"{hub.host}/py")
    assert f"{old} → {new}" in taken.out
    assert f"{hub.host}/py:3.12@{new}" in entries(project)
    hub.tags["py:3.12"] = index("moved again")
    assert call(*LOCK, "--update").code == 0
    assert f"{hub.host}/py:3.12@{hub.digest('py', '3.12')}" in entries(project)


def test_what_is_new_is_missed_with_its_line_then_added(project: Path, hub: Hub, call: Call) -> None:
    call(*LOCK)
    other = hub.image("other")
    definition = project / "pipeline.py"
    definition.write_text(
        definition.read_text() + f'p.step("x", name="more", image="{other}")\np.step("y", name="again", image="{other}")\n'
    )
    for command in (("check",), ("render", "--target", "gitlab")):
        ended = call(*command)
        assert ended.code == 1
        assert (
            f"pipeline.py:12: error PK040: the lock has no digest of {other}, which more, again names (run pipelinekit lock)" in ended.err
        )
    assert f"{other}: not in the lock" in call(*LOCK, "--check").err
    call(*LOCK)
    assert call("check", "--target", "gitlab").code == 0


def test_what_a_target_needs_is_missed_when_it_is_rendered(project: Path, hub: Hub, call: Call) -> None:
    call("lock", "--target", "gitlab")
    assert call("render", "--target", "gitlab").code == 0
    ended = call("render", "--target", "drone")
    assert ended.code == 1
    assert f"error PK040: [drone] the lock has no digest of {hub.host}/own/drone-helper-image:1" in ended.err
    assert not (project / ".drone.yml").exists()


def test_what_is_gone_is_a_note_then_dropped(project: Path, hub: Hub, call: Call) -> None:
    call(*LOCK)
    definition = project / "pipeline.py"
    definition.write_text(definition.read_text().replace("/db:16", "/py:3.12"))
    assert f"pipelinekit.lock: note PK040: nothing names {hub.host}/db:16 any more" in call("check", "--verbose").err
    assert "dropped" in call(*LOCK).out
    assert "PK040" not in call("check", "--verbose").err


def test_one_image_that_is_not_found_leaves_everything_as_it_was(project: Path, hub: Hub, call: Call) -> None:
    call(*LOCK)
    before = (project / "pipelinekit.lock").read_bytes()
    del hub.tags["py:3.11"]
    ended = call(*LOCK, "--update")
    assert ended.code == 1
    assert f"{hub.host}/py:3.11: {hub.host} has no tag '3.11' of py" in ended.err
    assert "nothing written" in ended.err
    assert (project / "pipelinekit.lock").read_bytes() == before
    assert [path.name for path in project.iterdir() if path.name.startswith(".")] == []


def test_a_broken_lock_is_left_for_its_owner(project: Path, call: Call) -> None:
    (project / "pipelinekit.lock").write_text("format 1\n=======\n")
    for command in (LOCK, ("check",), ("render", "--target", "gitlab"), ("show",)):
        ended = call(*command)
        assert ended.code == 1
        assert ended.err.startswith("pipelinekit.lock:2: error PK040: the lock is broken: '=======' is no name:tag@sha256:…")
    assert (project / "pipelinekit.lock").read_text() == "format 1\n=======\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--check", "--update"), "name one"),
        (("python",), "images are named with --update: pipelinekit lock --update python"),
        (("--target", "gitlub"), "there is no target 'gitlub'"),
        (("--update", "nothing"), "no file names the image 'nothing'"),
    ],
)
def test_wrong_calls(project: Path, call: Call, words: tuple[str, ...], said: str) -> None:
    ended = call("lock", *words)
    assert ended.code == 2
    assert said in ended.err
    assert not (project / "pipelinekit.lock").exists()


def test_a_target_that_refuses_the_definition_is_said(project: Path, hub: Hub, call: Call) -> None:
    ended = call("lock", "--target", "gitlab", "--target", "concourse")
    assert ended.code == 0
    assert "concourse: can't render this definition" in ended.err


def test_what_is_locked_travels_with_the_plan(project: Path, hub: Hub, call: Call) -> None:
    call(*LOCK)
    call("render", "--target", "gitlab")
    text = (project / ".gitlab-ci.yml").read_text()
    (project / "sub").mkdir()
    (project / "sub" / "plan.json").write_text(call("show", "--json").out)
    call("render", "--target", "gitlab", "--file", "sub/plan.json")
    assert (project / "sub" / ".gitlab-ci.yml").read_text() == text
