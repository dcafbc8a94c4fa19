"""The second opinion: SSA IR through LLVM's optimiser and BPF target, and native code for the VM.

The only room that imports llvmlite (the extra ``bpfcc[llvm]``), and only when somebody asks for it.
It shares nothing with the direct code generator below the IR.
"""

from __future__ import annotations
