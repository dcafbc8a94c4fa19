"""What ``__has_attribute`` and its kin answer: the features that bpfcc has, under clang's names."""

from __future__ import annotations

ATTRIBUTES = frozenset(
    "address_space alias alias always_inline aligned alloc_size annotate assume assume_aligned "
    "bpf_fastcall btf_decl_tag btf_type_tag cleanup cold common const constructor convergent "
    "deprecated designated_init destructor diagnose_if disable_tail_calls enable_if error "
    "ext_vector_type fallthrough flag_enum flatten format format_arg gnu_inline hot ifunc "
    "internal_linkage leaf malloc may_alias minsize mode musttail naked no_builtin "
    "no_caller_saved_registers no_instrument_function no_sanitize no_split_stack "
    "no_stack_protector nocf_check noderef nodiscard noduplicate noinline nomerge nonnull "
    "noreturn noprofile_instrument_function nothrow nouwtable nonstring objc_boxable optnone "
    "overloadable packed patchable_function_entry preserve_access_index preserve_static_offset "
    "pure reinitializes restrict returns_nonnull returns_twice section selectany sentinel "
    "standalone_debug target transparent_union unavailable unused used vector_size visibility "
    "warn_unused_result warning weak weakref zero_call_used_regs".split()
)

FEATURES = frozenset(
    "c_alignas c_alignof c_atomic c_generic_selections c_generic_selection_with_controlling_type "
    "c_static_assert c_thread_local enumerator_attributes attribute_deprecated_with_message "
    "attribute_overloadable attribute_unavailable_with_message attribute_analyzer_noreturn "
    "attribute_unused_on_fields nullability "
    "nullability_on_arrays nullability_on_classes statement_attributes_with_gnu_syntax "
    "gnu_asm gnu_asm_goto_with_outputs gnu_asm_goto_with_outputs_full "
    "pragma_clang_attribute_namespaces pragma_clang_attribute_external_declaration "
    "tls".split()
)

# Features of __has_extension beyond those of __has_feature.
EXTENSIONS = frozenset(
    "c_fixed_enum c_alignas c_alignof c_atomic c_generic_selections c_static_assert "
    "c_thread_local overloadable_unmarked statement_attributes_with_gnu_syntax gnu_asm "
    "gnu_asm_goto_with_outputs datasizeof pragma_clang_attribute_namespaces".split()
)

BUILTINS = frozenset(
    [
        f"__builtin_{name}"
        for name in (
            "abs labs llabs assume assume_aligned expect expect_with_probability unreachable trap "
            "debugtrap constant_p choose_expr types_compatible_p offsetof object_size "
            "dynamic_object_size memcpy memcpy_inline memset memset_inline memmove memcmp memchr "
            "bcmp bzero strlen strcmp strncmp strcpy strncpy strchr bswap16 bswap32 bswap64 "
            "bitreverse8 bitreverse16 bitreverse32 bitreverse64 clz clzl clzll clzg ctz ctzl ctzll "
            "ctzg ffs ffsl ffsll parity parityl parityll popcount popcountl popcountll popcountg "
            "rotateleft8 rotateleft16 rotateleft32 rotateleft64 rotateright8 rotateright16 "
            "rotateright32 rotateright64 clrsb clrsbl clrsbll "
            "add_overflow sub_overflow mul_overflow sadd_overflow saddl_overflow saddll_overflow "
            "uadd_overflow uaddl_overflow uaddll_overflow ssub_overflow ssubl_overflow "
            "ssubll_overflow usub_overflow usubl_overflow usubll_overflow smul_overflow "
            "smull_overflow smulll_overflow umul_overflow umull_overflow umulll_overflow "
            "prefetch frame_address return_address launder va_start va_end va_arg va_copy "
            "preserve_access_index preserve_field_info preserve_type_info preserve_enum_value "
            "btf_type_id LINE FILE FUNCTION alloca "
            "extract_return_addr sub_overflow"
        ).split()
    ]
    + [
        f"__sync_{name}"
        for name in (
            "fetch_and_add fetch_and_sub fetch_and_or fetch_and_and fetch_and_xor fetch_and_nand "
            "add_and_fetch sub_and_fetch or_and_fetch and_and_fetch xor_and_fetch nand_and_fetch "
            "bool_compare_and_swap val_compare_and_swap lock_test_and_set lock_release "
            "synchronize swap"
        ).split()
    ]
    + [
        f"__atomic_{name}"
        for name in (
            "load load_n store store_n exchange exchange_n compare_exchange compare_exchange_n "
            "add_fetch sub_fetch and_fetch xor_fetch or_fetch nand_fetch fetch_add fetch_sub "
            "fetch_and fetch_xor fetch_or fetch_nand test_and_set clear thread_fence "
            "signal_fence always_lock_free is_lock_free"
        ).split()
    ]
)

# Features that __has_builtin knows although they are operators of the preprocessor or parser.
OPERATORS = frozenset(
    "__has_attribute __has_builtin __has_feature __has_extension __has_include "
    "__has_include_next __has_c_attribute __has_warning __is_identifier "
    "__has_declspec_attribute".split()
)

WARNINGS = frozenset(
    "-Wall -Wextra -Werror -Wunused -Wunused-variable -Wunused-function -Wunused-parameter "
    "-Wunused-value -Wunused-label -Wunused-but-set-variable -Wuninitialized -Wint-conversion "
    "-Wincompatible-pointer-types -Wformat -Wreturn-type -Wmacro-redefined -Wundef "
    "-Wunknown-pragmas -Wcompare-distinct-pointer-types -Wsign-compare -Wshadow "
    "-Wimplicit-function-declaration -Waddress-of-packed-member -Wpedantic".split()
)

_KEYWORDS = frozenset(
    "auto break case char const continue default do double else enum extern float for goto if "
    "inline int long register restrict return short signed sizeof static struct switch typedef "
    "union unsigned void volatile while _Alignas _Alignof _Atomic _Bool _Complex _Generic "
    "_Imaginary _Noreturn _Static_assert _Thread_local asm typeof".split()
)


def answer(query: str, operand: str) -> int:
    """Return the value of ``__has_xxx(operand)``; ``operand`` is one name."""
    name = operand
    if len(name) > 4 and name.startswith("__") and name.endswith("__"):
        name = name[2:-2]
    if query in ("__has_attribute", "__has_cpp_attribute"):
        return int(name in ATTRIBUTES and query == "__has_attribute")
    if query == "__has_c_attribute":
        return 0
    if query == "__has_feature":
        return int(name in FEATURES)
    if query == "__has_extension":
        return int(name in FEATURES or name in EXTENSIONS)
    if query == "__has_builtin":
        return int(operand in BUILTINS or operand in OPERATORS)
    if query == "__has_warning":
        return int(operand.strip('"') in WARNINGS)
    if query == "__is_identifier":
        return int(operand not in _KEYWORDS)
    return 0
