"""All modelled helpers by id, and kernel functions by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import dynptr, maps, network, output, packets, probe, task, text, timers
from . import kfuncs as _kfuncs
from .register import collected

if TYPE_CHECKING:
    from ..run import Handler

_MODULES = (maps, probe, task, text, output, packets, network, timers, dynptr, _kfuncs)

HELPERS: dict[Any, Handler] = {}
KFUNCS: dict[Any, Handler] = {}
for _module in _MODULES:
    for _key, _handler in collected(_module.__name__).items():
        (KFUNCS if isinstance(_key, str) else HELPERS)[_key] = _handler
