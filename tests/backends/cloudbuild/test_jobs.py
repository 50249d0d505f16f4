"""What a job's step does: trees, files, variables, secrets, attempts; scripts are run, not read."""

import re
import subprocess
from pathlib import Path

import pytest

from pipelinekit import Cache, Environment, Input, Pipeline, Registry, Secret, changed, ci, on
from pipelinekit.model.value import replace
from pipelinekit.recipes import container

from .emitted import REPOSITORY, build, emission, env, program, run, steps, verdicts

SHA = "0123456789abcdef0123456789abcdef01234567"


def pipeline(*triggers, **options) -> Pipeline:
    return Pipeline("app", image="python:3.12", triggers=list(triggers) or [on.push()], **options)


def test_the_only_job_of_a_build_works_in_the_workspace():
    p = pipeline()
    p.test("pytest")
    assert steps(p)["test"]["script"] == "#!/bin/sh\nset -e\npytest\n"


def test_jobs_work_in_copies_and_hand_over_what_is_asked_for(tmp_path):
    p = pipeline()
    built = p.build("mkdir -p dist/x; echo hi >dist/x/a; cp tool run; chmod +x run; touch dist/more", outputs=["dist/", "run"])
    p.test("[ ! -e dist/more ]; cat dist/x/a; ./run", needs=[built["dist/x/"], built["run"]])
    found = steps(p)
    (tmp_path / "workspace").mkdir()
    (tmp_path / "workspace" / "tool").write_text("#!/bin/sh\necho ran\n")
    assert run(found["build"], tmp_path).returncode == 0
    assert [path.name for path in (tmp_path / "workspace").iterdir()] == ["tool"]
    ended = run(found["test"], tmp_path)
    assert (ended.returncode, ended.stdout) == (0, "hi\nran\n")


def test_a_missing_output_fails_also_after_an_exit(tmp_path):
    p = pipeline()
    p.build("exit 0", outputs=["dist/"])
    ended = run(steps(p)["build"], tmp_path)
    assert ended.returncode != 0
    assert "the output dist/ is missing" in ended.stderr


def test_commands_reach_the_shell_as_they_are(tmp_path):
    texts = ["printf '%s\\n' '$HOME $$ ${X:-y} $(date) `id` ((a' \"\\$X\"", "cat <<'EOF'\n  ${{ indented }} \ttab\nEOF", "# ünï: '- |"]
    p = pipeline()
    p.test(*texts)
    p.lint("true")
    assert run(steps(p)["test"], tmp_path).stdout == "$HOME $$ ${X:-y} $(date) `id` ((a\n$X\n  ${{ indented }} \ttab\n"
    assert "\n".join(texts) in steps(p)["test"]["script"]


def test_bash_has_pipefail(tmp_path):
    p = pipeline(shell="bash")
    p.test("false | true", "echo on")
    script = steps(p)["test"]["script"]
    assert script.startswith("#!/usr/bin/env bash\nset -eo pipefail\n")
    assert run(steps(p)["test"], tmp_path).returncode == 1


