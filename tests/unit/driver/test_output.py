"""Products are whole or not there; dependency rules are what make reads."""

from __future__ import annotations

import os

import pytest

from bpfcc.driver.depfile import make_rule
from bpfcc.driver.output import default_output, write_atomic
from bpfcc.support.errors import InputError


def test_replaces_and_keeps_mode(tmp_path) -> None:
    path = tmp_path / "x.o"
    path.write_bytes(b"old")
    os.chmod(path, 0o640)
    write_atomic(str(path), b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["x.o"]


def test_failure_leaves_the_old_file(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.o"
    path.write_bytes(b"old")

    def refuse(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(InputError, match="No space"):
        write_atomic(str(path), b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["x.o"]


def test_link_is_followed(tmp_path) -> None:
    (tmp_path / "real").write_bytes(b"")
    os.symlink("real", tmp_path / "link")
    write_atomic(str(tmp_path / "link"), b"x")
    assert (tmp_path / "real").read_bytes() == b"x"
    assert os.path.islink(tmp_path / "link")


def test_no_such_folder(tmp_path) -> None:
    with pytest.raises(InputError, match="cannot write"):
        write_atomic(str(tmp_path / "no" / "x.o"), b"")


@pytest.mark.parametrize(
    ("source", "product"),
    [("a/b/x.c", "x.o"), ("x.bpf.c", "x.bpf.o"), ("noext", "noext.o"), ("-", "a.o")],
)
def test_default_name(source: str, product: str) -> None:
    assert default_output(source, ".o") == product


def test_make_rule_folds_quotes_and_adds_phony_targets() -> None:
    names = ["x.c", "dir with space/a.h", "b$.h"] + [f"include/header{i}.h" for i in range(6)]
    rule = make_rule(["x.o"], names, phony=True)
    first, *rest = rule.splitlines()
    assert first.startswith("x.o: x.c dir\\ with\\ space/a.h b$$.h")
    assert first.endswith("\\")
    assert "include/header5.h:" in rest
    assert "x.c:" not in rest
