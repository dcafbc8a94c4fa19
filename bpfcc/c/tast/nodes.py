"""The typed tree: what sema makes and lower reads.

Every expression has a type, a span and a value category; every conversion is an explicit ``Cast``;
names are symbol objects; constant expressions are folded; types are complete where C requires it.
Nothing here needs another look at C's rules: sizes, promotions, usual arithmetic conversions,
array decay, designators and defaults are all resolved.
"""

from __future__ import annotations

from ...support.source import Span
from ..ctype.types import CType, EnumType, Field, FuncType, RecordType


# --------------------------------------------------------------------------- symbols
class Symbol:
    """Base of what a name can mean. ``span`` is the declaration's name."""

    __slots__ = ("name", "span", "type", "used")

    def __init__(self, name: str, type: CType, span: Span | None) -> None:
        self.name = name
        self.type = type
        self.span = span
        self.used = False


class VarSymbol(Symbol):
    """A variable.

    ``storage``: "auto" (a local or parameter), "static" (file scope or local static), "global"
    (external linkage, defined here), "extern" (declared only). ``link_name`` is unique in the
    unit ("f.counter" for a local static). ``weak``, ``hidden``, ``section``, ``align`` (bytes,
    0 = natural), ``decl_tags`` come from attributes. ``init`` is set once for statics and globals.
    ``extent`` is the object's size in bytes when its flexible array member is initialised, else 0.
    ``refs`` and ``writes`` count its mentions and those that only assign (for warnings).
    """

    __slots__ = (
        "address_taken",
        "align",
        "cleanup",
        "decl_tags",
        "extent",
        "hidden",
        "init",
        "is_param",
        "link_name",
        "quiet",
        "refs",
        "section",
        "storage",
        "used_attr",
        "weak",
        "writes",
    )

    def __init__(self, name: str, type: CType, span: Span | None, storage: str) -> None:
        super().__init__(name, type, span)
        self.storage = storage
        self.link_name = name
        self.section = ""
        self.align = 0
        self.weak = False
        self.hidden = False
        self.used_attr = False
        self.is_param = False
        self.address_taken = False
        self.decl_tags: list[str] = []
        self.init: Init | None = None
        self.cleanup: FuncSymbol | None = None
        self.extent = 0
        self.refs = 0
        self.writes = 0
        self.quiet = False  # no warning when it is not used


class FuncSymbol(Symbol):
    """A function. ``inline``: "always", "never", "hint" (inline keyword) or "".

    ``helper`` is the helper id when the name is a BPF helper (``static T (*f)(..) = (void *)N``
    becomes a FuncSymbol too); None otherwise. ``builtin`` is the name of a compiler builtin.
    ``ksym``: extern in section ".ksyms". ``body`` is set on the definition. ``link_name`` is the
    name in the object (an asm label renames it).
    """

    __slots__ = (
        "body",
        "builtin",
        "decl_tags",
        "deprecated",
        "format",
        "helper",
        "hidden",
        "inline",
        "ksym",
        "labels",
        "link_name",
        "linkage",
        "locals",
        "must_use",
        "naked",
        "noreturn",
        "params",
        "quiet",
        "section",
        "section_span",
        "used_attr",
        "weak",
    )

    def __init__(self, name: str, type: FuncType, span: Span | None) -> None:
        super().__init__(name, type, span)
        self.linkage = "global"  # or "static"
        self.link_name = name
        self.inline = ""
        self.section = ""
        self.section_span: Span | None = None
        self.weak = False
        self.hidden = False
        self.used_attr = False
        self.naked = False
        self.noreturn = False
        self.ksym = False
        self.helper: int | None = None
        self.builtin = ""
        self.decl_tags: list[str] = []
        self.quiet = False  # no warning when it is not used
        self.must_use = False  # warn_unused_result
        self.deprecated: str | None = None
        self.format: tuple[str, int, int] | None = None  # archetype, format, first argument
        self.params: list[VarSymbol] = []
        self.locals: list[VarSymbol] = []
        self.labels: list[LabelSymbol] = []
        self.body: Block | None = None


