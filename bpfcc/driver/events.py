"""Recorded events: what ``bpfcc record`` writes and ``run --events`` and the tests replay.

JSON Lines. Each line is one event:

    {"time": 1712.5, "event": "skb:kfree_skb", "args": [1, 2, 3], "symbols": {"0x...": "udp_rcv+0x1"}}

``args`` are the event's own arguments as unsigned 64-bit numbers, ``symbols`` the kernel names of
those that are code addresses. Instead of ``args`` a line may have ``"packet": "<hex>"`` for packet
programs, or ``"data": "<hex>"`` for the raw context bytes of others. ``pid``, ``comm`` and ``cpu``,
where given, are what the helpers return.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..support.errors import InputError


class Event:
    """One recorded event; the fields are those of a line."""

    __slots__ = ("args", "comm", "cpu", "data", "name", "packet", "pid", "symbols", "time")

    def __init__(self, name: str = "", time: float = 0.0) -> None:
        self.name = name
        self.time = time
        self.args: list[int] = []
        self.packet: bytes | None = None
        self.data: bytes | None = None
        self.symbols: dict[int, str] = {}
        self.pid: int | None = None
        self.comm: str | None = None
        self.cpu: int | None = None

    def as_json(self) -> str:
        """Return the event as one line."""
        out: dict[str, Any] = {"time": self.time, "event": self.name}
        if self.args:
            out["args"] = self.args
        if self.packet is not None:
            out["packet"] = self.packet.hex()
        if self.data is not None:
            out["data"] = self.data.hex()
        if self.symbols:
            out["symbols"] = {f"{at:#x}": name for at, name in self.symbols.items()}
        for key in ("pid", "comm", "cpu"):
            if getattr(self, key) is not None:
                out[key] = getattr(self, key)
        return json.dumps(out, ensure_ascii=False)


def parse_event(text: str) -> Event:
    """Read one line.

    Raises: ValueError, KeyError or TypeError when it is no event.
    """
    row = json.loads(text)
    if not isinstance(row, dict):
        raise ValueError("not a JSON object")
    event = Event(str(row.get("event", "")), float(row.get("time", 0)))
    event.args = [int(arg) & (1 << 64) - 1 for arg in row.get("args", [])]
    if "packet" in row:
        event.packet = bytes.fromhex(row["packet"])
    if "data" in row:
        event.data = bytes.fromhex(row["data"])
    event.symbols = {int(at, 16): str(name) for at, name in row.get("symbols", {}).items()}
    event.pid = int(row["pid"]) if "pid" in row else None
    event.comm = str(row["comm"]) if "comm" in row else None
    event.cpu = int(row["cpu"]) if "cpu" in row else None
    return event


def read_events(path: str) -> Iterator[Event]:
    """Yield the events of a file.

    Raises: InputError that names the line.
    """
    try:
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                try:
                    yield parse_event(line)
                except (ValueError, KeyError, TypeError, AttributeError) as error:
                    raise InputError(f"{path}:{number}: not an event: {error}") from error
    except OSError as error:
        raise InputError(f"cannot read '{path}': {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not text: {error}") from error
