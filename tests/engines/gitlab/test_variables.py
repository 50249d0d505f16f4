"""What the server and the runner put in for `$NAME`."""

import pytest

from . import variables
from .variables import Variable


def both(**given: str | Variable) -> dict[str, str]:
    """Values as a job sees them, after server and runner."""
    made = {key: each if isinstance(each, Variable) else Variable(key, each) for key, each in given.items()}
    return variables.on_runner(variables.on_server(made), lambda key: f"/files/{key}")


def test_references_are_filled_in_any_order():
    assert both(A="$B-${C}", B="%C%", C="c") == {"A": "c-c", "B": "c", "C": "c"}


def test_what_nobody_knows_is_empty_in_the_end():
    assert both(A="<$UNKNOWN>")["A"] == "<>"


def test_two_dollars_are_one_and_two_percents_stay():
    assert both(A="$$HOME 100%%") == {"A": "$HOME 100%%"}


def test_raw_values_stay_as_they_are_and_where_they_are_put_in():
    found = both(RAW=Variable("RAW", "$SECRET", raw=True), A="<$RAW>", SECRET="s3cret")
    assert (found["RAW"], found["A"]) == ("$SECRET", "<$SECRET>")


def test_values_are_filled_a_second_time_by_the_runner():
    """A title with a `$` shows another variable's value, a secret's too."""
    assert both(CI_COMMIT_TITLE="costs $TOKEN", TOKEN="s3cret")["CI_COMMIT_TITLE"] == "costs s3cret"


def test_a_file_is_a_path_wherever_it_is_named():
    found = both(KEY=Variable("KEY", "text", file=True), A="$KEY")
    assert found == {"KEY": "/files/KEY", "A": "/files/KEY"}


def test_circles_are_refused():
    with pytest.raises(variables.Circular):
        both(A="$B", B="$A")


@pytest.mark.parametrize(
    "text, made",
    [
        ("$A", "a"),
        ("${A}", "a"),
        ("$AB", ""),
        ("$A-", "a-"),
        ("$-", ""),
        ("$1x", "x"),
        ("$.", "$."),
        ("$", "$"),
        ("${", ""),
        ("${A", "A"),
        ("$$A", "$A"),
    ],
)
def test_the_runner_expands_as_go_does(text, made):
    assert variables.expand(text, lambda name: {"A": "a", "$": "$"}.get(name, "")) == made


def test_the_server_fills_names_of_the_file_with_nothing_for_the_unknown():
    assert variables.filled("review/$A-$B", variables.plain({"A": "a"})) == "review/a-"
