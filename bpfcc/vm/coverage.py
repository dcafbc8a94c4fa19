"""Which C lines and instructions a run reached; lcov output.

Counts come from runs with ``coverage=True`` (``Result.hits``) and may be added up over many.
"""

from __future__ import annotations

from ..isa.table import JCOND, JUMP
from .code import Code
from .program import Result


class Coverage:
    """Execution counts per code, added up."""

    def __init__(self) -> None:
        self.hits: dict[Code, list[int]] = {}

    def add(self, result: Result) -> None:
        """Add the counts of one run; results without coverage add nothing."""
        for code, counts in (result.hits or {}).items():
            held = self.hits.setdefault(code, [0] * len(counts))
            for i, count in enumerate(counts):
                held[i] += count

    def lines(self) -> dict[tuple[str, int], int]:
        """Return {(file, line): executions}; every line that has code is there.

        A line's count is that of its most executed instruction, added up over programs and loads.
        """
        found: dict[tuple[str, int], int] = {}
        for code, counts in self.hits.items():
            mine: dict[tuple[str, int], int] = {}
            for i, count in enumerate(counts):
                line = code.line_at(code.slots[i])
                if line is not None:
                    place = line.file, line.line
                    mine[place] = max(mine.get(place, 0), count)
            for place, count in mine.items():
                found[place] = found.get(place, 0) + count
        return found

    def functions(self) -> dict[str, int]:
        """Return {function name: how often it was entered}."""
        found: dict[str, int] = {}
        for code, counts in self.hits.items():
            for function in code.functions:
                found[function.name] = found.get(function.name, 0) + counts[function.first]
        return found

    def branches(self) -> list[tuple[Code, int, int, int]]:
        """Return (code, index, times taken, times not taken) of every conditional jump.

        Derived from the counts of the two ways on, exact where a way has no other way in.
        """
        result = []
        for code, counts in self.hits.items():
            entries = _ways_in(code)
            for i, row in enumerate(code.rows):
                if row.kind not in (JUMP, JCOND):
                    continue
                other = i + 1
                if entries[other] == 1:
                    missed = counts[other]
                    result.append((code, i, counts[i] - missed, missed))
                elif entries[code.target(i)] == 1:
                    taken = counts[code.target(i)]
                    result.append((code, i, taken, counts[i] - taken))
                else:
                    taken = min(counts[i], counts[code.target(i)])
                    result.append((code, i, taken, min(counts[i], counts[other])))
        return result

    def lcov(self) -> str:
        """Return the counts as an lcov tracefile (``geninfo(1)``), files and lines in order."""
        by_file: dict[str, list[tuple[int, int]]] = {}
        for (file, line), count in self.lines().items():
            by_file.setdefault(file, []).append((line, count))
        out = []
        for file in sorted(by_file):
            out += ["TN:", f"SF:{file}"]
            entries = self._function_lines(file)
            out += [f"FN:{line},{name}" for name, line, _ in entries]
            out += [f"FNDA:{count},{name}" for name, _, count in entries]
            out += [f"FNF:{len(entries)}", f"FNH:{sum(1 for e in entries if e[2])}"]
            branches = self._branch_lines(file)
            for line, block, ways in branches:
                for number, count in enumerate(ways):
                    taken = str(count) if any(ways) else "-"  # "-": the branch was not reached
                    out.append(f"BRDA:{line},{block},{number},{taken}")
            if branches:
                hit = sum(bool(count) for _, _, ways in branches for count in ways)
                out += [f"BRF:{2 * len(branches)}", f"BRH:{hit}"]
            lines = sorted(by_file[file])
            out += [f"DA:{line},{count}" for line, count in lines]
            out += [f"LF:{len(lines)}", f"LH:{sum(1 for _, count in lines if count)}"]
            out.append("end_of_record")
        return "\n".join(out) + "\n" if out else ""

    def _branch_lines(self, file: str) -> list[tuple[int, int, tuple[int, int]]]:
        """Return (line, number on that line, (times taken, not taken)) of the jumps in ``file``."""
        found: dict[tuple[int, str, int], tuple[int, int]] = {}
        for code, index, taken, missed in self.branches():
            line = code.line_at(code.slots[index])
            if line is None or line.file != file:
                continue
            function = code.functions[code.function_of(index)]
            key = line.line, function.name, index - function.first
            before = found.get(key, (0, 0))
            found[key] = before[0] + taken, before[1] + missed
        rows = []
        seen: dict[int, int] = {}
        for number, name, offset in sorted(found):
            block = seen.get(number, 0)
            seen[number] = block + 1
            rows.append((number, block, found[number, name, offset]))
        return rows

    def _function_lines(self, file: str) -> list[tuple[str, int, int]]:
        """Return (name, first line, times entered) of the functions in ``file``."""
        found: dict[str, tuple[int, int]] = {}
        for code, counts in self.hits.items():
            for function in code.functions:
                line = code.line_at(code.slots[function.first])
                if line is None or line.file != file:
                    continue
                first, entered = found.get(function.name, (line.line, 0))
                found[function.name] = min(first, line.line), entered + counts[function.first]
        return [(name, line, count) for name, (line, count) in sorted(found.items())]


def _ways_in(code: Code) -> list[int]:
    """Return for each instruction how many jumps and fall-throughs lead to it."""
    entries = [0] * (len(code.insns) + 1)
    for i, row in enumerate(code.rows):
        if row.kind in (JUMP, JCOND):
            entries[code.target(i)] += 1
            entries[i + 1] += 1
        elif row.kind == "ja":
            entries[code.target(i)] += 1
        elif row.kind != "exit":
            entries[i + 1] += 1
    return entries
