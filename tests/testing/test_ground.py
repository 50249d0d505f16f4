"""The ground: commits, refs, secrets and traps are what its docstrings say, the same each time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipelinekit.model.plan import Cache, Container, Environment, Event, Plan, Registry, Secret
from pipelinekit.semantics.interpreter import World
from pipelinekit.semantics.scenario import Failure, Happening, Scenario
from pipelinekit.testing.ground import AUTHOR, EMAIL, FILES, Ground, git
from tests.testing.hand import plan, stage

PUSH = Scenario("push")


def begun(root: Path, scenario: Scenario = PUSH, given: Plan | None = None) -> Ground:
    ground = Ground(root)
    ground.begin(given or plan(stage("test", "true")), scenario)
    return ground


def refs(ground: Ground) -> dict[str, str]:
    """Each ref and the name of its commit."""
    names = {sha: name for name, sha in ground.commits.items()}
    lines = git(ground.repository, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    return {ref: names[sha] for ref, sha in (line.split() for line in lines)}


TAG, BESIDE = Happening("tag", tag="v1.4"), Happening("tag", tag="v1.4", beside_trunk=True)
REQUEST = Happening("pull_request", branch="feature/one")


@pytest.mark.parametrize(
    ("scenario", "wanted", "commit"),
    [
        (PUSH, {"refs/heads/main": "trunk"}, "trunk"),
        (Scenario("x", Happening("push", branch="main")), {"refs/heads/main": "trunk"}, "trunk"),
        (Scenario("x", Happening("push", branch="release/1")), {"refs/heads/main": "trunk", "refs/heads/release/1": "head"}, "head"),
        (Scenario("x", Happening("schedule", name="nightly")), {"refs/heads/main": "trunk"}, "trunk"),
        (Scenario("x", Happening("manual", name="train")), {"refs/heads/main": "trunk"}, "trunk"),
        (Scenario("x", TAG), {"refs/heads/main": "trunk", "refs/tags/v1.4": "trunk"}, "trunk"),
        (Scenario("x", BESIDE), {"refs/heads/main": "trunk", "refs/tags/v1.4": "beside"}, "beside"),
        (
            Scenario("x", REQUEST),
            {"refs/heads/main": "trunk", "refs/heads/feature/one": "head", "refs/pull/7/head": "head"},
            "head",
        ),
        (
            Scenario("x", Happening("pull_request", branch="feature/one", target="other")),
            {"refs/heads/main": "trunk", "refs/heads/other": "trunk", "refs/heads/feature/one": "head", "refs/pull/7/head": "head"},
            "head",
        ),
        (Scenario("x", overtaken=("production",)), {"refs/heads/main": "newer"}, "trunk"),
        (Scenario("x", TAG, overtaken=("production",)), {"refs/heads/main": "newer", "refs/tags/v1.4": "trunk"}, "trunk"),
    ],
)
def test_refs_are_those_that_the_event_shows(tmp_path: Path, scenario: Scenario, wanted: dict[str, str], commit: str) -> None:
    ground = begun(tmp_path, scenario)
    assert refs(ground) == wanted
    assert ground.world.sha == ground.commits[commit]


def test_trunk_has_its_name_from_the_plan(tmp_path: Path) -> None:
    ground = begun(tmp_path, PUSH, plan(stage("test", "true"), trunk="develop"))
    assert refs(ground) == {"refs/heads/develop": "trunk"}
    assert git(ground.repository, "symbolic-ref", "HEAD").strip() == "refs/heads/develop"


def test_commits_stand_as_they_are_told(tmp_path: Path) -> None:
    ground = begun(tmp_path)
    parents = {name: git(ground.repository, "log", "-1", "--format=%P", sha).strip() for name, sha in ground.commits.items()}
    at = ground.commits
    assert parents == {"old": "", "trunk": at["old"], "newer": at["trunk"], "head": at["old"], "beside": at["old"]}


def test_who_wrote_a_commit_and_what_it_is_called(tmp_path: Path) -> None:
    ground = begun(tmp_path, Scenario("x", REQUEST))
    told = git(ground.repository, "log", "-1", "--format=%an|%ae|%cn|%ce|%s", ground.world.sha).strip()
    assert told == f"{AUTHOR}|{EMAIL}|{AUTHOR}|{EMAIL}|{World().title}"


def test_commits_are_the_same_each_time(tmp_path: Path) -> None:
    assert begun(tmp_path / "a").commits == begun(tmp_path / "b").commits


def test_a_pull_request_touches_what_it_should(tmp_path: Path) -> None:
    changed = ("docs/deep/page.md", "src/app.py")
    ground = begun(tmp_path, Scenario("x", Happening("pull_request", branch="f", changed=changed)))
    touched = git(ground.repository, "diff", "--name-only", "main...refs/pull/7/head").split()
    assert tuple(touched) == changed


def test_a_pull_request_without_changes_touches_something(tmp_path: Path) -> None:
    ground = begun(tmp_path, Scenario("x", REQUEST))
    assert git(ground.repository, "diff", "--name-only", "main...refs/pull/7/head").split() == ["CHANGES"]


@pytest.mark.parametrize(
    "scenario",
    [
        PUSH,
        Scenario("x", REQUEST),
        Scenario("x", Happening("pull_request", branch="f", changed=("src/app.py", "new/file"))),
        Scenario("x", Happening("push", branch="release/1")),
        Scenario("x", TAG),
        Scenario("x", BESIDE),
        Scenario("x", overtaken=("production",)),
    ],
)
def test_the_ground_knows_the_files_of_the_run(tmp_path: Path, scenario: Scenario) -> None:
    ground = begun(tmp_path, scenario)
    tree = ground.checkout(tmp_path / "tree")
    found = {path.relative_to(tree).as_posix(): path.read_text() for path in tree.rglob("*") if path.is_file() and ".git" not in path.parts}
    assert found == ground.files
    assert set(FILES) <= set(found)


def test_a_tree_is_clean_and_has_its_history(tmp_path: Path) -> None:
    ground = begun(tmp_path)
    tree = ground.checkout(tmp_path / "tree")
    assert git(tree, "status", "--porcelain") == ""
    assert git(tree, "rev-parse", "HEAD").strip() == ground.commits["trunk"]
    assert git(tree, "rev-list", "HEAD").split() == [ground.commits["trunk"], ground.commits["old"]]


def test_a_tree_of_another_commit(tmp_path: Path) -> None:
    ground = begun(tmp_path, Scenario("x", overtaken=("production",)))
    tree = ground.checkout(tmp_path / "tree", ground.commits["newer"])
    assert (tree / "CHANGES").read_text() == "two\n"


def test_files_that_the_plan_counts_on_are_there(tmp_path: Path) -> None:
    """A Dockerfile stands where the plan says, from the repository's top; the folder of the build has a file in any case."""
    containers = (
        Container("acme/one", ("1",), dockerfile="./Containerfile"),
        Container("acme/two", ("1",), context="two/", dockerfile="two/Dockerfile"),
        Container("acme/three", ("1",), context="three", dockerfile="docker/three"),
    )
    built = [stage(each.repository.replace("/", "-"), container=each) for each in containers]
    cached = stage("test", "true", caches=(Cache((".cache",), key_files=("deps/lock.txt",)),))
    given = plan(cached, *built, environments=(Environment("staging", config="deploy/staging.yml", on=(Event("push"),)),))
    wanted = {"deps/lock.txt", "deploy/staging.yml", "Containerfile", "two/Dockerfile", "docker/three", "three/app.py"}
    assert wanted <= set(begun(tmp_path, PUSH, given).files)


