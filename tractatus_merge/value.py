"""What every frozen value of the program is made of; its classes say no more than their fields.

A class is made in 10 microseconds, where `dataclasses` writes and compiles a program for each
(0.4 ms): fifty of them were a sixth of what `end` costs. A library that makes them as quickly takes
twice as long to load as all these classes do. What there are ten thousand of has its own class
(`Record`, `Row`); what is filled step by step, and what the hook path knows, is a dataclass. See
decision 38.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, dataclass_transform

V = TypeVar("V", bound="Value")


class _Factory:
    """What makes the default of a field, anew for each value."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


def field(*, default_factory: Callable[[], Any]) -> Any:
    """A field whose default is made anew for each value."""
    return _Factory(default_factory)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Value:
    """A value that never changes: equal to one of the same class with equal fields.

    Its fields are the annotated names of its class, those of the classes that it goes on from
    first. Those of a class with `kw_only` are given by name, and stand behind the others.
    TypeError for one that is missing, unknown or given twice.
    `replace` makes another with other fields, `asdict` a dict of the fields as they are.
    """

    _fields: ClassVar[tuple[str, ...]] = ()
    _by_place: ClassVar[int] = 0
    _defaults: ClassVar[Mapping[str, Any]] = {}

    def __init_subclass__(cls, *, kw_only: bool = False) -> None:
        """Learn the fields of a class."""
        own = tuple(cls.__annotations__)
        cut = cls._by_place
        placed, named = cls._fields[:cut], cls._fields[cut:]
        placed, named = (placed, named + own) if kw_only else (placed + own, named)
        cls._fields = placed + named
        cls._by_place = len(placed)
        cls._defaults = {**cls._defaults, **{n: cls.__dict__[n] for n in own if n in cls.__dict__}}

    def __init__(self, /, *args: Any, **named: Any) -> None:
        fields = self._fields
        plain = not named and len(args) == len(fields) == self._by_place
        self.__dict__.update(zip(fields, args, strict=True) if plain else self._filled(args, named))

    @classmethod
    def _filled(cls, args: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
        """Every field by its name, the defaults too."""
        given = dict(zip(cls._fields[: cls._by_place], args, strict=False))
        if len(given) != len(args) or given.keys() & named or named.keys() - {*cls._fields}:
            raise TypeError(f"a {cls.__name__} has {cls._fields}, not {args} and {named}")
        given |= named
        for name in cls._fields:
            if name not in given:
                if name not in cls._defaults:
                    raise TypeError(f"a {cls.__name__} needs {name}")
                default = cls._defaults[name]
                given[name] = default.make() if isinstance(default, _Factory) else default
        return given

    if not TYPE_CHECKING:  # pragma: no branch (a checker takes it for leave to set anything)

        def __setattr__(self, name: str, _: object) -> None:
            self.__delattr__(name)

        def __delattr__(self, name: str) -> None:
            raise AttributeError(f"{name}: a {type(self).__name__} never changes")

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return self is other or asdict(self) == asdict(other)

    def __hash__(self) -> int:
        return hash((type(self), *asdict(self).values()))

    def __repr__(self) -> str:
        said = ", ".join(f"{name}={value!r}" for name, value in asdict(self).items())
        return f"{type(self).__name__}({said})"


def fields(kind: type[Value]) -> tuple[str, ...]:
    """The names of the fields that values of a class have, in order."""
    return kind._fields


def asdict(value: Value) -> dict[str, Any]:
    """The fields of a value as they are, in order."""
    held = value.__dict__
    return {name: held[name] for name in fields(type(value))}


def replace(value: V, /, **changes: Any) -> V:
    """Another value with other fields; TypeError for a field that the value has not."""
    return type(value)(**{**asdict(value), **changes})
