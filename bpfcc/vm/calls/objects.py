"""Kernel functions on tasks, cgroups, keys and connections, all as the user describes them.

``World.tasks``, ``cgroups``, ``keys``, ``connections`` hold the addresses that look-ups return;
what is not there is NULL, as in the kernel.
Source: kernel/bpf/helpers.c, kernel/trace/bpf_trace.c, net/netfilter/nf_conntrack_bpf.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errnos import EAFNOSUPPORT, EINVAL, ENODATA, ENOENT, EOPNOTSUPP, EPROTO
from ..faults import BadArgument, Thrown
from .dynptr import load
from .packets import packet_of
from .register import kfunc, s32, u32

if TYPE_CHECKING:
    from ..run import Run


def _acquired(run: Run, addr: int, what: str) -> int:
    if addr:
        run.references[addr] = what
    return addr


@kfunc("bpf_task_from_pid", "bpf_task_from_vpid")
def task_from_pid(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct task_struct *bpf_task_from_pid(pid)``: the current task, or one of ``World.tasks``."""
    task = run.world.task
    pid = s32(r1)
    addr = run.world.tasks.get(pid, task.address if pid == task.pid else 0)
    return _acquired(run, addr, "a task")


@kfunc("bpf_cgroup_from_id")
def cgroup_from_id(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct cgroup *bpf_cgroup_from_id(id)``: ``World.cgroups``."""
    return _acquired(run, run.world.cgroups.get(r1, 0), "a cgroup")


@kfunc("bpf_cgroup_ancestor")
def cgroup_ancestor(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct cgroup *bpf_cgroup_ancestor(cgroup, level)``: of ``World.cgroup_ancestors``."""
    world = run.world
    if s32(r2) < 0 or r1 not in world.cgroups.values():
        return 0
    chain = list(world.cgroup_ancestors)
    found = chain[s32(r2)] if s32(r2) < len(chain) else None
    return 0 if found is None else _acquired(run, world.cgroups.get(found, 0), "a cgroup")


@kfunc("bpf_task_get_cgroup1")
def task_cgroup1(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct cgroup *bpf_task_get_cgroup1(task, hierarchy)``: the current one."""
    return _acquired(run, run.world.cgroups.get(run.world.cgroup_id, 0), "a cgroup")


@kfunc("bpf_task_under_cgroup")
def task_under(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_task_under_cgroup(task, ancestor)``."""
    world = run.world
    mine = {world.cgroup_id, *world.cgroup_ancestors}
    return int(any(addr == r2 and id in mine for id, addr in world.cgroups.items()))


@kfunc("bpf_cgroup_read_xattr")
def cgroup_xattr(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_cgroup_read_xattr(cgroup, name, dynptr)``: ``World.xattrs[cgroup, name]``."""
    name = run.memory.read_string(r2, 256).decode("latin-1")
    value = run.world.xattrs.get((r1, name))
    if value is None:
        return -ENODATA
    pointer = load(run, r3)
    if not pointer.addr or pointer.readonly or len(value) > pointer.size:
        return -EINVAL
    pointer.write(run, 0, value)
    return len(value)


@kfunc("bpf_get_task_exe_file")
def task_file(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct file *bpf_get_task_exe_file(task)``: ``World.exe_files[task]``."""
    return _acquired(run, run.world.exe_files.get(r1, 0), "a file")


@kfunc("bpf_send_signal_task")
def send_signal(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_send_signal_task(task, signal, kind, value)``: into ``World.signals``."""
    if not 0 < s32(r2) <= 64:
        return -EINVAL
    run.world.signals.append(s32(r2))
    return 0


@kfunc("bpf_lookup_user_key")
def user_key(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct bpf_key *bpf_lookup_user_key(serial, flags)``: ``World.keys``."""
    return 0 if r2 & ~1 else _acquired(run, run.world.keys.get(s32(r1), 0), "a key")


@kfunc("bpf_lookup_system_key")
def system_key(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct bpf_key *bpf_lookup_system_key(id)``: one of the three keyrings."""
    if r1 > 2:
        return 0
    addr = run.world.new_object(bytearray(16), f"system keyring {r1}")
    return _acquired(run, addr, "a key")


@kfunc("bpf_throw")
def throw(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void bpf_throw(cookie)``: ends the program, all its functions at once."""
    raise Thrown(r1)


@kfunc("bpf_session_is_return")
def session_return(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``bool bpf_session_is_return()``: ``World.session_return``."""
    return int(run.world.session_return)


@kfunc("bpf_session_cookie")
def session_cookie(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``__u64 *bpf_session_cookie()``: a word that entry and return share."""
    world = run.world
    if not world.session_word:
        world.session_word = world.new_object(bytearray(8), "the session cookie", writable=True)
    return world.session_word


@kfunc("bpf_get_kmem_cache", "bpf_xdp_get_xfrm_state")
def none(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """Look-ups that find nothing."""
    return 0


@kfunc(
    "bpf_xdp_xfrm_state_release",
    "css_rstat_updated",
    "css_rstat_flush",
    "bpf_sock_ops_enable_tx_tstamp",
    "bpf_ct_set_timeout",
    "bpf_ct_change_timeout",
    "bpf_ct_set_status",
    "bpf_ct_change_status",
    "bpf_ct_set_nat_info",
)
def nothing(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """What changes nothing that a program could see."""
    return 0


# --- sockets -----------------------------------------------------------------------------------


@kfunc("bpf_sock_destroy")
def sock_destroy(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_sock_destroy(sock)``: a decision of the run."""
    run.redirects.append(("destroy", r1))
    return 0


@kfunc("bpf_sk_assign_tcp_reqsk")
def assign_request(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_sk_assign_tcp_reqsk(skb, sock, attributes, size)``: a decision of the run."""
    run.redirects.append(("request", r2, 0))
    return 0


@kfunc("bpf_sock_addr_set_sun_path")
def set_sun_path(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_sock_addr_set_sun_path(ctx, path, size)``: a decision of the run."""
    size = u32(r3)
    if not 0 < size <= 108:
        return -EINVAL
    run.redirects.append(("path", run.memory.read(r2, size), 0))
    return 0


# --- connection tracking -----------------------------------------------------------------------

_ERROR = 4  # offset in struct bpf_ct_opts
_PROTOCOL = 8


def _connection_error(run: Run, r3: int, r4: int, r5: int) -> int:
    if u32(r5) not in (12, 16):
        return -EINVAL
    options = run.memory.read(r4, u32(r5))
    if options[_PROTOCOL] not in (6, 17):
        return -EPROTO
    if u32(r3) not in (12, 36):
        return -EAFNOSUPPORT
    return 0


def _say(run: Run, r4: int, r5: int, error: int) -> int:
    if u32(r5) >= 8:
        run.memory.write(r4 + _ERROR, u32(error).to_bytes(4, run.world.byteorder))
    return 0


@kfunc("bpf_skb_ct_lookup", "bpf_xdp_ct_lookup")
def ct_lookup(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct nf_conn *bpf_skb_ct_lookup(ctx, tuple, size, options, size)``."""
    error = _connection_error(run, r3, r4, r5)
    if error:
        return _say(run, r4, r5, error)
    found = run.world.connections.get(run.memory.read(r2, u32(r3)), 0)
    return _acquired(run, found, "a connection") if found else _say(run, r4, r5, -ENOENT)


@kfunc("bpf_skb_ct_alloc", "bpf_xdp_ct_alloc")
def ct_alloc(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct nf_conn___init *bpf_skb_ct_alloc(ctx, tuple, size, options, size)``."""
    error = _connection_error(run, r3, r4, r5)
    if error:
        return _say(run, r4, r5, error)
    addr = run.world.new_object(bytearray(512), "a connection", writable=True)
    run.world.new_connections[addr] = run.memory.read(r2, u32(r3))
    return _acquired(run, addr, "a new connection")


@kfunc("bpf_ct_insert_entry")
def ct_insert(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct nf_conn *bpf_ct_insert_entry(connection)``."""
    key = run.world.new_connections.pop(r1, None)
    if key is None:
        raise BadArgument(f"{r1:#x} is no connection that bpf_skb_ct_alloc() made")
    run.world.connections[key] = r1
    return _acquired(run, r1, "a connection")


@kfunc("bpf_ct_release")
def ct_release(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``void bpf_ct_release(connection)``."""
    run.references.pop(r1, None)
    return 0


# --- what a network card says about a packet ---------------------------------------------------


@kfunc("bpf_xdp_metadata_rx_timestamp")
def rx_timestamp(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_xdp_metadata_rx_timestamp(ctx, timestamp)``: ``World.rx_timestamp``."""
    value = run.world.rx_timestamp
    if value is None:
        return -EOPNOTSUPP
    run.memory.write(r2, value.to_bytes(8, run.world.byteorder))
    return 0


@kfunc("bpf_xdp_metadata_rx_hash")
def rx_hash(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_xdp_metadata_rx_hash(ctx, hash, kind)``: ``World.rx_hash``, (hash, kind)."""
    if run.world.rx_hash is None:
        return -EOPNOTSUPP
    for place, value in zip((r2, r3), run.world.rx_hash):
        run.memory.write(place, value.to_bytes(4, run.world.byteorder))
    return 0


@kfunc("bpf_xdp_metadata_rx_vlan_tag")
def rx_vlan(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_xdp_metadata_rx_vlan_tag(ctx, protocol, tci)``: ``World.rx_vlan``."""
    if run.world.rx_vlan is None:
        return -EOPNOTSUPP
    protocol, tci = run.world.rx_vlan
    run.memory.write(r2, protocol.to_bytes(2, "big"))
    run.memory.write(r3, tci.to_bytes(2, run.world.byteorder))
    return 0


@kfunc("bpf_xdp_pull_data")
def xdp_pull(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_xdp_pull_data(ctx, length)``."""
    packet = packet_of(run)
    return -EINVAL if u32(r2) > len(packet) else packet.pull(u32(r2))
