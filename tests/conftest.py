"""Skips what this machine cannot run, and says why."""

from __future__ import annotations

import os
import signal
import sys

import pytest


def pytest_configure() -> None:
    """Let tests interrupt: a job in the background ignores SIGINT, and hands that on."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _kernel_reason() -> str | None:
    if not sys.platform.startswith("linux"):
        return "needs Linux"
    if os.geteuid() != 0:
        return "needs root to load BPF programs"
    if not os.path.exists("/sys/kernel/btf/vmlinux"):
        return "needs a kernel with BTF"
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = _kernel_reason()
    if reason is None:
        return
    for item in items:
        if item.get_closest_marker("kernel"):
            item.add_marker(pytest.mark.skip(reason=reason))
