"""CO-RE: what a field access of the program means in the types of another kernel.

A relocation names a local type and an access in it, "0:1:2" for the third member of the second
member. The same path, by member *names*, is looked for in all target types of the same name
(a suffix ``___flavour`` does not count); all that match must agree. Where none matches, questions
("does it exist?") are answered no and values poison the instruction: dead code keeps it, live code
is rejected by the verifier at that place.

Source: kernel Documentation/bpf/llvm_reloc.rst, "CO-RE Relocations"; the rules of what matches are
those of the kernel's and libbpf's tools/lib/bpf/relo_core.c.
"""

from __future__ import annotations

from collections.abc import Callable

from ..support.errors import InputError
from . import wire
from .core import CoreKind
from .layout import byte_size, strip
from .read import Btf
from .types import (
    Array,
    BtfType,
    Enum,
    Float,
    Func,
    FuncProto,
    Fwd,
    Int,
    Member,
    Ptr,
    Struct,
    Typedef,
    TypeRef,
    Union,
)

_MOST_DEPTH = 32
_FIELD = (
    CoreKind.FIELD_BYTE_OFFSET,
    CoreKind.FIELD_BYTE_SIZE,
    CoreKind.FIELD_EXISTS,
    CoreKind.FIELD_SIGNED,
    CoreKind.FIELD_LSHIFT_U64,
    CoreKind.FIELD_RSHIFT_U64,
)
_ENUMVAL = (CoreKind.ENUMVAL_EXISTS, CoreKind.ENUMVAL_VALUE)
_KINDS: dict[type[BtfType], tuple[int, ...]] = {
    Struct: (wire.KIND_STRUCT,),
    Union: (wire.KIND_UNION,),
    Enum: (wire.KIND_ENUM, wire.KIND_ENUM64),
    Typedef: (wire.KIND_TYPEDEF,),
    Fwd: (wire.KIND_FWD,),
    Int: (wire.KIND_INT,),
    Float: (wire.KIND_FLOAT,),
    Func: (wire.KIND_FUNC,),
}


class CoreError(InputError):
    """A relocation that cannot be resolved; ``slot`` is the instruction it belongs to."""

    def __init__(self, message: str, slot: int = -1) -> None:
        super().__init__(message)
        self.slot = slot


class Resolved:
    """The answer to one relocation.

    ``old`` is what the compiler wrote, ``new`` what belongs there; None means that there is no
    answer (the instruction is to be poisoned). ``exact``: ``old`` must be what the instruction
    has. For byte offsets, ``old_size`` and ``new_size`` are the field's sizes in bytes, and
    ``resizable`` tells whether a load may be made to fit.
    """

    __slots__ = ("exact", "new", "new_size", "old", "old_size", "resizable")

    def __init__(self, old: int, new: int | None, *, exact: bool = True) -> None:
        self.old = old
        self.new = new
        self.exact = exact
        self.old_size = 0
        self.new_size = 0
        self.resizable = True


class _Step:
    """One access: member ``index`` (called ``name``) of ``type``, or element ``index`` of it."""

    __slots__ = ("index", "name", "type")

    def __init__(self, type: TypeRef, index: int, name: str = "") -> None:
        self.type = type
        self.index = index
        self.name = name


class _Path:
    """A relocation's access in one set of types; ``bits`` from the start of the root."""

    __slots__ = ("bits", "root", "steps")

    def __init__(self, root: BtfType) -> None:
        self.root = root
        self.steps: list[_Step] = []
        self.bits = 0


class Located:
    """A field in one set of types: ``bits`` from the start of the struct, and its type there."""

    __slots__ = ("bits", "fits", "type")

    def __init__(self, bits: int, type: TypeRef, *, fits: bool) -> None:
        self.bits = bits
        self.type = type
        self.fits = fits


