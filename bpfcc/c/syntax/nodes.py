"""The syntax tree of GNU C: pycparser's nodes, and beside them what GNU C needs more.

This module is the one that ``parse`` makes trees of and ``sema`` reads; it hands on pycparser's
classes under their names. Every node has ``coord``, a ``Coord``, whose ``span`` covers the
construct from its first to its last token. What differs from pycparser's own trees:

Attributes. ``attributes`` is a list of ``Attribute`` on these nodes:
  * ``TypeDecl``: those in the declaration specifiers (before, among and after the type words),
    where type attributes (btf_type_tag, address_space, mode, aligned on a typedef...) and
    attributes of the declared things (section, used, unused ...) stand mixed; all declarators of
    one declaration share the list. A ``TypeDecl`` is at the bottom of each Decl, Typedef,
    Typename.
  * ``PtrDecl``: those after a ``*``: they belong to that pointer type.
  * ``Decl``, ``Typedef``: those after the declarator, before it (``int a, ATTR b``), and those at
    the start of a parenthesised declarator; they belong to that one declared name.
  * ``Struct``, ``Union``, ``Enum``: between the keyword and the tag, and after the closing brace.
  * ``Enumerator``, ``Label``; statements have them in ``AttributedStatement``.
Declarations.
  * ``Decl.asm_label`` is the ``StringLiteral`` of ``asm("name")`` after a declarator, or None.
  * ``int a, b;`` makes two Decls beside each other; both share the type node: the *same*
    ``Struct``, ``Enum`` or ``TypeOf`` object is then found twice and must be declared once.
  * ``struct s {...};`` is a ``Decl`` without name whose ``type`` is the Struct itself; so is an
    anonymous member. Its specifier attributes are in ``Decl.attributes``.
  * ``struct s;`` has ``decls`` None; ``struct s {};`` has ``decls`` [].
  * an unnamed bit-field is a Decl of name None with a ``bitsize``.
  * ``IdentifierType.names`` are the type words in source order, spelled the standard way: "signed",
    "int", "__int128", "_Bool", "_Complex", "__auto_type", "__builtin_va_list"; or one typedef name.
    Without any type word (implicit int) the list is empty.
  * ``quals`` are "const", "volatile", "restrict", "_Atomic"; ``storage`` "static", "extern",
    "typedef", "register", "auto", "_Thread_local"; ``funcspec`` "inline", "_Noreturn".
  * ``align`` is a list of ``Alignas``; its ``alignment`` is an expression or a ``Typename``.
  * ``FuncDef.param_decls`` are the declarations of an old-style definition, else None.
  * ``FuncDecl.args`` is None for ``()``; ``(void)`` is one Typename; ``...`` is an EllipsisParam.
  * ``ArrayDecl.dim`` is None for ``[]``, an expression otherwise; ``[*]`` is an ``ID`` called "*".
  * at file scope also ``Asm``, ``StaticAssert``, ``Pragma`` and ``EmptyStatement`` may occur.
Expressions.
  * constants are ``IntLiteral``, ``FloatLiteral``, ``CharLiteral``, ``StringLiteral`` (adjacent
    literals joined); pycparser's ``Constant`` is not used.
  * ``UnaryOp`` ops: "-", "+", "!", "~", "*", "&", "++", "--", "p++", "p--" (postfix), "sizeof",
    "_Alignof" (operand an expression or a Typename), "__real__", "__imag__".
    ``__extension__`` leaves no trace.
  * ``TernaryOp.iftrue`` is None in ``a ?: b``.
  * a comma expression is an ``ExprList``; so are the arguments of a ``FuncCall`` (None if empty).
  * parentheses leave no node.
  * designators in ``NamedInitializer.name`` are ``FieldDesignator`` and ``ArrayDesignator``.
Statements.
  * ``Case.expr`` may be a ``Range``; ``Case.stmts`` and ``Default.stmts`` hold exactly the one
    statement that the label labels, as in C's grammar (an ``EmptyStatement`` at the end of a block
    or before a declaration, which then follows as its neighbour). ``Label.stmt`` likewise.
  * ``For``, ``While``, ``DoWhile`` have ``pragmas``: the ``Pragma`` nodes right before them. Other
    pragmas stand in the block as statements. ``Pragma.string`` is the text after ``#pragma``.
  * ``For.init`` is an expression, a ``DeclList`` or None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .pycast import c_ast

if TYPE_CHECKING:
    Node = Any
else:
    Node = c_ast.Node
Alignas = c_ast.Alignas
ArrayDecl = c_ast.ArrayDecl
ArrayRef = c_ast.ArrayRef
Assignment = c_ast.Assignment
BinaryOp = c_ast.BinaryOp
Break = c_ast.Break
Case = c_ast.Case
Cast = c_ast.Cast
Compound = c_ast.Compound
Continue = c_ast.Continue
DeclList = c_ast.DeclList
Default = c_ast.Default
EllipsisParam = c_ast.EllipsisParam
EmptyStatement = c_ast.EmptyStatement
EnumeratorList = c_ast.EnumeratorList
ExprList = c_ast.ExprList
FuncCall = c_ast.FuncCall
FuncDef = c_ast.FuncDef
Goto = c_ast.Goto
ID = c_ast.ID
IdentifierType = c_ast.IdentifierType
If = c_ast.If
InitList = c_ast.InitList
NamedInitializer = c_ast.NamedInitializer
ParamList = c_ast.ParamList
Pragma = c_ast.Pragma
Return = c_ast.Return
StaticAssert = c_ast.StaticAssert
StructRef = c_ast.StructRef
Switch = c_ast.Switch
TernaryOp = c_ast.TernaryOp
UnaryOp = c_ast.UnaryOp


# ------------------------------------------------------- pycparser's nodes with attributes and more
class Decl(c_ast.Decl):
    """A declaration of one name; see the module's text for ``attributes``, ``asm_label``."""

    __slots__ = ("asm_label", "attributes")

    def __init__(
        self,
        name: str | None,
        quals: list[str],
        align: list[Any],
        storage: list[str],
        funcspec: list[str],
        type: Any,
        init: Any,
        bitsize: Any,
        coord: Any = None,
        attributes: list[Attribute] | None = None,
        asm_label: StringLiteral | None = None,
    ) -> None:
        self.name = name
        self.quals = quals
        self.align = align
        self.storage = storage
        self.funcspec = funcspec
        self.type = type
        self.init = init
        self.bitsize = bitsize
        self.coord = coord
        self.attributes = attributes if attributes is not None else []
        self.asm_label = asm_label


