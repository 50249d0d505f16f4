"""The engine's own rules, one by one, each beside what Google's documentation says of it.

Here what a build does with its steps; `test_service` has triggers, gates and programs. SCHEMA is
cloud.google.com/build/docs/build-config-file-schema, SUBSTITUTIONS cloud.google.com/build/docs/configuring-builds/substitute-variable-values,
TRIGGERS cloud.google.com/build/docs/automating-builds/create-manage-triggers; other pages are named where they are meant.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engines.cloudbuild import container
from tests.engines.cloudbuild.played import TOKEN, Played, play, step
from tests.readers.engines import require


@pytest.fixture(autouse=True)
def _containers() -> None:
    require(container.missing())


def order(played: Played) -> list[str]:
    return [row[1] for row in played.log if row[0] == "job.end"]


# Order


def test_without_wait_for_a_step_comes_after_all_before_it(tmp_path: Path) -> None:
    """Configure build step order: "If no values are provided for waitFor, the build step waits for all prior build steps to complete"."""
    steps = [step("a"), {**step("b"), "waitFor": []}, {**step("c"), "waitFor": []}]
    assert order(play(tmp_path, steps)) == ["a", "b", "c"]


def test_a_dash_begins_at_once_and_ids_are_waited_for(tmp_path: Path) -> None:
    """The same page: "a build step runs immediately at build time" with `-`."""
    steps = [step("slow", "sleep 1"), step("quick"), step("last", after=["slow"])]
    assert order(play(tmp_path, steps)) == ["quick", "slow", "last"]


def test_a_failure_ends_the_build_and_what_runs_is_cancelled(tmp_path: Path) -> None:
    """SCHEMA, allowFailure: "by default … if a build step fails, the build fails"; `build.go` cancels the others."""
    played = play(tmp_path, [step("bad", "exit 3"), step("long", "sleep 60"), step("next", after=["bad"])])
    assert played.statuses == {"bad": "FAILURE", "long": "CANCELLED", "next": "QUEUED"}
    assert played.builds[0].status == "FAILURE"
    assert ("run.end", "failed") in played.log


def test_what_doesnt_depend_on_a_failure_and_is_quick_has_ended_by_then(tmp_path: Path) -> None:
    """The engine's own choice: a step that fails takes as long as the others."""
    played = play(tmp_path, [step("bad", "exit 3"), step("a"), step("b", after=["a"])])
    assert played.statuses == {"bad": "FAILURE", "a": "SUCCESS", "b": "SUCCESS"}


def test_an_allowed_failure_lets_the_build_go_on(tmp_path: Path) -> None:
    """SCHEMA, allowFailure: "the build … will succeed" and the step keeps its failure."""
    played = play(tmp_path, [step("bad", "exit 3", allowFailure=True), step("next", after=["bad"])])
    assert played.statuses == {"bad": "FAILURE", "next": "SUCCESS"}
    assert played.builds[0].status == "SUCCESS"
    assert ("job.end", "bad", "allowed") in played.log


@pytest.mark.parametrize("code, status", [(3, "SUCCESS"), (4, "FAILURE")])
def test_only_the_named_codes_are_allowed(tmp_path: Path, code: int, status: str) -> None:
    """SCHEMA, allowExitCodes: it "takes precedence" over allowFailure."""
    played = play(tmp_path, [step("bad", f"exit {code}", allowFailure=True, allowExitCodes=[3])])
    assert played.builds[0].status == status


# Time


def test_a_step_ends_with_its_timeout(tmp_path: Path) -> None:
    """SCHEMA, timeout of a step: "if the step's time is up, … the step fails"."""
    played = play(tmp_path, [step("hangs", "sleep 300", timeout="60s"), step("next", after=["hangs"])])
    assert played.statuses == {"hangs": "TIMEOUT", "next": "QUEUED"}
    assert ("job.end", "hangs", "timeout") in played.log


def test_a_build_ends_with_its_timeout(tmp_path: Path) -> None:
    """SCHEMA, timeout of the build: the build's status is then TIMEOUT."""
    played = play(tmp_path, [step("hangs", "sleep 300")], timeout="100s")
    assert played.builds[0].status == "TIMEOUT"


def test_the_program_timeout_rings_in_time(tmp_path: Path) -> None:
    """The engine's own clock: what `timeout` bounds ends as if the time had passed."""
    played = play(tmp_path, [step("bounded", "timeout 30 sleep 300 || echo ended with $?")])
    assert played.said("bounded") == "ended with 124\n"
    assert play(tmp_path, [step("bounded", "timeout 30 sleep 20; echo $?")]).said("bounded") == "0\n"


# What a step sees


def test_steps_share_the_workspace_home_and_volumes_and_nothing_else(tmp_path: Path) -> None:
    """SCHEMA, dir and volumes: /workspace persists; "volumes … persist files across build steps"; a path of no volume doesn't."""
    volumes = [{"name": "vol", "path": "/vol"}]
    write = step("write", "for d in /workspace /vol /tmp $HOME; do echo 1 >$d/made; done", volumes=volumes)
    read = step("read", "ls /workspace/made /vol/made $HOME/made; test ! -e /tmp/made; echo $HOME", after=["write"], volumes=volumes)
    other = step("other", "test ! -e /vol", after=["write"])
    played = play(tmp_path, [write, read, other])
    assert played.builds[0].status == "SUCCESS", played.said("read") + played.said("other")
    assert played.said("read").split()[-1] == "/builder/home"