class Resolver:
    """Resolves relocations of one object against ``target``.

    ``local_id`` tells the id of a type of the object, for TYPE_ID_LOCAL.
    """

    def __init__(self, target: Btf, local_id: Callable[[BtfType], int] | None = None) -> None:
        self.target = target
        self._local_id = local_id
        self._candidates: dict[tuple[str, tuple[int, ...]], list[BtfType]] = {}

    def resolve(self, kind: CoreKind, local: BtfType, access: str) -> Resolved:
        """Return the value for a relocation.

        Raises: CoreError when the access is not sound or the target's types disagree.
        """
        if kind is CoreKind.TYPE_ID_LOCAL:
            number = self._local_id(local) if self._local_id is not None else 0
            return Resolved(number, number, exact=False)
        path = _local_path(kind, local, access)
        if not local.name:
            raise CoreError(f"CO-RE access {access!r} into a type without a name")
        answer: Resolved | None = None
        agreed: _Path | None = None
        for candidate in self._find(local):
            found = _match(kind, path, local, candidate)
            if found is None:
                continue
            result = self._answer(kind, path, found)
            if agreed is None:
                answer, agreed = result, found
            elif answer is not None and (found.bits != agreed.bits or result.new != answer.new):
                raise CoreError(
                    f"CO-RE access to {describe(kind, local, access)} is ambiguous: the target has"
                    f" several types {local.name!r} that answer differently"
                    f" ({answer.new} and {result.new})"
                )
        return answer if answer is not None else self._answer(kind, path, None)

    def locate(self, local: BtfType, access: str) -> Located | None:
        """Return where the target has the field that ``access`` names; None when it has none.

        A member of the right name whose type may not be read as the local one does not fit.
        Raises: CoreError when the access is not sound.
        """
        path = _local_path(CoreKind.FIELD_BYTE_OFFSET, local, access)
        misfit: Located | None = None
        for candidate in self._find(local):
            found = _match(CoreKind.FIELD_BYTE_OFFSET, path, local, candidate)
            if found is not None:
                return Located(found.bits, _type_of(found.steps[-1]), fits=True)
            misfit = misfit or _misfit(path, local, candidate)
        return misfit

    def _find(self, local: BtfType) -> list[BtfType]:
        """Return the target's types whose name, without flavour, is ``local``'s."""
        name = essential_name(local.name)
        kinds = _KINDS.get(type(local), ())
        key = (name, kinds)
        known = self._candidates.get(key)
        if known is None:
            target = self.target
            ids = target.ids(name, *kinds)
            for number in target.ids_starting(name + "___", *kinds):
                if essential_name(target.type_name(number)) == name:
                    ids.append(number)
            known = [made for made in map(target.type, ids) if made is not None]
            self._candidates[key] = known
        return known

    def _answer(self, kind: CoreKind, local: _Path, found: _Path | None) -> Resolved:
        if kind in _FIELD:
            return _field_answer(kind, local, found, self.target.big_endian)
        if kind in _ENUMVAL:
            if kind is CoreKind.ENUMVAL_EXISTS:
                return Resolved(1, int(found is not None))
            return Resolved(_enum_value(local), _enum_value(found) if found is not None else None)
        if found is None:
            return Resolved(
                _type_answer(kind, local, 0), 0, exact=kind is not CoreKind.TYPE_ID_TARGET
            )
        return Resolved(
            _type_answer(kind, local, 0),
            _type_answer(kind, found, self.target.id_of(found.root)),
            exact=kind is not CoreKind.TYPE_ID_TARGET,
        )


# Names -------------------------------------------------------------------------------------


def essential_name(name: str) -> str:
    """Return ``name`` without its ``___flavour``."""
    at = len(name) - 5
    while at >= 0:
        # x___y: exactly three underscores between other characters.
        if name[at] != "_" and name[at + 1 : at + 4] == "___" and name[at + 4] != "_":
            return name[: at + 1]
        at -= 1
    return name


def describe(kind: CoreKind, local: BtfType, access: str) -> str:
    """Return the access in C's words, such as "task_struct.mm.start_code", for messages."""
    try:
        path = _local_path(kind, local, access)
    except CoreError:
        return f"{local.name or 'anonymous'}[{access}]"
    text = local.name or "anonymous"
    for i, step in enumerate(path.steps):
        if step.name:
            text += ("::" if kind in _ENUMVAL else ".") + step.name
        elif i or step.index:
            text += f"[{step.index}]"
    return text


def located(local: BtfType, access: str) -> Located:
    """Return the place of a field in the program's own types.

    Raises: CoreError when the access is not sound.
    """
    path = _local_path(CoreKind.FIELD_BYTE_OFFSET, local, access)
    return Located(path.bits, _type_of(path.steps[-1]), fits=True)


