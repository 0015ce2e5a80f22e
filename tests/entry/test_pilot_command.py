"""A pilot from the command line: shadow, compare, release, ready, balances, cards sold before."""

from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from kashu.access.keyring import Keyrings
from kashu.catalog.reads import sku_by_code
from kashu.channels.channel import Grant, ShopLine, ShopOrder, ShopState
from kashu.channels.connections import NewConnection, connect, keep_grant
from kashu.channels.listings import (
    KnownListing,
    ListingChanges,
    change_listing,
    learn_listings,
    listings_of,
)
from kashu.channels.reads import store_by_code
from kashu.channels.shop_orders import see
from kashu.core.clock import SHANGHAI, day_of, now
from kashu.core.db import Tx
from kashu.core.secrets import Secret
from kashu.orders.take_in import take_in
from tests.entry.conftest import Terminal

STORE = ("--store", "tb")
TODAY = day_of(now(), SHANGHAI)
LINE = ShopLine("1", "68", "", 1, 198_000, "芒果TV月卡")


def told(number: str) -> ShopOrder:
    at = now() + timedelta(seconds=5)
    return ShopOrder(number, ShopState.PAID, at, at, LINE.paid_e4, (LINE,))


@pytest.fixture
def shop(terminal: Terminal) -> Terminal:
    """A store that is connected, permitted and mapped, with two cards."""
    terminal.ask("store", "add", "tb", "--name", "淘宝店", "--channel", "taobao")
    terminal.stock(2)

    async def prepare(tx: Tx, tenant_id: int, keyrings: Keyrings) -> None:
        masters = keyrings.masters
        wanted = NewConnection("app", Secret("s" * 32))
        await connect(tx, tenant_id, "test", "tb", wanted, masters=masters)
        store = await store_by_code(tx, tenant_id, "tb")
        grant = Grant("88001", "卡卡", Secret("t"), None)
        await keep_grant(tx, tenant_id, "test", store.id, grant, masters=masters)
        await learn_listings(tx, tenant_id, store.id, [LINE])
        (listing,) = await listings_of(tx, tenant_id, store.id)
        sku = await sku_by_code(tx, tenant_id, "mgtv-month")
        changes = ListingChanges(sku_id=sku.id)
        await change_listing(tx, tenant_id, "test", listing.id, changes)

    terminal.in_shop(prepare)
    return terminal


def sell(of: Terminal, *numbers: str) -> None:
    async def tell(tx: Tx, tenant_id: int, keyrings: Keyrings) -> None:
        del keyrings
        store = await store_by_code(tx, tenant_id, "tb")
        await see(tx, tenant_id, store.id, [told(number) for number in numbers])
        await take_in(tx, tenant_id, TODAY)

    of.in_shop(tell)


def test_a_store_is_tried_compared_and_let_go(shop: Terminal, tmp_path: Path) -> None:
    assert shop.ask("pilot", "mode", "shadow", *STORE)["mode"] == "shadow"
    sell(shop, "A1", "A2")
    assert {order["step"] for order in shop.ask("pilot", "orders", *STORE)["orders"]} == {
        "shadowed"
    }
    assert "还不能切换为自动" in shop.refused("pilot", "mode", "automatic", *STORE)
    sheet = tmp_path / "old.csv"
    sheet.write_text("订单号,商品,数量\nA1,芒果TV月卡,1\nA2,芒果TV月卡,2\n", encoding="gbk")
    day = ("--day", TODAY.isoformat())
    compared = shop.ask("pilot", "compare", str(sheet), *STORE, *day)
    assert (compared["same"], compared["different"]) == (1, 1)
    assert compared["causes"][0]["cause"] == "quantity"
    out = tmp_path / "diff.xlsx"
    done = shop.run(
        "pilot", "compare", str(sheet), *STORE, *day, "--format", "xlsx", "--output", str(out)
    )
    assert done.exit_code == 0
    assert len(list(load_workbook(out).worksheets[0].rows)) == 3
    code, screen = shop.see("pilot", "status", *STORE)
    assert code == 0
    assert "可以切换为自动" in screen
    assert shop.ask("pilot", "mode", "automatic", *STORE)["mode"] == "automatic"


