"""What the runner makes of a pipeline: each rule with the source that has it. The docker runner's own are told again in `go/compile.go`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipelinekit.semantics.scenario import Happening
from tests.engines.drone import docker, programs
from tests.engines.drone.rig import PUSH, Server, file, ground_for, pipeline

# The runner: pipeline/runtime/execer.go, pipeline/state.go, environ, secret, manifest of runner-go.


def test_a_failing_step_skips_all_that_has_not_started(server: Server) -> None:
    build = server.happen(
        pipeline(
            "a",
            "name: bad, commands: ['exit 3']",
            "name: slow, commands: ['sleep 0.3']",
            "name: unrelated, commands: [true], depends_on: [slow]",
            "name: told, commands: [true], depends_on: [slow], when: {status: [failure]}",
        )
    )
    assert build["status"] == "failure"
    assert sorted(server.started) == ["a/bad", "a/slow", "a/told"]
    assert server.statuses["a/bad"] == 3


@pytest.mark.parametrize(("more", "status", "count"), [("failure: ignore", "success", 2), ("failure: fast", "failure", 1)])
def test_failure_policies(server: Server, more: str, status: str, count: int) -> None:
    build = server.happen(
        pipeline("a", f"name: bad, commands: ['exit 1'], {more}", "name: next, commands: [true], when: {status: [failure, success]}")
    )
    assert (build["status"], len(server.started)) == (status, count)


def test_exit_78_ends_a_pipeline_green(server: Server) -> None:
    assert server.happen(pipeline("a", "name: a, commands: ['exit 78']", "name: b, commands: [true]"))["status"] == "success"
    assert server.started == ["a/a"]


def test_steps_are_a_list_until_one_names_another(server: Server) -> None:
    server.happen(pipeline("a", "name: one, commands: ['sleep 0.2']", "name: two, commands: [true]"))
    assert list(server.statuses) == ["a/one", "a/two"]
    server.statuses.clear()
    steps = ["name: one, commands: ['sleep 0.5']", "name: two, commands: [true]", "name: three, commands: [true], depends_on: [two]"]
    server.happen(pipeline("a", *steps))
    assert list(server.statuses) == ["a/two", "a/three", "a/one"]


def test_steps_depend_on_earlier_ones(server: Server) -> None:
    build = server.happen(pipeline("a", "name: one, commands: [true], depends_on: [two]", "name: two, commands: [true]"))
    assert build["stages"][0]["error"] == "linter: unknown step dependency detected: one references two"


def test_braces_are_filled_in_before_the_file_is_read(server: Server) -> None:
    server.happen(pipeline("a", "name: a, commands: ['X=1', 'echo [${X}] [$${X}] [${DRONE_COMMIT_SHA:0:8}]']"))
    assert f"[] [1] [{server.ground.world.sha[:8]}]" in server.text


def test_secrets_stay_out_of_pull_requests_and_of_the_log(tmp_path: Path) -> None:
    happening = Happening("pull_request", branch="feature/one")
    server = ground_for(tmp_path, happening)
    env = "environment: {ONE: {from_secret: one}, TWO: {from_secret: two}, THREE: {from_secret: three}}"
    text = (
        pipeline("a", f"name: a, commands: ['echo <$ONE> <$TWO> <$THREE> | tr a-z A-Z', 'echo $TWO'], {env}", more="")
        .replace("<", "")
        .replace(">", "-")
    )
    server.secrets = [{"name": "one", "data": "first"}, {"name": "two", "data": "second", "pull_request": True}]
    server.happen(text, happening)
    assert "- SECOND- -" in server.text
    assert "\nsecond" not in server.text
    assert "******" in server.text


def test_what_wins_in_an_environment(server: Server) -> None:
    more = f"{PUSH}\nenvironment: {{A: pipeline, B: pipeline, DRONE_BRANCH: pipeline}}"
    server.happen(pipeline("a", "name: a, commands: ['echo $A $B $DRONE_BRANCH'], environment: {B: step}", more=more))
    assert "\npipeline step main" in server.text


# The docker runner: engine/compiler/{compiler,step,script,workspace}.go.


def test_commands_are_one_script_that_tells_what_it_does(server: Server) -> None:
    server.happen(pipeline("a", "name: a, commands: ['X=$((1 + 1)) && cd /', 'echo \"$X $PWD\"', 'exit 4', 'echo never']"))
    assert server.text.splitlines() == ["+ X=$((1 + 1)) && cd /", '+ echo "$X $PWD"', "2 /", "+ exit 4"]
    assert server.statuses == {"a/a": 4}


def test_an_entrypoint_has_no_input_and_keeps_its_bytes(server: Server) -> None:
    what = "name: a, entrypoint: [/bin/sh, '-ec', 'cat; printf \"%s|\" \"$@\"'], command: [sh, 'a\\\\nb', \"it's\"]"
    server.happen(pipeline("a", what))
    assert server.text == "a\\nb|it's|"


def test_files_stay_in_the_workspace_and_nowhere_else(server: Server) -> None:
    steps = [
        "name: one, commands: ['pwd', 'touch here /tmp/there', 'touch ../beside']",
        "name: two, commands: ['ls -A . /tmp ..']",
        "name: three, commands: ['test -e /data/kept'], volumes: [{name: data, path: /data}]",
    ]
    more = f"{PUSH}\nworkspace: {{base: /drone, path: src}}\nvolumes: [{{name: data, temp: {{}}}}]"
    steps[0] = "name: one, volumes: [{name: data, path: /data}], commands: ['pwd', 'touch here /tmp/there ../beside /data/kept']"
    other = pipeline("b", "name: b, commands: ['test ! -e here']", more=f"{PUSH}\ndepends_on: [a]")
    build = server.happen(file(pipeline("a", *steps, more=more), other))
    assert build["status"] == "success"
    assert "/drone/src" in server.text
    assert "here" in server.text
    assert "there\n" not in server.text.replace("/tmp/there", "")


def test_the_clone_merges_a_pull_request(tmp_path: Path) -> None:
    happening = Happening("pull_request", branch="feature/one", changed=("src/new.py",))
    server = ground_for(tmp_path, happening)
    text = pipeline("a", "name: a, commands: ['cat CHANGES src/new.py']", more="").replace("clone: {disable: true}\n", "")
    assert server.happen(text, happening)["status"] == "success"
    assert "one\nchanged src/new.py" in server.text


def test_services_have_their_names_in_the_pipeline(server: Server) -> None:
    programs.install(server.ground, {}, hurry=False)
    text = pipeline("a", "name: a, commands: ['nc -z db 5432', '! nc -z queue 6379']") + "services:\n- {name: db, image: 'postgres:16'}\n"
    assert server.happen(text)["status"] == "success"
    assert server.started == ["a/a"]


def test_what_a_container_leaves_ends_with_it(server: Server) -> None:
    server.happen(pipeline("a", "name: a, entrypoint: [/bin/sh, '-c', 'sleep 300 & echo begun']"))
    assert server.text == "begun\n"


def test_settings_are_variables(server: Server) -> None:
    server.happen(pipeline("a", "name: a, settings: {tags: [1.10, 'a'], deep: {x: [1]}, dry_run: true, token: {from_secret: none}}"))
    env = server.plays[0]["environ"]
    assert {key: env[key] for key in sorted(env) if key.startswith("PLUGIN_")} == {
        "PLUGIN_DEEP": '{"x":[1]}',
        "PLUGIN_DRY_RUN": "true",
        "PLUGIN_TAGS": "1.1,a",
        "PLUGIN_TOKEN": "",
    }


def test_the_privilege_goes_to_plugins_without_commands_and_volumes(server: Server) -> None:
    step = "name: build, settings: {repo: r}"
    server.happen(pipeline("a", step).replace("image: debian", "image: 'plugins/docker:20'"))
    server.happen(
        pipeline("a", f"{step}, volumes: [{{name: d, path: /d}}]", more=f"{PUSH}\nvolumes: [{{name: d, temp: {{}}}}]").replace(
            "image: debian", "image: plugins/docker"
        )
    )
    assert [play.get("privileged", False) for play in server.plays] == [True, False]


# The plugin that builds containers: Plugin.Exec of drone-plugins/drone-docker.


@pytest.fixture
def built(server: Server) -> Callable[..., tuple[int, str]]:
    server.ground.secrets = {"USER": "user", "PASSWORD": "password"}

    def play(privileged: bool = True, **settings: str) -> tuple[int, str]:
        env = {
            "DRONE_WORKSPACE": "/drone/src",
            "PLUGIN_REPO": "quay.io/acme/price",
            **{f"PLUGIN_{key}": text for key, text in settings.items()},
        }
        tree = server.ground.checkout(server.ground.work / f"tree-{len(list(server.ground.work.iterdir()))}")
        (tree / "Dockerfile").write_text("FROM scratch\n")
        return docker.play({"environ": env, "privileged": privileged, "folders": {"/drone/src": str(tree)}}, "build", server.ground)

    return play


def test_an_image_is_built_and_pushed(built: Callable[..., tuple[int, str]], server: Server) -> None:
    assert built(TAGS="one,two", USERNAME="user", PASSWORD="password")[0] == 0
    log = server.ground.log.read_text()
    assert log.count("quay.io/acme/price:") == 2
    assert built(TAGS="three", DRY_RUN="true")[0] == 0
    assert "price:three" not in server.ground.log.read_text()


def test_what_stops_a_build(built: Callable[..., tuple[int, str]], server: Server) -> None:
    assert "Docker Daemon" in built(privileged=False)[1]
    assert "authenticating" in built(USERNAME="", PASSWORD="password")[1]
    assert "authenticating" in built(USERNAME="user", PASSWORD="wrong")[1]
    assert "Dockerfile" in built(DOCKERFILE="other/Dockerfile")[1]
    assert server.ground.log.read_text() == ""
    assert "denied" in built(USERNAME="user", PASSWORD="")[1]
    assert "push" not in server.ground.log.read_text()