class Typedef(c_ast.Typedef):
    """``typedef``; one name."""

    __slots__ = ("align", "attributes")

    def __init__(
        self,
        name: str | None,
        quals: list[str],
        storage: list[str],
        type: Any,
        coord: Any = None,
        attributes: list[Attribute] | None = None,
        align: list[Any] | None = None,
    ) -> None:
        self.name = name
        self.quals = quals
        self.storage = storage
        self.type = type
        self.coord = coord
        self.attributes = attributes if attributes is not None else []
        self.align = align if align is not None else []


class Typename(c_ast.Typename):
    """A type name in a cast, sizeof ...; also an unnamed parameter (then ``name`` is None)."""

    __slots__ = ("attributes",)

    def __init__(
        self,
        name: str | None,
        quals: list[str],
        align: Any,
        type: Any,
        coord: Any = None,
        attributes: list[Attribute] | None = None,
    ) -> None:
        self.name = name
        self.quals = quals
        self.align = align
        self.type = type
        self.coord = coord
        self.attributes = attributes if attributes is not None else []


class TypeDecl(c_ast.TypeDecl):
    """The bottom of a declarator: the base type and the declared name."""

    __slots__ = ("attributes",)

    def __init__(
        self,
        declname: str | None,
        quals: list[str],
        align: Any,
        type: Any,
        coord: Any = None,
        attributes: list[Attribute] | None = None,
    ) -> None:
        self.declname = declname
        self.quals = quals
        self.align = align
        self.type = type
        self.coord = coord
        self.attributes = attributes if attributes is not None else []


class PtrDecl(c_ast.PtrDecl):
    """``*`` in a declarator."""

    __slots__ = ("attributes",)

    def __init__(
        self,
        quals: list[str],
        type: Any,
        coord: Any = None,
        attributes: list[Attribute] | None = None,
    ) -> None:
        self.quals = quals
        self.type = type
        self.coord = coord
        self.attributes = attributes if attributes is not None else []


class FuncDecl(c_ast.FuncDecl):
    """``(parameters)`` in a declarator. ``idents``: the names of an old-style list, else None."""

    __slots__ = ("attributes", "idents")

    def __init__(
        self, args: Any, type: Any, coord: Any = None, idents: list[str] | None = None
    ) -> None:
        self.args = args
        self.type = type
        self.coord = coord
        self.attributes: list[Attribute] = []
        self.idents = idents