class LabelSymbol:
    """A label of one function."""

    __slots__ = ("name", "span")

    def __init__(self, name: str, span: Span | None) -> None:
        self.name = name
        self.span = span


# --------------------------------------------------------------------------- expressions
class Expr:
    """Base. ``lvalue``: designates an object; the type of an rvalue has no qualifiers."""

    __slots__ = ("span", "type")
    lvalue = False

    def __init__(self, type: CType, span: Span | None) -> None:
        self.type = type
        self.span = span


class IntConst(Expr):
    """An integer constant of integer, enum or pointer type; ``value`` in the type's range."""

    __slots__ = ("value",)

    def __init__(self, type: CType, value: int, span: Span | None) -> None:
        super().__init__(type, span)
        self.value = value


class FloatConst(Expr):
    """A floating constant. It only reaches lower as the value of static data (an ``InitItem``)."""

    __slots__ = ("value",)

    def __init__(self, type: CType, value: float, span: Span | None) -> None:
        super().__init__(type, span)
        self.value = value


class StringLit(Expr):
    """A string literal, an array lvalue; ``data`` includes the final NUL (and wide characters)."""

    __slots__ = ("data",)
    lvalue = True

    def __init__(self, type: CType, data: bytes, span: Span | None) -> None:
        super().__init__(type, span)
        self.data = data


class VarRef(Expr):
    """A variable."""

    __slots__ = ("symbol",)
    lvalue = True

    def __init__(self, symbol: VarSymbol, span: Span | None) -> None:
        super().__init__(symbol.type, span)
        self.symbol = symbol


class FuncRef(Expr):
    """A function designator (before decay)."""

    __slots__ = ("symbol",)

    def __init__(self, symbol: FuncSymbol, span: Span | None) -> None:
        super().__init__(symbol.type, span)
        self.symbol = symbol


class Deref(Expr):
    """``*pointer``."""

    __slots__ = ("pointer",)
    lvalue = True

    def __init__(self, pointer: Expr, type: CType, span: Span | None) -> None:
        super().__init__(type, span)
        self.pointer = pointer


class Index(Expr):
    """``pointer[index]``: a pointer rvalue (an array has decayed) and a 64-bit index."""

    __slots__ = ("index", "pointer")
    lvalue = True

    def __init__(self, pointer: Expr, index: Expr, type: CType, span: Span | None) -> None:
        super().__init__(type, span)
        self.pointer = pointer
        self.index = index


class Member(Expr):
    """``base.field``; ``p->f`` is Member(Deref(p), f). One level: anonymous members are explicit.

    ``name_span`` covers the member's name only.
    """

    __slots__ = ("base", "field", "name_span", "record")

    def __init__(
        self, base: Expr, record: RecordType, field: Field, type: CType, span: Span | None
    ) -> None:
        super().__init__(type, span)
        self.base = base
        self.record = record
        self.field = field
        self.name_span: Span | None = span

    @property
    def lvalue(self) -> bool:  # type: ignore[override]
        """An lvalue if the base is one."""
        return self.base.lvalue


class Unary(Expr):
    """``op`` in "-", "~", "!" on a promoted operand ("!" yields int 0/1; operand any scalar)."""

    __slots__ = ("op", "operand")

    def __init__(self, op: str, operand: Expr, type: CType, span: Span | None) -> None:
        super().__init__(type, span)
        self.op = op
        self.operand = operand


class Binary(Expr):
    """Arithmetic, comparison and logical operators, operands converted to a common type.

    ``op``: + - * / % << >> & | ^ == != < > <= >= && || on integers; comparisons also on pointers.
    Pointer arithmetic is ``PtrAdd`` and ``PtrDiff``. Shifts: the right operand is converted to the
    left one's type.
    """

    __slots__ = ("left", "op", "op_span", "right")

    def __init__(self, op: str, left: Expr, right: Expr, type: CType, span: Span | None) -> None:
        super().__init__(type, span)
        self.op = op
        self.left = left
        self.right = right
        self.op_span: Span | None = None


