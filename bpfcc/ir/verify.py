"""Well-formedness of the IR; it runs between passes in tests and under ``--verify-each``.

Checked, per module: names are unique, symbols and callees exist. Per function: there is an entry
without predecessors; each block has phis first and one terminator last, whose targets are blocks of
the function; phis have one value for each predecessor; allocas stand in the entry; operands and
results have the types that ``ir.ops`` demands; attributes are there; every use is dominated by its
definition (a phi's use stands at the end of the predecessor). Unreachable blocks may exist; only
their shape is checked.
"""

from __future__ import annotations

from ..graph.dominators import Dominators
from ..support.errors import InternalError
from .fold import BINARY_OPS
from .module import Block, FuncRef, Function, KfuncRef, Module
from .ops import ANY, COMPARISONS, OPS, TERMINATORS
from .values import I1, I8, I16, I32, I64, PTR, VOID, Instr, Param, Symbol, Value

_INTS = frozenset({I1, I8, I16, I32, I64})
_MEMORY = frozenset({I8, I16, I32, I64, PTR})
_ATOMIC_OPS = frozenset({"add", "and", "or", "xor", "xchg"})


class _Checker:
    def __init__(self, function: Function, symbols: set[str] | None) -> None:
        self.function = function
        self.symbols = symbols
        self.blocks = {block: i for i, block in enumerate(function.blocks)}
        self.place: dict[Value, tuple[int, int]] = {}

    def fail(self, message: str, block: Block | None = None, instr: Instr | None = None) -> None:
        where = f"@{self.function.name}"
        if block is not None:
            where += f", block {block.name!r}"
        if instr is not None:
            where += f", '{instr.op}'"
        raise InternalError(
            f"ill-formed IR in {where}: {message}",
            stage="ir.verify",
            function=self.function.name,
            span=instr.span if instr is not None else None,
        )

    def run(self) -> None:
        function = self.function
        if not function.blocks:
            self.fail("no blocks")
        if len(self.blocks) != len(function.blocks):
            self.fail("a block is listed twice")
        for i, param in enumerate(function.params):
            if param.index != i:
                self.fail(f"parameter {i} says it is number {param.index}")
        for block in function.blocks:
            self.shape(block)
        succs = [[self.blocks[t] for t in block.successors] for block in function.blocks]
        dom = Dominators(succs)
        if dom.preds[0]:
            self.fail("the entry has predecessors", function.blocks[0])
        for i, block in enumerate(function.blocks):
            preds = [function.blocks[p] for p in dom.preds[i]]
            for instr in block.instrs:
                if instr.op == "phi":
                    self.phi(block, instr, preds)
                self.types(block, instr)
        for i, block in enumerate(function.blocks):
            for j, instr in enumerate(block.instrs):
                self.uses(block, instr, i, j, dom)

    def shape(self, block: Block) -> None:
        if block.function is not self.function:
            self.fail("the block belongs to another function", block)
        if not block.instrs:
            self.fail("the block is empty", block)
        index = self.blocks[block]
        phis = True
        for j, instr in enumerate(block.instrs):
            if instr.block is not block:
                self.fail("the instruction belongs to another block", block, instr)
            if instr in self.place:
                self.fail("the instruction is listed twice", block, instr)
            self.place[instr] = (index, j)
            row = OPS.get(instr.op)
            if row is None:
                self.fail("no such operation", block, instr)
                return
            last = j == len(block.instrs) - 1
            if (instr.op in TERMINATORS) != last:
                self.fail("a terminator must be the last instruction, and only that", block, instr)
            if instr.op == "phi":
                if not phis:
                    self.fail("a phi after other instructions", block, instr)
            else:
                phis = False
            if instr.op == "alloca" and index != 0:
                self.fail("an alloca outside the entry", block, instr)
            for key in row.attrs:
                if key not in instr.attrs:
                    self.fail(f"attribute {key!r} is missing", block, instr)
            if row.arity != ANY and len(instr.args) != row.arity:
                self.fail(f"{len(instr.args)} operands, not {row.arity}", block, instr)
            for target in instr.attrs.get("targets", ()):
                if target not in self.blocks:
                    self.fail(f"target {target.name!r} is not in the function", block, instr)

    def phi(self, block: Block, instr: Instr, preds: list[Block]) -> None:
        blocks: list[Block] = instr.attrs["blocks"]
        if len(blocks) != len(instr.args):
            self.fail("as many values as blocks are needed", block, instr)
        if len(set(blocks)) != len(blocks):
            self.fail("a predecessor is listed twice", block, instr)
        if set(blocks) != set(preds):
            want = sorted(b.name for b in set(preds))
            have = sorted(b.name for b in blocks)
            self.fail(f"values from {have}, predecessors are {want}", block, instr)

    def types(self, block: Block, instr: Instr) -> None:
        message = _type_error(instr, self.function)
        if message:
            self.fail(message, block, instr)

    def uses(self, block: Block, instr: Instr, i: int, j: int, dom: Dominators) -> None:
        for number, arg in enumerate(instr.args):
            if isinstance(arg, Instr):
                place = self.place.get(arg)
                if place is None:
                    self.fail(f"operand {number} ('{arg.op}') is not in the function", block, instr)
                    return
                if dom.idom[i] < 0:
                    continue
                if instr.op == "phi":
                    source = self.blocks[instr.attrs["blocks"][number]]
                    good = dom.idom[source] < 0 or dom.dominates(place[0], source)
                elif place[0] == i:
                    good = place[1] < j
                else:
                    good = dom.dominates(place[0], i)
                if not good:
                    self.fail(f"operand {number} ('{arg.op}') does not dominate it", block, instr)
            elif isinstance(arg, Param):
                params = self.function.params
                if arg.index >= len(params) or params[arg.index] is not arg:
                    self.fail(f"operand {number} is a foreign parameter", block, instr)
            elif isinstance(arg, Symbol) and self.symbols is not None:
                if arg.name not in self.symbols:
                    self.fail(f"symbol @{arg.name} is not defined", block, instr)
        callee = instr.attrs.get("callee")
        if isinstance(callee, (FuncRef, KfuncRef)) and self.symbols is not None:
            if callee.name not in self.symbols:
                self.fail(f"callee @{callee.name} is not defined", block, instr)


