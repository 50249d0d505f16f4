"""The bytes that the user wrote are the bytes that the shell gets."""

import os
import stat
import subprocess

import pytest

from pipelinekit import Pipeline, on
from tests.golden_cases import plan as golden
from tests.readers.concourse_grammar import VARIABLE

from .rendered import Worker, jobs, script, tasks

HOSTILE = [
    "i=1; echo $((i)) ((a)) ((a:b.c)) (((x))) $(((i)))",
    "echo ((é)) ((.:python)) ((TOKEN))",
    'echo "((a))((b))"',
    "cat <<'END'\n((stays))\nEND",
]


def task(*commands, **options):
    p = Pipeline("x", image="python:3.12", triggers=[on.push()], **options)
    p.test(*commands)
    return tasks(jobs(p)["test"])["test"]


def given(step, tmp_path):
    """What the last shell is called with: a stand-in for it in PATH writes it down."""
    run = step["config"]["run"]
    kept, stand_in = tmp_path / "kept", tmp_path / "bin" / run["path"]
    stand_in.parent.mkdir()
    stand_in.write_text(f'#!/bin/sh\nfor one; do last="$one"; done\nprintf %s "$last" > {kept}\n')
    stand_in.chmod(stand_in.stat().st_mode | stat.S_IXUSR)
    subprocess.run([f"/bin/{run['path']}", *run["args"]], env={"PATH": f"{stand_in.parent}:{os.environ['PATH']}"}, check=True)
    return kept.read_text()


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_brackets_reach_the_shell(tmp_path, shell):
    step = task(*HOSTILE, shell=shell)
    assert not any(VARIABLE.search(arg) for arg in step["config"]["run"]["args"])
    assert given(step, tmp_path) == "exec </dev/null\n" + "\n".join(HOSTILE) + "\n"


def test_scripts_of_the_hostile_case_are_whole():
    from pipelinekit.backend.emit import emit
    from tests.readers import concourse

    plan = golden("scripts-hostile")
    (job, *_) = concourse.read(emit(plan, "concourse").files)["ci/pipeline.yml"]["jobs"]
    assert script(tasks(job)["test"]) == "exec </dev/null\n" + "\n".join(plan.stages[0].commands) + "\n"


def test_more_pieces_than_digits(tmp_path):
    commands = [f"echo '((a{number}))'" for number in range(12)]
    assert given(task(*commands), tmp_path).count("((a") == 12


def test_no_arguments_are_seen_and_nothing_can_be_read(tmp_path):
    worker = Worker(tmp_path)
    worker.has("repo")
    step = task('echo "$#"', "cat", "i=5", "echo $((i))", "false", "echo never")
    done = worker.run(step)
    assert (done.returncode, done.stdout) == (1, "0\n5\n")


def test_bash_has_pipefail(tmp_path):
    worker = Worker(tmp_path)
    worker.has("repo")
    assert worker.run(task("false | true", shell="bash")).returncode == 1
    assert worker.run(task("false | true")).returncode == 0
