"""``python -m bpfcc.uapi.gen_headers``: writes include/bpf/bpf_helper_defs.h from the helper rows."""

from __future__ import annotations

import os
import re
import sys

from .helpers import HELPERS

_STRUCT = re.compile(r"\b(struct|union) (\w+)")
HEAD = """\
/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Made by "make gen" from bpfcc/uapi/helpers.py: change the rows there. */
#ifndef __BPFCC_BPF_BPF_HELPER_DEFS_H
#define __BPFCC_BPF_BPF_HELPER_DEFS_H

"""


def header_text() -> str:
    """Return the header: a constant pointer per helper, whose call is a call of its number."""
    structs: dict[str, None] = {}
    rows = []
    for helper in HELPERS:
        for kind, name in _STRUCT.findall(helper.proto):
            structs.setdefault(f"{kind} {name};")
        ret, params = helper.proto.split("(", 1)
        star = "" if ret.endswith("*") else " "
        rows.append(
            f"/* {helper.name}: Linux {helper.since}{', GPL only' if helper.gpl_only else ''} */\n"
            f"static {ret.rstrip()}{star}(*const {helper.name})({params} = (void *){helper.id};\n"
        )
    return HEAD + "\n".join(structs) + "\n\n" + "\n".join(rows) + "\n#endif\n"


def main() -> int:
    """Write the header into the repository's include folder."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    path = os.path.join(root, "include", "bpf", "bpf_helper_defs.h")
    with open(path, "w", encoding="utf-8") as file:
        file.write(header_text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