def test_further_attempts_start_from_a_clean_tree(tmp_path):
    p = pipeline()
    count = tmp_path / "count"
    p.test(
        f"echo . >>{count}",
        "[ ! -e left ]; touch left",
        "cat <<'ATTEMPT_'\nATTEMPT is a word\nATTEMPT_",
        f"[ $(wc -l <{count}) = 3 ]",
        retries=2,
    )
    ended = run(steps(p)["test"], tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "ATTEMPT is a word\n" * 3


def test_attempts_end(tmp_path):
    p = pipeline()
    p.test("echo .; false; echo never", retries=2)
    ended = run(steps(p)["test"], tmp_path)
    assert (ended.returncode, ended.stdout) == (1, ".\n" * 3)


def test_a_timeout_bounds_the_step_or_each_attempt(tmp_path):
    p = pipeline()
    p.test("a", timeout="5m")
    p.lint("sleep 5", timeout=1, retries=1)
    found = steps(p)
    assert found["test"]["timeout"] == "300s"
    assert "timeout" not in found["lint"]
    assert run(found["lint"], tmp_path).returncode == 1


def test_variables_are_exact(tmp_path):
    values = {"A": "$HOME ${X} $$ `id`", "EMPTY": "", "LONG": "$x" * 900, "LINES": "one\ntwo"}
    p = pipeline(variables={"B": "$b", "OWN": "theirs"})
    p.test('printf "%s|" "$A" "$EMPTY" "$LONG" "$LINES" "${UNDECLARED-no}" "$OWN" "$B"', variables={**values, "OWN": "mine"})
    ended = run(steps(p)["test"], tmp_path)
    assert ended.stdout == "|".join((*values.values(), "no", "mine", "$b")) + "|"
    assert build(p)["options"]["env"] == ["OWN=theirs"]


def test_long_variables_of_the_pipeline_are_exported_by_the_scripts(tmp_path):
    p = pipeline(variables={"LONG": "a'b" * 400})
    p.test('printf "%s" "$LONG"')
    assert run(steps(p)["test"], tmp_path).stdout == "a'b" * 400


def test_a_secret_comes_under_the_stores_key_and_is_seen_under_its_name(tmp_path):
    p = pipeline()
    p.test('echo "$URL ${STAGING_URL-gone}"', secrets=[Secret("URL", stored="STAGING_URL")])
    p.lint("true")
    found = build(p)
    assert found["availableSecrets"] == {
        "secretManager": [{"versionName": "projects/${PROJECT_ID}/secrets/STAGING_URL/versions/latest", "env": "STAGING_URL"}]
    }
    assert [step.get("secretEnv") for step in found["steps"]] == [["STAGING_URL"], None]
    assert run(steps(p)["test"], tmp_path, STAGING_URL="secret").stdout == "secret gone\n"


@pytest.mark.parametrize("file", [False, True])
def test_an_empty_secret_fails_by_its_name_before_setup(tmp_path, file):
    p = pipeline()
    p.test("true", setup="echo started", secrets=[Secret("TOKEN", file=file)])
    step = steps(p)["test"]
    ended = run(step, tmp_path, **{step["secretEnv"][0]: ""})
    assert ended.returncode != 0
    assert ended.stdout == ""
    assert "the secret TOKEN is missing" in ended.stderr


def test_a_secret_file_holds_the_value(tmp_path):
    p = pipeline()
    p.test('cat "$KEY"; echo "${KEY_VALUE-gone}"', secrets=[Secret("KEY", file=True)])
    assert run(steps(p)["test"], tmp_path, KEY_VALUE="a\nb ").stdout == "a\nb gone\n"


def test_keys_that_are_other_variables_names_are_renamed(tmp_path):
    p = pipeline(variables={"URL": "plain"})
    p.test('echo "$A $B"', secrets=[Secret("A", stored="B"), Secret("B", stored="A")])
    p.lint('echo "$C $URL"', secrets=[Secret("C", stored="URL")])
    found = steps(p)
    assert run(found["test"], tmp_path, A_VALUE="a", B_VALUE="b").stdout == "b a\n"
    assert run(found["lint"], tmp_path, URL_VALUE="c", URL="plain").stdout == "c plain\n"


def test_facts_come_where_they_are_mentioned():
    p = pipeline()
    p.test(f"echo {ci.sha} {ci.short_sha} {ci.event} {ci.branch} {ci.tag}")
    p.lint("true")
    found = steps(p)
    values = {"COMMIT_SHA": SHA, "_PK_SHORT_SHA": SHA[:8]}
    expected = {"PK_SHA": SHA, "PK_SHORT_SHA": SHA[:8], "PK_EVENT": "push", "PK_BRANCH": "main", "PK_TAG": ""}
    assert env(found["test"], **values) == expected
    assert "env" not in found["lint"]
    assert build(p)["substitutions"] == {"_PK_SHORT_SHA": "${COMMIT_SHA:0:8}"}
    assert build(p)["options"]["dynamicSubstitutions"] is True


def test_outsiders_text_stays_in_variables():
    p = pipeline(on.pull_request())
    p.test(f'echo "{ci.branch} {ci.target_branch} {ci.pull_request} {ci.title}"')
    found = steps(p, "cloudbuild.pull-request.yaml")
    evil = "$(touch x)`id`"
    assert env(found["test"], _HEAD_BRANCH=evil, _BASE_BRANCH="main", _PR_NUMBER="7")["PK_BRANCH"] == evil
    assert "PK_TITLE=$(cat /facts/PK_TITLE)" in found["test"]["script"]
    assert found["test"]["waitFor"] == ["facts"]


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]
    return subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A shallow clone of a pull request's branch, as Cloud Build makes it."""
    origin, clone = tmp_path / "origin", tmp_path / "workspace"
    origin.mkdir()
    git(origin, "init", "-q")
    for name in ("docs", "src"):
        (origin / name).mkdir()
        (origin / name / "a").write_text("1")
    git(origin, "add", ".")
    git(origin, "commit", "-qm", "one")
    git(origin, "checkout", "-qb", "topic")
    (origin / "src" / "a").write_text("2")
    git(origin, "commit", "-qam", "Use `two` $(now)")
    git(origin, "checkout", "-q", "main")
    (origin / "docs" / "a").write_text("2")
    git(origin, "commit", "-qam", "docs")
    git(tmp_path, "clone", "-q", "--depth=1", "-b", "topic", f"file://{origin}", str(clone))
    return tmp_path


