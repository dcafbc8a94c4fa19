"""An object's BTF as the running kernel takes it, loaded into the kernel.

What differs from the file: externs are left out (the kernel knows no extern variables), the
``.kconfig`` variables have places in their map, and hidden functions count as static, so that the
verifier follows calls to them instead of proving them alone.
"""

from __future__ import annotations

import struct

from ..btf.layout import alignment, byte_size
from ..btf.types import Datasec, Func, TypeRef, Var
from ..btf.write import BtfWriter
from ..objfile.model import Function, Object
from ..objfile.write_ext import tidy_lines
from . import syscall
from .syscall import Descriptor, KernelError, address, bpf, buffer_of

_LOG_SIZE = 1 << 20


class ObjectTypes:
    """The BTF of one object: ids of its types, and the descriptor once it is loaded.

    ``fd`` is -1 when the kernel refused the BTF; ``error`` then says why, and programs can still
    be loaded without types.
    """

    def __init__(self, obj: Object) -> None:
        self._object = obj
        self.kconfig = _kconfig_layout(obj)
        self._descriptor = Descriptor(-1)
        self.error = ""
        self.log = ""
        self._build(plain=False)

    def _build(self, *, plain: bool) -> None:
        """Encode the types, as kernels before 6.0 may want them if ``plain``."""
        obj = self._object
        self._writer = writer = BtfWriter(big_endian=obj.big_endian, plain=plain)
        self._functions: dict[int, int] = {}
        self._lines: dict[int, list[tuple[int, int, int, int]]] = {}
        self.datasecs: dict[str, int] = {}
        for function in obj.functions:
            self._add_function(function, obj.source_name)
            for core in function.core:
                writer.add(core.type)
        for section in _datasecs(obj, self.kconfig):
            self.datasecs[section.name] = writer.add(section)
        for tag in obj.decl_tags:
            if not plain and not _is_extern(tag.type):
                writer.add(tag)
        self._image = writer.finish()

    def _add_function(self, function: Function, source_name: str) -> None:
        type = function.btf
        if type is not None:
            if function.linkage.hidden and type.linkage == Func.GLOBAL:
                type = Func(type.name, type.proto, Func.STATIC)
            self._functions[id(function)] = self._writer.add(type)
        string = self._writer.string
        self._lines[id(function)] = [
            (
                line.slot,
                string(line.file),
                string(line.text),
                min(line.line, (1 << 22) - 1) << 10 | min(line.column, 1023),
            )
            for line in tidy_lines(function, source_name)
        ]

    @property
    def data(self) -> bytes:
        """The BTF as bytes."""
        return self._image.data

    @property
    def fd(self) -> int:
        """The descriptor of the loaded BTF, -1 when there is none."""
        return self._descriptor.fd

    def id_of(self, type: TypeRef) -> int:
        """Return the id of a type of the object; 0 for void and for types that are not in it."""
        try:
            return self._image.id_of(type)
        except KeyError:
            return 0

    def function_id(self, function: Function) -> int:
        """Return the id of the function's type, 0 when it has none."""
        return self._functions.get(id(function), 0)

    def lines(self, function: Function) -> list[tuple[int, int, int, int]]:
        """Return (slot, file name, text, line << 10 | column) with offsets of strings."""
        return self._lines[id(function)]

    def load(self) -> None:
        """Load the BTF into the kernel; a refusal is kept in ``error`` and ``log``.

        An old kernel that does not know some kind of type gets simpler ones.
        """
        refusal = self._attempt()
        if refusal:
            self._build(plain=True)
            if self._attempt():
                self.error = refusal

    def _attempt(self) -> str:
        """Try to load; return why not, "" when it is done."""
        data = buffer_of(self.data)
        log = buffer_of(bytes(_LOG_SIZE))
        last = ""
        for level in (0, 1):  # the log costs time: only a refused BTF is loaded again with one
            log_at, log_size = (address(log), _LOG_SIZE) if level else (0, 0)
            attr = struct.pack("=QQIII", address(data), log_at, len(self.data), log_size, level)
            try:
                self._descriptor = Descriptor(bpf(syscall.BTF_LOAD, attr)[0])
                return ""
            except KernelError as error:
                last = str(error)
        self.log = log.raw.split(b"\0", 1)[0].decode("utf-8", "replace")
        lines = [line for line in self.log.splitlines() if line]
        # An indented line is the dump of a member: then nothing says what was wrong.
        said = lines[-1] if lines and not lines[-1][0].isspace() else last
        return f"the kernel refuses the BTF: {said}"

    def close(self) -> None:
        """Let go of the BTF; what was loaded with it keeps it alive."""
        self._descriptor.close()


def _is_extern(type: TypeRef) -> bool:
    return isinstance(type, (Var, Func)) and type.linkage == Var.EXTERN


def _kconfig_layout(obj: Object) -> dict[str, tuple[Var, int, int]]:
    """Return (variable, offset, size) of each ``.kconfig`` extern by name."""
    layout: dict[str, tuple[Var, int, int]] = {}
    at = 0
    for extern in obj.externs:
        if extern.section == ".kconfig" and isinstance(extern.btf, Var):
            size = byte_size(extern.btf.type)
            align = alignment(extern.btf.type)
            at = (at + align - 1) // align * align
            layout[extern.name] = (extern.btf, at, size)
            at += size
    return layout


def _datasecs(obj: Object, kconfig: dict[str, tuple[Var, int, int]]) -> list[Datasec]:
    sections: list[Datasec] = []
    for data in obj.data.values():
        vars: list[tuple[Var | Func, int, int]] = []
        end = 0
        for symbol in sorted(data.symbols, key=lambda item: item.offset):
            # The kernel refuses overlapping or empty variables, and types larger than their place.
            fits = symbol.btf is not None and byte_size(symbol.btf.type) <= symbol.size
            if symbol.btf is not None and fits and symbol.size and symbol.offset >= end:
                vars.append((symbol.btf, symbol.offset, symbol.size))
                end = symbol.offset + symbol.size
        if vars:
            sections.append(Datasec(data.name, len(data.data), vars))
    if kconfig:
        sections.append(
            Datasec(
                ".kconfig",
                max(offset + size for _, offset, size in kconfig.values()),
                [
                    (Var(var.name, var.type, Var.GLOBAL), offset, size)
                    for var, offset, size in kconfig.values()
                ],
            )
        )
    return sections
