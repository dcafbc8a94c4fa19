"""The kernel's own table of verifier tests (selftests/bpf/verifier), as instructions.

Needs the kernel's source, gcc and libbpf's headers: the table is C, so a small C program prints it.
Every test is judged here and by the running kernel; the expected results in the table, which are
those of the source's version, are not looked at.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator

from bpfcc.btf import wire
from bpfcc.btf.read import Btf
from bpfcc.driver.options import Options
from bpfcc.driver.pipeline import compile_source
from bpfcc.isa import insn as isa
from bpfcc.isa.insn import Insn, decode, encode
from bpfcc.kernel.load import Loader, LoadOptions
from bpfcc.kernel.programs import F_ANY_ALIGNMENT, AttachPoint, load_program
from bpfcc.kernel.rejection import LoadError
from bpfcc.kernel.syscall import KernelError
from bpfcc.kernel.vmlinux import attach_id
from bpfcc.objfile.model import Function, Linkage, Object, Program, Reloc, RelocKind, Subprogram
from bpfcc.support.diagnostics import Sink
from bpfcc.support.errors import InputError
from bpfcc.support.source import SourceFile
from bpfcc.uapi import kernels
from bpfcc.uapi.prog_types import ProgType
from bpfcc.uapi.sections import Section
from bpfcc.verifier.build import Maps, build
from bpfcc.verifier.reject import Reject
from bpfcc.verifier.report import ProgramReport
from bpfcc.verifier.subject import Target
from bpfcc.verifier.verify import VerifyOptions, judge_subject

from .campaign import Verdicts
from .mutate import mutate

SELFTESTS = "/usr/src/linux-source-6.1/tools/testing/selftests/bpf"

_PRINTER = r"""
#define FIX(f) for (int *p = t->f; *p && p < t->f + MAX_FIXUPS; p++) printf(" %s:%d", #f, *p);
int main(void)
{
  for (int i = 0; i < (int)ARRAY_SIZE(tests); i++) {
    struct bpf_test *t = &tests[i];
    struct bpf_insn *prog = t->insns;
    int len;
    if (t->fill_helper) {
      t->fill_insns = calloc(MAX_TEST_INSNS, sizeof(struct bpf_insn));
      t->fill_helper(t);
      prog = t->fill_insns;
      len = t->prog_len;
    } else
      len = probe_filter_length(prog);
    if (len < 20000 && !t->btf_types[0] && !t->func_info_cnt) {
      printf("%s\n%d %d %d %s\n", t->descr, t->prog_type, t->expected_attach_type, t->flags,
             t->kfunc ? t->kfunc : "-");
      FIXES
      for (struct kfunc_btf_id_pair *k = t->fixup_kfunc_btf_id; k->kfunc; k++)
        printf(" =%s:%d", k->kfunc, k->insn_idx);
      printf("\n");
      for (unsigned char *b = (void *)prog, *e = b + len * 8; b < e; b++) printf("%02x", *b);
      printf("\n");
    }
    if (t->fill_insns) free(t->fill_insns);
  }
}
"""

_MAPS = """
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct test_val { unsigned index; int foo[11]; };
struct val { int cnt; struct bpf_spin_lock l; };
struct timer { struct bpf_timer t; };
#define MAP(name, kind, k, v, n, f) struct { __uint(type, kind); __type(key, k); __type(value, v); \\
    __uint(max_entries, n); __uint(map_flags, f); } name SEC(".maps")
#define SIZED(name, kind, k, v, n, f) struct { __uint(type, kind); __uint(key_size, k); \\
    __uint(value_size, v); __uint(max_entries, n); __uint(map_flags, f); } name SEC(".maps")
SIZED(fixup_map_hash_8b, BPF_MAP_TYPE_HASH, 8, 8, 1, 1);
SIZED(fixup_map_hash_48b, BPF_MAP_TYPE_HASH, 8, 48, 1, 1);
SIZED(fixup_map_hash_16b, BPF_MAP_TYPE_HASH, 8, 16, 1, 1);
SIZED(fixup_map_array_48b, BPF_MAP_TYPE_ARRAY, 4, 48, 1, 0);
SIZED(fixup_map_sockmap, BPF_MAP_TYPE_SOCKMAP, 4, 4, 1, 0);
SIZED(fixup_map_sockhash, BPF_MAP_TYPE_SOCKHASH, 4, 4, 1, 0);
SIZED(fixup_map_xskmap, BPF_MAP_TYPE_XSKMAP, 4, 4, 1, 0);
SIZED(fixup_map_stacktrace, BPF_MAP_TYPE_STACK_TRACE, 4, 8, 1, 0);
SIZED(fixup_prog1, BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 4, 0);
SIZED(fixup_prog2, BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 8, 0);
struct inner { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(key_size, 4); __uint(value_size, 4);
    __uint(max_entries, 1); };
struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(key_size, 4); __uint(value_size, 4);
    __uint(max_entries, 1); __array(values, struct inner); } fixup_map_in_map SEC(".maps");
