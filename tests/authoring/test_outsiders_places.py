"""Each place of a definition that isn't a script refuses the facts that outsiders choose."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipelinekit import Cache, Environment, Input, Matrix, Pipeline, Registry, Runner, Secret, Service, changed, ci, on
from pipelinekit.diagnostics import DefinitionError
from pipelinekit.recipes import container


def plain() -> Pipeline:
    return Pipeline("x", image="a")


def gate(f: str) -> object:
    p = plain()
    return p.gate(f"ship {f}?", needs=[p.test("x")])


def need(f: str) -> object:
    p = plain()
    return p.test("y", name="y", needs=[p.test("x", outputs="a/")[f]])


PLACES: dict[str, Callable[[str], object]] = {
    "pipeline image": lambda f: Pipeline("x", image=f"a:{f}"),
    "service image": lambda f: Service("db", image=f"a:{f}", port=1),
    "service var": lambda f: Service("db", image="a", port=1, variables={"A": f"{f}"}),
    "service command": lambda f: Service("db", image="a", port=1, command=f"x {f}"),
    "stage name": lambda f: plain().test("x", name=f"{f}"),
    "report": lambda f: plain().test("x", reports=f"{f}.xml"),
    "keep": lambda f: plain().test("x", keep=[f"{f}/*"]),
    "only_if": lambda f: plain().test("x", only_if=changed(f"{f}/**")),
    "lock": lambda f: plain().test("x", lock=f"{f}"),
    "message": gate,
    "env name": lambda f: Environment(f"{f}"),
    "env url": lambda f: Environment("a", url=f"https://{f}.example"),
    "env config": lambda f: Environment("a", config=f"{f}.toml"),
    "env var": lambda f: Environment("a", variables={"A": f"{f}"}),
    "secret name": lambda f: Secret(f"{f}"),
    "secret stored": lambda f: Secret("A", stored=f"{f}"),
    "cache path": lambda f: Cache(f"{f}/", key="a.lock"),
    "cache key": lambda f: Cache("a/", key=f"{f}.lock"),
    "runner label": lambda f: Runner(f"{f}"),
    "repository": lambda f: container(f"a/{f}", tag=ci.sha),
    "context": lambda f: container("a/b", tag=ci.sha, context=f"{f}"),
    "dockerfile": lambda f: container("a/b", tag=ci.sha, dockerfile=f"{f}"),
    "also": lambda f: container("a/b", tag=ci.sha, also=f"{f}"),
    "arg": lambda f: container("a/b", tag=ci.sha, args={"A": f"{f}"}),
    "registry": lambda f: Registry(f"{f}", username=Secret("A"), password=Secret("B")),
    "trunk": lambda f: Pipeline("x", image="a", trunk=f"{f}"),
    "pipeline name": lambda f: Pipeline(f"{f}", image="a"),
    "push glob": lambda f: on.push(f"{f}"),
    "tag glob": lambda f: on.tag(f"{f}"),
    "schedule": lambda f: on.schedule(f"{f}", "0 3 * * *"),
    "manual": lambda f: on.manual(f"{f}"),
    "input default": lambda f: Input("a", f"{f}"),
    "input choice": lambda f: Input("a", "b", choices=("b", f"{f}")),
    "input help": lambda f: Input("a", "b", help=f"{f}"),
    "matrix": lambda f: Matrix("a", f"{f}"),
    "targets": lambda f: Pipeline("x", image="a", targets={"cloudbuild": {"bucket": f"{f}"}}),
    "artifact need": need,
    "setup image": lambda f: plain().test("x", image=f"{f}"),
}


@pytest.mark.parametrize("fact", ["branch", "target_branch", "tag", "author", "title"])
@pytest.mark.parametrize("place", PLACES)
def test_a_fact_of_outsiders_is_refused(place: str, fact: str) -> None:
    with pytest.raises(DefinitionError) as error:
        PLACES[place](str(getattr(ci, fact)))
    assert f"PK_{fact.upper()}" in str(error.value) or "a gate's question holds no values" in str(error.value)


def test_commands_take_them() -> None:
    p = plain()
    p.test(f'echo "{ci.branch} {ci.target_branch} {ci.tag} {ci.author} {ci.title}"', setup=f'echo "{ci.title}"')
    assert len(p.plan().stages) == 1
