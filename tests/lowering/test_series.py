"""Orders as trees of series and parallels."""

from hypothesis import given
from hypothesis import strategies as st

from pipelinekit.lowering.series import Knot, Parallel, Series, before, members, ordered, shape


def test_a_chain_is_a_series() -> None:
    assert shape("abc", {"b": "a", "c": "b"}) == Series(("a", "b", "c"))


def test_unrelated_names_are_parallel() -> None:
    assert shape("ab", {}) == Parallel(("a", "b"))


def test_a_diamond() -> None:
    assert shape("abcd", {"b": "a", "c": "a", "d": "bc"}) == Series(("a", Parallel(("b", "c")), "d"))


def test_chains_side_by_side() -> None:
    assert shape("abcd", {"c": "a", "d": "c"}) == Parallel((Series(("a", "c", "d")), "b"))


def test_the_letter_n_is_a_knot() -> None:
    assert shape("abcd", {"c": "a", "d": "ab"}) == Knot(("a", "b", "c", "d"))


def test_a_knot_within_a_series() -> None:
    assert shape("xabcd", {"a": "x", "b": "x", "c": "a", "d": "ab"}) == Series(("x", Knot(("a", "b", "c", "d"))))


def test_needs_from_outside_count_for_nothing() -> None:
    assert shape("ab", {"a": "z", "b": "z"}) == Parallel(("a", "b"))


@given(st.lists(st.sets(st.integers(0, 7)), min_size=1, max_size=8))
def test_a_tree_without_knots_orders_what_the_needs_do(drawn: list[set[int]]) -> None:
    names = [chr(97 + index) for index in range(len(drawn))]
    needs = {name: {names[i] for i in wanted if i < index} for index, (name, wanted) in enumerate(zip(names, drawn, strict=True))}
    tree = shape(names, needs)
    assert sorted(members(tree)) == names
    expected = {(one, name) for name, ancestors in before(names, needs).items() for one in ancestors}
    found = set(ordered(tree))
    assert found <= expected
    if "Knot" not in repr(tree):
        assert found == expected