def test_git_of_the_machine_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "gitconfig"
    config.write_text("[user]\nname = Somebody\n[init]\ndefaultBranch = strange\n[core]\nautocrlf = true\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody")
    assert begun(tmp_path / "a").commits == begun(tmp_path / "b").commits
    monkeypatch.undo()
    assert begun(tmp_path / "a").commits == begun(tmp_path / "c").commits


SECRETS = (Secret("TOKEN", "STAGING_TOKEN"), Secret("KEY", "KEY", file=True), Secret("MAYBE", "MAYBE", optional=True))


def secretive() -> Plan:
    registry = Registry("quay.io", username=Secret("USER", "QUAY_USER"), password=Secret("PASSWORD", "QUAY_PASSWORD"))
    return plan(stage("test", "true", secrets=SECRETS), stage("build", container=Container("quay.io/acme", ("1",), registry=registry)))


def test_every_key_of_the_store_has_a_value_of_its_own(tmp_path: Path) -> None:
    secrets = begun(tmp_path, PUSH, secretive()).secrets
    assert set(secrets) == {"STAGING_TOKEN", "KEY", "MAYBE", "QUAY_USER", "QUAY_PASSWORD"}
    assert len(set(secrets.values())) == len(secrets)
    assert all(len(value) > 16 for value in secrets.values())


