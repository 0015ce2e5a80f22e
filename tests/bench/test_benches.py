"""Each bench runs at its smallest and says what was promised. No speed is asserted."""

import importlib
import json
import sys

import pytest

from bench.__main__ import BENCHES, main

KEYS = {"name", "ours", "reference", "ratio", "bar", "pass", "exact", "unit", "settings"}
SETTINGS = {"scale", "repeats", "ours", "reference", "postgresql", "python", "cores", "fsync"}


@pytest.mark.parametrize("name", BENCHES)
async def test_a_bench_tells_both_sides_of_its_ratio_and_gets_everything_right(name: str) -> None:
    line = await importlib.import_module(f"bench.{BENCHES[name]}").run("tiny")

    assert line.keys() >= KEYS
    assert line["settings"].keys() >= SETTINGS
    assert line["name"] == name
    assert line["exact"] is True
    assert line["ours"] > 0
    assert line["reference"] > 0
    assert line["bar"][0] in "≥≤"
    assert isinstance(line["pass"], bool)
    assert line["settings"]["fsync"] == "on"
    for side in ("ours", "reference"):
        spread = line["settings"][side]
        assert spread["min"] <= spread["median"] <= spread["max"]


def test_the_program_prints_one_json_line_and_ends_as_it_passed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "pivot", "--scale", "tiny"])

    exit_code = main()

    (printed,) = capsys.readouterr().out.splitlines()
    line = json.loads(printed)
    assert line["name"] == "pivot"
    assert line["settings"]["scale"] == "tiny"
    assert exit_code == (0 if line["pass"] else 1)


def test_an_unknown_bench_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "speed"])

    with pytest.raises(SystemExit, match="2"):
        main()

    told = capsys.readouterr()
    assert told.out == ""
    assert "speed" in told.err
    assert "fulfilment" in told.err
