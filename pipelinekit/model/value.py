"""Frozen, slotted values, written like dataclasses: annotated fields, defaults, one decorator.

`dataclasses` compiles six methods for each class and imports `inspect`, which for the values of this package costs more
than reading a definition and rendering it (docs/decisions/0002-own-values.md has the figures). Here a class gets a
generated `__init__` and shares the rest; type checkers see dataclasses.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn, TypeVar, dataclass_transform

    _T = TypeVar("_T")
    _C = TypeVar("_C", bound=type)
else:

    def dataclass_transform(**_: object):  # noqa: ANN201  # typing's, without its import
        return lambda decorator: decorator


class _Required:
    """The default of a field that has none."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Any = _Required()


class Field:
    """What is said of a field beside its type: its default or the factory of it, whether it counts, and free metadata."""

    __slots__ = ("compare", "default", "factory", "metadata")

    def __init__(self, default: Any, factory: Callable[[], Any] | None, compare: bool, metadata: dict[str, Any]) -> None:
        self.default = default
        self.factory = factory
        self.compare = compare
        self.metadata = metadata


def field(
    *,
    default: Any = REQUIRED,
    default_factory: Callable[[], Any] | None = None,
    compare: bool = True,
    metadata: dict[str, Any] | None = None,
) -> Any:
    """A field with more to it than a default. Without `compare` it counts neither in `==` nor in `repr`."""
    return Field(default, default_factory, compare, metadata or {})


@dataclass_transform(frozen_default=True, eq_default=True, field_specifiers=(field,))
def value(cls: type[_T]) -> type[_T]:
    """Make a class of annotated fields a frozen, slotted value with `__init__`, `==`, `hash`, `repr` and `__match_args__`.

    A class may have its own `__init__`, which sets its fields with `object.__setattr__`. Fields are not inherited.
    """
    own = cls.__dict__
    names = tuple(own.get("__annotations__", ()))
    fields = {name: _field(own.get(name, REQUIRED)) for name in names}
    kept = {key: member for key, member in own.items() if key not in fields and key not in ("__dict__", "__weakref__")}
    body = {
        **_SHARED,
        "__init__": _init(fields),
        **kept,
        "__slots__": names,
        "__match_args__": names,
        "__value_fields__": fields,
        "_compared": tuple(name for name in names if fields[name].compare),
    }
    made: Any = type(cls)
    return made(cls.__name__, cls.__bases__, body)  # type: ignore[no-any-return]  # a metaclass called by hand


def _field(default: Any) -> Field:
    return default if isinstance(default, Field) else Field(default, None, True, {})


def _init(fields: dict[str, Field]) -> Callable[..., None]:
    """An `__init__` with the fields as parameters, compiled once: a generic one would cost each construction double."""
    names: dict[str, Any] = {"_set": object.__setattr__, "_required": REQUIRED}
    parameters, lines = ["self"], []
    for name, each in fields.items():
        given = name
        if each.factory is not None:
            names[f"_make_{name}"] = each.factory
            parameters.append(f"{name}=_required")
            given = f"_make_{name}() if {name} is _required else {name}"
        elif each.default is REQUIRED:
            parameters.append(name)
        else:
            names[f"_default_{name}"] = each.default
            parameters.append(f"{name}=_default_{name}")
        lines.append(f" _set(self, {name!r}, {given})")
    exec(f"def __init__({', '.join(parameters)}):\n" + "\n".join(lines or [" pass"]), names)
    made: Callable[..., None] = names["__init__"]
    return made


def _setattr(self: Any, name: str, _: object) -> NoReturn:
    raise AttributeError(f"{type(self).__name__} is frozen: {name} can't be set")


def _delattr(self: Any, name: str) -> NoReturn:
    raise AttributeError(f"{type(self).__name__} is frozen: {name} can't be deleted")


def _eq(self: Any, other: Any) -> Any:
    if type(other) is not type(self):
        return NotImplemented
    return self is other or all(getattr(self, name) == getattr(other, name) for name in self._compared)


def _hash(self: Any) -> int:
    return hash(tuple([getattr(self, name) for name in self._compared]))


def _repr(self: Any) -> str:
    """The fields that aren't at their defaults: a field added later changes no text of values that don't set it."""
    fields = self.__value_fields__
    shown = [f"{name}={given!r}" for name in self._compared if _is_set(given := getattr(self, name), fields[name])]
    return f"{type(self).__name__}({', '.join(shown)})"


def _is_set(given: Any, field: Field) -> bool:
    default = field.default
    if given is default:
        return False
    return bool(given != (default if field.factory is None else field.factory()))


def _reduce(self: Any) -> tuple[Any, ...]:
    """Copies and pickles are made through `__init__`, since attributes can't be set."""
    return _remake, (type(self), tuple(getattr(self, name) for name in self.__value_fields__))


def _remake(cls: type[_T], given: tuple[Any, ...]) -> _T:
    made = cls.__new__(cls)
    for name, each in zip(cls.__value_fields__, given, strict=True):  # type: ignore[attr-defined]  # set by the decorator
        object.__setattr__(made, name, each)
    return made


_SHARED = {
    "__setattr__": _setattr,
    "__delattr__": _delattr,
    "__eq__": _eq,
    "__hash__": _hash,
    "__repr__": _repr,
    "__reduce__": _reduce,
}


def replace(original: _T, /, **changes: Any) -> _T:
    """A copy with some fields changed. Raises TypeError for a field that there is not."""
    fields = original.__value_fields__  # type: ignore[attr-defined]  # set by the decorator
    for name in changes:
        if name not in fields:
            raise TypeError(f"{type(original).__name__} has no field {name!r}")
    made = object.__new__(type(original))
    for name in fields:
        object.__setattr__(made, name, changes[name] if name in changes else getattr(original, name))
    return made
