"""The records of a ``.BTF.ext`` section, by code section, with byte offsets as the file has them.

Source: kernel Documentation/bpf/btf.rst, ".BTF.ext section".
"""

from __future__ import annotations

import struct
from typing import NoReturn

from ..btf.read import Btf
from ..support.errors import InputError

# (bytes from the section's start, further words of the record)
Record = tuple[int, tuple[int, ...]]
_MIN_SIZE = {"func_info": 8, "line_info": 16, "core_relo": 16}


class ExtInfo:
    """Function info (type id), line info (file, text, line and column), CO-RE (type, access, kind).

    Each maps a section name to records in the order of the file.
    """

    __slots__ = ("core_relo", "func_info", "line_info")

    def __init__(self) -> None:
        self.func_info: dict[str, list[Record]] = {}
        self.line_info: dict[str, list[Record]] = {}
        self.core_relo: dict[str, list[Record]] = {}


def read_ext(data: bytes, btf: Btf, name: str) -> ExtInfo:
    """Return the contents of ``.BTF.ext`` section ``data``, whose strings are in ``btf``.

    Raises: InputError when it is malformed; ``name`` is the file's, for the message.
    """
    return _ExtReader(data, btf, name).run()


class _ExtReader:
    def __init__(self, data: bytes, btf: Btf, name: str) -> None:
        self.data = data
        self.btf = btf
        self.name = name
        self.order = ">" if btf.big_endian else "<"

    def fail(self, message: str) -> NoReturn:
        raise InputError(f"{self.name}: .BTF.ext: {message}")

    def run(self) -> ExtInfo:
        data = self.data
        if len(data) < 24:
            self.fail(f"the header is cut off: {len(data)} of 24 bytes")
        magic, version, _, header = struct.unpack_from(self.order + "HBBI", data)
        if magic != 0xEB9F or version != 1:
            self.fail(f"magic {magic:#x} and version {version}, not 0xeb9f and 1")
        if header < 24 or header > len(data):
            self.fail(f"header length {header} in {len(data)} bytes")
        info = ExtInfo()
        kinds = ["func_info", "line_info"] + (["core_relo"] if header >= 32 else [])
        for i, kind in enumerate(kinds):
            offset, length = struct.unpack_from(self.order + "II", data, 8 + 8 * i)
            if header + offset + length > len(data):
                self.fail(f"{kind} ends at {header + offset + length:#x} of {len(data):#x} bytes")
            if length:
                setattr(info, kind, self._records(kind, header + offset, header + offset + length))
        return info

    def _records(self, kind: str, at: int, end: int) -> dict[str, list[Record]]:
        data, order = self.data, self.order
        if end - at < 4:
            self.fail(f"{kind} at {at:#x} is cut off")
        size = struct.unpack_from(order + "I", data, at)[0]
        if size < _MIN_SIZE[kind] or size % 4:
            self.fail(f"{kind} at {at:#x} has records of {size} bytes")
        # Later formats may append words to a record; the first ones keep their meaning.
        words = _MIN_SIZE[kind] // 4
        entry = struct.Struct(f"{order}{words}I{size - 4 * words}x")
        at += 4
        result: dict[str, list[Record]] = {}
        while at < end:
            if end - at < 8:
                self.fail(f"{kind}: section header at {at:#x} is cut off")
            section_name, count = struct.unpack_from(order + "II", data, at)
            at += 8
            if count * size > end - at:
                self.fail(f"{kind}: {count} records at {at:#x} run past {end:#x}")
            records = result.setdefault(self.btf.string(section_name), [])
            for offset, *rest in entry.iter_unpack(data[at : at + count * size]):
                if offset % 8:
                    self.fail(f"{kind}: record for byte {offset:#x}, in the middle of a slot")
                records.append((offset, tuple(rest)))
            at += count * size
        return result
