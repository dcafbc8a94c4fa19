"""Which kernel an object needs."""

from __future__ import annotations

import pytest

from bpfcc.driver.min_kernel import needs
from bpfcc.isa.asm import assemble_insns
from bpfcc.objfile.model import Function, Object


@pytest.mark.parametrize(
    ("text", "loops"),
    [
        ("if r1 == 0 goto +2\nr0 = 0\nexit\nr0 = 1\ngoto -3", False),  # back to code that ends
        ("r0 = 0\nr0 += 1\nif r0 < 5 goto -2\nexit", True),
        ("r0 = 7\ngoto -1", True),
        ("r0 = 7\ngotol +1\nexit\ngotol -2", False),
    ],
)
def test_a_jump_back_is_no_loop_unless_it_turns(text: str, loops: bool) -> None:
    insns = assemble_insns(text)
    obj = Object()
    obj.functions.append(Function("f", "socket", insns))
    assert any("loops" in need.what for need in needs(obj)) == loops
