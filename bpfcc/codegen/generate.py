"""The stages of code generation, in order. Read this file first."""

from __future__ import annotations

from ..ir.module import Function, Global, Module
from ..objfile import model
from ..objfile.from_ir import begin_object, declare_undefined
from . import asmout, cfg, constants, emit, frame, isel, layout, peephole, regalloc
from .liveness import Liveness, remove_dead
from .mir import MFunction
from .options import CodegenOptions


def generate(module: Module, options: CodegenOptions) -> model.Object:
    """Return the object for ``module``, which is left as it is.

    Reports: what BPF cannot do and only code generation can see (bpf-stack-size, bpf-atomic,
    bpf-asm, bpf-block-size); the object is then not to be used.
    Raises: InternalError for IR that is not well-formed.
    """
    obj = begin_object(module, big_endian=options.big_endian)
    globals = {var.name: var for var in module.globals}
    for function in module.functions:
        if function.blocks:
            obj.functions.append(generate_function(function, options, globals))
    declare_undefined(obj)
    return obj


def generate_function(
    function: Function, options: CodegenOptions, globals: dict[str, Global]
) -> model.Function:
    """Return the code of one function; ``globals`` are the module's variables by name."""
    mir = isel.select(function, options, globals)
    _after("isel", mir, options)

    cfg.prune(mir)
    dominators = cfg.set_depths(mir)
    if options.opt_level:
        constants.share(mir, dominators)
    live = remove_dead(mir, Liveness(mir))
    if options.opt_level and cfg.hoist_edge_moves(mir, live):
        cfg.prune(mir)
    _after("prepare", mir, options)

    if options.verify:
        # A compilation that does not ask for the proof need not load it.
        from . import recheck

        snapshot = recheck.Snapshot(mir)
        regalloc.allocate(mir)
        recheck.check(mir, snapshot)
    else:
        regalloc.allocate(mir)
    _after("regalloc", mir, options)

    peephole.run(mir, options)
    _after("peephole", mir, options)

    frame.lay_out(mir, function, options)
    asmout.assemble_all(mir, options)
    layout.thread_jumps(mir)
    layout.order_blocks(mir, options.mcpu)
    _after("layout", mir, options)
    return emit.emit(mir, function, options)


def _after(stage: str, mir: MFunction, options: CodegenOptions) -> None:
    if options.callback is not None:
        options.callback(stage, mir)
