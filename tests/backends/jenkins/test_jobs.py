"""What a job's stage says: agent, tree, script, secrets, services, attempts, what is kept."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from pipelinekit import Cache, Checkout, Matrix, Pipeline, Runner, Secret, Service, ci, on
from tests.backends.jenkins.rendered import emission, jenkinsfile, model, script, stage, steps
from tests.readers import jenkins

IMAGE = "python:3.12"
DB = Service("db", image="postgres:16", port=5432, variables={"POSTGRES_PASSWORD": "it's $x"}, command="postgres -c 'a b'")


def pipeline(**options) -> Pipeline:
    return Pipeline("p", image=IMAGE, triggers=[on.push()], **options)


def test_a_job_is_a_container_on_a_labelled_agent() -> None:
    p = pipeline()
    p.test("pytest")
    test = stage(model(p), "test")
    assert test["agent"]["type"] == "docker"
    assert test["agent"]["arguments"] == {"image": IMAGE, "label": "docker", "args": "-u 0:0"}
    assert steps(test) == ["sh", "checkout", "asRoot", "sh"]
    assert script(model(p), "test") == "#!/bin/sh\nset -e\npytest\n"
    assert "post" not in test
    text = jenkinsfile(p)
    assert text.index("sh 'chown -R 0:0 .'") < text.index("body()") < text.index("""sh 'chown -R "$(stat -c %u:%g "$WORKSPACE_TMP")" .'""")


def test_the_agents_own_user() -> None:
    p = pipeline(targets={"jenkins": {"user": "agent"}})
    p.test("pytest")
    read = model(p)
    assert "args" not in stage(read, "test")["agent"]["arguments"]
    assert 'HOME="$(mktemp -d)"\nexport HOME\n' in script(read, "test")
    assert "chown" not in jenkinsfile(p)
    assert "post" not in stage(read, "test")


def test_bash_with_pipefail() -> None:
    p = pipeline(shell="bash")
    p.test("a | b")
    assert script(model(p), "test").startswith("#!/usr/bin/env bash\nset -eo pipefail\n")


def test_each_attempt_has_a_fresh_tree_and_container_and_the_bound_is_on_the_script() -> None:
    """In one container, what a timeout could not end would write into the next attempt's tree: images without `ps` let nothing be ended."""
    p = pipeline()
    p.test("pytest", retries=2, timeout="90s", reports="r.xml")
    test = stage(model(p), "test")
    assert test["agent"] == {**test["agent"], "type": "label"}
    found = list(jenkins.steps({"steps": test["steps"]}))
    assert [step["name"] for step in found] == ["script", "retry", "deleteDir", "checkout", "inside", "image", "asRoot", "limited", "sh"]
    assert found[1]["arguments"] == {"count": 3} or found[1].get("positional") == [3]
    assert found[7]["positional"] == [90]
    assert "options" not in test
    assert [step["name"] for step in test["post"]["always"]] == ["junit"]


def test_allowed_failures_and_locks_are_options() -> None:
    p = pipeline()
    p.test("pytest", allow_failure=True, lock="gpu-box")
    assert [(each["name"], each["arguments"]) for each in stage(model(p), "test")["options"]] == [
        ("lock", {"resource": "gpu-box"}),
        ("catchError", {"buildResult": "SUCCESS", "stageResult": "FAILURE"}),
    ]


def test_variables_that_environment_cannot_hold_are_exported() -> None:
    p = pipeline(variables={"MODE": "ci", "EMPTY": "", "SHARED": "one"})
    p.test("pytest", variables={"PRICE": "$5", "WORD": "é", "SHARED": "two", "MODE": ""})
    p.lint("ruff check")
    read = model(p)
    assert {each["name"]: each["value"] for each in read["environment"]} == {"MODE": "ci", "SHARED": "one"}
    assert {each["name"]: each["value"] for each in stage(read, "test")["environment"]} == {"SHARED": "two"}
    for line in ("export PRICE='$5'", "export WORD='é'", "export EMPTY=''", "export MODE=''"):
        assert line in script(read, "test")
    assert "environment" not in stage(read, "lint")


