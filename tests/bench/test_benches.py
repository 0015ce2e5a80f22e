"""Each bench runs at its smallest and says what was promised. No speed is asserted."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import BENCHES

ROOT = Path(__file__).parents[2]

KEYS = {"name", "ours", "reference", "ratio", "bar", "pass", "exact", "unit", "settings"}
SETTINGS = {"scale", "repeats", "ours", "reference", "postgresql", "python", "cores", "fsync"}


def run_program(*words: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KASHU_")}
    return subprocess.run(
        [sys.executable, "-m", "bench", *words],
        cwd=ROOT,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
    )


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


def test_the_program_prints_one_json_line_and_exits_as_it_passed() -> None:
    done = run_program("pivot", "--scale", "tiny")

    (printed,) = done.stdout.splitlines()
    line = json.loads(printed)
    assert line["name"] == "pivot"
    assert line["settings"]["scale"] == "tiny"
    assert done.returncode == (0 if line["pass"] else 1)


def test_an_unknown_bench_is_refused_by_name() -> None:
    done = run_program("speed")

    assert done.returncode == 2
    assert done.stdout == ""
    assert "speed" in done.stderr
    assert "fulfilment" in done.stderr
