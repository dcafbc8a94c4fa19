"""``bpfcc gen python``: the module that it writes, used in both places."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
from types import ModuleType

import pytest

from bpfcc.cli.main import main
from bpfcc.support.errors import InputError

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
SOURCE = pathlib.Path(__file__).with_name("everything.bpf.c").read_text()


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    folder = tmp_path_factory.mktemp("gen")
    source = folder / "all.bpf.c"
    source.write_text(SOURCE)
    target = folder / "everything.py"
    assert main(["gen", "python", str(source), "-o", str(target), "--record", "rb=event"]) == 0
    spec = importlib.util.spec_from_file_location("everything", target)
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules["everything"] = made  # type hints are looked up there
    spec.loader.exec_module(made)
    return made


@pytest.fixture(params=["vm", pytest.param("kernel", marks=pytest.mark.kernel)])
def filter(request: pytest.FixtureRequest, module: ModuleType):
    with module.All.load(request.param, {"limit": 10}) as loaded:
        yield loaded


def test_structs_go_in_and_come_out(filter, module) -> None:
    done = filter.programs.sum.run(module.Args(in_=4))
    assert (done.retval, done.context) == (10, module.Args(in_=4, out=40))
    assert filter.variables.total == 40
    assert filter.variables.last.port == 443
    assert filter.variables.matrix == ((0, 0, 0), (0, 0, 6))
    assert (filter.variables.text, filter.variables.limit) == ("hello", 10)
    assert filter.variables.now == module.Color.GREEN


def test_maps_are_dictionaries(filter, module) -> None:
    key = module.Key(4, "abc", module.Color.GREEN)
    filter.maps.table[key] = module.ValueT(
        peers=(module.Peer(1), module.Peer(2)), class_=3, hid=5, a=3, b=9, half=(1, 2), up=True
    )
    filter.programs.sum.run(module.Args(in_=4))
    value = filter.maps.table[key]
    assert [peer.port for peer in value.peers] == [1, 80]
    assert (value.class_, value.hid, value.a, value.b, value.up) == (9, 5, 3, 9, True)
    assert value.half == (8, 2) and value.whole == 8 + (2 << 32)
    assert filter.maps.table.snapshot() == dict(filter.maps.table) == {key: value}
    del filter.maps.table[key]
    assert key not in filter.maps.table
    with pytest.raises(KeyError):
        del filter.maps.table[key]


def test_buffers_queues_and_per_cpu_values(filter, module) -> None:
    filter.programs.sum.run(module.Args(in_=7))
    assert filter.maps.rb.wait(1)
    assert filter.maps.rb.read() == [module.Event(7, "evt")]
    assert filter.maps.rb.read() == []
    assert (filter.maps.todo.pop(), filter.maps.todo.pop()) == (42, None)
    filter.maps.todo.push(5)
    assert filter.maps.todo.pop() == 5
    counts = filter.maps.percpu.snapshot()
    assert sum(counts[0]) == 1 and sum(counts[1]) == 0
    filter.maps.percpu[1] = counts[0]
    assert filter.maps.percpu[1] == counts[0]


def test_variables_are_written_and_constants_are_not(filter, module) -> None:
    filter.variables.last = module.Peer(5)
    filter.variables.total = 9
    assert (filter.variables.last.port, filter.variables.total) == (5, 9)
    assert filter.programs.tick.run(arg2=3).retval == 0
    filter.programs.tick.run([1, 5])
    assert filter.variables.total == 17
    with pytest.raises(InputError, match="constant"):
        filter.variables.limit = 4
    with pytest.raises(AttributeError):
        filter.variables.no_such = 4
    assert filter.programs.drop.run(packet=bytes(64)).retval == 2


@pytest.mark.kernel
def test_attached_in_the_kernel(module) -> None:
    with module.All.load("kernel", only=["tick"]) as loaded:
        before = loaded.variables.total
        assert [link.what for link in loaded.attach()] == ["raw tracepoint sys_enter"]
        os.getppid()
        assert loaded.variables.total > before
        with pytest.raises(InputError, match="not loaded"):
            loaded.programs.drop.run(packet=bytes(64))


def test_nothing_happens_by_itself_in_the_machine(module) -> None:
    with module.All.load("vm") as loaded, pytest.raises(InputError, match="run"):
        loaded.programs.tick.attach()


def test_the_module_is_the_same_every_time_and_typed(module, tmp_path) -> None:
    text = pathlib.Path(module.__file__).read_text()
    source = tmp_path / "all.bpf.c"
    source.write_text(SOURCE)
    again = tmp_path / "again.py"
    for given in (str(source), str(tmp_path / "all.o")):
        if given.endswith(".o"):
            assert main(["-c", str(source), "-o", given]) == 0
        done = main(["gen", "python", given, "-o", str(again), "--record", "rb=event"])
        assert done == 0
        assert again.read_text().split("_object")[0] == text.split("_object")[0]
    if shutil.which("mypy") is None and importlib.util.find_spec("mypy") is None:
        pytest.skip("no mypy")
    use = tmp_path / "use.py"
    use.write_text(
        "from again import All, Args, Key\n"
        "with All.load('vm', {'limit': 1}) as f:\n"
        "    out: int = f.programs.sum.run(Args(in_=1)).retval\n"
        "    port: int = f.maps.table[Key(1)].peers[0].port\n"
        "    wrong: str = f.variables.total\n"
        "    f.maps.table['x'] = 5\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental",
         "--cache-dir", os.devnull, "--follow-imports=silent", "again.py", "use.py"],
        cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "MYPYPATH": ROOT},
    )  # fmt: skip
    errors = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert [line.split(":")[:2] for line in errors] == [
        ["use.py", "5"],
        ["use.py", "6"],
        ["use.py", "6"],
    ]


@pytest.mark.parametrize(
    "more, words",
    [
        (["--record", "nothing=event"], "no ring buffer"),
        (["--record", "rb=nothing"], "no struct 'nothing'"),
        (["--record", "rb"], "expected MAP=STRUCT"),
        (["--name", "a b"], "not a name"),
    ],
)
def test_wrong_arguments_are_one_sentence(more, words, tmp_path, capsys) -> None:
    source = tmp_path / "all.bpf.c"
    source.write_text(SOURCE)
    assert main(["gen", "python", str(source), *more]) == 1
    assert words in capsys.readouterr().err


def test_every_filter_makes_a_module(tmp_path) -> None:
    folder = os.path.join(ROOT, "filters")
    for name in sorted(os.listdir(folder)):
        if name.endswith(".c"):
            target = tmp_path / "made.py"
            assert main(["gen", "python", os.path.join(folder, name), "-o", str(target)]) == 0
            compile(target.read_text(), str(target), "exec")
