"""The wheel and the sdist: the same bytes from any folder, with any umask, at any time; what is inside, and what isn't."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest

from tests.chain.locks import ROOT

PACKAGES = ["pipelinekit", *(path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "backends").iterdir()) if path.is_dir())]
FILES = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")[:-1]
TIME = 1580601600
"""2020-02-02, which hatchling writes where nobody names another time: a tree without its history gives the same bytes."""


def build(folder, umask, time, timezone):
    """Copy the committed files with other times and rights, build from there, and give the two files."""
    for name in FILES:
        if not name.startswith(("tests/", "docs/", "examples/", ".")) and (ROOT / name).exists():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target)
            target.chmod((0o777 if os.access(ROOT / name, os.X_OK) else 0o666) & ~umask)
            os.utime(target, (time, time))
    (folder / "pipelinekit/__pycache__").mkdir()
    (folder / "pipelinekit/__pycache__/load.cpython-311.pyc").write_bytes(b"\0")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder / "out"), str(folder)]
    environment = {key: text for key, text in os.environ.items() if key != "SOURCE_DATE_EPOCH"} | {"TZ": timezone}
    done = subprocess.run(command, env=environment, umask=umask, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return {path.suffix: path for path in (folder / "out").iterdir()}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    here = tmp_path_factory.mktemp("here") / "a"
    there = tmp_path_factory.mktemp("there") / "a longer name"
    return build(here, 0o022, 1_600_000_000, "UTC"), build(there, 0o077, 1_750_000_000, "Pacific/Auckland")


@pytest.mark.parametrize("suffix", [".whl", ".gz"])
def test_two_builds_give_the_same_bytes(built, suffix):
    one, another = built
    assert one[suffix].name == another[suffix].name
    assert one[suffix].read_bytes() == another[suffix].read_bytes()


def test_the_wheel_holds_the_packages_and_nothing_else(built):
    with zipfile.ZipFile(built[0][".whl"]) as wheel:
        names = wheel.namelist()
        times = {entry.date_time for entry in wheel.infolist()}
    assert len(times) == 1
    info = [name for name in names if ".dist-info/" in name]
    expected = [
        name.removeprefix("backends/")
        for name in FILES
        if name.startswith(tuple(f"{each}/" for each in PACKAGES)) and (ROOT / name).exists()
    ]
    assert sorted(set(names) - set(info)) == sorted(expected)
    assert {name.split("/", 1)[1] for name in info} == {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}


def test_the_wheel_is_typed_and_has_no_tests_and_no_caches(built):
    with zipfile.ZipFile(built[0][".whl"]) as wheel:
        names = wheel.namelist()
    assert "pipelinekit/py.typed" in names
    assert not [name for name in names if name.startswith(("tests/", "docs/", "requirements/")) or "__pycache__" in name]


def test_the_sdist_holds_what_the_wheel_is_made_of(built):
    with tarfile.open(built[0][".gz"]) as sdist:
        members = [member for member in sdist.getmembers() if member.isfile()]
    names = {member.name.split("/", 1)[1] for member in members}
    assert {member.mtime for member in members} == {TIME}
    assert {name for name in FILES if name.startswith(("pipelinekit/", "backends/")) and (ROOT / name).exists()} <= names
    assert not [name for name in names if name.startswith(("tests/", "examples/", ".ci")) or "__pycache__" in name]
    assert {"LICENSE", "README.md", "pyproject.toml", "PKG-INFO"} <= names
