"""Untrusted definitions attack: they see no secret, reach nobody, write nothing, and end in time; what they give back is data.

A definition tells what it saw by its error, which the sandbox hands back as one finding.
"""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelinekit import sandbox
from pipelinekit.cli.definition import checked
from pipelinekit.diagnostics import DefinitionError
from pipelinekit.load import load
from pipelinekit.model.border import to_json
from tests.readers.engines import require

GOOD = 'from pipelinekit import Pipeline\np = Pipeline("demo", image="python:3.12-slim")\np.test("pytest")\n'
SENTINEL = "s3nt1nel-Zq8"


def works() -> str | None:
    """Why there is no sandbox on this machine, or None."""
    program = f"import os; os.chdir({str(Path(__file__).parent)!r}); from pipelinekit import sandbox; sandbox._run(sandbox._command('.', 'x'), 'x')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    return done.stderr.strip().splitlines()[-1] if done.returncode else None


@pytest.fixture(scope="module", autouse=True)
def sandboxed() -> None:
    require(works())


@pytest.fixture
def open_project(project: Path) -> Path:
    """A project that everybody may read, as a checkout of root's is."""
    project.chmod(0o755)
    return project


def told(project: Path, text: str) -> str:
    """The finding that a definition ends in."""
    (project / "pipeline.py").write_text(text)
    with pytest.raises(DefinitionError) as error:
        sandbox.load("pipeline.py")
    return str(error.value)


def seen(project: Path, expression: str) -> str:
    """What an expression is in the sandbox, or the error that it raises."""
    return told(project, f"import os, socket, pathlib\nraise ValueError(repr({expression}))")


def test_a_good_definition_is_what_it_is_in_process(open_project: Path) -> None:
    (open_project / "shared.py").write_text('IMAGE = "python:3.12-slim"\n')
    (open_project / "pipeline.py").write_text("from shared import IMAGE\n" + GOOD.replace('"python:3.12-slim"', "IMAGE"))
    assert to_json(sandbox.load("pipeline.py")) == to_json(load("pipeline.py"))


def test_a_mistake_is_told_at_its_line(open_project: Path) -> None:
    assert told(open_project, GOOD + 'p.lint("")\n').startswith("pipeline.py:4: error PK007: this lint has no command")


