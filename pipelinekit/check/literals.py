"""Secrets in clear text, in whatever text a plan holds. `pipelinekit check` looks; rendering has the constructors' quick look."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from pipelinekit import literals
from pipelinekit.diagnostics import Diagnostic
from pipelinekit.model.plan import Plan, Secret, Source


def no_secret_is_written_out(plan: Plan) -> Iterator[Diagnostic]:
    """A finding for each literal that looks like a secret, at its line, once."""
    seen: set[tuple[Source, str]] = set()
    for text, name, what, source, stage in _texts(plan):
        for found in _found(text, name):
            line, allowed = literals.place(source, found.text.splitlines()[0])
            if not allowed and (line, found.text) not in seen:
                seen.add((line, found.text))
                yield Diagnostic("PK009", "error", f"a text in {what} looks like a secret in clear text: {found}", HINT, line, stage=stage)


HINT = "keep it in the system's store and name it, secrets=[Secret(…)]; or say why it is none: # pragma: allowlist secret: WHY"


def _found(text: str, name: str) -> Iterator[literals.Found]:
    if literals.telling(name, text) and literals.is_random(text):
        yield literals.Found(f"a value for {name}", text)
        return
    found = list(chain(literals.known(text), literals.assigned(text)))
    yield from found
    yield from (each for each in literals.random(text) if not any(each.text in other.text or other.text in each.text for other in found))


def _texts(plan: Plan) -> Iterator[tuple[str, str, str, Source, str | None]]:
    """Every text of the plan: the name that it stands under, what it is, and where it was written."""
    for stage in plan.stages:
        for field in stage.__value_fields__:  # type: ignore[attr-defined]  # set by the decorator
            for text, name, what in _walk(getattr(stage, field), field, field):
                yield text, name, f"{what} of {stage.name}", stage.source, stage.name
    for field in plan.__value_fields__:  # type: ignore[attr-defined]  # set by the decorator
        if field == "environments":
            for environment in plan.environments:
                for text, name, what in _walk(environment, environment.name, environment.name):
                    yield text, name, what, environment.source, None
        elif field not in ("stages", "accept"):
            for text, name, what in _walk(getattr(plan, field), field, field):
                yield text, name, what, plan.source, None


def _walk(value: Any, name: str, what: str) -> Iterator[tuple[str, str, str]]:
    match value:
        case str():
            yield value, name, what
        case Secret() | Source():
            return
        case dict():
            for key, each in value.items():
                yield from _walk(each, key, f"{what}[{key!r}]")
        case (str() as key, str() as each) if name in ("variables", "args"):
            yield each, key, f"{what}[{key!r}]"
        case list() | tuple():
            for each in value:
                yield from _walk(each, name, what)
        case _ if hasattr(value, "__value_fields__"):
            for field in value.__value_fields__:
                yield from _walk(getattr(value, field), field, f"{what} {field}")
