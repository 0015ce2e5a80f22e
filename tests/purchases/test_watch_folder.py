"""The watched folder: files are taken in by themselves, whole, once, and nothing is lost."""

import json
import os
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from kashu.access.keyring import Keyrings
from kashu.access.tenants import Tenant as Shop
from kashu.core.db import Database
from kashu.purchases import watch_folder as watching
from kashu.purchases.kinds import AttemptState
from kashu.purchases.reads import Attempt
from kashu.purchases.watch_folder import TAKEN, Watch, watch_folder
from kashu.purchases.watched import QUIET_S, Into, Waiting, read, waiting
from kashu.suppliers.tables import offers
from tests.conftest import Tenant
from tests.purchases.by_hand import CARDS, CODE, open_by_hand, ordered
from tests.purchases.world import World
from tests.stock.builders import make_supplier

PRICES = "名称,价格,库存\n芒果TV 月卡,9.50,100\n芒果TV 年卡,99,0\n"


@dataclass(slots=True)
class Watched:
    """A world whose supplier's files are put into a folder."""

    world: World
    watch: Watch
    shop: Shop
    folder: Path

    def put(self, name: str, text: str | bytes, *, age_s: float = QUIET_S + 1) -> Path:
        """Put a file there, as old as said."""
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        at = self.world.clock().timestamp() - age_s
        os.utime(path, (at, at))
        return path

    async def look(self) -> bool:
        return await watch_folder(self.watch, self.shop)

    def there(self, into: Into | None = None) -> list[str]:
        """The names of the files in a folder."""
        folder = self.folder / into if into else self.folder
        if not folder.exists():
            return []
        return sorted(each.name for each in folder.iterdir() if each.is_file())

    def report(self, into: Into) -> dict[str, object]:
        """The only report there."""
        [path] = (self.folder / into).glob("*.report.json")
        return dict(json.loads(path.read_text(encoding="utf-8")))

    async def ordered(self) -> Attempt:
        return await ordered(self.world)

    async def state(self, attempt: Attempt) -> AttemptState:
        [found] = await self.world.attempts(attempt.purchase_id)
        return found.state

    async def refs(self) -> set[str]:
        """What is offered."""
        async with self.world.buyer.transaction() as tx:
            wanted = select(offers.c.ref).where(offers.c.tenant_id == self.shop.id)
            return set((await tx.execute(wanted)).scalars())


@pytest.fixture
async def watched(
    database: Database, tenant: Tenant, keyrings: Keyrings, tmp_path: Path
) -> Watched:
    world = await open_by_hand(database, tenant, keyrings)
    folder = tmp_path / tenant.code / CODE
    folder.mkdir(parents=True)
    shop = Shop(tenant.id, tenant.code, tenant.code, tenant.timezone)
    return Watched(world, Watch(database, keyrings, tmp_path, world.clock), shop, folder)


async def test_cards_whose_name_has_their_orders_number_are_taken(watched: Watched) -> None:
    attempt = await watched.ordered()
    watched.put(f"老王 {attempt.number} 三张.csv", CARDS)
    assert await watched.look()
    assert await watched.state(attempt) is AttemptState.SUCCEEDED
    assert await watched.world.stock_count() == 3
    assert watched.there() == []
    assert len(watched.there(Into.DONE)) == 2
    report = watched.report(Into.DONE)
    assert (report["outcome"], report["order"], report["cards"]) == ("taken", attempt.number, 3)
    assert "KAMI" not in json.dumps(report)
    assert not await watched.look()
    await watched.world.proved()


async def test_the_case_of_a_number_in_a_name_does_not_matter(watched: Watched) -> None:
    attempt = await watched.ordered()
    watched.put(f"{attempt.number.lower()}.csv", CARDS)
    await watched.look()
    assert await watched.state(attempt) is AttemptState.SUCCEEDED


async def test_a_price_list_becomes_offers(watched: Watched) -> None:
    watched.put("今日报价.csv", PRICES)
    await watched.look()
    assert {"芒果TV 月卡", "芒果TV 年卡"} <= await watched.refs()
    report = watched.report(Into.DONE)
    assert report["counts"] == {"added": 2}


async def test_what_still_grows_is_left_alone(watched: Watched) -> None:
    attempt = await watched.ordered()
    path = watched.put(f"{attempt.number}.csv", CARDS, age_s=QUIET_S - 1)
    for name in (".hidden.csv", "~$open.xlsx", "prices.csv.part", "x.crdownload"):
        watched.put(name, PRICES)
    assert not await watched.look()
    assert path.exists()
    assert await watched.world.stock_count() == 0


