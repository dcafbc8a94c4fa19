"""The running kernel's BTF, and the ids in it that programs and calls are bound to."""

from __future__ import annotations

import functools
import os
import struct
from collections.abc import Callable

from ..btf import wire
from ..btf.read import Btf
from ..btf.read import parse as parse_btf
from ..btf.types import FuncProto, Ptr, Struct, Typedef
from ..support.errors import InputError
from . import syscall
from .syscall import Descriptor, KernelError

PATH = "/sys/kernel/btf/vmlinux"
_sources: list[Callable[[], Btf | None]] = []


def use_source(source: Callable[[], Btf | None]) -> None:
    """Get the running kernel's BTF from ``source``, which may keep an index of its names.

    Without one, the first question for a name costs the 0.2 s that sorting them takes.
    """
    _sources[:] = [source]
    running_btf.cache_clear()


@functools.cache
def running_btf() -> Btf:
    """Return the running kernel's BTF, read once per process.

    Raises: KernelError when this kernel has none.
    """
    for source in _sources:
        given = source()
        if given is not None:
            return given
    try:
        with open(PATH, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        raise KernelError(
            f"this kernel has no BTF ({PATH}); it was built without CONFIG_DEBUG_INFO_BTF"
        ) from None
    except OSError as error:
        raise KernelError(f"cannot read {PATH}: {error.strerror}") from None
    return parse_btf(data, PATH, check=False)


def module_names() -> list[str]:
    """Return the names of modules that have BTF of their own."""
    folder = os.path.dirname(PATH)
    try:
        return sorted(name for name in os.listdir(folder) if name != "vmlinux")
    except OSError:
        return []


def module_btf(name: str) -> Btf:
    """Return the BTF of module ``name``, on top of the kernel's."""
    path = os.path.join(os.path.dirname(PATH), name)
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise KernelError(f"cannot read {path}: {error.strerror}") from None
    return parse_btf(data, path, base=running_btf(), check=False)


def attach_id(kind: str, target: str) -> int:
    """Return the BTF id that a tracing program of ``kind`` attaches to.

    ``kind``: "tp_btf", "fentry", "fexit", "fmod_ret", "lsm", "iter".
    Raises: InputError when the kernel has no such target.
    """
    btf = running_btf()
    if kind == "tp_btf":
        # The tracepoint's arguments are in a function pointer type named after it.
        ids = btf.ids("btf_trace_" + target, wire.KIND_TYPEDEF)
        what = "tracepoint"
    elif kind == "lsm":
        ids = btf.ids("bpf_lsm_" + target, wire.KIND_FUNC)
        what = "LSM hook"
    elif kind == "iter":
        ids = btf.ids("bpf_iter_" + target, wire.KIND_FUNC)
        what = "iterator"
    else:
        ids = btf.ids(target, wire.KIND_FUNC)
        what = "function"
    if not ids:
        raise InputError(f"this kernel has no {what} {target!r}")
    return ids[0]


def tracepoint_args(name: str) -> FuncProto | None:
    """Return the prototype of raw tracepoint ``name`` (first parameter: the probe's data)."""
    typedef = running_btf().find("btf_trace_" + name, wire.KIND_TYPEDEF)
    if isinstance(typedef, Typedef) and isinstance(typedef.type, Ptr):
        proto = typedef.type.type
        return proto if isinstance(proto, FuncProto) else None
    return None


def has_tracepoint(name: str) -> bool:
    """Tell whether the kernel has a raw tracepoint ``name``."""
    return bool(running_btf().ids("btf_trace_" + name, wire.KIND_TYPEDEF))


def struct_id(name: str) -> tuple[int, Struct]:
    """Return (id, type) of kernel struct ``name``; InputError if there is none."""
    btf = running_btf()
    for number in btf.ids(name, wire.KIND_STRUCT):
        made = btf.type(number)
        if isinstance(made, Struct):
            return number, made
    raise InputError(f"this kernel has no struct {name!r}")


def function_in_program(prog_fd: int, name: str) -> int:
    """Return the BTF id of function ``name`` in the types of a loaded program."""
    info = syscall.info_by_fd(prog_fd, 232)
    btf_id: int = struct.unpack_from("=I", info, 128)[0]
    if not btf_id:
        raise InputError("the program to replace was loaded without BTF")
    with Descriptor(syscall.bpf(syscall.BTF_GET_FD_BY_ID, struct.pack("=I", btf_id))[0]) as held:
        data = syscall.btf_data(held.fd)
    ids = parse_btf(data, "the target program's BTF").ids(name, wire.KIND_FUNC)
    if not ids:
        raise InputError(f"the program to replace has no function {name!r}")
    return ids[0]
