"""Findings about correct C that a BPF program should not do: checked on the typed tree.

The language's own rules are ``sema``'s, the kernel's are the verifier's. What is here the kernel
accepts, or refuses in words that nobody recognises: bytes of a key that nobody writes, a redirect
whose verdict is dropped, a counter that is atomic in one place and not in another.
"""

from .unit import check

__all__ = ["check"]
