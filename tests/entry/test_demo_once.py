"""The demo that ends: samples and platforms sold, one line of JSON, an exit code to be believed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from rich.console import Console

from kashu.core.db import Database
from kashu.entry.demo.run import PATIENCE_S, play_once
from kashu.entry.demo.settings import PORT, demo_settings
from kashu.entry.demo.shop import DELIVERIES, ON_SHELVES, Delivered
from kashu.entry.startup import start_up
from kashu.simulators.serving import free_port

SMALLER: Final = [each for each in DELIVERIES if each.file != "mgtv-month-messy.xlsx"]
NOT_ON_SHELVES: Final = [each for each in DELIVERIES if each.sku not in ON_SHELVES]
PLATFORMS: Final = ["taobao", "jd", "pinduoduo", "youzan", "weidian"]
CARDS_MAX: Final = 9  # of an order: three packs of three
BY_CLERK: Final = {"taobao", "pinduoduo", "youzan", "weidian"}


@dataclass(frozen=True, slots=True)
class Stand:
    """Where the demo plays: the database of this worker, and what was printed."""

    capsys: pytest.CaptureFixture[str]

    async def play(
        self, each: int, deliveries: Sequence[Delivered], patience_s: float = PATIENCE_S
    ) -> tuple[bool, dict[str, Any], str]:
        """Play it on fewer cards; return whether all is well, its JSON, and what a person saw."""
        console = Console(stderr=True, width=80)
        with start_up(demo_settings()) as ground:
            done = await play_once(
                ground, console, each, deliveries=deliveries, patience_s=patience_s
            )
        said = self.capsys.readouterr()
        return done, json.loads(said.out.splitlines()[-1]), said.err


@pytest.fixture
def stand(
    owner_url: str,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Stand:
    del database  # wanted for this only: nothing of an earlier test is left in it
    monkeypatch.setenv("KASHU_DATABASE_URL", owner_url)
    monkeypatch.setenv("KASHU_DATA_DIR", str(tmp_path))
    monkeypatch.setenv(PORT, str(free_port()))
    return Stand(capsys)


async def test_samples_and_orders_of_five_platforms_are_sold_once_and_proven(
    stand: Stand, owner_url: str
) -> None:
    done, line, said = await stand.play(5, SMALLER)

    assert done
    assert list(line) == [
        "imported",
        "rejected",
        "orders",
        "delivered",
        "short",
        "duplicates",
        "violations",
        "profit",
        "orders_per_s",
        "platforms",
        "purchases",
        "bought",
        "in_doubt",
        "failovers",
        "price_alerts",
        "unclear_resolved",
        "double_purchases",
        "statement",
    ]
    assert (line["duplicates"], line["violations"]) == (0, 0)
    assert list(line["platforms"]) == PLATFORMS
    for name, platform in line["platforms"].items():
        assert platform["orders"] == 5, name
        assert (platform["duplicates"], platform["lost"]) == (0, 0), name
        assert platform["confirmed"] + platform["refunds"] >= 5, name
        assert platform["confirmed"] <= platform["delivered"] <= 5, name
        assert 0 < platform["p50_s"] <= platform["p95_s"] <= platform["p99_s"], name
        assert (platform["by_hand"] > 0) is (name in BY_CLERK), name
    pushed = {name: each["pushes"] for name, each in line["platforms"].items() if each["pushes"]}
    assert list(pushed) == ["taobao", "pinduoduo", "youzan", "weidian"]
    for name in ("youzan", "weidian"):
        assert pushed[name]["taken"] >= 10, name  # bought and paid, at least
        assert pushed[name]["repeated"] + pushed[name]["late"] > 0, name
    # Each imported card has reached somebody, on a platform or at our own counters; but one that
    # was opened for a buyer who wanted the money back just then is nobody's.
    refunds = sum(platform["refunds"] for platform in line["platforms"].values())
    assert 0 <= line["imported"] - line["delivered"] <= refunds * CARDS_MAX
    assert line["imported"] > 1_000
    # What went wrong with suppliers, once each, was put right.
    assert line["purchases"] == line["bought"] > 8
    assert (line["in_doubt"], line["double_purchases"]) == ("0.00", 0)
    assert (line["failovers"], line["unclear_resolved"]) == (1, 1)
    assert line["price_alerts"] >= 1
    statement = line["statement"]
    assert statement.pop("matched") >= 3
    assert statement == {
        "missing": 0,
        "extra": 1,
        "different": 1,
        "duplicated": 0,
        "resolved": 2,
    }
    for told in ("涨价", "转单", "存疑", "查清", "对账"):
        assert told in said
    with psycopg.connect(owner_url) as connection:
        granted = "SELECT count(*) FROM channels.connections WHERE grant_state = 'granted'"
        assert connection.execute(granted).fetchone() == (0,)
        linked = "SELECT count(*) FROM suppliers.connections WHERE state = 'open'"
        assert connection.execute(linked).fetchone() == (0,)
    # Nobody calls platforms and suppliers that are served no longer.


async def test_orders_that_nobody_can_fill_fail_the_demo_by_name(stand: Stand) -> None:
    done, line, said = await stand.play(3, NOT_ON_SHELVES, patience_s=1.0)

    assert not done
    assert sum(each["lost"] for each in line["platforms"].values()) > 0
    assert "单未完成" in said
    assert "停在" in said
    assert line["violations"] == 0
