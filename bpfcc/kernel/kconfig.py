"""Values of ``__kconfig`` externs: the kernel's configuration and what loaders add to it.

Source: libbpf's rules (tools/lib/bpf/libbpf.c, "Externs"): LINUX_KERNEL_VERSION, LINUX_HAS_* and
CONFIG_* with bool, char, integers, ``enum libbpf_tristate`` and char arrays.
"""

from __future__ import annotations

import gzip
import os
import platform

from ..btf.layout import byte_size, strip
from ..btf.types import Array, Enum, Int, TypeRef, Var
from ..btf.values import is_char
from ..support.errors import InputError
from .ksyms import KernelSymbols


def kernel_version() -> int:
    """Return the running kernel's version as KERNEL_VERSION(a, b, c) has it."""
    numbers: list[int] = []
    for part in platform.release().split("-")[0].split("+")[0].split(".")[:3]:
        digits = ""
        for c in part:
            if not c.isdigit():
                break
            digits += c
        numbers.append(int(digits or 0))
    major, minor, patch = (numbers + [0, 0, 0])[:3]
    return major << 16 | minor << 8 | min(patch, 255)


def read_config() -> dict[str, str]:
    """Return the options of the running kernel as CONFIG_X -> text after the "=".

    Empty where the kernel does not publish them and no file in /boot has them.
    """
    text = ""
    for path in ("/proc/config.gz", f"/boot/config-{platform.release()}"):
        try:
            with open(path, "rb") as file:
                data = file.read()
        except OSError:
            continue
        text = (gzip.decompress(data) if path.endswith(".gz") else data).decode("utf-8", "replace")
        break
    options: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("CONFIG_"):
            name, _, value = line.partition("=")
            options[name] = value
    return options


class Kconfig:
    """Looks externs up; ``overrides`` are texts as in the configuration file, and go first."""

    def __init__(self, overrides: dict[str, str] | None = None) -> None:
        self._overrides = overrides or {}
        self._options: dict[str, str] | None = None

    def value(self, name: str, var: Var, *, weak: bool, big_endian: bool) -> bytes:
        """Return the bytes of extern ``name``.

        Raises: InputError when a strong extern has no value, or one that its type cannot hold.
        """
        size = byte_size(var.type)
        order = "big" if big_endian else "little"
        text = self._overrides.get(name)
        if text is None and name.startswith("LINUX_"):
            number = self._virtual(name)
            if number is None:
                if weak:
                    return bytes(size)
                raise InputError(f"__kconfig variable {name!r} is not known to this loader")
            text = str(number)
        if text is None:
            if not name.startswith("CONFIG_"):
                raise InputError(f"__kconfig variable {name!r}: names start with CONFIG_ or LINUX_")
            if self._options is None:
                self._options = read_config()
            text = self._options.get(name)
        if text is None:
            if weak:
                return bytes(size)
            raise InputError(
                f"__kconfig variable {name!r} is not set in this kernel's configuration;"
                " declare it __weak if the program can do without"
            )
        return _convert(name, var.type, text, size, order)

    def _virtual(self, name: str) -> int | None:
        if name == "LINUX_KERNEL_VERSION":
            return kernel_version()
        if name == "LINUX_HAS_BPF_COOKIE":
            return int(kernel_version() >= 5 << 16 | 15 << 8)
        if name == "LINUX_HAS_SYSCALL_WRAPPER":
            machine = {"x86_64": "x64", "aarch64": "arm64", "s390x": "s390x", "riscv64": "riscv"}
            prefix = machine.get(os.uname().machine)
            return int(prefix is not None and KernelSymbols().has(f"__{prefix}_sys_bpf"))
        return None


def _convert(name: str, type: TypeRef, text: str, size: int, order: str) -> bytes:
    base = strip(type)
    if isinstance(base, Array) and is_char(base.type):
        if len(text) < 2 or text[0] != '"' or text[-1] != '"':
            raise InputError(f"__kconfig variable {name!r} is text, the kernel has {text}")
        content = text[1:-1].encode()[: size - 1]
        return content + bytes(size - len(content))
    if text in ("y", "n", "m"):
        number = _tristate(name, base, text)
    else:
        if not isinstance(base, Int):
            raise InputError(f"__kconfig variable {name!r} is no integer, the kernel has {text}")
        try:
            number = int(text, 0)
        except ValueError:
            raise InputError(
                f"__kconfig variable {name!r} is an integer, the kernel has {text}"
            ) from None
    signed = isinstance(base, Int) and bool(base.encoding & Int.SIGNED)
    low, high = (-(1 << 8 * size - 1), 1 << 8 * size - 1) if signed else (0, 1 << 8 * size)
    if not low <= number < high:
        raise InputError(f"__kconfig variable {name!r}: {number} does not fit {size} bytes")
    return (number & (1 << 8 * size) - 1).to_bytes(size, "big" if order == "big" else "little")


def _tristate(name: str, base: TypeRef, text: str) -> int:
    if isinstance(base, Enum):  # enum libbpf_tristate: TRI_NO, TRI_YES, TRI_MODULE
        return {"n": 0, "y": 1, "m": 2}[text]
    if isinstance(base, Int) and base.encoding & Int.BOOL:
        if text == "m":
            raise InputError(f"__kconfig variable {name!r} is bool, the kernel has 'm'")
        return int(text == "y")
    if isinstance(base, Int) and base.size == 1:
        return ord(text)
    raise InputError(
        f"__kconfig variable {name!r}: the kernel has {text!r}, which wants bool, char or"
        " enum libbpf_tristate"
    )
