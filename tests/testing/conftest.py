"""Toy is installed while a test asks for it: the registry finds it as it finds any backend."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipelinekit.backend import registry
from pipelinekit.testing import Conformance
from tests.testing import toy as package
from tests.testing.toy.engine import Toy


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Conformance:
    """What Toy brings to the suite."""
    points = {**registry.entry_points(), "toy": f"{package.__name__}:backend"}
    monkeypatch.setattr(registry, "entry_points", lambda: points)
    return Conformance("toy", (Toy(),))


Rewrite = Callable[[Callable[[package.Json], None]], None]


@pytest.fixture
def rewrite(toy: Conformance, monkeypatch: pytest.MonkeyPatch) -> Rewrite:
    """`rewrite(change)` lets `change` loose on each file that Toy's backend writes."""
    import json

    from pipelinekit.backend import File
    from pipelinekit.model.value import replace

    def let_loose(change: Callable[[package.Json], None]) -> None:
        def render(request):
            for file in package.render(request):
                document = json.loads(file.text)
                change(document)
                yield File(file.path, json.dumps(document))

        monkeypatch.setattr(package, "backend", replace(package.backend, render=render))

    return let_loose
