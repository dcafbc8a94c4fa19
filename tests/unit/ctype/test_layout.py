"""Sizes, alignments and offsets against clang's own, over random records."""

from __future__ import annotations

import random
import shutil
import subprocess

import pytest

from bpfcc.c import parse, preprocess
from bpfcc.c.ctype.layout import align_of, enum_type_for, size_of
from bpfcc.c.ctype.types import INT, LONG, SCHAR, UCHAR, UINT, ULONG, RecordType
from bpfcc.c.options import COptions
from bpfcc.c.sema import check, typedef_test
from bpfcc.support.diagnostics import Sink
from bpfcc.support.source import SourceFile

CLANG = shutil.which("clang-19") or shutil.which("clang")


def records_of(text: str) -> dict[str, RecordType]:
    sink = Sink()
    options = COptions()
    pre = preprocess.preprocess(SourceFile("t.c", text), options, sink)
    parser = parse.Parser(sink)
    is_typedef = typedef_test(pre, options)
    unit = check(pre, lambda c: parser.parse_chunk(c, is_typedef), options, sink, "t.c")
    assert not sink.errors, sink.diagnostics
    return {r.tag: r for r in unit.records if r.tag}


BASES = ["char", "short", "int", "long", "long long", "unsigned char", "_Bool", "unsigned short",
         "unsigned", "unsigned long", "__int128", "int *", "enum small", "a16", "a1"]  # fmt: skip
BIT_BASES = ["int", "unsigned", "short", "unsigned char", "long", "unsigned long long", "_Bool",
             "enum small"]  # fmt: skip
WIDTHS = {"int": 32, "unsigned": 32, "short": 16, "unsigned char": 8, "long": 64,
          "unsigned long long": 64, "_Bool": 1, "enum small": 32}  # fmt: skip
PRELUDE = """
enum small { S1, S2 };
typedef int a16 __attribute__((aligned(16)));
typedef long a1 __attribute__((aligned(1)));
"""


def make_record(rng: random.Random, tag: str, depth: int = 0) -> tuple[str, list[str]]:
    names: list[str] = []
    lines = []
    for i in range(rng.randint(1, 7)):
        name = f"{tag}_m{i}"
        kind = rng.random()
        extra = ""
        if rng.random() < 0.12:
            extra = rng.choice(
                [" __attribute__((aligned(8)))", " __attribute__((packed))",
                 " __attribute__((aligned(2)))", " __attribute__((aligned(32)))"]
            )  # fmt: skip
        if kind < 0.45:
            base = rng.choice(BIT_BASES)
            width = rng.randint(0, WIDTHS[base])
            if width == 0 or rng.random() < 0.15:
                lines.append(f"{base} : {width};")
            else:
                lines.append(f"{base} {name} : {width}{extra};")
        elif kind < 0.9 or depth > 1:
            base = rng.choice(BASES)
            dims = f"[{rng.randint(0, 3)}]" if rng.random() < 0.25 and base != "a16" else ""
            lines.append(f"{base} {name}{dims}{extra};")
            names.append(name)
        else:
            body, inner = make_record(rng, name, depth + 1)
            lines.append(f"{rng.choice(['struct', 'union'])} {{ {body} }};")
            names += inner
    return " ".join(lines), names


def make_program(seed: int, count: int = 40) -> tuple[str, dict[str, list[str]]]:
    rng = random.Random(seed)
    text = PRELUDE
    members = {}
    for i in range(count):
        tag = f"r{seed}_{i}"
        body, names = make_record(rng, tag)
        pack = rng.choice([0, 0, 0, 1, 2, 4])
        attrs = rng.choice(
            ["", "", "", " __attribute__((packed))", " __attribute__((aligned(16)))"]
        )
        kind = "union" if rng.random() < 0.2 else "struct"
        members[tag] = names
        record = f"{kind} {tag} {{ {body} }}{attrs};\n"
        text += f"#pragma pack(push, {pack})\n{record}#pragma pack(pop)\n" if pack else record
    return text, members


def offset_in(record: RecordType, name: str) -> int | None:
    for field in record.fields or ():
        if field.name == name:
            return field.offset
        if not field.name and isinstance(field.type, RecordType):
            inner = offset_in(field.type, name)
            if inner is not None:
                return field.offset + inner
    return None


@pytest.mark.peer
@pytest.mark.skipif(CLANG is None, reason="no clang to compare with")
@pytest.mark.parametrize("seed", range(8))
def test_random_records(seed: int, tmp_path) -> None:
    text, members = make_program(seed)
    records = records_of(text)
    checks = text
    for tag, names in members.items():
        record = records[tag]
        what = f"{record.kind} {tag}"
        checks += f'_Static_assert(sizeof({what}) == {size_of(record)}, "size {tag}");\n'
        checks += f'_Static_assert(_Alignof({what}) == {align_of(record)}, "align {tag}");\n'
        for name in names:
            offset = offset_in(record, name)
            assert offset is not None and offset % 8 == 0
            checks += (
                f"_Static_assert(__builtin_offsetof({what}, {name}) == {offset // 8}, "
                f'"offset {name}");\n'
            )
    path = tmp_path / "t.c"
    path.write_text(checks)
    done = subprocess.run(
        [CLANG, "-target", "bpf", "-w", "-fsyntax-only", str(path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[:3000]


@pytest.mark.peer
@pytest.mark.skipif(CLANG is None, reason="no clang to compare with")
@pytest.mark.parametrize("seed", range(100, 104))
def test_bit_field_offsets(seed: int, tmp_path) -> None:
    """Offsets of bit-fields, which C cannot ask for: from clang's record layout dump."""
    rng = random.Random(seed)
    text = PRELUDE
    for i in range(30):
        body, _ = make_record(rng, f"b{i}", depth=5)
        attrs = rng.choice(["", "", " __attribute__((packed))"])
        text += f"struct b{i} {{ {body} }}{attrs}; int s{i}[sizeof(struct b{i}) + 1];\n"
    path = tmp_path / "t.c"
    path.write_text(text)
    done = subprocess.run(
        [CLANG, "-target", "bpf", "-w", "-fsyntax-only", "-Xclang", "-fdump-record-layouts",
         str(path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    theirs: dict[tuple[str, str], int] = {}
    tag = ""
    for line in done.stdout.splitlines():
        place, bar, rest = line.partition("|")
        words = rest.split()
        if not bar or not words:
            continue
        if len(words) == 2 and words[0] == "struct":
            tag = words[1]
        elif place.strip() and words[-1].startswith(tag + "_"):
            byte, colon, bits = place.strip().partition(":")
            low = int(bits.split("-")[0]) if colon else 0
            theirs[(tag, words[-1])] = int(byte) * 8 + low
    assert theirs
    ours = {
        (tag, field.name): field.offset
        for tag, record in records_of(text).items()
        for field in record.fields or ()
        if field.name
    }
    assert ours == theirs


def test_enum_types() -> None:
    assert enum_type_for(0, 1, False) is UINT
    assert enum_type_for(-1, 1, False) is INT
    assert enum_type_for(0, 1 << 32, False) is ULONG
    assert enum_type_for(-1, 1 << 31, False) is LONG
    assert enum_type_for(0, 200, True) is UCHAR
    assert enum_type_for(-1, 100, True) is SCHAR
