"""What the server must know."""

from pipelinekit import Environment, Pipeline, Runner, Secret, on
from pipelinekit.backend import registry
from pipelinekit.backend.emit import prepare


def steps(p):
    backend = registry.load("concourse")
    request, _ = prepare(p.plan(), backend)
    return {step.title: step.commands for step in backend.setup(request)}


def test_every_key_is_asked_for_by_name_and_no_value_is_an_argument():
    p = Pipeline("x", image="python:3.12", triggers=[on.push()], targets={"concourse": {"webhook_token": "hook", "bucket": "files"}})
    p.test("t", secrets=[Secret("A", stored="B"), Secret("C", optional=True)])
    commands = steps(p)["Store the variables"]
    keys = [command.split("/")[-1].split()[0] for command in commands]
    assert keys == ["B", "C", "git_private_key", "git_uri", "hook"]
    assert all(" value=-" in command for command in commands)
    assert "may be empty" in commands[1]
    assert "resources/repo/check/webhook" in steps(p)["Let webhooks call"][0]


def test_gates_and_workers():
    p = Pipeline("x", image="python:3.12", triggers=[on.push()])
    asked = p.gate("Ship?", needs=[p.test("t", runner=Runner("gpu"))])
    p.deploy("d", environment=Environment("production"), needs=[asked])
    assert steps(p)["Approve"] == ("fly -t ci trigger-job -j x/gate  # Ship?",)
    assert steps(p)["Tag the workers"] == ("concourse worker --tag gpu",)
    assert steps(p)["Set the pipeline"][0] == "fly -t ci set-pipeline -p x -c ci/pipeline.yml"
