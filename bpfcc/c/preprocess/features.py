"""What ``__has_attribute`` and its kin answer: the features that bpfcc has, under clang's names."""

from __future__ import annotations

ATTRIBUTES = frozenset(
    (
        "address_space alias aligned alloc_align alloc_size always_inline analyzer_noreturn "
        "annotate artificial assume assume_aligned availability btf_decl_tag btf_type_tag cleanup "
        "cold common const constructor convergent counted_by deprecated destructor "
        "disable_tail_calls enum_extensibility error fallthrough flag_enum flatten format "
        "format_arg gnu_inline hot internal_linkage leaf malloc may_alias minsize mode musttail "
        "naked no_address_safety_analysis no_builtin no_instrument_function "
        "no_profile_instrument_function no_randomize_layout no_sanitize no_sanitize_address "
        "no_sanitize_memory no_sanitize_thread no_split_stack no_stack_protector nocommon nodebug "
        "noderef noduplicate noescape noinline nomerge nonnull noreturn not_tail_called nothrow "
        "nouwtable optnone packed preserve_access_index preserve_static_offset pure "
        "randomize_layout retain returns_nonnull returns_twice section selectany sentinel "
        "standalone_debug suppress target tls_model transparent_union unavailable uninitialized "
        "unused used visibility warn_unused_result warning weak weakref zero_call_used_regs"
    ).split()
)

FEATURES = frozenset(
    (
        "assume_nonnull attribute_analyzer_noreturn attribute_availability "
        "attribute_deprecated_with_message attribute_deprecated_with_replacement "
        "attribute_unavailable_with_message attribute_unused_on_fields c_alignas c_alignof "
        "c_atomic c_generic_selections c_static_assert enumerator_attributes nullability "
        "nullability_nullable_result nullability_on_arrays nullability_on_classes"
    ).split()
)

# What clang calls an extension and no feature in C17.
EXTENSIONS = frozenset(
    (
        "c_attributes c_generic_selection_with_controlling_type gnu_asm gnu_asm_goto_with_outputs "
        "pragma_clang_attribute_external_declaration pragma_clang_attribute_namespaces "
        "statement_attributes_with_gnu_syntax"
    ).split()
)

_BUILTINS = {
    "__builtin_": (
        "abs add_overflow assume assume_aligned bcmp bswap16 bswap32 bswap64 btf_type_id "
        "choose_expr classify_type clz clzl clzll constant_p ctz ctzl ctzll debugtrap "
        "dynamic_object_size expect expect_with_probability ffs ffsl ffsll "
        "labs launder llabs memcmp memcpy memcpy_inline memmove memset memset_inline mul_overflow "
        "object_size offsetof parity parityl parityll popcount popcountl popcountll prefetch "
        "preserve_access_index preserve_enum_value preserve_field_info preserve_type_info "
        "rotateleft16 rotateleft32 rotateleft64 rotateleft8 rotateright16 rotateright32 "
        "rotateright64 rotateright8 sadd_overflow saddl_overflow saddll_overflow smul_overflow "
        "smull_overflow smulll_overflow ssub_overflow ssubl_overflow ssubll_overflow strlen "
        "sub_overflow trap types_compatible_p uadd_overflow uaddl_overflow uaddll_overflow "
        "umul_overflow umull_overflow umulll_overflow unreachable usub_overflow usubl_overflow "
        "usubll_overflow"
    ),
    "__sync_": (
        "add_and_fetch and_and_fetch bool_compare_and_swap fetch_and_add fetch_and_and "
        "fetch_and_or fetch_and_sub fetch_and_xor lock_release lock_test_and_set or_and_fetch "
        "sub_and_fetch synchronize val_compare_and_swap xor_and_fetch"
    ),
    "__atomic_": (
        "add_fetch and_fetch compare_exchange compare_exchange_n exchange_n fetch_add "
        "fetch_and fetch_or fetch_sub fetch_xor load load_n or_fetch signal_fence store store_n "
        "sub_fetch thread_fence xor_fetch"
    ),
}
BUILTINS = frozenset(prefix + name for prefix, names in _BUILTINS.items() for name in names.split())

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
        return int(operand in BUILTINS)
    if query == "__has_warning":
        return int(operand.strip('"') in WARNINGS)
    if query == "__is_identifier":
        return int(operand not in _KEYWORDS)
    return 0
