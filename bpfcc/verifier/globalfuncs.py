"""Functions that are verified on their own: their parameters, and calls of them.

Source: kernel ``btf_prepare_func_args`` (kernel/bpf/btf.c), ``btf_check_func_arg_match``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..btf.layout import byte_size, strip, strip_qualifiers
from ..btf.types import Enum, Int, Ptr, Struct, Typedef, TypeRef
from ..uapi.prog_types import ProgType, context_struct
from . import btfwalk, dynptrs, memory, regs
from .regs import MAYBE_NULL, RCU, RDONLY, SCALAR, TRUSTED, UNTRUSTED, Reg
from .subject import Sub

if TYPE_CHECKING:
    from .checker import Checker


class Param:
    """One parameter: ``kind`` is "int", "ctx", "mem", "dynptr", "btf" or "arena"."""

    __slots__ = ("kind", "name", "null", "size", "struct", "untrusted")

    def __init__(
        self,
        kind: str,
        name: str,
        size: int = 0,
        null: bool = False,
        struct: str = "",
        untrusted: bool = False,
    ) -> None:
        self.kind = kind
        self.name = name
        self.size = size
        self.null = null
        self.struct = struct
        self.untrusted = untrusted


# What may be passed for a parameter that is a pointer to a kernel object.
_OBJECTS = (regs.BTF_ID, regs.BTF_ID | TRUSTED, regs.BTF_ID | RCU)


def _tags(ck: Checker, sub: Sub, which: int) -> set[str]:
    program = ck.subject.program
    if program is None or sub.btf is None:
        return set()
    return {
        tag.name.removeprefix("arg:")
        for tag in program.object.decl_tags
        if tag.type is sub.btf and tag.component == which and tag.name.startswith("arg:")
    }


def _is_context(ck: Checker, pointer: Ptr) -> bool:
    wanted = context_struct(ck.prog_type)
    inner = strip_qualifiers(pointer.type)
    if isinstance(inner, Typedef) and inner.name == "bpf_user_pt_regs_t":
        return ck.prog_type in (ProgType.KPROBE, ProgType.PERF_EVENT)
    target = strip(inner)
    if not isinstance(target, Struct) or not target.name:
        return False
    if target.name == "bpf_user_pt_regs_t":
        return ck.prog_type == ProgType.KPROBE
    if target.name == "bpf_perf_event_data":
        return ck.prog_type == ProgType.PERF_EVENT
    if target.name in ("pt_regs", "user_pt_regs"):
        return ck.prog_type in (ProgType.KPROBE, ProgType.PERF_EVENT)
    return target.name == wanted


def params(ck: Checker, sub: Sub) -> tuple[list[Param], str]:
    """Return the parameters of ``sub``, and why it cannot be verified alone ("" if it can)."""
    if sub.btf is None:
        return [], "no type information"
    proto = sub.btf.proto
    ret = strip(proto.ret)
    if not isinstance(ret, (Int, Enum)):
        return [], f"Global function {sub.name}() doesn't return scalar. Only those are supported."
    if len(proto.params) > 5:
        return [], (
            f"Global function {sub.name}() with {len(proto.params)} > 5 args. Buggy compiler."
        )
    out: list[Param] = []
    for i, (name, type) in enumerate(proto.params):
        found = _param(ck, sub, i, name, type)
        if isinstance(found, str):
            return out, found
        out.append(found)
    return out, ""


def _param(ck: Checker, sub: Sub, i: int, name: str, type: TypeRef) -> Param | str:
    tags = _tags(ck, sub, i)
    kind = strip(type)
    if isinstance(kind, (Int, Enum)):
        return Param("int", name)
    if not isinstance(kind, Ptr):
        return f"Arg#{i} type {getattr(kind, 'name', '?')} in {sub.name}() is not supported yet."
    if _is_context(ck, kind) or "ctx" in tags:
        return Param("ctx", name)
    target = strip(kind.type)
    if "arena" in tags:
        return Param("arena", name)
    if isinstance(target, Struct) and target.name == "bpf_dynptr":
        return Param("dynptr", name)
    null = "nonnull" not in tags
    if "trusted" in tags and isinstance(target, Struct):
        return Param("btf", name, null="nullable" in tags, struct=target.name.split("___")[0])
    if "untrusted" in tags:
        return Param("mem", name, untrusted=True)
    size = byte_size(target)
    if not size and not (isinstance(target, Struct) and target.size == 0 and target.members):
        word = "STRUCT " if isinstance(target, Struct) else ""
        if target is not None and type_word(target) == "FWD":
            word = "FWD "
        return (
            f"arg#{i} reference type('{word}{getattr(target, 'name', '')}') size cannot be"
            " determined: -22"
        )
    return Param("mem", name, size=size, null=null)


def type_word(type: TypeRef) -> str:
    """Return the BTF kind's name as the kernel prints it."""
    from ..btf.types import Fwd

    if isinstance(type, Fwd):
        return "FWD"
    return "STRUCT" if isinstance(type, Struct) else "UNKNOWN"


