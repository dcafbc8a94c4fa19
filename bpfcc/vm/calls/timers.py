"""bpf_timer, bpf_wq, bpf_task_work: callbacks that run when the world's clock is advanced.

Each is known by the address of its struct in a map value. Work that was started is due at once:
``World.advance(0)`` runs it. Source: kernel/bpf/helpers.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errnos import EBUSY, EINVAL
from ..maps.base import Map
from .maps import map_of
from .register import helper, kfunc, u32

if TYPE_CHECKING:
    from ..engine import Engine
    from ..run import Run
    from ..world import World


class Timer:
    """``expires``: clock value at which ``callback`` (an address) is due; -1 = not started."""

    def __init__(self, world: World, owner: Map, place: int) -> None:
        self.world = world
        self.owner = owner
        self.place = place
        self.callback = 0
        self.run: Run | None = None
        self.engine: Engine | None = None
        self.expires = -1

    def due(self, now: int) -> bool:
        """Tell whether it expires by ``now``."""
        return 0 <= self.expires <= now and bool(self.callback)

    def fire(self) -> None:
        """Run the callback: (map, key, value)."""
        self.expires = -1
        run = self.run
        if run is None or self.engine is None:
            return
        run.engine = self.engine
        run.begin(run.limit)
        self.world.running = run
        try:
            for key, value in self.owner.cells():
                if value <= self.place < value + max(self.owner.value_size, 1):
                    addr = run.add_scratch(bytearray(key), "a timer's key", writable=False)
                    run.call_address(self.callback, self.owner.handle, addr, value)
                    break
        finally:
            run.finish()
            self.world.end_run()


@helper("timer_init")
def timer_init(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_timer_init(timer, map, flags with the clock)``."""
    if u32(r3) & 0xF not in (0, 1, 7) or r3 >> 4:
        return -EINVAL
    if r1 in run.world.timers:
        return -EBUSY
    run.world.timers[r1] = Timer(run.world, map_of(run, r2), r1)
    return 0


@helper("timer_set_callback")
def timer_set_callback(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_timer_set_callback(timer, callback)``."""
    timer = run.world.timers.get(r1)
    if timer is None:
        return -EINVAL
    timer.callback = r2
    timer.run = run
    timer.engine = run.engine
    return 0


@helper("timer_start")
def timer_start(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_timer_start(timer, nanoseconds, flags)``: flag 1 = absolute time."""
    timer = run.world.timers.get(r1)
    if timer is None or not timer.callback or r3 & ~3:
        return -EINVAL
    timer.expires = r2 if r3 & 1 else run.world.now() + r2
    return 0


@helper("timer_cancel")
def timer_cancel(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``long bpf_timer_cancel(timer)``: 1 when it was waiting."""
    timer = run.world.timers.get(r1)
    if timer is None:
        return -EINVAL
    waiting = timer.expires >= 0
    timer.expires = -1
    return int(waiting)


@kfunc("bpf_wq_init")
def wq_init(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_wq_init(work, map, flags)``."""
    if u32(r3):
        return -EINVAL
    if r1 in run.world.timers:
        return -EBUSY
    run.world.timers[r1] = Timer(run.world, map_of(run, r2), r1)
    return 0


@kfunc("bpf_wq_set_callback_impl")
def wq_set_callback(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_wq_set_callback_impl(work, callback, flags, aux)``."""
    return -EINVAL if u32(r3) else timer_set_callback(run, r1, r2, 0, 0, 0)


@kfunc("bpf_wq_start")
def wq_start(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_wq_start(work, flags)``."""
    timer = run.world.timers.get(r1)
    if timer is None or not timer.callback or u32(r2):
        return -EINVAL
    timer.expires = run.world.now()
    return 0


@kfunc("bpf_task_work_schedule_signal_impl", "bpf_task_work_schedule_resume_impl")
def task_work(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
    """``int bpf_task_work_schedule_signal_impl(task, work, map, callback, aux)``."""
    timer = run.world.timers.setdefault(r2, Timer(run.world, map_of(run, r3), r2))
    if timer.expires >= 0:
        return -EBUSY
    timer.callback, timer.run, timer.engine = r4, run, run.engine
    timer.expires = run.world.now()
    return 0
