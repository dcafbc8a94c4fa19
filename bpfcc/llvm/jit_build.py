"""IR text to code in memory: passes, code generation, linking, and the cache of objects."""

from __future__ import annotations

import functools
import hashlib
import itertools
import os
import tempfile
from typing import Any

from .. import __version__
from ..isa.insn import encode
from ..support.errors import InternalError
from ..vm.code import Code
from .door import binding
from .jit_batch import BATCH
from .jit_emit import emit
from .jit_stubs import exported, runtime_text

FORMAT = 4  # raise when generated code or the context block changes
_DIGEST = 32
RUNTIME = "bpf_runtime"
_numbers = itertools.count()


class Host:
    """The machine that native code is for."""

    def __init__(self) -> None:
        llvm = binding()
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        self.llvm = llvm
        self.triple = llvm.get_process_triple()
        self.cpu = llvm.get_host_cpu_name()
        self.features = llvm.get_host_cpu_features().flatten()
        self.cold_cc = self.triple.split("-")[0] in ("x86_64", "aarch64", "arm64")
        self._machines: dict[int, Any] = {}
        self.linker = llvm.create_lljit_compiler(self.machine(2))
        version = ".".join(map(str, llvm.llvm_version_info))
        self.identity = f"{FORMAT} {__version__} {version} {self.triple} {self.cpu} {self.features}"
        self._runtime: Any = None

    def machine(self, opt: int) -> Any:
        """Return the target machine of a code generation level."""
        if opt not in self._machines:
            self._machines[opt] = self.llvm.Target.from_triple(self.triple).create_target_machine(
                cpu=self.cpu,
                features=self.features,
                opt=opt,
                reloc="pic",
                codemodel="small",
                jit=True,
            )
        return self._machines[opt]

    def runtime(self, *, cache: bool) -> Any:
        """Return the linked runtime (``jit_stubs``): its functions' addresses by name."""
        if self._runtime is None:
            path = _runtime_path() if cache else ""
            image = _load(path) if path else None
            if image is None:
                image = compile_text(runtime_text(BATCH, kept=self.cold_cc), 2)
                if path:
                    _save(path, image)
            builder = self.llvm.JITLibraryBuilder().add_object_img(image).add_current_process()
            for name in exported(kept=self.cold_cc):
                builder.export_symbol(name)
            self._runtime = builder.link(self.linker, RUNTIME)
        return self._runtime


@functools.cache
def host() -> Host:
    """Return the machine we run on. Raises: InputError where llvmlite is not installed."""
    return Host()


class Native:
    """Code in memory; ``entries`` are the addresses of the functions called ``names``."""

    def __init__(self, image: bytes, names: list[str]) -> None:
        llvm = host().llvm
        builder = llvm.JITLibraryBuilder().add_object_img(image)
        builder.add_jit_library(RUNTIME).add_current_process()
        for name in names:
            builder.export_symbol(name)
        self._library = builder.link(host().linker, f"bpf{next(_numbers)}")
        self.entries = [int(self._library[name]) for name in names]


def build(code: Code, mode: str, opt: int, *, cache: bool, start: int = -1) -> Native:
    """Return native code of ``code``, from the cache where it is there.

    Args:
        code: the program.
        mode: see ``jit_emit.emit``.
        opt: 0 = nothing but registers, 1 = a short list of passes, 2 = LLVM's -O2.
        cache: look for the object on disk, and leave it there.
        start: make only the entry that goes on at this instruction (see ``emit``).

    Raises: InternalError when LLVM refuses the IR.
    """
    host().runtime(cache=cache)
    path = _cache_path(code, mode, opt, start) if cache else ""
    image = _load(path) if path else None
    if image is None:
        # LLVM's fast instruction selection knows only the usual calling conventions.
        cold_cc = host().cold_cc and opt > 0
        text = emit(code, mode, cold_cc=cold_cc, opt=opt, start=start)
        image = compile_text(text, opt)
        if path:
            _save(path, image)
    names = [f"e{k}" for k in range(len(code.functions))] if start < 0 else ["ec"]
    return Native(image, names)


def compile_text(text: str, opt: int) -> bytes:
    """Return the object of IR ``text``. Raises: InternalError."""
    machine_host = host()
    llvm, machine = machine_host.llvm, machine_host.machine(min(opt, 2))
    try:
        module = llvm.parse_assembly(text)
    except RuntimeError as error:
        raise InternalError(f"LLVM refuses the IR: {error}", stage="jit") from error
    module.triple = machine_host.triple
    module.data_layout = str(machine.target_data)
    optimize(llvm, module, machine, opt)
    image: bytes = machine.emit_object(module)
    return image


def optimize(llvm: Any, module: Any, machine: Any, opt: int) -> None:
    """Run the passes of a level on ``module``."""
    tuning = llvm.PipelineTuningOptions(speed_level=max(opt, 1))
    tuning.slp_vectorization = False
    tuning.loop_unrolling = False
    builder = llvm.create_pass_builder(machine, tuning)
    if opt >= 2:
        builder.getModulePassManager().run(module, builder)
        return
    passes = llvm.create_new_function_pass_manager()
    passes.add_sroa_pass()
    if opt == 1:
        passes.add_simplify_cfg_pass()
        passes.add_instruction_combine_pass()
        passes.add_new_gvn_pass()
        passes.add_loop_rotate_pass()
        passes.add_simplify_cfg_pass()
    for function in module.functions:
        if not function.is_declaration:
            passes.run(function, builder)


# --- the cache -------------------------------------------------------------------------------


def cache_folder() -> str:
    """Return the folder of cached objects, "" when caching is off."""
    if os.environ.get("BPFCC_NO_CACHE"):
        return ""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "bpfcc", "jit") if os.path.isabs(base) else ""


def _cache_path(code: Code, mode: str, opt: int, start: int) -> str:
    folder = cache_folder()
    if not folder:
        return ""
    hash = hashlib.sha256(f"{host().identity} {mode} {opt} {start} {code.big_endian}\n".encode())
    hash.update(encode(code.insns))
    # The kernel functions and messages stay in Python; the code depends on where they are.
    starts = [function.first for function in code.functions]
    hash.update(repr((starts, sorted(code.values.items()), sorted(code.unresolved))).encode())
    return os.path.join(folder, hash.hexdigest())


def _runtime_path() -> str:
    """Return where the runtime's object is kept, "" when caching is off."""
    folder = cache_folder()
    if not folder:
        return ""
    text = runtime_text(BATCH, kept=host().cold_cc)
    return os.path.join(folder, hashlib.sha256(f"{host().identity}\n{text}".encode()).hexdigest())


def _load(path: str) -> bytes | None:
    """Return a cached object, None when there is none or it is damaged."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return None
    digest, image = data[:_DIGEST], data[_DIGEST:]
    return image if hashlib.sha256(image).digest() == digest else None


def _save(path: str, image: bytes) -> None:
    """Leave an object in the cache; a folder that cannot be written is no error."""
    folder = os.path.dirname(path)
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(image).digest() + image)
        os.replace(temporary, path)
    except OSError:
        pass
