"""BPF instructions to LLVM IR text for the host.

One LLVM function per BPF function. Registers, the rest of the limit and the windows are allocas,
which LLVM turns into registers. An access tests its address against the window of its pointer
(``jit_facts``); a miss asks the machine, which fills the window or lets the run unwind. Accesses at
known offsets from r10 go to the frame with no test. The limit is a local counter, tested at
function entries, on backward jumps and after calls: when less is left than one pass over the
function may need, the careful interpreter goes on, so the limit strikes at the exact instruction.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from ..isa import table as _t
from ..isa.insn import Insn
from ..isa.table import Row
from ..vm.code import Block, Code, FunctionRange, split_blocks
from ..vm.instructions import KEEPS_WINDOWS, TAIL_CALL
from ..vm.memory import FRAME_SIZE, MASK64, MAX_FRAMES, STACK_BASE_OFFSET, STACK_SLOT
from . import jit_layout as at
from .jit_arith import COMPARE
from .jit_facts import Facts, accessed, advance, solve
from .jit_loops import FEWEST_TURNS, Sweep, arms, sweeps, window_name
from .jit_memory import MemoryWriter
from .jit_stubs import WINDOW_WORDS, declarations, word

_STACK0 = STACK_SLOT << 32 | STACK_BASE_OFFSET + FRAME_SIZE


def emit(code: Code, mode: str, *, cold_cc: bool, opt: int, start: int = -1) -> str:
    """Return the module's text: ``e0``, ``e1``... take the context block and return r0.

    Args:
        code: the program.
        mode: "regions", "arena" or "unchecked".
        cold_cc: the target has a calling convention that saves registers in the callee.
        opt: the level that it is for. At 0 code is short rather than fast: every access is a call
            of the runtime. At 2 branches stay branches.
        start: make ``ec`` as well, which goes on at this instruction, the start of a block, with
            the registers that the context block holds.
    """
    parts = [declarations(kept=cold_cc)]
    for number, function in enumerate(code.functions):
        parts.append(FunctionEmitter(code, str(number), function, mode, cold_cc, opt).emit())
    if start >= 0:
        function = code.functions[code.function_of(start)]
        parts.append(FunctionEmitter(code, "c", function, mode, cold_cc, opt, start).emit())
    parts.append('!0 = !{!"branch_weights", i32 1, i32 2000}')
    parts.append('!1 = !{!"branch_weights", i32 2000, i32 1}')
    return "\n".join(parts)


class FunctionEmitter(MemoryWriter):
    """Writes one function."""

    def __init__(
        self,
        code: Code,
        number: str,
        function: FunctionRange,
        mode: str,
        cold_cc: bool,
        opt: int,
        start: int = -1,
    ) -> None:
        self.code = code
        self.number = number
        self.function = function
        self.checked = mode != "unchecked"
        self.cc, self.kept = ("preserve_mostcc ", "_kept") if cold_cc else ("", "")
        self.quick = opt == 0
        self.held: dict[int, str] = {}
        self.blocks = split_blocks(code, function)
        self.from_context = start >= 0
        firsts = [block.first for block in self.blocks]
        self.first_block = firsts.index(start) if start >= 0 else 0
        self.weight = function.end - function.first
        self.swap = (sys.byteorder == "little") == code.big_endian
        self.facts = solve(code, self.blocks)
        self.out: list[str] = []
        self.cold: list[str] = []
        self.names = 0
        self.pending = 0
        self.windows: dict[str, set[int]] = {}  # name -> sizes of accesses
        self.state = Facts([], [], [])
        self.established: set[str] = set()
        self.label = "entry"
        rows = code.rows[function.first : function.end]
        self.uses_may_goto = any(row.kind == _t.JCOND for row in rows)
        self.bails = False
        self.uses_turns = False
        self.unwinds = False
        self.arms = arms(self.blocks) if opt >= 2 else set()
        self.known = self._flow_established() if not self.checked else []

    # --- the function ----------------------------------------------------------------------

    def emit(self) -> str:
        """Return the text of the function and of its entry from outside."""
        for number, block in enumerate(self.blocks):
            if self.facts[number] is not None:
                self._block(number, block)
        body = self._with_windows(self.out)
        self.cold = self._with_windows(self.cold)
        self.out = []
        k = self.number
        params = ", ".join(f"i64 %a{reg}" for reg in range(1, 6))
        head = [
            f"define internal i64 @f{k}(ptr noalias %ctx, {params}, i64 %r10, ptr %fp, "
            "i64 %n0) nounwind {",
            "entry:",
        ]
        self._prologue()
        tail = self._epilogue()
        return "\n".join([*head, *self.out, *body, *self.cold, *tail, "}", *self._outside()])

    def _with_windows(self, lines: list[str]) -> list[str]:
        """Replace the marks for what concerns all sizes that a window is used with."""
        saved, self.out = self.out, []
        for line in lines:
            if line == "#forget" and self.quick:
                self._clear_windows()
            elif line == "#forget":
                for window, sizes in self.windows.items():
                    for size in sorted(sizes):
                        self.line(f"store i64 0, ptr %{window}.fit{size}")
            elif line.startswith("#fill "):
                self._fill(line.removeprefix("#fill "))
            else:
                self.out.append(line)
        lines, self.out = self.out, saved
        return lines

    def _clear_windows(self) -> None:
        if self.windows:
            size = WINDOW_WORDS * 8 * len(self.windows)
            self.line(
                f"call void @llvm.memset.p0.i64(ptr align 8 %windows, i8 0, i64 {size}, i1 false)"
            )

    def _fill(self, window: str) -> None:
        """Take over the window that a miss has found.

        ``low`` is its first address, ``fit4`` how many 4-byte accesses begin in it, ``bias`` the
        difference between host and virtual addresses.
        """
        low = self.value(f"load i64, ptr {self.context(at.WINDOW_LOW)}")
        bias = self.value(f"load ptr, ptr {self.context(at.WINDOW_BIAS)}")
        self.line(f"store i64 {low}, ptr %{window}.low")
        self.line(f"store ptr {bias}, ptr %{window}.bias")
        for size in sorted(self.windows[window]):
            fit = self.value(f"load i64, ptr {self.context(at.WINDOW_FIT[size])}")
            self.line(f"store i64 {fit}, ptr %{window}.fit{size}")

    def _prologue(self) -> None:
        for reg in range(10):
            self.line(f"%r{reg} = alloca i64")
            value = f"%a{reg}" if 1 <= reg <= 5 else "0"
            if self.from_context:
                value = self.value(f"load i64, ptr {self.context(at.REGISTERS + reg)}")
            self.line(f"store i64 {value}, ptr %r{reg}")
        self.line("%n = alloca i64")
        self.line("store i64 %n0, ptr %n")
        self.line("%at = alloca i64")
        if self.uses_turns:
            self.line("%turns = alloca i64")
        if self.quick and self.windows:
            self.line(f"%windows = alloca [{WINDOW_WORDS * len(self.windows)} x i64]")
            self._clear_windows()
        for window, sizes in self.windows.items() if not self.quick else ():
            self.line(f"%{window}.low = alloca i64")
            self.line(f"store i64 0, ptr %{window}.low")
            self.line(f"%{window}.bias = alloca ptr")
            self.line(f"store ptr null, ptr %{window}.bias")
            for size in sorted(sizes):
                self.line(f"%{window}.fit{size} = alloca i64")
                self.line(f"store i64 0, ptr %{window}.fit{size}")
        if self.uses_may_goto:
            self.line("%mg = alloca i64")
            budget = self.value(f"load i64, ptr {self.context(at.BUDGET)}")
            self.line(f"store i64 {budget}, ptr %mg")
        self._test_limit(self.first_block, f"b{self.first_block}")

    def _outside(self) -> list[str]:
        k = self.number
        out = ["", f"define i64 @e{k}(ptr noalias %ctx) nounwind {{"]
        names = []
        for reg in range(1, 6):
            out.append(word(f"%p{reg}", at.ARGS + reg - 1))
            out.append(f"  %a{reg} = load i64, ptr %p{reg}")
            names.append(f"i64 %a{reg}")
        out.append(word("%pd", at.DEPTH))
        out.append("  %depth = load i64, ptr %pd")
        out.append("  %level = sub i64 %depth, 1")
        out.append(word("%pf", at.FRAMES))
        out.append("  %pfd = getelementptr inbounds ptr, ptr %pf, i64 %level")
        out.append("  %fp = load ptr, ptr %pfd")
        out.append("  %high = shl i64 %level, 32")
        out.append(f"  %r10 = add i64 %high, {_STACK0}")
        out.append(word("%pn", at.LEFT))
        out.append("  %n = load i64, ptr %pn")
        args = ", ".join(names)
        out.append(f"  %r = call i64 @f{k}(ptr %ctx, {args}, i64 %r10, ptr %fp, i64 %n)")
        out.append("  ret i64 %r")
        out.append("}")
        return out

    def _epilogue(self) -> list[str]:
        saved, self.out = self.out, []
        self.held.clear()
        if self.bails:
            self.start("bail")
            for reg in range(10):
                value = self.get(reg)
                self.line(f"store i64 {value}, ptr {self.context(at.REGISTERS + reg)}")
            self.line(f"store i64 %r10, ptr {self.context(at.REGISTERS + 10)}")
            if self.uses_may_goto:
                budget = self.value("load i64, ptr %mg")
                self.line(f"store i64 {budget}, ptr {self.context(at.BUDGET)}")
            index = self.value("load i64, ptr %at")
            self.line(f"store i64 {index}, ptr {self.context(at.INFO)}")
            status = self.value(f"load i64, ptr {self.context(at.STATUS)}")
            bad = self.value(f"icmp ne i64 {status}, 0")
            self.line(f"br i1 {bad}, label %failed, label %step")
            self.start("step")
            self.value(f"call i64 @back(ptr %ctx, i64 {at.ON_STEP})")
            result = self.value(f"load i64, ptr {self.context(at.RESULT)}")
            self.line(f"ret i64 {result}")
            self.start("failed")
            self.line("ret i64 0")
        if self.unwinds:
            # Only calls note where they are: the fault's own place is known already.
            self.start("unwind")
            self.line("ret i64 0")
        text, self.out = self.out, saved
        return text

    # --- blocks ----------------------------------------------------------------------------

    def _block(self, number: int, block: Block) -> None:
        facts = self.facts[number]
        assert facts is not None
        self.state = facts.copy()
        self.established = set(self.known[number] or ()) if not self.checked else set()
        self.start(f"b{number}")
        self.held.clear()
        if number in self.arms:
            # Not to be done on speculation: as in the kernel, a branch stays a branch. (With
            # selects instead, every path waits for all of them.)
            self.line('call void asm sideeffect "", ""()')
        self.pending = 0
        found = None if self.quick else sweeps(self.code, number, block, facts)
        if found is not None:
            self._swept(number, block, found)
            self.state = facts.copy()
        rows, insns = self.code.rows, self.code.insns
        last = block.end - 1
        ends = rows[last].kind in (_t.JA, _t.JUMP, _t.JCOND, _t.EXIT)
        self._straight(block.first, last if ends else block.end)
        if not ends:
            self._go(last, block.succs[0])
            return
        row, insn = rows[last], insns[last]
        if row.kind == _t.EXIT:
            self._exit(1)
        elif row.kind == _t.JA:
            self.pending += 1
            self._go(last, block.succs[0])
        else:
            self._branch(last, block, insn, row)

    def _straight(self, first: int, end: int) -> None:
        for i in range(first, end):
            row = self.code.rows[i]
            _EMIT[row.kind](self, i, self.code.insns[i], row)
            self.pending += 1
            advance(self.code, i, self.state)
            self.established -= {f"w.i{i}", f"w.i{i}w"}

    def _swept(self, number: int, block: Block, found: list[Sweep]) -> None:
        """Write the loop without tests, and where it begins: the turns it may take."""
        count = block.end - block.first
        n = self.value("load i64, ptr %n")
        # On a path that began with little, less than one pass may be left here.
        enough = self.value(f"call i64 @llvm.smax.i64(i64 {n}, i64 {self.weight})")
        spare = self.value(f"sub i64 {enough}, {self.weight}")
        turns = self.value(f"udiv i64 {spare}, {count}")
        for sweep in found:
            turns = self._turns(sweep, turns)
        few = self.value(f"icmp ult i64 {turns}, {FEWEST_TURNS}")
        self.line(f"br i1 {few}, label %slow{number}, label %sweep{number}")
        self.start(f"sweep{number}")
        self.line(f"store i64 {turns}, ptr %turns")
        self.line(f"br label %turn{number}")
        self.start(f"turn{number}")
        kept = self.established
        self.established = {sweep.window for sweep in found}
        last = block.end - 1
        self._straight(block.first, last)
        self.established = kept
        condition = self._condition(self.code.insns[last], self.code.rows[last])
        rest = self.value(f"sub i64 {self.value('load i64, ptr %turns')}, 1")
        self.line(f"store i64 {rest}, ptr %turns")
        again, leave = self.fresh_label("again"), self.fresh_label("leave")
        pair = (again, leave) if block.succs[0] == number else (leave, again)
        self.line(f"br i1 {condition}, label %{pair[0]}, label %{pair[1]}")
        self.start(again)
        more = self.value(f"icmp ne i64 {rest}, 0")
        self.line(f"br i1 {more}, label %turn{number}, label %swept{number}")
        self.start(f"swept{number}")
        self.line(f"store i64 {self._after_turns(n, turns, '0', count)}, ptr %n")
        self.line(f"br label %slow{number}")
        self.start(leave)
        self.line(f"store i64 {self._after_turns(n, turns, rest, count)}, ptr %n")
        self.pending = 0
        self._go(last, block.succs[1] if block.succs[0] == number else block.succs[0])
        self.start(f"slow{number}")
        self.uses_turns = True

    def _after_turns(self, n: str, turns: str, rest: str, count: int) -> str:
        done = self.value(f"sub i64 {turns}, {rest}")
        return self.value(f"sub i64 {n}, {self.value(f'mul i64 {done}, {count}')}")

    def _turns(self, sweep: Sweep, turns: str) -> str:
        """Return the lower of ``turns`` and the turns that an access stays in its window."""
        window, size = sweep.window, sweep.size
        self.windows.setdefault(window, set()).add(size)
        low = self.value(f"load i64, ptr %{window}.low")
        fit = self.value(f"load i64, ptr %{window}.fit{size}")
        addr = self.value(f"add i64 {self.get(sweep.reg)}, {sweep.offset}")
        offset = self.value(f"sub i64 {addr}, {low}")
        inside = self.value(f"icmp ult i64 {offset}, {fit}")
        here = turns
        if sweep.step:
            room = offset
            if sweep.step > 0:
                room = self.value(f"sub i64 {self.value(f'sub i64 {fit}, 1')}, {offset}")
            whole = self.value(f"udiv i64 {room}, {abs(sweep.step)}")
            here = self.value(f"add i64 {whole}, 1")
            here = self.value(f"call i64 @llvm.umin.i64(i64 {here}, i64 {turns})")
        return self.value(f"select i1 {inside}, i64 {here}, i64 0")

    def _go(self, index: int, target: int) -> None:
        self.flush()
        if self.blocks[target].first <= index:
            self._test_limit(target, f"b{target}")
        else:
            self.line(f"br label %b{target}")

    def _branch(self, index: int, block: Block, insn: Insn, row: Row) -> None:
        if row.kind == _t.JCOND:
            before = self.value("load i64, ptr %mg")
            after = self.value(f"sub i64 {before}, 1")
            self.line(f"store i64 {after}, ptr %mg")
            condition = self.value(f"icmp slt i64 {after}, 0")
        else:
            condition = self._condition(insn, row)
        self.pending += 1
        self.flush()
        labels = []
        edges: list[tuple[str, int]] = []
        for target in block.succs:
            if self.blocks[target].first <= index:
                label = self.fresh_label("edge")
                edges.append((label, target))
                labels.append(label)
            else:
                labels.append(f"b{target}")
        self.line(f"br i1 {condition}, label %{labels[0]}, label %{labels[1]}")
        for label, target in edges:
            self.start(label)
            self._test_limit(target, f"b{target}")

    def _condition(self, insn: Insn, row: Row) -> str:
        left = self.get(insn.dst)
        bits = row.width
        if row.reg:
            right = self.get(insn.src)
            if bits == 32:
                right = self.low(right)
        else:
            right = str(insn.imm & (MASK64 if bits == 64 else 0xFFFFFFFF))
        if bits == 32:
            left = self.low(left)
        if row.op == "jset":
            both = self.value(f"and i{bits} {left}, {right}")
            return self.value(f"icmp ne i{bits} {both}, 0")
        return self.value(f"icmp {COMPARE[row.op]} i{bits} {left}, {right}")

    def _test_limit(self, target: int, label: str, index: int = -1) -> None:
        """Go to ``label`` unless the limit is near; then from instruction ``index`` step by step.

        ``target`` is the block whose start ``label`` is, where ``index`` is not given.
        """
        self.bails = True
        index = self.blocks[target].first if index < 0 else index
        n = self.value("load i64, ptr %n")
        short = self.value(f"icmp slt i64 {n}, {self.weight}")
        cold, scarce = self.fresh_label("near"), self.fresh_label("scarce")
        self.line(f"br i1 {short}, label %{cold}, label %{label}, !prof !0")
        more, still = self.name(), self.name()
        self.cold += [
            f"{cold}:",
            f"  {more} = call {self.cc}i64 @refill{self.kept}(ptr %ctx, i64 {n}, i64 {index})",
            f"  store i64 {more}, ptr %n",
            f"  {still} = icmp slt i64 {more}, {self.weight}",
            f"  br i1 {still}, label %{scarce}, label %{label}",
            f"{scarce}:",
            f"  store i64 {index}, ptr %at",
            "  br label %bail",
        ]

    def _exit(self, more: int) -> None:
        """Leave the function with r0, counting ``more`` instructions."""
        self.line(f"store i64 {self.left(more)}, ptr {self.context(at.LEFT)}")
        place = self.context(at.DEPTH)
        depth = self.value(f"load i64, ptr {place}")
        self.line(f"store i64 {self.value(f'sub i64 {depth}, 1')}, ptr {place}")
        self.line(f"ret i64 {self.get(0)}")

    # --- calls -----------------------------------------------------------------------------

    def _lddw(self, i: int, insn: Insn, row: Row) -> None:
        if i in self.code.unresolved:
            self._ask(i, ("0",) * 5, more=0)
            self.line("unreachable")
            self.start(self.fresh_label("dead"))
            return
        self.put(insn.dst, str(self.code.values[i] & MASK64))

    def _cast(self, i: int, insn: Insn, row: Row) -> None:
        self.put(insn.dst, self._ask(i, (self.get(insn.src), "0", "0", "0", "0"), more=0))

    def _ask(self, i: int, args: tuple[str, ...], *, more: int) -> str:
        """Let the machine do instruction ``i``; return its result."""
        left = self.left(more)
        values = ", ".join(f"i64 {arg}" for arg in args)
        result = self.value(f"call i64 @ask(ptr %ctx, i64 {i}, i64 {left}, {values})")
        status = self.value(f"load i64, ptr {self.context(at.STATUS)}")
        bad = self.value(f"icmp ne i64 {status}, 0")
        go = self.fresh_label("go")
        self.unwinds = True
        self.line(f"br i1 {bad}, label %unwind, label %{go}, !prof !0")
        self.start(go)
        return result

    def _forget(self) -> None:
        """Pointers may lead elsewhere now."""
        self.out.append("#forget")
        self.established.clear()

    def _counted(self, i: int) -> None:
        """After a call that ran instructions: take the counter back, and test it."""
        left = self.value(f"load i64, ptr {self.context(at.LEFT)}")
        self.line(f"store i64 {left}, ptr %n")
        self.pending = -1  # the caller adds one for this instruction
        if i + 1 < self.function.end:
            after = self.fresh_label("after")
            self._test_limit(0, after, i + 1)
            self.start(after)

    def _packet(self, i: int, insn: Insn, row: Row) -> None:
        where = self.value(f"add i64 {self.get(insn.src) if row.reg else '0'}, {insn.imm}")
        result = self._ask(i, (self.get(6), where, "0", "0", "0"), more=0)
        self.put(0, result)
        leave, stay = self._flagged()
        self.start(leave)
        self._exit(1)
        self.start(stay)

    def _flagged(self) -> tuple[str, str]:
        flag = self.value(f"load i64, ptr {self.context(at.FLAG)}")
        set_ = self.value(f"icmp ne i64 {flag}, 0")
        leave, stay = self.fresh_label("leave"), self.fresh_label("stay")
        self.line(f"br i1 {set_}, label %{leave}, label %{stay}")
        return leave, stay

    def _call(self, i: int, insn: Insn, row: Row) -> None:
        args = tuple(self.get(reg) for reg in range(1, 6))
        if row.op == "local":
            self._local(i, args)
            return
        if row.op == "reg":
            self.line(f"store i64 {self.get(insn.dst)}, ptr {self.context(at.ADDR)}")
        keeps = row.op == "helper" and insn.imm in KEEPS_WINDOWS
        result = self._ask(i, args, more=1)
        if row.op == "helper" and insn.imm == TAIL_CALL:
            leave, stay = self._flagged()
            self.start(leave)
            self.line(f"ret i64 {result}")
            self.start(stay)
        self.put(0, result)
        if not keeps:
            self._forget()
            self._counted(i)

    def _local(self, i: int, args: tuple[str, ...]) -> None:
        self.flush(1)
        place = self.context(at.DEPTH)
        depth = self.value(f"load i64, ptr {place}")
        deep = self.value(f"icmp uge i64 {depth}, {MAX_FRAMES}")
        too_deep, enter, failed, good = (
            self.fresh_label(what) for what in ("deep", "enter", "failed", "back")
        )
        self.line(f"br i1 {deep}, label %{too_deep}, label %{enter}, !prof !0")
        self.start(too_deep)
        self._ask(i, args, more=0)
        self.line("unreachable")
        self.start(enter)
        frames = self.context(at.FRAMES)
        slot = self.value(f"getelementptr inbounds ptr, ptr {frames}, i64 {depth}")
        frame = self.value(f"load ptr, ptr {slot}")
        self.line(
            f"call void @llvm.memset.p0.i64(ptr align 1 {frame}, i8 0, i64 {FRAME_SIZE}, i1 false)"
        )
        self.line(f"store i64 {self.value(f'add i64 {depth}, 1')}, ptr {place}")
        r10 = self.value(f"add i64 {self.value(f'shl i64 {depth}, 32')}, {_STACK0}")
        n = self.value("load i64, ptr %n")
        values = ", ".join(f"i64 {arg}" for arg in args)
        result = self.value(
            f"call i64 @f{self.code.callee(i)}(ptr %ctx, {values}, i64 {r10}, ptr {frame}, i64 {n})"
        )
        status = self.value(f"load i64, ptr {self.context(at.STATUS)}")
        bad = self.value(f"icmp ne i64 {status}, 0")
        self.line(f"br i1 {bad}, label %{failed}, label %{good}, !prof !0")
        self.start(failed)
        traced = self.context(at.TRACED)
        count = self.value(f"load i64, ptr {traced}")
        entry = self.value(f"getelementptr i64, ptr {self.context(at.TRACE)}, i64 {count}")
        self.line(f"store i64 {self.code.slots[i]}, ptr {entry}")
        self.line(f"store i64 {self.value(f'add i64 {count}, 1')}, ptr {traced}")
        self.line("ret i64 0")
        self.start(good)
        self.put(0, result)
        self._forget()
        self._counted(i)

    # --- what unchecked mode leaves out ----------------------------------------------------

    def _flow_established(self) -> list[frozenset[str] | None]:
        """Return for each block the windows that every path has tested since their pointer came.

        Without bounds checks a test serves to find the memory; once per pointer is enough.
        """
        known: list[frozenset[str] | None] = [None] * len(self.blocks)
        known[0] = known[self.first_block] = frozenset()
        work = [0]
        while work:
            number = work.pop()
            block, start, facts = self.blocks[number], known[number], self.facts[number]
            assert start is not None
            assert facts is not None
            after = frozenset(self._established_after(block, facts.copy(), set(start)))
            for succ in block.succs:
                held = known[succ]
                kept = {w for w in after if not w.startswith(f"w.b{succ}r")}
                new = frozenset(kept) if held is None else held & kept
                if new != held:
                    known[succ] = new
                    work.append(succ)
        return known

    def _established_after(self, block: Block, state: Facts, found: set[str]) -> set[str]:
        for i in range(block.first, block.end):
            insn, row = self.code.insns[i], self.code.rows[i]
            reg, access = accessed(insn, row)
            if reg >= 0 and access < 2 and state.frames[reg] is None:
                found.add(window_name(state.groups[reg], access))
            if row.kind == _t.CALL and not (row.op == "helper" and insn.imm in KEEPS_WINDOWS):
                found.clear()
            # A new pointer: its window may be that of the last one.
            found -= {f"w.i{i}", f"w.i{i}w"}
            advance(self.code, i, state)
        return found


_EMIT: dict[str, Callable[[FunctionEmitter, int, Insn, Row], None]] = {
    _t.ALU: FunctionEmitter._alu,
    _t.NEG: FunctionEmitter._neg,
    _t.MOVSX: FunctionEmitter._movsx,
    _t.END: FunctionEmitter._end,
    _t.CAST: FunctionEmitter._cast,
    _t.LDDW: FunctionEmitter._lddw,
    _t.LDABS: FunctionEmitter._packet,
    _t.LDX: FunctionEmitter._load,
    _t.LDSX: FunctionEmitter._load,
    _t.LOAD_ACQ: FunctionEmitter._load,
    _t.ST: FunctionEmitter._store,
    _t.STX: FunctionEmitter._store,
    _t.STORE_REL: FunctionEmitter._store,
    _t.ATOMIC: FunctionEmitter._atomic,
    _t.CALL: FunctionEmitter._call,
}
