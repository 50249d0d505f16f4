"""Every environment has its file, and a wrong file is refused."""

import pytest

from dashboard import config


def test_environments() -> None:
    assert config.environments() == ["dev", "production", "staging"]


@pytest.mark.parametrize("environment", config.environments())
def test_each_file_is_complete(environment: str) -> None:
    assert config.load(environment).environment == environment


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_what_is_unfinished_is_off(environment: str) -> None:
    assert not config.load(environment).toggles.forecast_tab


@pytest.mark.parametrize("name", ["", "Staging", "../config/staging"])
def test_no_such_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ENV", name)
    with pytest.raises(LookupError, match="not one of dev, production, staging"):
        config.load()


def test_a_toggle_is_on_or_off() -> None:
    with pytest.raises(TypeError, match="forecast_tab is on or off"):
        config.Toggles(forecast_tab="false")  # type: ignore[arg-type]  # as a file might say
