"""The pytest plugin: fixture ``bpf``, options ``--bpf-kernel`` and ``--bpf-coverage``.

    def test_counts_each_location(bpf):
        prog = bpf.compile("filters/dropmon.c")
        for location in (0x1000, 0x1000, 0x2000):
            assert prog.run(arg2=location).retval == 0
        assert prog.maps["table_0"] == {0x1000: 2, 0x2000: 1}

A filter is compiled once per session; every test gets fresh maps and variables. With
``--bpf-kernel`` each such test runs twice: in the user-space machine, and in the running kernel by
BPF_PROG_TEST_RUN, to show that the machine tells the truth.

pytest loads this module in every session of an environment that has bpfcc: it imports the rest of
bpfcc only when a test asks for the fixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .bench import Bpf
    from .session import Compiler

_COMPILER: pytest.StashKey[Compiler] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("bpfcc", "BPF filters under test")
    group.addoption(
        "--bpf-kernel",
        action="store_true",
        help="run tests with the 'bpf' fixture in the running kernel too (needs root)",
    )
    group.addoption(
        "--bpf-coverage",
        metavar="FILE",
        default=None,
        help="write the C line coverage of the filters under test, in lcov's format",
    )
    group.addoption(
        "--bpf-backend",
        choices=("direct", "llvm"),
        default="direct",
        help="which code generator compiles the filters",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests that use ``bpf`` in the kernel as well where that is asked for."""
    if "bpf" in metafunc.fixturenames:
        places = ["vm", "kernel"] if metafunc.config.getoption("--bpf-kernel") else ["vm"]
        metafunc.parametrize("bpf", places, indirect=True)


def _compiler(config: pytest.Config) -> Compiler:
    from .session import Compiler

    found = config.stash.get(_COMPILER, None)
    if found is None:
        found = config.stash[_COMPILER] = Compiler(
            backend=str(config.getoption("--bpf-backend")),
            coverage=config.getoption("--bpf-coverage") is not None,
        )
    return found


@pytest.fixture
def bpf(request: pytest.FixtureRequest) -> Iterator[Bpf]:
    """What compiles and loads filters for one test: ``bench.Bpf``."""
    from .bench import Bpf

    folders = [str(request.path.parent), str(request.config.rootpath)]
    bench = Bpf(_compiler(request.config), place=request.param, folders=folders)
    with bench:
        yield bench


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the coverage file."""
    path = session.config.getoption("--bpf-coverage")
    compiler = session.config.stash.get(_COMPILER, None)
    if path and compiler is not None:
        compiler.write_coverage(str(path))