SIZED(fixup_cgroup_storage, BPF_MAP_TYPE_CGROUP_STORAGE, 16, 64, 0, 0);
SIZED(fixup_percpu_cgroup_storage, BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE, 16, 64, 0, 0);
MAP(fixup_map_spin_lock, BPF_MAP_TYPE_ARRAY, int, struct val, 1, 0);
SIZED(fixup_map_array_ro, BPF_MAP_TYPE_ARRAY, 4, 48, 1, 128);
SIZED(fixup_map_array_wo, BPF_MAP_TYPE_ARRAY, 4, 48, 1, 256);
SIZED(fixup_map_array_small, BPF_MAP_TYPE_ARRAY, 4, 1, 1, 0);
MAP(fixup_sk_storage_map, BPF_MAP_TYPE_SK_STORAGE, int, struct val, 0, 1);
SIZED(fixup_map_event_output, BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 1, 0);
SIZED(fixup_map_reuseport_array, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, 4, 8, 1, 0);
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } fixup_map_ringbuf
    SEC(".maps");
MAP(fixup_map_timer, BPF_MAP_TYPE_ARRAY, int, struct timer, 1, 0);
char _license[] SEC("license") = "GPL";
"""


class Test:
    """One row: ``fixups`` are (slot, map name), ``kfuncs`` (slot, function)."""

    def __init__(self, name: str, numbers: list[str], fixups: str, code: str) -> None:
        self.name = name
        self.type = int(numbers[0]) or int(ProgType.SOCKET_FILTER)
        self.attach = int(numbers[1])
        self.flags = int(numbers[2])
        self.target = numbers[3]
        self.fixups: list[tuple[int, str]] = []
        self.kfuncs: list[tuple[int, str]] = []
        for fixup in fixups.split():
            symbol, slot = fixup.split(":")
            if symbol[0] == "=":
                self.kfuncs.append((int(slot), symbol[1:]))
            else:
                self.fixups.append((int(slot), symbol))
        self.code = bytes.fromhex(code)


def table() -> Iterator[Test]:
    """Yield the tests of the kernel's table; raises OSError or CalledProcessError without it."""
    with open(f"{SELFTESTS}/test_verifier.c") as stream:
        text = stream.read().replace("\nint main(", "\nint unused_main(")
    names = re.findall(r"int (fixup_\w+)\[MAX_FIXUPS\];", text)
    fixes = " ".join(f"FIX({name})" for name in names)
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(f"{folder}/verifier")
        with open(f"{folder}/verifier/tests.h", "w") as stream:
            for name in sorted(os.listdir(f"{SELFTESTS}/verifier")):
                if name.endswith(".c"):
                    stream.write(f'#include "{SELFTESTS}/verifier/{name}"\n')
        with open(f"{folder}/table.c", "w") as stream:
            stream.write(text + _PRINTER.replace("FIXES", fixes))
        include = f"{SELFTESTS}/../../../include"
        subprocess.run(
            ["gcc", "-w", f"-I{folder}", f"-I{SELFTESTS}", f"-I{include}", f"-I{include}/uapi",
             f"{folder}/table.c", f"{SELFTESTS}/cap_helpers.c", "-o", f"{folder}/table", "-lbpf"],
            check=True,
        )  # fmt: skip
        out = subprocess.run([f"{folder}/table"], check=True, capture_output=True).stdout
    lines = out.decode("utf-8", "replace").split("\n")
    for at in range(0, len(lines) - 3, 4):
        name, numbers, fixups, code = lines[at : at + 4]
        yield Test(name, numbers.split(" ", 3), fixups, code)


