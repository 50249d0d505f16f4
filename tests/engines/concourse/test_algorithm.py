"""Which versions a build gets: the rules of `atc/scheduler/algorithm`, on builds that are only remembered."""

from __future__ import annotations

from typing import Any

from tests.engines.concourse.algorithm import resolve
from tests.engines.concourse.pipeline import Pipeline, of
from tests.engines.concourse.versions import Database, Version, version


def pipeline(**gets: list[dict[str, Any]]) -> Pipeline:
    """Jobs by name, each with its gets; of resources `repo` and `files`."""
    resources = [{"name": name, "type": "git"} for name in ("repo", "files")]
    return of({"resources": resources, "jobs": [{"name": name, "plan": plan} for name, plan in gets.items()]})


def v(ref: int) -> Version:
    return version(ref=str(ref))


def known(**versions: int) -> Database:
    database = Database()
    for resource, count in versions.items():
        database.save(resource, *(v(number) for number in range(1, count + 1)))
    return database


def green(database: Database, job: str, **inputs: int) -> int:
    """A build that has gone well; what isn't named `repo` it has put."""
    build = database.build(job)
    build.status = "succeeded"
    build.inputs = {name: (name, v(number)) for name, number in inputs.items() if name == "repo"}
    build.outputs = [(name, v(number)) for name, number in inputs.items() if name != "repo"]
    return build.id


def chosen(found: Pipeline, job: str, database: Database) -> dict[str, int] | None:
    choices = resolve(found, found.jobs[job], database)
    return None if choices is None else {name: int(dict(choice.version)["ref"]) for name, choice in choices.items()}


def passed(*jobs: str, **more: Any) -> dict[str, Any]:
    return {"get": "repo", "passed": list(jobs)} | more


def test_the_newest_version_is_taken():
    assert chosen(pipeline(a=[{"get": "repo"}]), "a", known(repo=3)) == {"repo": 3}


def test_without_a_version_there_is_no_build():
    assert chosen(pipeline(a=[{"get": "repo"}]), "a", known(repo=0)) is None


def test_a_version_is_new_once():
    p, database = pipeline(a=[{"get": "repo"}]), known(repo=1)
    green(database, "a", repo=1)
    choices = resolve(p, p.jobs["a"], database)
    assert choices is not None
    assert choices["repo"].first is False


def test_every_version_comes_in_its_turn_after_the_last_that_was_had():
    p, database = pipeline(a=[{"get": "repo", "version": "every"}]), known(repo=4)
    assert chosen(p, "a", database) == {"repo": 4}
    green(database, "a", repo=1)
    assert chosen(p, "a", database) == {"repo": 2}
    green(database, "a", repo=4)
    assert chosen(p, "a", database) == {"repo": 4}


def test_only_what_has_passed_is_taken():
    p, database = pipeline(a=[{"get": "repo"}], b=[passed("a")]), known(repo=3)
    assert chosen(p, "b", database) is None
    green(database, "a", repo=1)
    assert chosen(p, "b", database) == {"repo": 1}
    failed = database.build("a")
    failed.inputs, failed.status = {"repo": ("repo", v(3))}, "failed"
    assert chosen(p, "b", database) == {"repo": 1}


def test_what_must_have_passed_two_jobs_has_passed_both():
    p, database = pipeline(a=[{"get": "repo"}], b=[{"get": "repo"}], c=[passed("a", "b")]), known(repo=3)
    green(database, "a", repo=3)
    green(database, "a", repo=2)
    green(database, "b", repo=1)
    assert chosen(p, "c", database) is None
    green(database, "b", repo=2)
    assert chosen(p, "c", database) == {"repo": 2}


def test_versions_that_were_together_stay_together():
    gets = [passed("a"), {"get": "files", "passed": ["a"]}]
    p, database = pipeline(a=[{"get": "repo"}, {"put": "files"}], b=gets), known(repo=2, files=2)
    green(database, "a", repo=2, files=1)
    assert chosen(p, "b", database) == {"repo": 2, "files": 1}


def test_the_choice_goes_back_where_the_newest_build_fits_no_other():
    gets = [passed("a", "b"), {"get": "files", "passed": ["a"]}]
    p, database = pipeline(a=[{"get": "repo"}, {"put": "files"}], b=[{"get": "repo"}], c=gets), known(repo=2, files=2)
    green(database, "a", repo=1, files=1)
    green(database, "a", repo=2, files=2)
    green(database, "b", repo=1)
    assert chosen(p, "c", database) == {"repo": 1, "files": 1}


def test_every_version_that_has_passed_comes_in_the_order_of_the_builds():
    p, database = pipeline(a=[{"get": "repo", "version": "every"}], b=[passed("a", version="every")]), known(repo=3)
    first = green(database, "a", repo=1)
    for number in (2, 3):
        green(database, "a", repo=number)
    green(database, "b", repo=1)
    database.builds[-1].pipes = {"a": first}
    assert chosen(p, "b", database) == {"repo": 2}


def test_inputs_that_share_no_job_are_chosen_apart():
    gets = [passed("a"), {"get": "files", "passed": ["b"]}]
    p, database = pipeline(a=[{"get": "repo"}], b=[{"get": "repo"}, {"put": "files"}], c=gets), known(repo=2, files=2)
    green(database, "a", repo=2)
    green(database, "b", repo=1, files=1)
    assert chosen(p, "c", database) == {"repo": 2, "files": 1}
