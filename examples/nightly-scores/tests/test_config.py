"""Every environment has its file."""

import pytest

from scores import config


def test_environments() -> None:
    assert config.environments() == ["production", "staging"]


@pytest.mark.parametrize("environment", config.environments())
def test_each_file_is_complete(environment: str) -> None:
    assert config.load(environment).environment == environment


def test_app_env_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ENV", "production")
    assert config.load().patients == 0


@pytest.mark.parametrize("name", ["", "Staging", "../config/staging"])
def test_no_such_environment(name: str) -> None:
    with pytest.raises(LookupError, match="not one of production, staging"):
        config.load(name)
