"""inline: bodies of called functions in place of calls.

The pipeline goes over the call graph callees first, so a body is already simplified when it is
copied. ``always`` functions are inlined at every level; from level 1 on also static functions
called once, and small ones. Functions marked ``never``, weak ones (the linker may choose another),
and recursive ones are called.

The copied locals get markers of their lifetime around the copy, so that their frame bytes can be
shared with those of other copies.
"""

from __future__ import annotations

from ..graph.scc import is_cyclic, strong_components
from ..ir.module import Block, FuncRef, Function, PointerRef
from ..ir.values import VOID, Instr, Symbol, Undef, Value
from .context import Context
from .edit import copy_blocks, replace_values

SMALL = 30  # instructions of a body that is copied wherever it is called
SMALL_GLOBAL = 30
ONCE = 1500  # of a static function called at one place


class Plan:
    """Which functions are inlined, and the order of work: callees before callers."""

    def __init__(self, ctx: Context) -> None:
        functions = ctx.module.functions
        index = {f.name: i for i, f in enumerate(functions)}
        self.calls: dict[str, int] = {}
        self.address_taken: set[str] = set()
        succs: list[list[int]] = []
        for function in functions:
            out: list[int] = []
            for instr in function.instrs():
                callee = instr.attrs.get("callee")
                if isinstance(callee, FuncRef) and callee.name in index:
                    out.append(index[callee.name])
                    self.calls[callee.name] = self.calls.get(callee.name, 0) + 1
                for arg in instr.args:
                    if isinstance(arg, Symbol) and arg.name in index:
                        self.address_taken.add(arg.name)
            succs.append(out)
        for var in ctx.module.globals:
            self.address_taken.update(r.symbol for r in var.relocs if r.symbol in index)
        self.order: list[Function] = []
        self.recursive: set[str] = set()
        for component in strong_components(succs):
            self.order.extend(functions[i] for i in component)
            if is_cyclic(component, succs):
                self.recursive.update(functions[i].name for i in component)

    def wanted(self, callee: Function, caller: Function, ctx: Context) -> bool:
        """Return whether calls of ``callee`` in ``caller`` are replaced by its body."""
        if callee.name in self.recursive or callee.naked or caller.naked or not callee.blocks:
            return False
        if callee.inline == "always":
            return True
        if len(callee.params) > 5 and callee.inline != "never":
            return True
        if callee.linkage == "static" and callee.inline != "never" and _calls_pointer(callee):
            return True  # only its callers know what is called
        if callee.inline == "never" or callee.linkage == "weak" or ctx.options.level < 1:
            return False
        size = cost(callee)
        if callee.linkage == "static":
            once = self.calls.get(callee.name) == 1 and callee.name not in self.address_taken
            return size <= (ONCE if once else SMALL)
        return size <= SMALL_GLOBAL and not callee.used


def _calls_pointer(function: Function) -> bool:
    return any(
        instr.op == "call" and isinstance(instr.attrs["callee"], PointerRef)
        for instr in function.instrs()
    )


def cost(function: Function) -> int:
    """Return about how many BPF instructions the body takes."""
    free = ("phi", "alloca", "lifetime", "trunc", "inttoptr", "ptrtoint", "br")
    total = 0
    for block in function.blocks:
        for instr in block.instrs:
            if instr.op == "call":
                total += 2
            elif instr.op not in free:
                total += 1
    return total


def report_recursion(plan: Plan, ctx: Context) -> None:
    """Report functions that must be inlined but call themselves."""
    for function in plan.order:
        if function.name in plan.recursive and function.inline == "always":
            ctx.sink.error(
                "bpf-recursion",
                f"'{function.name}' is always inlined but calls itself",
                function.span,
            )


def run(function: Function, ctx: Context, plan: Plan) -> bool:
    """Inline the calls in ``function`` that ``plan`` wants; return whether there were any."""
    changed = False
    queue = list(function.blocks)
    done: list[Block] = []
    replaced: dict[Value, Value] = {}
    frame: dict[Instr, Instr] = {}
    while queue:
        block = queue.pop(0)
        done.append(block)
        for at, instr in enumerate(block.instrs):
            if instr.op != "call" or not isinstance(instr.attrs["callee"], FuncRef):
                continue
            callee = ctx.functions.get(instr.attrs["callee"].name)
            if callee is None or callee is function or not plan.wanted(callee, function, ctx):
                continue
            if len(callee.params) != len(instr.args) or instr.type is not callee.ret:
                continue
            body, rest = _splice(function, block, at, callee, replaced, frame)
            done.extend(body)  # calls in the body were decided when the callee was worked on
            queue.insert(0, rest)
            changed = True
            break
    function.blocks = done
    replace_values(function, replaced)
    return changed