def test_a_job_whose_files_the_pull_request_leaves_alone_ends_green(workspace):
    p = pipeline(on.push(), on.pull_request())
    p.test("echo ran", name="docs", only_if=changed("docs/**"))
    p.test("echo ran", only_if=changed("src/**"))
    p.lint("echo ran", only_if=changed("s*/"))
    found = steps(p, "cloudbuild.pull-request.yaml")
    ended = run(found["changed"], workspace)
    assert ended.returncode == 0, ended.stderr
    assert run(found["lint"], workspace).stdout == "ran\n"
    assert run(found["docs"], workspace).stdout == "no change for docs\n"
    assert run(found["test"], workspace).stdout == "ran\n"
    assert "changed" not in steps(p)


def test_author_and_title_are_read_by_git(workspace):
    p = pipeline()
    p.test(f'printf "%s|" "{ci.author}" "{ci.title}"')
    found = steps(p)
    assert run(found["facts"], workspace).returncode == 0
    assert run(found["test"], workspace).stdout == "A|Use `two` $(now)|"


def test_history_is_fetched_once(workspace):
    p = pipeline()
    from pipelinekit import Checkout

    p.test("git rev-list --count HEAD", checkout=Checkout(history=True))
    p.lint("true")
    found = steps(p)
    assert found["test"]["waitFor"] == found["lint"]["waitFor"] == ["checkout"]
    for _ in range(2):
        assert run(found["checkout"], workspace).returncode == 0
    assert run(found["test"], workspace).stdout == "2\n"


def test_allowed_failures_are_marked():
    p = pipeline()
    p.test("a", allow_failure=True)
    p.lint("b")
    assert [step.get("allowFailure") for step in build(p)["steps"]] == [True, None]


def test_a_container_is_built_always_and_pushed_in_deliveries_before_its_dependants():
    p = pipeline(on.push(), on.pull_request())
    image = p.build(container("example.com/app", tag=ci.sha, args={"A": "x y", "SHA": ci.sha}))
    p.deploy(f"deploy {image.ref}", environment=Environment("prod"), needs=[image])
    found = steps(p)
    assert found["build"]["args"] == [
        *("build", "-t", "example.com/app:${COMMIT_SHA}", "--build-arg", "A=x y", "--build-arg", "SHA=${COMMIT_SHA}", "."),
    ]
    assert found["build-push"]["args"] == ["push", "example.com/app:${COMMIT_SHA}"]
    assert found["lock-prod"]["waitFor"] == ["build-push"]
    assert list(steps(p, "cloudbuild.pull-request.yaml")) == ["same-repository", "build"]


def test_signing_in_leaves_nothing_behind(tmp_path):
    p = pipeline(on.push(), on.pull_request())
    quay = Registry("quay.io", username=Secret("USER_NAME", stored="QUAY_USER"), password=Secret("PASS", stored="QUAY_PASS"))
    p.deploy("d", environment=Environment("prod"), needs=[p.build(container("quay.io/a/b", tag=ci.sha, also="latest", registry=quay))])
    program(tmp_path, "docker", f'echo "$@" >>{tmp_path}/log; cat "$DOCKER_CONFIG/config.json" 2>/dev/null >>{tmp_path}/log || true')
    ended = run(steps(p)["build"], tmp_path, {"COMMIT_SHA": SHA}, QUAY_USER="me", QUAY_PASS="pw")
    assert ended.returncode == 0, ended.stderr
    logged = (tmp_path / "log").read_text().splitlines()
    account = '{"auths": {"quay.io": {"auth": "bWU6cHc="}}}'
    assert logged[0].startswith("build -t quay.io/a/b")
    assert logged[1:] == [f"push quay.io/a/b:{SHA}", account, "push quay.io/a/b:latest", account]
    assert not (tmp_path / ".docker").exists()
    assert "availableSecrets" not in build(p, "cloudbuild.pull-request.yaml")


