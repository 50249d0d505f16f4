"""Resource types: what a check finds, which files a get lays out, what a put makes; as each resource's own scripts do it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipelinekit import Environment, Pipeline, on
from pipelinekit.backend.emit import emit
from pipelinekit.semantics.scenario import Scenario
from pipelinekit.testing import Ground, Result, examine
from pipelinekit.testing.ground import git

from . import conformance
from .git_resource import Git
from .pipeline import StepError
from .pull_requests import PullRequests
from .resources import Image, Mock, ScriptFailed, Store, Time, kind
from .serve import GET, REPO, Data, happening, job, said, serve, statuses, task
from .server import Server
from .versions import Version
from .world import OWN, PullRequest, World

SOURCE: Data = {"uri": "git@github.com:acme/widget.git", "branch": "main"}
PULLS: Data = {"repository": "acme/widget", "access_token": "sentinel-token", "base_branch": "main"}


def world(tmp_path, scenario: Scenario) -> World:
    """The world once the event has happened."""
    ground = Ground(tmp_path)
    p = Pipeline("rules", image="busybox")
    p.test("true")
    ground.begin(p.plan(), scenario)
    found = World(ground, scenario)
    found.before("main")
    found.happen("main")
    return found


def refs(versions: list[Any]) -> list[str]:
    return [dict(version)["ref"] for version in versions]


def test_a_check_finds_the_commits_since_the_last(tmp_path):
    """`assets/check`: from the last version on, that one included; at first the youngest alone."""
    here = world(tmp_path, Scenario("push"))
    old, trunk = here.ground.commits["old"], here.ground.commits["trunk"]
    first = Git().check(here, SOURCE, None)
    assert refs(first) == [trunk]
    assert refs(Git().check(here, SOURCE | {"version_depth": 5}, None)) == [old, trunk]
    since = Git().check(here, SOURCE | {"version_depth": 5}, None)[0]
    assert refs(Git().check(here, SOURCE, since)) == [old, trunk]


def test_a_check_looks_at_paths(tmp_path):
    here = world(tmp_path, Scenario("push"))
    assert refs(Git().check(here, SOURCE | {"paths": ["src"]}, None)) == [here.ground.commits["old"]]
    assert refs(Git().check(here, SOURCE | {"ignore_paths": ["CHANGES"]}, None)) == [here.ground.commits["old"]]


def test_a_check_that_cannot_finds_nothing(tmp_path):
    here = world(tmp_path, Scenario("push"))
    for bad in ({"uri": ""}, SOURCE | {"branch": "gone"}, SOURCE | {"brunch": "main"}, SOURCE | {"tag_filter": "v*", "tag_regex": "v.*"}):
        with pytest.raises(ScriptFailed):
            Git().check(here, bad, None)


@pytest.mark.parametrize(
    ("source", "tag", "found"),
    [
        ({"tag_regex": "v[^/]*"}, "v1.4", True),
        ({"tag_regex": "v[^/]*"}, "v1/4", False),
        ({"tag_regex": "v"}, "v1.4", False),
        ({"tag_filter": "v*"}, "v1/4", True),
    ],
)
def test_tags_match_as_a_whole(tmp_path, source, tag, found):
    """`tag_regex` is grep's, with -x; `tag_filter` is git's own, whose star crosses slashes."""
    here = world(tmp_path, happening("tag", tag=tag))
    assert refs(Git().check(here, SOURCE | source, None)) == ([tag] if found else [])


def test_tags_beside_the_branch_are_not_found(tmp_path):
    """`git tag --merged`, where a branch is named."""
    here = world(tmp_path, happening("tag", tag="v1", beside_trunk=True))
    assert Git().check(here, SOURCE | {"tag_regex": "v.*"}, None) == []
    assert refs(Git().check(here, {"uri": SOURCE["uri"], "tag_regex": "v.*"}, None)) == ["v1"]


@pytest.mark.parametrize("params", [{}, {"depth": 1}, {"depth": 1, "fetch_tags": True}])
def test_a_get_lays_out_the_commit_and_files_about_it(tmp_path, params):
    """`assets/in`: as deep as asked, deeper where the commit has been passed by."""
    here = world(tmp_path, Scenario("push"))
    for version in Git().check(here, SOURCE | {"version_depth": 2}, None):
        folder = here.folder("get")
        Git().get(here, SOURCE, params, version, folder)
        sha = dict(version)["ref"]
        own = folder / ".git"
        assert git(folder, "rev-parse", "HEAD").strip() == sha
        assert (own / "ref").read_text() == (own / "commit").read_text() == f"{sha}\n"
        assert (own / "short_ref").read_text() == sha[:7]
        assert (own / "author").read_text() == "Ada Lovelace\n"
        assert (own / "committer").read_text() == "ada@widget.example"
        assert json.loads((own / "metadata.json").read_text())[0] == {"name": "commit", "value": sha}
        title, count = (here.ground.world.title, "2") if sha == here.ground.world.sha else ("Start", "1")
        assert (own / "commit_message").read_text().splitlines()[0] == title
        assert git(folder, "rev-list", "--count", "HEAD").strip() == ("1" if params else count)


def test_of_a_tag_the_ref_is_its_name_and_head_the_commit(tmp_path):
    """`return_ref` in `assets/in`."""
    here = world(tmp_path, happening("tag", tag="v1"))
    source = SOURCE | {"tag_regex": "v.*"}
    (version,) = Git().check(here, source, None)
    folder = here.folder("get")
    Git().get(here, source, {"depth": 1}, version, folder)
    assert (folder / ".git/ref").read_text() == "v1\n"
    assert (folder / ".git/HEAD").read_text().strip() == here.ground.world.sha
    with pytest.raises(ScriptFailed, match="unknown keys"):
        Git().get(here, source, {"deep": 1}, version, here.folder("get"))
    with pytest.raises(ScriptFailed, match="did not match"):
        Git().get(here, source, {"depth": 1}, (("ref", "gone"),), here.folder("get"))


def pull(number: int, date: int, **more: Any) -> PullRequest:
    given: dict[str, Any] = {"head": "feature", "base": "main", "fork": False} | more
    return PullRequest(str(number), "c" * 40, date, **given)


def numbers(here: World, source: Data, last: Any = None) -> list[str]:
    return [dict(version)["pr"] for version in PullRequests().check(here, source, last)]


def test_pull_requests_come_by_the_dates_of_their_commits(tmp_path):
    """`check.go`: at first the youngest alone; later those whose commit is younger than the last version's."""
    here = world(tmp_path, Scenario("push"))
    here.pulls = [pull(1, 30), pull(2, 10), pull(3, 20)]
    assert numbers(here, PULLS) == ["1"]
    here.pulls, (last,) = here.pulls[1:2], PullRequests().check(here, PULLS, None)
    assert numbers(here, PULLS, last) == ["1"]
    here.pulls += [pull(4, 50), pull(5, 40)]
    assert numbers(here, PULLS, last) == ["5", "4"]


