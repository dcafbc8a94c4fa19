"""Messages in the author's words: names, places, reasons, edits (and no registers)."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from bpfcc.driver import check as checking
from bpfcc.driver.options import Options
from bpfcc.support.catalogue import CATALOGUE
from bpfcc.support.diagnostics import Severity
from bpfcc.verifier import bounds, ctext, phrases
from bpfcc.verifier.ctext import expression_end, expression_start
from bpfcc.verifier.words import WORDS, fill

HEAD = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct stats { __u64 slots[8]; __u32 last; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, __u32); __type(value, struct stats);
         __uint(max_entries, 8); } table SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } out SEC(".maps");
const volatile __u32 limit = 3;
char _license[] SEC("license") = "GPL";
"""
XDP = """SEC("xdp") int prog(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	__u32 key = ctx->ingress_ifindex;
"""
LOOKUP = XDP + "\tstruct stats *found = bpf_map_lookup_elem(&table, &key);\n"

# (program behind HEAD, text of the line, message, notes, edit)
CASES = {
    "null": (
        LOOKUP + "\tfound->last = 1;\n\treturn 2;\n}",
        "found->last = 1",
        "'found' may be NULL here",
        ["bpf_map_lookup_elem() returns NULL when the key is absent"],
        "test it first:  if (!found) return XDP_PASS;",
    ),
    "null of an atomic": (
        LOOKUP + "\t__sync_fetch_and_add(&found->slots[1], 1);\n\treturn 2;\n}",
        "__sync_fetch_and_add",
        "'found' may be NULL here",
        ["bpf_map_lookup_elem() returns NULL when the key is absent"],
        "test it first:  if (!found) return XDP_PASS;",
    ),
    "null on this path": (
        LOOKUP + "\tif (found)\n\t\treturn 2;\n\treturn found->last;\n}",
        "return found->last",
        "'found' is NULL on this path",
        ["'found' comes from bpf_map_lookup_elem()"],
        "the test lets only NULL through: turn it around",
    ),
    "index": (
        LOOKUP + "\tif (found)\n\t\tfound->slots[key]++;\n\treturn 2;\n}",
        "found->slots[key]++",
        "index 'key' of 'found->slots' is not bounded (it may be 0 to 4294967295)",
        ["'key' is read from the context here: a number, to the kernel"],
        "if (key >= 8) return XDP_PASS;",
    ),
    "off by one": (
        LOOKUP + "\tif (found && key <= 9)\n\t\tfound->slots[key]++;\n\treturn 2;\n}",
        "found->slots[key]++",
        "index 'key' may be 9, but 'found->slots' has 8 elements",
        ["the values of map 'table' have 72 bytes"],
        "bound it:  if (key >= 8) return XDP_PASS;",
    ),
    "packet": (
        XDP
        + "\tunsigned char *byte = data;\n\tif (data + 4 > data_end)\n\t\treturn 2;\n"
        + "\treturn byte[6];\n}",
        "return byte[6]",
        "'byte[6]' needs 7 packet bytes, but only 4 were checked against data_end",
        ["this test covers bytes 0 to 3; 'byte[6]' reads byte 6"],
        "before this:  if ((void *)(byte + 7) > data_end) return XDP_PASS;",
    ),
    "unchecked packet": (
        XDP + "\treturn *(unsigned char *)data;\n}",
        "return *(unsigned char *)data",
        "'*(unsigned char *)data' reads packet bytes that no comparison with data_end covers",
        [],
        "before this:  if ((void *)(data + 1) > data_end) return XDP_PASS;",
    ),
    "packet after a change": (
        XDP
        + "\tunsigned char *byte = data;\n\tif (data + 4 > data_end)\n\t\treturn 2;\n"
        + "\tif (bpf_xdp_adjust_head(ctx, 2))\n\t\treturn 1;\n\treturn byte[1];\n}",
        "return byte[1]",
        "'byte' is a packet pointer of before bpf_xdp_adjust_head(), which makes all of them invalid",
        ["packet pointers end here"],
        "load data and data_end again after bpf_xdp_adjust_head(), and test again",
    ),
    "packet after a change in a function": (
        "static __attribute__((noinline)) int grow(struct xdp_md *ctx)\n"
        + "{\n\treturn bpf_xdp_adjust_head(ctx, 2);\n}\n"
        + XDP
        + "\tunsigned char *byte = data;\n\tif (data + 4 > data_end)\n\t\treturn 2;\n"
        + "\tif (grow(ctx))\n\t\treturn 1;\n\treturn byte[1];\n}",
        "return byte[1]",
        "'byte' is a packet pointer of before bpf_xdp_adjust_head(), which makes all of them invalid",
        ["packet pointers end here"],
        "load data and data_end again after bpf_xdp_adjust_head(), and test again",
    ),
    "pointer kept in a map": (
        "struct far { int pid; }; struct near { struct far *who; };\n"
        + LOOKUP
        + "\tstruct near *slot = (void *)found;\n\treturn slot ? slot->who->pid : 0;\n}",
        "slot->who->pid",
        "'slot->who' is a plain number here and cannot be dereferenced",
        [],
        None,
    ),
    "last element": (
        LOOKUP + "\tif (!found)\n\t\treturn 2;\n\tfor (int i = 1; i < 10; i++)\n"
        + "\t\tfound->slots[i] = 0;\n\treturn 2;\n}",
        "found->slots[i] = 0",
        "index 'i' may be 9, but 'found->slots' has 8 elements",
        ["the values of map 'table' have 72 bytes"],
        None,
    ),
    "record by index": (
        XDP
        + "\tstruct stats *record = bpf_ringbuf_reserve(&out, sizeof(*record), 0);\n"
        + "\tif (!record)\n\t\treturn 2;\n\trecord->slots[key & 15] = 1;\n"
        + "\tbpf_ringbuf_discard(record, 0);\n\treturn 2;\n}",
        "record->slots[key & 15]",
        "index 'key & 15' may be 15, but 'record->slots' has 8 elements",
        [],
        None,
    ),
    "context at a variable offset": (
        "SEC(\"tc\") int prog(struct __sk_buff *skb)\n{\n\treturn skb->cb[skb->mark & 3];\n}",
        "skb->cb[",
        "'skb->cb[skb->mark & 3]' is at a variable offset: the context is read and written at"
        " constant ones only",
        [],
        None,
    ),
    "dynptr kept": (
        XDP
        + "\tstruct bpf_dynptr piece;\n"
        + "\tif (bpf_ringbuf_reserve_dynptr(&out, 8, 0, &piece))\n\t\treturn 1;\n"
        + "\tbpf_ringbuf_submit_dynptr(&piece, 0);\n\treturn 2;\n}",
        "return 1",
        "returns without releasing 'piece'",
        ["acquired here by bpf_ringbuf_reserve_dynptr()"],
        None,
    ),
    "used after release": (
        XDP
        + "\t__u64 *record = bpf_ringbuf_reserve(&out, 8, 0);\n\tif (!record)\n\t\treturn 2;\n"
        + "\tbpf_ringbuf_submit(record, 0);\n\t*record = 1;\n\treturn 2;\n}",
        "*record = 1",
        "'record' was given back by bpf_ringbuf_submit(): it must not be used any more",
        ["'record' comes from bpf_ringbuf_reserve()", "given back here"],
        "use it before bpf_ringbuf_submit()",
    ),
    "leak": (
        XDP + "\t__u64 *record = bpf_ringbuf_reserve(&out, 8, 0);\n\tif (!record)\n\t\treturn 2;\n"
        + "\tif (key)\n\t\treturn 1;\n\tbpf_ringbuf_submit(record, 0);\n\treturn 2;\n}",
        "return 1",
        "returns without releasing 'record'",
        ["acquired here by bpf_ringbuf_reserve()"],
        "bpf_ringbuf_discard(record, 0) before this",
    ),
    "argument": (
        LOOKUP + "\treturn found ? bpf_map_delete_elem(found, &key) : 2;\n}",
        "bpf_map_delete_elem(found",
        "argument 1 of bpf_map_delete_elem() must be a map (&name); "
        "'found' is a pointer to a value of map 'table'",
        [],
        None,
    ),
    "key by value": (
        XDP + "\treturn bpf_map_delete_elem(&table, (void *)(long)key);\n}",
        "bpf_map_delete_elem(&table",
        "argument 2 of bpf_map_delete_elem() must be a pointer to a key; "
        "'(void *)(long)key' is a number",
        [],
        None,
    ),
    "read-only variable": (
        XDP + "\t*(volatile __u32 *)&limit = key;\n\treturn 2;\n}",
        "&limit = key",
        "'limit' is read-only: only the loader sets it",
        [],
        None,
    ),
    "context": (
        XDP + "\tctx->rx_queue_index = key;\n\treturn 2;\n}",
        "ctx->rx_queue_index = key",
        "field 'rx_queue_index' of the context is read-only in xdp programs",
        [],
        "keep the value in a variable of your own",
    ),
    "a number": (
        'SEC("kprobe/x") int prog(unsigned long *regs)\n{\n\t__u32 *file = (void *)regs[14];\n'
        "\treturn *file;\n}",
        "return *file",
        "'file' is a plain number here and cannot be dereferenced",
        ["'file' is read from the context here: a number, to the kernel"],
        "read it with bpf_probe_read_kernel(&tmp, sizeof(tmp), address), or BPF_CORE_READ()",
    ),
    "size": (
        'SEC("tp_btf/x") int prog(long *ctx)\n{\n\tchar buf[16];\n\tlong want = bpf_get_prandom_u32() - 9L;\n'
        "\tif (want > 16)\n\t\treturn 0;\n\treturn bpf_get_current_comm(buf, want);\n}",
        "bpf_get_current_comm(buf, want)",
        "the size given to bpf_get_current_comm() may be zero: 'want' is 0 to 4294967295",
        ["'want' comes from bpf_get_prandom_u32()"],
        "test it first:  if (!want) return 0;",
    ),
    "helper": (
        XDP + "\treturn bpf_skb_load_bytes(ctx, 0, &key, 4);\n}",
        "bpf_skb_load_bytes",
        "bpf_skb_load_bytes() is not available in xdp programs",
        [],
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_message(name: str, tmp_path) -> None:
    body, line, message, notes, edit = CASES[name]
    path = tmp_path / "f.c"
    path.write_text((HEAD + body).replace("tp_btf/x", "raw_tp/x") + "\n")
    subject = checking.load(str(path), Options())
    assert subject.obj is not None, subject.source
    report = checking.check_subject(
        subject, "latest", types=checking.KernelTypes(None), budget=checking.Budget()
    )
    assert report.verdict == "reject"
    found = next(d for d in report.diagnostics if d.severity == Severity.ERROR)
    assert found.message == message
    at = found.span.position()[1]
    assert line in path.read_text().split("\n")[at - 1]
    told = [note.message for note in found.notes]
    assert [note for note in notes if note not in told] == [], told
    assert all(note.span is not None for note in found.notes)
    edits = [fix.text for fix in found.fixits]
    assert edits == [edit] if edit is not None else True
    for text in (found.message, *told, *edits):
        assert not re.search(r"\b[rR]\d\b|\binsn\b|\bfp-", text), text


def test_a_value_never_written_is_an_error_of_check(tmp_path) -> None:
    path = tmp_path / "f.c"
    path.write_text(HEAD + XDP + "\t__u32 flags;\n\treturn bpf_redirect(key, flags);\n}\n")
    subject = checking.load(str(path), Options())
    (found,) = [d for d in subject.source if d.severity == Severity.ERROR]
    assert (found.id, found.message) == (
        "bpf-uninitialised",
        "'flags' is used here without a value",
    )
    assert [note.message for note in found.notes] == [
        "'flags' is declared here without an initialiser"
    ]
    for name in ("off", "not_errors"):
        options = Options()
        getattr(options.warnings, name).add("uninitialized")
        source = checking.load(str(path), options).source
        assert not any(d.severity == Severity.ERROR for d in source)


@pytest.mark.parametrize("rule", WORDS)
def test_rows(rule: str) -> None:
    id, sentences, edits = WORDS[rule]
    assert id in CATALOGUE
    for sentence in (*sentences, *edits):
        names = {name for _, name, _, _ in Formatter().parse(sentence) if name}
        filled = fill((sentence,), dict.fromkeys(names, "x"))
        assert filled == re.sub(r"{\w+}", "x", re.sub(r"{\w+:\.0}", "", sentence)).replace(
            "{{}}", "{}"
        )


def test_ranges_in_words() -> None:
    assert phrases.in_words(bounds.const(7)) == " (it is 7)"
    assert phrases.in_words(bounds.truncate(bounds.UNKNOWN, 1)) == " (it may be 0 to 255)"
    assert phrases.in_words(bounds.truncate(bounds.UNKNOWN, 2), 4) == " (it may be 0 to 16383)"
    assert phrases.in_words(bounds.UNKNOWN) == phrases.known_range(bounds.UNKNOWN) == ""
    # A sentence that would end in nothing gives way to the next.
    sentences = WORDS["size-negative"][1]
    facts = {
        "f": "f()",
        "arg": "n",
        "known": phrases.known_range(bounds.UNKNOWN) or None,
        "range": "",
    }
    assert fill(sentences, facts) == "the size given to f() may be negative"


def test_a_sentence_needs_all_its_facts() -> None:
    rows = ("{a} and {b}", "{a}", "nothing")
    assert fill(rows, {"a": 1, "b": 2}) == "1 and 2"
    assert fill(rows, {"a": 1, "b": None}) == "1"
    assert fill(rows, {}) == "nothing"
    assert fill(("{a}",), {}) == ""


@pytest.mark.parametrize(
    ("text", "write", "expected"),
    [
        ("*v += 1", False, ("*v", "v", "", "")),
        ("h->slots[b]++", True, ("h->slots[b]", "h", "h->slots", "b")),
        ("l->last = ctx->arg2", True, ("l->last", "l", "", "")),
        ("l->last = ctx->arg2", False, ("ctx->arg2", "ctx", "", "")),
        ("x = h->a.b[i][j]", False, ("h->a.b[i][j]", "h", "h->a.b[i]", "j")),
        ("__sync_fetch_and_add(&v->count, 1)", True, ("&v->count", "v", "", "")),
        ("((struct s *)p)->x", False, ("((struct s *)p)->x", "p", "", "")),
        ("*(__u64 *)(buf + 1)", False, ("*(__u64 *)(buf + 1)", "buf + 1", "", "")),
        ("per_call[nr]", False, ("per_call[nr]", "per_call", "per_call", "nr")),
        ("a->b->c", False, ("a->b->c", "a->b", "", "")),
        ("x <= *p", False, ("x <= *p", "", "", "")),
        ("", False, ("", "", "", "")),
        ("]", True, ("]", "", "", "")),
        ("*", True, ("*", "", "", "")),
    ],
)
def test_access(text: str, write: bool, expected: tuple[str, str, str, str]) -> None:
    found = ctext.access(text, write=write)
    assert (found.text, found.pointer, found.object, found.index) == expected


def test_arguments() -> None:
    text = "f(&a, (x, y), g(1, 2)[3] )"
    name, places = ctext.call_arguments(text)
    assert name == "f"
    assert [text[a:b] for a, b in places] == ["&a", "(x, y)", "g(1, 2)[3]"]
    assert ctext.call_arguments("f()") == ("f", [])
    assert ctext.call_arguments("f(a, b") == ("f", [(2, 3), (5, 6)])
    assert ctext.call_arguments("a + b") is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("struct s *n = f();", "n"),
        ("x; n = (struct s *)f();", "n"),
        ("if (a == f())", ""),
        ("return f();", ""),
    ],
)
def test_assigned_name(text: str, name: str) -> None:
    assert ctext.assigned_name(text, text.index("f()")) == name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\tif (ip->^protocol == 17)", "ip->protocol"),
        ("\th->slots[vec]^++;", "h->slots[vec]++"),
        ("\t*p ^= 3;", "*p"),
        ("\ta.b[i].c ^+= q->x;", "a.b[i].c"),
        ("\treturn ^sk->family;", "sk->family"),
        ("\tn = ^f(a, b);", "f(a, b)"),
        ("\tf(x)->^y = 1;", "f(x)->y"),
        ("\treturn ^*v;", "*v"),
        ("^", ""),
        ("^=", "="),
    ],
)
def test_expressions_of_other_compilers(text: str, expected: str) -> None:
    column = text.index("^")
    line = text.replace("^", "")
    start = expression_start(line, column)
    assert line[start : expression_end(line, start)] == expected