def test_orders_are_released_and_taken_over_by_number(shop: Terminal) -> None:
    shop.ask("pilot", "mode", "shadow", *STORE)
    sell(shop, "A1")
    shop.ask("pilot", "mode", "assisted", *STORE)
    sell(shop, "B1", "B2")
    held = shop.ask("pilot", "orders", *STORE, "--step", "held")["orders"]
    assert {(order["number"], order["said"]) for order in held} == {
        ("B1", "to_be_released"),
        ("B2", "to_be_released"),
    }
    numbers = ("--number", "B1", "--number", "A1", "--number", "C9")
    released = shop.ask("pilot", "release", *STORE, *numbers)["released"]
    assert {each["number"]: each["obstacle"] for each in released} == {
        "B1": None,
        "A1": "to_be_taken_over",
        "C9": "unknown_shop_order",
    }
    released = shop.ask("pilot", "release", *STORE, "--all", "--take-over")["released"]
    assert {each["number"]: each["obstacle"] for each in released} == {"A1": None, "B2": None}
    assert shop.run("pilot", "release", *STORE).exit_code == 2
    shop.ask("pilot", "mode", "stopped", *STORE)
    waiting = shop.ask("pilot", "orders", *STORE)["orders"]
    assert {(order["step"], order["said"]) for order in waiting} == {("due", "store_stopped")}


def test_a_listing_of_another_store_keeps_its_mode(shop: Terminal) -> None:
    shop.ask("store", "add", "other", "--name", "另一家", "--channel", "taobao")
    found: list[KnownListing] = []

    async def look(tx: Tx, tenant_id: int, keyrings: Keyrings) -> None:
        del keyrings
        store = await store_by_code(tx, tenant_id, "tb")
        found.extend(await listings_of(tx, tenant_id, store.id))

    shop.in_shop(look)
    listing = ("--listing", str(found[0].id))
    assert "没有这个商品链接" in shop.refused(
        "pilot", "mode", "automatic", "--store", "other", *listing
    )
    shop.in_shop(look)
    assert found[0] == found[1]
    assert shop.ask("pilot", "mode", "automatic", *STORE, *listing)["listings"] == 1
    shop.in_shop(look)
    assert found[2].mode == "automatic"


def test_a_bad_sheet_is_told_by_row(shop: Terminal, tmp_path: Path) -> None:
    sheet = tmp_path / "old.csv"
    sheet.write_text("订单号,数量\nA1,x\n")
    refused = shop.refused("pilot", "compare", str(sheet), *STORE, "--day", "2026-11-22")
    assert "第 2 行 数量" in refused
    sheet.write_text("订单号,数量\nA1,1\n")
    assert "请指定日期" in shop.refused("pilot", "compare", str(sheet), *STORE)
    assert shop.run("pilot", "compare", str(sheet), *STORE, "--format", "xlsx").exit_code == 2


def test_what_was_before_us_is_brought_in_once(shop: Terminal, tmp_path: Path) -> None:
    shop.ask("supplier", "add", "alpha", "--name", "甲")
    balances = tmp_path / "b.csv"
    balances.write_text("类型,编码,金额\n供应商预付,alpha,100\n")
    assert shop.ask("pilot", "opening", str(balances), "--name", "期初")["new"]
    assert not shop.ask("pilot", "opening", str(balances), "--name", "期初")["new"]
    balances.write_text("类型,编码,金额\n供应商预付,beta,100\n")
    assert "第 2 行" in shop.refused("pilot", "opening", str(balances), "--name", "二")
    cards = tmp_path / "sold.csv"
    cards.write_text("卡号,密码\nOLD0000001,p1\nOLD0000002,p2\n")
    terms = ("--sku", "mgtv-month", "--warehouse", "main", "--supplier", "alpha")
    sold = shop.ask("import", str(cards), *terms, "--sold-elsewhere")
    assert sold["accepted"] == 2
    again = shop.run("import", str(cards), *terms, "--cost", "14", "--sure")
    assert again.exit_code == 3
    assert '"sold_elsewhere":{"count":2' in again.stdout
    assert shop.run("import", str(cards), *terms).exit_code == 2
    assert shop.ask("verify")["ok"]
