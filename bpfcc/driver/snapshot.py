"""What a filter has counted so far: the same for the kernel and for the user-space machine.

A ``Snapshot`` is one look at all maps and the records that came since the last one. ``as_json`` is
the line that ``--json`` prints; ``text`` the table for people: rows sorted by value with a bar each,
histograms in the order of their slots.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Symbolize = Callable[[int], "str | None"]

_BAR = " ▏▎▍▌▋▊▉█"


class Row:
    """One element of a map. ``symbol`` names an address used as key, "" otherwise."""

    __slots__ = ("key", "symbol", "value")

    def __init__(self, key: Any, value: Any, symbol: str = "") -> None:
        self.key = key
        self.value = value
        self.symbol = symbol


class Snapshot:
    """``time`` in seconds since the epoch; ``maps`` by name; ``records`` (dicts) in order."""

    def __init__(self, time: float, event: str) -> None:
        self.time = time
        self.event = event
        self.maps: dict[str, list[Row]] = {}
        self.records: list[Any] = []
        self.lost = 0

    def as_json(self) -> str:
        """Return one line of JSON."""
        return json.dumps(
            {
                "time": round(self.time, 6),
                "event": self.event,
                "maps": {
                    name: [
                        {"key": _plain(r.key), "key_symbol": r.symbol, "value": _plain(r.value)}
                        for r in rows
                    ]
                    for name, rows in self.maps.items()
                },
                "records": [_plain(record) for record in self.records],
                "lost": self.lost,
            },
            ensure_ascii=False,
        )


def _plain(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value


def total(value: Any) -> int | None:
    """Return the number that a row is sorted by: the value, or the sum over CPUs; None if none."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value
    if isinstance(value, list) and value:
        parts = [total(part) for part in value]
        if all(part is not None for part in parts):
            return sum(part for part in parts if part is not None)
        return None
    if isinstance(value, dict):
        numbers = [part for part in (total(v) for v in value.values()) if part is not None]
        return max(numbers) if numbers else None
    return None


def value_text(value: Any) -> str:
    """Return a key or value for people: per-CPU integers as their sum, structs as name=value."""
    if isinstance(value, list):
        if value and all(isinstance(v, int) for v in value):
            return str(sum(value))
        return "[" + ", ".join(value_text(v) for v in value) + "]"
    if isinstance(value, dict):
        return " ".join(f"{k}={value_text(v)}" for k, v in value.items())
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex(" ")
    return str(value)


def _key_text(row: Row) -> str:
    if row.symbol:
        return row.symbol
    if isinstance(row.key, int) and row.key >= 1 << 32:
        return f"{row.key:#x}"
    return value_text(row.key)


def bar(share: float, width: int, *, unicode: bool = True) -> str:
    """Return a bar of ``share`` (0..1) of ``width`` cells."""
    if not unicode:
        return "#" * round(share * width)
    eighths = round(share * width * 8)
    text = "█" * (eighths // 8)
    return text + (_BAR[eighths % 8] if eighths % 8 else "")


def is_histogram(rows: list[Row]) -> bool:
    """Tell whether rows are slots of an array of counts, to be shown in order."""
    keys = [row.key for row in rows]
    return (
        len(keys) > 2
        and keys == list(range(len(keys)))
        and all(total(row.value) is not None and not isinstance(row.value, dict) for row in rows)
    )


def map_text(
    name: str, rows: list[Row], *, width: int = 80, limit: int = 20, unicode: bool = True
) -> str:
    """Return a map as a table; at most ``limit`` rows, the largest first."""
    if is_histogram(rows):
        return _histogram_text(name, rows, width=width, unicode=unicode)
    ordered = sorted(rows, key=lambda r: (-(total(r.value) or 0), _key_text(r)))
    lines = [f"{name}: {len(rows)} {'entry' if len(rows) == 1 else 'entries'}"]
    shown = ordered[:limit]
    keys = [_key_text(row) for row in shown]
    values = [value_text(row.value) for row in shown]
    value_width = max(map(len, values), default=0)
    key_width = min(max(map(len, keys), default=0), max(20, width - min(value_width, 40) - 4))
    keys = [key if len(key) <= key_width else key[: key_width - 3] + "..." for key in keys]
    room = max(0, min(30, width - key_width - value_width - 6))
    top = max((total(row.value) or 0 for row in shown), default=0)
    for row, key, value in zip(shown, keys, values):
        amount = total(row.value)
        graph = ""
        if amount is not None and top > 0 and room >= 5 and not isinstance(row.value, dict):
            graph = "  " + bar(max(0, amount) / top, room, unicode=unicode)
        lines.append(f"  {key:{key_width}}  {value:>{value_width}}{graph}".rstrip())
    if len(rows) > limit:
        lines.append(f"  ... and {len(rows) - limit} more")
    return "\n".join(lines) + "\n"


def _histogram_text(name: str, rows: list[Row], *, width: int, unicode: bool) -> str:
    counts = [total(row.value) or 0 for row in rows]
    used = [i for i, count in enumerate(counts) if count]
    if not used:
        return f"{name}: empty\n"
    low, high = used[0], used[-1]
    top = max(counts)
    slots = range(low, high + 1)
    spans = [f"[{1 << i if i else 0}, {1 << (i + 1)})" if len(rows) <= 64 else "" for i in slots]
    span_width, count_width = max(map(len, spans)), len(str(top))
    room = max(0, min(40, width - span_width - count_width - 11))
    lines = [f"{name}: {sum(counts)} in all"]
    for i, span in zip(slots, spans):
        graph = bar(counts[i] / top, room, unicode=unicode)
        lines.append(f"  {i:3}  {span:>{span_width}}  {counts[i]:>{count_width}}  {graph}".rstrip())
    return "\n".join(lines) + "\n"


def text(snapshot: Snapshot, *, width: int = 80, limit: int = 20, unicode: bool = True) -> str:
    """Return all maps as tables, empty ones left out, then the records."""
    parts = [
        map_text(name, rows, width=width, limit=limit, unicode=unicode)
        for name, rows in snapshot.maps.items()
        if rows
    ]
    parts += [value_text(record) + "\n" for record in snapshot.records]
    if snapshot.lost:
        parts.append(
            f"{snapshot.lost} records were lost: read more often, or use a larger buffer\n"
        )
    return "".join(parts)
