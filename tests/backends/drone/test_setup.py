"""What is to be configured on the server."""

from __future__ import annotations

from pipelinekit import Environment, Input, Pipeline, Runner, Secret, ci, on
from pipelinekit.recipes import container

from .rendered import STORE, setup

PYTHON = "python:3.12-slim"


def _commands(p: Pipeline) -> list[str]:
    return [command for step in setup(p) for command in step.commands]


def test_secrets_schedules_and_settings() -> None:
    p = Pipeline(
        "service", image=PYTHON, triggers=[on.push(), on.pull_request(), on.schedule("nightly", "0 3 * * *")], cancel_superseded=True
    )
    test = p.test("pytest", secrets=[Secret("TOKEN", stored="TEST_TOKEN")], runner=Runner("gpu"))
    p.deploy("./deploy.sh", environment=Environment("production", secrets=[Secret("KEY")]), needs=[test])
    assert _commands(p) == [
        "drone repo enable OWNER/NAME",
        "drone repo update --ignore-forks OWNER/NAME",
        "drone repo update --auto-cancel-pull-requests OWNER/NAME",
        'drone secret add --name TEST_TOKEN --data "$TEST_TOKEN" --allow-pull-request OWNER/NAME',
        'drone secret add --name KEY --data "$KEY" OWNER/NAME',
        'drone cron add --branch main OWNER/NAME nightly "0 0 3 * * *"',
        "DRONE_RUNNER_LABELS=gpu:true",
    ]


def test_gates_and_the_store() -> None:
    p = Pipeline("service", image=PYTHON, triggers=[on.push()], targets=STORE)
    asked = p.gate("Ship it?", needs=[p.test("pytest")])
    p.deploy("./deploy.sh", environment=Environment("production"), needs=[asked])
    found = _commands(p)
    assert 'drone secret add --name STORE_ACCESS_KEY_ID --data "$STORE_ACCESS_KEY_ID" OWNER/NAME' in found
    assert "drone build promote OWNER/NAME BUILD production" in found


def test_forks_are_let_in_where_they_are_meant() -> None:
    p = Pipeline("service", image=PYTHON, triggers=[on.pull_request(forks=True)])
    p.test("pytest")
    assert _commands(p) == ["drone repo enable OWNER/NAME"]
    assert [step.title for step in setup(p)] == ["Activate the repository", "Decide who lets forks run"]


def test_a_parameters_default_is_one_word() -> None:
    p = Pipeline("service", image=PYTHON)
    p.test("true", on=[on.manual("by-hand", inputs=[Input("words", "a b; rm -r $HOME")])])
    assert "drone build create --branch main --param WORDS='a b; rm -r $HOME' OWNER/NAME" in _commands(p)


def test_no_repository_has_to_be_trusted() -> None:
    p = Pipeline("service", image=PYTHON, triggers=[on.push()], targets=STORE)
    p.build(container("quay.io/acme/app", tag=ci.sha))
    assert not any("--trusted" in command for command in _commands(p))
