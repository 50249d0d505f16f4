"""What the server decides, and what people type: each rule with the source that has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelinekit.backend.interface import SetupStep
from pipelinekit.semantics.scenario import Happening
from tests.engines.drone import host, people
from tests.engines.drone.rig import PUSH, Server, file, ground_for, pipeline, statuses

# The server: parser and linter (drone-yaml), trigger/trigger.go, trigger/skip.go, trigger/dag, operator/manager/teardown.go.


def test_a_document_needs_a_kind(server: Server) -> None:
    assert "missing kind" in server.happen("# a comment\n---\n" + pipeline("a", "name: a, commands: [true]"))["error"]


def test_pipelines_depend_on_earlier_ones(server: Server) -> None:
    a, b = pipeline("a", "name: a, commands: [true]", more=f"{PUSH}\ndepends_on: [b]"), pipeline("b", "name: b, commands: [true]")
    assert server.happen(file(a, b))["error"] == "linter: invalid or unknown pipeline dependency"
    assert server.happen(file(b, b))["error"] == "linter: duplicate pipeline names"
    assert server.started == []


def test_an_event_that_no_pipeline_is_triggered_by_starts_no_build(server: Server) -> None:
    assert not server.happen(pipeline("a", "name: a, commands: [true]", more="trigger: {event: [tag]}"))["build"]


def test_a_pipeline_without_an_event_runs_on_promotions_too(server: Server) -> None:
    conversation = server.talk(pipeline("a", "name: a, commands: ['echo to $DRONE_DEPLOY_TO']", more=""))
    name, payload = host.webhook(Happening(), server.ground)
    first = conversation.command(hook=name, payload=payload)
    assert conversation.command(promote=first["build"], target="moon", would=True)["build"] == 2
    assert server.started == ["a/a"], "nothing runs of what would"
    assert conversation.command(promote=first["build"], target="moon")["build"] == 2
    conversation.close()
    assert server.started == ["a/a"] * 2
    assert "to moon" in server.text


def test_the_branch_of_a_pull_request_is_its_target(tmp_path: Path) -> None:
    happening = Happening("pull_request", branch="feature/one")
    server = ground_for(tmp_path, happening)
    what = "name: a, commands: ['echo $DRONE_SOURCE_BRANCH to $DRONE_BRANCH, $DRONE_PULL_REQUEST']"
    server.happen(pipeline("a", what, more="trigger: {branch: [main]}"), happening)
    assert "feature/one to main, 7" in server.text
    assert not server.happen(pipeline("a", what, more="trigger: {branch: ['feature/*']}"), happening)["build"]


def test_forks_are_ignored_where_the_repository_says_so(tmp_path: Path) -> None:
    happening = Happening("pull_request", branch="feature/one", fork=True)
    server = ground_for(tmp_path, happening)
    text = pipeline("a", "name: a, commands: [true]", more="")
    assert server.happen(text, happening)["status"] == "success"
    server.settings["ignore_forks"] = True
    assert not server.happen(text, happening)["build"]


def test_a_build_of_a_cron_job_has_no_source_branch(server: Server) -> None:
    more = "trigger: {event: [cron], cron: [nightly]}"
    conversation = server.talk(pipeline("a", "name: a, commands: ['echo <$DRONE_SOURCE_BRANCH|$DRONE_BRANCH>']", more=more))
    assert conversation.command(cron="nightly", branch="main")["status"] == "failure", "a shell takes < for a file"
    assert not conversation.command(cron="weekly", branch="main")["build"]
    conversation.close()
    conversation = server.talk(pipeline("a", "name: a, commands: ['echo \"<$DRONE_SOURCE_BRANCH|$DRONE_BRANCH>\"']", more=more))
    conversation.command(cron="nightly", branch="main")
    conversation.close()
    assert "<|main>" in server.text


def test_a_custom_build_has_its_parameters(server: Server) -> None:
    conversation = server.talk(pipeline("a", "name: a, commands: ['echo $PROBLEM']", more="trigger: {event: [custom]}"))
    request = people.custom_build("drone build create --branch main --param PROBLEM=houses O/N", {"problem": "it's & that"})
    assert conversation.command(post=request)["status"] == "success"
    conversation.close()
    assert "it's & that" in server.text


def test_a_pipeline_that_is_not_triggered_gives_its_dependencies_on(server: Server) -> None:
    a = pipeline("a", "name: a, commands: ['exit 1']")
    b = pipeline("b", "name: b, commands: [true]", more="trigger: {event: [tag]}\ndepends_on: [a]")
    c = pipeline("c", "name: c, commands: [true]", more=f"{PUSH}\ndepends_on: [b]")
    assert statuses(server.happen(file(a, b, c))) == {"a": "failure", "c": "skipped"}


def test_a_failure_anywhere_skips_what_waits(server: Server) -> None:
    a = pipeline("a", "name: a, commands: ['exit 1']")
    b = pipeline("b", "name: b, commands: ['sleep 0.3']")
    c = pipeline("c", "name: c, commands: [true]", more=f"{PUSH}\ndepends_on: [b]")
    end = pipeline("end", "name: end, commands: [true]", more="trigger: {event: [push], status: [failure]}\ndepends_on: [a, b, c]")
    assert statuses(server.happen(file(a, b, c, end))) == {"a": "failure", "b": "success", "c": "skipped", "end": "success"}


@pytest.mark.parametrize(("limit", "overlap"), [("", True), ("\nconcurrency: {limit: 1}", False)])
def test_a_limit_keeps_two_builds_apart(server: Server, limit: str, overlap: bool) -> None:
    text = pipeline("staging", "name: a, commands: ['sleep 0.3']", "name: b, commands: ['sleep 0.1']", more=PUSH + limit)
    conversation = server.talk(text)
    name, payload = host.webhook(Happening(), server.ground)
    conversation.command(hook=name, payload=payload, later=True)
    assert conversation.command(hook=name, payload=payload)["build"] == 2
    conversation.close()
    assert server.order == sorted(server.order, key=lambda each: each[0]) or overlap
    assert (server.order[:2] == [(1, "start"), (2, "start")] or server.order[:2] == [(2, "start"), (1, "start")]) == overlap


# What people type.


def test_commands_of_the_command_line_are_read_back() -> None:
    with pytest.raises(ValueError, match="knows no such command"):
        people.desk([SetupStep("A step", "why", ("drone frobnicate",))])
    with pytest.raises(ValueError, match="six fields"):
        people.desk([SetupStep("Schedule x", "why", ('drone cron add --branch main O/N x "0 5 * * *"',))])
    with pytest.raises(ValueError, match="nobody is told"):
        people.custom_build("drone build create --branch main O/N", {"problem": "x"})
