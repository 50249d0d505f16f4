"""The model learns, says the same twice, and scores whom it is told to."""

import pytest

from scores import model


def test_shape() -> None:
    x, y = model.patients()
    assert x.shape == (569, 30)
    assert 0.3 < y.mean() < 0.4


def test_it_learns_and_says_the_same_twice() -> None:
    _, metrics = model.train()
    assert metrics["auc"] > 0.98
    assert model.train()[1] == metrics


@pytest.mark.parametrize(("count", "rows"), [(20, 20), (0, 569)])
def test_scores(count: int, rows: int) -> None:
    found = model.score(model.train()[0], "2024-02-02", count)
    assert len(found) == rows
    assert found["patient"].is_unique
    assert found["score"].between(0, 1).all()
