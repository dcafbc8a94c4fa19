"""How types relate: same, compatible, composite; qualifiers and their sets (C17 6.2.7, 6.7.3)."""

from __future__ import annotations

from .promotion import promote
from .types import (
    ArrayType,
    CType,
    EnumType,
    FloatType,
    FuncType,
    IntType,
    PointerType,
    Qualified,
    RecordType,
    Typedef,
    VoidType,
)

CONST = 1
VOLATILE = 2
RESTRICT = 4
ATOMIC = 8


def split(t: CType) -> tuple[CType, int]:
    """Return the type without sugar and its qualifier set (an array's are its elements')."""
    quals = 0
    while True:
        if isinstance(t, Typedef):
            t = t.to
        elif isinstance(t, Qualified):
            quals |= qualifier_set(t)
            t = t.base
        else:
            return t, quals


def qualifier_set(t: Qualified) -> int:
    """Return the qualifiers of this one layer as a bit set."""
    return (
        (CONST if t.const else 0)
        | (VOLATILE if t.volatile else 0)
        | (RESTRICT if t.restrict else 0)
        | (ATOMIC if t.atomic else 0)
    )


def qualifiers(t: CType) -> int:
    """Return all qualifiers of ``t``; for an array, those of its elements too."""
    real, quals = split(t)
    while isinstance(real, ArrayType):
        real, more = split(real.elem)
        quals |= more
    return quals


def qualify(t: CType, quals: int) -> CType:
    """Return ``t`` with ``quals`` added; on an array they go to the elements (6.7.3p9)."""
    if not quals:
        return t
    real, have = split(t)
    if quals & ~have == 0:
        return t
    if isinstance(real, ArrayType):
        return ArrayType(qualify(real.elem, quals | have), real.count)
    tags: tuple[str, ...] = ()
    space = 0
    if isinstance(t, Qualified):
        quals |= qualifier_set(t)
        tags = t.tags
        space = t.space
        t = t.base
    return Qualified(
        t,
        const=bool(quals & CONST),
        volatile=bool(quals & VOLATILE),
        restrict=bool(quals & RESTRICT),
        atomic=bool(quals & ATOMIC),
        tags=tags,
        space=space,
    )


def address_space(t: CType) -> int:
    """Return the address space that objects of ``t`` live in; 0 is the ordinary one."""
    while True:
        if isinstance(t, Qualified):
            if t.space:
                return t.space
            t = t.base
        elif isinstance(t, Typedef):
            t = t.to
        elif isinstance(t, ArrayType):
            t = t.elem
        else:
            return 0


def pointer_to(t: CType) -> PointerType:
    """Return the type "pointer to ``t``", into the address space of ``t``."""
    return PointerType(t, address_space(t))


def unqualified(t: CType) -> CType:
    """Return ``t`` without its outermost qualifiers, keeping typedefs that hide none."""
    while isinstance(t, Qualified):
        t = t.base
    if isinstance(t, Typedef):
        inner: CType = t
        while isinstance(inner, Typedef):
            inner = inner.to
        if isinstance(inner, Qualified):
            return unqualified(inner)
    return t


def compatible(a: CType, b: CType, *, ignore_qualifiers: bool = False) -> bool:
    """Return whether two types are compatible (C17 6.2.7), qualifiers included unless told."""
    if a is b:
        return True
    a, a_quals = split(a)
    b, b_quals = split(b)
    if not ignore_qualifiers and a_quals != b_quals:
        return False
    if a is b:
        return True
    if isinstance(a, EnumType):
        a, b = b, a
    if isinstance(b, EnumType):
        # An enum is compatible with its underlying type (6.7.2.2p4), not with another enum.
        return isinstance(a, IntType) and b.underlying is a
    if isinstance(a, (IntType, FloatType)):
        return isinstance(b, (IntType, FloatType)) and a.name == b.name
    if isinstance(a, VoidType):
        return isinstance(b, VoidType)
    if isinstance(a, PointerType):
        return (
            isinstance(b, PointerType)
            and a.address_space == b.address_space
            and compatible(a.to, b.to)
        )
    if isinstance(a, ArrayType):
        if not isinstance(b, ArrayType):
            return False
        if a.count is not None and b.count is not None and a.count != b.count:
            return False
        return compatible(a.elem, b.elem, ignore_qualifiers=ignore_qualifiers)
    if isinstance(a, FuncType):
        return isinstance(b, FuncType) and _compatible_functions(a, b)
    if isinstance(a, RecordType):
        return isinstance(b, RecordType) and _same_record(a, b)
    return False


def _same_record(a: RecordType, b: RecordType) -> bool:
    """Records have identity; two incomplete ones of one tag in different scopes are not the same.

    Types read from BTF twice are one object already, so identity decides.
    """
    return a is b


def _compatible_functions(a: FuncType, b: FuncType) -> bool:
    if not compatible(a.ret, b.ret, ignore_qualifiers=True):
        return False
    if a.prototype and b.prototype:
        if a.variadic != b.variadic or len(a.params) != len(b.params):
            return False
        return all(
            compatible(p, q, ignore_qualifiers=True) for (_, p), (_, q) in zip(a.params, b.params)
        )
    known = a if a.prototype else b
    if not known.prototype:
        return True
    # 6.7.6.3p15: each parameter must survive the default argument promotions.
    return not known.variadic and all(_self_promoting(p) for _, p in known.params)


def _self_promoting(t: CType) -> bool:
    real = split(t)[0]
    if isinstance(real, IntType):
        return promote(real) is real
    if isinstance(real, EnumType):
        return real.underlying is None or promote(real.underlying) is real.underlying
    return not (isinstance(real, FloatType) and real.name == "float")


def composite(a: CType, b: CType) -> CType:
    """Return the composite of two compatible types: array bounds and prototypes are merged.

    Sugar of ``a`` is kept where nothing is gained from ``b``.
    """
    if a is b:
        return a
    ra, qa = split(a)
    rb, _ = split(b)
    if isinstance(ra, ArrayType) and isinstance(rb, ArrayType):
        elem = composite(ra.elem, rb.elem)
        count = ra.count if ra.count is not None else rb.count
        if elem is ra.elem and count == ra.count:
            return a
        return qualify(ArrayType(elem, count), qa)
    if isinstance(ra, PointerType) and isinstance(rb, PointerType):
        to = composite(ra.to, rb.to)
        return a if to is ra.to else qualify(PointerType(to, ra.address_space), qa)
    if isinstance(ra, FuncType) and isinstance(rb, FuncType):
        return _composite_function(ra, rb)
    return a


def _composite_function(a: FuncType, b: FuncType) -> FuncType:
    ret = composite(a.ret, b.ret)
    if not a.prototype:
        merged = FuncType(ret, b.params, variadic=b.variadic, prototype=b.prototype)
        merged.param_tags = b.param_tags
        return merged
    if not b.prototype:
        return a
    params = [(n or m, composite(p, q)) for (n, p), (m, q) in zip(a.params, b.params)]
    merged = FuncType(ret, params, variadic=a.variadic)
    merged.param_tags = {**b.param_tags, **a.param_tags}
    return merged