def test_missing_keys_are_not_in_the_store(tmp_path: Path) -> None:
    secrets = begun(tmp_path, Scenario("x", missing=("STAGING_TOKEN", "QUAY_USER")), secretive()).secrets
    assert set(secrets) == {"KEY", "MAYBE", "QUAY_PASSWORD"}


def test_only_secrets_in_files_are_looked_up_as_files(tmp_path: Path) -> None:
    assert (begun(tmp_path, PUSH, secretive()).state / "secret-names").read_text() == "KEY\n"


def test_traps(tmp_path: Path) -> None:
    failures = (Failure("test", 1, status=78, attempts=2), Failure("hang", 3, kind="hang"), Failure("out", kind="output"))
    given = plan(stage("test", "a", "b"), stage("hang", "a"), stage("out", "a", outputs=("dist/", "x")))
    state = begun(tmp_path, Scenario("x", failures=failures), given).state
    assert {path.name: path.read_text() for path in (state / "fail").iterdir()} == {
        "test.1": "exit 78 2\n",
        "hang.3": "hang 1 all\n",
        "out.output": "output 1 all\n",
    }
    assert {path.name: path.read_text() for path in (state / "outputs").iterdir()} == {"out": "dist/\nx\n"}


def test_a_scenario_begins_with_nothing_of_the_last(tmp_path: Path) -> None:
    ground = begun(tmp_path, Scenario("x", REQUEST, failures=(Failure("test"),), missing=("KEY",)), secretive())
    ground.job_start("test")
    ground.output("test", "said")
    Path(ground.environment()["HOME"], ".cache").write_text("left")
    (ground.state / "attempts" / "test").write_text("1-1\n")
    ground.begin(secretive(), PUSH)
    assert ground.log.read_text() == ""
    assert [path for path in ground.state.rglob("*") if path.is_file() and path.stat().st_size and path.name != "secret-names"] == []
    assert list(ground.work.iterdir()) == []
    assert refs(ground) == {"refs/heads/main": "trunk"}
    assert "KEY" in ground.secrets


def test_a_worker_has_a_path_and_a_home_and_nothing_of_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PK_SHA", "of the machine")
    ground = begun(tmp_path)
    found = ground.environment(CI="true")
    assert set(found) == {"PATH", "HOME", "LANG", "CI"}
    assert found["PATH"].split(os.pathsep)[:2] == [str(ground.shims), str(ground.bin)]
    assert ground.path(tmp_path / "own").split(os.pathsep)[:3] == [str(ground.shims), str(tmp_path / "own"), str(ground.bin)]
    assert os.access(found["HOME"], os.W_OK)


def test_what_engines_say_is_a_line_each(tmp_path: Path) -> None:
    ground = begun(tmp_path)
    ground.job_start("test", ["db:5432"])
    ground.job_end("test", "failed")
    ground.job_skip("deploy", "need")
    ground.gate("gate", "rejected")
    ground.run_end("failed")
    assert [line.split("\t") for line in ground.log.read_text().splitlines()] == [
        ["job.start", "-", "test", "", '["db:5432"]'],
        ["job.end", "-", "test", "failed", ""],
        ["job.skip", "-", "deploy", "need", ""],
        ["gate", "-", "gate", "rejected", ""],
        ["run.end", "-", "", "failed", ""],
    ]


@pytest.mark.parametrize(("failures", "status"), [((), 0), ((Failure("build", status=3),), 3), ((Failure("other", status=3),), 0)])
def test_a_container_build_fails_when_it_is_to(tmp_path: Path, failures: tuple[Failure, ...], status: int) -> None:
    ground = begun(tmp_path, Scenario("x", failures=failures), secretive())
    assert ground.image("build", "build", context=ground.checkout(tmp_path / "tree")) == status
    assert ground.image("build", "push", "quay.io/acme:1") == 0


def test_what_was_printed_is_kept_by_name(tmp_path: Path) -> None:
    ground = begun(tmp_path)
    ground.output("stage/test", "one\n")
    ground.output("stage/test", "two é \udcff\n")
    assert (ground.state / "output" / "stage_test").read_bytes() == b"one\ntwo \xc3\xa9 \xff\n"


def test_git_says_what_went_wrong(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="git rev-parse nothing: fatal"):
        git(begun(tmp_path).repository, "rev-parse", "nothing")
