"""Ids and formats of tracepoints, from tracefs.

Where tracefs is mounted nowhere, a mount of our own is used that no path leads to and that goes
away with its descriptor (fsopen, fsmount: Linux 5.2), so the system's mounts stay as they are.
"""

from __future__ import annotations

import functools
import os
import re
from dataclasses import dataclass

from . import syscall
from .syscall import Descriptor, KernelError

_MOUNTS = ("/sys/kernel/tracing", "/sys/kernel/debug/tracing")
_FSOPEN, _FSCONFIG, _FSMOUNT = 430, 431, 432  # the same on all architectures
_FSCONFIG_CMD_CREATE = 6


@functools.cache
def _root() -> int:
    """Return a descriptor of the folder at the top of tracefs, kept for the process's life."""
    for path in _MOUNTS:
        if os.path.isdir(os.path.join(path, "events")):
            return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        context = syscall.call(_FSOPEN, b"tracefs", 1)
        try:
            syscall.call(_FSCONFIG, context, _FSCONFIG_CMD_CREATE, None, None, 0)
            return syscall.call(_FSMOUNT, context, 1, 0)
        finally:
            os.close(context)
    except OSError as error:
        raise KernelError(
            f"tracefs is not mounted and cannot be opened ({error.strerror});"
            " mount -t tracefs tracefs /sys/kernel/tracing",
            error.errno or 0,
        ) from None


def _read(path: str) -> str:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=_root())
    with open(fd, encoding="utf-8", errors="replace") as file:
        return file.read()


def tracepoint_id(group: str, name: str) -> int:
    """Return the number of event ``group:name``.

    Raises: KernelError when there is no such event; the message names similar ones.
    """
    try:
        return int(_read(f"events/{group}/{name}/id"))
    except (OSError, ValueError):
        raise KernelError(f"this kernel has no event {group}:{name}{near(group, name)}") from None


def near(group: str, name: str) -> str:
    """Return "; did you mean GROUP:NAME?" for an event that does not exist, or "".

    ``group`` may be "": a raw tracepoint is known by its name alone.
    """
    from difflib import get_close_matches

    events = tracepoints()
    found = [f"{g}:{n}" for g, n in events if n == name]
    found = found or get_close_matches(f"{group}:{name}", [f"{g}:{n}" for g, n in events], 1, 0.6)
    if not found:
        names = get_close_matches(name, [n for _, n in events], 1, 0.6)
        found = [f"{g}:{n}" for g, n in events if n in names]
    return f"; did you mean {found[0]}?" if found else ""


def check_group(group: str, name: str) -> None:
    """Raise KernelError if events called ``name`` are in other groups than ``group`` alone.

    For raw tracepoints, which the kernel finds by name. Those without an event, and systems
    without tracefs, are left to it.
    """
    if not group:
        return
    groups = [g for g, n in tracepoints() if n == name]
    if groups and group not in groups:
        raise KernelError(f"this kernel has no event {group}:{name}{near(group, name)}")


def tracepoints() -> list[tuple[str, str]]:
    """Return (group, name) of all events, sorted; none where tracefs cannot be read."""
    found: list[tuple[str, str]] = []
    try:
        events = os.open("events", os.O_RDONLY | os.O_CLOEXEC, dir_fd=_root())
    except (OSError, KernelError):
        return []
    try:
        for group in sorted(os.listdir(events)):
            try:
                folder = os.open(group, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=events)
            except OSError:
                continue  # a control file, no group
            with Descriptor(folder):
                names = sorted(os.listdir(folder))
            found += [(group, name) for name in names if name not in ("enable", "filter")]
    finally:
        os.close(events)
    return found


@dataclass(frozen=True)
class Field:
    """One field of an event's record; ``offset`` and ``size`` in bytes."""

    name: str
    type: str
    offset: int
    size: int
    signed: bool


def tracepoint_fields(group: str, name: str) -> list[Field]:
    """Return the fields of event ``group:name``, those that all events share first."""
    try:
        text = _read(f"events/{group}/{name}/format")
    except OSError:
        raise KernelError(f"this kernel has no event {group}:{name}{near(group, name)}") from None
    fields: list[Field] = []
    for line in text.splitlines():
        parts = dict(part.strip().split(":", 1) for part in line.strip().split(";") if ":" in part)
        if "field" not in parts:
            continue
        # "char comm[16]", but "__data_loc char[] filename"
        declaration = re.sub(r"\[\w*\]", "", parts["field"]).split()
        fields.append(
            Field(
                declaration[-1],
                " ".join(declaration[:-1]),
                int(parts["offset"]),
                int(parts["size"]),
                parts.get("signed") == "1",
            )
        )
    return fields