def test_kept_files_go_to_the_bucket_and_match_globs(tmp_path):
    p = pipeline()
    p.test(
        "mkdir -p r/deep dist; touch r/deep/a.xml r/b.txt dist/x.whl 'dist/a b.whl' dist/y.tar",
        reports="r/**/*.xml",
        keep=["dist/*.whl", "none/*.txt"],
        keep_for="30 days",
        shell="bash",
    )
    found = steps(p, bucket="acme")
    ended = run(found["test"], tmp_path)
    assert ended.returncode == 0, ended.stderr
    kept = tmp_path / "kept" / "test"
    assert sorted(str(path.relative_to(kept)) for path in kept.rglob("*") if path.is_file()) == [
        "dist/a b.whl",
        "dist/x.whl",
        "r/deep/a.xml",
    ]
    assert "gs://acme/app/keep-30d/$BUILD_ID/test/" in found["test-keep"]["script"]
    assert found["test-keep"]["allowFailure"] is True
    assert verdicts(p, "keep") == ["PK1402"]
    assert verdicts(p, "keep", bucket="acme") == ["PK1404"]


def test_caches_are_restored_and_saved_by_the_bytes_of_their_key(tmp_path):
    p = pipeline(on.push(), on.pull_request(), cache=[Cache.pip("lock"), Cache("renv/library", key="lock")])
    p.test('echo 1 >"$PIP_CACHE_DIR/p"; mkdir -p renv/library; cat renv/library/r || echo 2 >renv/library/r')
    found = steps(p, bucket="acme")
    bucket = tmp_path / "bucket"
    bucket.mkdir()
    program(
        tmp_path,
        "gcloud",
        f'cd {bucket}; from=$3; to=$4\ncase $2 in ls) [ -e "$(echo "$3" | tr / _)" ] ;;\ncp) case $3 in gs:*) from=$(echo "$3" | tr / _) ;; *) to=$(echo "$4" | tr / _) ;; esac; cp "$from" "$to" ;; esac',
    )
    (tmp_path / "workspace").mkdir()
    (tmp_path / "workspace" / "lock").write_text("a==1")
    assert found["test"]["env"] == ["PIP_CACHE_DIR=/caches/cache-pip/.cache/pip"]
    place = {"PIP_CACHE_DIR": str(tmp_path / "caches/cache-pip/.cache/pip")}
    assert run(found["restore-caches"], tmp_path).returncode == 0
    Path(place["PIP_CACHE_DIR"]).mkdir(parents=True)
    assert run(found["test"], tmp_path, **place).stdout == ""
    ended = run(found["save-caches"], tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert len(list(bucket.iterdir())) == 2
    subprocess.run(["rm", "-rf", str(tmp_path / "caches")], check=True)
    assert run(found["restore-caches"], tmp_path).returncode == 0
    assert run(found["test"], tmp_path, **place).stdout == "2\n"
    assert "save-caches" not in steps(p, "cloudbuild.pull-request.yaml", bucket="acme")
    assert verdicts(p, "cache") == ["PK1404"]


def test_inputs_are_substitutions_and_their_choices_are_kept(tmp_path):
    p = pipeline(on.manual("train", inputs=[Input("problem", "houses", choices=("houses", "iris"), help="which"), Input("seed", "$1")]))
    p.test("echo $PROBLEM $SEED")
    found = build(p, "cloudbuild.manual-train.yaml")
    assert found["substitutions"] == {"_PROBLEM": "houses", "_SEED": "$$1"}
    assert "env" not in found["options"]
    assert [step["env"] for step in found["steps"]] == [["PROBLEM=${_PROBLEM}", "SEED=${_SEED}"]] * 2
    guard = steps(p, "cloudbuild.manual-train.yaml")["inputs"]
    assert run(guard, tmp_path, {"_PROBLEM": "iris", "_SEED": "1"}).returncode == 0
    assert run(guard, tmp_path, {"_PROBLEM": "evil", "_SEED": "1"}).returncode == 1


def test_one_machine_suits_all_jobs():
    from pipelinekit import Runner

    p = pipeline()
    p.test("a", runner=Runner(cpus=2))
    p.lint("b", runner=Runner(memory="9Gi"))
    assert build(p)["options"]["machineType"] == "E2_HIGHCPU_32"
    p.build("c", runner=Runner("gpu", gpus=1))
    assert verdicts(p, "runner") == ["PK1405", "PK1402"]
    assert build(p, pools={"gpu": "projects/a/locations/b/workerPools/c"})["options"]["pool"] == {
        "name": "projects/a/locations/b/workerPools/c"
    }


def test_a_limit_is_said_with_its_number():
    p = pipeline()
    p.test("echo " + "x" * 100_000)
    (found,) = (each for each in emission(p, **REPOSITORY).diagnostics if each.code == "PK1408")
    assert found.limit == "size"
    assert re.search(r"cloudbuild.yaml: 100\d{3} bytes, of which Cloud Build takes 99999", found.message)


def test_raw_comes_last():
    p = pipeline(raw={"cloudbuild": {"queueTtl": "7200s", "options": {"diskSizeGb": 200}}})
    p.test("a", raw={"cloudbuild": {"dir": "sub", "waitFor": None}})
    found = build(p)
    assert (found["queueTtl"], found["options"]["diskSizeGb"]) == ("7200s", 200)
    assert found["steps"][0]["dir"] == "sub"
    assert "waitFor" not in found["steps"][0]


def test_one_key_under_two_names_is_asked_for_once(tmp_path):
    p = pipeline()
    p.test('echo "$A $B"', secrets=[Secret("A", stored="KEY"), Secret("B", stored="KEY")])
    step = steps(p)["test"]
    assert step["secretEnv"] == ["KEY"]
    assert step["script"].count("is missing") == 1
    assert run(step, tmp_path, KEY="k").stdout == "k k\n"


def test_a_signed_in_build_still_reaches_the_service_accounts_images(tmp_path):
    p = pipeline()
    quay = Registry("quay.io", username=Secret("USER_NAME"), password=Secret("PASS"))
    p.deploy("d", environment=Environment("prod"), needs=[p.build(container("quay.io/a/b", tag=ci.sha, registry=quay))])
    program(tmp_path, "docker", f'echo "$1 ${{DOCKER_CONFIG:+apart}}" >>{tmp_path}/log')
    ended = run(steps(p)["build"], tmp_path, {"COMMIT_SHA": SHA}, USER_NAME="me", PASS="pw")
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "log").read_text() == "build \npush apart\n"


