"""Calls of kernel functions (kfuncs): prototypes from the kernel's BTF, flags from our rows.

Source: kernel ``check_kfunc_call``, ``check_kfunc_args``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..btf.layout import byte_size, strip
from ..btf.types import Array, Enum, Func, FuncProto, Int, Ptr, Struct, TypeRef
from ..isa.insn import Insn
from ..uapi import kernels, kfuncs
from ..uapi.kfuncs import Kfunc
from ..uapi.prog_types import ProgType, context_struct
from . import bounds, btfwalk, cfg, dynptrs, irqflags, iterators, locks, memory, owned, regs, tnum
from .call import push_async, push_callback, throw
from .helpers_check import check_memory, check_size, constant_string
from .liveness import commit
from .meta import Meta
from .regs import BASE, MAYBE_NULL, NOT_INIT, RCU, RDONLY, SCALAR, TRUSTED, UNTRUSTED, Reg
from .state import Special
from .subject import MapInfo

if TYPE_CHECKING:
    from .checker import Checker

Jump = Callable[[list[Reg]], int]

# Prototypes of those that programs use without any kernel type, for when no BTF is given.
_KNOWN: dict[str, tuple[tuple[str, ...], str]] = {
    "bpf_rcu_read_lock": ((), "void"),
    "bpf_rcu_read_unlock": ((), "void"),
    "bpf_preempt_disable": ((), "void"),
    "bpf_preempt_enable": ((), "void"),
    "bpf_cast_to_kern_ctx": (("ctx",), "kernctx"),
    "bpf_iter_num_new": (("iter:num:8", "int", "int"), "int"),
    "bpf_iter_num_next": (("iter:num:8",), "mem:4"),
    "bpf_iter_num_destroy": (("iter:num:8",), "void"),
}
# What may be called while a lock is held: what works on the lists and trees that it guards, ...
_UNDER_LOCK = frozenset(
    {
        "bpf_list_push_front_impl",
        "bpf_list_push_back_impl",
        "bpf_list_pop_front",
        "bpf_list_pop_back",
        "bpf_list_front",
        "bpf_list_back",
        "bpf_rbtree_remove",
        "bpf_rbtree_add_impl",
        "bpf_rbtree_first",
        "bpf_rbtree_root",
        "bpf_rbtree_left",
        "bpf_rbtree_right",
        "bpf_refcount_acquire_impl",
        "bpf_iter_num_new",
        "bpf_iter_num_next",
        "bpf_iter_num_destroy",
        "bpf_res_spin_lock",
        "bpf_res_spin_unlock",
        "bpf_res_spin_lock_irqsave",
        "bpf_res_spin_unlock_irqrestore",
    }
)
_ERROR = regs.scalar(bounds.sync(0, tnum.U64, -4095, -1, 0, tnum.U64, -4095, -1, 0, tnum.U32))
_ANY_INT = (-(1 << 31), (1 << 31) - 1)
_RES_LOCKS = ("bpf_res_spin_lock", "bpf_res_spin_lock_irqsave")
_IRQ_FLAGS = {
    "bpf_local_irq_save": ("native", True),
    "bpf_local_irq_restore": ("native", False),
    "bpf_res_spin_lock_irqsave": ("lock", True),
    "bpf_res_spin_unlock_irqrestore": ("lock", False),
}
# Structs that stand for a kind of argument of their own.
_ARGUMENTS = {
    "bpf_wq": "wq",
    "bpf_task_work": "taskwork",
    "bpf_res_spin_lock": "reslock",
    "bpf_list_head": "root:bpf_list_head",
    "bpf_rb_root": "root:bpf_rb_root",
    "bpf_list_node": "node:bpf_list_node",
    "bpf_rb_node": "node:bpf_rb_node",
}
_KERN_CTX = {
    ProgType.SOCKET_FILTER: "sk_buff",
    ProgType.SCHED_CLS: "sk_buff",
    ProgType.SCHED_ACT: "sk_buff",
    ProgType.CGROUP_SKB: "sk_buff",
    ProgType.LWT_IN: "sk_buff",
    ProgType.LWT_OUT: "sk_buff",
    ProgType.LWT_XMIT: "sk_buff",
    ProgType.LWT_SEG6LOCAL: "sk_buff",
    ProgType.SK_SKB: "sk_buff",
    ProgType.XDP: "xdp_buff",
    ProgType.SOCK_OPS: "bpf_sock_ops_kern",
    ProgType.CGROUP_SOCK_ADDR: "bpf_sock_addr_kern",
    ProgType.CGROUP_SOCK: "sock",
    ProgType.PERF_EVENT: "bpf_perf_event_data_kern",
    ProgType.CGROUP_SYSCTL: "bpf_sysctl_kern",
    ProgType.CGROUP_SOCKOPT: "bpf_sockopt_kern",
    ProgType.SK_REUSEPORT: "sk_reuseport_kern",
    ProgType.SK_LOOKUP: "bpf_sk_lookup_kern",
}
# Structs that programs see for structs of the kernel.
_CTX_STRUCTS = {
    "__sk_buff": "sk_buff",
    "xdp_md": "xdp_buff",
}
# Register kinds that stand for a kernel struct (kernel: reg2btf_ids).
_AS_STRUCT = {
    regs.SOCKET: "sock",
    regs.SOCK_COMMON: "sock_common",
    regs.TCP_SOCK: "tcp_sock",
    regs.MAP_PTR: "bpf_map",
}


class _Proto:
    """What the BTF says: argument kinds, result kind, parameter names."""

    __slots__ = ("args", "names", "ret")

    def __init__(self, args: tuple[str, ...], ret: str, names: tuple[str, ...] = ()) -> None:
        self.args = args
        self.ret = ret
        self.names = names


def compile_kfunc(ck: Checker, idx: int, insn: Insn, following: int) -> Jump:
    """Return the step for a call of a kernel function."""
    target = ck.subject.targets.get(idx)
    name = target.name if target is not None else ""
    kfunc = kfuncs.by_name.get(name)

    def absent(registers: list[Reg]) -> int:
        ck.at = idx
        if target is not None and target.number:
            ck.fail("unknown-function", "calling invalid kernel function: it does not exist in this"
                    " kernel", idx, name=name)  # fmt: skip
        if ck.vmlinux is not None and not any(True for _ in ck.vmlinux.ids(name)):
            ck.fail(
                "unknown-function", f"libbpf: extern (func ksym) '{name}': not found in kernel or"
                " module BTFs", idx, name=name,
            )  # fmt: skip
        ck.unknown(f"the kernel function {name}() is not in the tables", idx)

    if kfunc is None:
        return absent
    proto: list[_Proto] = []

    def call(registers: list[Reg]) -> int:
        ck.at = idx
        _allowed(ck, idx, kfunc)
        if not proto:
            proto.append(_prototype(ck, idx, kfunc.name))
        return _call(ck, idx, kfunc, proto[0], following)

    return call


def _allowed(ck: Checker, idx: int, kfunc: Kfunc) -> None:
    name = kfunc.name
    if kernels.parse(kfunc.since) > ck.kernel:
        ck.fail(
            "kfunc-version", f"libbpf: extern (func ksym) '{name}': not found in kernel or module"
            " BTFs", idx, name=name, since=kfunc.since,
        )  # fmt: skip
    if not kfunc.allowed(ck.prog_type, ck.attach_type):
        ck.fail("kfunc-type", f"calling kernel function {name} is not allowed", idx, name=name)
    if not ck.subject.gpl:
        ck.fail(
            "license", "cannot call kernel function from non-GPL compatible program", idx,
            name=name + "()",
        )  # fmt: skip
    if "device" in kfunc.flags:
        ck.fail("kfunc-type", "metadata kfuncs require device-bound program", idx, name=name)
    state = ck.state
    if state.locks and name not in _UNDER_LOCK:
        ck.fail("lock-call", "function calls are not allowed while holding a lock", idx,
                name=name)  # fmt: skip
    if "sleeps" in kfunc.flags:
        if not ck.sleepable_now():
            ck.fail(
                "sleeps", f"program must be sleepable to call sleepable kfunc {name}", idx,
                name=name,
            )  # fmt: skip
        if state.rcu:
            ck.fail(
                "sleeps", f"kernel func {name} is sleepable within rcu_read_lock region", idx,
                name=name,
            )  # fmt: skip
        if state.preempt or state.irq_id:
            ck.fail(
                "sleeps", f"kernel func {name} is sleepable within non-preemptible region", idx,
                name=name,
            )  # fmt: skip


def _prototype(ck: Checker, idx: int, name: str) -> _Proto:
    known = _KNOWN.get(name)
    if known is not None:
        return _Proto(*known)
    btf = ck.vmlinux
    if btf is None:
        ck.unknown(f"the prototype of {name}() needs the kernel's BTF", idx)
    for number in btf.ids(name):
        found = btf.type(number)
        if isinstance(found, Func):
            return _from_btf(found.proto)
    ck.fail(
        "unknown-function", f"libbpf: extern (func ksym) '{name}': not found in kernel or module"
        " BTFs", idx, name=name,
    )  # fmt: skip


def _from_btf(proto: FuncProto) -> _Proto:
    args: list[str] = []
    params = proto.params
    for i, (name, type) in enumerate(params):
        following = params[i + 1][0] if i + 1 < len(params) else ""
        args.append(_arg_kind(name, type, following.endswith(("__sz", "__szk"))))
    ret = strip(proto.ret)
    if ret is None:
        result = "void"
    elif isinstance(ret, Ptr):
        target = strip(ret.type)
        if isinstance(target, Struct):
            result = f"btf:{target.name}"
        elif target is None:
            result = "voidptr"
        else:
            result = f"mem:{byte_size(target)}"
    else:
        result = "int"
    return _Proto(tuple(args), result, tuple(name for name, _ in params))


def _arg_kind(name: str, type: TypeRef, sized: bool) -> str:
    kind = strip(type)
    if name.endswith(("__ign", "__prog")):
        return "ignored"
    if isinstance(kind, (Int, Enum)):
        if name.endswith("__szk"):
            return "constsize"
        if name.endswith("__sz"):
            return "size"
        return "const" if name.endswith("__k") else "int"
    if not isinstance(kind, Ptr):
        return "other"
    target = strip(kind.type)
    null = "?" if name.endswith(("__nullable", "__opt")) else ""
    if name.endswith("__alloc"):
        return "alloc"
    if name.endswith("__refcounted_kptr"):
        return "counted"
    if name.endswith("__irq_flag"):
        return "irqflag"
    if isinstance(target, Struct):
        if target.name in _CTX_STRUCTS:
            return f"ctx:{target.name}"
        if target.name == "bpf_dynptr":
            return "outdynptr" if name.endswith("__uninit") else f"dynptr{null}"
        if target.name.startswith("bpf_iter_") and target.size % 8 == 0 and name == "it":
            return f"iter:{target.name.removeprefix('bpf_iter_')}:{target.size}"
        if target.name in _ARGUMENTS:
            return _ARGUMENTS[target.name]
        if sized:
            return f"mem{null}"
        return f"btf{null}:{target.name}:{target.size}:{int(plain_struct(target))}"
    if name.endswith("__str"):
        return "str"
    if name.endswith("__map"):
        return "map"
    if isinstance(target, FuncProto):
        return "func"
    if sized:
        return f"mem{null}"
    if target is None:
        return "map" if name == "p__map" else "void"
    return f"fixed:{byte_size(target)}"


def plain_struct(struct_: TypeRef, depth: int = 0) -> bool:
    """Tell whether a struct is made of numbers only, so that any memory may stand for it."""
    if depth >= 4 or not isinstance(struct_, Struct):
        return False
    for member in struct_.members:
        kind = strip(member.type)
        if isinstance(kind, Array):
            kind = strip(kind.type)
        if isinstance(kind, (Int, Enum)):
            continue
        if not plain_struct(kind, depth + 1):
            return False
    return bool(struct_.members)


def _call(ck: Checker, idx: int, kfunc: Kfunc, proto: _Proto, following: int) -> int:
    name = kfunc.name
    flags = kfunc.flags
    if name in _RES_LOCKS:
        _lock_failed(ck, idx, following)
    meta = Meta()
    for i, kind in enumerate(proto.args):
        number = i + 1
        if kind == "ignored":
            continue
        reg = ck.frame.regs[number]
        if reg.t == NOT_INIT:
            ck.fail("uninit-reg", f"R{number} !read_ok", idx, number)
        if kind in ("int", "const", "size", "constsize"):
            _number(ck, idx, kfunc, number, kind, proto.args[i - 1], meta)
        else:
            _address(ck, idx, kfunc, number, reg, kind, meta)
    if "release" in flags:
        if not meta.release_reg:
            ck.fail(
                "release", f"release kernel function {name} expects refcounted PTR_TO_BTF_ID", idx,
                1, name=name, kind=ck.frame.regs[1].t,
            )  # fmt: skip
        if not ck.release(meta.ref):
            ck.fail("release", f"kfunc {name}#0 reference has not been acquired before", idx,
                    meta.release_reg, name=name)  # fmt: skip
    if name == owned.TREE_ADD:
        assert meta.root is not None
        node = owned.node_register(ck, meta.root, idx)
        push_callback(ck, idx, meta.callback, [owned.borrowed(ck, node)] * 2, (0, 1), name)
    if meta.callback >= 0 and name in cfg.ASYNC_KFUNCS:
        _later(ck, idx, name, meta)
    _sections(ck, idx, kfunc)
    if name in owned.LIST_ADD or name == owned.TREE_ADD:
        owned.give_away(ck, 2)
    if name == "bpf_throw":
        return throw(ck, idx)
    result = _result(ck, idx, kfunc, proto, meta)
    registers = ck.frame.regs
    registers[0:6] = [result, *[regs.UNINIT] * 5]
    if name == "bpf_xdp_pull_data":
        ck.forget_packets()
    if "iter_next" in flags:
        assert meta.iterator is not None
        iterators.next_turn(ck, idx, meta.iterator, following)
    commit(ck, idx)
    return following


def _lock_failed(ck: Checker, idx: int, following: int) -> None:
    """Queue the outcome that a resilient lock was not taken: R0 is an error."""
    other = ck.push(following, idx)
    other.frames[-1].regs[0:6] = [_ERROR, *[regs.UNINIT] * 5]


def _later(ck: Checker, idx: int, name: str, meta: Meta) -> None:
    """Queue the callback of a work queue, or of task work, with the map value that holds it."""
    info = meta.map
    assert info is not None
    arguments = [Reg(regs.MAP_PTR, x=info), Reg(regs.MAP_KEY, x=info), Reg(regs.MAP_VALUE, x=info)]
    anything = name != "bpf_wq_set_callback_impl"
    push_async(ck, idx, meta.callback, arguments, True, _ANY_INT if anything else (0, 0))


def _number(
    ck: Checker, idx: int, kfunc: Kfunc, number: int, kind: str, before: str, meta: Meta
) -> None:
    """Check an argument that is a number; ``before``: the kind of the one before it."""
    name = kfunc.name
    reg = ck.frame.regs[number]
    if reg.t != SCALAR:
        ck.fail("kfunc-arg", f"R{number} is not a scalar", idx, number, name=name, kind=reg.t)
    if kind in ("const", "constsize"):
        if reg.v.m:
            ck.fail("kfunc-arg", f"R{number} must be a known constant", idx, number, name=name,
                    kind=reg.t)  # fmt: skip
        ck.precise(number, idx)
        meta.constant = reg.v.v
    if kind in ("size", "constsize"):
        buffer = ck.frame.regs[number - 1]
        null = buffer.t == SCALAR and not buffer.v.m and not buffer.v.v
        if not (null and before.endswith("?")):
            check_size(ck, idx, number, reg, True, True, None, None)
        meta.alloc_size = reg.v.umax


def _address(
    ck: Checker, idx: int, kfunc: Kfunc, number: int, reg: Reg, kind: str, meta: Meta
) -> None:
    """Check an argument that is a pointer."""
    name = kfunc.name
    i = number - 1
    _trusted(ck, idx, kfunc, number, reg, kind)
    if reg.ref:
        meta.ref = reg.ref
        if "release" in kfunc.flags:
            meta.release_reg = number
    base, _, of = kind.partition(":")
    if base == "iter":
        meta.iterator = iterators.argument(ck, idx, kfunc, number, kind)
    elif base.startswith("dynptr"):
        if base.endswith("?") and reg.t == SCALAR:
            return
        found = dynptrs.process(ck, idx, number, argument=i)
        if meta.dynptr is None or name == "bpf_dynptr_clone":
            meta.dynptr = found
    elif base == "outdynptr":
        _new_dynptr(ck, idx, kfunc, number, i, meta.dynptr)
    elif base == "root":
        meta.root = owned.root(ck, idx, number, reg, of, name)
    elif base == "node":
        assert meta.root is not None
        owned.node(ck, idx, number, reg, name, meta.root)
    elif base == "counted":
        meta.owner = owned.counted(ck, idx, number, reg, name)
        meta.percpu = reg
    elif base == "irqflag":
        irqflags.process(ck, idx, number, reg, *_IRQ_FLAGS[name])
    elif base == "func":
        if reg.t != regs.FUNC or not isinstance(reg.x, int):
            ck.fail("kfunc-arg", f"arg{i} expected pointer to func", idx, number, name=name,
                    kind=reg.t)  # fmt: skip
        meta.callback = reg.x
    else:
        _pointer(ck, idx, kfunc, number, i, reg, kind, meta)


def _trusted(ck: Checker, idx: int, kfunc: Kfunc, number: int, reg: Reg, kind: str) -> None:
    flags = kfunc.flags
    if not ("trusted" in flags or "release" in flags or "rcu" in flags):
        return
    null = reg.t == SCALAR and not reg.v.m and not reg.v.v
    if (null or reg.t & MAYBE_NULL) and "?" not in kind:
        ck.fail(
            "kfunc-null", f"Possibly NULL pointer passed to trusted arg{number - 1}", idx, number,
            name=kfunc.name, kind=reg.t,
        )  # fmt: skip


def _pointer(
    ck: Checker, idx: int, kfunc: Kfunc, number: int, i: int, reg: Reg, kind: str, meta: Meta
) -> None:
    name = kfunc.name
    base = kind.split(":")[0]
    null = base.endswith("?")
    base = base.rstrip("?")
    if null and reg.t == SCALAR and not reg.v.m and not reg.v.v:
        return
    of = kind.partition(":")[2]
    if base == "ctx" and of not in ("", context_struct(ck.prog_type)):
        base, kind = "btf", f"btf:{_CTX_STRUCTS[of]}:0:0"  # no context here: the kernel's object
    if base == "ctx":
        if reg.t != regs.CTX:
            ck.fail("kfunc-arg", f"arg#{i} expected pointer to ctx, but got"
                    f" {regs.type_name(reg.t)}", idx, number, name=name, kind=reg.t)  # fmt: skip
        memory.check_modified(ck, idx, number, reg)
        return
    if base == "map":
        if reg.t & BASE == regs.BTF_ID:  # an iterator's map
            _object(ck, idx, kfunc, number, i, reg, "btf:bpf_map:0:0")
            return
        if reg.t != regs.MAP_PTR:
            ck.fail("kfunc-arg", f"pointer in R{number} isn't map pointer", idx, number, name=name,
                    kind=reg.t)  # fmt: skip
        if meta.map is not None and meta.map is not reg.x:
            ck.fail("special-field", f"workqueue pointer in R1 doesn't match map pointer in"
                    f" R{number}", idx, number, map=meta.map, field=None)  # fmt: skip
        return
    if base in ("wq", "taskwork"):
        if reg.t != regs.MAP_VALUE:
            ck.fail("kfunc-arg", f"arg#{i} doesn't point to a map value", idx, number, name=name,
                    kind=reg.t)  # fmt: skip
        locks.special_pointer(ck, idx, number, reg, "bpf_wq" if base == "wq" else "bpf_task_work")
        info = reg.x
        assert isinstance(info, MapInfo)
        meta.map = info
        return
    if base == "reslock":
        if reg.t not in (regs.MAP_VALUE, regs.BTF_ID | regs.ALLOC):
            ck.fail("kfunc-arg", f"arg#{i} doesn't point to map value or allocated object", idx,
                    number, name=name, kind=reg.t)  # fmt: skip
        locks.spin(ck, idx, number, reg, name in _RES_LOCKS, resilient=True, irq=name in _IRQ_FLAGS)
        return
    if base == "alloc":
        if reg.ref and (reg.off or reg.v.m or reg.v.v):
            ck.fail(
                "release-offset", f"R{number} must have zero offset when passed to release func or"
                " trusted arg to kfunc", idx, number, off=reg.off, kind=reg.t,
            )  # fmt: skip
        owned.dropped(ck, idx, number, reg, name)
        return
    if base == "str":
        constant_string(ck, idx, number, reg)
        return
    if base == "mem":
        return  # checked with its size, the next argument
    if base == "btf" and (reg.t & BASE == regs.BTF_ID or reg.t & BASE in _AS_STRUCT):
        _object(ck, idx, kfunc, number, i, reg, kind)
        return
    parts = kind.split(":")
    if base == "fixed":
        size = int(parts[1])
    elif base == "btf" and parts[3] == "1":
        size = int(parts[2])
    else:
        struct_ = f"STRUCT {parts[1]}" if base == "btf" else "UNKNOWN "
        ck.fail(
            "kfunc-arg", f"arg#{i} pointer type {struct_} must point to scalar, or struct with"
            " scalar", idx, number, name=name, kind=reg.t, wanted=parts[1] if base == "btf" else "",
        )  # fmt: skip
    if reg.t & MAYBE_NULL:
        from .helpers_check import _EXPECTED_NAMES  # noqa: F401

        ck.fail("kfunc-null", f"R{number} type={regs.type_name(reg.t)} expected=fp", idx, number,
                name=name, kind=reg.t)  # fmt: skip
    check_memory(ck, idx, number, size, False, False, None, "memory")
    check_memory(ck, idx, number, size, True, False, None, "memory")


def _object(ck: Checker, idx: int, kfunc: Kfunc, number: int, i: int, reg: Reg, kind: str) -> None:
    flags = kfunc.flags
    wanted = kind.split(":")[1]
    if reg.t & BASE == regs.BTF_ID and ("trusted" in flags or "rcu" in flags):
        trusted = bool(reg.ref or reg.t & TRUSTED) and not reg.t & (UNTRUSTED | MAYBE_NULL)
        if not trusted:
            if "rcu" not in flags:
                ck.fail("kfunc-arg", f"R{number} must be referenced or trusted", idx, number,
                        name=kfunc.name, kind=reg.t)  # fmt: skip
            if not reg.t & RCU:
                ck.fail("kfunc-arg", f"R{number} must be a rcu pointer", idx, number,
                        name=kfunc.name, kind=reg.t)  # fmt: skip
    if "release" in flags and reg.ref and (reg.off or reg.v.m or reg.v.v):
        ck.fail(
            "release-offset", f"R{number} must have zero offset when passed to release func or"
            " trusted arg to kfunc", idx, number, off=reg.off, kind=reg.t,
        )  # fmt: skip
    memory.check_modified(ck, idx, number, reg, True)
    if reg.t & BASE == regs.BTF_ID:
        good = btfwalk.struct_at(reg.x, reg.off, wanted) or (
            "release" in flags and getattr(reg.x, "name", "") == wanted
        )
        if not good and wanted == "cpumask" and getattr(reg.x, "name", "") == "bpf_cpumask":
            good = True
        name = getattr(reg.x, "name", "?")
        if name != wanted and (name.endswith("___init") or wanted.endswith("___init")):
            good = False  # kernel: btf_type_ids_nocast_alias
    else:
        name = _AS_STRUCT[reg.t & BASE]
        good = name == wanted or (wanted == "sock_common" and name in ("sock", "tcp_sock"))
    if not good:
        ck.fail(
            "kfunc-arg", f"kernel function {kfunc.name} args#{i} expected pointer to STRUCT"
            f" {wanted} but R{number} has a pointer to STRUCT {name}", idx, number,
            name=kfunc.name, kind=reg.t, wanted=wanted,
        )  # fmt: skip


def _new_dynptr(
    ck: Checker, idx: int, kfunc: Kfunc, number: int, i: int, source: Special | None
) -> None:
    name = kfunc.name
    kinds = {
        "bpf_dynptr_from_skb": regs.DYN_SKB,
        "bpf_dynptr_from_xdp": regs.DYN_XDP,
        "bpf_dynptr_from_skb_meta": regs.DYN_SKB_META,
    }
    if name == "bpf_dynptr_clone" and source is not None:
        dynptrs.process(ck, idx, number, uninit=True, argument=i, clone_of=source)
        return
    wanted = kinds.get(name, regs.DYN_LOCAL)
    rdonly = wanted == regs.DYN_SKB and not ck.may_write_packet()
    dynptrs.process(ck, idx, number, uninit=True, wanted=wanted, argument=i, rdonly=rdonly)


def _sections(ck: Checker, idx: int, kfunc: Kfunc) -> None:
    name = kfunc.name
    state = ck.state
    if state.rcu and name.startswith("bpf_rcu_read_") and owned.in_tree_callback(ck):
        ck.fail(
            "section-nested", "Calling bpf_rcu_read_{lock,unlock} in unnecessary rbtree callback",
            idx, name=name,
        )  # fmt: skip
    if name == "bpf_rcu_read_lock":
        if state.rcu:
            ck.fail("section-nested", f"nested rcu read lock (kernel function {name})", idx,
                    name=name)  # fmt: skip
        state.rcu += 1
    elif name == "bpf_rcu_read_unlock":
        if not state.rcu:
            ck.fail("section-unmatched", f"unmatched rcu read unlock (kernel function {name})", idx,
                    name=name)  # fmt: skip
        state.rcu -= 1

        def change(reg: Reg) -> Reg:
            if reg.t & RCU:
                return regs.with_type(reg, reg.t & ~(RCU | MAYBE_NULL) | UNTRUSTED)
            return reg

        ck.rewrite(change)
    elif name == "bpf_preempt_disable":
        state.preempt += 1
    elif name == "bpf_preempt_enable":
        if not state.preempt:
            ck.fail(
                "section-unmatched", "unmatched attempt to enable preemption (kernel function"
                f" {name})", idx, name=name,
            )  # fmt: skip
        state.preempt -= 1


def _node(ck: Checker, idx: int, kfunc: Kfunc, meta: Meta) -> Reg:
    """Return the node that a function of lists or trees finds, or takes out of it."""
    assert meta.root is not None
    reg = owned.node_register(ck, meta.root, idx)
    if "acquire" in kfunc.flags:
        ref = ck.acquire(idx)
        return Reg(reg.t | MAYBE_NULL, reg.v, reg.off, ref, ref, reg.x)
    return owned.borrowed(ck, Reg(reg.t | MAYBE_NULL, reg.v, reg.off, ck.new_id(), 0, reg.x))


def _result(ck: Checker, idx: int, kfunc: Kfunc, proto: _Proto, meta: Meta) -> Reg:
    name = kfunc.name
    flags = kfunc.flags
    ret = proto.ret
    if ret == "void":
        return regs.UNINIT
    if ret == "int":
        return regs.NULL if name in _RES_LOCKS else regs.ANY
    if name == "bpf_refcount_acquire_impl":
        assert isinstance(meta.percpu, Reg)
        ref = ck.acquire(idx)
        null = 0 if meta.owner else MAYBE_NULL
        return Reg(regs.BTF_ID | regs.ALLOC | null, id=ref, ref=ref, x=meta.percpu.x)
    if ret in ("btf:bpf_list_node", "btf:bpf_rb_node"):
        return _node(ck, idx, kfunc, meta)
    null = MAYBE_NULL if "null" in flags else 0
    identity = ck.new_id() if null else 0
    if name in ("bpf_dynptr_slice", "bpf_dynptr_slice_rdwr"):
        return _slice(ck, idx, name, meta.dynptr, meta.alloc_size, identity)
    if name == "bpf_cast_to_kern_ctx":
        struct_ = _KERN_CTX.get(ck.prog_type)
        if struct_ is None:
            ck.unknown("the kernel's own context of this program type is not modelled", idx)
        return Reg(regs.BTF_ID | TRUSTED, x=btfwalk.kernel_struct(ck, struct_, idx))
    if name == "bpf_rdonly_cast":
        if ck.vmlinux is None:
            ck.unknown("bpf_rdonly_cast() needs the kernel's BTF", idx)
        number = meta.constant
        target = ck.vmlinux.type(number) if number <= ck.vmlinux.last_id else None
        kind = strip(target)
        if isinstance(kind, Struct):
            return Reg(regs.BTF_ID | UNTRUSTED, x=kind)
        if number == 0 and ck.kernel >= (6, 17):
            return Reg(regs.MEM | RDONLY | UNTRUSTED, x=0)
        ck.fail(
            "kfunc-arg", "kfunc bpf_rdonly_cast type ID argument must be of a struct or void", idx,
            2, name=name, kind=SCALAR,
        )  # fmt: skip
    if name == "bpf_session_cookie":
        return Reg(regs.MEM, x=8)
    if ret.startswith("mem:"):
        ref = 0
        return Reg(regs.MEM | RDONLY | null, id=identity, ref=ref, x=int(ret.partition(":")[2]))
    if name in ("bpf_obj_new_impl", "bpf_percpu_obj_new_impl"):
        return owned.allocate(ck, idx, name, meta.constant)
    if ret == "voidptr":
        return regs.ANY  # as the kernel: a number, which a cast into the arena's space may use
    struct = btfwalk.kernel_struct(ck, ret.partition(":")[2], idx)
    extra = 0
    if "iter_next" in flags and meta.iterator is not None:
        extra = RCU if meta.iterator.rcu else TRUSTED
    if name == "bpf_get_kmem_cache":
        extra = UNTRUSTED
    ref = 0
    if "acquire" in flags:
        ref = identity = ck.acquire(idx)
    return Reg(regs.BTF_ID | null | extra, id=identity, ref=ref, x=struct)


def _slice(
    ck: Checker, idx: int, name: str, dynptr: Special | None, size: int, identity: int
) -> Reg:
    assert dynptr is not None
    t = regs.MEM | MAYBE_NULL | dynptrs.slice_flags(dynptr)
    if name == "bpf_dynptr_slice":
        t |= RDONLY
    elif not ck.may_write_packet() and dynptr.kind in (regs.DYN_SKB, regs.DYN_XDP):
        ck.fail("read-only", "the prog does not allow writes to packet data", idx, 1, kind=t)
    t &= ~(regs.DYN_LOCAL | regs.DYN_RINGBUF)
    return Reg(t, id=identity, ref=dynptr.ref, x=size, y=dynptr.id)