def test_the_environment_is_empty(open_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_PASSWORD", SENTINEL)
    assert SENTINEL not in seen(open_project, "dict(os.environ)")
    for process in ("1", "self", "2"):
        found = seen(open_project, f"open('/proc/{process}/environ').read()")
        assert SENTINEL not in found
        assert "Permission denied" in found or "ValueError: '" in found


def test_no_process_of_the_machine_is_in_sight(open_project: Path) -> None:
    assert str(os.getpid()) not in seen(open_project, "[n for n in os.listdir('/proc') if n.isdigit()]").replace(" ", "").split(",")
    assert "ProcessLookupError" in seen(open_project, f"os.kill({os.getpid()}, 9)")
    assert "error PK0" in seen(open_project, "os.kill(os.getppid(), 9)")


def test_files_of_the_machine_are_not_there(open_project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("home")
    (home / "id_rsa").write_text(SENTINEL)
    for path in (str(home / "id_rsa"), "/etc/shadow", "/etc/passwd", "/root/.bashrc", "/home", "/var", "/run", "/sys"):
        assert "FileNotFoundError" in seen(open_project, f"open({path!r}).read() if '.' in {path!r} else os.listdir({path!r})")


def test_links_of_the_project_lead_nowhere(open_project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("outside") / "secret.py"
    secret.write_text(f"{SENTINEL} is not Python\n")
    (open_project / "data").symlink_to(secret)
    assert "FileNotFoundError" in seen(open_project, "open('data').read()")
    (open_project / "pipeline.py").unlink()
    (open_project / "pipeline.py").symlink_to(secret)
    (open_project / "pipelinekit.lock").symlink_to(secret)
    with pytest.raises(DefinitionError) as error:
        checked("pipeline.py", untrusted=True)
    assert SENTINEL not in str(error.value)
    (open_project / "pipeline.py").unlink()
    (open_project / "pipeline.py").write_text(GOOD)
    with pytest.raises(DefinitionError) as error:
        checked("pipeline.py", untrusted=True)
    assert str(error.value).startswith("pipelinekit.lock: error PK031: pipelinekit.lock would lie outside of")


def test_the_checkouts_token_is_hidden(open_project: Path) -> None:
    (open_project / ".git").mkdir()
    (open_project / ".git" / "config").write_text(SENTINEL)
    assert "FileNotFoundError" in seen(open_project, "open('.git/config').read()")
    assert "ValueError: []" in seen(open_project, "os.listdir('.git')")


@pytest.mark.parametrize(
    "place", ["/project/new", "/project/pipeline.py", "/project/.git/new", "/tmp/new", "/new", "/dev/shm/new", "/house/new", "/usr/new"]
)
def test_nothing_can_be_written(open_project: Path, place: str) -> None:
    (open_project / ".git").mkdir()
    found = seen(open_project, f"open({place!r}, 'a')")
    assert any(word in found for word in ("Read-only file system", "Permission denied", "No such file or directory"))
    assert sorted(path.name for path in open_project.iterdir()) == [".git", "pipeline.py"]


def test_nobody_can_be_reached(open_project: Path) -> None:
    with socket.socket() as server, socket.socket(socket.AF_UNIX) as hidden:
        server.bind(("127.0.0.1", 0))
        server.listen()
        hidden.bind("\0pipelinekit-test")
        hidden.listen()
        port = server.getsockname()[1]
        found = seen(open_project, f"socket.create_connection(('127.0.0.1', {port}), 2)")
        assert "ConnectionRefusedError" in found or "unreachable" in found
        assert "ConnectionRefusedError" in seen(open_project, "socket.socket(socket.AF_UNIX).connect(chr(0) + 'pipelinekit-test')")
    assert "unreachable" in seen(open_project, "socket.create_connection(('1.1.1.1', 53), 2)")
    assert "gaierror" in seen(open_project, "socket.getaddrinfo('example.com', 80)")
    assert "ValueError: ['lo']" in seen(open_project, "[name for _, name in socket.if_nameindex()]")


BOMBS = {
    "processes": "import os\nwhile True:\n  try:\n    os.fork()\n  except OSError: pass",
    "memory": "hoard = []\nwhile True: hoard.append(bytearray(10**8))",
    "memory of children": "import os\nfor _ in range(20):\n  if os.fork() == 0: break\nhoard = []\nwhile True: hoard.append(bytearray(10**8))",
    "time": "while True: pass",
    "time, in C": "10**10**9",
    "a sleep": "import time\ntime.sleep(10**6)",
    "standard output": "import os\nwhile True: os.write(1, b'x' * 10**6)",
    "the answer's pipe": "import os\nfor n in range(3, 20):\n  try:\n    while True: os.write(n, b'x' * 10**6)\n  except OSError: pass",
    "a process that stays": "import os, time\nif os.fork() == 0:\n  os.setsid()\n  time.sleep(10**6)\nos._exit(0)",
    "signals to all": "import os, time\nos.kill(-1, 9)\ntime.sleep(10**6)",
    "recursion": "import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()",
    "os._exit": "import os\nos._exit(0)",
    "a crash": "import ctypes\nctypes.string_at(0)",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_ends_in_one_line_and_in_time(open_project: Path, bomb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINEKIT_SECONDS", "1")
    monkeypatch.setattr(sandbox, "SLOW_START", 2.0)
    start = time.monotonic()
    found = told(open_project, BOMBS[bomb])
    assert time.monotonic() - start < 8
    assert "error PK0" in found
    assert "\n" not in found
    assert [path.name for path in open_project.iterdir()] == ["pipeline.py"]


ANSWER = "import os, json\nfor n in range(3, 9):\n  try: os.write(n, ({answer}).encode())\n  except OSError: pass\nos._exit(0)\n"


def answered(project: Path, answer: str) -> str:
    """What is said of a definition that writes the sandbox's answer itself."""
    return told(project, ANSWER.format(answer=answer))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("'no json'", "PK032: what the sandbox gave back is no plan"),
        ("'[' * 10**6", "PK032: what the sandbox gave back is no plan"),
        ("'[]'", "PK032: what the sandbox gave back is no plan"),
        ("json.dumps({'plan': 7})", "PK032: what the sandbox gave back is no plan"),
        ("json.dumps({'plan': '{}'})", "PK031: the document's schema is None, not 'plan/1'"),
        ("json.dumps({'plan': '[' * 10**6})", "PK031: not JSON: it is nested too deeply"),
        ("'9' * 10**8", "PK041: the definition gives back more than 8 MB"),
        ("json.dumps({'findings': [{'code': 'PK999'}]})", "PK032: what the sandbox gave back is no finding"),
        ("json.dumps({'findings': []})", "PK032: what the sandbox gave back is no plan"),
    ],
)
def test_an_answer_that_is_none(open_project: Path, answer: str, said: str) -> None:
    assert said in answered(open_project, answer)


def test_a_finding_shows_no_more_than_text(open_project: Path) -> None:
    """Neither colours nor a cleared screen, no second line for a CI system to obey, no file of somebody else's."""
    evil = {"code": "PK001", "message": "\x1b[2J\r\n::error::x \u202e", "hint": "\x9b", "file": "/etc/passwd", "line": 1}
    found = answered(open_project, f"json.dumps({{'findings': [{evil!r}]}})")
    assert found == "pipeline.py: error PK001: \\x1b[2J\\r\\n::error::x \\u202e (\\x9b)"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("name",), "x\n- evil", "can't name a pipeline"),
        (("stages", 0, "name"), "../../etc", "can't name a stage"),
        (("stages", 0, "name"), "a\x1b[31m", "can't name a stage"),
        (("stages", 0, "image"), "x;id", "is no image name"),
        (("stages", 0, "image"), "x:${PK_BRANCH}", "which outsiders choose"),
        (("stages", 0, "outputs"), ["../x"], "is not a path inside the repository"),
        (("stages", 0, "needs"), [{"stage": "test", "paths": ["../x"]}], "is not a path inside the repository"),
        (("stages", 0, "commands"), ["echo \0"], "holds NUL"),
        (("stages", 0, "variables"), [["PATH", "x"]], "belongs to the shell"),
        (("stages", 0, "of"), "test", "no cell of another"),
        (("stages", 0, "raw"), {"gitlab": {"x": "\ud800"}}, "lone surrogate"),
        (("stages", 0, "timeout"), -1, "is no duration"),
        (("stages", 0, "matrix"), [{"name": f"a{n}", "values": [str(v) for v in range(100)]} for n in range(9)], "cells"),
        (("triggers",), [{"kind": "schedule", "name": "x", "cron": "* * * * *; id"}], "is no schedule"),
        (("accept",), {"gitlab": {"cache": " "}}, "needs a reason"),
        (("unknown",), 1, "unknown: there is no such field"),
    ],
)
def test_a_plan_that_no_definition_could_say(open_project: Path, path: tuple[str | int, ...], value: object, said: str) -> None:
    (open_project / "good.py").write_text(GOOD)
    plan = json.loads(to_json(load("good.py")))
    place = plan
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    text = json.dumps(plan)
    (open_project / "pipeline.py").write_text(ANSWER.format(answer=f"json.dumps({{'plan': {text!r}}})"))
    try:
        _, found = checked("pipeline.py", untrusted=True)
        lines = [str(each) for each in found]
    except DefinitionError as error:
        lines = str(error).splitlines()
    assert any(said in line for line in lines), lines
    assert all(line.isprintable() for line in lines)


