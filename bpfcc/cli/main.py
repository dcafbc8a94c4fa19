"""The ``bpfcc`` command: the compiler, or one of the commands named by the first word.

Exit codes: 0 done, 1 the input is wrong (or findings, for the checking commands), 2 a checking
command could not run, 70 a bug in bpfcc, 130 interrupted.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from contextlib import suppress

COMMANDS: dict[str, tuple[str, str]] = {
    "check": ("check", "verdict of the kernel's verifier, without a kernel"),
    "run": ("run", "run a filter in the user-space virtual machine"),
    "trace": ("trace", "load a filter into the running kernel, attach it, print its maps"),
    "record": ("record", "record a tracepoint's events for run --events"),
    "gen": ("gen", "write a typed Python module for an object (gen python filter.o)"),
    "objdump": ("objdump", "show C lines, instructions, relocations, maps and types of an object"),
    "cross-check": ("cross_check", "compare the two backends on many inputs"),
    "min-kernel": ("min_kernel", "tell which kernel version an object needs"),
    "explain": ("explain", "explain a diagnostic id, or a kernel's rejection log"),
    "asm": ("asm", "assemble BPF instructions"),
    "btf": ("btf", "print BTF as C declarations"),
    "vm-plugin": ("vm_plugin", "speak the plugin protocol of the bpf_conformance suite"),
}
"""First word -> (module in bpfcc.cli, one line of help)."""

EXIT_INTERNAL = 70


def _report_bug(error: BaseException, argv: list[str]) -> int:
    """Say that bpfcc is wrong, where, and how to report it; the trace goes to a file."""
    import tempfile
    import traceback

    from .. import __version__
    from ..support.errors import InternalError

    stage = function = place = ""
    if isinstance(error, InternalError):
        stage, function = error.stage, error.function
        if error.span is not None:
            place = ":".join(map(str, error.span.position()))
    else:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        stage = frame.filename.rsplit("bpfcc", 1)[-1].strip(os.sep) + f":{frame.lineno}"
        function = frame.name
    where = "".join(
        f"\n  {name}: {value}"
        for name, value in (("stage", stage), ("function", function), ("at", place))
        if value
    )
    text = (
        f"bpfcc {__version__}, Python {sys.version.split()[0]}\n"
        f"arguments: {argv}\n{where}\n\n{''.join(traceback.format_exception(error))}"
    )
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="bpfcc-crash-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write(text)
        saved = f"\n  report written to {file.name}"
    except OSError:
        saved = "\n" + text
    message = str(error) or type(error).__name__
    sys.stderr.write(
        f"bpfcc: internal error: {message}{where}{saved}\n"
        "  this is a bug in bpfcc, not in your program; please report it\n"
    )
    return EXIT_INTERNAL


def _dispatch(argv: list[str]) -> int:
    if argv and argv[0] in COMMANDS:
        module = importlib.import_module(f".{COMMANDS[argv[0]][0]}", __package__)
        return int(module.main(argv[1:]))
    from . import compile as compiler

    return compiler.main(argv)


def main(argv: list[str] | None = None) -> int:
    """Run bpfcc on ``argv`` (default: the process's) and return its exit code."""
    if argv is None:
        argv = sys.argv[1:]
    gc.set_threshold(100_000, 20, 20)  # trees, few cycles: looking for them costs a tenth
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    from ..support.errors import InputError

    try:
        code = _dispatch(argv)
        sys.stdout.flush()
        return code
    except InputError as error:
        from .report import print_input_error

        return print_input_error(error, _failed(argv))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output went away: not an error of ours, and nothing left to say.
        _discard_output()
        return 0
    except Exception as error:  # the last resort: never a bare traceback
        if isinstance(error, OSError) and _concerns_output(error):
            _discard_output()
            reason = error.strerror or "it is closed"
            with suppress(OSError):  # it may be the error output that is full
                sys.stderr.write(f"bpfcc: error: cannot write standard output: {reason}\n")
            return _failed(argv)
        return _report_bug(error, argv)


def _failed(argv: list[str]) -> int:
    """Return the exit code for a command that could not do its work."""
    return 2 if argv and argv[0] in ("check", "cross-check") else 1


def _open_closed_streams() -> None:
    """Put something in the place of standard streams that the caller has closed.

    What has something to say, or to read, then gets an OSError, and others need not care. The
    descriptor is taken, too, so that no product becomes "standard output".
    """
    if sys.stdin is None:
        sys.stdin = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "r")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")


def _concerns_output(error: OSError) -> bool:
    """Tell whether it came from a standard stream: no file is named, and it cannot be written to."""
    import errno
    import io

    full = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF, errno.ENXIO)
    return error.filename is None and (
        error.errno in full or isinstance(error, io.UnsupportedOperation)
    )


def _discard_output() -> None:
    """Let what is still buffered for standard output go nowhere, at the end of the process."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    sys.exit(main())
