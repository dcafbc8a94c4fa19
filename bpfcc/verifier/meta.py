"""What one call's arguments are found to be, while they are checked."""

from __future__ import annotations

from .state import Special
from .subject import MapInfo


class Meta:
    """Facts that later arguments, or the result, depend on."""

    __slots__ = (
        "alloc_size",
        "callback",
        "const_key",
        "dynptr",
        "map",
        "map_reg",
        "map_uid",
        "max_size",
        "percpu",
        "raw",
        "ref",
        "ref_reg",
        "release_reg",
    )

    def __init__(self) -> None:
        self.map: MapInfo | None = None
        self.map_uid: object = None
        self.map_reg = 0
        self.const_key = -1  # the array index, when it is a known constant
        self.raw: dict[str, int] = {}  # memory that the helper only writes
        self.max_size = (1 << 64) - 1
        self.alloc_size = 0
        self.callback = -1
        self.release_reg = 0
        self.ref = 0
        self.ref_reg = 0
        self.dynptr: Special | None = None
        self.percpu: object = None