class Struct(c_ast.Struct):
    """``struct``; ``decls`` None: only mentioned."""

    __slots__ = ("attributes",)

    def __init__(
        self,
        name: str | None,
        decls: list[Any] | None,
        coord: Any = None,
        attributes: list[Attribute] | None = None,
    ) -> None:
        self.name = name
        self.decls = decls
        self.coord = coord
        self.attributes = attributes if attributes is not None else []


class Union(c_ast.Union):
    """``union``; ``decls`` None: only mentioned."""

    __slots__ = ("attributes",)

    def __init__(
        self,
        name: str | None,
        decls: list[Any] | None,
        coord: Any = None,
        attributes: list[Attribute] | None = None,
    ) -> None:
        self.name = name
        self.decls = decls
        self.coord = coord
        self.attributes = attributes if attributes is not None else []


class Enum(c_ast.Enum):
    """``enum``; ``values``: an EnumeratorList or None; ``underlying``: the Typename after ``:``."""

    __slots__ = ("attributes", "underlying", "underlying_type")

    def __init__(
        self,
        name: str | None,
        values: Any,
        coord: Any = None,
        attributes: list[Attribute] | None = None,
        underlying: Any = None,
    ) -> None:
        self.name = name
        self.values = values
        self.coord = coord
        self.attributes = attributes if attributes is not None else []
        self.underlying = self.underlying_type = underlying


class Enumerator(c_ast.Enumerator):
    """``name = value``."""

    __slots__ = ("attributes",)

    def __init__(
        self,
        name: str,
        value: Any,
        coord: Any = None,
        attributes: list[Attribute] | None = None,
    ) -> None:
        self.name = name
        self.value = value
        self.coord = coord
        self.attributes = attributes if attributes is not None else []


class Label(c_ast.Label):
    """``name: stmt``."""

    __slots__ = ("attributes",)

    def __init__(
        self,
        name: str,
        stmt: Any,
        coord: Any = None,
        attributes: list[Attribute] | None = None,
    ) -> None:
        self.name = name
        self.stmt = stmt
        self.coord = coord
        self.attributes = attributes if attributes is not None else []


class CompoundLiteral(c_ast.CompoundLiteral):
    """``(type){...}``; ``storage`` is always empty before C23."""

    __slots__ = ("storage",)

    def __init__(self, type: Any, init: Any, coord: Any = None) -> None:
        self.type = type
        self.init = init
        self.storage: list[str] = []
        self.coord = coord


class For(c_ast.For):
    """``for``; ``pragmas`` are those right before it."""

    __slots__ = ("pragmas",)

    def __init__(
        self, init: Any, cond: Any, next: Any, stmt: Any, coord: Any, pragmas: list[Any]
    ) -> None:
        self.init = init
        self.cond = cond
        self.next = next
        self.stmt = stmt
        self.coord = coord
        self.pragmas = pragmas


class While(c_ast.While):
    """``while``; ``pragmas`` are those right before it."""

    __slots__ = ("pragmas",)

    def __init__(self, cond: Any, stmt: Any, coord: Any, pragmas: list[Any]) -> None:
        self.cond = cond
        self.stmt = stmt
        self.coord = coord
        self.pragmas = pragmas


class DoWhile(c_ast.DoWhile):
    """``do``; ``pragmas`` are those right before it."""

    __slots__ = ("pragmas",)

    def __init__(self, cond: Any, stmt: Any, coord: Any, pragmas: list[Any]) -> None:
        self.cond = cond
        self.stmt = stmt
        self.coord = coord
        self.pragmas = pragmas


# ------------------------------------------------------------------------------------ our own nodes
class GnuNode(Node):
    """Base of the nodes that pycparser does not know."""

    __slots__ = ("coord",)
    fields: tuple[str, ...] = ()

    def children(self) -> tuple[tuple[str, Any], ...]:
        """Return (name, node) pairs, as pycparser's nodes do."""
        found: list[tuple[str, Any]] = []
        for name in self.fields:
            value = getattr(self, name)
            if isinstance(value, list):
                found += [
                    (f"{name}[{i}]", item) for i, item in enumerate(value) if isinstance(item, Node)
                ]
            elif isinstance(value, Node):
                found.append((name, value))
        return tuple(found)

    def __iter__(self) -> Any:
        for _, child in self.children():
            yield child


class Attribute(GnuNode):
    """One attribute. ``name`` without surrounding ``__`` and without ``gnu::`` or ``clang::``.

    ``args``: expressions (an ID may stand for a plain word, as in ``format(printf, 1, 2)``) or
    Typenames; None when there are no parentheses.
    """

    __slots__ = ("args", "name")
    fields = ("args",)
    attr_names = ("name",)

    def __init__(self, name: str, args: list[Any] | None, coord: Any = None) -> None:
        self.name = name
        self.args = args
        self.coord = coord


