"""Who and where: the current task, CPU, time, random numbers, cgroups, the traced function.

Source: kernel/bpf/helpers.c, kernel/trace/bpf_trace.c, bpf_get_* in include/uapi/linux/bpf.h.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errnos import EFAULT, EINVAL, ENOENT, EOPNOTSUPP
from ..maps.array import SlotMap
from .maps import map_of
from .register import helper, u32

if TYPE_CHECKING:
    from ..run import Run


@helper("ktime_get_ns", "ktime_get_coarse_ns")
def ktime(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u64 bpf_ktime_get_ns()``."""
    return run.world.read_clock()


@helper("ktime_get_boot_ns")
def ktime_boot(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u64 bpf_ktime_get_boot_ns()``."""
    return run.world.read_clock() + run.world.boot_offset


@helper("ktime_get_tai_ns")
def ktime_tai(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u64 bpf_ktime_get_tai_ns()``."""
    return run.world.read_clock() + run.world.wall


@helper("jiffies64")
def jiffies(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u64 bpf_jiffies64()``."""
    return run.world.read_clock() * run.world.jiffies_hz // 1_000_000_000


@helper("get_prandom_u32")
def prandom(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u32 bpf_get_prandom_u32()``."""
    return run.world.random.getrandbits(32)


@helper("get_smp_processor_id")
def cpu(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u32 bpf_get_smp_processor_id()``."""
    return run.world.cpu


@helper("get_numa_node_id")
def numa_node(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_get_numa_node_id()``."""
    return run.world.numa_node


@helper("get_current_pid_tgid")
def pid_tgid(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u64 bpf_get_current_pid_tgid()``."""
    task = run.world.task
    return task.tgid << 32 | u32(task.pid)


@helper("get_ns_current_pid_tgid")
def ns_pid_tgid(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_get_ns_current_pid_tgid(dev, ino, out, size)``: the one namespace there is."""
    if u32(r4) != 8:
        return -EINVAL
    task = run.world.task
    order = run.world.byteorder
    run.memory.write(r3, u32(task.pid).to_bytes(4, order) + u32(task.tgid).to_bytes(4, order))
    return 0


@helper("get_current_uid_gid")
def uid_gid(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u64 bpf_get_current_uid_gid()``."""
    task = run.world.task
    return task.gid << 32 | u32(task.uid)


@helper("get_current_comm")
def comm(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_get_current_comm(buffer, size)``: always terminated and filled with zeros."""
    size = u32(r2)
    name = run.world.task.comm[:15][: size - 1] if size else b""
    run.memory.fill(r1, size, name)
    return 0


@helper("get_current_task", "get_current_task_btf")
def current_task(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``struct task_struct *bpf_get_current_task()``: see ``World.task.address``."""
    return run.world.task.address


@helper("get_current_cgroup_id")
def cgroup_id(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u64 bpf_get_current_cgroup_id()``."""
    return run.world.cgroup_id


@helper("skb_cgroup_id", "sk_cgroup_id")
def packet_cgroup_id(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u64 bpf_skb_cgroup_id(skb)``."""
    return run.world.cgroup_id


@helper("get_current_ancestor_cgroup_id")
def ancestor_cgroup_id(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u64 bpf_get_current_ancestor_cgroup_id(level)``: level 0 is the root."""
    chain = run.world.cgroup_ancestors
    level = u32(r1)
    return chain[level] if level < len(chain) else 0


@helper("skb_ancestor_cgroup_id", "sk_ancestor_cgroup_id")
def packet_ancestor(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u64 bpf_skb_ancestor_cgroup_id(skb, level)``."""
    return ancestor_cgroup_id(run, r2, 0, 0, 0, 0)


def _under(run: Run, handle: int, index: int) -> int:
    found = map_of(run, handle)
    if not isinstance(found, SlotMap) or index >= found.max_entries:
        return -7
    key = index.to_bytes(4, run.world.byteorder)
    group = found.value_of(key)
    if group is None:
        return -11
    return int(group in (run.world.cgroup_id, *run.world.cgroup_ancestors))


@helper("current_task_under_cgroup")
def task_under_cgroup(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_current_task_under_cgroup(map, index)``: the map's values are cgroup ids."""
    return _under(run, r1, u32(r2))


@helper("skb_under_cgroup")
def skb_under_cgroup(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_skb_under_cgroup(skb, map, index)``."""
    return _under(run, r2, u32(r3))


@helper("get_cgroup_classid", "skb_cgroup_classid", "get_route_realm")
def classid(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u32 bpf_get_cgroup_classid(skb)``: none."""
    return 0


@helper("send_signal", "send_signal_thread")
def send_signal(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_send_signal(signal)``: recorded in ``World.signals``."""
    signal = u32(r1)
    if not 0 < signal <= 64:
        return -EINVAL
    run.world.signals.append(signal)
    return 0


@helper("get_attach_cookie")
def attach_cookie(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u64 bpf_get_attach_cookie(ctx)``."""
    return run.cookie


@helper("get_func_ip")
def func_ip(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``u64 bpf_get_func_ip(ctx)``."""
    return run.func_ip


@helper("get_func_arg")
def func_arg(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_get_func_arg(ctx, n, value)``."""
    if u32(r2) >= run.arg_count:
        return -EINVAL
    run.memory.write(r3, run.memory.read(r1 + u32(r2) * 8, 8))
    return 0


@helper("get_func_ret")
def func_ret(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_get_func_ret(ctx, value)``: behind the arguments, for exit programs only."""
    if not run.has_ret:
        return -EOPNOTSUPP
    run.memory.write(r2, run.memory.read(r1 + run.arg_count * 8, 8))
    return 0


@helper("get_func_arg_cnt")
def func_arg_count(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_get_func_arg_cnt(ctx)``."""
    return run.arg_count


@helper("get_retval")
def get_retval(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_get_retval()``."""
    return run.world.retval


@helper("set_retval")
def set_retval(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_set_retval(value)``."""
    run.world.retval = u32(r1) - ((u32(r1) & 0x80000000) << 1)
    return 0


@helper("override_return")
def override_return(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_override_return(regs, value)``: the value lands in the result's ``override``."""
    run.override = r2
    return 0


@helper("task_pt_regs")
def task_pt_regs(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_task_pt_regs(task)``: where described as ksym "pt_regs"."""
    return run.world.ksyms.get("pt_regs", 0)


@helper("get_stackid")
def stackid(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_get_stackid(ctx, map, flags)``: of ``World.stack`` or ``World.user_stack``."""
    flags = r3
    if flags & ~(0xFF | 0x100 | 0x200 | 0x400):
        return -EINVAL
    found = map_of(run, r2)
    trace = (run.world.user_stack if flags & 0x100 else run.world.stack)[flags & 0xFF :]
    store = getattr(found, "store", None)
    if store is None:
        return -EINVAL
    if not trace:
        return -EFAULT
    return int(store(trace, fast=bool(flags & 0x200), reuse=bool(flags & 0x400)))


def _stack_bytes(run: Run, flags: int, size: int) -> bytes | int:
    if flags & ~(0xFF | 0x100 | 0x800):
        return -EINVAL
    if flags & 0x800 and not flags & 0x100:
        return -EINVAL
    if size % 8:
        return -EINVAL
    trace = (run.world.user_stack if flags & 0x100 else run.world.stack)[flags & 0xFF :]
    order = run.world.byteorder
    return b"".join(addr.to_bytes(8, order) for addr in trace[: size // 8])


@helper("get_stack")
def get_stack(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_get_stack(ctx, buffer, size, flags)``."""
    data = _stack_bytes(run, r4, u32(r3))
    if isinstance(data, int):
        run.memory.fill(r2, u32(r3))
        return data
    run.memory.fill(r2, u32(r3), data)
    return len(data)


@helper("get_task_stack")
def get_task_stack(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_get_task_stack(task, buffer, size, flags)``."""
    return get_stack(run, r1, r2, r3, r4, 0)


@helper("read_branch_records", "get_branch_snapshot")
def branch_records(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_read_branch_records(...)``: no hardware records."""
    return -ENOENT


@helper("perf_prog_read_value")
def prog_read_value(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_perf_prog_read_value(ctx, buffer, size)``: counter, enabled, running."""
    if u32(r3) != 24:
        run.memory.fill(r2, u32(r3))
        return -EINVAL
    values = run.perf_values
    order = run.world.byteorder
    run.memory.write(r2, b"".join(value.to_bytes(8, order) for value in values))
    return 0