class PtrAdd(Expr):
    """``pointer + index`` elements of ``scale`` bytes; ``subtract`` for ``pointer - index``."""

    __slots__ = ("index", "pointer", "scale", "subtract")

    def __init__(
        self,
        pointer: Expr,
        index: Expr,
        scale: int,
        type: CType,
        span: Span | None,
        *,
        subtract: bool = False,
    ) -> None:
        super().__init__(type, span)
        self.pointer = pointer
        self.index = index
        self.scale = scale
        self.subtract = subtract


class PtrDiff(Expr):
    """``left - right`` in elements of ``scale`` bytes; type long."""

    __slots__ = ("left", "right", "scale")

    def __init__(self, left: Expr, right: Expr, scale: int, type: CType, span: Span | None) -> None:
        super().__init__(type, span)
        self.left = left
        self.right = right
        self.scale = scale


class Assign(Expr):
    """``target = value`` (value converted to the target's type). Records are copied whole."""

    __slots__ = ("target", "value")

    def __init__(self, target: Expr, value: Expr, type: CType, span: Span | None) -> None:
        super().__init__(type, span)
        self.target = target
        self.value = value


class CompoundAssign(Expr):
    """``target op= value``.

    Computed as ``target = (T)((C)target op value)`` with ``compute`` = C; value already converted
    to C (or the shift count, or a 64-bit index when ``scale`` > 0: pointer += value elements).
    """

    __slots__ = ("compute", "op", "scale", "target", "value")

    def __init__(
        self,
        op: str,
        target: Expr,
        value: Expr,
        compute: CType,
        type: CType,
        span: Span | None,
        *,
        scale: int = 0,
    ) -> None:
        super().__init__(type, span)
        self.op = op
        self.target = target
        self.value = value
        self.compute = compute
        self.scale = scale


class IncDec(Expr):
    """``++``/``--``: ``delta`` is +1/-1 (times ``scale`` for pointers), ``prefix`` or postfix."""

    __slots__ = ("delta", "prefix", "scale", "target")

    def __init__(
        self,
        target: Expr,
        delta: int,
        type: CType,
        span: Span | None,
        *,
        prefix: bool,
        scale: int = 0,
    ) -> None:
        super().__init__(type, span)
        self.target = target
        self.delta = delta
        self.prefix = prefix
        self.scale = scale


class AddressOf(Expr):
    """``&operand``: the address of an lvalue (VarRef, Member, Index, Deref ...)."""

    __slots__ = ("operand",)

    def __init__(self, operand: Expr, type: CType, span: Span | None) -> None:
        super().__init__(type, span)
        self.operand = operand


class Cast(Expr):
    """A conversion; ``implicit`` unless written by the author.

    ``kind``: "load" (lvalue to rvalue of the same, unqualified type), "decay" (array lvalue to
    pointer to its first element), "func" (function to pointer), "int" (integer/enum/_Bool-source to
    integer: truncate or extend by the *source's* sign), "bool" (scalar to _Bool: != 0), "pointer"
    (pointer to pointer), "ptr2int", "int2ptr", "void", "same" (only the type changes),
    "space" (between address spaces).
    """

    __slots__ = ("implicit", "kind", "operand")

    def __init__(
        self, kind: str, operand: Expr, type: CType, span: Span | None, *, implicit: bool = True
    ) -> None:
        super().__init__(type, span)
        self.kind = kind
        self.operand = operand
        self.implicit = implicit


class Conditional(Expr):
    """``cond ? a : b``; ``then`` is None for the GNU form ``cond ?: b`` (cond evaluated once)."""

    __slots__ = ("cond", "otherwise", "then")

    def __init__(
        self, cond: Expr, then: Expr | None, otherwise: Expr, type: CType, span: Span | None
    ) -> None:
        super().__init__(type, span)
        self.cond = cond
        self.then = then
        self.otherwise = otherwise


