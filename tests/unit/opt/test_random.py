"""Random programs behave the same before and after each pass, alone and in the pipeline."""

from __future__ import annotations

import pytest
from opt_random_ir import generate, outcome

from bpfcc.ir.module import Function, Module
from bpfcc.ir.printer import print_module
from bpfcc.ir.verify import verify
from bpfcc.opt.pipeline import OptOptions, optimize

INPUTS = range(4)


class Checker:
    """A callback that checks the IR and the behaviour after each pass that changed something."""

    def __init__(self, module: Module, big_endian: bool = False) -> None:
        self.module = module
        self.big_endian = big_endian
        self.expect = [outcome(module, i, big_endian=big_endian) for i in INPUTS]
        self.text = ""

    def before(self, name: str, unit: Module | Function) -> bool:
        self.text = print_module(self.module)
        return True

    def after(self, name: str, unit: Module | Function, changed: bool) -> None:
        verify(self.module, after=name)
        if not changed:
            assert self.text == print_module(self.module), f"{name} says it changed nothing"
            return
        for i, expect in zip(INPUTS, self.expect):
            found = outcome(self.module, i, big_endian=self.big_endian)
            if found != expect:
                print(self.text)
                print(print_module(self.module))
                pytest.fail(f"{name} changes what the program does on input {i}")


@pytest.mark.parametrize("seed", range(60))
def test_each_pass_keeps_the_meaning(seed: int) -> None:
    module = generate(seed)
    verify(module)
    big_endian = seed % 4 == 3
    checker = Checker(module, big_endian)
    level = 0 if seed % 10 == 9 else 2
    options = OptOptions(level, mcpu=(3, 2, 4)[seed % 3], big_endian=big_endian)
    optimize(module, options, checker)