@pytest.mark.parametrize(
    ("source", "more"),
    [
        ({}, {"base": "other"}),
        ({"disable_forks": True}, {"fork": True}),
        ({}, {"title": "Draft [skip ci]"}),
        ({"paths": ["docs"]}, {"files": ("src/a.py",)}),
        ({"paths": ["*.md"]}, {"files": ("docs/a.md",)}),
        ({"ignore_paths": ["docs"]}, {"files": ("docs/a.md",)}),
        ({"labels": ["ready"]}, {}),
    ],
)
def test_pull_requests_that_are_filtered(tmp_path, source, more):
    here = world(tmp_path, Scenario("push"))
    here.pulls = [pull(1, 1, **more)]
    assert numbers(here, PULLS | source) == []
    assert numbers(here, {"repository": "acme/widget", "access_token": "t", "disable_ci_skip": True}) == ["1"]


def test_pull_requests_are_laid_out_with_files_about_them(tmp_path):
    """`in.go`, `git.go`: the token stays in the address of `origin`, and nowhere else."""
    here = world(tmp_path, happening("pull_request", branch="feature/one", changed=("src/app.py", "docs/a b.md")))
    last = PullRequests().check(here, PULLS, None)[-1]
    folder = here.folder("get")
    PullRequests().get(here, PULLS, {"integration_tool": "checkout", "git_depth": 50, "list_changed_files": True}, last, folder)
    about = {path.name: path.read_text() for path in (folder / ".git/resource").iterdir()}
    assert about["head_sha"] == git(folder, "rev-parse", "HEAD").strip() == here.ground.commits["head"]
    assert (about["head_name"], about["pr"], about["title"]) == ("feature/one", "7", here.ground.world.title)
    assert about["changed_files"] == "src/app.py\ndocs/a b.md\n"
    holds = [path for path in folder.rglob("*") if path.is_file() and b"sentinel-token" in path.read_bytes()]
    assert holds == [folder / ".git/config"]
    assert PullRequests().get(here, PULLS, {"skip_download": True}, last, here.folder("get")) == {}
    for tool in ("merge", "rebase"):
        other = here.folder("get")
        PullRequests().get(here, PULLS, {"integration_tool": tool}, last, other)
        assert git(other, "rev-parse", "HEAD").strip() != here.ground.commits["head"]
    with pytest.raises(ScriptFailed, match="invalid integration tool"):
        PullRequests().get(here, PULLS, {"integration_tool": "checkin"}, last, here.folder("get"))