class Comma(Expr):
    """``left, right``."""

    __slots__ = ("left", "right")

    def __init__(self, left: Expr, right: Expr, span: Span | None) -> None:
        super().__init__(right.type, span)
        self.left = left
        self.right = right


class Call(Expr):
    """A call of a known function: ``callee`` is the symbol (helper, kfunc or C function).

    Arguments are converted to the parameter types (default promotions after the ``...`` of a
    variadic helper).
    """

    __slots__ = ("args", "callee")

    def __init__(
        self, callee: FuncSymbol, args: list[Expr], type: CType, span: Span | None
    ) -> None:
        super().__init__(type, span)
        self.callee = callee
        self.args = args


class IndirectCall(Expr):
    """A call through a pointer that is no known constant; ``pointer`` must fold or is refused."""

    __slots__ = ("args", "pointer")

    def __init__(self, pointer: Expr, args: list[Expr], type: CType, span: Span | None) -> None:
        super().__init__(type, span)
        self.pointer = pointer
        self.args = args


class BuiltinCall(Expr):
    """A compiler builtin that generates code. ``args`` are converted; ``extra`` says the rest.

    ===================== ================== ===================================================
    name                  args               meaning
    ===================== ================== ===================================================
    memcpy memmove        dst src n          n unsigned long; the value is dst
    memset                dst c n            c int
    memcmp                a b n              int
    bswap                 x                  x and the value: unsigned 16, 32 or 64 bits
    ctz clz ffs popcount  x                  x 32 or 64 bits wide; the value is int
    parity                x                  int
    expect                x wanted           the value is x
    constant_p            x                  1 if x is constant once all inlining is done, else 0
    trap unreachable                         no value
    fence                                    no value (a compiler barrier at least)
    add_overflow ...      a b pointer        ``sub_``, ``mul_``; exact result of a op b, wrapped,
                                             stored to *pointer; the value (_Bool): it did not fit
    rotate_left ...       x n                ``rotate_right``; on the width of x
    atomic_load           p                  extra order (a C11 memory order, 0..5; 5 = seq_cst)
    atomic_store          p x                extra order
    atomic_exchange       p x                extra order; the old value
    atomic_fetch          p x                extra op (add sub and or xor nand), order, and new:
                                             True if the value is the new one
    atomic_cmpxchg        p old new          extra result: "old" (value seen) or "bool" (swapped?)
    atomic_compare        p pold new         like C11: *pold gets the value seen; _Bool
    dialect builtins      as written         ``FuncSymbol.builtin``, see there
    ===================== ================== ===================================================
    """

    __slots__ = ("args", "extra", "name")

    def __init__(
        self,
        name: str,
        args: list[Expr],
        type: CType,
        span: Span | None,
        extra: dict[str, object] | None = None,
    ) -> None:
        super().__init__(type, span)
        self.name = name
        self.args = args
        self.extra: dict[str, object] = extra or {}


class CoreAccess(Expr):
    """``__builtin_preserve_access_index(operand)``: every member access in it is relocated."""

    __slots__ = ("operand",)

    def __init__(self, operand: Expr, type: CType, span: Span | None) -> None:
        super().__init__(type, span)
        self.operand = operand


class CoreInfo(Expr):
    """preserve_field_info / type_info / enum_value / btf_type_id: a CO-RE number.

    ``what``: "field", "type", "enum" or "btf_id"; ``kind``: the builtin's second argument.
    ``operand``: the lvalue for "field" (not evaluated), else None; ``subject``: the type.
    ``enumerator``: its name and value for "enum".
    """

    __slots__ = ("enumerator", "kind", "operand", "subject", "what")

    def __init__(
        self,
        what: str,
        kind: int,
        type: CType,
        span: Span | None,
        *,
        operand: Expr | None = None,
        subject: CType | None = None,
        enumerator: tuple[str, int] | None = None,
    ) -> None:
        super().__init__(type, span)
        self.what = what
        self.kind = kind
        self.operand = operand
        self.subject = subject
        self.enumerator = enumerator


