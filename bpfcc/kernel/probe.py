"""What the running kernel can do, found out by asking it.

Each question makes one or two small bpf(2) calls. A question that the kernel will not answer (no
privilege) raises ``KernelError``; "no" is only said when the kernel said it.
"""

from __future__ import annotations

import errno
import functools
import os
import platform
import struct
from dataclasses import dataclass

from ..btf import wire
from ..isa.insn import ALU64, CALL, EXIT, JMP, MOV, Insn, K, encode
from ..uapi.helpers import by_id
from ..uapi.map_types import MAP_TYPE_NAMES, MapFlag, MapType
from ..uapi.prog_types import PROG_TYPE_NAMES, AttachType, ProgType
from . import maps, syscall
from .kconfig import kernel_version
from .programs import F_SLEEPABLE
from .syscall import BpfFailure, Descriptor, KernelError, address, bpf, buffer_of
from .vmlinux import PATH, running_btf

_EXPECTED = {
    ProgType.CGROUP_SOCK_ADDR: AttachType.CGROUP_INET4_CONNECT,
    ProgType.CGROUP_SOCKOPT: AttachType.CGROUP_GETSOCKOPT,
    ProgType.SK_LOOKUP: AttachType.SK_LOOKUP,
    ProgType.SK_REUSEPORT: AttachType.SK_REUSEPORT_SELECT,
    ProgType.TRACING: AttachType.TRACE_FENTRY,
    ProgType.NETFILTER: AttachType.NETFILTER,
}
# Types bound to a kernel function: loading without one is refused in words that show the type is
# known. Everything else must load.
_BOUND = (ProgType.TRACING, ProgType.LSM, ProgType.EXT, ProgType.STRUCT_OPS)
_UNKNOWN_TO_TYPE = ("unknown func", "invalid func", "program of this type cannot use helper")


def _load(prog_type: int, insns: list[Insn], log_size: int = 0) -> str:
    """Try to load; return the log. Raises BpfFailure when the kernel refuses."""
    code = buffer_of(encode(insns, big_endian=syscall.big_endian()))
    license = buffer_of(b"GPL\0")
    log = buffer_of(bytes(log_size)) if log_size else None
    attr = struct.pack(
        "=IIQQIIQII16sII",
        prog_type,
        sum(insn.slots for insn in insns),
        address(code),
        address(license),
        1 if log_size else 0,
        log_size,
        address(log),
        kernel_version(),
        F_SLEEPABLE if prog_type == ProgType.SYSCALL else 0,
        b"bpfcc_probe",
        0,
        _EXPECTED.get(prog_type, 0),
    )
    try:
        Descriptor(bpf(syscall.PROG_LOAD, attr)[0]).close()
    except BpfFailure as error:
        error.log = log.raw.split(b"\0", 1)[0].decode("utf-8", "replace") if log else ""
        raise
    return log.raw.split(b"\0", 1)[0].decode("utf-8", "replace") if log else ""


def _return(value: int) -> list[Insn]:
    return [Insn(ALU64 | MOV | K, 0, imm=value), Insn(JMP | EXIT)]


def _denied(error: KernelError) -> bool:
    return error.errno == errno.EPERM and os.geteuid() != 0


@functools.cache
def has_prog_type(prog_type: int) -> bool:
    """Tell whether programs of ``prog_type`` can be loaded."""
    try:
        _load(prog_type, _return(1 if prog_type == ProgType.CGROUP_SOCK_ADDR else 0))
    except BpfFailure as error:
        if _denied(error):
            raise
        if prog_type in _BOUND:
            return _known_bound(prog_type)
        return error.errno not in (errno.EINVAL, errno.EOPNOTSUPP, 524)
    return True


def _known_bound(prog_type: int) -> bool:
    try:
        _load(prog_type, _return(0), log_size=4096)
    except BpfFailure as error:
        return bool(error.log.strip()) or error.errno == errno.EPERM
    return True


@functools.cache
def has_helper(prog_type: int, helper: int) -> bool:
    """Tell whether programs of ``prog_type`` may call helper number ``helper``.

    The call is made without arguments: a complaint about those means that the helper is there.
    """
    insns = [Insn(JMP | CALL, imm=helper), *_return(0)]
    try:
        _load(prog_type, insns, log_size=1 << 16)
    except BpfFailure as error:
        if _denied(error):
            raise
        log = error.log
        return bool(log) and not any(text in log for text in _UNKNOWN_TO_TYPE)
    return True