def test_sources_of_a_plan_stay_in_the_project(open_project: Path) -> None:
    (open_project / "good.py").write_text(GOOD)
    plan = json.loads(to_json(load("good.py")))
    plan["stages"][0]["source"] = {"file": "/etc/passwd\x1b", "line": 1}
    plan["source"] = {"file": "../x.py", "line": 3}
    (open_project / "pipeline.py").write_text(ANSWER.format(answer=f"json.dumps({{'plan': {json.dumps(plan)!r}}})"))
    settled = sandbox.load("pipeline.py")
    assert (str(settled.source), str(settled.stages[0].source)) == ("pipeline.py", "pipeline.py")


def test_rights_are_gone(open_project: Path) -> None:
    found = seen(open_project, "[l.split()[1] for l in open('/proc/self/status') if l.startswith(('CapPrm', 'CapEff', 'NoNewPrivs'))]")
    assert "['0000000000000000', '0000000000000000', '1']" in found
    assert "error PK030" in seen(open_project, "os.setuid(0) if os.getuid() else os.mount")


def test_without_a_sandbox_nothing_runs(open_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    found = told(open_project, f"open({str(open_project / 'ran')!r}, 'w')")
    assert found.startswith("pipeline.py: error PK042: there is no sandbox for an untrusted definition (apt-get install bubblewrap")
    assert not (open_project / "ran").exists()


def test_a_sandbox_that_does_not_start_is_told(open_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = open_project / "bin" / "bwrap"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create a new namespace' >&2\nexit 1\n")
    broken.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{broken.parent}:/usr/bin:/bin")
    assert "error PK042: the sandbox can't start: No permissions to create a new namespace" in told(open_project, GOOD)


def test_a_plan_that_takes_long_to_look_at_ends_in_one_line_and_in_time(open_project: Path) -> None:
    (open_project / "pipeline.py").write_text(GOOD)
    plan = json.loads(to_json(load("pipeline.py")))
    plan["stages"][0]["commands"] = ["eyJ.aa" + "eyJaaaaaaaaa" * 150_000]
    answer = json.dumps({"plan": json.dumps(plan)})
    (open_project / "answer.py").write_text(f"ANSWER = {answer!r}")
    (open_project / "pipeline.py").write_text("from answer import ANSWER\n" + ANSWER.format(answer="ANSWER"))
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pipelinekit", "check", "--untrusted"],
        env={**os.environ, "PIPELINEKIT_SECONDS": "2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("pipeline.py: error PK041: the definition takes longer than 2 s to read")
    assert time.monotonic() - started < 15


def test_on_the_command_line(open_project: Path) -> None:
    (open_project / "pipeline.py").write_text(GOOD)
    for words in (["check", "--untrusted"], ["show", "--json", "--untrusted"]):
        done = subprocess.run([sys.executable, "-m", "pipelinekit", *words], capture_output=True, text=True, check=False)
        assert (done.returncode, "error" in done.stderr) == (0, False)