def _splice(
    function: Function,
    block: Block,
    at: int,
    callee: Function,
    replaced: dict[Value, Value],
    frame: dict[Instr, Instr],
) -> tuple[list[Block], Block]:
    """Replace call number ``at`` of ``block`` by a copy of ``callee``; note its value.

    ``frame``: what the callee's locals became when it was copied before. Copies never run at the
    same time, so they use the same ones, and equal copies stay equal.
    Returns the copied blocks and the block that goes on after the call.
    """
    call = block.instrs[at]
    rest = Block(block.name + ".after", function)
    rest.instrs = block.instrs[at + 1 :]
    del block.instrs[at:]
    for instr in rest.instrs:
        instr.block = rest
    for target in dict.fromkeys(rest.successors):
        for phi in target.phis():
            phi.attrs["blocks"] = [rest if b is block else b for b in phi.attrs["blocks"]]
    mapping: dict[Value, Value] = dict(zip(callee.params, call.args))
    copies = copy_blocks(callee.blocks, function, mapping)
    locals_, known = _move_allocas(function, callee, copies[0], frame)
    if known:
        for copy in copies:
            for instr in copy.instrs:
                instr.args = [known.get(arg, arg) for arg in instr.args]
    _adjust_spans(copies, call)
    scoped = {i.args[0] for copy in copies for i in copy.instrs if i.op == "lifetime"}
    for local in locals_:
        if local not in scoped:  # else its scope begins inside
            _append(block, Instr("lifetime", VOID, [local], call.span, {"start": True}))
    _append(block, Instr("br", VOID, [], call.span, {"targets": [copies[0]]}))
    returns = [copy for copy in copies if copy.instrs[-1].op == "ret"]
    results: list[Value] = []
    for copy in returns:
        ret = copy.instrs.pop()
        if ret.args:
            results.append(ret.args[0])
        _append(copy, Instr("br", VOID, [], ret.span, {"targets": [rest]}))
    if returns:
        # Where the ways meet: blocks of their own would keep branches on the result apart from it.
        ends = [Instr("lifetime", VOID, [x], call.span, {"start": False}) for x in locals_]
        for end in ends:
            end.block = rest
        rest.instrs[:0] = ends
    if call.type is not VOID:
        replaced[call] = _result(call, rest, returns, results)
    return copies, rest


def _result(call: Instr, rest: Block, returns: list[Block], results: list[Value]) -> Value:
    """Return what the call yields: the one result, a phi of several, nothing if it never does."""
    if not returns:
        return Undef(call.type)
    if len(returns) == 1:
        return results[0]
    phi = Instr("phi", call.type, results, call.span, {"blocks": list(returns)}, call.name)
    phi.block = rest
    rest.instrs.insert(0, phi)
    return phi


def _move_allocas(
    function: Function, callee: Function, entry: Block, frame: dict[Instr, Instr]
) -> tuple[list[Instr], dict[Value, Value]]:
    """Move the locals of a copied body to the function's entry.

    Returns them, and by what those are to be replaced that an earlier copy has already.
    """
    locals_: list[Instr] = []
    known: dict[Value, Value] = {}
    copies = [instr for instr in entry.instrs if instr.op == "alloca"]
    if not copies:
        return locals_, known
    originals = [instr for instr in callee.blocks[0].instrs if instr.op == "alloca"]
    top = function.blocks[0]
    fresh: list[Instr] = []
    for original, copy in zip(originals, copies):
        before = frame.get(original)
        if before is None:
            frame[original] = before = copy
            copy.block = top
            fresh.append(copy)
        else:
            known[copy] = before
        locals_.append(before)
    entry.instrs = [instr for instr in entry.instrs if instr.op != "alloca"]
    top.instrs[:0] = fresh
    return locals_, known


def _adjust_spans(copies: list[Block], call: Instr) -> None:
    """Give instructions without a place of their own the place of the call."""
    for copy in copies:
        for instr in copy.instrs:
            if instr.span is None:
                instr.span = call.span


def _append(block: Block, instr: Instr) -> None:
    instr.block = block
    block.instrs.append(instr)
