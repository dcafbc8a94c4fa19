"""Algorithms on directed graphs: orders, dominators, loops, dataflow; they know no compiler."""