def test_a_forks_branch_of_trunks_name_cannot_be_checked_out(tmp_path):
    """`git checkout -b` in `git.go`; the get fails, and with it the build, before any command."""
    scenario = happening("pull_request", branch="main", fork=True, changed=("src/app.py",))
    p = Pipeline("forks", image="busybox", triggers=[on.pull_request(forks=True)])
    p.test("true")
    ground = Ground(tmp_path)
    ground.begin(p.plan(), scenario)
    found = Server(emit(p.plan(), "concourse").files, ground, scenario)
    found.run()
    assert statuses(found) == {"pr-test": ["failed"]}
    assert said(found, "pr-test") == ["checkout failed: a branch named 'main' already exists"]


def test_the_token_of_pull_requests_is_in_no_tasks_tree(tmp_path):
    p = Pipeline("token", image="busybox", triggers=[on.pull_request()])
    p.test("cat .git/config; env; cat .git/FETCH_HEAD")
    scenario = happening("pull_request", branch="feature/one", changed=("src/app.py",))
    ground = Ground(tmp_path)
    ground.begin(p.plan(), scenario)
    found = Server(emit(p.plan(), "concourse").files, ground, scenario)
    found.run()
    assert "[core]" in said(found, "pr-test")
    assert not [line for line in said(found, "pr-test") for value in OWN.values() if value in line and value != "acme/widget"]


def test_moments(tmp_path):
    """`in_command.go`, `out_command.go` of the time resource."""
    here = world(tmp_path, Scenario("push"))
    made = Time().put(here, {"interval": "24h"}, {}, tmp_path, "")
    folder = here.folder("get")
    Time().get(here, {}, {}, made, folder)
    assert (folder / "epoch").read_text() == dict(made)["time"]
    assert Time().check(here, {"start": "3:00", "stop": "4:00"}, None) == []
    with pytest.raises(ScriptFailed, match="both"):
        Time().check(here, {"start": "3:00"}, None)


def test_an_approval_that_comes_too_late_fails_the_gate(tmp_path):
    p = Pipeline("late", image="busybox")
    asked = p.gate("Go?", needs=[p.test("true")], timeout="3 days")
    p.deploy("true", environment=Environment("production"), needs=[asked])
    ended = {}
    for days in (2, 4):
        ground = Ground(tmp_path / str(days))
        ground.begin(p.plan(), Scenario("push"))
        found = Server(emit(p.plan(), "concourse").files, ground, Scenario("push"))
        found.world.clock -= days * 24 * 3600
        found.run()
        ended[days] = statuses(found)
    assert ended[2]["gate"] == ["succeeded"]
    assert "deploy-production" in ended[2]
    assert ended[4]["gate"] == ["failed"]
    assert "deploy-production" not in ended[4]


FILES: Data = {
    "name": "files",
    "type": "s3",
    "check_every": "never",
    "source": {"bucket": "b", "regexp": r"p/files-(\d+)-[0-9a-f]+[.]tgz"},
}


def packed(script: str = "tar -czf made/files-7-ab.tgz -C repo README.md") -> list[Data]:
    """A job's plan that puts a file into the bucket."""
    pack = task("pack", script, inputs=[{"name": "repo"}], outputs=[{"name": "made"}])
    return [GET, pack, {"put": "files", "inputs": ["made"], "params": {"file": "made/files-*.tgz"}, "no_get": True}]


def test_files_of_a_bucket_go_from_job_to_job(tmp_path):
    """`out/command.go`, `in/command.go`: named as they lay there, in the folder of the pattern; unpacked on request."""
    take = [GET | {"passed": ["make"]}, {"get": "files", "passed": ["make"], "params": {"unpack": True}}]
    look = task("look", "cd files; echo *", inputs=[{"name": "files"}])
    found = serve(tmp_path, job("make", *packed()), job("test", *take, look), resources=(REPO, FILES))
    assert said(found) == ["README.md s3_uri url version"]
    assert (found.world.store / "b/p/files-7-ab.tgz").is_file()


@pytest.mark.parametrize("script", ["true", "touch made/files-1-a.tgz made/files-2-a.tgz"])
def test_a_put_wants_one_file(tmp_path, script):
    assert statuses(serve(tmp_path, job("make", *packed(script)), resources=(REPO, FILES)))["make"] == ["failed"]


