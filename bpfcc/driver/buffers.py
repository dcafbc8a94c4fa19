"""What the records of a ring buffer or perf buffer are, as far as the object tells."""

from __future__ import annotations

import re
from typing import Any

from ..btf.types import BtfType, Const, Ptr, Typedef, Var, Volatile
from ..btf.values import decode
from ..objfile.model import Object
from ..objfile.typesof import structs_of
from ..support.errors import InputError
from ..support.spelling import unknown


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


def struct_type(obj: Object, name: str) -> BtfType:
    """Return the struct or union that ``name`` means: "event", "struct event", or "Event".

    Raises: InputError when the object's types have none.
    """
    found = structs_of(obj)
    bare = name.removeprefix("struct ").removeprefix("union ")
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", bare).lower()
    for one in (bare, bare.lower(), snake):
        if one in found:
            return found[one]
    raise InputError(
        f"the filter's types have {unknown('struct', name, sorted(filter(None, found)))}. Types that "
        f"only function bodies use are not kept: write  struct {bare} *unused_{bare};  outside of "
        'functions, or give the layout of the record, as "<II8s" (module struct)'
    )