def _type_of(step: _Step) -> TypeRef:
    if step.name:
        assert isinstance(step.type, Struct)
        return step.type.members[step.index].type
    return step.type


def _misfit(path: _Path, local: BtfType, candidate: BtfType) -> Located | None:
    """Return the member of the right name that ``_match`` refuses for its type."""
    last = path.steps[-1]
    if not last.name:
        return None
    shorter = _Path(path.root)
    shorter.steps = path.steps[:-1]
    found = _match(CoreKind.FIELD_BYTE_OFFSET, shorter, local, candidate)
    if found is None:
        return None
    holder = strip(_type_of(found.steps[-1]))
    assert isinstance(last.type, Struct)
    before = len(found.steps)
    _match_member(last.type.members[last.index], holder, found, 0)
    if len(found.steps) == before:
        return None
    return Located(found.bits, _type_of(found.steps[-1]), fits=False)


# Local access ------------------------------------------------------------------------------


def _local_path(kind: CoreKind, local: BtfType, access: str) -> _Path:
    parts = access.split(":")
    if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        raise CoreError(f"CO-RE access {access!r} is no list of indices")
    if len(parts) > 64:
        raise CoreError(f"CO-RE access {access!r} is too deep")
    indices = [int(part) for part in parts]
    path = _Path(local)
    if kind in _ENUMVAL:
        enum = strip(local)
        if not isinstance(enum, Enum) or len(indices) != 1 or indices[0] >= len(enum.values):
            raise CoreError(f"CO-RE access {access!r} is no constant of {local.name!r}")
        path.steps.append(_Step(enum, indices[0], enum.values[indices[0]][0]))
        return path
    if kind not in _FIELD:
        if indices != [0]:
            raise CoreError(f"CO-RE access {access!r} where a whole type is meant")
        return path
    current = strip(local)
    path.steps.append(_Step(current, indices[0]))
    path.bits = indices[0] * byte_size(current) * 8
    for index in indices[1:]:
        if isinstance(current, Struct):
            if index >= len(current.members):
                raise CoreError(f"CO-RE access {access!r}: {current.name!r} has no member {index}")
            member = current.members[index]
            if member.name:
                path.steps.append(_Step(current, index, member.name))
            path.bits += member.bit_offset
            current = strip(member.type)
        elif isinstance(current, Array):
            if index >= current.nelems and not _is_flexible(path.steps[-1], current):
                raise CoreError(f"CO-RE access {access!r}: element {index} of {current.nelems}")
            current = strip(current.type)
            path.steps.append(_Step(current, index))
            path.bits += index * byte_size(current) * 8
        else:
            raise CoreError(f"CO-RE access {access!r} goes into what has no members")
    return path


def _is_flexible(step: _Step, array: Array) -> bool:
    """Tell whether ``array``, reached by ``step``, is a struct's last member without a size."""
    return (
        bool(step.name)
        and not array.nelems
        and isinstance(step.type, Struct)
        and step.index == len(step.type.members) - 1
    )


# Matching ----------------------------------------------------------------------------------


def _match(kind: CoreKind, path: _Path, local: BtfType, candidate: BtfType) -> _Path | None:
    """Return ``path`` as it goes in ``candidate``, or None where it cannot."""
    found = _Path(candidate)
    if kind is CoreKind.TYPE_MATCHES:
        return found if types_match(local, candidate) else None
    if kind in _ENUMVAL:
        enum = strip(candidate)
        wanted = essential_name(path.steps[0].name)
        if isinstance(enum, Enum):
            for i, (name, _) in enumerate(enum.values):
                if essential_name(name) == wanted:
                    found.steps.append(_Step(enum, i, name))
                    return found
        return None
    if kind not in _FIELD:
        return found if types_are_compatible(local, candidate) else None
    current: TypeRef = candidate
    for number, step in enumerate(path.steps):
        current = strip(current)
        if step.name:
            assert isinstance(step.type, Struct)
            ok, current = _match_member(step.type.members[step.index], current, found, 0)
            if not ok:
                return None
            continue
        if number:
            if not isinstance(current, Array):
                return None
            if step.index >= current.nelems and not _is_flexible(found.steps[-1], current):
                return None
            current = strip(current.type)
        found.steps.append(_Step(current, step.index))
        found.bits += step.index * byte_size(current) * 8
    return found


