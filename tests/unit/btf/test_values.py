from __future__ import annotations

import pytest

from bpfcc.btf.types import (
    Array,
    Datasec,
    Enum,
    Float,
    Int,
    Member,
    Ptr,
    Struct,
    Typedef,
    Union,
    Var,
)
from bpfcc.btf.values import decode, encode
from bpfcc.support.errors import InputError

INT = Int("int", 4, Int.SIGNED)
U8 = Int("unsigned char", 1)
CHAR = Int("char", 1, Int.SIGNED)
BOOL = Int("_Bool", 1, Int.BOOL)
COLOUR = Enum("colour", 4, [("RED", 0), ("BLUE", 5)])
POINT = Struct("point", 8, [Member("x", INT, 0), Member("y", INT, 32)])
MIXED = Struct(
    "mixed",
    40,
    [
        Member("p", POINT, 0),
        Member("text", Array(CHAR, 8, INT), 64),
        Member("bytes", Array(U8, 2, INT), 128),
        Member("on", BOOL, 144),
        Member("", Union("", 8, [Member("u", INT, 0), Member("ptr", Ptr(None), 0)]), 192),
        Member("low", INT, 256, 3),
        Member("high", Int("unsigned int", 4), 259, 9),
        Member("c", COLOUR, 288),
    ],
)
VALUE = {
    "p": {"x": -1, "y": 2},
    "text": "hi",
    "bytes": [7, 8],
    "on": True,
    "u": 9,
    "ptr": 9,
    "low": -3,
    "high": 300,
    "c": 5,
}


@pytest.mark.parametrize("big_endian", [False, True])
def test_round_trip(big_endian):
    given = {k: v for k, v in VALUE.items() if k != "u"}
    data = encode(MIXED, given, big_endian=big_endian)
    assert len(data) == 40
    back = decode(MIXED, data, big_endian=big_endian)
    assert back == (VALUE if not big_endian else {**VALUE, "u": 0})
    assert encode(MIXED, back, big_endian=big_endian)[:24] == data[:24]


def test_layout_is_cs():
    assert encode(POINT, {"y": 1}) == bytes(4) + b"\1\0\0\0"
    assert encode(MIXED, {"low": -3, "high": 300})[32:34] == ((300 << 3) | 5).to_bytes(2, "little")


def test_names_of_constants():
    assert decode(COLOUR, b"\5\0\0\0", names=True) == "BLUE"
    assert decode(COLOUR, b"\6\0\0\0", names=True) == 6
    assert encode(COLOUR, "BLUE") == b"\5\0\0\0"


def test_floats_typedefs_and_sections():
    assert decode(Typedef(Float("double", 8), "real"), encode(Float("double", 8), 1.5)) == 1.5
    section = Datasec(".data", 8, [(Var("a", INT, 1), 0, 4), (Var("b", INT, 0), 4, 4)])
    assert decode(section, b"\1\0\0\0\2\0\0\0") == {"a": 1, "b": 2}
    assert encode(section, {"b": 3}) == bytes(4) + b"\3\0\0\0"


@pytest.mark.parametrize(
    ("type", "value"),
    [
        (INT, 1 << 32),
        (INT, "text"),
        (POINT, 5),
        (POINT, {"z": 1}),
        (Array(INT, 2, INT), [1, 2, 3]),
        (Array(CHAR, 2, INT), "long"),
        (POINT, b"123"),
        (None, 1),
    ],
)
def test_what_does_not_fit_is_an_input_error(type, value):
    with pytest.raises(InputError):
        encode(type, value)


def test_too_few_bytes():
    with pytest.raises(InputError, match="too few"):
        decode(INT, b"\0\0")


def test_hostile_types_give_errors():
    loop = Struct("loop", 8)
    loop.members = [Member("inner", loop, 0)]
    with pytest.raises(InputError, match="contains itself"):
        decode(loop, bytes(8))
    empty = Struct("empty", 0)
    assert decode(Array(empty, 1 << 31, INT), b"") == []
    from bpfcc.btf.layout import alignment

    assert alignment(loop) == 1 and alignment(MIXED) == 8 and alignment(Array(POINT, 3, INT)) == 4
