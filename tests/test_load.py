"""A definition's code and the process that reads it: what it does there ends with it. (What it is told stands in tests/bad_input.)"""

from __future__ import annotations

import builtins
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from pipelinekit.diagnostics import DefinitionError, printable
from pipelinekit.load import load
from tests.conftest import Define

GOOD = 'from pipelinekit import Pipeline\np = Pipeline("demo", image="python:3.12-slim@sha256:" + "0" * 64)\np.test("pytest")\n'
PROGRAM = [sys.executable, "-m", "pipelinekit"]


def called(project: Path, text: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command on a definition, in a process of its own."""
    (project / "pipeline.py").write_text(GOOD + text)
    return subprocess.run(
        [*PROGRAM, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
    )


CHANGES = {
    "the working folder": "import os\nos.chdir('/')",
    "the streams": "import sys\nsys.stdin = sys.stdout = sys.stderr = None",
    "the built-in names": "import builtins\nbuiltins.open = builtins.print = builtins.len = None",
    "the search path": "import sys\nsys.path.clear()",
    "the recursion limit": "import sys\nsys.setrecursionlimit(200)",
    "tracing": "import sys\nsys.settrace(lambda *_: None)",
    "all of it, and then fails": "import sys, builtins, os\nos.chdir('/')\nsys.stdout = None\nbuiltins.len = None\nsys.path.clear()\n1 / 0",
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_it_changes_is_as_it_was(define: Define, change: str) -> None:
    before = (os.getcwd(), sys.stdin, sys.stdout, sys.stderr, list(sys.path), sys.getrecursionlimit(), len, open, builtins.print)
    if change.endswith("fails"):
        with pytest.raises(DefinitionError, match="ZeroDivisionError"):
            define(GOOD + CHANGES[change])
    else:
        define(GOOD + CHANGES[change])
    assert (os.getcwd(), sys.stdin, sys.stdout, sys.stderr, list(sys.path), sys.getrecursionlimit(), len, open, builtins.print) == before
    assert "pipeline" not in sys.modules


def test_a_clock_of_somebody_else_stays(define: Define) -> None:
    def ring(*_: object) -> None:
        raise AssertionError

    signal.signal(signal.SIGALRM, ring)
    try:
        define(GOOD)
        assert signal.getsignal(signal.SIGALRM) is ring
    finally:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def test_it_can_be_read_beside_the_main_thread(project: Path) -> None:
    (project / "pipeline.py").write_text(GOOD)
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(load("pipeline.py").name))
    thread.start()
    thread.join()
    assert found == ["demo"]


def test_the_clock_stops_it_in_this_process_too(define: Define, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINEKIT_SECONDS", "0.2")
    with pytest.raises(DefinitionError, match=r"pipeline\.py:4: error PK041: the definition takes longer than 0\.2 s"):
        define(GOOD + "while True: pass")
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    time.sleep(0.3)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # that the definition doesn't close them is the point
def test_files_that_it_opens_are_closed(define: Define) -> None:
    before = len(os.listdir("/proc/self/fd"))
    define(GOOD + "hoard = [open('/dev/null') for _ in range(100)]")
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_limit_that_it_catches_is_a_limit(define: Define) -> None:
    with pytest.raises(DefinitionError, match="prints"):
        define(GOOD + "try:\n    print('x' * 10**6)\nexcept BaseException: pass")


def test_dataclasses_find_their_module(define: Define) -> None:
    assert define("from __future__ import annotations\nfrom dataclasses import dataclass\n@dataclass\nclass A:\n    b: int\n" + GOOD[0:])


@pytest.mark.parametrize("end", ["", "raise ValueError", "import sys; sys.exit(3)", "raise KeyboardInterrupt"])
def test_a_forked_child_does_not_run_the_command_on(project: Path, end: str) -> None:
    done = called(project, f"import os\nif os.fork() == 0:\n    pass\n    {end}\nelse:\n    os.wait()", "check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "pipeline.py: no errors\n", "")


def test_results_are_results_alone(project: Path) -> None:
    """Whatever a definition and its children print, JSON on standard output stays JSON."""
    noise = "import os, subprocess\nprint('one')\nos.write(1, b'two\\n')\nsubprocess.run(['echo', 'three'])"
    done = called(project, noise, "show", "--json")
    assert json.loads(done.stdout)["name"] == "demo"
    assert sorted(done.stderr.split()) == ["one", "three", "two"]


def test_ten_thousand_open_files(project: Path) -> None:
    done = called(
        project, "hoard = []\ntry:\n    while len(hoard) < 10_000: hoard.append(open('/dev/null'))\nexcept OSError: pass", "render", "--all"
    )
    assert (done.returncode, "error" in done.stderr) == (0, False)


def test_one_that_deletes_itself_was_read(project: Path) -> None:
    assert called(project, "import os\nos.remove(__file__)", "check").returncode == 0
    assert (
        called(project, "import os\nos.remove(__file__)\nwheel", "check").stderr == "pipeline.py:6: error PK030: 'wheel' is not defined\n"
    )


def test_nothing_waits_for_what_it_leaves_running(project: Path) -> None:
    start = time.monotonic()
    endless = "import atexit, threading, time\natexit.register(time.sleep, 60)\nthreading.Thread(target=time.sleep, args=[60], daemon=True).start()"
    assert called(project, endless, "check").returncode == 0
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM), (signal.SIGHUP, -signal.SIGHUP)])
def test_who_ends_the_command_ends_the_definition(project: Path, number: signal.Signals, code: int) -> None:
    (project / "pipeline.py").write_text(
        "import os, sys, time\nprint(os.getpid(), flush=True)\ntry:\n    time.sleep(60)\nexcept Exception: pass"
    )
    with subprocess.Popen([*PROGRAM, "check"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        reader = int(process.stderr.readline())
        process.send_signal(number)
        assert process.wait(10) == code
        assert process.stderr.read() == ("pipelinekit: interrupted\n" if number == signal.SIGINT else "")
    with pytest.raises(ProcessLookupError):
        os.kill(reader, 0)


def test_a_reader_that_has_seen_enough(project: Path) -> None:
    (project / "pipeline.py").write_text(GOOD)
    done = subprocess.run(["sh", "-c", f"{' '.join(PROGRAM)} show --json | true"], capture_output=True, text=True, check=False)
    assert done.stderr == ""


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams(project: Path, closed: str) -> None:
    (project / "pipeline.py").write_text(GOOD + "print('x')\n")
    done = subprocess.run(["sh", "-c", f"{' '.join(PROGRAM)} render --all {closed}"], capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert (project / ".gitlab-ci.yml").read_text().startswith("# Rendered")


def test_results_are_utf_8_everywhere(project: Path) -> None:
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    (project / "pipeline.py").write_text(GOOD + 'p.lint("echo é ✓")\n')
    done = subprocess.run([*PROGRAM, "show", "--json"], capture_output=True, check=False, env={**os.environ, **locale})
    assert "echo é ✓" in done.stdout.decode()


def test_what_is_shown_steers_no_terminal(project: Path) -> None:
    evil = "\\x1b]0;title\\x07\\x9b2J\\u202e"
    for words in (["show"], ["show", "--stage", "lint"], ["simulate"], ["graph"], ["explain"], ["check"]):
        done = called(project, f'p.lint("echo {evil}")\ng = p.gate("Ship {evil}?", needs=[p.build("x")])\n', *words)
        assert done.returncode in (0, 1)
        assert not [char for char in done.stdout + done.stderr if not char.isprintable() and char != "\n"], words


def test_printable() -> None:
    assert printable("déjà vu ✓ – plain") == "déjà vu ✓ – plain"
    assert printable("a\n\x1b[31m\x9b\u202e\u2028\ud800\0") == "a\\n\\x1b[31m\\x9b\\u202e\\u2028\\ud800\\x00"