def test_secrets_are_bound_at_their_stage_and_asked_for_by_name() -> None:
    p = pipeline()
    p.test("pytest", secrets=[Secret("URL", stored="STAGING_URL"), Secret("KEY", file=True), Secret("MORE", optional=True)])
    p.lint("ruff check")
    read = model(p)
    bound = {each["name"]: each["value"]["positional"] for each in stage(read, "test")["environment"]}
    assert bound == {"URL": ["STAGING_URL"], "KEY": ["KEY"]}
    assert ': "${URL:?the secret STAGING_URL is missing}"' in script(read, "test")
    assert "withCredentials(existing([string(credentialsId: 'MORE', variable: 'MORE')]))" in jenkinsfile(p)
    assert "environment" not in read
    assert "environment" not in stage(read, "lint")


def test_no_container_is_started_while_the_environment_holds_a_secret() -> None:
    """docker-workflow makes `docker exec --env NAME=value` of all that differs from the agent's own (WithContainerStep)."""
    p = pipeline()
    p.test("pytest", secrets=[Secret("URL"), Secret("KEY", file=True), Secret("MORE", optional=True)])
    read, text = model(p), jenkinsfile(p)
    assert stage(read, "test")["agent"]["type"] == "label"
    hidden, outer = text.index("secretsInFiles(['URL', 'MORE']) {"), text.index("withCredentials(existing([")
    assert outer < hidden < text.index("docker.image(")
    assert "withEnv(names.collect { it + '=' })" in text
    assert 'URL="$(cat "$WORKSPACE_TMP/URL.secret")"\nexport URL\n' in script(read, "test")
    optional = 'if [ -s "$WORKSPACE_TMP/MORE.secret" ]; then\n  MORE="$(cat "$WORKSPACE_TMP/MORE.secret")"\n  export MORE\nfi\n'
    assert optional in script(read, "test")
    assert "KEY.secret" not in text


def test_files_of_secrets_need_no_hiding() -> None:
    p = pipeline()
    p.test("pytest", secrets=[Secret("KEY", file=True)])
    assert stage(model(p), "test")["agent"]["type"] == "docker"
    assert "secretsInFiles" not in jenkinsfile(p)


