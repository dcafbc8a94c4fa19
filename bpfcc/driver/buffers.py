"""What the records of a ring buffer or perf buffer are, as far as the object tells."""

from __future__ import annotations

from typing import Any

from ..btf.types import BtfType, Const, Ptr, Typedef, Var, Volatile
from ..btf.values import decode
from ..objfile.model import Object
from ..support.errors import InputError


def record_type(obj: Object, map_name: str) -> BtfType | None:
    """Return the type of a buffer's records: that of variable ``<map>_record``, if there is one.

    A ring buffer's definition does not say what its records are; the variable does, as its own type
    or as what it points to.
    """
    for section in obj.data.values():
        for symbol in section.symbols:
            if symbol.name == f"{map_name}_record" and symbol.btf is not None:
                found: BtfType | None = symbol.btf
                while isinstance(found, (Var, Ptr, Typedef, Const, Volatile)):
                    found = found.type
                return found
    return None


def decode_record(kind: BtfType | None, data: bytes) -> Any:
    """Return a record as Python values, or its bytes where the type is unknown or does not fit."""
    if kind is None:
        return data
    try:
        return decode(kind, data, names=True)
    except InputError:
        return data