def _type_error(instr: Instr, function: Function) -> str:
    """Return what is wrong with the types of ``instr``, or ""."""
    op, type = instr.op, instr.type
    args = [arg.type for arg in instr.args]
    if op in BINARY_OPS:
        good = type in _INTS and args == [type, type]
    elif op in COMPARISONS:
        good = type is I1 and args[0] is args[1] and (args[0] in _INTS or args[0] is PTR)
        good = good and (args[0] is not PTR or not op.startswith("s"))
    elif op in ("zext", "sext"):
        good = type in _INTS and args[0] in _INTS and args[0].bits < type.bits
    elif op == "trunc":
        good = type in _INTS and args[0] in _INTS and args[0].bits > type.bits
    elif op == "ptrtoint":
        good = type is I64 and args[0] is PTR
    elif op == "inttoptr":
        good = type is PTR and args[0] is I64
    elif op == "bswap":
        good = type in (I16, I32, I64) and args[0] is type
    elif op == "ptradd":
        good = type is PTR and args == [PTR, I64]
    elif op == "select":
        good = type is not VOID and args == [I1, type, type]
    elif op == "phi":
        good = type is not VOID and all(arg is type for arg in args)
    elif op == "load":
        good = type in _MEMORY and args[0] is PTR
    elif op == "store":
        good = type is VOID and args[0] is PTR and args[1] in _MEMORY
    elif op in ("memcpy", "memmove"):
        good = type is VOID and args == [PTR, PTR]
    elif op == "memset":
        good = type is VOID and args == [PTR, I8]
    elif op == "lifetime":
        good = type is VOID and getattr(instr.args[0], "op", "") == "alloca"
    elif op == "atomicrmw":
        good = type in (I32, I64) and args == [PTR, type] and instr.attrs["op"] in _ATOMIC_OPS
    elif op == "cmpxchg":
        good = type in (I32, I64) and args == [PTR, type, type]
    elif op == "load_acquire":
        good = type in _MEMORY and args[0] is PTR
    elif op == "store_release":
        good = type is VOID and args[0] is PTR and args[1] in _MEMORY
    elif op == "ld_pkt":
        good = type is I64 and args == [PTR, I64] and instr.attrs["size"] in (1, 2, 4)
    elif op == "is_constant":
        good = type is I1 and args[0] is not VOID
    elif op == "opaque":
        good = type is not VOID and args == [type]
    elif op in ("alloca", "addrspacecast"):
        good = type is PTR and all(arg is PTR for arg in args)
    elif op == "condbr":
        good = args == [I1] and len(instr.attrs["targets"]) == 2
    elif op == "switch":
        cases = instr.attrs["cases"]
        good = args[0] in _INTS and len(instr.attrs["targets"]) == len(cases) + 1
        good = good and len(set(cases)) == len(cases)
        good = good and all(0 <= case < 1 << args[0].bits for case in cases)
    elif op == "ret":
        good = args == ([] if function.ret is VOID else [function.ret])
    elif op == "br":
        good = len(instr.attrs["targets"]) == 1
    elif op == "may_goto":
        good = len(instr.attrs["targets"]) == 2
    else:
        good = all(arg is not VOID for arg in args)
    if good:
        return ""
    return f"types do not fit: {type} from ({', '.join(a.name for a in args)})"


def verify_function(function: Function, symbols: set[str] | None = None) -> None:
    """Check one function; ``symbols`` are the names that exist in its module, if known.

    Raises:
        InternalError: naming the function, the block and the broken rule.
    """
    _Checker(function, symbols).run()


def verify(unit: Module | Function, *, after: str = "") -> None:
    """Check a whole module, or one function by itself; ``after`` names the pass to blame.

    Raises:
        InternalError: naming the pass, the function, the block and the broken rule.
    """
    try:
        if isinstance(unit, Function):
            verify_function(unit)
        else:
            _verify_module(unit)
    except InternalError as error:
        if after:
            error.stage = after
            error.args = (f"after {after}: {error}",)
        raise


def _verify_module(module: Module) -> None:
    names: set[str] = set()
    listed = [var.name for var in module.globals]
    listed += [function.name for function in module.functions]
    listed += [extern.name for extern in module.externs]
    for name in listed:
        if name in names:
            raise InternalError(f"ill-formed IR: @{name} is defined twice", stage="ir.verify")
        names.add(name)
    for var in module.globals:
        for reloc in var.relocs:
            if reloc.symbol not in names:
                raise InternalError(
                    f"ill-formed IR: @{var.name} refers to @{reloc.symbol}, which does not exist",
                    stage="ir.verify",
                )
    for function in module.functions:
        verify_function(function, names)
