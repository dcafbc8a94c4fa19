"""Whole objects, judged program by program here and by the running kernel."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from bpfcc.btf.read import Btf
from bpfcc.kernel.load import Loader, LoadOptions
from bpfcc.kernel.syscall import KernelError
from bpfcc.objfile.link import entry_functions
from bpfcc.objfile.model import Object
from bpfcc.support.errors import InputError
from bpfcc.uapi import kernels
from bpfcc.verifier.build import Maps
from bpfcc.verifier.verify import VerifyOptions, verify

from .campaign import Verdicts, kernel_verdict, own_verdict, read


def compare(path: str, btf: Btf, verdicts: Verdicts, say: Callable[[str], None]) -> None:
    """Judge every program of an object file that libbpf would load, marked "?" or not.

    An object whose maps cannot be made counts as one program.
    """
    name = os.path.basename(path)
    try:
        obj = read(path)
    except InputError as error:
        say(f"unreadable {name} | {error}")
        return
    try:
        loader = Loader(obj, LoadOptions())
    except InputError as error:
        say(f"unreadable {name} | {error}")
        return
    with loader:
        try:
            loader.create_maps()
            word = ""
        except (InputError, KernelError) as error:
            word = str(error)
        if word:
            try:
                ours = str(verify(obj, VerifyOptions(btf=btf, cpus=os.cpu_count())).verdict)
            except InputError:
                ours = "reject"
            verdicts.note("reject", ours, f"{name} | kernel: {word[:160]}", say)
            return
        maps = Maps(obj, kernels.LATEST_TUPLE)
        marks = _marks(obj)
        for function in entry_functions(obj):
            truth, word = kernel_verdict(loader, function.name)
            if truth == "other":
                say(f"not judged {name}:{function.name} | kernel: {word[:160]}")
                continue
            start = time.perf_counter()
            report = own_verdict(obj, function.name, maps, btf)
            verdicts.seconds += time.perf_counter() - start
            verdicts.instructions += report.insns_processed
            verdicts.note(
                truth, str(report.verdict),
                f"{name}:{function.name} | kernel: {word[:160]} | here: {report.kernel[:160]}", say,
                marks.get(function.name, ""),
            )  # fmt: skip


def _marks(obj: Object) -> dict[str, str]:
    """Return what the kernel's selftests say of their programs, by name."""
    words = {"comment:test_expect_failure": "failure", "comment:test_expect_success": "success"}
    return {
        getattr(tag.type, "name", ""): words[tag.name] for tag in obj.decl_tags if tag.name in words
    }
