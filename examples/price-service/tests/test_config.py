"""Every environment has its file, and a wrong file is refused."""

import pytest
from pydantic import ValidationError

from price import config


def test_environments() -> None:
    assert config.environments() == ["production", "staging", "test"]


@pytest.mark.parametrize("environment", config.environments())
def test_each_file_is_complete(environment: str) -> None:
    assert config.load(environment).environment == environment


def test_app_env_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ENV", "staging")
    assert config.load().environment == "staging"


@pytest.mark.parametrize("name", ["", "Staging", "../config/staging"])
def test_no_such_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ENV", name)
    with pytest.raises(LookupError, match="not one of production, staging, test"):
        config.load()


def test_a_wrong_key_is_refused() -> None:
    wrong = config.load("test").model_dump() | {"curency": "EUR"}
    with pytest.raises(ValidationError, match="curency"):
        config.Settings.model_validate(wrong)
