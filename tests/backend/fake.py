"""A small backend that tests register in place of an installed one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipelinekit.backend import Backend, Case, File, Native, Refused, Request, SetupStep, Support, merge, setting
from pipelinekit.backend.interface import Rendered
from pipelinekit.diagnostics import Diagnostic
from pipelinekit.model.features import FEATURES, Feature
from pipelinekit.model.plan import Source
from pipelinekit.model.value import value


@value
class Settings:
    """One of each type."""

    text: str = setting("x", help="a text")
    yes: bool = setting(False, help="a choice")
    count: int = setting(1, help="a number")
    labels: dict[str, Any] = setting({}, help="labels")
    words: list[str] = setting([], help="words")
    colour: str = setting("red", help="a colour", choices=("red", "blue"))
    bucket: str | None = setting(None, help="a bucket")


@value
class Demanding:
    """A setting that must be there."""

    project: str = setting(help="the project's id")


def _render(request: Request[Any]) -> Rendered:
    data: dict[str, Any] = {"stages": [stage.name for stage in request.plan.stages]}
    text = "".join(f"# {line}\n" for line in request.header) + repr(merge(data, request.plan.raw.get("fake")))
    yield File("fake.txt", f"{text}\n")
    if len(request.plan.stages) > 3:
        yield Diagnostic("PK1408", "error", "more than three stages", "fewer", Source("pipeline.py", 1))


def _setup(request: Request[Any]) -> Iterator[SetupStep]:
    for stage in request.plan.stages:
        for secret in stage.secrets:
            yield SetupStep(f"The secret {secret.stored}", "a stage names it", (f"fake secret set {secret.stored}",))


def backend(changes: Mapping[Feature, Support | tuple[Case | Support, ...]] | None = None, settings: type = Settings) -> Backend[Any]:
    """A backend that does everything natively but for `changes`."""
    table: dict[Feature, Support | tuple[Case | Support, ...]] = {feature: Native() for feature in FEATURES}
    return Backend(
        name="fake",
        title="Fake",
        engine="fake 1",
        docs="https://fake.example",
        files=("fake.txt",),
        table={**table, **(changes or {})},
        settings=settings,
        render=_render,
        setup=_setup,
    )


REFUSED = Refused("it can't", "do without")