class Lab:
    """The maps that the tests use, in the kernel and here."""

    def __init__(self, btf: Btf) -> None:
        self.btf = btf
        made = compile_source(SourceFile("maps.c", _MAPS), Options(), Sink())
        assert made is not None
        self.obj: Object = made
        self.loader = Loader(made, LoadOptions())
        self.loader.create_maps()
        self.maps = Maps(made, kernels.LATEST_TUPLE)

    def program(self, test: Test, insns: list[Insn]) -> Program:
        """Return the program of ``test`` with ``insns``; functions begin where calls go."""
        slots = isa.slot_starts(insns)
        starts = {0}
        for i, insn in enumerate(insns):
            if insn.opcode == isa.JMP | isa.CALL and insn.src == isa.PSEUDO_CALL:
                starts.add(slots[i] + 1 + insn.imm)
            elif insn.opcode == isa.LD_IMM64 and insn.src == isa.PSEUDO_FUNC:
                low = insn.imm & 0xFFFFFFFF
                starts.add(slots[i] + 1 + low - ((low & 0x80000000) << 1))
        known = set(slots[:-1])
        if not starts <= known:
            raise InputError("a call into nowhere")
        order = sorted(starts)
        parts = [
            Subprogram(
                Function(f"f{i}", ".text" if i else "raw", [], linkage=Linkage.LOCAL), start, end
            )
            for i, (start, end) in enumerate(zip(order, [*order[1:], slots[-1]]))
        ]
        relocs = [Reloc(slot, RelocKind.DATA, name) for slot, name in test.fixups]
        return Program("prog", "raw", self.obj, [i.copy() for i in insns], parts, relocs=relocs)

    def kernel(self, test: Test, program: Program) -> tuple[str, str]:
        """Return the kernel's verdict and last word."""
        by_slot: dict[int, Insn] = {}
        slot = 0
        for insn in program.insns:
            by_slot[slot] = insn
            slot += insn.slots
        for reloc in program.relocs:
            insn = by_slot[reloc.slot]
            insn.imm = insn.imm & -1 << 32 | self.loader.maps[reloc.symbol].fd
        for at, name in test.kfuncs:
            ids = self.btf.ids(name, wire.KIND_FUNC)
            by_slot[at].imm = ids[0] if ids else 0
        section = _section(test)
        attach = AttachPoint(test.attach)
        try:
            if section.attach_btf:
                kinds = {24: "fentry", 25: "fexit", 26: "fmod_ret", 23: "tp_btf", 28: "iter"}
                kind = "lsm" if test.type == ProgType.LSM else kinds.get(test.attach, "fentry")
                attach = AttachPoint(test.attach, attach_id(kind, test.target))
            load_program(
                program, section, self.loader.types, attach, license="GPL", flags=F_ANY_ALIGNMENT
            ).close()
        except LoadError as error:
            if error.reason.startswith("PROG_LOAD:"):
                return "other", error.reason  # a table of programs that other types are in
            return "reject", error.reason
        except (KernelError, InputError) as error:
            return "other", str(error)
        return "accept", ""

    def own(self, test: Test, program: Program) -> ProgramReport:
        """Return our verdict."""
        report = ProgramReport(test.name, "raw")
        try:
            subject = build(program, self.maps, self.btf, _section(test))
            for at, name in test.kfuncs:
                idx = subject.index_of.get(at, -1)
                if idx >= 0:
                    subject.targets[idx] = Target("kfunc", name=name)
            for idx, insn in enumerate(subject.insns):
                target = subject.targets.get(idx)
                if insn.src == isa.PSEUDO_MAP_VALUE and target is not None:
                    offset = (insn.imm >> 32 ^ 1 << 31) - (1 << 31)
                    subject.targets[idx] = Target("value", target.map, offset)
            options = VerifyOptions(btf=self.btf, cpus=os.cpu_count())
            judge_subject(subject, report, options, kernels.LATEST_TUPLE)
        except Reject as reject:
            report.verdict = "reject"  # type: ignore[assignment]
            report.kernel = reject.kernel
        except InputError as error:
            report.verdict = "reject"  # type: ignore[assignment]
            report.kernel = str(error)
        except Exception as error:
            report.verdict = "crash"  # type: ignore[assignment]
            report.kernel = repr(error)
        return report


def _section(test: Test) -> Section:
    tracing = test.type in (ProgType.TRACING, ProgType.LSM)
    name = test.target if tracing and test.target != "-" else ""
    flags = "btf" if name else ""
    if test.flags & 16:
        flags += " sleep"
    return Section("raw/", test.type, test.attach, flags, name)


def run(
    btf: Btf, each: int, seed: int, shard: tuple[int, int], verdicts: Verdicts,
    say: Callable[[str], None],
) -> None:  # fmt: skip
    """Judge every test, and ``each`` mutants of those that the kernel accepts."""
    lab = Lab(btf)
    for test in list(table())[shard[0] :: shard[1]]:
        if any(name not in lab.maps.by_name for _, name in test.fixups):
            continue  # uses types of the kernel's test module
        try:
            insns = decode(test.code)
        except InputError:
            continue
        if encode(insns) != test.code:
            continue  # something in a second slot that has no place in ``Insn``
        if _judge(lab, test, insns, test.name, verdicts, say) != "accept" or len(insns) > 500:
            continue
        rng = random.Random(zlib.crc32(f"{test.name}:{seed}".encode()))
        for number in range(each):
            changed = list(insns)
            done = mutate(changed, rng)
            if done:
                _judge(lab, test, changed, f"{test.name} #{number} {done}", verdicts, say)


def _judge(
    lab: Lab, test: Test, insns: list[Insn], label: str, verdicts: Verdicts,
    say: Callable[[str], None],
) -> str:  # fmt: skip
    try:
        truth, word = lab.kernel(test, lab.program(test, insns))
    except InputError:
        return "other"
    if truth == "other":
        return truth
    start = time.perf_counter()
    report = lab.own(test, lab.program(test, insns))
    verdicts.seconds += time.perf_counter() - start
    verdicts.instructions += report.insns_processed
    verdicts.note(
        truth, str(report.verdict), f"{label} | kernel: {word[:120]} | here: {report.kernel[:120]}",
        say,
    )  # fmt: skip
    return truth