def test_a_folder_is_below_the_workspace_or_absolute(tmp_path: Path) -> None:
    """SCHEMA, dir: "If you use a relative path, it's relative to the build's working directory"."""
    played = play(tmp_path, [step("relative", "pwd", dir="src"), step("absolute", "pwd", dir="/tmp"), step("plain", "pwd")])
    assert [played.said(name) for name in ("relative", "absolute", "plain")] == ["/workspace/src\n", "/tmp\n", "/workspace\n"]


def test_the_checkout_is_shallow_and_can_be_completed(tmp_path: Path) -> None:
    """TRIGGERS, "Including the repository history": only the commit is there; `git fetch --unshallow` gets the rest."""
    script = "git rev-list --count HEAD; git branch -r; git fetch -q --unshallow; git rev-list --count HEAD"
    assert play(tmp_path, [step("git", script)]).said("git") == "1\n2\n"


def test_a_script_begins_with_its_own_line_or_sh(tmp_path: Path) -> None:
    """Run bash scripts: "If you don't specify a shebang, #!/bin/sh is used"; nothing ends it at a failing line."""
    bash = {**step("bash"), "script": "#!/usr/bin/env bash\necho ${BASH_VERSION:+bash}"}
    plain = {**step("plain"), "script": "false\necho ${BASH_VERSION:-sh}"}
    played = play(tmp_path, [bash, plain])
    assert (played.said("bash"), played.said("plain")) == ("bash\n", "sh\n")


def test_arguments_go_to_the_images_entrypoint(tmp_path: Path) -> None:
    """SCHEMA, args: "If the builder in the build step does not have an entrypoint, the first element in args is used"."""
    git = {"id": "git", "name": "gcr.io/cloud-builders/git", "args": ["--version"]}
    plain = {"id": "plain", "name": "debian:12-slim", "args": ["echo", "one two", "$$HOME ${BRANCH_NAME}"]}
    shell = {"id": "shell", "name": "gcr.io/cloud-builders/git", "entrypoint": "sh", "args": ["-c", "echo $$HOME"]}
    played = play(tmp_path, [git, plain, shell])
    assert played.said("git").startswith("git version")
    assert (played.said("plain"), played.said("shell")) == ("one two $HOME main\n", "/builder/home\n")


def test_variables_of_the_build_and_the_step(tmp_path: Path) -> None:
    """SCHEMA, env: of options for all steps, of a step for itself, the step's last."""
    options = {"logging": "CLOUD_LOGGING_ONLY", "env": ["A=1", "B=x"]}
    played = play(tmp_path, [step("a", 'echo "$A|$B|$C"', env=["A=2", "C="]), step("b", 'echo "$A|${C-none}"')], options=options)
    assert (played.said("a"), played.said("b")) == ("2|x|\n", "1|none\n")


def test_substitutions_become_variables_only_where_a_file_says_so(tmp_path: Path) -> None:
    """SUBSTITUTIONS, "Map substitutions automatically": automapSubstitutions, of a step or of all."""
    steps = [step("mapped", 'echo "$BRANCH_NAME $_X"', automapSubstitutions=True, env=["Y=$_X"]), step("not", 'echo "${BRANCH_NAME-none}"')]
    played = play(tmp_path, steps, substitutions={"_X": "${BRANCH_NAME}-x"})
    assert (played.said("mapped"), played.said("not")) == ("main main-x\n", "none\n")


# Secrets


def test_a_secret_is_seen_by_the_steps_that_name_it(tmp_path: Path) -> None:
    """Use secrets from Secret Manager (cloud.google.com/build/docs/securing-builds/use-secrets): secretEnv of a step."""
    steps = [step("named", "echo ${TOKEN:+set}", secretEnv=["TOKEN"]), step("other", "echo ${TOKEN-unset}")]
    played = play(tmp_path, steps, availableSecrets=TOKEN, secrets={"STORED": "sesame"})
    assert (played.said("named"), played.said("other")) == ("set\n", "unset\n")


def test_without_a_secret_no_step_starts(tmp_path: Path) -> None:
    """The same page: the versions are fetched when the build starts; the error names the version."""
    steps = [step("first"), step("named", ': "${TOKEN:?missing}"', secretEnv=["TOKEN"])]
    played = play(tmp_path, steps, availableSecrets=TOKEN)
    assert set(played.statuses.values()) == {"QUEUED"}
    assert played.builds[0].status == "FAILURE"
    assert played.builds[0].detail == "failed to access secrets: projects/acme-ci/secrets/STORED/versions/latest"
    assert [row[:3] for row in played.log] == [("job.start", "named"), ("job.end", "named", "failed"), ("run.end", "failed")]
