"""Cutting text into external declarations: names, what must be processed, text as well as tokens."""

from __future__ import annotations

import pytest

from bpfcc.c.options import COptions
from bpfcc.c.preprocess import Chunk, preprocess, splitter
from bpfcc.c.preprocess.declarations import describe
from bpfcc.support.diagnostics import Sink
from bpfcc.support.source import SourceFile

# text of one declaration -> names as "namespace name", and whether it emits something
NAMES = [
    ("int x;", ["ident x"], True),
    ("extern int x;", ["ident x"], False),
    ("extern int x = 1;", ["ident x"], True),
    ("static const int x = 1, y[2] = { 1, 2 }, *z;", ["ident x", "ident y", "ident z"], False),
    ("int f(int a, struct s *b);", ["ident f"], False),
    ("int f(int a) { return a; }", ["ident f"], True),
    ("static inline int f(int a) { struct t { int q; }; return a; }", ["ident f"], False),
    ("inline int f(void) { return 0; }", ["ident f"], False),
    ("extern __inline __attribute__((gnu_inline)) int f(void) { return 0; }", ["ident f"], False),
    ("typedef int t;", ["typedef t"], False),
    ("typedef int t, *pt, at[3];", ["typedef t", "typedef pt", "typedef at"], False),
    ("typedef int (*fn)(int, int (*)(int));", ["typedef fn"], False),
    ("typedef int fn(int);", ["typedef fn"], False),
    ("typedef const char * const (*ct[2])(void);", ["typedef ct"], False),
    ("typedef unsigned long long int __attribute__((aligned(8))) u;", ["typedef u"], False),
    ("typedef struct s { int a; } s_t;", ["tag s", "typedef s_t"], False),
    ("typedef struct { int a; } __attribute__((packed)) s_t;", ["typedef s_t"], False),
    ("typedef __typeof__(sizeof(int)) size_t;", ["typedef size_t"], False),
    ("typedef _Atomic(int) at; ", ["typedef at"], False),
    ("typeof(int) (*f)(void);", ["ident f"], True),
    ("struct s;", ["tag s"], False),
    ("struct s { int a; struct t { int b; } c; enum { A, B = 2 } d; };",
     ["tag s", "tag t", "ident A", "ident B"], False),
    ("struct __attribute__((packed)) s { int a; };", ["tag s"], False),
    ("struct s { int a; } x, *y;", ["tag s", "ident x", "ident y"], True),
    ("static struct { int a; } m __attribute__((section(\".maps\"), used));", ["ident m"], True),
    ("struct { int (*type)[1]; } m __attribute__((section(\".maps\")));", ["ident m"], True),
    ("enum e { A = (1 << 2), B = sizeof(int[3]), C = A > B ? 1 : 2, };",
     ["tag e", "ident A", "ident B", "ident C"], False),
    ("enum : unsigned char { A };", ["ident A"], False),
    ("enum e : long { A, B };", ["tag e", "ident A", "ident B"], False),
    ("union u { int a; float b; };", ["tag u"], False),
    ("static long (* const bpf_f)(void *a, int b) = (void *) 6;", ["ident bpf_f"], False),
    ("static void *(*bpf_g)(void) = (void *)7;", ["ident bpf_g"], False),
    ("int (f)(int);", ["ident f"], False),
    ("T (f)(int);", ["ident f"], False),
    ("int (*f(int a))(long);", ["ident f"], False),
    ("int *(*(*x)(int))[3];", ["ident x"], True),
    ("struct s *f(void);", ["ident f"], False),
    ("struct s f(void) { struct s a = { 1 }; return a; }", ["ident f"], True),
    ("extern int a(int) __asm__(\"b\"), c;", ["ident a", "ident c"], False),
    ("_Static_assert(sizeof(int) == 4, \"x\");", [], True),
    ("asm(\"nop\");", [], True),
    ("char _license[] __attribute__((section(\"license\"), used)) = \"GPL\";",
     ["ident _license"], True),
    ("const volatile int x = 0;", ["ident x"], True),
    ("int x = ({ struct q { int a; } b = { 1 }; b.a; });", ["ident x"], True),
    ("unsigned long f(a, b) int a; char *b; { return a; }", ["ident f"], True),
    ("__extension__ typedef long long ll;", ["typedef ll"], False),
    ("_Noreturn void die(void);", ["ident die"], False),
    ("int x[] = { [0] = 1, [1 ... 3] = 2 }, y;", ["ident x", "ident y"], True),
    ("typeof(int (*)(void)) x;", ["ident x"], True),
]  # fmt: skip


@pytest.mark.parametrize(("text", "names", "emits"), NAMES, ids=[row[0][:40] for row in NAMES])
def test_names(text: str, names: list[str], emits: bool) -> None:
    found, kept = describe(text)
    assert [f"{space} {name}" for space, name in found] == names
    assert kept == emits


HEADER = """\
#define MAGIC 42
#define EMPTY
#define DECLARE(n) int n; struct n##_s { int a; }
#define OPEN {
#define CLOSE }
#define FIELDS int f1; int f2;
#define ATTR __attribute__((packed))
#define SAME SAME
struct plain { int a; struct inner { int b; } c; };
struct attr { int a; } ATTR;
DECLARE(one);
struct odd OPEN int z; CLOSE;
struct fields { FIELDS };
enum values { V0, V1,
#define V1 V1
  V2 = MAGIC,
#define V3 V3
  V3, SAME };
static inline int body(int a)
{
#if MAGIC > 1
  return a + MAGIC; }
#else
  return a; }
#endif
static inline int noted(int a) { char c = '}'; const char *s = "}{;"; return a; }
int old(a, b) int a; char b;
{ return a; }
typedef int (*callback)(int a, EMPTY int b);
extern int prototype(int), another(char) __attribute__((pure));
int array[] = { 1, 2, MAGIC };
#pragma pack(push, 1)
struct packed { char a; int b; };
#pragma pack(pop)
#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
struct core { int a; };
typedef struct { int x; } core_t;
#pragma clang attribute pop
struct plain2 { int a;
#pragma GCC diagnostic push
  int b; };
int split
#undef MAGIC
  = 1, MAGIC;
typedef int last;
"""


