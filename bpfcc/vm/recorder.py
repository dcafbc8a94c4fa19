"""Helper calls of a run as data that can be compared between two programs.

Addresses differ from object to object, what they point to must not: a map argument becomes its
name, memory its bytes, a callback its name, so that the sequences of two compilers' code for the
same C are equal when the code is right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..uapi.helpers import by_id
from .faults import MemoryFault

if TYPE_CHECKING:
    from .run import Handler, Run


class Call:
    """One call: ``name``, comparable ``args``, ``result`` (pointers: "pointer" or 0)."""

    __slots__ = ("args", "name", "result")

    def __init__(self, name: str, args: tuple[Any, ...], result: Any) -> None:
        self.name = name
        self.args = args
        self.result = result

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Call)
            and self.name == other.name
            and self.args == other.args
            and self.result == other.result
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(map(str, self.args))}) = {self.result}"


def recording(key: int | str, handler: Handler) -> Handler:
    """Return ``handler`` with every call put into ``run.calls``."""
    helper = by_id.get(key) if isinstance(key, int) else None
    name = helper.name if helper is not None else str(key)
    kinds = helper.args if helper is not None else ()
    returns_pointer = helper is not None and helper.ret not in ("int", "void")

    def call(run: Run, r1: int, r2: int, r3: int, r4: int, r5: int) -> int:
        raw = (r1, r2, r3, r4, r5)
        args = tuple(_argument(run, kinds, raw, i) for i in range(len(kinds)))
        entry = Call(name, args, None)
        run.calls.append(entry)
        result = handler(run, r1, r2, r3, r4, r5)
        if returns_pointer:
            entry.result = "pointer" if result else 0
        else:
            entry.result = result
        return result

    return call


def _argument(run: Run, kinds: tuple[str, ...], raw: tuple[int, ...], i: int) -> Any:
    kind = kinds[i].rstrip("?!")
    value = raw[i]
    if kind == "map":
        found = run.world.map_of(value)
        return found.name if found is not None else value
    if kind == "ctx":
        return "ctx"
    if kind == "func":
        number = run.function_number(value)
        return value if number is None else run.engine.code.functions[number].name
    size = _read_size(run, kinds, raw, i)
    if size is not None:
        try:
            return run.memory.read(value, size)
        except MemoryFault:
            return "unreadable" if value else 0
    if kind in ("any", "size", "size0", "alloc"):
        return value
    return "pointer" if value else 0


def _read_size(run: Run, kinds: tuple[str, ...], raw: tuple[int, ...], i: int) -> int | None:
    """Return how many bytes the callee reads at argument ``i``, None when it reads none."""
    kind = kinds[i].rstrip("?!")
    if kind in ("key", "value"):
        found = next(
            (run.world.map_of(raw[k]) for k in range(i) if kinds[k].startswith("map")), None
        )
        if found is None:
            return None
        return found.key_size if kind == "key" else found.value_size
    if kind == "mem" and i + 1 < len(kinds):
        return min(raw[i + 1], 1 << 16)
    if kind.startswith("fix:"):
        return int(kind[4:])
    return None
