"""What a code generation depends on."""

from __future__ import annotations

from collections.abc import Callable

from ..support.diagnostics import Sink
from .mir import MFunction


class CodegenOptions:
    """Options of ``generate``.

    ``mcpu``: instruction level 1..4. ``opt_level`` 0 leaves out what only makes code shorter.
    ``verify``: re-prove every register allocation. ``callback(stage, function)`` is called after
    each stage of each function, for dumps and timing. ``sink`` takes the diagnostics.
    """

    __slots__ = ("big_endian", "callback", "mcpu", "opt_level", "sink", "verify")

    def __init__(
        self,
        mcpu: int = 3,
        *,
        big_endian: bool = False,
        opt_level: int = 2,
        verify: bool = False,
        callback: Callable[[str, MFunction], None] | None = None,
        sink: Sink | None = None,
    ) -> None:
        self.mcpu = mcpu
        self.big_endian = big_endian
        self.opt_level = opt_level
        self.verify = verify
        self.callback = callback
        self.sink = sink if sink is not None else Sink()
