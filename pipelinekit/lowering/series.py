"""What stands one after the other and what side by side: an order by needs as a tree of series and parallels, as far as it is one."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TypeAlias

from pipelinekit.model.value import value


@value
class Series:
    """Each part starts when all of the one before has ended."""

    parts: tuple["Shape", ...]


@value
class Parallel:
    """Nothing orders the branches."""

    branches: tuple["Shape", ...]


@value
class Knot:
    """An order that is neither: somewhere in it `a` precedes `c` and `d`, and `b` precedes `d` alone."""

    names: tuple[str, ...]


Shape: TypeAlias = str | Series | Parallel | Knot


def before(names: Sequence[str], needs: Mapping[str, Collection[str]]) -> dict[str, frozenset[str]]:
    """All that each name comes after. Names stand behind what they need; needs of other names count for nothing."""
    found: dict[str, frozenset[str]] = {}
    for name in names:
        direct = [need for need in needs.get(name, ()) if need in found]
        found[name] = frozenset(direct).union(*(found[need] for need in direct))
    return found


def shape(names: Sequence[str], needs: Mapping[str, Collection[str]]) -> Shape:
    """The order as a tree that orders exactly what the needs do; what is no such tree stays a Knot."""
    return _shape(tuple(names), before(names, needs))


def _shape(names: tuple[str, ...], ancestors: Mapping[str, frozenset[str]]) -> Shape:
    if len(names) == 1:
        return names[0]
    branches = _components(names, lambda one, other: one in ancestors[other] or other in ancestors[one])
    if len(branches) > 1:
        return Parallel(tuple(_shape(branch, ancestors) for branch in branches))
    parts = _components(names, lambda one, other: one not in ancestors[other] and other not in ancestors[one])
    if len(parts) > 1:
        return Series(tuple(_shape(part, ancestors) for part in parts))
    return Knot(names)


def _components(names: tuple[str, ...], linked: Callable[[str, str], bool]) -> list[tuple[str, ...]]:
    """The names in groups between which nothing is linked, in the order of their first names."""
    left = dict.fromkeys(names)
    found = []
    while left:
        group = {next(iter(left))}
        frontier = list(group)
        while frontier:
            one = frontier.pop()
            more = [other for other in left if other not in group and linked(one, other)]
            group.update(more)
            frontier += more
        found.append(tuple(name for name in names if name in group))
        for name in group:
            del left[name]
    return found


def members(tree: Shape) -> tuple[str, ...]:
    """The names of a tree, in the order in which it is written."""
    match tree:
        case str():
            return (tree,)
        case Knot(names=names):
            return names
        case Series(parts=inner) | Parallel(branches=inner):
            return tuple(name for each in inner for name in members(each))


def ordered(tree: Shape) -> Iterator[tuple[str, str]]:
    """Each pair of names of which the tree makes the second wait for the first."""
    match tree:
        case Series(parts=parts):
            for index, part in enumerate(parts):
                yield from ordered(part)
                for later in parts[index + 1 :]:
                    yield from ((one, other) for one in members(part) for other in members(later))
        case Parallel(branches=branches):
            for branch in branches:
                yield from ordered(branch)
        case _:
            pass
