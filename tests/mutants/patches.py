"""Ways to seed a bug into a backend so that all of its modules see it, and none of it is left afterwards.

Modules import functions from each other by name, and tables, tuples and the `Backend` itself hold functions: `swap` finds all
of these. Most bugs are one line: `edited` changes a text in a function's source, and says so when the text is no longer there.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest

from pipelinekit.backend import registry
from tests.mutants import Mutant, Patch


class Unfit(Exception):
    """The patch itself is wrong: its text isn't there, or no rendered file changes by it."""


def edited(where: str, old: str, new: str) -> Patch:
    """The function `module:function` (or `module:Class.method`) with `old` in its source, which must stand there once, as `new`."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        module, holder, name, function = _resolve(where)
        source = textwrap.dedent(inspect.getsource(_undecorated(function)))
        if source.count(old) != 1:
            raise Unfit(f"{where}: {old!r} stands there {source.count(old)} times")
        made: dict[str, Any] = {}
        exec(compile(source.replace(old, new), f"<{where}, edited>", "exec"), vars(module), made)
        _put(monkeypatch, module, holder, name, made[name])

    return patch


def replaced(where: str, make: Callable[[Any], Any]) -> Patch:
    """The function `module:function` (or `module:Class.method`) as what `make` makes of it."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        module, holder, name, function = _resolve(where)
        _put(monkeypatch, module, holder, name, make(function))

    return patch


def constant(where: str, value: Any) -> Patch:
    """The constant `module:NAME`, here and wherever it was imported by that name, as `value`."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        module, _, name, original = _resolve(where)
        if original == value:
            raise Unfit(f"{where}: is {value!r} already")
        for each in modules(module.__name__.partition(".")[0]):
            if vars(each).get(name) is original:
                monkeypatch.setattr(each, name, value)

    return patch


def both(*patches: Patch) -> Patch:
    """A bug that takes several patches."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        for each in patches:
            each(monkeypatch)

    return patch


def swap(monkeypatch: pytest.MonkeyPatch, package: str, original: object, other: object) -> None:
    """Put `other` in place of every reference to `original` that modules of a package hold, in tables and values too."""
    known: dict[int, tuple[Any, Any]] = {id(original): (original, other)}
    for module in modules(package):
        for name, held in list(vars(module).items()):
            if not name.startswith("__"):
                changed = _with(held, known)
                if changed is not held:
                    monkeypatch.setattr(module, name, changed)


def modules(package: str) -> list[ModuleType]:
    """All modules of a package, imported."""
    top = importlib.import_module(package)
    for found in pkgutil.walk_packages(top.__path__, f"{package}."):
        if not found.name.endswith(".__main__"):
            importlib.import_module(found.name)
    return [module for name, module in sorted(sys.modules.items()) if name == package or name.startswith(f"{package}.")]


def package_of(target: str) -> str:
    """The top package of a target's backend."""
    return registry.entry_points()[target].partition(":")[0].partition(".")[0]


@contextmanager
def in_force(target: str, mutant: Mutant) -> Iterator[None]:
    """Inside, the target's backend has the bug; nothing that a function remembers crosses the border, either way."""
    package = package_of(target)
    patched = modules(package)
    try:
        with pytest.MonkeyPatch.context() as monkeypatch:
            mutant.patch(monkeypatch)
            forget(patched)
            yield
    finally:
        forget(patched)


def forget(patched: list[ModuleType]) -> None:
    """Empty the caches of modules' functions."""
    for module in patched:
        for held in vars(module).values():
            clear = getattr(held, "cache_clear", None)
            if clear is not None and not isinstance(held, type):
                clear()


def _resolve(where: str) -> tuple[ModuleType, Any, str, Any]:
    """The module, what holds the attribute (the module or a class), the attribute's name, and what stands there."""
    path, _, words = where.partition(":")
    module = importlib.import_module(path)
    *outer, name = words.split(".")
    holder: Any = module
    for word in outer:
        holder = getattr(holder, word)
    if name not in vars(holder):
        raise Unfit(f"{where}: there is no such thing")
    return module, holder, name, vars(holder)[name]


def _undecorated(held: Any) -> Any:
    """The function behind a property, a static or class method, or a cache."""
    found = getattr(held, "fget", None) or getattr(held, "__func__", None) or held
    return inspect.unwrap(found)


def _put(monkeypatch: pytest.MonkeyPatch, module: ModuleType, holder: Any, name: str, other: Any) -> None:
    if holder is module:
        swap(monkeypatch, module.__name__.partition(".")[0], vars(module)[name], other)
    else:
        monkeypatch.setattr(holder, name, other)


def _with(held: Any, known: dict[int, tuple[Any, Any]]) -> Any:
    """`held`, or a copy of it with what `known` replaces. What was looked at is kept in `known`, so that one thing stays one thing."""
    if id(held) in known:
        return known[id(held)][1]
    known[id(held)] = (held, held)
    changed = _copy(held, known)
    known[id(held)] = (held, changed)
    return changed


def _copy(held: Any, known: dict[int, tuple[Any, Any]]) -> Any:
    match held:
        case dict():
            pairs = {key: _with(each, known) for key, each in held.items()}
            return held if all(pairs[key] is held[key] for key in held) else pairs
        case list() | tuple() if type(held) in (list, tuple):
            items = [_with(each, known) for each in held]
            return held if all(one is other for one, other in zip(items, held, strict=True)) else type(held)(items)
        case functools.partial():
            made = functools.partial(_with(held.func, known), *_with(held.args, known), **held.keywords)
            return held if (made.func, made.args) == (held.func, held.args) else made
        case _ if not isinstance(held, type) and hasattr(held, "__value_fields__"):
            return _value(held, known)
        case _:
            return held


def _value(held: Any, known: dict[int, tuple[Any, Any]]) -> Any:
    fields = {name: _with(getattr(held, name), known) for name in held.__value_fields__}
    if all(each is getattr(held, name) for name, each in fields.items()):
        return held
    made = object.__new__(type(held))
    for name, each in fields.items():
        object.__setattr__(made, name, each)
    return made
