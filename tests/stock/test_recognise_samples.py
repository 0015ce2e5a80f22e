"""The samples: each planted defect is found, as often as it was planted, and nothing else."""

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kashu.core.sheets.read import read_sheet
from kashu.stock.recognise import Candidate, identity, recognise
from samples.make import make

SAMPLES = Path(__file__).parents[2] / "samples"
EXPECTED: dict[str, Any] = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
EARLIER = "mgtv-month-earlier.txt"


def recognised(name: str) -> tuple[Counter[str], Counter[str]]:
    """Count the cards by identity, and the rejects by class."""
    cards: Counter[str] = Counter()
    rejects: Counter[str] = Counter()
    for outcome in recognise(
        read_sheet(SAMPLES / name),
        today=date.fromisoformat(EXPECTED["today"]),
        expires_on_default=date.fromisoformat(EXPECTED["expires_on_default"]),
    ):
        if isinstance(outcome, Candidate):
            cards[identity(outcome.number, outcome.password, outcome.url)] += 1
        else:
            rejects[outcome.reason] += 1
    return cards, rejects


@pytest.mark.parametrize("name", sorted(EXPECTED["files"]))
def test_a_sample_holds_what_was_planted_in_it(name: str) -> None:
    expected = EXPECTED["files"][name]
    sheet = read_sheet(SAMPLES / name)
    cards, rejects = recognised(name)
    earlier = recognised(EARLIER)[0] if expected["duplicates_of_earlier"] else Counter()
    assert (sheet.kind, sheet.encoding, sheet.separator) == (
        expected["kind"], expected["encoding"], expected["separator"],
    )  # fmt: skip
    assert dict(rejects) == expected["rejected"]
    assert cards.total() == expected["accepted"]
    assert cards.total() + rejects.total() == expected["rows_read"]
    assert cards.total() - len(cards) == expected["duplicates_in_file"]
    assert len(cards.keys() & earlier.keys()) == expected["duplicates_of_earlier"]
    assert len(cards.keys() - earlier.keys()) == expected["new"]


def test_the_messy_month_holds_what_the_trial_asks_for() -> None:
    expected = EXPECTED["files"]["mgtv-month-messy.xlsx"]
    assert expected["rows_read"] - 2 == 10_000  # below its title and its names
    assert expected["duplicates_in_file"] == 137
    assert expected["duplicates_of_earlier"] == 61
    assert expected["rejected"]["past_expiry"] == 9
    assert expected["rejected"]["bad_expiry"] == 12
    assert expected["rejected"]["formula"] == 5


def test_the_samples_are_made_again_equal_to_the_byte_and_small(tmp_path: Path) -> None:
    make(tmp_path)
    made = sorted(path.name for path in tmp_path.iterdir())
    assert made == sorted([*EXPECTED["files"], "expected.json"])
    for name in made:
        assert (tmp_path / name).read_bytes() == (SAMPLES / name).read_bytes(), name
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 1_500_000
