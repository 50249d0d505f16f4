"""What outsiders choose, and what their builds can reach."""

import re

import pytest

from pipelinekit import Environment, Input, Pipeline, Secret, on
from pipelinekit.backend import registry
from pipelinekit.backend.emit import prepare
from pipelinekit.model.plan import Plan
from pipelinekit.model.value import replace
from tests.engines.cloudbuild import cloud
from tests.engines.cloudbuild.substitutions import resolved

from .emitted import REPOSITORY, emission, program, run, steps, triggers


def pipeline(*given) -> Pipeline:
    return Pipeline("app", image="python:3.12", triggers=list(given))


def commands(p: Pipeline, **settings) -> str:
    plan: Plan = replace(p.plan(), targets={"cloudbuild": settings})
    backend = registry.load("cloudbuild")
    request, _ = prepare(plan, backend)
    return "\n".join(command for step in backend.setup(request) for command in step.commands)


def test_pull_requests_have_an_account_of_their_own():
    """Every step can ask for a token of its build's account: one that reads no secret of a delivery."""
    p = pipeline(on.push(), on.pull_request(forks=True))
    p.lint("l")
    p.test("t", secrets=[Secret("TEST_KEY")])
    p.deploy("d", environment=Environment("store", secrets=[Secret("STORE_KEY")]), needs=[p.build("make")])
    main, review = "ci@acme.iam.gserviceaccount.com", "review@acme.iam.gserviceaccount.com"
    own = {"service_account": main, "pull_request_account": review, "bucket": "files"}
    found = triggers(p, **own)
    assert found["app-push"]["serviceAccount"].endswith(main)
    assert found["app-pull-request"]["serviceAccount"].endswith(review)
    text = commands(p, **REPOSITORY, **own)
    assert f'STORE_KEY --member="serviceAccount:{main}"' in text
    assert not re.search(rf"(STORE|TEST)_KEY --member=.serviceAccount:{review}", text)
    assert f'"serviceAccount:{review}" --role=roles/storage.objectCreator --condition=' in text
    p = pipeline(on.push(), on.pull_request())
    p.test("t", secrets=[Secret("TEST_KEY")])
    p.deploy("d", environment=Environment("store", secrets=[Secret("STORE_KEY")]))
    text = commands(p, **REPOSITORY, **own)
    assert f'TEST_KEY --member="serviceAccount:{review}"' in text
    assert f'STORE_KEY --member="serviceAccount:{review}"' not in text


def test_one_account_for_strangers_and_deliveries_is_said():
    p = pipeline(on.push(), on.pull_request(forks=True))
    p.test("t")
    p.deploy("d", environment=Environment("store", secrets=[Secret("STORE_KEY")]))
    said = [each.message for each in emission(p).diagnostics if each.feature == "forks"]
    assert ["metadata" in each for each in said] == [True]
    said = [
        each.message
        for each in emission(p, pull_request_account="review@acme.iam.gserviceaccount.com").diagnostics
        if each.feature == "forks"
    ]
    assert ["metadata" in each for each in said] == [False]


@pytest.mark.parametrize("branch", ["a$PROJECT_ID", "${_X}$$", "1`touch${IFS}pwned`$HOME%PATH%", "'\";>pwned", "a,b=c"])
def test_a_branch_crosses_a_gate_as_it_is(tmp_path, branch):
    """Names are filled in in the values of substitutions: an outsider's dollar is doubled before it becomes one."""
    p = pipeline(on.push("**"))
    asked = p.gate("Go?", name="gate", needs=[p.test("t")])
    p.step('echo "$PK_BRANCH"', needs=[asked])
    program(tmp_path, "gcloud", f'printf "%s" "$7" >{tmp_path}/given')
    values = {"COMMIT_SHA": "sha", "LOCATION": "global", "BUILD_ID": "b1", "BRANCH_NAME": branch}
    assert run(steps(p, "cloudbuild.push-branches.yaml")["gate"], tmp_path, values).returncode == 0
    given = cloud.substitutions((tmp_path / "given").read_text().removeprefix("--substitutions="))
    behind = resolved({**given, "PROJECT_ID": "acme"}, loose=True, dynamic=True)
    assert behind == {"_PK_RUN": "b1", "_PK_BRANCH": branch, "PROJECT_ID": "acme"}
    assert not (tmp_path / "workspace" / "pwned").exists()


def test_a_typed_value_that_would_end_early_starts_nothing(tmp_path):
    p = pipeline(on.manual("ship", inputs=[Input("what", "x")]))
    p.step('echo "$WHAT"', needs=[p.gate("Go?", name="gate", needs=[p.test("t")])])
    program(tmp_path, "gcloud", f"touch {tmp_path}/called")
    values = {"COMMIT_SHA": "sha", "LOCATION": "global", "BUILD_ID": "b1", "_WHAT": "x|::|_PK_RUN=other"}
    ended = run(steps(p, "cloudbuild.manual-ship.yaml")["gate"], tmp_path, values)
    assert (ended.returncode, ended.stderr) == (1, "WHAT holds |::, which ends a value\n")
    assert not (tmp_path / "called").exists()
