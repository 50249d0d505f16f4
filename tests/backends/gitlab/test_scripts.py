"""What the shell is given, and what it makes of it."""

import pytest

from pipelinekit import Environment, Pipeline, Secret, on
from tests.text import hostile

from .rendered import child, config, emission, run

HOSTILE = [
    "echo 'a: b' \"$HOME\" `true` # no comment",
    "cat <<'END'\n  ${A} $[[ b ]] ${{ c }}\nEND",
    "- not a list",
    "[ -n x ] && { true; }",
    "echo \\\\ $((1 + 2)) ((3))",
    "true",
    "echo é 中 \t tab",
    "  leading and trailing  ",
    "if true; then\n\n  echo x\nfi",
    "*anchor &x !tag %y @z",
    "key: value",
]


def pipeline(**options):
    return Pipeline("x", image="python:3.12", triggers=[on.push()], **options)


@pytest.mark.parametrize("command", HOSTILE)
def test_commands_are_items_byte_for_byte(command):
    p = pipeline()
    p.test(command, "second")
    assert config(p)["test"]["script"] == [command, "second"]


def test_hostile_texts_of_the_writer_survive_as_well():
    for text in (value for name in dir(hostile) if isinstance(value := getattr(hostile, name), str) and not name.startswith("_")):
        if text.strip() and "\0" not in text:
            p = pipeline()
            p.test(text)
            assert config(p)["test"]["script"] == [text]


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_a_missing_secret_fails_by_its_name_before_setup(tmp_path, shell):
    p = pipeline(setup="touch prepared")
    p.test('echo "[$TOKEN]"', secrets=[Secret("TOKEN", stored="STORED")])
    found = config(p)
    for variables in ({}, {"STORED": ""}):
        done = run(found, "test", tmp_path, variables, shell)
        assert done.returncode != 0
        assert "the secret STORED is missing" in done.stderr
        assert not (tmp_path / "prepared").exists()
    done = run(found, "test", tmp_path, {"STORED": "a $b 'c'"}, shell)
    assert (done.returncode, done.stdout) == (0, "[a $b 'c']\n")


def test_optional_secrets_may_be_missing(tmp_path):
    p = pipeline()
    p.test('echo "${A-none} ${B-none}"', secrets=[Secret("A", optional=True), Secret("B", stored="C", optional=True)])
    assert run(config(p), "test", tmp_path).stdout == "none none\n"
    assert run(config(p), "test", tmp_path, {"A": "1", "C": "2"}).stdout == "1 2\n"


def test_secret_files_must_hold_something(tmp_path):
    p = pipeline()
    p.test('cat "$KEY"', secrets=[Secret("KEY", stored="STORED", file=True)])
    file = tmp_path / "key"
    file.write_text("")
    assert "the secret STORED is missing" in run(config(p), "test", tmp_path, {"STORED": str(file)}).stderr
    file.write_text("secret")
    assert run(config(p), "test", tmp_path, {"STORED": str(file)}).stdout == "secret"


@pytest.mark.parametrize("command", ["true", "exit 0", "mkdir sub; cd sub; touch x.txt", "trap 'true' EXIT"])
def test_a_missing_output_fails_the_job(tmp_path, command):
    p = pipeline()
    made = p.build(command, outputs="x.txt")
    p.test("t", needs=[made["x.txt"]])
    done = run(config(p), "build", tmp_path)
    assert (done.returncode, "the output x.txt is missing" in done.stderr) == (1, True)
    (tmp_path / "x.txt").touch()
    assert run(config(p), "build", tmp_path / ".").returncode == (0 if command != "mkdir sub; cd sub; touch x.txt" else 1)


def test_an_output_folder_without_a_file_fails_the_job(tmp_path):
    p = pipeline()
    p.build("mkdir -p dist/sub", outputs="dist/")
    assert run(config(p), "build", tmp_path).returncode == 1
    (tmp_path / "dist/sub/x").touch()
    assert run(config(p), "build", tmp_path).returncode == 0


@pytest.mark.parametrize(("shell", "outcome"), [("sh", 0), ("bash", 1)])
def test_pipefail_is_what_the_stage_says(tmp_path, shell, outcome):
    p = pipeline()
    p.test("false | cat", shell=shell)
    assert run(config(p), "test", tmp_path, shell="bash").returncode == outcome