class StmtExpr(Expr):
    """``({ ... })``: the value of the last expression statement (``result``, also in ``block``)."""

    __slots__ = ("block", "result")

    def __init__(self, block: Block, result: Expr | None, type: CType, span: Span | None) -> None:
        super().__init__(type, span)
        self.block = block  # all statements but the result expression
        self.result = result


class CompoundLiteral(Expr):
    """``(T){...}``: an unnamed variable, ``symbol``, initialised here (static at file scope)."""

    __slots__ = ("symbol",)
    lvalue = True

    def __init__(self, symbol: VarSymbol, span: Span | None) -> None:
        super().__init__(symbol.type, span)
        self.symbol = symbol


# --------------------------------------------------------------------------- initialisers
class InitItem:
    """``value`` goes to bit ``offset`` of the object; ``width`` bits for a bit-field, else None."""

    __slots__ = ("offset", "value", "width")

    def __init__(self, offset: int, value: Expr, width: int | None = None) -> None:
        self.offset = offset
        self.value = value
        self.width = width


class Init:
    """An initialiser, flattened: items in evaluation order, later ones win.

    ``zero``: bytes that no item covers are zero (an initialiser list); False for ``T x = expr``
    with one item that covers the whole object. String literals that initialise arrays are items
    whose value is a StringLit of the array's exact size.
    """

    __slots__ = ("items", "span", "zero")

    def __init__(self, items: list[InitItem], span: Span | None, *, zero: bool) -> None:
        self.items = items
        self.span = span
        self.zero = zero


# --------------------------------------------------------------------------- statements
class Stmt:
    """Base."""

    __slots__ = ("span",)

    def __init__(self, span: Span | None) -> None:
        self.span = span


class Block(Stmt):
    """A compound statement; ``variables`` are the locals of this very scope, in order."""

    __slots__ = ("statements", "variables")

    def __init__(
        self, statements: list[Stmt], span: Span | None, variables: list[VarSymbol] | None = None
    ) -> None:
        super().__init__(span)
        self.statements = statements
        self.variables: list[VarSymbol] = variables or []


class ExprStmt(Stmt):
    """An expression for its effects."""

    __slots__ = ("expr",)

    def __init__(self, expr: Expr, span: Span | None) -> None:
        super().__init__(span)
        self.expr = expr


class DeclStmt(Stmt):
    """A local variable of storage "auto" comes to life; ``init`` may be None."""

    __slots__ = ("init", "symbol")

    def __init__(self, symbol: VarSymbol, init: Init | None, span: Span | None) -> None:
        super().__init__(span)
        self.symbol = symbol
        self.init = init


class If(Stmt):
    """``if``; ``cond`` is any scalar rvalue."""

    __slots__ = ("cond", "otherwise", "then")

    def __init__(self, cond: Expr, then: Stmt, otherwise: Stmt | None, span: Span | None) -> None:
        super().__init__(span)
        self.cond = cond
        self.then = then
        self.otherwise = otherwise


class Loop(Stmt):
    """All three loops. ``test_first`` is False for do-while; ``init``/``step`` only for ``for``.

    ``unroll``: None (no pragma), 0 = fully, n = by that count, -1 = ``nounroll``.
    ``scope``: variables declared in a for's first clause.
    """

    __slots__ = ("body", "cond", "init", "scope", "step", "test_first", "unroll")

    def __init__(
        self,
        cond: Expr | None,
        body: Stmt,
        span: Span | None,
        *,
        init: Stmt | None = None,
        step: Expr | None = None,
        test_first: bool = True,
        unroll: int | None = None,
    ) -> None:
        super().__init__(span)
        self.cond = cond
        self.body = body
        self.init = init
        self.step = step
        self.test_first = test_first
        self.unroll = unroll
        self.scope: list[VarSymbol] = []