async def test_what_changes_while_it_is_read_is_left_alone(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = await watched.ordered()
    path = watched.put(f"{attempt.number}.csv", CARDS[:30])

    def grown(shop: Path, codes: Collection[str], at: datetime) -> list[Waiting]:
        found = waiting(shop, codes, at)
        path.write_text(CARDS)
        return found

    monkeypatch.setattr(watching, "waiting", grown)
    assert not await watched.look()
    assert watched.there() == [path.name]
    assert await watched.world.stock_count() == 0


async def test_one_file_is_taken_once_however_often_it_comes(watched: Watched) -> None:
    watched.put("a.csv", PRICES)
    await watched.look()
    watched.put("b.csv", PRICES)
    assert await watched.look()
    assert len(await watched.world.happened(TAKEN)) == 1
    reports = [json.loads(p.read_text()) for p in (watched.folder / Into.DONE).glob("*.json")]
    assert sorted(each["outcome"] for each in reports) == ["taken", "taken_before"]


async def test_a_crash_before_the_file_is_put_away_takes_nothing_twice(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = await watched.ordered()
    watched.put(f"{attempt.number}.csv", CARDS)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as spoilt:
        spoilt.setattr(watching, "put_away", crash)
        with pytest.raises(KeyboardInterrupt):
            await watched.look()
    assert await watched.world.stock_count() == 3
    assert await watched.look()
    assert await watched.world.stock_count() == 3
    assert watched.report(Into.DONE)["outcome"] == "taken_before"
    await watched.world.proved()


async def test_a_crash_before_the_commit_loses_nothing(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = await watched.ordered()
    path = watched.put(f"{attempt.number}.csv", CARDS)

    async def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as spoilt:
        spoilt.setattr(watching, "_note", crash)
        with pytest.raises(KeyboardInterrupt):
            await watched.look()
    assert path.exists()
    assert await watched.world.stock_count() == 0
    assert await watched.state(attempt) is AttemptState.PROCESSING
    await watched.look()
    assert await watched.world.stock_count() == 3


async def test_a_disk_that_cannot_be_written_keeps_the_file_and_takes_it_once(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = await watched.ordered()
    path = watched.put(f"{attempt.number}.csv", CARDS)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as spoilt:
        spoilt.setattr(watching, "put_away", full)
        assert not await watched.look()
        assert not await watched.look()
    assert path.exists()
    assert await watched.world.stock_count() == 3
    assert await watched.look()
    assert watched.there() == []


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (CARDS.replace("KAMI00000003,MIMA00000003\n", ""), "received_file_not_whole"),
        ("", "sheet_empty"),
        (b"%PDF-1.7\n\x00\x01\x02", None),
        (b"PK\x03\x04 half a workbook", None),
    ],
    ids=["fewer", "empty", "pdf", "half"],
)
async def test_what_cannot_be_taken_is_refused_with_its_reason(
    watched: Watched, text: str | bytes, outcome: str | None
) -> None:
    attempt = await watched.ordered()
    watched.put(f"{attempt.number}.csv", text)
    assert await watched.look()
    report = watched.report(Into.REFUSED)
    assert outcome in {None, report["outcome"]}
    assert report["zh"]
    assert "KAMI" not in json.dumps(report)
    assert await watched.world.stock_count() == 0
    assert await watched.state(attempt) is AttemptState.PROCESSING
    assert await watched.world.happened(TAKEN) == []
    [told] = await watched.world.happened("supplier.file_refused")
    assert told["outcome"] == report["outcome"]


async def test_what_was_refused_may_be_put_back(watched: Watched) -> None:
    attempt = await watched.ordered()
    watched.put(f"{attempt.number}.csv", CARDS + "KAMI00000004,MIMA00000004\n")
    await watched.look()
    assert watched.there(Into.REFUSED)
    watched.put(f"{attempt.number}.csv", CARDS)
    await watched.look()
    assert await watched.state(attempt) is AttemptState.SUCCEEDED


async def test_what_is_nobodys_is_left_to_a_person(watched: Watched) -> None:
    attempt = await watched.ordered()
    before = await watched.refs()
    watched.put("cards.csv", CARDS)
    watched.put("00012345 六位.txt", "000123 123456\n000124 123457\n")  # it could be prices
    await watched.look()
    assert len(watched.there(Into.LEFT)) == 4
    assert len(await watched.world.happened("supplier.file_left")) == 2
    assert await watched.refs() == before
    assert await watched.state(attempt) is AttemptState.PROCESSING


async def test_several_orders_in_one_name_are_refused(watched: Watched) -> None:
    first, second = await watched.ordered(), await watched.ordered()
    watched.put(f"{first.number} {second.number}.csv", CARDS)
    await watched.look()
    assert watched.report(Into.REFUSED)["outcome"] == "several_orders_named"
    assert await watched.world.stock_count() == 0


async def test_another_suppliers_order_is_not_found_by_its_number(watched: Watched) -> None:
    attempt = await watched.ordered()
    async with watched.world.buyer.transaction() as tx:
        await make_supplier(tx, watched.shop.id, "other")
    folder = watched.folder.parent / "other"
    folder.mkdir()
    path = watched.put(f"{attempt.number}.csv", CARDS)
    path.rename(folder / path.name)
    await watched.look()
    assert list((folder / Into.LEFT).glob("*.csv"))
    assert await watched.state(attempt) is AttemptState.PROCESSING


async def test_links_and_strangers_folders_are_not_gone(watched: Watched, tmp_path: Path) -> None:
    attempt = await watched.ordered()
    outside = tmp_path / "outside"
    outside.mkdir()
    target = outside / "secret.csv"
    target.write_text(CARDS)
    os.utime(target, (0, 0))
    (watched.folder / f"{attempt.number}.csv").symlink_to(target)
    (watched.folder.parent / "linked").symlink_to(outside)
    nobody = watched.folder.parent / "nobody"
    nobody.mkdir()
    watched.put("x.csv", PRICES).rename(nobody / "x.csv")
    assert not await watched.look()
    assert target.exists()
    assert (nobody / "x.csv").exists()
    assert await watched.world.stock_count() == 0


async def test_no_log_tells_a_files_name(watched: Watched) -> None:
    attempt = await watched.ordered()
    watched.put(f"KAMI99999999 {attempt.number}.csv", CARDS)
    watched.put("KAMI88888888.csv", CARDS + "x\n")
    with capture_logs() as logs:
        await watched.look()
    assert len(logs) == 2
    assert "KAMI" not in str(logs)
    assert "MIMA" not in str(await watched.world.happened(TAKEN))


async def test_without_a_folder_nothing_is_looked_at(watched: Watched) -> None:
    nowhere = replace(watched.watch, folder=watched.folder / "nowhere")
    assert not await watch_folder(nowhere, watched.shop)


async def test_a_bug_with_one_file_leaves_it_to_people_and_takes_the_others(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = await watched.ordered()
    watched.put("a prices.csv", PRICES, age_s=QUIET_S + 9)
    watched.put(f"b {attempt.number}.csv", CARDS)

    def bug(_: object) -> bool:
        raise RuntimeError("KAMI00000001")

    monkeypatch.setattr(watching, "_has_prices", bug)
    await watched.look()
    assert watched.report(Into.LEFT)["outcome"] == "incident"
    assert "KAMI" not in str(watched.report(Into.LEFT))
    assert await watched.state(attempt) is AttemptState.SUCCEEDED


async def test_a_file_from_a_machine_whose_clock_is_fast_is_taken_when_it_rests(
    watched: Watched,
) -> None:
    path = watched.put("prices.csv", PRICES)
    real = datetime.fromtimestamp(path.stat().st_ctime, UTC)
    os.utime(path, ((real + timedelta(hours=1)).timestamp(),) * 2)
    early = replace(watched.watch, now=lambda: real + timedelta(seconds=QUIET_S - 1))
    late = replace(watched.watch, now=lambda: real + timedelta(seconds=QUIET_S + 9))
    assert not await watch_folder(early, watched.shop)
    assert await watch_folder(late, watched.shop)


async def test_files_that_cannot_be_read_do_not_hold_up_the_others(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = await watched.ordered()
    for number in range(25):
        watched.put(f"{number}.csv", PRICES, age_s=QUIET_S + 99)
    watched.put(f"{attempt.number}.csv", CARDS)
    monkeypatch.setattr(
        watching, "read", lambda file: None if len(file.path.stem) < 3 else read(file)
    )
    assert await watched.look()
    assert await watched.state(attempt) is AttemptState.SUCCEEDED
    assert len(watched.there()) == 25
