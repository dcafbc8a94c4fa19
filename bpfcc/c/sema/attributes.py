"""Attributes: from their syntax to one plain record of what they ask for.

The meaning of each is the compiler's own documentation of it (clang's and gcc's names); what BPF
has no use for is accepted and dropped, what is unknown gets clang's warning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ctype.layout import align_of
from ..ctype.promotion import to_unsigned
from ..ctype.types import INT, INT128, LONG, SCHAR, SHORT, CType, IntType, Qualified, strip
from ..syntax.nodes import ID, Attribute, IntLiteral, StringLiteral, Typename
from ..tast.evaluate import evaluate_int
from .context import span_of
from .conversions import rvalue

if TYPE_CHECKING:
    from typing import Any

    from ...support.source import Span
    from .context import Context

_DEFAULT_ALIGN = 16  # of ``aligned`` without a number, on this target
MAX_ALIGN = 1 << 28

# Names that ask for something we may pass over: optimisation hints, checks that other tools do.
_PASSED_OVER_WORDS = """
    access aligned_value align_value alloc_align alloc_size always_destroy artificial
    assume_aligned bpf_fastcall btf_type_id cold common const convergent copy counted_by
    counted_by_or_null data diagnose_as_builtin diagnose_if
    disable_tail_calls enable_if enum_extensibility externally_visible flag_enum flatten
    format_arg guarded_by hot leaf malloc may_alias minsize mustprogress nocommon
    nocf_check no_builtin no_caller_saved_registers no_icf no_instrument_function
    no_profile_instrument_function no_reorder no_sanitize no_sanitize_address no_sanitize_memory
    no_sanitize_thread no_sanitize_undefined no_split_stack no_stack_protector nodebug noclone
    noderef noescape nofree noipa nomerge nonnull nonstring not_tail_called nothrow
    null_terminated_string_arg objc_boxable optimize optnone patchable_function_entry pcs
    preserve_static_offset pt_guarded_by pure retain returns_nonnull returns_twice safe_buffers
    scalar_storage_order sentinel simd speculative_load_hardening stack_protect strub symver
    target tls_model type_visibility unavailable uninitialized unlikely likely unsafe_buffer_usage
    used_later vector warn_unused zero_call_used_regs warning error
    selectany annotate assume no_speculative_load_hardening no_thread_safety_analysis
    ext_vector_type regparm stdcall cdecl fastcall ms_abi sysv_abi gcc_struct
    ms_struct dllexport dllimport musttail carries_dependency availability unused_result
    """
_PASSED_OVER = frozenset(_PASSED_OVER_WORDS.split())
_SIMPLE = {
    "packed": "packed",
    "used": "used",
    "weak": "weak",
    "weak_import": "weak",
    "always_inline": "always_inline",
    "noinline": "noinline",
    "unused": "unused",
    "maybe_unused": "unused",
    "preserve_access_index": "core",
    "naked": "naked",
    "noreturn": "noreturn",
    "transparent_union": "transparent_union",
    "gnu_inline": "gnu_inline",
    "fallthrough": "fallthrough",
    "warn_unused_result": "must_use",
    "nodiscard": "must_use",
}
_MODES = {
    "QI": SCHAR,
    "byte": SCHAR,
    "HI": SHORT,
    "SI": INT,
    "DI": LONG,
    "word": LONG,
    "pointer": LONG,
    "unwind_word": LONG,
    "TI": INT128,
}


class Attrs:
    """What a list of attributes asks for; everything is off by default.

    ``align`` in bytes; ``space``: an address space; ``format``: (archetype, format index, first
    argument index) counted from 1; ``cleanup``: the ID of the function; ``spans`` tells where
    each of the names stands.
    """

    __slots__ = (
        "alias",
        "align",
        "always_inline",
        "cleanup",
        "core",
        "decl_tags",
        "deprecated",
        "fallthrough",
        "format",
        "gnu_inline",
        "hidden",
        "mode",
        "must_use",
        "naked",
        "noinline",
        "noreturn",
        "packed",
        "section",
        "space",
        "spans",
        "transparent_union",
        "type_tags",
        "unused",
        "used",
        "vector",
        "weak",
    )

    def __init__(self) -> None:
        self.section = ""
        self.align = 0
        self.packed = False
        self.used = False
        self.weak = False
        self.hidden = False
        self.always_inline = False
        self.noinline = False
        self.unused = False
        self.core = False
        self.naked = False
        self.noreturn = False
        self.transparent_union = False
        self.gnu_inline = False
        self.fallthrough = False
        self.must_use = False
        self.vector = False
        self.decl_tags: list[str] = []
        self.type_tags: tuple[str, ...] = ()
        self.space = 0
        self.cleanup: Any = None
        self.format: tuple[str, int, int] | None = None
        self.mode: IntType | None = None
        self.deprecated: str | None = None
        self.alias: str | None = None
        self.spans: dict[str, Span | None] = {}


NONE = Attrs()


def read(cx: Context, *lists: list[Attribute]) -> Attrs:
    """Read attribute lists into one record. Reports: unknown names, wrong arguments."""
    found: Attrs | None = None
    for attributes in lists:
        for attribute in attributes:
            if found is None:
                found = Attrs()
            _read_one(cx, attribute, found)
    return found if found is not None else NONE


def _read_one(cx: Context, attribute: Attribute, out: Attrs) -> None:
    name = attribute.name
    simple = _SIMPLE.get(name)
    if simple is not None:
        setattr(out, simple, True)
        out.spans[name] = span_of(attribute)
        return
    rule = _RULES.get(name)
    if rule is not None:
        out.spans[name] = span_of(attribute)
        rule(cx, attribute, out)
    elif name not in _PASSED_OVER:
        cx.warning("unknown-attributes", f"unknown attribute '{name}' ignored", span_of(attribute))


def _string(cx: Context, attribute: Attribute) -> str | None:
    args = attribute.args
    if args and isinstance(args[0], StringLiteral):
        return args[0].string()
    if not args:
        cx.error(
            "c-attribute", f"'{attribute.name}' attribute takes one argument", span_of(attribute)
        )
    else:
        cx.error("c-attribute", f"'{attribute.name}' attribute requires a string", span_of(args[0]))
    return None


def _number(cx: Context, node: Any) -> int | None:
    if isinstance(node, IntLiteral):
        value: int = node.value
        return value
    found = evaluate_int(rvalue(cx, cx.expr(node)))
    if found is None:
        cx.error("c-not-constant", "attribute requires an integer constant", span_of(node))
    return found


def _section(cx: Context, attribute: Attribute, out: Attrs) -> None:
    out.section = _string(cx, attribute) or ""


def _aligned(cx: Context, attribute: Attribute, out: Attrs) -> None:
    args = attribute.args
    if not args:
        out.align = max(out.align, _DEFAULT_ALIGN)
        return
    if isinstance(args[0], Typename):
        out.align = max(out.align, align_of(cx.type_name(args[0])))
        return
    value = _number(cx, args[0])
    if value is not None and check_alignment(cx, value, span_of(args[0])):
        out.align = max(out.align, value)


def check_alignment(cx: Context, value: int, span: Span | None) -> bool:
    """Report alignments that are no power of two or too large."""
    if value <= 0 or value & (value - 1):
        cx.error("c-alignment", "requested alignment is not a power of 2", span)
        return False
    if value > MAX_ALIGN:
        cx.error("c-alignment", f"requested alignment must be {MAX_ALIGN} bytes or smaller", span)
        return False
    return True


def _visibility(cx: Context, attribute: Attribute, out: Attrs) -> None:
    text = _string(cx, attribute)
    if text not in (None, "default", "hidden", "internal", "protected"):
        cx.warning("ignored-attributes", f"unknown visibility '{text}'", span_of(attribute))
    out.hidden = text in ("hidden", "internal")


def _decl_tag(cx: Context, attribute: Attribute, out: Attrs) -> None:
    text = _string(cx, attribute)
    if text is not None:
        out.decl_tags.append(text)


def _type_tag(cx: Context, attribute: Attribute, out: Attrs) -> None:
    text = _string(cx, attribute)
    if text is not None:
        out.type_tags += (text,)


def _address_space(cx: Context, attribute: Attribute, out: Attrs) -> None:
    value = _number(cx, attribute.args[0]) if attribute.args else None
    out.space = value or 0


def _cleanup(cx: Context, attribute: Attribute, out: Attrs) -> None:
    if attribute.args and isinstance(attribute.args[0], ID):
        out.cleanup = attribute.args[0]
    else:
        cx.error("c-attribute", "'cleanup' argument is not a function", span_of(attribute))


def _format(cx: Context, attribute: Attribute, out: Attrs) -> None:
    args = attribute.args or []
    if len(args) == 3 and isinstance(args[0], ID):
        first, second = _number(cx, args[1]), _number(cx, args[2])
        if first is not None and second is not None:
            out.format = (args[0].name.strip("_"), first, second)
        return
    cx.error("c-attribute", "'format' attribute requires exactly 3 arguments", span_of(attribute))


def _mode(cx: Context, attribute: Attribute, out: Attrs) -> None:
    args = attribute.args or []
    name = args[0].name.strip("_") if args and isinstance(args[0], ID) else ""
    out.mode = _MODES.get(name)
    if out.mode is None:
        cx.error(
            "c-attribute",
            f"machine mode '{name}' is not supported on this target",
            span_of(attribute),
        )


def _deprecated(cx: Context, attribute: Attribute, out: Attrs) -> None:
    args = attribute.args
    out.deprecated = args[0].string() if args and isinstance(args[0], StringLiteral) else ""


def _alias(cx: Context, attribute: Attribute, out: Attrs) -> None:
    out.alias = _string(cx, attribute)
    cx.error(
        "bpf-unsupported-c",
        "aliases are not available in BPF objects",
        span_of(attribute),
    )


def _vector(cx: Context, attribute: Attribute, out: Attrs) -> None:
    out.vector = True
    cx.error("bpf-unsupported-c", "vector types are not available in BPF", span_of(attribute))


def _constructor(cx: Context, attribute: Attribute, out: Attrs) -> None:
    cx.error(
        "bpf-unsupported-c",
        f"'{attribute.name}' functions are never called in BPF: nothing runs at load time",
        span_of(attribute),
    )


_RULES = {
    "section": _section,
    "aligned": _aligned,
    "visibility": _visibility,
    "btf_decl_tag": _decl_tag,
    "btf_type_tag": _type_tag,
    "address_space": _address_space,
    "cleanup": _cleanup,
    "format": _format,
    "mode": _mode,
    "deprecated": _deprecated,
    "alias": _alias,
    "ifunc": _alias,
    "vector_size": _vector,
    "constructor": _constructor,
    "destructor": _constructor,
}


def apply_mode(t: CType, attrs: Attrs) -> CType:
    """Return the integer type of ``t``'s sign that a mode attribute asks for, or ``t``."""
    if attrs.mode is None:
        return t
    real = strip(t)
    if isinstance(real, IntType) and not real.signed:
        return to_unsigned(attrs.mode)
    return attrs.mode


def apply_to_type(cx: Context, t: CType, attrs: Attrs) -> CType:
    """Return ``t`` changed by the type attributes among ``attrs``: mode, tags, address space."""
    t = apply_mode(t, attrs)
    if attrs.type_tags or attrs.space:
        t = Qualified(t, tags=attrs.type_tags, space=attrs.space)
    return t