def chunks(text: str, tmp_path, *, as_text: bool) -> list[tuple[object, ...]]:
    (tmp_path / "h.h").write_text(text)
    options = COptions()
    options.include = [str(tmp_path)]
    main = "#include <h.h>\nint main_file;\n"
    sink = Sink()
    if as_text:
        unit = preprocess(SourceFile("t.c", main), options, sink)
    else:
        old = splitter.Splitter._header
        try:
            splitter.Splitter._header = lambda self, piece: (
                self._flush(), self._add(self.unit.expand(piece.lex()))
            )  # fmt: skip
            unit = preprocess(SourceFile("t.c", main), options, sink)
        finally:
            splitter.Splitter._header = old
    assert sink.diagnostics == []
    return [
        (" ".join(t.text for t in c.tokens if t.kind != "pragma"), c.names, c.eager, c.core, c.pack)
        for c in unit.chunks
    ]


def test_text_is_cut_as_tokens_are(tmp_path) -> None:
    assert chunks(HEADER, tmp_path, as_text=True) == chunks(HEADER, tmp_path, as_text=False)


def test_what_pragmas_say(tmp_path) -> None:
    by_text = {row[0].split(" {")[0]: row for row in chunks(HEADER, tmp_path, as_text=True)}
    assert by_text["struct packed"][4] == 1
    assert by_text["struct core"][3] and by_text["typedef struct"][3]
    assert not by_text["struct plain2"][3] and by_text["struct plain2"][4] == 0


def test_macros_are_those_of_the_place(tmp_path) -> None:
    rows = [row[0] for row in chunks(HEADER, tmp_path, as_text=True)]
    assert "int split = 1 , MAGIC ;" in rows
    assert "int array [ ] = { 1 , 2 , 42 } ;" in rows


def test_chunks_of_headers_wait_and_those_of_the_main_file_do_not(tmp_path) -> None:
    (tmp_path / "h.h").write_text("static inline int f(void) { return 1; }\nstruct s { int a; };\n")
    options = COptions()
    options.include = [str(tmp_path)]
    unit = preprocess(SourceFile("t.c", "#include <h.h>\nstruct t { int a; };\n"), options, Sink())
    assert [chunk.eager for chunk in unit.chunks] == [False, False, True]
    found: list[Chunk] = unit.index.find("tag", "s")
    assert found == [unit.chunks[1]]
    assert not unit.index.is_typedef("s")


def test_a_brace_too_many_ends_a_chunk() -> None:
    unit = preprocess(SourceFile("t.c", "} int x; ) int y;\n"), COptions(), Sink())
    assert len(unit.chunks) == 3


DUMP = """\
#ifndef __VMLINUX_H__
#define __VMLINUX_H__
#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
typedef unsigned char __u8;

typedef unsigned int u32;

typedef int (*callback)(void *, int (*)(int));

typedef void notify(int);

typedef struct {
\tint counter;
} atomic_t;

typedef struct cpumask cpumask_var_t[1];

enum {
\tfalse = 0,
\ttrue = 1,
};

enum color {
\tRED = 0,
\tGREEN = 18446744073709551615ULL,
};

struct list {
\tstruct list *next;
\tunion {
\t\tint a;
\t\tstruct {
\t\t\tint b;
\t\t};
\t};
};

struct nested {
\tstruct inside {
\t\tint z;
\t} field;
\tenum {
\t\tINNER = 4,
\t} kind;
};

struct packed {
\tchar a;
} __attribute__((packed));

struct later;

struct variable {
\tint a;
} one, two;

struct a { int x; }; struct b { int y; };

  struct indented { int q; };
extern int function(int) __attribute__((section(".ksyms")));

typedef int first, second;

#pragma clang attribute pop
#endif
"""


def test_a_large_header_is_indexed_as_a_small_one(tmp_path, monkeypatch) -> None:
    (tmp_path / "vmlinux.h").write_text(DUMP)
    options = COptions()
    options.include = [str(tmp_path)]
    source = '#include "vmlinux.h"\nint x;\n'
    small = preprocess(SourceFile("t.c", source), options, Sink())
    monkeypatch.setattr(splitter, "LARGE", 100)
    large = preprocess(SourceFile("t.c", source), options, Sink())
    assert len(large.chunks) < len(small.chunks)
    for space in ("typedef", "tag", "ident"):
        assert sorted(large.index.names(space)) == sorted(small.index.names(space))
        for name in small.index.names(space):
            assert large.index.is_typedef(name) == small.index.is_typedef(name)
            ours = [[t.text for t in c.tokens] for c in large.index.find(space, name)]
            assert ours == [[t.text for t in c.tokens] for c in small.index.find(space, name)]
            assert all(c.core for c in large.index.find(space, name) if name != "x")


def test_a_macro_that_touches_a_large_header_is_replaced(tmp_path, monkeypatch) -> None:
    (tmp_path / "vmlinux.h").write_text(DUMP)
    options = COptions()
    options.include = [str(tmp_path)]
    monkeypatch.setattr(splitter, "LARGE", 100)
    source = '#define counter value\n#include "vmlinux.h"\n'
    unit = preprocess(SourceFile("t.c", source), options, Sink())
    (chunk,) = unit.index.find("typedef", "atomic_t")
    assert "value" in [t.text for t in chunk.tokens]
