"""The plugin protocol of the public conformance suite (bpf_conformance).

``plugin [MEMHEX] [options] [--elf]``: r1 is the memory, r2 its length; the program comes on
standard input as hex, an ELF object with --elf. Success is r0 in hex on standard output and exit
code 0; anything else is a message and exit code 1. Helper 5 returns its argument: the suite's tests
of unwinding call it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..isa.check import check_bytes
from ..isa.insn import decode
from ..objfile.link import entry_functions
from ..objfile.read import from_bytes
from ..support.errors import InputError
from .code import Code
from .engine import Careful, Engine, Interpreter
from .faults import Fault
from .load import load
from .program import LoadedProgram, from_insns
from .world import World

LIMIT = 10_000_000
_UNWIND = 5


def prepare(world: World) -> World:
    """Give ``world`` what the suite's programs expect."""
    world.mock(_UNWIND, lambda value: value)
    return world


def execute(
    program: bytes,
    memory: bytes,
    *,
    elf: bool = False,
    engine: Callable[[Code], Engine] = Interpreter,
) -> int:
    """Run one program of the suite; return r0.

    Args:
        program: instructions in wire form, or an ELF object.
        memory: what r1 points to; with none, r1 is 0.
        elf: which of the two ``program`` is.
        engine: what executes it.

    Raises: InputError when the program is malformed; Fault when it does not end well.
    """
    loaded = _load_elf(program, engine) if elf else _load_raw(program, engine)
    if not memory:
        return loaded.call(0, 0, limit=LIMIT)
    return loaded.call_with_memory(bytearray(memory), limit=LIMIT).check().value


def _load_raw(program: bytes, engine: Callable[[Code], Engine]) -> LoadedProgram:
    faults = check_bytes(program)
    if faults:
        raise InputError("; ".join(map(str, faults)))
    return from_insns(decode(program), prepare(World()), engine=engine)


def _load_elf(program: bytes, engine: Callable[[Code], Engine]) -> LoadedProgram:
    obj = from_bytes(program, "standard input")
    functions = entry_functions(obj) or obj.functions
    if not functions:
        raise InputError("the object has no program")
    return load(obj, functions[0].name, prepare(World()), engine=engine)


def _hex(text: str, what: str) -> bytes:
    """Return the bytes of pairs of digits with white space between. Raises: InputError."""
    digits = "".join(text.split())
    for at, char in enumerate(digits):
        if char not in "0123456789abcdefABCDEF":
            raise InputError(f"{what} is not hexadecimal: {char!r} at digit {at}")
    if len(digits) % 2:
        raise InputError(f"{what} has an odd number of hexadecimal digits, {len(digits)}")
    return bytes.fromhex(digits)


def main(
    args: Sequence[str],
    stdin: str,
    *,
    jit: Callable[[Code], Engine] | None = None,
) -> tuple[int, str]:
    """Serve one call of the plugin.

    Args:
        args: the arguments; ``--jit`` and ``--careful`` choose the engine.
        stdin: the text of standard input.
        jit: the engine for ``--jit``; without one that option is refused.

    Returns: (exit code, what goes to standard output).
    """
    engine: Callable[[Code], Engine] = Interpreter
    memory_text = ""
    elf = False
    for arg in args:
        if arg == "--elf":
            elf = True
        elif arg == "--jit":
            if jit is None:
                return 1, "no JIT is installed (pip install bpfcc[llvm])"
            engine = jit
        elif arg == "--careful":
            engine = Careful
        elif arg.startswith("--"):
            return 1, f"unknown option {arg}"
        else:
            memory_text += " " + arg
    try:
        memory = _hex(memory_text, "the memory")
        program = _hex(stdin, "the program on standard input")
        return 0, f"{execute(program, memory, elf=elf, engine=engine):x}"
    except InputError as error:
        return 1, str(error)
    except Fault as fault:
        return 1, str(fault)
