"""Reading inputs: what is wrong with one names it."""

from __future__ import annotations

import pytest

from bpfcc.driver.btf_source import load_btf
from bpfcc.driver.objects import about
from bpfcc.support.errors import InputError


def test_errors_name_their_file_once() -> None:
    with pytest.raises(InputError) as caught, about("filter.o"):
        raise InputError("the object has no program")
    assert str(caught.value) == "filter.o: the object has no program"
    with pytest.raises(InputError) as caught, about("filter.o"):
        raise InputError("filter.o: no ELF file")
    assert str(caught.value) == "filter.o: no ELF file"


@pytest.mark.parametrize("data", [b"", b"\x9f\xeb\1\0", b"\x9f\xeb" + bytes(22), b"\x7fELF"])
@pytest.mark.parametrize("cached", [True, False])
def test_bad_types_name_their_file(data: bytes, cached: bool, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    if not cached:
        monkeypatch.setenv("BPFCC_NO_CACHE", "1")
    path = tmp_path / "kernel.btf"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"kernel\.btf: "):
        load_btf(str(path))
