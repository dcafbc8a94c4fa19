"""llvmlite, imported when first asked for, with its targets initialised."""

from __future__ import annotations

import functools
from typing import Any

from ..support.errors import InputError


@functools.cache
def binding() -> Any:
    """Return ``llvmlite.binding``, ready for the BPF target and the host.

    Raises: InputError where llvmlite is not installed.
    """
    try:
        import llvmlite.binding as llvm
    except ImportError as error:
        raise InputError(
            "this needs llvmlite, which is not installed: pip install 'bpfcc[llvm]'"
        ) from error
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    return llvm
