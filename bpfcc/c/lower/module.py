"""A typed translation unit to an IR module: functions, variables, strings, externs, BTF.

Section names are those that libbpf expects: ``.rodata`` for const objects, ``.data`` and ``.bss``,
``.maps``, ``.kconfig``, ``.ksyms``, ``license``; programs keep the section of their SEC().
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...btf import types as btf
from ...ir.module import Extern, FuncRef, Function, Global, HelperRef, KfuncRef, Module
from ...ir.values import PTR, Const, Symbol, Value
from ...uapi.helpers import by_id
from ..ctype.layout import align_of, size_of
from ..ctype.relations import CONST, VOLATILE, address_space, qualifiers
from ..ctype.types import FuncType, strip
from ..tast import nodes as t
from ..tast.evaluate import Address
from . import dialect, statements
from .btf_types import TypeMapper
from .data import Data
from .function import Fn, falls_off, prune, signature
from .scalars import is_memory

if TYPE_CHECKING:
    from ...support.diagnostics import Sink
    from ...support.source import Span
    from ..options import COptions


def lower(unit: t.Unit, options: COptions, sink: Sink) -> Module:
    """Lower ``unit``; what BPF cannot do is reported to ``sink``."""
    return ModuleLowering(unit, options, sink).run()


class ModuleLowering:
    """The state of lowering one unit."""

    def __init__(self, unit: t.Unit, options: COptions, sink: Sink) -> None:
        self.unit = unit
        self.options = options
        self.sink = sink
        self.big_endian = options.big_endian
        self.module = Module(unit.source_name)
        self.types = TypeMapper()
        self.context = dialect.context_of(unit)
        self._strings: dict[tuple[bytes, int], str] = {}
        self._constants: dict[bytes, Global] = {}

    def run(self) -> Module:
        """Lower everything and return the module."""
        unit, module = self.unit, self.module
        for text in unit.asm:
            self.error("bpf-unsupported", "assembly outside of functions", text.span)
        dialect.tables(self)
        for variable in unit.variables:
            self._variable(variable)
        for symbol in unit.externs:
            self._extern(symbol)
        for function in unit.functions:
            self._function(function)
        dialect.license(self)
        self.types.finish()
        module.decl_tags = self.types.decl_tags
        return module

    # ------------------------------------------------------------------ diagnostics
    def error(self, id: str, message: str, span: Span | None, **more: Any) -> None:
        """Report an error."""
        self.sink.error(id, message, span, **more)

    # ------------------------------------------------------------------ names
    def symbol(self, symbol: t.VarSymbol) -> Symbol:
        """Return the address of a variable with static storage."""
        return Symbol(symbol.link_name)

    def function_address(self, symbol: t.FuncSymbol, span: Span | None) -> Value:
        """Return the address of a function (a callback, a kfunc tested for existence)."""
        if symbol.helper is not None:
            return Const(PTR, symbol.helper)
        return Symbol(symbol.link_name)

    def callee(self, symbol: t.FuncSymbol) -> HelperRef | FuncRef | KfuncRef:
        """Return what a call of ``symbol`` calls."""
        if symbol.helper is not None:
            return HelperRef(symbol.helper, self.helper_name(symbol.helper))
        if symbol.ksym and symbol.body is None:
            return KfuncRef(symbol.link_name)
        return FuncRef(symbol.link_name)

    @staticmethod
    def helper_name(id: int) -> str:
        """Return the helper's name without ``bpf_``, "" if it is not known."""
        row = by_id.get(id)
        return row.name.removeprefix("bpf_") if row is not None else ""

    def data_symbol(self, found: Address) -> str:
        """Return the name that a relocation in static data refers to."""
        base = found.base
        if isinstance(base, t.StringLit):
            return self.string(base.data, align_of(base.type)).name
        return base.link_name

    # ------------------------------------------------------------------ data
    def string(self, data: bytes, align: int) -> Symbol:
        """Return the address of a string literal; equal ones are one object."""
        width = max(align, 1)
        name = self._strings.get((data, width))
        if name is None:
            number = len(self._strings)
            name = self._strings[data, width] = f".L.str.{number}" if number else ".L.str"
            self.module.globals.append(
                Global(
                    name,
                    f".rodata.str{width}.{width}",
                    data,
                    width,
                    linkage="static",
                    readonly=True,
                    constant=True,
                )
            )
        return Symbol(name)

    def constant(self, data: bytes, align: int) -> str:
        """Return the name of an unnamed constant object in ``.rodata``."""
        found = self._constants.get(data)
        if found is None:
            found = self._constants[data] = Global(
                f".L.const.{len(self._constants)}",
                ".rodata",
                data,
                align,
                linkage="static",
                readonly=True,
                constant=True,
            )
            self.module.globals.append(found)
        return found.name

    def _variable(self, symbol: t.VarSymbol) -> None:
        if dialect.legacy_map(self, symbol):
            return
        size = symbol.extent or size_of(symbol.type)
        data = Data(self, size)
        if symbol.init is not None:
            data.init(symbol.init, 0)
        quals = qualifiers(symbol.type)
        readonly = bool(quals & CONST)
        section = symbol.section
        if not section:
            if address_space(symbol.type):
                section = ".addr_space.1"  # where loaders look for what lives in the arena
            elif readonly:
                section = ".rodata"
            else:
                section = ".data" if any(data.bytes) or data.relocs else ".bss"
        linkage = "weak" if symbol.weak else "static" if symbol.storage == "static" else "global"
        variable = Global(
            symbol.link_name,
            section,
            bytes(data.bytes),
            max(symbol.align, align_of(symbol.type)),
            linkage=linkage,
            hidden=symbol.hidden,
            readonly=readonly or section.startswith(".rodata") or section == "license",
            constant=readonly and not quals & VOLATILE and not symbol.weak,
            used=symbol.used_attr,
            btf=self._var_btf(symbol, linkage),
            span=symbol.span,
        )
        variable.relocs = sorted(data.relocs, key=lambda reloc: reloc.offset)
        self.module.globals.append(variable)

    def _var_btf(self, symbol: t.VarSymbol, linkage: str) -> btf.Var:
        kind = btf.Var.STATIC if linkage == "static" else btf.Var.GLOBAL
        return self.types.variable(symbol, kind)

    def _extern(self, symbol: t.Symbol) -> None:
        if isinstance(symbol, t.VarSymbol):
            var = self.types.variable(symbol, btf.Var.EXTERN)
            self.module.externs.append(
                Extern(symbol.link_name, symbol.section, weak=symbol.weak, btf=var)
            )
        elif isinstance(symbol, t.FuncSymbol):
            if symbol.builtin or symbol.helper is not None:
                return
            names = [name for name, _ in _params(symbol)]
            func = self.types.function(symbol, btf.Func.EXTERN, names)
            self.module.externs.append(
                Extern(
                    symbol.link_name,
                    ".ksyms" if symbol.ksym else symbol.section,
                    weak=symbol.weak,
                    btf=func,
                )
            )

    # ------------------------------------------------------------------ functions
    def _function(self, symbol: t.FuncSymbol) -> None:
        if symbol.body is None:
            return
        function, result = signature(symbol, symbol.params)
        section = dialect.section_of(self, symbol)
        function.section = section or ".text"
        static = symbol.linkage == "static"
        function.linkage = "weak" if symbol.weak else "static" if static else "global"
        function.hidden = symbol.hidden
        function.inline = symbol.inline if symbol.inline in ("always", "never") else ""
        by_address = result is not None or any(is_memory(p.type) for p in symbol.params)
        if by_address or len(function.params) > 5:
            function.inline = "always"  # whatever its attributes: it cannot be called
        function.span = symbol.span
        function.used = symbol.used_attr
        function.naked = symbol.naked
        function.ctx = bool(section) and len(symbol.params) > 0
        if not (static and symbol.inline == "always"):
            kind = btf.Func.STATIC if static else btf.Func.GLOBAL
            function.btf = self.types.function(symbol, kind, [p.name for p in symbol.params])
        self.module.functions.append(function)
        self._body(symbol, function, 1 if result is not None else 0)

    def _body(self, symbol: t.FuncSymbol, function: Function, first: int) -> None:
        f = Fn(self, symbol, function)
        if first:
            f.result = function.params[0]
        if not symbol.naked:
            for param, value in zip(symbol.params, function.params[first:]):
                if is_memory(param.type):
                    f.slots[param] = value
                else:
                    f.b.span = param.span
                    f.b.store(f.slot(param), value)
        assert symbol.body is not None
        statements.statement(f, symbol.body)
        falls_off(f)
        for block in function.blocks:
            if block.terminator is None:  # a label or dead code at the end
                f.b.position(block)
                f.b.unreachable()
        prune(function)


def _params(symbol: t.FuncSymbol) -> list[tuple[str, Any]]:
    kind = strip(symbol.type)
    assert isinstance(kind, FuncType)
    return kind.params
