"""bpfcc: compiles, checks and runs BPF filters written in restricted C.

Not BCC (whose Debian packages are called bpfcc-tools): a compiler, a checker and a user-space
virtual machine, in Python, that need neither clang nor kernel headers.
"""

__version__ = "0.1.0"