@pytest.mark.parametrize("value", ["it's $x `y` \\n", "two\nlines", "é"])
def test_secrets_reach_the_script_as_they_are(tmp_path: Path, value: str) -> None:
    """The line for the agent, and then those of the job, in a real shell."""
    p = pipeline()
    p.test('printf "[%s%s]" "$URL" "${MORE-none}"', secrets=[Secret("URL"), Secret("MORE", optional=True)])
    line = re.search(r"sh 'umask 077; for name in ' \+ names.join\(' '\) \+ '(.*)'", jenkinsfile(p))
    assert line
    put = f"umask 077; for name in URL MORE{line[1]}"
    environment = {"PATH": os.environ["PATH"], "WORKSPACE_TMP": str(tmp_path)}
    traced = subprocess.run(["sh", "-xec", put], env={**environment, "URL": value}, capture_output=True, text=True, check=True)
    assert value.splitlines()[0] not in traced.stderr
    assert (tmp_path / "URL.secret").stat().st_mode & 0o777 == 0o600
    said = subprocess.run(["sh", "-c", script(model(p), "test")], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout == f"[{value}none]"


def test_an_empty_secret_fails_by_its_name(tmp_path: Path) -> None:
    p = pipeline()
    p.test("echo ran", secrets=[Secret("URL", stored="STAGING_URL")])
    (tmp_path / "URL.secret").write_text("\n")
    environment = {"PATH": os.environ["PATH"], "WORKSPACE_TMP": str(tmp_path)}
    said = subprocess.run(["sh", "-c", script(model(p), "test")], env=environment, capture_output=True, text=True, check=False)
    assert said.returncode != 0
    assert "the secret STAGING_URL is missing" in said.stderr
    assert "ran" not in said.stdout


def test_services_stand_in_a_network_of_the_job() -> None:
    p = pipeline()
    p.test("pytest", services=[DB], retries=1)
    read, text = model(p), jenkinsfile(p)
    test = stage(read, "test")
    assert (test["agent"]["type"], test["agent"]["arguments"]) == ("label", {"label": "docker"})
    assert test["environment"][0]["value"] == {"call": "networkOf", "arguments": {}, "positional": ["test"]}
    [up, inner] = [each for each in jenkins.shell({"steps": test["steps"]}) if "\n" in each]
    assert "--network-alias db --env 'POSTGRES_PASSWORD=it'\"'\"'s $x' postgres:16 postgres -c 'a b'" in up
    assert up.index("docker network rm") < up.index("docker network create")
    assert inner.index("nc -z db 5432") < inner.index("pytest")
    assert '.inside("-u 0:0 --network ${env.PK_NETWORK}")' in text
    assert "docker rm --force" in test["post"]["cleanup"][0]["arguments"]["script"]


def test_files_go_as_stashes_of_what_was_asked_for() -> None:
    p = pipeline()
    made = p.build("make", outputs=["dist/", "a.txt"])
    p.test("t", name="one", needs=[made["dist/"]])
    p.test("t", name="both", needs=[made["dist/x.whl"], made["a.txt"]])
    read = model(p)
    stashed = {
        step["arguments"]["name"]: step["arguments"]["includes"] for step in stage(read, "build")["steps"] if step["name"] == "stash"
    }
    assert stashed == {"build dist": "dist/**", "build dist-x.whl": "dist/x.whl", "build a.txt": "a.txt"}
    assert all(
        step["arguments"].get("useDefaultExcludes", False) is False for step in stage(read, "build")["steps"] if step["name"] == "stash"
    )
    taken = [list(step["arguments"].values()) for step in stage(read, "both")["steps"] if step["name"] == "unstash"]
    assert taken == [["build dist-x.whl"], ["build a.txt"]]
    assert [step["name"] for step in stage(read, "build")["steps"]] == ["sh", "checkout", "asRoot", "stash", "stash", "stash"]


def test_one_cell_can_be_asked_for_its_files() -> None:
    p = pipeline()
    version = Matrix("python", "3.11", "3.12")
    tested = p.test("pytest", image=f"python:{version}", matrix=version, outputs="cov.xml")
    p.step("report", name="report", needs=[tested.cell(python="3.12")["cov.xml"]])
    text = jenkinsfile(p)
    assert text.count("stash name: 'test-3.12'") == 1
    assert "stash name: 'test-3.11'" not in text
    assert "unstash 'test-3.12'" in text


def test_kept_files_and_reports_change_no_outcome() -> None:
    p = pipeline()
    p.test("pytest", reports="r/*.xml", keep=["dist/", "*.log"], keep_for="30 days")
    read = model(p)
    always = {step["name"]: step["arguments"] for step in stage(read, "test")["post"]["always"]}
    assert always["junit"] == {"testResults": "r/*.xml", "allowEmptyResults": True, "skipMarkingBuildUnstable": True}
    assert always["archiveArtifacts"] == {"artifacts": "dist/**, *.log", "allowEmptyArchive": True, "defaultExcludes": False}
    assert "buildDiscarder(logRotator(artifactDaysToKeepStr: '30'))" in jenkinsfile(p)


def test_caches_by_plugin_or_said_to_be_lost() -> None:
    def cached(**options) -> Pipeline:
        p = pipeline(cache=Cache.pip("requirements.lock"), **options)
        p.test("pytest")
        return p

    [lost] = emission(cached()).diagnostics
    assert (lost.code, lost.feature) == ("PK1404", "cache")
    kept = cached(targets={"jenkins": {"cache": "jobcacher"}})
    assert not emission(kept).diagnostics
    assert (
        "arbitraryFileCache(path: '.cache/pip', cacheValidityDecidingFile: 'requirements.lock', compressionMethod: 'TARGZ')"
        in jenkinsfile(kept)
    )
    assert 'export PIP_CACHE_DIR="$PWD/.cache/pip"' in script(model(kept), "test")
    assert "defaultBranch: 'main'" in jenkinsfile(kept)


def test_caches_of_several_jobs_are_said_once() -> None:
    p = pipeline(cache=Cache.pip("requirements.lock"), targets={"jenkins": {"cache": "jobcacher"}})
    p.test("pytest")
    p.lint("ruff check")
    text = jenkinsfile(p)
    assert text.count("arbitraryFileCache(") == 1
    assert text.count("cached {") == 2
    assert "\njobcacher:" in emission(p).files["jenkins/plugins.txt"]


def test_the_agent_is_chosen_by_labels() -> None:
    p = pipeline(targets={"jenkins": {"label": "linux"}})
    p.test("pytest", runner=Runner("gpu", arch="arm64", gpus=2))
    agent = stage(model(p), "test")["agent"]["arguments"]
    assert (agent["label"], agent["args"]) == ("linux && gpu && arm64", "-u 0:0 --gpus 2")


def test_facts_come_from_the_checkout_the_build_and_git() -> None:
    p = pipeline()
    p.test(f'a "{ci.sha}" "{ci.short_sha}"', name="a")
    p.test(f'b "{ci.title}" "{ci.author}" "{ci.repository}"', name="b")
    p.test(f'c "{ci.branch}" "{ci.event}" "{ci.run_url}"', name="c", on=[on.push(), on.tag("v*")])
    read, text = model(p), jenkinsfile(p)
    assert 'withEnv(["PK_SHA=${tree.GIT_COMMIT}", "PK_SHORT_SHA=${tree.GIT_COMMIT.substring(0, 8)}"])' in text
    assert 'PK_TITLE="$(cat "$WORKSPACE_TMP/title")"\nexport PK_TITLE\n' in text
    assert stage(read, "b")["agent"]["type"] == "label"
    assert 'printf "%s\\n" "${CHANGE_BRANCH:-$BRANCH_NAME}" > "$WORKSPACE_TMP/branch"' in jenkins.shell(stage(read, "c"))[0]
    assert (
        'PK_BRANCH="$(cat "$WORKSPACE_TMP/branch")"\nexport PK_BRANCH\n[ -z "${TAG_NAME:-}" ] || PK_BRANCH=\n'
        in jenkins.shell(stage(read, "c"))[1]
    )
    assert stage(read, "c")["environment"][0]["value"]["call"] == "eventName"
    assert "CHANGE_" not in "".join(line for line in text.splitlines() if '"' in line and "withEnv" in line)


def test_an_image_of_this_commit_is_known_behind_the_checkout() -> None:
    p = pipeline()
    p.test("pytest", image=f"registry.example.com/app:{ci.sha}", setup="")
    text = jenkinsfile(p)
    assert "docker.image(\"registry.example.com/app:${tree.GIT_COMMIT}\").inside('-u 0:0')" in text
    assert stage(model(p), "test")["agent"]["type"] == "label"


def test_more_than_the_files() -> None:
    p = pipeline()
    p.test("a", name="a", checkout=Checkout(lfs=True, submodules=True))
    p.test("b", name="b", checkout=Checkout(history=True))
    p.test("c", name="c", checkout=Checkout(tags=True))
    text = jenkinsfile(p)
    assert "extensions: scm.extensions + [\n" in text
    for part in ("lfs(),", "submodule(recursiveSubmodules: true, parentCredentials: true),"):
        assert part in text
    assert "cloneOption(shallow: false, noTags: true, reference: '')" in text
    assert "cloneOption(shallow: false, noTags: false, reference: '')" in text


def test_words_of_a_script_call_no_function() -> None:
    p = pipeline()
    p.test("./tool claim it", "changes('x')", "it's \\' asRoot { claim")
    p.lint("a", name="quiet")
    assert re.findall(r"^def (\w+)", jenkinsfile(p), re.MULTILINE) == ["asRoot"]


def test_inputs_are_parameters() -> None:
    from pipelinekit import Input

    p = Pipeline(
        "p", image=IMAGE, triggers=[on.manual("train", [Input("problem", "iris", choices=("houses", "iris")), Input("note", help="why")])]
    )
    p.step("train")
    text = jenkinsfile(p)
    assert "choice(name: 'PROBLEM', choices: ['iris', 'houses'])" in text
    assert "string(name: 'NOTE', defaultValue: '', description: 'why')" in text
    assert 'export PROBLEM="${PROBLEM:-}"' in script(model(p), "step")
    assert 'NOTE="$(cat "$WORKSPACE_TMP/NOTE.input")"\nexport NOTE\n' in script(model(p), "step")


@pytest.mark.parametrize(("file", "refused"), [(False, False), (True, True)])
def test_one_credential_is_a_text_or_a_file(file: bool, refused: bool) -> None:
    p = pipeline()
    p.lint("a", secrets=[Secret("TOKEN")])
    p.test("b", secrets=[Secret("TOKEN_FILE", stored="TOKEN", file=file)])
    errors = [each.message for each in emission(p).diagnostics if each.level == "error"]
    assert errors == (["secret_files (test): a credential is a text or a file"] if refused else [])
