"""Licenses under which GPL-only helpers may be called.

Source: kernel include/linux/license.h, license_is_gpl_compatible().
"""

from __future__ import annotations

GPL_COMPATIBLE = (
    "GPL",
    "GPL v2",
    "GPL and additional rights",
    "Dual BSD/GPL",
    "Dual MIT/GPL",
    "Dual MPL/GPL",
)


def is_gpl_compatible(text: str) -> bool:
    """Tell whether the kernel counts ``text`` (the "license" section's string) as GPL."""
    return text in GPL_COMPATIBLE
