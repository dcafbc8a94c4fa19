"""Strongly connected components.

Source: Tarjan, "Depth-first search and linear graph algorithms", 1972; iterative.
"""

from __future__ import annotations


def strong_components(succs: list[list[int]]) -> list[list[int]]:
    """Return the components of the whole graph, each after those it leads to, members ascending.

    Taken in this order a call graph is visited callees first.
    """
    n = len(succs)
    index = [-1] * n
    low = [0] * n
    on_stack = [False] * n
    stack: list[int] = []
    components: list[list[int]] = []
    count = 0
    for root in range(n):
        if index[root] >= 0:
            continue
        index[root] = low[root] = count
        count += 1
        stack.append(root)
        on_stack[root] = True
        walk = [(root, iter(succs[root]))]
        while walk:
            node, rest = walk[-1]
            for succ in rest:
                if index[succ] < 0:
                    index[succ] = low[succ] = count
                    count += 1
                    stack.append(succ)
                    on_stack[succ] = True
                    walk.append((succ, iter(succs[succ])))
                    break
                if on_stack[succ]:
                    low[node] = min(low[node], index[succ])
            else:
                walk.pop()
                if walk:
                    parent = walk[-1][0]
                    low[parent] = min(low[parent], low[node])
                if low[node] == index[node]:
                    component: list[int] = []
                    while True:
                        member = stack.pop()
                        on_stack[member] = False
                        component.append(member)
                        if member == node:
                            break
                    component.sort()
                    components.append(component)
    return components


def is_cyclic(component: list[int], succs: list[list[int]]) -> bool:
    """Return whether the component is a cycle: several nodes, or one that leads to itself."""
    return len(component) > 1 or component[0] in succs[component[0]]
