"""One cause, one finding, over a real check."""

from __future__ import annotations

from pathlib import Path

from bpfcc.driver import check as checking
from bpfcc.driver.flags import parse_flags
from bpfcc.support.diagnostics import Diagnostic, Severity

_HEAD = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct flow { __u32 addr; __u8 proto; __u64 cookie; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 16);
	__type(key, struct flow); __type(value, __u64); } flows SEC(".maps");
"""


def check(tmp_path: Path, text: str, kernel: str = "latest") -> list[Diagnostic]:
    path = tmp_path / "f.c"
    path.write_text(_HEAD + text)
    subject = checking.load(str(path), parse_flags([str(path)]))
    report = checking.check_subject(
        subject, kernel, types=checking.KernelTypes(None), budget=checking.Budget()
    )
    return report.diagnostics


PADDED = """\
SEC("tc") int f(struct __sk_buff *skb)
{
	struct flow k;
	k.addr = skb->mark; k.proto = 1; k.cookie = 2;
	if (bpf_map_lookup_elem(&flows, &k))
		bpf_map_delete_elem(&flows, &k);
	return 0;
}
"""


def test_padding_is_named_once_and_has_the_kernels_words(tmp_path) -> None:
    (found,) = check(tmp_path, PADDED)
    assert found.id == "bpf-padding"
    assert found.severity == Severity.WARNING
    assert "invalid read from stack" in found.kernel


def test_the_verdict_of_one_kernel_does_not_change_the_next(tmp_path) -> None:
    path = tmp_path / "f.c"
    path.write_text(_HEAD + PADDED)
    subject = checking.load(str(path), parse_flags([str(path)]))
    seen = {}
    for kernel in ("5.4", "latest"):
        report = checking.check_subject(
            subject, kernel, types=checking.KernelTypes(None), budget=checking.Budget()
        )
        seen[kernel] = (report.verdict, [(d.id, d.severity) for d in report.diagnostics])
    assert seen["5.4"] == ("reject", [("bpf-padding", Severity.ERROR)])
    assert seen["latest"] == ("accept", [("bpf-padding", Severity.WARNING)])


def test_license_is_said_once_with_its_place(tmp_path) -> None:
    text = """\
char LICENSE[] SEC("license") = "BSD";
SEC("kprobe/a") int f(void *ctx)
{
	__u64 x = 0, y = 0;
	bpf_probe_read_kernel(&x, 8, ctx);
	bpf_probe_read_user(&y, 8, ctx);
	return x + y;
}
SEC("kprobe/b") int g(void *ctx)
{
	__u64 x = 0;
	bpf_probe_read_kernel(&x, 8, ctx);
	return x;
}
"""
    (found,) = check(tmp_path, text)
    assert (found.id, found.severity) == ("bpf-license", Severity.ERROR)
    assert [note.span.position()[1] for note in found.notes if note.span] == [6]


def test_a_key_too_small_is_one_finding(tmp_path) -> None:
    text = """\
SEC("tc") int f(struct __sk_buff *skb)
{
	__u32 k = skb->mark;
	return bpf_map_lookup_elem(&flows, &k) != 0;
}
"""
    (found,) = check(tmp_path, text)
    assert found.id == "bpf-map-type"
    assert "keys of map 'flows' have 16 bytes" in found.message


def test_an_unknown_section_is_one_finding(tmp_path) -> None:
    (found,) = check(tmp_path, 'SEC("xpd") int f(struct xdp_md *ctx) { return 2; }\n')
    assert (found.id, found.severity) == ("bpf-section", Severity.ERROR)
    assert "did you mean 'xdp'" in found.message


def test_warning_flags_are_for_the_cause(tmp_path) -> None:
    path = tmp_path / "f.c"
    path.write_text(_HEAD + PADDED)
    for flags, kernel, expected in (
        (["-Wno-bpf-padding"], "latest", []),
        (["-w"], "latest", []),
        (["-Werror=bpf-padding"], "latest", [Severity.ERROR]),
        (["-Wno-bpf-padding"], "5.4", [Severity.ERROR]),  # that kernel refuses it
    ):
        subject = checking.load(str(path), parse_flags([*flags, str(path)]))
        report = checking.check_subject(
            subject, kernel, types=checking.KernelTypes(None), budget=checking.Budget()
        )
        assert [d.severity for d in report.diagnostics] == expected, flags
        assert report.verdict == ("reject" if expected else "accept")