def test_without_a_pipe_nothing_is_said_of_it():
    p = pipeline()
    p.test("a || b")
    assert "before_script" not in config(p)["test"]


def test_bash_is_demanded(tmp_path):
    p = pipeline(shell="bash")
    p.test("[[ a == a ]]")
    assert run(config(p), "test", tmp_path, shell="bash").returncode == 0
    assert "needs bash" in run(config(p), "test", tmp_path, shell="dash").stderr


def test_setup_and_commands_share_one_process(tmp_path):
    p = pipeline(setup=["mkdir -p sub", "cd sub", "X=1"])
    p.test('echo "$X $(basename "$PWD")"')
    assert run(config(p), "test", tmp_path).stdout == "1 sub\n"


@pytest.mark.parametrize(("created", "outcome"), [("2001-01-01T00:00:00Z", 1), ("2999-01-01T00:00:00Z", 0)])
def test_a_late_answer_to_a_gate_fails(tmp_path, created, outcome):
    p = pipeline()
    asked = p.gate("It's $0?".replace("$0", "now"), needs=[p.test("t")], timeout="2 days")
    p.deploy("d", environment=Environment("production"), needs=[asked])
    done = run(config(p), "gate", tmp_path, {"CI_PIPELINE_CREATED_AT": created})
    assert done.returncode == outcome
    assert ("It's now?" in done.stdout) == (outcome == 0)
    assert ("more than 2 days ago" in done.stderr) == (outcome == 1)


def test_defaults_of_a_child_pipeline_hold_the_secrets_of_its_environment(tmp_path):
    p = pipeline()
    production = Environment("production", secrets=[Secret("KEY", stored="PRODUCTION_KEY")])
    live = p.deploy("echo deploy $KEY", environment=production)
    p.verify("echo verify $KEY", environment=production, needs=[live])
    found = child(p, "production")
    assert run(found, "verify-production", tmp_path, {"PRODUCTION_KEY": "k"}).stdout == "verify k\n"


@pytest.mark.parametrize("command", ['made=$(false; echo hi)\necho "$made"', "f() {\n  false\n  echo hi\n}\necho `f`; made=$(f)"])
@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_errexit_reaches_into_substitutions_as_in_a_sh(tmp_path, shell, command):
    p = pipeline()
    p.test(command, "echo on")
    assert "on" not in run(config(p), "test", tmp_path, shell=shell).stdout.split()


def test_bash_that_was_asked_for_stays_bash(tmp_path):
    p = pipeline(shell="bash")
    p.test('made=$(false; echo hi)\necho "$made"')
    assert run(config(p), "test", tmp_path, shell="bash").stdout == "hi\n"


@pytest.mark.parametrize("command", [". ./lib.sh", "cd . && . ./lib.sh", "if true; then . ./lib.sh; fi", 'eval "$(cat lib.sh)"'])
def test_pipes_that_are_read_from_elsewhere_dont_fail_either(tmp_path, command):
    (tmp_path / "lib.sh").write_text("false | cat\n")
    p = pipeline()
    p.test(command)
    assert run(config(p), "test", tmp_path, shell="bash").returncode == 0


def test_a_dot_that_names_a_folder_is_no_pipe():
    p = pipeline()
    p.test("ruff check . --fix", "x=$(pwd)")
    assert "before_script" not in config(p)["test"]


def test_secrets_of_another_stage_of_the_environment_are_taken_away(tmp_path):
    p = pipeline()
    production = Environment("production", secrets=[Secret("KEY", stored="PRODUCTION_KEY")])
    live = p.deploy("true", environment=production, secrets=[Secret("SSH_KEY", file=True), Secret("TOKEN", stored="SHIP_TOKEN")])
    p.verify('echo "$KEY ${SSH_KEY-none} ${SHIP_TOKEN-none}"', environment=production, needs=[live])
    given = {"PRODUCTION_KEY": "k", "SSH_KEY": "/key", "SHIP_TOKEN": "t"}
    assert run(child(p, "production"), "verify-production", tmp_path, given).stdout == "k none none\n"
    assert any(found.feature == "secrets" for found in emission(p).diagnostics)
    assert "unset" not in str(child(p, "production")["deploy-production"])
