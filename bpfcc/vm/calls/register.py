"""The decorators that say which function models which helper or kernel function."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...uapi.helpers import by_name

if TYPE_CHECKING:
    from ..run import Handler
    from ..world import World

Needs = Callable[["World"], bool]

_FOUND: dict[str, dict[Any, Handler]] = {}
# What works only once the user has described something -> whether that is done.
NEEDS: dict[Any, Needs] = {}
MASK64 = 0xFFFFFFFFFFFFFFFF


def helper(*names: str, needs: Needs | None = None) -> Callable[[Handler], Handler]:
    """Register a function for helpers, named without "bpf_".

    It gets (run, r1 .. r5), unsigned 64-bit, and returns r0; negative results are error numbers.
    ``needs`` tells whether the world describes what it is about; where not, it ends in
    ``faults.NotDescribed``.
    """

    def register(function: Handler) -> Handler:
        for name in names:
            number = by_name["bpf_" + name].id
            _FOUND.setdefault(function.__module__, {})[number] = function
            if needs is not None:
                NEEDS[number] = needs
        return function

    return register


def kfunc(*names: str) -> Callable[[Handler], Handler]:
    """Register a function for kernel functions by full name."""

    def register(function: Handler) -> Handler:
        for name in names:
            _FOUND.setdefault(function.__module__, {})[name] = function
        return function

    return register


def collected(module: str) -> dict[Any, Handler]:
    """Return what a module registered."""
    return _FOUND.get(module, {})


def s32(value: int) -> int:
    """Return the low 32 bits as a signed number."""
    value &= 0xFFFFFFFF
    return value - ((value & 0x80000000) << 1)


def s64(value: int) -> int:
    """Return 64 bits as a signed number."""
    return value - ((value & 1 << 63) << 1)


def u32(value: int) -> int:
    """Return the low 32 bits."""
    return value & 0xFFFFFFFF
