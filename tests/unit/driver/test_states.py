"""What is known at each C line, as text and as a page."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

from bpfcc.driver import check as checking
from bpfcc.driver.flags import parse_flags
from bpfcc.driver.html_page import page
from bpfcc.driver.states import programs_text
from bpfcc.objfile.read import from_bytes
from bpfcc.objfile.write import to_bytes

SOURCE = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 16);
	__type(key, __u32); __type(value, __u64[4]); } counts SEC(".maps");
SEC("xdp") int prog(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 key = ctx->rx_queue_index, i;
	__u64 (*v)[4];
	if (data + 14 > end)
		return 1;
	i = *(__u8 *)data & 3;
	v = bpf_map_lookup_elem(&counts, &key);
	if (!v)
		return 2;
	bpf_printk("<script>alert(1)</script> & more");
	(*v)[i] += 1;
	return 2;
}
"""


@pytest.fixture
def report(tmp_path: Path) -> checking.FileReport:
    path = tmp_path / "a&b.c"
    path.write_text(SOURCE)
    subject = checking.load(str(path), parse_flags([str(path)]))
    return checking.check_subject(
        subject, "latest", types=checking.KernelTypes(None), budget=checking.Budget(), facts=True
    )


def known(report: checking.FileReport, number: int) -> dict[str, str]:
    (program,) = report.programs
    assert program.facts is not None
    (line,) = (f for (_, at), f in program.facts.lines.items() if at == number)
    return {name: fact.text() for name, fact in line.known.items()}


def test_variables_have_their_names_and_ranges(report) -> None:
    assert report.verdict == "accept"
    assert known(report, 15)["v"] == "a pointer to a value of map 'counts' that may be NULL"
    assert known(report, 18)["v"] == "a pointer to a value of map 'counts'"
    assert known(report, 13)["data"] == "a packet pointer, 14 bytes checked"
    assert known(report, 15)["key"] == "any 32-bit number"
    assert "0 to 3" in known(report, 15).values()


def test_every_processed_instruction_is_at_a_line(report) -> None:
    (program,) = report.programs
    assert program.facts is not None
    # A path that ends at a state seen before counts one more.
    counted = sum(f.processed for f in program.facts.lines.values())
    assert counted <= program.insns_processed <= counted + 2


def test_watching_does_not_change_the_verdict(report) -> None:
    assert report.programs[0].insns_processed > 20
    plain = checking.check_subject(
        checking.load(report.path, parse_flags([report.path])),
        "latest",
        types=checking.KernelTypes(None),
        budget=checking.Budget(),
    )
    assert plain.programs[0].insns_processed == report.programs[0].insns_processed
    assert plain.programs[0].facts is None


def test_text_is_by_line(report) -> None:
    text = programs_text(report.programs)
    assert text.startswith("program 'prog' (xdp): accept, ")
    assert "   15 | if (!v)\n" in text
    assert "a pointer to a value of map 'counts' that may be NULL" in text


class Balance(HTMLParser):
    """Checks that elements close in order; those that HTML lets open need no end."""

    FREE = {"meta", "td", "th"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.seen.append(tag)
        if tag not in self.FREE:
            self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        self.text.append(data)


def test_page_is_whole_escaped_and_self_contained(report) -> None:
    text = page([report])
    parser = Balance()
    parser.feed(text)
    parser.close()
    assert parser.open == []
    assert "script" not in parser.seen and "link" not in parser.seen and "img" not in parser.seen
    shown = "".join(parser.text)
    assert 'bpf_printk("<script>alert(1)</script> & more");' in shown
    assert "a&b.c: accept" in shown
    assert "a pointer to a value of map 'counts' that may be NULL" in shown
    assert "url(" not in text and "src=" not in text


def test_page_shows_findings_at_their_lines(tmp_path) -> None:
    path = tmp_path / "bad.c"
    path.write_text(SOURCE.replace("if (!v)\n\t\treturn 2;\n", ""))
    subject = checking.load(str(path), parse_flags([str(path)]))
    report = checking.check_subject(
        subject, "latest", types=checking.KernelTypes(None), budget=checking.Budget(), facts=True
    )
    text = page([report])
    row = next(part for part in text.split("<tr") if 'id="L16"' in part)
    assert "<mark>" in row and 'class="finding error"' in row and "[bpf-null-deref]" in row


def test_an_object_without_source_shows_the_lines_it_remembers(report, tmp_path) -> None:
    subject = checking.load(report.path, parse_flags([report.path]))
    assert subject.obj is not None
    Path(report.path).unlink()
    other = checking.Subject("x.o")
    other.obj = from_bytes(to_bytes(subject.obj), "x.o")
    text = page(
        [
            checking.check_subject(
                other,
                "latest",
                types=checking.KernelTypes(None),
                budget=checking.Budget(),
                facts=True,
            )
        ]
    )
    assert "if (!v)" in text and "x.o: accept" in text
