"""Damage for inputs of every kind: C text, bytes, objects, lines of JSON, command lines.

Every function takes a ``random.Random`` and gives the same result for the same seed.
"""

from __future__ import annotations

import random
import re
import struct

_TOKEN = re.compile(
    rb"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|[A-Za-z_]\w*|\d[\w.]*|->|\+\+|--|<<=?|>>=?"
    rb"|[-+*/%&|^=!<>]=|&&|\|\||\.\.\.|[ \t]+|.",
    re.S,
)
_WORDS = (
    "int char short long long_long unsigned signed void float double _Bool __int128 struct union enum "
    "typedef static extern inline const volatile restrict if else for while do switch case default "
    "break continue return goto sizeof _Alignof _Generic _Static_assert typeof __auto_type asm "
    "__attribute__ __builtin_memcpy __builtin_offsetof __builtin_choose_expr __builtin_constant_p "
    "__sync_fetch_and_add __builtin_preserve_access_index __builtin_unreachable __label__ "
    "__extension__ _Atomic _Noreturn _Thread_local _Complex __func__ __VA_ARGS__ __COUNTER__ u64 "
    "SEC BPF_PROG bpf_map_lookup_elem bpf_printk always_inline noinline packed aligned section"
).split()
_MARKS = (
    "( ) [ ] { } ; , . -> ++ -- & * + - ~ ! / % << >> < > <= >= == != ^ | && || ? : = *= /= += <<= "
    "# ## ... \\ @ $ ` ' \" // /* */ <: :> ??= \n#if \n#endif \n#else \n#elif \n#define \n#include "
    "\n#error \n#pragma \n#line \n#undef defined __has_include( _Pragma("
).split(" ")
_NUMBERS = (
    "0 1 -1 255 256 65535 2147483647 2147483648 4294967295 4294967296 9223372036854775807 "
    "9223372036854775808 18446744073709551615 18446744073709551616 0x 0xffffffffffffffffff 08 0b12 "
    "1e10 1.5f 0x1p3 1ull 1lul 1uu '' 'ab' '\\x' '\\777' 100000000 1000000000000 0777777777777777"
).split()
_STRANGE = (
    b"\0",
    b"\xff",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    b"\xc3",
    b"\r",
    b"\x0c",
    b"\x1b[31m",
    b"\\\n",
    b"\xe2\x80\xae",
)


def _choice_word(rng: random.Random) -> bytes:
    pool = rng.choice((_WORDS, _MARKS, _NUMBERS))
    return rng.choice(pool).encode()


def mangle_c(rng: random.Random, text: bytes, other: bytes) -> bytes:
    """Return C text with one to four things wrong; ``other`` is a program to take parts from."""
    tokens = _TOKEN.findall(text)
    strangers = _TOKEN.findall(other)
    for _ in range(rng.choice((1, 1, 2, 4))):
        if not tokens:
            break
        at = rng.randrange(len(tokens))
        kind = rng.randrange(12)
        if kind == 0:
            del tokens[at : at + rng.choice((1, 1, 2, 20))]
        elif kind == 1:
            tokens[at] = _choice_word(rng)
        elif kind == 2:
            tokens.insert(at, b" " + _choice_word(rng) + b" ")
        elif kind == 3:
            tokens[at] = rng.choice(tokens)
        elif kind == 4:
            begin = rng.randrange(len(tokens))
            tokens[at:at] = tokens[begin : begin + rng.choice((1, 3, 30))]
        elif kind == 5:
            begin = rng.randrange(len(strangers))
            tokens[at:at] = strangers[begin : begin + rng.choice((1, 10, 100))]
        elif kind == 6:
            tokens[at] = rng.choice(_STRANGE)
        elif kind == 7:
            del tokens[at:]
        elif kind == 8:
            other_at = rng.randrange(len(tokens))
            tokens[at], tokens[other_at] = tokens[other_at], tokens[at]
        elif kind == 9:
            numbers = [i for i, token in enumerate(tokens) if token[:1].isdigit()]
            if numbers:
                tokens[rng.choice(numbers)] = rng.choice(_NUMBERS).encode()
        elif kind == 10:
            names = [i for i, t in enumerate(tokens) if t[:1].isalpha() or t[:1] == b"_"]
            if len(names) > 1:
                tokens[rng.choice(names)] = tokens[rng.choice(names)]
        else:
            tokens[at] = tokens[at] * rng.choice((2, 3, 200))
    return b"".join(tokens)


def mangle_bytes(rng: random.Random, data: bytes) -> bytes:
    """Return bytes that are almost those given: bits, numbers, blocks, the end."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8, 40))):
        if not out:
            break
        at = rng.randrange(len(out))
        kind = rng.randrange(8)
        if kind == 0:
            out[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            out[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
        elif kind in (2, 3):
            size = rng.choice((2, 4, 8))
            at -= at % size
            value = rng.choice(
                (0, 1, (1 << 8 * size) - 1, 1 << (8 * size - 1), rng.randrange(4096))
            )
            out[at : at + size] = value.to_bytes(size, "little")
        elif kind == 4 and rng.random() < 0.3:
            del out[at:]
        elif kind == 5:
            begin = rng.randrange(len(out))
            block = out[begin : begin + rng.choice((4, 8, 16, 64))]
            out[at : at + len(block)] = block
        elif kind == 6 and rng.random() < 0.3:
            del out[at : at + rng.choice((1, 4, 8, 12))]
        elif kind == 7 and rng.random() < 0.3:
            out[at:at] = rng.randbytes(rng.choice((1, 4, 8)))
    return bytes(out)


def sections(data: bytes) -> dict[str, tuple[int, int]]:
    """Return name -> (offset, size) of a well-formed little-endian ELF64 file's sections."""
    table, count, names = struct.unpack_from("<Q10xHHH", data, 0x28)[0], 0, 0
    count, names = struct.unpack_from("<HH", data, 0x3C)
    rows = [struct.unpack_from("<IIQQQQIIQQ", data, table + 64 * i) for i in range(count)]
    text = rows[names][4]
    return {
        data[text + row[0] : data.index(b"\0", text + row[0])].decode(): (row[4], row[5])
        for row in rows
        if row[1] not in (0, 8)
    }