# Attributes with which a map of a type can be made: (key, value, entries, flags).
_SHAPES: dict[int, tuple[int, int, int, int]] = {
    MapType.STACK_TRACE: (4, 8, 1, 0),
    MapType.LPM_TRIE: (8, 8, 1, MapFlag.NO_PREALLOC),
    MapType.CGROUP_STORAGE: (16, 8, 0, 0),
    MapType.PERCPU_CGROUP_STORAGE: (16, 8, 0, 0),
    MapType.QUEUE: (0, 4, 1, 0),
    MapType.STACK: (0, 4, 1, 0),
    MapType.BLOOM_FILTER: (0, 4, 1, 0),
    MapType.RINGBUF: (0, 0, 4096, 0),
    MapType.USER_RINGBUF: (0, 0, 4096, 0),
    MapType.ARENA: (0, 0, 1, MapFlag.MMAPABLE),
}
_STORAGE = (
    MapType.SK_STORAGE,
    MapType.INODE_STORAGE,
    MapType.TASK_STORAGE,
    MapType.CGRP_STORAGE,
)


@functools.cache
def has_map_type(map_type: int) -> bool:
    """Tell whether maps of ``map_type`` can be made."""
    if map_type in _STORAGE or map_type == MapType.STRUCT_OPS:
        # These want BTF; their presence shows in the kernel's own types.
        return _in_kernel_enum("bpf_map_type", f"BPF_MAP_TYPE_{MAP_TYPE_NAMES[map_type]}")
    key, value, entries, flags = _SHAPES.get(map_type, (4, 4, 1, 0))
    inner: Descriptor | None = None
    try:
        if map_type in (MapType.ARRAY_OF_MAPS, MapType.HASH_OF_MAPS):
            inner = Descriptor(maps.create("probe", MapType.ARRAY, 4, 4, 1))
        fd = maps.create(
            "probe",
            map_type,
            key,
            value,
            entries,
            flags,
            inner_fd=inner.fd if inner is not None else 0,
        )
        Descriptor(fd).close()
    except KernelError as error:
        if _denied(error):
            raise
        return error.errno not in (errno.EINVAL, errno.EOPNOTSUPP, 524)
    finally:
        if inner is not None:
            inner.close()
    return True


def _in_kernel_enum(enum: str, constant: str) -> bool:
    try:
        btf = running_btf()
    except KernelError:
        return False
    return any(btf.type_name(number) == enum for number in btf.enums_with(constant))


def has_btf() -> bool:
    """Tell whether the kernel publishes its types."""
    return os.path.exists(PATH)


def has_kfunc(name: str) -> bool:
    """Tell whether the kernel has a function ``name`` in its types.

    Whether a program may call it is decided when that is loaded.
    """
    return has_btf() and bool(running_btf().ids(name, wire.KIND_FUNC))


def jit_enabled() -> bool | None:
    """Tell whether programs are compiled to machine code; None if the kernel does not say."""
    try:
        with open("/proc/sys/net/core/bpf_jit_enable", encoding="ascii") as file:
            return file.read().strip() != "0"
    except OSError:
        return None


@dataclass(frozen=True)
class Features:
    """A summary for people and bug reports."""

    release: str
    machine: str
    btf: bool
    jit: bool | None
    prog_types: tuple[str, ...]
    map_types: tuple[str, ...]
    missing_prog_types: tuple[str, ...]
    missing_map_types: tuple[str, ...]


def features() -> Features:
    """Ask about every program and map type that bpfcc knows."""
    progs = {name: has_prog_type(number) for number, name in PROG_TYPE_NAMES.items() if number}
    kinds = {name: has_map_type(number) for number, name in MAP_TYPE_NAMES.items() if number}
    return Features(
        platform.release(),
        platform.machine(),
        has_btf(),
        jit_enabled(),
        tuple(name for name, yes in progs.items() if yes),
        tuple(name for name, yes in kinds.items() if yes),
        tuple(name for name, yes in progs.items() if not yes),
        tuple(name for name, yes in kinds.items() if not yes),
    )


def helpers_of(prog_type: int) -> list[str]:
    """Return the names of the helpers that programs of ``prog_type`` may call, asked one by one."""
    return [
        helper.name for number, helper in sorted(by_id.items()) if has_helper(prog_type, number)
    ]
