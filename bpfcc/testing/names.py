"""Maps and variables by name, with words about names that are not there."""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, ParamSpec, TypeVar

from ..support.errors import InputError
from ..support.spelling import unknown
from ..vm.faults import Fault

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class UnknownName(KeyError):
    """A name that is not there; the text says which are."""

    def __str__(self) -> str:
        return str(self.args[0])


class Named(Mapping[str, T]):
    """A mapping by name; ``kind`` is what its values are ("map")."""

    def __init__(self, kind: str, held: Mapping[str, T]) -> None:
        self.kind = kind
        self.held = held

    def __getitem__(self, name: str) -> T:
        __tracebackhide__ = True
        if name not in self.held:
            raise UnknownName(unknown(self.kind, name, self.held))
        return self.held[name]

    def __contains__(self, name: object) -> bool:
        return name in self.held

    def __iter__(self) -> Iterator[str]:
        return iter(self.held)

    def __len__(self) -> int:
        return len(self.held)

    def __repr__(self) -> str:
        return repr(dict(self.held))


class Variables(Named[Any], MutableMapping[str, Any]):
    """Global variables: reading and writing."""

    held: MutableMapping[str, Any]

    def __setitem__(self, name: str, value: Any) -> None:
        __tracebackhide__ = True
        if name not in self.held:
            raise UnknownName(unknown(self.kind, name, self.held))
        self.held[name] = value

    def __delitem__(self, name: str) -> None:
        raise TypeError("global variables cannot be deleted")


def plain_errors(function: Callable[P, R]) -> Callable[P, R]:
    """Let what a user did wrong show at the user's line, not at ours."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        __tracebackhide__ = True
        try:
            return function(*args, **kwargs)
        except (InputError, Fault, ValueError, TypeError, struct.error) as error:
            raise error.with_traceback(None) from None

    return call
