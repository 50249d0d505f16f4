"""Files on disk: written whole or not at all, below their folder, never over somebody else's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipelinekit.diagnostics import DefinitionError
from pipelinekit.files import diff, read, write

OURS = "# Rendered from pipeline.py by pipelinekit: change that file, not this one, then run\n"


def refused(root: Path, files: dict[str, str], **options: bool) -> str:
    with pytest.raises(DefinitionError) as error:
        write(str(root), files, **options)
    return str(error.value)


def names(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file() or path.is_symlink())


def test_folders_are_made_and_what_changed_is_returned(tmp_path: Path) -> None:
    files = {".ci.yml": OURS + "é\r\n", "ci/deep/x.yml": OURS}
    assert write(str(tmp_path), files) == [".ci.yml", "ci/deep/x.yml"]
    assert (tmp_path / ".ci.yml").read_bytes() == (OURS + "é\r\n").encode()
    assert names(tmp_path) == [".ci.yml", "ci/deep/x.yml"]


def test_a_file_with_the_same_bytes_is_not_touched(tmp_path: Path) -> None:
    write(str(tmp_path), {"a": OURS, "b": OURS})
    before = (tmp_path / "a").stat()
    assert write(str(tmp_path), {"a": OURS, "b": OURS + "x"}) == ["b"]
    after = (tmp_path / "a").stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_ctime_ns) == (before.st_ino, before.st_mtime_ns, before.st_ctime_ns)


def test_the_same_bytes_of_a_stranger_are_fine(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("no header")
    assert write(str(tmp_path), {"a": "no header"}) == []


def test_somebody_elses_file_is_left_alone_and_nothing_else_is_written(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("theirs")
    assert refused(tmp_path, {"a": OURS, "b": OURS}) == (
        "b: error PK1409: b exists and wasn't written by pipelinekit (move it away, or render with --force)"
    )
    assert names(tmp_path) == ["b"]
    assert (tmp_path / "b").read_text() == "theirs"


def test_force_writes_over_it(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("theirs")
    assert write(str(tmp_path), {"b": OURS}, force=True) == ["b"]


def test_bytes_that_are_no_text_are_somebody_elses(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"\xff\xfe")
    assert "PK1409" in refused(tmp_path, {"b": OURS})


@pytest.mark.parametrize("path", ["../x", "a/../../x"])
def test_a_place_outside_of_the_folder(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    assert "would lie outside of" in refused(root, {path: OURS})
    assert names(tmp_path) == []


def test_a_linked_folder_that_leads_outside(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "root" / "ci").symlink_to(tmp_path / "other")
    assert "would lie outside of" in refused(tmp_path / "root", {"ci/x": OURS})
    assert os.listdir(tmp_path / "other") == []


def test_a_linked_folder_inside_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "ci").symlink_to("real")
    write(str(tmp_path), {"ci/x": OURS})
    assert (tmp_path / "real" / "x").read_text() == OURS


def test_a_linked_folder_that_goes_up_and_comes_back(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "ci").symlink_to("../real")
    write(str(tmp_path), {"deep/ci/x": OURS})
    assert (tmp_path / "real" / "x").read_text() == OURS


@pytest.mark.parametrize("target", ["../other", "../../etc", "deep/../../other"])
def test_a_linked_folder_that_climbs_out(tmp_path: Path, target: str) -> None:
    root = tmp_path / "root"
    (root / "deep").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    (root / "ci").symlink_to(target)
    assert "would lie outside of" in refused(root, {"ci/x": OURS})
    assert os.listdir(tmp_path / "other") == []


def test_folders_that_link_to_one_another(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert "would lie outside of" in refused(tmp_path, {"a/x": OURS})


def test_a_linked_file_is_replaced_by_force_alone_and_what_it_led_to_stays(tmp_path: Path) -> None:
    (tmp_path / "real").write_text(OURS + "old")
    (tmp_path / "x").symlink_to("real")
    assert "x: error PK1409: x is a link, which pipelinekit doesn't write" in refused(tmp_path, {"x": OURS})
    write(str(tmp_path), {"x": OURS}, force=True)
    assert not (tmp_path / "x").is_symlink()
    assert (tmp_path / "real").read_text() == OURS + "old"


def test_a_link_to_the_very_bytes_is_fine(tmp_path: Path) -> None:
    (tmp_path / "real").write_text(OURS)
    (tmp_path / "x").symlink_to("real")
    assert write(str(tmp_path), {"x": OURS}) == []


@pytest.mark.parametrize("force", [False, True])
def test_a_link_to_a_file_outside_is_not_even_read(tmp_path: Path, force: bool) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "shadow").write_text("secret")
    (root / "x").symlink_to(tmp_path / "shadow")
    assert "would lie outside of" in refused(root, {"x": OURS}, force=force)
    with pytest.raises(DefinitionError):
        diff(str(root), {"x": OURS})
    assert (tmp_path / "shadow").read_text() == "secret"


def test_another_name_of_the_file_keeps_the_old_bytes(tmp_path: Path) -> None:
    (tmp_path / "x").write_text(OURS + "old")
    os.link(tmp_path / "x", tmp_path / "other")
    write(str(tmp_path), {"x": OURS})
    assert ((tmp_path / "x").read_text(), (tmp_path / "other").read_text()) == (OURS, OURS + "old")


@pytest.mark.parametrize("force", [False, True])
def test_a_pipe_at_the_place(tmp_path: Path, force: bool) -> None:
    os.mkfifo(tmp_path / "x")
    assert refused(tmp_path, {"x": OURS}, force=force) == "x: error PK031: can't read or write x: Not a regular file (move it away)"


def test_names_that_differ_by_case_alone(tmp_path: Path) -> None:
    assert "Ci/x and ci/x are one file on some disks" in refused(tmp_path, {"ci/x": OURS, "Ci/x": OURS})
    assert names(tmp_path) == []


def test_the_mode_stays(tmp_path: Path) -> None:
    (tmp_path / "x").write_text(OURS + "old")
    (tmp_path / "x").chmod(0o750)
    write(str(tmp_path), {"x": OURS, "new": OURS})
    umask = os.umask(0)
    os.umask(umask)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o666 & ~umask


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_the_owner_stays(tmp_path: Path) -> None:
    (tmp_path / "x").write_text(OURS + "old")
    os.chown(tmp_path / "x", 1234, 4321)
    write(str(tmp_path), {"x": OURS})
    there = (tmp_path / "x").stat()
    assert (there.st_uid, there.st_gid) == (1234, 4321)


def test_what_a_killed_run_left_is_taken_away(tmp_path: Path) -> None:
    for name in (".x.123.tmp", ".y.123.tmp", ".x.mine.tmp", "x.123.tmp"):
        (tmp_path / name).write_text("half")
    write(str(tmp_path), {"x": OURS})
    assert names(tmp_path) == [".x.mine.tmp", ".y.123.tmp", "x", "x.123.tmp"]


def test_a_folder_at_the_place(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    assert refused(tmp_path, {"x": OURS}) == "x: error PK031: can't read or write x: Is a directory (move it away)"


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "ci").write_text("")
    assert "PK031: can't read or write ci" in refused(tmp_path, {"ci/x": OURS})


def test_a_disk_that_says_no_leaves_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text(OURS)

    def replace(source: str, place: str, **folders: int) -> None:
        raise PermissionError(13, "Permission denied", source)

    monkeypatch.setattr(os, "replace", replace)
    assert refused(tmp_path, {"a": OURS + "new", "b": OURS}) == "a: error PK031: can't read or write a: Permission denied"
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_text() == OURS


def test_a_disk_that_fills_up_leaves_the_old_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text(OURS)
    synced: list[int] = []

    def fsync(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    assert "No space left on device" in refused(tmp_path, {"a": OURS + "new", "b": OURS})
    assert (names(tmp_path), (tmp_path / "a").read_text()) == (["a"], OURS)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        assert "PK031" in refused(tmp_path, {"a": OURS})
    finally:
        tmp_path.chmod(0o700)


def test_what_differs(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one\ntwo\n")
    (tmp_path / "b").write_text("same\n")
    stale = diff(str(tmp_path), {"a": "one\n2\n", "b": "same\n", "c": "new"})
    assert list(stale) == ["a", "c"]
    assert stale["a"] == "--- a (there)\n+++ a (rendered)\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n"
    assert stale["c"] == "--- c (there)\n+++ c (rendered)\n@@ -0,0 +1 @@\n+new\n\\ no newline at the end\n"


def test_a_line_ending_is_a_difference(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one\r\n")
    assert list(diff(str(tmp_path), {"a": "one\n"})) == ["a"]
    assert read(str(tmp_path), "a") == "one\r\n"
    assert read(str(tmp_path), "none") is None
