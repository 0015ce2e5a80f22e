"""HTTP of mapping by file: every class of row, nothing by a dry run, and out and in again."""

import io
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, cast
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select, update

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission, Role
from kashu.catalog.tables import skus
from kashu.channels.channel import Listing
from kashu.channels.listings import KnownListing, listings_of, see_listings
from kashu.channels.reads import store_by_code
from kashu.channels.tables import listings
from kashu.core.db import Database
from kashu.core.sheets.read import read_bytes
from kashu.core.sheets.write import write_csv, write_xlsx
from tests.api.calls import key_client, problem, staff_client
from tests.api.selling import STORE, Stand, stand
from tests.conftest import Tenant
from tests.stock.builders import make_sku

MAPPING = f"/v1/stores/{STORE}/mapping"
HEADER = ("商品ID", "规格ID", "商家编码", "规格编码", "数量")
LONG = "683421987654321987"  # more digits than a spreadsheet keeps


def told(item: str, variant: str, code: str = "", title: str = "月卡") -> Listing:
    return Listing(item, variant, title, "", code, 1990, 5, on_sale=True)


@pytest.fixture
async def shop(database: Database, keyrings: Keyrings, tenant: Tenant) -> AsyncIterator[Stand]:
    async with stand(database, keyrings, tenant) as opened:
        async with database.transaction(tenant.id) as tx:
            store = await store_by_code(tx, tenant.id, STORE)
            there = [
                told(LONG, "1", "A-1"),
                told(LONG, "2", "A-2"),
                told("200", "", "SAME"),
                told("300", "", "SAME"),
                told("400", "", "=cmd()"),
            ]
            await see_listings(tx, tenant.id, store.id, there)
            for code in ("mgtv-month", "iqiyi-month", "old"):
                await make_sku(tx, tenant.id, code)
            await tx.execute(update(skus).where(skus.c.code == "old").values(state="retired"))
        yield opened


def csv_of(*rows: Sequence[Any], header: Sequence[str] = HEADER) -> bytes:
    target = io.BytesIO()
    write_csv(target, header, rows, guard_digits=True)
    return target.getvalue()


def xlsx_of(*rows: Sequence[Any], header: Sequence[str] = HEADER) -> bytes:
    target = io.BytesIO()
    write_xlsx(target, header, rows)
    return target.getvalue()


async def send(
    client: httpx.AsyncClient, content: bytes, name: str = "m.csv", **form: str
) -> httpx.Response:
    return await client.post(MAPPING, files={"file": (name, content)}, data=form)


async def mapped(shop: Stand) -> dict[tuple[str, str], tuple[UUID | None, int]]:
    async with shop.database.transaction(shop.tenant.id) as tx:
        store = await store_by_code(tx, shop.tenant.id, STORE)
        found: list[KnownListing] = await listings_of(tx, shop.tenant.id, store.id)
    return {(x.item_id, x.variant_id): (x.sku_id, x.units) for x in found}


async def sku_id(shop: Stand, code: str) -> UUID:
    async with shop.database.transaction(shop.tenant.id) as tx:
        row = await tx.execute(select(skus.c.id).where(skus.c.code == code))
        return cast("UUID", row.scalar_one())


EVERY = (
    (LONG, "1", "", "mgtv-month", "2"),
    ("", "", "A-2", "iqiyi-month", ""),
    ("999", "", "", "mgtv-month", "1"),
    ("200", "", "", "", "1"),
    ("", "", "SAME", "mgtv-month", "1"),
    ("", "", "NOBODY", "mgtv-month", "1"),
    ("", "", "", "mgtv-month", "1"),
    (LONG, "", "", "mgtv-month", "1"),
    ("200", "", "", "nothing", "1"),
    ("300", "", "", "old", "1"),
    ("300", "9", "", "mgtv-month", "0"),
    ("301", "", "", "mgtv-month", "一"),
    ("400", "", "", "mgtv-month", "1"),
    ("400", "", "", "iqiyi-month", "1"),
)
CLASSES = [
    "maps",
    "maps",
    "learns",
    "blank",
    "several_listings",
    "unknown_listing",
    "no_listing",
    "several_listings",
    "unknown_sku",
    "sku_not_sold",
    "bad_units",
    "bad_units",
    "twice",
    "twice",
]


@pytest.mark.parametrize(("made", "name"), [(csv_of, "m.csv"), (xlsx_of, "m.xlsx")])
async def test_a_dry_run_tells_what_each_row_comes_to_and_writes_nothing(
    shop: Stand, made: Callable[..., bytes], name: str
) -> None:
    before = await mapped(shop)
    answer = await send(shop.owner, made(*EVERY), name, dry_run="true")
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert [row["row"] for row in report["rows"]] == list(range(2, 16))
    assert [row["outcome"] for row in report["rows"]] == CLASSES
    assert report["counts"]["maps"] == 2
    assert await mapped(shop) == before


