"""Files on a disk that fails, in a process that is killed: each file is the old one or the new one, whole, and nothing stays behind."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from pipelinekit.diagnostics import DefinitionError
from pipelinekit.files import write

OURS = "# Rendered from pipeline.py by pipelinekit: change that file, not this one, then run\n"
OLD = {"a": OURS + "old a\n" * 50, "ci/b": OURS + "old b\n" * 50}
NEW = {"a": OURS + "new a\n" * 90_000, "ci/b": OURS + "new b\n" * 90_000, "deep/er/c": OURS + "new c\n"}
CALLS = ("open", "mkdir", "write", "fsync", "replace", "fchmod", "fchown", "close", "unlink", "rmdir")
UNINTERRUPTED = "the files are moved once the signal is let through"


def there(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*") if path.is_file()}


def in_a_child(work: Callable[[], None]) -> int:
    """The status of a child that does the work and ends with 0, or with 1 when it raises."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001  # whatever it is, pytest must not see it in the child
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def before_calls(names: Iterable[str], say: Callable[[str], None]) -> None:
    """Say the name of each call to the system right before it is made, from now on."""

    def told(name: str, call: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*given: object, **named: object) -> object:
            say(name)
            return call(*given, **named)

        return wrapped

    for name in names:
        setattr(os, name, told(name, getattr(os, name)))


def at_call(count: int, fault: Callable[[], None]) -> None:
    """Let the fault happen right before the call of that number."""
    left = [count]

    def countdown(_: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            fault()

    before_calls(CALLS, countdown)


def calls_of_a_write(tmp_path: Path) -> int:
    """How many calls a whole write makes."""
    listen, tell = os.pipe()
    say = os.write
    write(str(tmp_path / "count"), OLD)

    def work() -> None:
        made = [0]

        def another() -> None:
            made[0] += 1

        before_calls(CALLS, lambda _: another())
        write(str(tmp_path / "count"), NEW)
        say(tell, str(made[0]).encode())

    assert in_a_child(work) == 0
    return int(os.read(listen, 20))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_killed_before_each_call(tmp_path: Path, number: signal.Signals) -> None:
    calls = calls_of_a_write(tmp_path)
    assert calls > 30
    for count in range(1, calls + 1):
        root = tmp_path / f"{number.name}-{count}"
        write(str(root), OLD)

        def work(count: int = count, root: Path = root) -> None:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            at_call(count, lambda: os.kill(os.getpid(), number))
            write(str(root), NEW)

        code = in_a_child(work)
        assert code != 0, UNINTERRUPTED
        found = there(root)
        for path, old in OLD.items():
            assert found[path] in (old, NEW[path]), (count, path)
        assert found.get("deep/er/c", NEW["deep/er/c"]) == NEW["deep/er/c"]
        if number != signal.SIGKILL:
            assert found in (OLD, NEW), count
            assert found == NEW or not (root / "deep").exists()
        write(str(root), NEW)
        assert there(root) == NEW, count


def test_every_call_that_fails(tmp_path: Path) -> None:
    """An error of the disk at each call: one line or, where it doesn't matter, none; never half a file, never something left."""
    calls = calls_of_a_write(tmp_path)
    for count in range(1, calls + 1):
        root = tmp_path / f"fails-{count}"
        write(str(root), OLD)

        def work(count: int = count, root: Path = root) -> None:
            def fail() -> None:
                raise OSError(5, "Input/output error")

            at_call(count, fail)
            with contextlib.suppress(DefinitionError):  # any other error ends the child with 1
                write(str(root), NEW)

        assert in_a_child(work) == 0, count
        found = there(root)
        assert set(found) <= set(NEW), count
        for path, old in OLD.items():
            assert found[path] in (old, NEW[path]), (count, path)


def test_a_file_larger_than_the_process_may_write(tmp_path: Path) -> None:
    write(str(tmp_path), OLD)

    def work() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        with pytest.raises(DefinitionError, match=r"^a: error PK031: can't read or write a: File too large$"):
            write(str(tmp_path), NEW)

    assert in_a_child(work) == 0
    assert there(tmp_path) == OLD


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 128 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("only root, and not in every container, can mount a disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk(small_disk: Path) -> None:
    write(str(small_disk), OLD)
    with pytest.raises(DefinitionError) as error:
        write(str(small_disk), NEW)
    assert str(error.value) == "a: error PK031: can't read or write a: No space left on device"
    assert there(small_disk) == OLD
    assert not (small_disk / "deep").exists()


def test_a_disk_that_is_read_only(small_disk: Path) -> None:
    write(str(small_disk), OLD)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(DefinitionError) as error:
        write(str(small_disk), NEW)
    assert str(error.value) == "a: error PK031: can't read or write a: Read-only file system"
    assert there(small_disk) == OLD


def test_the_bytes_are_on_the_disk_before_the_name_is(tmp_path: Path) -> None:
    """What a loss of power leaves is the old file or the new one: content, name, folder, in this order."""

    def work() -> None:
        order: list[str] = []
        before_calls(("mkdir", "write", "fsync", "replace"), order.append)
        write(str(tmp_path), {"ci/x": OURS})
        assert order == ["mkdir", "fsync", "write", "fsync", "replace", "fsync"]

    assert in_a_child(work) == 0


def test_two_at_once(tmp_path: Path) -> None:
    """Many writers in one folder: all end well, every file is somebody's whole, and nothing is left."""
    program = (
        "import sys; from pipelinekit.files import write\n"
        "for n in range(30): write(sys.argv[1], {p: sys.argv[3] + (sys.argv[2] + str(n)) * 5000 for p in ('a', 'ci/b')})"
    )
    writers = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path), word, OURS]) for word in "xyz"]
    while any(writer.poll() is None for writer in writers):
        for path in ("a", "ci/b"):
            if (tmp_path / path).exists():
                text = (tmp_path / path).read_text().removeprefix(OURS)
                assert text == text[: len(text) // 5000] * 5000
        time.sleep(0.001)
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert set(there(tmp_path)) == {"a", "ci/b"}


def test_a_folder_that_becomes_a_link_in_between(tmp_path: Path) -> None:
    """Before each call in turn, somebody swaps a folder for a link to one outside: nothing is ever written there."""
    calls = calls_of_a_write(tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir()
    rename, link = os.rename, os.symlink
    refused = 0
    for count in range(1, calls + 1):
        root = tmp_path / f"swapped-{count}"
        write(str(root), OLD)

        def work(count: int = count, root: Path = root) -> None:
            def swap() -> None:
                rename(root / "ci", root / "real")
                link(outside, root / "ci")

            at_call(count, swap)
            write(str(root), NEW)

        refused += in_a_child(work)
        assert os.listdir(outside) == [], count
    assert 0 < refused < calls