class Switch(Stmt):
    """``switch``; ``cases`` are (low, high, label) with inclusive bounds; default may be None.

    The labels stand in ``body`` as ``Label`` statements.
    """

    __slots__ = ("body", "cases", "default", "value")

    def __init__(self, value: Expr, body: Stmt, span: Span | None) -> None:
        super().__init__(span)
        self.value = value
        self.body = body
        self.cases: list[tuple[int, int, LabelSymbol]] = []
        self.default: LabelSymbol | None = None


class Label(Stmt):
    """A label, case or default marker at this place."""

    __slots__ = ("label",)

    def __init__(self, label: LabelSymbol, span: Span | None) -> None:
        super().__init__(span)
        self.label = label


class Goto(Stmt):
    """``goto label``."""

    __slots__ = ("label",)

    def __init__(self, label: LabelSymbol, span: Span | None) -> None:
        super().__init__(span)
        self.label = label


class Break(Stmt):
    """Leaves the innermost loop or switch."""

    __slots__ = ()


class Continue(Stmt):
    """Goes to the step of the innermost loop."""

    __slots__ = ()


class Return(Stmt):
    """``return``; ``value`` converted to the function's return type."""

    __slots__ = ("value",)

    def __init__(self, value: Expr | None, span: Span | None) -> None:
        super().__init__(span)
        self.value = value


class AsmOperand:
    """``[name] "constraint" (expr)``; an output's expr is an lvalue."""

    __slots__ = ("constraint", "expr", "name")

    def __init__(self, name: str, constraint: str, expr: Expr) -> None:
        self.name = name
        self.constraint = constraint
        self.expr = expr


class Asm(Stmt):
    """Inline assembly, or ``asm goto`` when ``labels`` is not empty."""

    __slots__ = ("clobbers", "inputs", "labels", "outputs", "template", "volatile")

    def __init__(
        self,
        template: str,
        outputs: list[AsmOperand],
        inputs: list[AsmOperand],
        clobbers: list[str],
        labels: list[LabelSymbol],
        span: Span | None,
        *,
        volatile: bool,
    ) -> None:
        super().__init__(span)
        self.template = template
        self.outputs = outputs
        self.inputs = inputs
        self.clobbers = clobbers
        self.labels = labels
        self.volatile = volatile


class Table:
    """A row of a dialect-1 table array, or a table inferred from its uses.

    ``kind``: 1 = hash, 2 = LPM (the dialect's own numbers). Sizes in bytes; ``key`` and ``elem``
    are the C types when known. ``index`` is the id that the program uses.
    """

    __slots__ = (
        "elem",
        "elem_size",
        "index",
        "inferred",
        "key",
        "key_size",
        "kind",
        "max_entries",
        "name",
        "param",
        "span",
    )

    def __init__(self, name: str, index: int, span: Span | None) -> None:
        self.name = name
        self.index = index
        self.span = span
        self.kind = 1
        self.key_size = 0
        self.elem_size = 0
        self.max_entries = 4096
        self.param = 0
        self.key: CType | None = None
        self.elem: CType | None = None
        self.inferred = False


class Unit:
    """A translation unit.

    ``functions``: definitions that may be reached (unused static ones may be absent), in order;
    ``variables``: defined file-scope variables, local statics and file-scope compound literals, in
    order, maps included; ``externs``: declared-only symbols that are used. ``dialect`` is 1..4
    (the generations of the tracing-filter dialect; 1 = bpf_table calls, 2 = bpf_context with
    maps); ``tables``: of dialect 1, by id. ``asm``: file-scope asm texts.
    """

    __slots__ = (
        "asm",
        "dialect",
        "enums",
        "externs",
        "functions",
        "records",
        "source_name",
        "tables",
        "variables",
    )

    def __init__(self, source_name: str) -> None:
        self.source_name = source_name
        self.functions: list[FuncSymbol] = []
        self.variables: list[VarSymbol] = []
        self.externs: list[Symbol] = []
        self.records: list[RecordType] = []
        self.enums: list[EnumType] = []
        self.dialect = 4
        self.tables: list[Table] = []
        self.asm: list[Asm] = []