def test_what_lies_in_a_bucket_must_be_there_and_an_archive(tmp_path):
    here = world(tmp_path, Scenario("push"))
    store, source, folder = Store(), FILES["source"], here.folder("get")
    path = store.of_another_run(here, source, "3")
    path.write_text("no archive")
    for name in ("p/other.txt", "p/files-9-a.tgz", "p/files-3-0.tgz"):
        with pytest.raises(ScriptFailed):
            store.get(here, source, {"unpack": True}, (("path", name),), folder)
    store.get(here, source, {}, (("path", "p/files-3-0.tgz"),), folder)
    assert (folder / "files-3-0.tgz").read_text() == "no archive"
    with pytest.raises(ScriptFailed, match="bucket and regexp"):
        store.put(here, {}, {"file": "*"}, folder, "")


IMAGE: Data = {"name": "image", "type": "registry-image", "source": {"repository": "quay.io/acme/price"}}


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"additional_tags": "made/tags"}, "succeeded"),
        ({"additional_tags": "made/none"}, "failed"),
        ({}, "failed"),
        ({"tag": "1"}, "failed"),
        ({"additional_tags": "made/bad"}, "failed"),
    ],
)
def test_images_are_pushed_under_each_tag(tmp_path, params, status):
    """`commands/out.go` of the registry-image resource: without a tag there is nothing to do, and no key but its own is known."""
    made = task("make", "echo 1.0 latest > made/tags; echo 'a b/c' > made/bad; touch made/image.tar", outputs=[{"name": "made"}])
    put = {"put": "image", "inputs": ["made"], "params": {"image": "made/image.tar"} | params, "no_get": True}
    found = serve(tmp_path, job("test", GET, made, put), resources=(REPO, IMAGE))
    assert statuses(found)["test"] == [status]
    pushed = [line for line in found.ground.log.read_text().splitlines() if line.startswith("image") and status == "succeeded"]
    assert len(pushed) == (2 if status == "succeeded" else 0)


@pytest.mark.parametrize("bad", [{"repository": "Q"}, {"tag": "a b"}, {"username": "u"}, {"reposit": "x"}])
def test_images_that_no_registry_knows(tmp_path, bad):
    with pytest.raises(ScriptFailed):
        Image().check(world(tmp_path, Scenario("push")), {"repository": "quay.io/acme/price"} | bad, None)


def test_the_mock_says_what_it_is_told(tmp_path):
    mock = {"name": "mock", "type": "mock", "source": {"initial_version": "1", "create_files": {"a/b": "text"}}}
    look = task("look", "cat mock/version mock/a/b; cat again/version", inputs=[{"name": "mock"}, {"name": "again"}])
    plan = [GET, {"get": "mock"}, {"put": "again", "resource": "mock", "params": {"version": "2"}}, look]
    assert said(serve(tmp_path, job("test", *plan), resources=(REPO, mock))) == ["1", "text2"]
    here = world(tmp_path / "other", Scenario("push"))
    (tmp_path / "version").write_text("3\n")
    assert dict(Mock().put(here, {}, {"file": "version"}, tmp_path, "")) == {"version": "3"}
    with pytest.raises(ScriptFailed):
        Mock().put(here, {}, {"file": "gone"}, tmp_path, "")


@pytest.mark.parametrize(("inputs", "sees"), [("all", "made repo"), ("detect", "made"), (["repo"], "repo"), ([], "*")])
def test_a_put_is_given_what_it_asks_for(tmp_path, monkeypatch, inputs, sees):
    """`put_inputs.go`: all, those that its params name, or a list."""
    seen = []

    def put_mock(self: Mock, world: World, source: Data, params: Data, folder: Path, maker: str) -> Version:
        seen.append(folder)
        return (("version", "1"),)

    monkeypatch.setattr(Mock, "put", put_mock)
    made = task("make", "touch made/file", outputs=[{"name": "made"}])
    put = {"put": "mock", "inputs": inputs, "params": {"file": "made/file"}, "no_get": True}
    serve(tmp_path, job("test", GET, made, put), resources=(REPO, {"name": "mock", "type": "mock", "source": {}}))
    assert " ".join(sorted(path.name for path in seen[0].iterdir())) == sees.replace("*", "")


def test_types_that_are_not_here():
    for name, types in (("semver", {}), ("own", {"own": "acme/resource"})):
        with pytest.raises(StepError, match=r"no (image|worker)"):
            kind(name, types)


def test_the_suite_takes_the_engine():
    """What is exported is complete: an engine, and settings that the backend knows."""
    p = Pipeline("one", image="busybox")
    p.test("true")
    results = list(examine(conformance(), "one", p.plan(), [Scenario("push")]))
    assert [each.agrees for each in results if isinstance(each, Result)] == [True]