def test_kept_files_that_cant_be_copied_fail_no_job(tmp_path):
    p = pipeline()
    p.test("touch r.xml", reports="r.xml")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "test").write_text("in the way, as a folder that another user owns is")
    assert run(steps(p, bucket="acme")["test"], tmp_path).returncode == 0


def test_a_restored_cache_is_never_written_while_others_read_it(tmp_path):
    p = pipeline(on.push(), on.pull_request(), cache=Cache("lib", key="lock"))
    p.test("mkdir -p lib; echo mine >lib/a")
    p.lint("true")
    step = steps(p, bucket="acme")["test"]
    kept = tmp_path / "caches" / "lib"
    assert run(step, tmp_path).returncode == 0
    assert [path.name for path in kept.iterdir()] == ["lib"]
    (kept / "lib" / "a").write_text("restored\n")
    assert run(step, tmp_path).returncode == 0
    assert (kept / "lib" / "a").read_text() == "restored\n"
    assert "lib.new" not in steps(p, "cloudbuild.pull-request.yaml", bucket="acme")["test"]["script"]


def test_a_job_leaves_a_cache_to_the_job_that_is_saving_it(tmp_path):
    p = pipeline(cache=Cache("lib", key="lock"))
    p.test("mkdir -p lib; echo mine >lib/a")
    (tmp_path / "caches" / "lib" / "lib.new").mkdir(parents=True)
    assert run(steps(p, bucket="acme")["test"], tmp_path).returncode == 0
    assert [str(path.relative_to(tmp_path / "caches")) for path in (tmp_path / "caches").rglob("*")] == ["lib", "lib/lib.new"]


def test_more_than_a_day_for_a_build_is_refused():
    p = pipeline()
    p.test("a")
    found = emission(p, build_timeout=90_000)
    assert "PK1408" in [each.code for each in found.diagnostics if each.level == "error"]


def test_an_image_that_may_fail_ends_no_build():
    """Python refuses the option; plans from elsewhere can hold it."""
    p = pipeline()
    image = p.build(container("example.com/app", tag=ci.sha))
    p.deploy("d", environment=Environment("prod"), needs=[image])
    plan = p.plan()
    plan = replace(plan, stages=(replace(plan.stages[0], allow_failure=True), plan.stages[1]))
    found = steps(plan)
    assert [found[name]["allowFailure"] for name in ("build", "build-push")] == [True, True]


def test_a_missing_secret_ends_what_comes_before_its_stage_too():
    """Secret Manager is asked when the build starts, so only a stage with nothing before it fails alone."""
    p = pipeline()
    first = p.test("a", secrets=[Secret("TOKEN")])
    assert verdicts(p, "secrets") == []
    p.step("b", name="publish", secrets=[Secret("TOKEN")], needs=[first])
    assert verdicts(p, "secrets") == ["PK1404"]


def test_behind_a_gate_what_came_before_has_run():
    p = pipeline()
    asked = p.gate("Ship?", needs=[p.test("a")])
    p.step("b", name="publish", secrets=[Secret("TOKEN")], needs=[asked])
    assert verdicts(p, "secrets") == []