class AttributedStatement(GnuNode):
    """``__attribute__((fallthrough));`` and the like: attributes before a statement."""

    __slots__ = ("attributes", "stmt")
    fields = ("attributes", "stmt")

    def __init__(self, attributes: list[Attribute], stmt: Any, coord: Any = None) -> None:
        self.attributes = attributes
        self.stmt = stmt
        self.coord = coord


class IntLiteral(GnuNode):
    """An integer constant: ``value``; ``type_name`` as C17 6.4.4.1 gives it ("unsigned long" ...).

    A constant that fits no type has ``type_name`` "" (sema reports it).
    """

    __slots__ = ("text", "type_name", "value")
    attr_names = ("value", "type_name")

    def __init__(self, value: int, type_name: str, text: str, coord: Any = None) -> None:
        self.value = value
        self.type_name = type_name
        self.text = text
        self.coord = coord


class FloatLiteral(GnuNode):
    """A floating constant: ``value``, ``type_name`` "double", "float" or "long double"."""

    __slots__ = ("text", "type_name", "value")
    attr_names = ("text",)

    def __init__(self, value: float, type_name: str, text: str, coord: Any = None) -> None:
        self.value = value
        self.type_name = type_name
        self.text = text
        self.coord = coord


class CharLiteral(GnuNode):
    """A character constant: ``value`` (an int's, sign-extended from char), ``type_name``.

    ``type_name`` is "int", or the width's type for prefixes: "int" for L, "unsigned short" for u,
    "unsigned int" for U, "unsigned char" for u8.
    """

    __slots__ = ("text", "type_name", "value")
    attr_names = ("text",)

    def __init__(self, value: int, type_name: str, text: str, coord: Any = None) -> None:
        self.value = value
        self.type_name = type_name
        self.text = text
        self.coord = coord


class StringLiteral(GnuNode):
    """A string literal, adjacent ones joined: the elements' values without the final NUL.

    ``prefix`` is "", "L", "u", "U" or "u8"; ``width`` the bytes of an element (1, 2 or 4).
    ``units`` are the elements' values, unsigned. ``text`` is the source spelling.
    """

    __slots__ = ("prefix", "text", "units", "width")
    attr_names = ("text",)

    def __init__(
        self, prefix: str, width: int, units: list[int] | bytes, text: str, coord: Any = None
    ) -> None:
        self.prefix = prefix
        self.width = width
        self.units = units
        self.text = text
        self.coord = coord

    def string(self) -> str:
        """Return the characters, one per unit (section names, attribute texts)."""
        return "".join(map(chr, self.units))


class StmtExpr(GnuNode):
    """``({ ... })``; ``body`` is a Compound, whose last item may give the value."""

    __slots__ = ("body",)
    fields = ("body",)

    def __init__(self, body: Any, coord: Any = None) -> None:
        self.body = body
        self.coord = coord


class TypeOf(GnuNode):
    """A type specifier ``typeof(x)``; ``operand`` is an expression or a Typename.

    ``op``: "typeof", "typeof_unqual" (``__typeof_unqual__`` too) or "_Atomic" (``_Atomic(T)``).
    It stands where a Struct or IdentifierType stands: in ``TypeDecl.type``.
    """

    __slots__ = ("op", "operand")
    fields = ("operand",)
    attr_names = ("op",)

    def __init__(self, op: str, operand: Any, coord: Any = None) -> None:
        self.op = op
        self.operand = operand
        self.coord = coord


class BitInt(GnuNode):
    """``_BitInt(width)`` in ``TypeDecl.type``: known so that it can be refused."""

    __slots__ = ("signed", "width")
    fields = ("width",)

    def __init__(self, width: Any, signed: bool, coord: Any = None) -> None:
        self.width = width
        self.signed = signed
        self.coord = coord


class Range(GnuNode):
    """``low ... high`` in a case label."""

    __slots__ = ("high", "low")
    fields = ("low", "high")

    def __init__(self, low: Any, high: Any, coord: Any = None) -> None:
        self.low = low
        self.high = high
        self.coord = coord


class FieldDesignator(GnuNode):
    """``.name`` (or the old ``name:``) in an initialiser or in offsetof."""

    __slots__ = ("name",)
    attr_names = ("name",)

    def __init__(self, name: str, coord: Any = None) -> None:
        self.name = name
        self.coord = coord


