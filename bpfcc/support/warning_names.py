"""Names of clang's C warning groups, so that a misspelt -W flag is told from a foreign one."""

from __future__ import annotations

CLANG_GROUPS = frozenset(
    """
    CFString-literal CL4 IndependentClass-attribute NSObject-attribute aarch64-sme-attributes
    abi absolute-value abstract-final-class abstract-vbase-init address address-of-packed-member
    address-of-temporary aggregate-return aix-compat align-mismatch all alloca
    alloca-with-align-alignof ambiguous-delete ambiguous-ellipsis ambiguous-macro
    ambiguous-reversed-operator analyzer-incompatible-plugin android-unversioned-fallback
    anon-enum-enum-conversion anonymous-pack-parens apinotes arc argument-outside-range
    argument-undefined-behaviour arm-interrupt-vfp-clobber array-bounds
    array-bounds-pointer-arithmetic array-parameter asm asm-operand-widths assign-enum assume
    at-protocol atimport-in-framework-header atomic-access atomic-alignment
    atomic-implicit-seq-cst atomic-memory-ordering atomic-properties
    atomic-property-with-user-defined-accessor attribute-packed-for-bitfield attribute-warning
    attributes auto-decl-extensions auto-disable-vptr-sanitizer auto-import auto-storage-class
    auto-var-id availability avr-rtlib-linking-quirks backend-plugin backslash-newline-escape
    bad-function-cast binary-literal bind-to-temporary-copy binding-in-condition
    bit-int-extension bitfield-constant-conversion bitfield-enum-conversion bitfield-width
    bitwise-conditional-parentheses bitwise-instead-of-logical bitwise-op-parentheses
    block-capture-autoreleasing bool-conversion bool-conversions bool-operation
    bounds-safety-counted-by-elt-type-unknown-size braced-scalar-init branch-protection
    bridge-cast builtin-assume-aligned-alignment builtin-macro-redefined builtin-memcpy-chk-size
    builtin-requires-header c23-compat c23-extensions c2y-extensions called-once-parameter
    cast-align cast-calling-convention cast-function-type cast-function-type-mismatch
    cast-function-type-strict cast-of-sel-type cast-qual cast-qual-unrelated char-align
    char-subscripts class-conversion class-varargs cmse-union-leak comma comment comments
    compare-distinct-pointer-types completion-handler complex-component-init
    compound-token-split compound-token-split-by-macro compound-token-split-by-space
    conditional-type-mismatch conditional-uninitialized config-macros constant-conversion
    constant-evaluated constant-logical-operand consumed conversion conversion-null
    coro-non-aligned-allocation-function covered-switch-default cpp cstring-format-directive
    ctad-maybe-unsupported ctu custom-atomic-properties dangling dangling-assignment
    dangling-assignment-gsl dangling-else dangling-field dangling-gsl dangling-initializer-list
    darwin-sdk-settings date-time dealloc-in-category debug-compression-unavailable
    declaration-after-statement defaulted-function-deleted delete-incomplete
    delimited-escape-sequence-extension deprecate-lax-vec-conv-all deprecated
    deprecated-altivec-src-compat deprecated-anon-enum-enum-conversion deprecated-array-compare
    deprecated-attributes deprecated-builtins deprecated-comma-subscript deprecated-copy
    deprecated-copy-with-user-provided-copy deprecated-declarations
    deprecated-dynamic-exception-spec deprecated-enum-compare
    deprecated-enum-compare-conditional deprecated-enum-enum-conversion
    deprecated-enum-float-conversion deprecated-implementations deprecated-increment-bool
    deprecated-literal-operator deprecated-non-prototype deprecated-ofast deprecated-pragma
    deprecated-register deprecated-this-capture deprecated-type deprecated-volatile
    deprecated-writable-strings direct-ivar-access disabled-macro-expansion
    disabled-optimization discard-qual distributed-object-modifiers div-by-zero division-by-zero
    dll-attribute-on-redeclaration dllexport-explicit-instantiation-decl
    dllimport-static-field-def documentation documentation-deprecated-sync documentation-html
    documentation-pedantic documentation-unknown-command dollar-in-identifier-extension
    double-promotion duplicate-decl-specifier duplicate-enum duplicate-method-arg
    duplicate-method-match duplicate-protocol dxil-validation dynamic-class-memaccess
    dynamic-exception-spec effc++ elaborated-enum-base elaborated-enum-class embedded-directive
    empty-body empty-decomposition empty-init-stmt empty-translation-unit encode-type
    endif-labels enum-compare enum-compare-conditional enum-compare-switch enum-conversion
    enum-enum-conversion enum-float-conversion enum-too-large exceptions excess-initializers
    excessive-regsave expansion-to-defined experimental-header-units explicit-initialize-call
    explicit-ownership-type explicit-specialization-storage-class export-unnamed extern-c-compat
    extern-initializer extra extra-qualification extra-semi extra-semi-stmt extra-tokens
    extractapi-misuse final-macro fixed-enum-extension fixed-point-overflow flag-enum
    flexible-array-extensions float-conversion float-equal float-overflow-conversion
    float-zero-conversion for-loop-analysis format format-extra-args format-insufficient-args
    format-invalid-specifier format-non-iso format-nonliteral format-overflow
    format-overflow-non-kprintf format-pedantic format-security format-signedness
    format-truncation format-truncation-non-kprintf format-type-confusion format-y2k
    format-zero-length format=2 fortify-source four-char-constants frame-address
    frame-larger-than frame-larger-than= framework-include-private-from-public
    free-nonheap-object friend-enum function-effects function-multiversion fuse-ld-path
    future-attribute-extensions future-compat gcc-compat global-isel gnu gpu-maybe-wrong-side
    header-guard header-hygiene higher-precision-fp idiomatic-parentheses ignored-attributes
    ignored-availability-without-sdk-settings ignored-gch ignored-optimization-argument
    ignored-pragma-intrinsic ignored-pragma-optimize ignored-pragmas ignored-qualifiers
    ignored-reference-qualifiers implicit implicit-atomic-properties
    implicit-const-int-float-conversion implicit-conversion-floating-point-to-bool
    implicit-exception-spec-mismatch implicit-fallthrough implicit-fallthrough-per-function
    implicit-fixed-point-conversion implicit-float-conversion implicit-function-declaration
    implicit-int implicit-int-conversion implicit-int-float-conversion implicit-retain-self
    implicitly-unsigned-literal import import-preprocessor-directive-pedantic inaccessible-base
    include-next-absolute-path include-next-outside-header incompatible-exception-spec
    incompatible-function-pointer-types incompatible-function-pointer-types-strict
    incompatible-library-redeclaration incompatible-ms-pragma-section incompatible-ms-struct
    incompatible-pointer-types incompatible-pointer-types-discards-qualifiers
    incompatible-property-type incompatible-sysroot incomplete-implementation
    incomplete-setjmp-declaration incomplete-umbrella inconsistent-dllimport
    inconsistent-missing-override increment-bool infinite-recursion init-self
    initializer-overrides injected-class-name inline inline-asm inline-new-delete
    installapi-violation instantiation-after-specialization int-conversion int-conversions
    int-in-bool-context int-to-pointer-cast int-to-void-pointer-cast integer-overflow
    invalid-command-line-argument invalid-feature-combination invalid-iboutlet
    invalid-initializer-from-system-header invalid-ios-deployment-target
    invalid-no-builtin-names invalid-noreturn invalid-offsetof invalid-partial-specialization
    invalid-pch invalid-pp-token invalid-source-encoding invalid-static-assert-message
    invalid-token-paste invalid-unevaluated-string invalid-utf8 jump-seh-finally keyword-compat
    keyword-macro knr-promoted-parameter language-extension-token large-by-value-copy liblto
    linker-warnings literal-conversion literal-range logical-not-parentheses
    logical-op-parentheses long-long loop-analysis macro-redefined main main-return-type
    malformed-warning-check many-braces-around-scalar-init
    mathematical-notation-identifier-extension max-tokens max-unsigned-zero
    memset-transposed-args memsize-comparison method-signatures misexpect misleading-indentation
    mismatched-new-delete mismatched-parameter-types mismatched-return-types mismatched-tags
    missing-braces missing-constinit missing-declarations missing-designated-field-initializers
    missing-exception-spec missing-field-initializers missing-format-attribute
    missing-include-dirs missing-method-return-type missing-multilib missing-noescape
    missing-noreturn missing-prototype-for-cc missing-prototypes missing-sysroot
    missing-variable-declarations misspelled-assumption mix-packoffset most move msvc-include
    msvc-not-found multi-gpu multichar multiple-move-vbase nan-infinity-disabled narrowing
    nested-anon-types nested-externs new-returns-null newline-eof noderef
    non-c-typedef-for-linkage non-gcc non-literal-null-conversion non-pod-varargs
    non-power-of-two-alignment nonnull nonportable-cfstrings nonportable-include-path
    nonportable-private-apinotes-path nonportable-private-system-apinotes-path
    nonportable-system-include-path nontrivial-memaccess nsconsumed-mismatch nsreturns-mismatch
    null-arithmetic null-character null-conversion null-dereference null-pointer-arithmetic
    null-pointer-subtraction nvcc-compat odr old-style-cast old-style-definition openacc
    openacc-deprecated-clause-alias openacc-self-if-potential-conflict opencl-unsupported-rgba
    option-ignored ordered-compare-function-pointers out-of-line-declaration
    out-of-scope-function over-aligned overflow overlength-strings override-init
    overriding-method-mismatch overriding-option packed packed-non-pod padded padded-bitfield
    parentheses parentheses-equality partial-availability pass pass-analysis pass-failed
    pass-missed pch-date-time pch-vfs-diff pedantic pedantic-core-features pedantic-macros
    pessimizing-move pointer-arith pointer-bool-conversion pointer-compare
    pointer-integer-compare pointer-sign pointer-to-enum-cast pointer-to-int-cast
    pointer-type-mismatch potentially-evaluated-expression pragma-clang-attribute
    pragma-once-outside-header pragma-pack pragma-pack-suspicious-include
    pragma-system-header-outside-header pragmas pre-openmp-51-compat
    predefined-identifier-outside-function private-extern private-header
    property-access-dot-syntax property-attribute-mismatch protocol
    protocol-property-synthesis-ambiguity psabi ptrauth-null-pointers qualified-void-return-type
    quoted-include-in-framework-header range-loop-analysis range-loop-bind-reference
    range-loop-construct read-only-types readonly-iboutlet-property receiver-expr
    receiver-forward-class redeclared-class-member redundant-consteval-if redundant-decls
    redundant-move redundant-parens register reinterpret-base-class remark-backend-plugin
    reorder reorder-init-list requires-super-attribute reserved-id-macro reserved-identifier
    reserved-macro-identifier reserved-user-defined-literal restrict-expansion
    retained-language-linkage return-local-addr return-mismatch return-stack-address
    return-std-move return-type return-type-c-linkage rewrite-not-bool round-trip-cc1-args rtti
    sanitize-address sarif-format-unstable search-path-usage section self-assign
    self-assign-field self-move semicolon-before-method-body sentinel sequence-point
    serialized-diagnostics shadow shadow-all shadow-field shadow-ivar shadow-uncaptured-local
    shift-count-negative shift-count-overflow shift-negative-value shift-op-parentheses
    shift-overflow shift-sign-overflow shorten-64-to-32 sign-compare sign-conversion sign-promo
    signed-enum-bitfield signed-unsigned-wchar single-bit-bitfield-constant-conversion
    sizeof-array-argument sizeof-array-decay sizeof-array-div sizeof-pointer-div
    sizeof-pointer-memaccess slash-u-filename slh-asm-goto sloc-usage sometimes-uninitialized
    source-mgr source-uses-openacc source-uses-openmp spir-compat spirv-compat stack-exhausted
    static-float-init static-in-inline static-inline-explicit-instantiation
    static-local-in-inline static-self-init strict-aliasing strict-aliasing=0 strict-aliasing=1
    strict-aliasing=2 strict-overflow strict-overflow=0 strict-overflow=1 strict-overflow=2
    strict-overflow=3 strict-overflow=4 strict-overflow=5 strict-prototypes string-compare
    string-concatenation string-conversion string-plus-char string-plus-int strlcpy-strlcat-size
    strncat-size suggest-override super-class-method-mismatch suspicious-bzero
    suspicious-memaccess switch switch-bool switch-default switch-enum sync-alignment
    sync-fetch-and-nand-semantics-changed synth target-clones-mixed-specifiers
    tautological-bitwise-compare tautological-compare tautological-constant-compare
    tautological-constant-in-range-compare tautological-constant-out-of-range-compare
    tautological-negation-compare tautological-overlap-compare tautological-pointer-compare
    tautological-type-limit-compare tautological-undefined-compare
    tautological-unsigned-char-zero-compare tautological-unsigned-enum-zero-compare
    tautological-unsigned-zero-compare tautological-value-range-compare tcb-enforcement
    tentative-definition-array tentative-definition-incomplete-type trigraphs type-limits
    type-safety typedef-redefinition typename-missing unable-to-open-stats-file unaligned-access
    unaligned-qualifier-implicit-cast unavailable-declarations undef undef-prefix
    undefined-arm-za undefined-arm-zt0 undefined-bool-conversion undefined-inline
    undefined-internal undefined-internal-type undefined-reinterpret-cast
    underaligned-exception-object unevaluated-expression unguarded-availability
    unguarded-availability-new unicode unicode-homoglyph unicode-whitespace unicode-zero-width
    uninitialized uninitialized-const-reference unknown-argument unknown-assumption
    unknown-attributes unknown-cuda-version unknown-directives unknown-escape-sequence
    unknown-pragmas unknown-sanitizers unknown-warning-option unneeded-internal-declaration
    unneeded-member-function unqualified-std-cast-call unreachable-code
    unreachable-code-aggressive unreachable-code-break unreachable-code-fallthrough
    unreachable-code-generic-assoc unreachable-code-loop-increment unreachable-code-return
    unsafe-buffer-usage unsafe-buffer-usage-in-container unsequenced unsupported-abi
    unsupported-abs unsupported-availability-guard unsupported-cb unsupported-floating-point-opt
    unsupported-friend unsupported-gpopt unsupported-nan unsupported-target-opt
    unsupported-visibility unusable-partial-specialization unused unused-argument
    unused-but-set-parameter unused-but-set-variable unused-command-line-argument
    unused-comparison unused-const-variable unused-exception-parameter unused-function
    unused-getter-return-value unused-label unused-local-typedef unused-local-typedefs
    unused-macros unused-member-function unused-parameter unused-private-field
    unused-property-ivar unused-result unused-value unused-variable unused-volatile-lvalue
    used-but-marked-unused user-defined-literals user-defined-warnings varargs variadic-macros
    vec-elem-size vexing-parse visibility vla vla-extension vla-extension-static-assert
    void-pointer-to-enum-cast void-pointer-to-int-cast void-ptr-dereference
    volatile-register-var wasm-exception-spec writable-strings write-strings xor-used-as-pow
    zero-as-null-pointer-constant zero-length-array
    """.split()
)