async def test_the_good_rows_are_mapped_and_the_others_told(shop: Stand) -> None:
    looked = (await send(shop.owner, csv_of(*EVERY), dry_run="true")).json()
    answer = await send(shop.owner, csv_of(*EVERY), expect_sha256=looked["sha256"])
    assert answer.status_code == 200, answer.text
    assert answer.json()["rows"] == looked["rows"]
    month, other = await sku_id(shop, "mgtv-month"), await sku_id(shop, "iqiyi-month")
    assert await mapped(shop) == {
        (LONG, "1"): (month, 2),
        (LONG, "2"): (other, 1),
        ("200", ""): (None, 1),
        ("300", ""): (None, 1),
        ("400", ""): (None, 1),
        ("999", ""): (month, 1),
    }
    again = (await send(shop.owner, csv_of(*EVERY))).json()
    assert again["counts"].get("maps") is None
    assert again["counts"]["same"] == 3


async def test_a_listing_that_only_a_file_names_is_not_for_sale_until_it_is_seen(
    shop: Stand,
) -> None:
    await send(shop.owner, csv_of(("999", "", "", "mgtv-month", "1")))
    async with shop.database.transaction(shop.tenant.id) as tx:
        row = await tx.execute(select(listings.c.on_sale).where(listings.c.item_id == "999"))
        assert row.scalar_one() is False  # so nothing is published to a name somebody typed
        store = await store_by_code(tx, shop.tenant.id, STORE)
        await see_listings(tx, shop.tenant.id, store.id, [told("999", "")])
        row = await tx.execute(select(listings.c.on_sale).where(listings.c.item_id == "999"))
        assert row.scalar_one() is True
    assert (await mapped(shop))["999", ""][0] == await sku_id(shop, "mgtv-month")


@pytest.mark.parametrize("written_as", ["xlsx", "csv"])
async def test_what_was_exported_comes_in_again_as_it_was(shop: Stand, written_as: str) -> None:
    await send(shop.owner, csv_of((LONG, "2", "", "mgtv-month", "3")))
    before = await mapped(shop)
    answer = await shop.owner.get(MAPPING, params={"written_as": written_as})
    assert answer.status_code == 200, answer.text
    rows = [row.cells for row in read_bytes(answer.content).rows()]
    assert rows[0][:3] == ("店铺", "商品ID", "规格ID")
    assert len(rows) == 6
    again = await send(shop.owner, answer.content, f"m.{written_as}")
    assert again.json()["counts"] == {"same": 1, "blank": 4}, again.text
    assert await mapped(shop) == before
    if written_as == "csv":  # a code that looks like a formula is marked as text
        assert "'=cmd()" in answer.content.decode("utf-8-sig")


async def test_a_merchant_code_that_looks_like_a_formula_is_found_again(shop: Stand) -> None:
    answer = await send(shop.owner, csv_of(("", "", "=cmd()", "mgtv-month", "1")))
    assert answer.json()["rows"][0]["item_id"] == "400"


async def test_a_file_that_changed_since_it_was_looked_at_is_refused(shop: Stand) -> None:
    looked = (await send(shop.owner, csv_of(EVERY[0]), dry_run="true")).json()
    answer = await send(shop.owner, csv_of(EVERY[1]), expect_sha256=looked["sha256"])
    problem(answer, 409, "mapping_file_changed")
    assert all(sku is None for sku, _ in (await mapped(shop)).values())


async def test_a_file_without_headings_is_refused(shop: Stand) -> None:
    answer = await send(shop.owner, b"683421,1,mgtv-month\n")
    problem(answer, 422, "mapping_file_headless")


async def test_rows_of_another_store_are_left_out(shop: Stand) -> None:
    header = ("店铺", *HEADER)
    rows = [("elsewhere", *EVERY[0]), (STORE, *EVERY[2])]
    answer = await send(shop.owner, csv_of(*rows, header=header))
    assert [row["outcome"] for row in answer.json()["rows"]] == ["other_store", "learns"]


async def test_many_rows_are_mapped_in_one_go(shop: Stand) -> None:
    rows = [(str(n), "", "", "mgtv-month", "1") for n in range(10_000, 15_000)]
    answer = await send(shop.owner, xlsx_of(*rows), "m.xlsx")
    assert answer.json()["counts"] == {"learns": 5_000}
    async with shop.database.transaction(shop.tenant.id) as tx:
        wanted = select(func.count()).where(listings.c.sku_id.is_not(None))
        assert (await tx.execute(wanted)).scalar_one() == 5_000


async def test_who_may_not_write_the_catalogue_maps_nothing(
    shop: Stand, keyrings: Keyrings
) -> None:
    ops = await staff_client(shop.app, shop.database, shop.tenant.id, Role.AUDITOR)
    answer = await send(ops, csv_of(EVERY[0]))
    assert answer.status_code == 403
    program = await key_client(
        shop.app, shop.database, keyrings, shop.tenant.id, Permission.CATALOG_READ
    )
    assert (await program.call("GET", MAPPING)).status_code == 200
    assert all(sku is None for sku, _ in (await mapped(shop)).values())
