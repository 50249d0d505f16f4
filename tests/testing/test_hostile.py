"""Outsiders' texts: systems let them pass, grounds hold them, scenarios bring them, and the suite notices who runs one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pipelinekit.model.features import facts
from pipelinekit.model.names import OUTSIDERS
from pipelinekit.semantics.interpreter import simulate
from pipelinekit.semantics.scenario import Happening, Scenario
from pipelinekit.semantics.trace import JobStart, read, write
from pipelinekit.testing import Conformance, Ground, Result, corpus, examine, hostile, watch
from pipelinekit.testing.ground import git
from pipelinekit.testing.scenarios import scenarios
from tests.testing import hand
from tests.testing.conftest import Rewrite
from tests.testing.toy.engine import Toy

ATTACKS = [(name, each) for name in corpus.names() for each in scenarios(corpus.plan(name)) if "of an attacker" in each.name]


@pytest.mark.parametrize("text", hostile.REFS)
def test_git_takes_the_branches_and_tags(text: str) -> None:
    subprocess.run(["git", "check-ref-format", "--branch", f"feature/{text}"], check=True, capture_output=True)
    subprocess.run(["git", "check-ref-format", f"refs/tags/v{text}"], check=True)


def test_titles_and_authors_are_what_git_keeps() -> None:
    assert all("\n" not in title and title.strip() == title for title in hostile.TITLES)
    assert all(not set(author) & set("<>\n") and author.strip(" .,:;\"\\'") == author for author in hostile.AUTHORS)


@pytest.mark.parametrize("texts", [hostile.REFS, hostile.TITLES, hostile.AUTHORS, hostile.INPUTS])
def test_the_first_of_a_kind_suits_systems_that_expand(texts: tuple[str, ...]) -> None:
    assert not set(texts[0]) & {"$", "%"}
    assert all("pwned" in text for text in texts)
    assert any("$(" in text for text in texts[1:])


@pytest.mark.parametrize("number", range(2))
def test_the_ground_holds_an_outsiders_commit(tmp_path: Path, number: int) -> None:
    title, author = hostile.TITLES[number], hostile.AUTHORS[number]
    paths = tuple(f"src/{name}" for name in (*hostile.FILES, "two\nlines", "back\\slash"))
    branch = f"feature/{hostile.REFS[number]}"
    happening = Happening("pull_request", branch=branch, title=title, author=author, message=hostile.MESSAGE, changed=paths)
    ground = Ground(tmp_path)
    ground.begin(hand.plan(hand.stage("test", "true")), Scenario("an attack", happening))
    told = git(ground.repository, "log", "-1", "--format=%s%x00%an%x00%b", f"refs/heads/{branch}").split("\0")
    assert told == [title, author, hostile.MESSAGE + "\n"]
    assert (ground.world.title, ground.author, ground.message) == (title, author, hostile.MESSAGE)
    assert set(paths) <= set(git(ground.repository, "ls-tree", "-rz", "--name-only", ground.world.sha).split("\0"))


def test_each_fact_of_outsiders_is_attacked() -> None:
    attacked: set[str] = set()
    for name, scenario in ATTACKS:
        given = scenario.happening
        plan = corpus.plan(name)
        mentioned = {fact for stage in plan.stages for fact in facts(stage)}
        fields = {"PK_BRANCH": given.branch, "PK_TAG": given.tag, "PK_TITLE": given.title, "PK_AUTHOR": given.author}
        attacked |= {fact for fact, text in fields.items() if fact in mentioned and "pwned" in text}
    assert attacked == OUTSIDERS - {"PK_TARGET_BRANCH"}  # a pull request into anything but trunk starts no run
    assert any("pwned" in path for _, each in ATTACKS for path in each.happening.changed)
    assert any("pwned" in text for _, each in ATTACKS for _, text in each.happening.inputs)


@pytest.mark.parametrize(("name", "scenario"), ATTACKS, ids=[f"{name}: {each.name}" for name, each in ATTACKS])
def test_an_attack_is_a_scenario_of_the_trace(name: str, scenario: Scenario) -> None:
    """It survives trace/1's JSON, and the facts hold its texts."""
    trace = simulate(corpus.plan(name), scenario)
    assert list(read(write([trace]))) == [trace]
    seen = {key: text for line in trace if isinstance(line, JobStart) for key, text in line.env.items()}
    wanted = {"PK_BRANCH": scenario.happening.branch, "PK_TITLE": scenario.happening.title, "PK_AUTHOR": scenario.happening.author}
    for fact, text in wanted.items():
        assert not text or seen.get(fact, text) == text


def test_a_system_may_tell_an_authors_login(toy: Conformance) -> None:
    """The name with what a system writes beside it, or a login: never a part of the name, or nothing."""
    plan, scenario = next((corpus.plan(name), each) for name, each in ATTACKS if name == "attack-author")

    def agrees(author: str) -> bool:
        class Engine(Toy):
            def run(self, files, ground, scenario):
                ground.author = author
                super().run(files, ground, scenario)

        engine = Engine()
        return all(isinstance(each, Result) and each.agrees for each in examine(toy, "attack-author", plan, [scenario], [engine]))

    name = scenario.happening.author
    assert [agrees(text) for text in (name, f"{name} <eve@widget.example>", "eve-1")] == [True, True, True]
    assert [agrees(text) for text in (name.partition(";")[0], "", name.replace('"', ""))] == [False, False, False]


@pytest.mark.parametrize("name", ["attack-author", "facts-of-outsiders"])
def test_a_system_that_pastes_is_noticed(toy: Conformance, rewrite: Rewrite, name: str) -> None:
    """Facts in the script's own text, and not in the environment: what was chosen is run."""

    def paste(file):
        for job in file["jobs"]:
            job["script"] = [line.replace("${PK_TITLE}", "@title@").replace("${PK_AUTHOR}", "@author@") for line in job["script"]]

    rewrite(paste)

    class Pasting(Toy):
        def job(self, job, trunk, ground, scenario):
            pasted = [line.replace("@title@", ground.world.title).replace("@author@", ground.author) for line in job["script"]]
            return super().job({**job, "script": pasted}, trunk, ground, scenario)

    plan = corpus.plan(name)
    attacks = [each for each in scenarios(plan) if "of an attacker" in each.name]
    found = list(examine(toy, name, plan, attacks, [Pasting()]))
    kinds = {one.kind for each in found if isinstance(each, Result) for one in each.differences}
    assert "attack" in kinds


def test_a_calling_card_is_found_wherever_it_lies(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    ground.begin(hand.plan(hand.stage("test", "true")), Scenario("push"))
    assert list(watch.attacks(ground)) == []
    (ground.work / "a" / "pwned").mkdir(parents=True)
    (ground.bin / "pwned").touch()
    assert sorted(one.detail.rpartition(" ")[2] for one in watch.attacks(ground)) == ["bin/pwned", "work/a/pwned"]
