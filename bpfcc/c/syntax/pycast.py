"""The door to pycparser: its syntax-tree classes, without its lexer and parser.

``import pycparser`` runs the package's ``__init__``, which loads ``subprocess``, ``dataclasses``
and the lexer's regular expressions: 30 ms, a fifth of a whole compile. Only ``pycparser.c_ast`` is
wanted, so it is imported under an empty stand-in for the package; both names are taken away again,
so that a later ``import pycparser`` by anybody works as ever.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


def _load() -> Any:
    """Return the module ``pycparser.c_ast``."""
    name = "pycparser"
    if name in sys.modules or name + ".c_ast" in sys.modules:
        return __import__(name + ".c_ast", fromlist=["c_ast"])
    from importlib.util import find_spec  # only here: the package may be there already

    spec = find_spec(name)
    if spec is None or spec.submodule_search_locations is None:
        raise ImportError("bpfcc needs the package pycparser (version 3): pip install pycparser")
    stand_in = ModuleType(name)
    stand_in.__path__ = list(spec.submodule_search_locations)
    sys.modules[name] = stand_in
    try:
        return __import__(name + ".c_ast", fromlist=["c_ast"])
    finally:
        del sys.modules[name]
        sys.modules.pop(name + ".c_ast", None)


c_ast = _load()
