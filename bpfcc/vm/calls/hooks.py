"""What only some hooks offer: sysctl, TCP options, remote controls, execution, integrity, paths.

The state behind each is a field of the world that a test sets and reads.
Source: kernel/bpf/cgroup.c, net/core/filter.c, drivers/media/rc/bpf-lirc.c,
kernel/trace/bpf_trace.c, kernel/bpf/bpf_lsm.c, kernel/bpf/task_iter.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errnos import (
    E2BIG,
    EEXIST,
    EINVAL,
    ENAMETOOLONG,
    ENOENT,
    ENOMSG,
    ENOSPC,
    EOPNOTSUPP,
    EPERM,
)
from ..faults import NotDescribed
from .packets import packet_of
from .register import helper, kfunc, u32

if TYPE_CHECKING:
    from ..run import Run

# --- sysctl ------------------------------------------------------------------------------------


@helper("sysctl_get_name", needs=lambda world: bool(world.sysctl.name))
def sysctl_name(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_sysctl_get_name(ctx, buffer, size, flags)``: flag 1 = the last part alone."""
    name = run.world.sysctl.name
    if not name:
        line = 'world.sysctl.name = "net/ipv4/tcp_mem"'
        raise NotDescribed("bpf_sysctl_get_name", "no sysctl is described", line)
    text = (name.rsplit("/", 1)[-1] if r4 & 1 else name).encode()
    size = u32(r3)
    run.memory.write(r2, text[: size - 1] + b"\0")
    return len(text) if len(text) < size else -E2BIG


def _copy(run: Run, to: int, size: int, value: bytes | None) -> int:
    run.memory.fill(to, size)
    if not value:
        return -EINVAL
    if len(value) >= size:
        run.memory.write(to, value[: size - 1] + b"\0")
        return -E2BIG
    run.memory.write(to, value)
    return len(value)