def _match_member(
    wanted: Member, target: TypeRef, found: _Path, depth: int
) -> tuple[bool, TypeRef]:
    """Find the member of ``target`` that is called as ``wanted``, in anonymous members too.

    Extends ``found``; returns (whether it is there and fits, its type).
    """
    if not isinstance(target, Struct) or depth > _MOST_DEPTH:
        return False, None
    for i, member in enumerate(target.members):
        before = found.bits
        found.bits += member.bit_offset
        if not member.name:
            ok, type = _match_member(wanted, strip(member.type), found, depth + 1)
            if ok:
                return ok, type
        elif member.name == wanted.name:
            found.steps.append(_Step(target, i, member.name))
            return _fields_fit(wanted.type, member.type), member.type
        found.bits = before
    return False, None


def _fields_fit(local: TypeRef, target: TypeRef) -> bool:
    """Tell whether a field of type ``target`` may be read as ``local``."""
    while True:
        local, target = strip(local), strip(target)
        if isinstance(local, Struct) and isinstance(target, Struct):
            return True
        if type(local) is not type(target):
            return False
        if isinstance(local, Array) and isinstance(target, Array):
            local, target = local.type, target.type
            continue
        if isinstance(local, (Enum, Fwd)):
            assert target is not None
            return (
                not local.name
                or not target.name
                or essential_name(local.name) == essential_name(target.name)
            )
        if isinstance(local, Int) and isinstance(target, Int):
            return not local.offset and not target.offset
        return isinstance(local, (Ptr, Float))


def types_are_compatible(local: TypeRef, target: TypeRef, depth: int = _MOST_DEPTH) -> bool:
    """Tell whether two types of one name count as the same type for TYPE_EXISTS and TYPE_SIZE.

    Members do not matter, prototypes do.
    """
    if type(local) is not type(target):
        return False
    for _ in range(depth):
        local, target = strip(local), strip(target)
        if type(local) is not type(target):
            return False
        if isinstance(local, Int) and isinstance(target, Int):
            return not local.offset and not target.offset
        if isinstance(local, (Ptr, Array)) and isinstance(target, (Ptr, Array)):
            local, target = local.type, target.type
        elif isinstance(local, FuncProto) and isinstance(target, FuncProto):
            if len(local.params) != len(target.params):
                return False
            for (_, mine), (_, theirs) in zip(local.params, target.params):
                if not types_are_compatible(strip(mine), strip(theirs), depth - 1):
                    return False
            local, target = local.ret, target.ret
        else:
            return local is None or isinstance(local, (Struct, Enum, Fwd))
    return False


def types_match(
    local: TypeRef, target: TypeRef, *, behind_pointer: bool = False, depth: int = _MOST_DEPTH
) -> bool:
    """Tell whether ``target`` has all that ``local`` declares, alike (TYPE_MATCHES)."""
    if depth <= 0:
        return False
    for _ in range(_MOST_DEPTH):
        local, target = strip(local), strip(target)
        mine = essential_name(local.name) if local is not None else ""
        theirs = essential_name(target.name) if target is not None else ""
        if mine != theirs:
            return False
        if local is None or target is None:
            return local is target
        if isinstance(local, Fwd):
            if isinstance(target, Fwd):
                return local.is_union == target.is_union
            shape = Union if local.is_union else Struct
            return behind_pointer and type(target) is shape
        if isinstance(local, Struct):
            if behind_pointer:
                if isinstance(target, Fwd):
                    return isinstance(local, Union) == target.is_union
                return type(local) is type(target)
            return type(local) is type(target) and _members_match(local, target, depth)
        if type(local) is not type(target):
            return False
        if isinstance(local, Enum) and isinstance(target, Enum):
            names = {essential_name(name) for name, _ in target.values}
            return all(essential_name(name) in names for name, _ in local.values)
        if isinstance(local, Int) and isinstance(target, Int):
            return local.size == target.size and not (local.encoding ^ target.encoding) & Int.SIGNED
        if isinstance(local, Ptr) and isinstance(target, Ptr):
            behind_pointer = True
            local, target = local.type, target.type
        elif isinstance(local, Array) and isinstance(target, Array):
            if local.nelems != target.nelems:
                return False
            local, target = local.type, target.type
        elif isinstance(local, FuncProto) and isinstance(target, FuncProto):
            if len(local.params) != len(target.params):
                return False
            for (_, a), (_, b) in zip(local.params, target.params):
                if not types_match(a, b, behind_pointer=behind_pointer, depth=depth - 1):
                    return False
            local, target = local.ret, target.ret
        else:
            return False
    return False


