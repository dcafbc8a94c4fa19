"""What one call's arguments are found to be, while they are checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .state import Special
from .subject import MapInfo, SpecialField

if TYPE_CHECKING:
    from .iterators import Use


class Meta:
    """Facts that later arguments, or the result, depend on."""

    __slots__ = (
        "alloc_size",
        "callback",
        "const_key",
        "constant",
        "dynptr",
        "iterator",
        "map",
        "map_reg",
        "map_uid",
        "max_size",
        "owner",
        "percpu",
        "raw",
        "ref",
        "ref_reg",
        "release_reg",
        "root",
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
        self.constant = 0  # the kfunc argument that must be a known number
        self.iterator: Use | None = None
        self.root: SpecialField | None = None  # the list head or tree root argument
        self.owner = False  # whether the argument owns its object
