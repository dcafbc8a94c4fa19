"""All modelled helpers by id, and kernel functions by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import (
    cpumask,
    dynptr,
    hooks,
    iterators,
    maps,
    network,
    objects,
    output,
    packets,
    probe,
    routing,
    show,
    syncookies,
    task,
    text,
    timers,
)
from . import kfuncs as _kfuncs
from .register import collected

if TYPE_CHECKING:
    from ..run import Handler

_MODULES = (
    maps,
    probe,
    task,
    text,
    output,
    packets,
    network,
    routing,
    syncookies,
    timers,
    dynptr,
    show,
    hooks,
    objects,
    iterators,
    cpumask,
    _kfuncs,
)

HELPERS: dict[Any, Handler] = {}
KFUNCS: dict[Any, Handler] = {}
for _module in _MODULES:
    for _key, _handler in collected(_module.__name__).items():
        (KFUNCS if isinstance(_key, str) else HELPERS)[_key] = _handler
