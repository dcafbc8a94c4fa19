"""The words and signs of GNU C as the parser knows them: spelling to canonical name."""

from __future__ import annotations

_PLAIN = """
auto break case char const continue default do double else enum extern float for goto if inline int
long register restrict return short signed sizeof static struct switch typedef union unsigned void
volatile while _Alignas _Alignof _Atomic _Bool _Complex _Generic _Imaginary _Noreturn _Static_assert
_Thread_local _BitInt __attribute__ __extension__ __label__ __auto_type __int128 __builtin_va_list
__builtin_offsetof __builtin_types_compatible_p __builtin_choose_expr __builtin_va_arg __real__
__imag__ typeof asm _Float16 _Float32 _Float64 _Float128 __float128 __bf16 __typeof_unqual__
_Nonnull _Nullable _Null_unspecified
"""

KEYWORDS: dict[str, str] = {word: word for word in _PLAIN.split()}
KEYWORDS.update(
    {
        "__alignof": "_Alignof",
        "__alignof__": "_Alignof",
        "__asm": "asm",
        "__asm__": "asm",
        "__attribute": "__attribute__",
        "__complex": "_Complex",
        "__complex__": "_Complex",
        "__const": "const",
        "__const__": "const",
        "__imag": "__imag__",
        "__inline": "inline",
        "__inline__": "inline",
        "__int128_t": "__int128_t",
        "__uint128_t": "__uint128_t",
        "__real": "__real__",
        "__restrict": "restrict",
        "__restrict__": "restrict",
        "__signed": "signed",
        "__signed__": "signed",
        "__thread": "_Thread_local",
        "__typeof": "typeof",
        "__typeof__": "typeof",
        "__typeof_unqual": "__typeof_unqual__",
        "__volatile": "volatile",
        "__volatile__": "volatile",
    }
)
# Words that are keywords only from C23 on.
C23 = {
    "alignas": "_Alignas",
    "alignof": "_Alignof",
    "bool": "_Bool",
    "constexpr": "constexpr",
    "false": "false",
    "nullptr": "nullptr",
    "static_assert": "_Static_assert",
    "thread_local": "_Thread_local",
    "true": "true",
    "typeof_unqual": "__typeof_unqual__",
}
# Words that are no keywords under -std=cNN, without "gnu".
GNU_ONLY = ("typeof", "asm")

_TYPE_WORDS = """void char short int long float double signed unsigned _Bool _Complex _Imaginary
    __int128
    __int128_t __uint128_t __builtin_va_list __auto_type _Float16 _Float32 _Float64 _Float128
    __float128 __bf16"""
TYPE_WORDS = frozenset(_TYPE_WORDS.split())
TYPE_STARTS = frozenset({"struct", "union", "enum", "typeof", "__typeof_unqual__", "_BitInt"})
QUALIFIERS = frozenset({"const", "volatile", "restrict", "_Atomic"})
NULLABILITY = frozenset({"_Nonnull", "_Nullable", "_Null_unspecified"})
STORAGE = frozenset(
    {"typedef", "extern", "static", "auto", "register", "_Thread_local", "constexpr"}
)
FUNCTION_WORDS = frozenset({"inline", "_Noreturn"})
# What can begin a declaration, besides typedef names, attributes and __extension__.
DECL_STARTS = (
    TYPE_WORDS
    | TYPE_STARTS
    | QUALIFIERS
    | STORAGE
    | FUNCTION_WORDS
    | {"_Alignas", "_Static_assert"}
)
# What can begin a type name (in a cast or sizeof).
TYPE_NAME_STARTS = TYPE_WORDS | TYPE_STARTS | QUALIFIERS

PRECEDENCE = {
    "||": 1,
    "&&": 2,
    "|": 3,
    "^": 4,
    "&": 5,
    "==": 6,
    "!=": 6,
    "<": 7,
    ">": 7,
    "<=": 7,
    ">=": 7,
    "<<": 8,
    ">>": 8,
    "+": 9,
    "-": 9,
    "*": 10,
    "/": 10,
    "%": 10,
}
ASSIGNMENTS = frozenset({"=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "|=", "^="})


def keywords(std: str) -> dict[str, str]:
    """Return the keywords of ``-std=std``."""
    if std[-2:] in ("23", "2x", "2y"):
        return {**KEYWORDS, **C23}
    if std.startswith(("c", "iso")):
        return {word: name for word, name in KEYWORDS.items() if word not in GNU_ONLY}
    return KEYWORDS