def _members_match(local: Struct, target: BtfType, depth: int) -> bool:
    assert isinstance(target, Struct)
    by_name: dict[str, list[Member]] = {}
    for member in target.members:
        by_name.setdefault(essential_name(member.name), []).append(member)
    return all(
        any(
            types_match(member.type, other.type, depth=depth - 1)
            for other in by_name.get(essential_name(member.name), ())
        )
        for member in local.members
    )


# Answers -----------------------------------------------------------------------------------


class _Field:
    """Where a field is: which bytes to load (``size`` at ``byte``) and which bits of them."""

    __slots__ = ("bit", "bitfield", "byte", "size", "type", "width")

    def __init__(self, path: _Path) -> None:
        step = path.steps[-1]
        self.bit = path.bits
        self.byte = path.bits // 8
        self.bitfield = False
        if not step.name:
            self.type: TypeRef = step.type
            self.size = byte_size(step.type)
            self.width = self.size * 8
            return
        assert isinstance(step.type, Struct)
        member = step.type.members[step.index]
        self.type = strip(member.type)
        self.size = byte_size(self.type)
        self.width = member.bitfield_size or self.size * 8
        self.bitfield = bool(member.bitfield_size)
        if not self.bitfield:
            return
        # The smallest aligned load that has all bits, from the declared type's size up.
        size = self.size or 1
        self.byte = path.bits // 8 // size * size
        while path.bits + self.width - self.byte * 8 > size * 8:
            if size >= 8:
                raise CoreError(f"bit-field {member.name!r} does not fit one 8-byte load")
            size *= 2
            self.byte = path.bits // 8 // size * size
        self.size = size


def _field_answer(kind: CoreKind, local: _Path, found: _Path | None, big_endian: bool) -> Resolved:
    if kind is CoreKind.FIELD_EXISTS:
        return Resolved(1, int(found is not None))
    mine = _Field(local)
    exact = not mine.bitfield or kind in (CoreKind.FIELD_SIGNED, CoreKind.FIELD_RSHIFT_U64)
    old = _field_value(kind, mine, local, big_endian)
    if found is None:
        return Resolved(old, None, exact=exact)
    theirs = _Field(found)
    result = Resolved(old, _field_value(kind, theirs, found, big_endian), exact=exact)
    if kind is CoreKind.FIELD_BYTE_OFFSET:
        result.old_size = 0 if mine.bitfield else mine.size
        result.new_size = 0 if theirs.bitfield else theirs.size
        if result.old_size != result.new_size:
            result.resizable = _zero_extends(mine.type) and _zero_extends(theirs.type)
            result.resizable &= type(mine.type) is type(theirs.type)
    return result


def _zero_extends(type: TypeRef) -> bool:
    base = strip(type)
    return isinstance(base, Ptr) or (isinstance(base, Int) and base.encoding != Int.SIGNED)


def _field_value(kind: CoreKind, field: _Field, path: _Path, big_endian: bool) -> int:
    if kind is CoreKind.FIELD_BYTE_OFFSET:
        return field.byte
    if kind is CoreKind.FIELD_BYTE_SIZE:
        return field.size
    if not path.steps[-1].name:
        raise CoreError("only a member, no array element, has a sign or shifts")
    if kind is CoreKind.FIELD_SIGNED:
        base = field.type
        if isinstance(base, Enum):
            return int(base.signed)
        return int(isinstance(base, Int) and bool(base.encoding & Int.SIGNED))
    if kind is CoreKind.FIELD_LSHIFT_U64:
        if big_endian:
            return (8 - field.size) * 8 + (field.bit - field.byte * 8)
        return 64 - (field.bit + field.width - field.byte * 8)
    return 64 - field.width


def _type_answer(kind: CoreKind, path: _Path, number: int) -> int:
    if kind is CoreKind.TYPE_SIZE:
        return byte_size(path.root)
    return number if kind is CoreKind.TYPE_ID_TARGET else 1


def _enum_value(path: _Path) -> int:
    step = path.steps[0]
    assert isinstance(step.type, Enum)
    return step.type.values[step.index][1]
