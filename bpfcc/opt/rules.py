"""The table of local rules: what an operation is when its operands are what they are.

Rules that other compilers have and that are missing here on purpose, see ``contract.md``: no test
is moved to another value than the one tested; no two tests are merged; ``p + x + c`` keeps its
order; no load changes its size; no sum becomes an ``or``.
"""

from __future__ import annotations

from ..ir.ops import COMPARISONS
from . import rules_arith, rules_bits, rules_compare, rules_convert, rules_memory
from .simplifier import Rule

RULES: dict[str, Rule] = {
    "add": rules_arith.add_rule,
    "sub": rules_arith.sub_rule,
    "mul": rules_arith.mul_rule,
    "udiv": rules_arith.udiv_rule,
    "sdiv": rules_arith.sdiv_rule,
    "urem": rules_arith.urem_rule,
    "srem": rules_arith.srem_rule,
    "and": rules_bits.and_rule,
    "or": rules_bits.or_rule,
    "xor": rules_bits.xor_rule,
    "shl": rules_bits.shl_rule,
    "lshr": rules_bits.lshr_rule,
    "ashr": rules_bits.ashr_rule,
    "bswap": rules_bits.bswap_rule,
    "zext": rules_convert.zext_rule,
    "sext": rules_convert.sext_rule,
    "trunc": rules_convert.trunc_rule,
    "ptrtoint": rules_convert.ptrtoint_rule,
    "inttoptr": rules_convert.inttoptr_rule,
    "ptradd": rules_memory.ptradd_rule,
    "is_constant": rules_memory.is_constant_rule,
    "select": rules_memory.select_rule,
    "load": rules_memory.load_rule,
    "store": rules_memory.address_rule,
    "atomicrmw": rules_memory.address_rule,
    "cmpxchg": rules_memory.address_rule,
    "load_acquire": rules_memory.address_rule,
    "store_release": rules_memory.address_rule,
}
RULES.update(dict.fromkeys(COMPARISONS, rules_compare.compare_rule))
