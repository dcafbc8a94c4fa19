from __future__ import annotations

import pytest

from bpfcc.btf.types import Array, Enum, Int, Member, Ptr, Struct, Typedef, Union
from bpfcc.vm.values import decode, encode

U8, U16, U32 = Int("u8", 1), Int("u16", 2), Int("u32", 4)
S32, CHAR = Int("int", 4, Int.SIGNED), Int("char", 1, Int.SIGNED | Int.CHAR)
BOOL = Int("_Bool", 1, Int.BOOL)
COLOR = Enum("color", 4, [("RED", 0), ("BLUE", 5)])
INNER = Union("", 4, [Member("word", U32, 0), Member("half", U16, 0)])
BITS = Struct("bits", 4, [Member("a", U32, 0, 3), Member("b", S32, 3, 7), Member("c", U32, 10, 22)])
EVENT = Struct(
    "event",
    40,
    [
        Member("pid", Typedef(U32, "pid_t"), 0),
        Member("comm", Array(CHAR, 8, U32), 32),
        Member("color", COLOR, 96),
        Member("", INNER, 128),
        Member("ok", BOOL, 160),
        Member("p", Ptr(None), 192),
        Member("list", Array(U16, 2, U32), 256),
        Member("bits", BITS, 288),
    ],
)


def test_struct_round_trip() -> None:
    value = {
        "pid": 7, "comm": "bash", "color": 5, "word": 0x12345678, "half": 0x5678, "ok": True,
        "p": 0xFFFF888000000000, "list": [1, 2], "bits": {"a": 5, "b": -3, "c": 9},
    }  # fmt: skip
    data = encode(EVENT, {**value, "half": 0x5678}, 40)
    assert decode(EVENT, data) == value
    assert data[4:12] == b"bash\0\0\0\0"
    assert encode(EVENT, data, 40) == data


def test_what_is_not_given_is_zero_and_names_of_enums_work() -> None:
    data = encode(EVENT, {"color": "BLUE", "half": 3, "comm": "ab"}, 40)
    assert decode(EVENT, data)["color"] == 5
    assert decode(EVENT, data)["word"] == 3
    assert decode(EVENT, data)["comm"] == "ab"
    assert decode(EVENT, data)["pid"] == 0


def test_without_a_type() -> None:
    assert encode(None, -2, 4) == b"\xfe\xff\xff\xff"
    assert encode(None, 1, 4, big_endian=True) == b"\0\0\0\1"
    assert decode(None, b"\1\0\0\0\0\0\0\0") == 1
    assert decode(None, b"abc") == b"abc"
    assert encode(None, b"abc", 3) == b"abc"


def test_big_endian_bit_fields() -> None:
    data = encode(BITS, {"a": 5, "b": -3, "c": 9}, 4, big_endian=True)
    assert decode(BITS, data, big_endian=True) == {"a": 5, "b": -3, "c": 9}
    assert data[0] >> 5 == 5  # the first bit-field is at the top


@pytest.mark.parametrize(
    ("type", "value", "size", "error"),
    [
        (U8, 256, 1, "256 does not fit in 1 bytes"),
        (U8, -129, 1, "does not fit"),
        (U8, "x", 1, "an integer or 1 bytes wanted"),
        (COLOR, "GREEN", 4, "enum color has no value 'GREEN'"),
        (EVENT, {"pidd": 1}, 40, "event has no member 'pidd'"),
        (EVENT, 5, 40, "a dict or 40 bytes wanted"),
        (EVENT, b"abc", 40, "3 bytes given, 40 wanted"),
        (Array(U16, 2, U32), [1, 2, 3], 4, "3 elements for an array of 2"),
        (Array(CHAR, 2, U32), b"abc", 2, "3 bytes do not fit in an array of 2"),
        (BITS, {"a": 8}, 4, "8 does not fit in 3 bits"),
    ],
)
def test_misfits(type, value, size: int, error: str) -> None:
    with pytest.raises((ValueError, TypeError), match=error):
        encode(type, value, size)
