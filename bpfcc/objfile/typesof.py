"""The named types that an object's BTF describes."""

from __future__ import annotations

from ..btf.types import Array, Datasec, Func, FuncProto, Modifier, Struct, TypeRef, Var
from .model import Object


def structs_of(obj: Object) -> dict[str, Struct]:
    """Return all complete structs and unions that the object's types lead to, by name."""
    work: list[TypeRef] = [*obj.types]
    for function in obj.functions:
        work += [function.btf, *(core.type for core in function.core)]
    for section in obj.data.values():
        work += [symbol.btf for symbol in section.symbols]
    found: dict[str, Struct] = {}
    seen: set[int] = set()
    while work:
        type = work.pop()
        if type is None or id(type) in seen:
            continue
        seen.add(id(type))
        if isinstance(type, Struct):
            if type.name and type.size:
                found.setdefault(type.name, type)
            work += [member.type for member in type.members]
        elif isinstance(type, Func):
            work.append(type.proto)
        elif isinstance(type, FuncProto):
            work += [type.ret, *(param[1] for param in type.params)]
        elif isinstance(type, (Modifier, Array, Var)):
            work.append(type.type)
        elif isinstance(type, Datasec):
            work += [entry[0] for entry in type.vars]
    return found
