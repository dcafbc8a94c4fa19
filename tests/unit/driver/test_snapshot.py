"""Tables and lines of JSON: what a filter has counted, for people and for programs."""

from __future__ import annotations

import json

import pytest

from bpfcc.driver.snapshot import Row, Snapshot, text


def shot(**maps: list[Row]) -> Snapshot:
    made = Snapshot(1700000000.1234567, "skb:kfree_skb")
    made.maps = dict(maps)
    return made


def test_json_is_as_documented() -> None:
    made = shot(drops=[Row(0xFFFFFFFF81000000, 3, "kfree+0x1"), Row({"pid": 7}, [1, 2])])
    made.records = [{"comm": "sh", "raw": b"\1\2"}]
    made.lost = 4
    line = made.as_json()
    assert "\n" not in line
    assert json.loads(line) == {
        "time": 1700000000.123457,
        "event": "skb:kfree_skb",
        "maps": {
            "drops": [
                {"key": 0xFFFFFFFF81000000, "key_symbol": "kfree+0x1", "value": 3},
                {"key": {"pid": 7}, "key_symbol": "", "value": [1, 2]},
            ]
        },
        "records": [{"comm": "sh", "raw": "0102"}],
        "lost": 4,
    }


ROWS = [Row({"pid": 40000 + i, "comm": "a-long-command"}, 10**i) for i in range(12)]
SLOTS = [Row(i, i * 100) for i in range(40)]


@pytest.mark.parametrize("width", [30, 40, 50, 80, 200])
@pytest.mark.parametrize("unicode", [True, False])
def test_fits_the_terminal(width: int, unicode: bool) -> None:
    lines = text(shot(calls=ROWS, latency=SLOTS), width=width, limit=5, unicode=unicode)
    assert "... and 7 more" in lines
    for line in lines.splitlines():
        assert len(line) <= max(width, 46), line  # keys keep 20 letters, slots their numbers
        assert unicode or line.isascii()


def test_values_stand_in_one_column() -> None:
    rows = text(shot(calls=ROWS), width=50, limit=12).splitlines()[1:]
    ends = {row.rstrip(" █▏▎▍▌▋▊▉").__len__() for row in rows}
    assert len(ends) == 1


def test_largest_first_and_histograms_in_order() -> None:
    table, histogram = text(shot(drops=ROWS[:3], latency=SLOTS)).split("latency:")
    assert table.index("pid=40002") < table.index("pid=40001") < table.index("pid=40000")
    assert histogram.index("[2, 4)") < histogram.index("[4, 8)")
