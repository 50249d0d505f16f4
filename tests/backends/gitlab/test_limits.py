"""What the server would refuse is said before; the limits themselves are in breaches.py."""

from pipelinekit import Environment, Matrix, Pipeline, Secret, on

from .rendered import codes


def pipeline():
    return Pipeline("x", image="python:3.12", triggers=[on.push(), on.pull_request()])


def test_each_cell_is_a_need():
    p = pipeline()
    p.test("last", name="last", needs=[p.test("t", matrix=Matrix("n", *map(str, range(51))))])
    assert codes(p) == [("PK1408", None)]


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
