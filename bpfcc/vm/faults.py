"""What can end a run other than ``exit``: one class per reason, never a Python traceback.

Every fault names the slot (``pc``) of the instruction at fault; the engine adds ``where`` (C file,
line, text) and ``stack`` (call sites, innermost first) when it hands the fault on. An interpreter
and a JIT raise the same fault with the same pc.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..objfile.model import Line

if TYPE_CHECKING:
    from .code import Code


class Fault(Exception):
    """Base of all. ``pc``: slot of the instruction; -1 until known.

    ``stack``: slots of the calls that led there, innermost first. ``executed``: instructions run
    before the fault, this one not counted; -1 until known.
    """

    kind = "fault"

    def __init__(self, message: str, pc: int = -1) -> None:
        super().__init__(message)
        self.message = message
        self.pc = pc
        self.stack: list[int] = []
        self.executed = -1
        self.handed_over = False
        self.code: Code | None = None  # the program that pc counts in (tail calls change it)
        self.line: Line | None = None
        self.function = ""
        self.insn = ""

    def __str__(self) -> str:
        text = self.message
        if self.pc >= 0:
            text = f"at instruction {self.pc}: {text}"
        if self.line is not None:
            text += f" ({self.line.file}:{self.line.line}: {self.line.text.strip()})"
        return text


class MemoryFault(Fault):
    """An access that no region allows.

    ``addr`` is the full 64-bit address, ``size`` the bytes wanted, ``access`` "read", "write" or
    "atomic". ``reason`` says what is there instead.
    """

    kind = "memory"

    def __init__(self, addr: int, size: int, access: str, reason: str, pc: int = -1) -> None:
        super().__init__(f"{access} of {size} bytes at {addr:#x}: {reason}", pc)
        self.addr = addr
        self.size = size
        self.access = access
        self.reason = reason


class LimitExceeded(Fault):
    """The run used up its instruction limit."""

    kind = "limit"

    def __init__(self, limit: int, pc: int = -1) -> None:
        super().__init__(f"instruction limit of {limit} reached", pc)
        self.limit = limit


def how_to_mock(name: str, parameters: str) -> str:
    """Return the lines to write that give a helper or kernel function a result."""
    return (
        f'world.mock("{name}", lambda {parameters}: 0) in Python, '
        f'filter.mock("{name}", 0) in a test, --mock {name}=0 on the command line'
    )


class UnknownHelper(Fault):
    """A call of a helper that does not exist, or that is neither modelled nor mocked.

    ``parameters``: the names of its parameters, with commas, for the line that mocks it.
    """

    kind = "unknown-helper"

    def __init__(self, id: int, name: str = "", pc: int = -1, parameters: str = "*args") -> None:
        if name:
            text = f"helper {name} ({id}) is not modelled; write {how_to_mock(name, parameters)}"
        else:
            text = f"there is no helper number {id}; world.mock({id}, function) defines one"
        super().__init__(text, pc)
        self.id = id
        self.name = name


class UnknownKfunc(Fault):
    """A call of a kernel function that is neither modelled nor mocked."""

    kind = "unknown-kfunc"

    def __init__(self, name: str, pc: int = -1) -> None:
        super().__init__(
            f"kernel function {name} is not modelled; write {how_to_mock(name, '*args')}", pc
        )
        self.name = name


class NotDescribed(Fault):
    """A call about something that the user has not described; ``line`` is Python that does."""

    kind = "not-described"

    def __init__(self, name: str, missing: str, line: str, pc: int = -1) -> None:
        super().__init__(
            f"{name}: {missing}; write {line}, or give it a result: "
            f'world.mock("{name}", lambda *args: 0)',
            pc,
        )
        self.name = name
        self.line_to_write = line


class Thrown(Fault):
    """bpf_throw: the program ends with ``cookie``, or with what its exception callback returns."""

    kind = "thrown"

    def __init__(self, cookie: int, pc: int = -1) -> None:
        super().__init__(f"bpf_throw({cookie})", pc)
        self.cookie = cookie


class CallDepth(Fault):
    """More nested calls than the kernel's eight frames."""

    kind = "call-depth"

    def __init__(self, depth: int, pc: int = -1) -> None:
        super().__init__(f"call depth exceeds {depth} frames", pc)
        self.depth = depth


class BadCall(Fault):
    """A call through a register that holds neither a function's address nor a helper number."""

    kind = "bad-call"


class BadArgument(Fault):
    """A helper got an argument that the kernel's verifier or the helper itself never lets pass."""

    kind = "bad-argument"


class MockFailed(Fault):
    """A user's mock raised; ``__cause__`` is its exception."""

    kind = "mock"


class BadInstruction(Fault):
    """An instruction that cannot be executed here, such as a load of an unresolved symbol."""

    kind = "bad-instruction"
