"""The data is what it says, and the forecast follows it."""

import pytest

from dashboard import data


def test_shape() -> None:
    assert data.patients().shape == (442, len(data.FEATURES) + 1)
    assert not data.patients().isna().any(axis=None)


def test_more_weight_is_worse() -> None:
    assert data.forecast(bmi=40) > data.forecast(bmi=20)


def test_who_is_not_measured_is_the_median_patient() -> None:
    assert data.forecast() == data.forecast(**data.patients()[list(data.FEATURES)].median())


def test_an_unknown_measurement_is_refused() -> None:
    with pytest.raises(KeyError, match="weight"):
        data.forecast(weight=80)
