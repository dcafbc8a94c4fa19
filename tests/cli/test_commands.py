"""The commands as users type them, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FILTERS = os.path.join(ROOT, "filters")

GOOD = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");
SEC("raw_tp/sys_enter") int prog(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 key = ctx->args[1];
	__u64 *n = bpf_map_lookup_elem(&counts, &key);
	NULL_TEST
	*n += 1;
	return 0;
}
"""


def bpfcc(*args: str, cwd: str | os.PathLike[str] = ROOT, stdin: str = "", **env: str):
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": ROOT, **env}
    environment.pop("GITHUB_ACTIONS", None)
    return subprocess.run(
        [sys.executable, "-m", "bpfcc", *args],
        cwd=cwd, input=stdin, capture_output=True, text=True, env=environment, timeout=120,
    )  # fmt: skip


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "prog.bpf.c"
    path.write_text(GOOD.replace("NULL_TEST", "if (!n) return 0;"))
    return path


@pytest.fixture
def bad(tmp_path):
    path = tmp_path / "bad.bpf.c"
    path.write_text(GOOD.replace("NULL_TEST", ""))
    return path


def test_bpf2go_line_verbatim(good, tmp_path) -> None:
    out, dep = tmp_path / "x.o", tmp_path / "dep"
    done = bpfcc(
        "-O2", "-mcpu=v1", "-D__TARGET_ARCH_x86", "-Wunused-command-line-argument", "-target",
        "bpfel", "-c", str(good), "-o", str(out), "-fno-ident",
        f"-fdebug-prefix-map={tmp_path}=.", "-fdebug-compilation-dir", ".", "-g",
        '-D__BPF_TARGET_MISSING="GCC error \\"no\\""', "-MD", "-MP", f"-MF{dep}",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert out.read_bytes()[:4] == b"\x7fELF"
    assert dep.read_text().startswith(f"{out}: ")
    assert "bpf_helpers.h:" in dep.read_text()


def test_libbpf_bootstrap_asks_for_include_folders() -> None:
    done = bpfcc("-v", "-E", "-")
    assert done.returncode == 0
    assert "#include <...> search starts here:" in done.stderr
    assert "End of search list." in done.stderr


def test_selftests_line_and_macros(good, tmp_path) -> None:
    done = bpfcc(
        "-g", "-Werror", "-D__TARGET_ARCH_x86", "-mlittle-endian", "-I", str(tmp_path),
        "-idirafter", "/usr/include", "-Wno-compare-distinct-pointer-types", "-O2", "-target",
        "bpf", "-c", str(good), "-mcpu=v3", "-o", "x.bpf.o", cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    macros = bpfcc("-dM", "-E", "-")
    assert "#define __BPF__ 1" in macros.stdout
    assert "#define __clang__ 1" in macros.stdout


def test_systemd_line(good, tmp_path) -> None:
    done = bpfcc(
        "-std=gnu11", "-Wno-compare-distinct-pointer-types", "-fno-stack-protector", "-O2",
        "-target", "bpf", "-g", "-c", "-D__x86_64__", "-isystem", str(tmp_path), "-idirafter",
        str(tmp_path), str(good), "-o", str(tmp_path / "y.o"),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_unknown_flags_warn_once_and_unknown_targets_fail(good, tmp_path) -> None:
    done = bpfcc("-c", str(good), "-fno-such", "-Wno-such-thing", "-o", str(tmp_path / "z.o"))
    assert done.returncode == 0
    assert done.stderr.count("-fno-such") == 1
    assert done.stderr.count("unknown warning option") == 1
    assert bpfcc("-c", str(good), "-target", "sparc").returncode == 1


def test_several_inputs_and_linking(good, tmp_path) -> None:
    other = tmp_path / "other.c"
    other.write_text("int helper(int x) { return x + 1; }\n")
    assert bpfcc("-c", str(good), str(other), cwd=tmp_path).returncode == 0
    assert {"prog.bpf.o", "other.o"} <= set(os.listdir(tmp_path))
    done = bpfcc("prog.bpf.o", "other.o", "-o", "all.o", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    listing = bpfcc("objdump", "all.o", cwd=tmp_path).stdout
    assert "prog:" in listing and "helper:" in listing


def test_failed_compile_keeps_the_old_object(good, bad, tmp_path) -> None:
    out = tmp_path / "x.o"
    out.write_bytes(b"old")
    good.write_text("int f(void) { return missing; }\n")
    done = bpfcc("-c", str(good), "-o", str(out))
    assert done.returncode == 1
    assert "prog.bpf.c:1:22: error: use of undeclared identifier 'missing'" in done.stderr
    assert "1 error generated." in done.stderr
    assert out.read_bytes() == b"old"
    assert not [name for name in os.listdir(tmp_path) if ".tmp" in name]


def test_same_bytes_in_any_folder_and_process(tmp_path) -> None:
    products = []
    for seed, folder in (("1", "a"), ("2", "b/c")):
        place = tmp_path / folder
        place.mkdir(parents=True)
        (place / "f.c").write_text(GOOD.replace("NULL_TEST", "if (!n) return 0;"))
        done = bpfcc("-c", "f.c", "-o", "f.o", cwd=place, PYTHONHASHSEED=seed, TZ=f"UTC+{seed}")
        assert done.returncode == 0
        products.append((place / "f.o").read_bytes())
    assert products[0] == products[1]


@pytest.mark.parametrize("name", ["", "\0", "no/such/file.c", "/", "x" * 300])
def test_bad_inputs_are_one_sentence(name: str, tmp_path) -> None:
    if "\0" in name:
        pytest.skip("no process takes such an argument")
    done = bpfcc("-c", name, "-o", str(tmp_path / "x.o"))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()


def test_check_rejects_at_the_expression(bad) -> None:
    done = bpfcc("check", str(bad))
    assert done.returncode == 1
    assert "bad.bpf.c:15:2: error:" in done.stderr or "bad.bpf.c:15:5: error:" in done.stderr
    assert "bpf-null-deref" in done.stderr
    assert "kernel: R" in done.stderr


def test_check_accepts_and_says_so(good) -> None:
    done = bpfcc("check", str(good))
    assert done.returncode == 0
    assert "accept" in done.stdout


def test_check_json_shape(bad) -> None:
    done = bpfcc("check", "--format", "json", "--kernel", "5.15,latest", str(bad))
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["kernel"] for row in rows] == ["5.15", "latest"]
    assert {row["verdict"] for row in rows} == {"reject"}
    assert set(rows[0]["programs"][0]) == {
        "name", "section", "verdict", "insns_processed", "stack",
    }  # fmt: skip
    finding = rows[0]["diagnostics"][0]
    assert finding["id"] == "bpf-null-deref"
    assert {"severity", "file", "line", "column", "end_column", "message", "notes"} <= set(finding)


def test_check_exit_code_2_when_it_cannot_run() -> None:
    assert bpfcc("check", "no-such-file.c").returncode == 2
    assert bpfcc("check").returncode == 2
    assert bpfcc("check", "--kernel", "banana", "x.c").returncode == 2


def test_suppression_needs_a_reason(bad) -> None:
    text = bad.read_text()
    bad.write_text(text.replace("*n += 1;", "*n += 1; // bpfcc: ignore[bpf-null-deref]"))
    assert bpfcc("check", str(bad)).returncode == 1
    bad.write_text(
        text.replace("*n += 1;", "*n += 1; // bpfcc: ignore[bpf-null-deref] always there")
    )
    assert bpfcc("check", str(bad)).returncode == 0


def test_baseline_lets_old_findings_pass(bad, tmp_path) -> None:
    baseline = str(tmp_path / "b.json")
    assert bpfcc("check", "--baseline", baseline, str(bad)).returncode == 0
    assert bpfcc("check", "--baseline", baseline, str(bad)).returncode == 0
    (tmp_path / "b.json").write_text('{"version": 1, "findings": {}}')
    assert bpfcc("check", "--baseline", baseline, str(bad)).returncode == 1


def test_sarif_is_valid(bad) -> None:
    report = json.loads(bpfcc("check", "--format", "sarif", str(bad)).stdout)
    assert report["version"] == "2.1.0"
    result = report["runs"][0]["results"][0]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region["startLine"] == 15
    rules = report["runs"][0]["tool"]["driver"]["rules"]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_run_prints_value_and_maps() -> None:
    done = bpfcc(
        "run", os.path.join(FILTERS, "dropmon.c"), "--ctx", "arg2=0xffffffff81e42660",
        "--repeat", "3", "--json",
    )  # fmt: skip
    row = json.loads(done.stdout)
    assert [run["return"] for run in row["runs"]] == [0, 0, 0]
    assert row["maps"]["table_0"] == [{"key": 0xFFFFFFFF81E42660, "key_symbol": "", "value": 2}]


def test_run_mocks_what_is_called_only() -> None:
    """A mistyped helper would be mocked to no effect."""
    done = bpfcc("run", "filters/dropmon.c", "--mock", "ktime_get_n=5")
    assert done.returncode == 1
    assert "did you mean 'bpf_ktime_get_ns'?" in done.stderr
    assert bpfcc("run", "filters/dropmon.c", "--mock", "ktime_get_ns=5").returncode == 0


def test_min_kernel_names_the_line(good, tmp_path) -> None:
    good.write_text(
        good.read_text().replace("return 0;\n}", "bpf_get_attach_cookie(ctx);\n\treturn 0;\n}")
    )
    done = bpfcc("min-kernel", str(good))
    assert "needs Linux 5.15" in done.stdout
    assert "bpf_get_attach_cookie" in done.stdout


def test_version_and_help_say_what_this_is() -> None:
    version = bpfcc("--version").stdout
    assert "not BCC" in version and "Target: bpf" in version
    help_text = bpfcc("--help").stdout
    assert "bpfcc COMMAND" in help_text and "check" in help_text


def test_asm_round_trip(tmp_path) -> None:
    done = bpfcc("asm", "-", "--raw-hex", stdin="r0 = 7\nexit\n")
    assert done.stdout.split() == "b7 00 00 00 07 00 00 00 95 00 00 00 00 00 00 00".split()


def test_dropmon_is_the_article_word_for_word() -> None:
    with open(os.path.join(FILTERS, "dropmon.c"), encoding="utf-8") as file:
        text = file.read()
    body = text[text.index("void dropmon(") :]
    assert "drop_cnt = bpf_table_lookup(ctx, 0, &loc);" in body
    assert "#include" not in text and "SEC(" not in text


@pytest.mark.kernel
def test_trace_counts_real_drops(tmp_path) -> None:
    done = bpfcc(
        "trace", os.path.join(FILTERS, "dropmon.c"), "-e", "skb:kfree_skb", "--demo",
        "--duration", "2", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    assert set(last) == {"time", "event", "maps", "records", "lost"}
    top = max(last["maps"]["table_0"], key=lambda row: row["value"])
    assert top["value"] >= 5  # how many came depends on how busy the machine is
    assert top["key_symbol"]
