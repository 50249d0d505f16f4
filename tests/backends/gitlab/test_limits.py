"""What the server would refuse is said before."""

import pytest

from pipelinekit import Cache, Environment, Matrix, Pipeline, Secret, Service, changed, on

from .rendered import codes


def pipeline():
    return Pipeline("x", image="python:3.12", triggers=[on.push(), on.pull_request()])


def needs(p):
    p.test("last", name="last", needs=[p.test("t", name=f"t{number}") for number in range(51)])


def cells_in_needs(p):
    p.test("last", name="last", needs=[p.test("t", matrix=Matrix("n", *map(str, range(51))))])


def cells(p):
    p.test("t", matrix=[Matrix("a", *map(str, range(15))), Matrix("b", *map(str, range(15)))])


def caches(p):
    p.test("t", cache=[Cache(f"c{number}") for number in range(5)])


def key_files(p):
    p.test("t", cache=Cache("c", key=["a", "b", "c"]))


def names(p):
    p.test("t", matrix=Matrix("a", "x" * 128))


def globs(p):
    p.test("t", only_if=changed(*(f"f{number}" for number in range(51))))


def from_parent(p):
    production = Environment("production")
    made = [p.build("b", name=f"b{number}", outputs=f"o{number}") for number in range(6)]
    live = p.deploy("d", environment=production, needs=[build[f"o{number}"] for number, build in enumerate(made)])
    p.verify("v", environment=production, needs=[live])


def service_command(p):
    p.test("t", services=[Service("db", image="postgres:16", port=5432, command="it's")])


@pytest.mark.parametrize(
    "broken", [needs, cells_in_needs, cells, caches, key_files, names, globs, from_parent, service_command], ids=lambda case: case.__name__
)
def test_limits(broken):
    p = pipeline()
    broken(p)
    assert [code for code, _ in codes(p)] == ["PK1408"]


def test_fifty_needs_are_not_too_many():
    p = pipeline()
    p.test("last", name="last", needs=[p.test("t", name=f"t{number}") for number in range(50)])
    assert codes(p) == []


def test_what_the_stages_of_a_block_need_together_is_counted():
    p = pipeline()
    production = Environment("production")
    live = p.deploy("d", environment=production, needs=[p.test("t", name=f"t{number}") for number in range(30)])
    p.verify("v", environment=production, needs=[live, *(p.test("u", name=f"u{number}") for number in range(30))])
    assert codes(p) == [("PK1404", "order"), ("PK1408", None)]


def test_a_key_is_a_text_or_a_file():
    p = Pipeline("x", image="debian:12-slim", triggers=[on.push()])
    p.test("t", secrets=[Secret("TEXT", stored="KEY"), Secret("FILE", stored="KEY", file=True)])
    assert codes(p) == [("PK1402", "secret_files")]
    p = Pipeline("x", image="debian:12-slim", triggers=[on.push()])
    p.test("t", secrets=[Secret("TEXT", stored="KEY")])
    p.lint("l", secrets=[Secret("FILE", stored="KEY", file=True)])
    assert codes(p) == []
