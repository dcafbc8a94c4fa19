"""``python -m bench [NAME ...]``: prints one table per measure; a peer that is absent is said so.

``python -m bench programs --project DIR --flags ...`` measures a folder of anybody's programs,
``python -m bench programs --source DIR`` those of a kernel's tree.
"""

from __future__ import annotations

import importlib
import sys

MEASURES = ["compile_time", "code_size", "check_speed", "vm_speed", "programs"]


def main(names: list[str]) -> int:
    """Run the measures called ``names`` (all for none); 0, or 1 for an unknown name."""
    if names[:1] == ["programs"] and len(names) > 1 and names[1].startswith("-"):
        from . import programs, project

        lines = project.run if "--project" in names else programs.run
        for line in lines(names[1:]):
            print(line, flush=True)
        return 0
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        print(f"no such measure: {', '.join(unknown)}; there are {', '.join(MEASURES)}")
        return 1
    for name in names or MEASURES:
        module = importlib.import_module(f"bench.{name}")
        print(f"\n== {(module.__doc__ or name).splitlines()[0]}")
        for line in module.run():
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