class ArrayDesignator(GnuNode):
    """``[index]``, or ``[index ... last]``."""

    __slots__ = ("index", "last")
    fields = ("index", "last")

    def __init__(self, index: Any, last: Any, coord: Any = None) -> None:
        self.index = index
        self.last = last
        self.coord = coord


class OffsetOf(GnuNode):
    """``__builtin_offsetof(type, .a[1].b)``: ``designators`` as in an initialiser."""

    __slots__ = ("designators", "type")
    fields = ("type", "designators")

    def __init__(self, type: Any, designators: list[Any], coord: Any = None) -> None:
        self.type = type
        self.designators = designators
        self.coord = coord


class TypesCompatible(GnuNode):
    """``__builtin_types_compatible_p(first, second)``: two Typenames."""

    __slots__ = ("first", "second")
    fields = ("first", "second")

    def __init__(self, first: Any, second: Any, coord: Any = None) -> None:
        self.first = first
        self.second = second
        self.coord = coord


class ChooseExpr(GnuNode):
    """``__builtin_choose_expr(cond, then, otherwise)``."""

    __slots__ = ("cond", "otherwise", "then")
    fields = ("cond", "then", "otherwise")

    def __init__(self, cond: Any, then: Any, otherwise: Any, coord: Any = None) -> None:
        self.cond = cond
        self.then = then
        self.otherwise = otherwise
        self.coord = coord


class VaArg(GnuNode):
    """``__builtin_va_arg(list, type)``."""

    __slots__ = ("list", "type")
    fields = ("list", "type")

    def __init__(self, list: Any, type: Any, coord: Any = None) -> None:
        self.list = list
        self.type = type
        self.coord = coord


class GenericAssociation(GnuNode):
    """``type: expr``; ``type`` None for ``default``."""

    __slots__ = ("expr", "type")
    fields = ("type", "expr")

    def __init__(self, type: Any, expr: Any, coord: Any = None) -> None:
        self.type = type
        self.expr = expr
        self.coord = coord


class GenericSelection(GnuNode):
    """``_Generic(expr, associations)``."""

    __slots__ = ("associations", "expr")
    fields = ("expr", "associations")

    def __init__(
        self, expr: Any, associations: list[GenericAssociation], coord: Any = None
    ) -> None:
        self.expr = expr
        self.associations = associations
        self.coord = coord


class LabelAddress(GnuNode):
    """``&&name``."""

    __slots__ = ("name",)
    attr_names = ("name",)

    def __init__(self, name: str, coord: Any = None) -> None:
        self.name = name
        self.coord = coord


class ComputedGoto(GnuNode):
    """``goto *expr;``."""

    __slots__ = ("expr",)
    fields = ("expr",)

    def __init__(self, expr: Any, coord: Any = None) -> None:
        self.expr = expr
        self.coord = coord


class LocalLabels(GnuNode):
    """``__label__ a, b;`` at the start of a block: ``names`` are IDs."""

    __slots__ = ("names",)
    fields = ("names",)

    def __init__(self, names: list[Any], coord: Any = None) -> None:
        self.names = names
        self.coord = coord


class AsmOperand(GnuNode):
    """``[name] "constraint" (expr)``; ``name`` is "" without brackets; ``constraint`` its text."""

    __slots__ = ("constraint", "expr", "name")
    fields = ("expr",)
    attr_names = ("name", "constraint")

    def __init__(self, name: str, constraint: str, expr: Any, coord: Any = None) -> None:
        self.name = name
        self.constraint = constraint
        self.expr = expr
        self.coord = coord


class Asm(GnuNode):
    """``asm`` as a statement or at file scope.

    ``template`` is a StringLiteral; ``clobbers`` are texts; ``labels`` are IDs (``asm goto``);
    ``volatile`` as written; ``basic``: no colon at all (then ``%`` is not special).
    """

    __slots__ = ("basic", "clobbers", "goto", "inputs", "labels", "outputs", "template", "volatile")
    fields = ("template", "outputs", "inputs", "labels")

    def __init__(
        self,
        template: StringLiteral,
        outputs: list[AsmOperand],
        inputs: list[AsmOperand],
        clobbers: list[str],
        labels: list[Any],
        coord: Any = None,
        *,
        volatile: bool,
        goto: bool,
        basic: bool,
    ) -> None:
        self.template = template
        self.outputs = outputs
        self.inputs = inputs
        self.clobbers = clobbers
        self.labels = labels
        self.coord = coord
        self.volatile = volatile
        self.goto = goto
        self.basic = basic


class ErrorNode(GnuNode):
    """What could not be parsed inside a function body; the error is already reported."""

    __slots__ = ()

    def __init__(self, coord: Any = None) -> None:
        self.coord = coord