@helper("sysctl_get_current_value")
def sysctl_current(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_sysctl_get_current_value(ctx, buffer, size)``."""
    return _copy(run, r2, u32(r3), run.world.sysctl.value)


@helper("sysctl_get_new_value")
def sysctl_new(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_sysctl_get_new_value(ctx, buffer, size)``: of a write only."""
    return _copy(run, r2, u32(r3), run.world.sysctl.new_value)


@helper("sysctl_set_new_value")
def sysctl_set(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_sysctl_set_new_value(ctx, buffer, size)``: into ``World.sysctl.new_value``."""
    if not run.world.sysctl.new_value or not u32(r3):
        return -EINVAL
    if u32(r3) > 4095:
        return -E2BIG
    run.world.sysctl.new_value = run.memory.read(r2, u32(r3))
    return 0


# --- TCP header options (sock_ops) -------------------------------------------------------------

_EXPERIMENTAL = (253, 254)


def _find_option(options: bytes, kind: int, magic: bytes) -> bytes | int:
    """Return an option with its kind and length, or a negative error number."""
    at = 0
    while at < len(options):
        if options[at] == 0:
            return -ENOMSG
        if options[at] == 1:
            at += 1
            continue
        if len(options) - at < 2 or options[at + 1] < 2 or at + options[at + 1] > len(options):
            return -EINVAL
        found = options[at : at + options[at + 1]]
        if found[0] == kind and found[2 : 2 + len(magic)] == magic:
            return found
        at += len(found)
    return -ENOMSG


@helper("load_hdr_opt", needs=lambda world: world.tcp_options is not None)
def load_option(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_load_hdr_opt(ctx, search result, size, flags)``: in ``World.tcp_options``."""
    size = u32(r3)
    if size < 2 or r4 & ~1:
        return -EINVAL
    search = run.memory.read(r2, size)
    kind, length = search[0], search[1]
    if length > size or kind in (0, 1):
        return -EINVAL
    if kind in _EXPERIMENTAL:
        if length not in (4, 6):
            return -EINVAL
        magic = search[2:length]
    elif length:
        return -EINVAL
    else:
        magic = b""
    options = run.world.tcp_options
    if options is None:
        line = 'world.tcp_options = bytes.fromhex("020405b4")'
        raise NotDescribed("bpf_load_hdr_opt", "the segment's TCP options are not described", line)
    found = _find_option(bytes(options), kind, magic)
    if isinstance(found, int):
        return found
    run.memory.write(r2, found[:size])
    return -ENOSPC if len(found) > size else len(found)


@helper("store_hdr_opt")
def store_option(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_store_hdr_opt(ctx, option, size, flags)``: behind ``World.tcp_options``."""
    if run.get_field("op") != 15:  # BPF_SOCK_OPS_WRITE_HDR_OPT_CB
        return -EPERM
    size = u32(r3)
    if size < 2 or r4:
        return -EINVAL
    option = run.memory.read(r2, size)
    kind, length = option[0], option[1]
    if length > size or kind in (0, 1) or (kind in _EXPERIMENTAL and length < 4):
        return -EINVAL
    held = bytes(run.world.tcp_options or b"")
    if length > run.world.tcp_option_room:
        return -ENOSPC
    found = _find_option(held, kind, option[2:4] if kind in _EXPERIMENTAL else b"")
    if not isinstance(found, int):
        return -EEXIST
    if found != -ENOMSG:
        return found
    run.world.tcp_options = held + option[:length]
    run.world.tcp_option_room -= length
    return 0


@helper("reserve_hdr_opt")
def reserve_option(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_reserve_hdr_opt(ctx, size, flags)``: taken from ``World.tcp_option_room``."""
    if run.get_field("op") != 14:  # BPF_SOCK_OPS_HDR_OPT_LEN_CB
        return -EPERM
    if r3 or u32(r2) < 2:
        return -EINVAL
    if u32(r2) > run.world.tcp_option_room:
        return -ENOSPC
    run.world.tcp_option_room -= u32(r2)
    return 0


@helper("tcp_send_ack")
def send_ack(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_tcp_send_ack(tcp_sock, next)``: recorded as a decision of the run."""
    run.redirects.append(("ack", r1, u32(r2)))
    return 0


# --- execution, integrity, files ---------------------------------------------------------------


@helper("bprm_opts_set")
def bprm_options(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_bprm_opts_set(bprm, flags)``: 1 = secure execution, see ``World.secure_exec``."""
    if r2 & ~1:
        return -EINVAL
    run.world.secure_exec = bool(r2 & 1)
    return 0


@helper("ima_inode_hash", "ima_file_hash")
def ima_hash(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_ima_inode_hash(inode, buffer, size)``: ``World.hashes``; returns the algorithm."""
    found = run.world.hashes.get(r1)
    if found is None:
        run.memory.fill(r2, u32(r3))
        return -EOPNOTSUPP
    algorithm, digest = found
    run.memory.fill(r2, u32(r3), digest)
    return algorithm


@helper("sock_from_file")
def socket_of_file(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct socket *bpf_sock_from_file(file)``: ``World.file_sockets``."""
    return run.world.file_sockets.get(r1, 0)


def _path(run: Run, name: str, path: int, to: int, size: int) -> int:
    if not size:
        return 0
    text = run.world.paths.get(path)
    if text is None:
        line = f'world.paths[{path:#x}] = "/etc/passwd"'
        raise NotDescribed(name, f"the struct path at {path:#x} has no name", line)
    raw = text.encode() + b"\0"
    if len(raw) > size:
        return -ENAMETOOLONG
    run.memory.write(to, raw)
    return len(raw)


@helper("d_path", needs=lambda world: bool(world.paths))
def d_path(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_d_path(path, buffer, size)``: the length with the NUL; ``World.paths``."""
    return _path(run, "bpf_d_path", r1, r2, u32(r3))


@kfunc("bpf_path_d_path")
def path_d_path(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_path_d_path(path, buffer, size)``."""
    return _path(run, "bpf_path_d_path", r1, r2, u32(r3))


@helper("find_vma")
def find_vma(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_find_vma(task, address, callback(task, vma, ctx), ctx, flags)``: ``World.vmas``."""
    if not r1 or r5:
        return -EINVAL
    for start, end, vma in run.world.vmas:
        if start <= r2 < end:
            run.call_address(r3, r1, vma, r4)
            return 0
    return -ENOENT


# --- remote controls (lirc) --------------------------------------------------------------------


@helper("rc_keydown")
def rc_keydown(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_rc_keydown(ctx, protocol, scancode, toggle)``: a decision of the run."""
    run.redirects.append(("key", u32(r2), r3))
    return 0


@helper("rc_repeat")
def rc_repeat(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_rc_repeat(ctx)``."""
    run.redirects.append(("repeat",))
    return 0


@helper("rc_pointer_rel")
def rc_pointer(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_rc_pointer_rel(ctx, x, y)``."""
    run.redirects.append(("pointer", u32(r2), u32(r3)))
    return 0


# --- tunnels, messages -------------------------------------------------------------------------


@helper("skb_get_xfrm_state")
def xfrm_state(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_skb_get_xfrm_state(skb, index, state, size, flags)``: ``World.xfrm_states``."""
    states = run.world.xfrm_states
    size = u32(r4)
    if size != 28 or r5 or u32(r2) >= len(states):
        run.memory.fill(r3, size)
        return -EINVAL
    run.memory.fill(r3, size, states[u32(r2)])
    return 0


@helper("lwt_push_encap")
def push_encap(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_lwt_push_encap(skb, type, header, size)``: type 2, an IP header in front."""
    kind, size = u32(r2), u32(r4)
    if kind != 2:
        name, why = "bpf_lwt_push_encap", "only IP encapsulation is modelled, not SRv6"
        raise NotDescribed(name, why, 'world.mock("bpf_lwt_push_encap", function)')
    header = run.memory.read(r3, size)
    version = header[0] >> 4 if header else 0
    least = {4: 20, 6: 40}.get(version, 0)
    if not least or size < least or size > 1 << 8:
        return -EINVAL
    packet = packet_of(run)
    packet.insert(0, size)
    packet.write(0, header)
    packet.network = packet.start
    return 0


@helper("msg_push_data")
def msg_push(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_msg_push_data(msg, start, length, flags)``: the new bytes are zero here."""
    packet = packet_of(run)
    if r4:
        return -EINVAL
    if not u32(r3):
        return 0
    if u32(r2) > len(packet) or u32(r3) > 1 << 16:
        return -EINVAL
    packet.insert(u32(r2), u32(r3))
    return 0


@helper("msg_pop_data")
def msg_pop(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_msg_pop_data(msg, start, length, flags)``."""
    packet = packet_of(run)
    start, count = u32(r2), u32(r3)
    if r4 or start + count > len(packet):
        return -EINVAL
    if count:
        packet.insert(start, -count)
    return 0