def entry_registers(ck: Checker, sub: Sub) -> list[Reg]:
    """Return R1.. as a function that is verified alone finds them."""
    found, problem = params(ck, sub)
    if problem:
        ck.fail("global-function", problem, sub.start, sub=sub)
    out: list[Reg] = []
    for param in found:
        if param.kind == "int":
            out.append(regs.ANY)
        elif param.kind == "ctx":
            out.append(Reg(regs.CTX))
        elif param.kind == "dynptr":
            out.append(Reg(regs.DYNPTR, id=ck.new_id(), x=regs.DYN_LOCAL))
        elif param.kind == "arena":
            out.append(Reg(regs.ARENA))
        elif param.kind == "btf":
            flags = TRUSTED | (MAYBE_NULL if param.null else 0)
            identity = ck.new_id() if param.null else 0
            out.append(
                Reg(
                    regs.BTF_ID | flags,
                    id=identity,
                    x=btfwalk.kernel_struct(ck, param.struct, sub.start),
                )  # fmt: skip
            )
        elif param.untrusted:
            out.append(Reg(regs.MEM | RDONLY | UNTRUSTED, x=0))
        else:
            flags = MAYBE_NULL if param.null else 0
            identity = ck.new_id() if param.null else 0
            out.append(Reg(regs.MEM | flags, id=identity, x=param.size))
    return out


def check_call(ck: Checker, idx: int, sub: Sub) -> None:
    """Check the arguments of a call to a function that is verified alone."""
    from .reject import Reject

    state = ck.state
    if state.locks:
        ck.fail(
            "lock-call", "global function calls are not allowed while holding a lock, use static"
            " function instead", idx, sub=sub,
        )  # fmt: skip
    if sub.number in ck.shape.sleeps and (
        state.rcu or state.preempt or state.irq_id or not ck.sleepable_now()
    ):
        ck.fail(
            "sleeps", "global functions that may sleep are not allowed in non-sleepable context",
            idx, sub=sub,
        )  # fmt: skip
    found, problem = params(ck, sub)
    text = f"Caller passes invalid args into func#{sub.number} ('{sub.name}')"
    if problem:
        ck.fail("global-function", text, idx, sub=sub, problem=problem)
    for i, param in enumerate(found):
        number = i + 1
        reg = ck.frame.regs[number]
        try:
            _check_argument(ck, idx, number, reg, param)
        except Reject as inner:
            if inner.rule in ("uninit-reg",):
                raise
            ck.fail(
                "global-argument", text, idx, number, sub=sub, param=param, kind=reg.t,
                problem=inner.kernel, inner=inner,
            )  # fmt: skip


def _check_argument(ck: Checker, idx: int, number: int, reg: Reg, param: Param) -> None:
    from .helpers_check import check_memory

    if param.kind == "int":
        if reg.t != SCALAR:
            ck.fail("global-argument", f"R{number} is not a scalar", idx, number, kind=reg.t)
        return
    if param.untrusted:
        return
    if param.kind == "ctx":
        if reg.t != regs.CTX:
            ck.fail("global-argument", f"arg#{number - 1} expects pointer to ctx", idx, number,
                    kind=reg.t)  # fmt: skip
        memory.check_modified(ck, idx, number, reg)
        return
    if param.kind == "dynptr":
        if reg.t == regs.DYNPTR:
            memory.check_modified(ck, idx, number, reg)
        dynptrs.process(ck, idx, number)
        return
    if param.kind == "arena":
        if reg.t not in (regs.ARENA, SCALAR):
            ck.fail("global-argument", f"R{number} is not a pointer to arena or scalar.", idx,
                    number, kind=reg.t)  # fmt: skip
        return
    if param.kind == "btf":
        null = reg.t == SCALAR and not reg.v.m and not reg.v.v
        if null and param.null:
            return
        kind = reg.t & ~MAYBE_NULL if param.null else reg.t
        if kind not in _OBJECTS:
            names = ", ".join(("ptr_", "trusted_ptr_", "rcu_ptr_"))
            ck.fail("global-argument", f"R{number} type={regs.type_name(reg.t)} expected={names}",
                    idx, number, kind=reg.t)  # fmt: skip
        if not btfwalk.struct_at(reg.x, reg.off, param.struct):
            ck.fail("global-argument", f"R{number} is not a trusted {param.struct}", idx, number,
                    kind=reg.t)  # fmt: skip
        return
    if reg.t == SCALAR and not reg.v.m and not reg.v.v:
        if not param.null:
            ck.fail("global-argument", f"arg#{number - 1} is expected to be non-NULL", idx, number,
                    kind=reg.t)  # fmt: skip
        return
    if reg.t == regs.NOT_INIT:
        ck.fail("global-argument", f"R{number} type=? expected=fp", idx, number, kind=reg.t)
    plain = reg
    if reg.t & MAYBE_NULL:
        from .branch import not_null

        plain = not_null(reg)
    check_memory(ck, idx, number, param.size, False, True, None, "memory", plain)
    check_memory(ck, idx, number, param.size, True, True, None, "memory", plain)
    if not param.null and reg.t & MAYBE_NULL:
        ck.fail("global-argument", f"arg#{number - 1} is expected to be non-NULL", idx, number,
                kind=reg.t)  # fmt: skip