def mangle_object(rng: random.Random, data: bytes) -> bytes:
    """Return an object with damage in one place: header, section table, BTF, code, anything."""
    kind = rng.randrange(5)
    if kind == 0:
        return mangle_bytes(rng, data)
    if kind == 1:
        table = struct.unpack_from("<Q", data, 0x28)[0]
        begin, size = rng.choice(((0, 64), (table, len(data) - table)))
    else:
        found = sections(data)
        chosen = [
            place
            for name, place in found.items()
            if place[1] and (name.startswith(".BTF") if kind == 2 else not name.startswith(".BTF"))
        ]
        begin, size = rng.choice(chosen)
    end = begin + size
    part = mangle_bytes(rng, data[begin:end])
    if len(part) != size:  # the sections behind it stay where they are
        part = part[:size].ljust(size, b"\0")
    return data[:begin] + part + data[end:]


_LINE_BITS = (
    '{"event": 1}', "{}", "[]", "null", "nan", '{"ctx": []}', '{"ctx": {"arg1": "x"}}', "[" * 5000,
    '{"ctx": {"arg1": 1e400}}', '{"time": "x", "ctx": {}}', '{"symbols": 3}', '{"symbols": {"x": 1}}',
    '{"ctx": {"arg1": 99999999999999999999999999}}', '{"packet": "zz"}', '{"packet": 5}', "\ufeff{}",
    '{"ctx": {"nosuch": 1}}', '{"ctx": null}', '{"pid": "x", "ctx": {}}', '{"comm": 5, "ctx": {}}',
    '{"event": {}, "ctx": {}}', '{"symbols": {"0x1": {}}}', '{"cpu": -1}', '{"time": -1}', '{"pid": []}',
)  # fmt: skip


def mangle_lines(rng: random.Random, text: bytes) -> bytes:
    """Return lines (of JSON, or a log) with some of them damaged."""
    lines = text.split(b"\n")[: rng.choice((1, 3, 10))]
    at = rng.randrange(len(lines) + 1)
    if rng.random() < 0.5:
        lines.insert(at, rng.choice(_LINE_BITS).encode())
    else:
        at = min(at, len(lines) - 1)
        lines[at] = mangle_c(rng, lines[at] or b"{}", b'{"a": [1, 2]}')
    return b"\n".join(lines)


_VALUES = (
    "", "0", "-1", "1", "x", "x=", "=x", "=", "x=1", "99999999999999999999", "-", "--", "a:b", "\0", "/",
    "/dev/null", "/nonexistent/x", ".", "1e9", "nan", "inf", "-inf", "0x", "0x10", "v9", "5.4", "latest",
    "6.1,", "text", "json", "skb:kfree_skb", "arg1=1", "arg1=hex:zz", "arg9=1", "@", "@/nonexistent", "abc",
    "%s", "\udcff", "é", "a" * 5000, "*", "?", "$HOME", "v3", "bpfeb", "all", "*=*", "c", "none", "x,y,z",
)  # fmt: skip
_FLAGS = (
    "-o -c -S -E -dM -dD -P -M -MM -MD -MMD -MP -MG -MF -MT -MQ -MJ -D -U -I -iquote -isystem -idirafter "
    "-include -imacros -std= -x -mcpu= -mcpu --kernel -target --target= -O -O2 -O9 -g -g3 --backend= --btf "
    "--license -ffile-prefix-map= -W -Wall -Werror -Werror= -Wno- -w -ferror-limit= --format -v -### "
    "-fdiagnostics-color= --verify-each --time-passes --dump-after= --stop-after= --pass-limit= "
    "-save-temps -emit-llvm -fsyntax-only --help --version --json --max-insns --max-stack --baseline "
    "--html --unprivileged --explain-states --stack-report --program --ctx --packet --pcap --events "
    "--repeat --limit --set --mock --seed --time --trace --coverage --map --replay --interval --duration "
    "--name --record --no-source --raw --no-core --btf --budget --all --object --list --markdown --type "
    "--raw-hex --section --big-endian -e -Xclang -mllvm -Wp, -Wl, -f -m -march=bpf @ --print-completion"
).split()


def mangle_arguments(rng: random.Random, files: list[str]) -> list[str]:
    """Return up to six flags, values and files in an order that nobody meant."""
    out = []
    for _ in range(rng.randrange(1, 7)):
        kind = rng.randrange(4)
        if kind == 0:
            out.append(rng.choice(files))
        elif kind == 1:
            out.append(rng.choice(_VALUES))
        elif kind == 2:
            out.append(rng.choice(_FLAGS) + (rng.choice(_VALUES) if rng.random() < 0.5 else ""))
        else:
            out += [rng.choice(_FLAGS), rng.choice(_VALUES)]
    return out
