"""Price lists of suppliers without an interface: from a file, or out of a chat."""

import pytest

from kashu.core.db import Database
from kashu.suppliers.kinds import Goods, OfferState, Told
from kashu.suppliers.offer_file import OfferReport, import_offers
from kashu.suppliers.offer_rows import (
    OfferFile,
    OfferFileHeadless,
    read_offer_file,
    read_pasted_offers,
)
from kashu.suppliers.offers import Offer, offer_list
from kashu.suppliers.reads import supplier_by_code
from tests.conftest import Tenant
from tests.suppliers.market import Market, make_market

LIST = """商品编号,名称,价格,库存,类型,面值,规格编码,数量
A1,芒果TV会员月卡,14.80,120,卡密,,mgtv-month,
A2,爱奇艺黄金VIP月卡,18.5,缺货,卡密,,,
A3,芒果TV会员月卡 直充,15.10,,直充,,,
"""


@pytest.fixture
async def market(database: Database, tenant: Tenant) -> Market:
    return await make_market(database, tenant, [])


async def _import(market: Market, file: OfferFile, *, dry_run: bool = False) -> OfferReport:
    async with market.database.transaction(market.tenant_id) as tx:
        supplier = await supplier_by_code(tx, market.tenant_id, "alpha")
        return await import_offers(
            tx, market.tenant_id, "cli", supplier, file, at=market.now, dry_run=dry_run
        )


async def _all(market: Market) -> dict[str, Offer]:
    async with market.database.transaction(market.tenant_id) as tx:
        return {each.ref: each for each in await offer_list(tx, market.tenant_id)}


async def test_a_price_list_becomes_offers_and_names_their_skus(market: Market) -> None:
    report = await _import(market, read_offer_file(LIST.encode()))
    assert report.counts == {"added": 3}
    offers = await _all(market)
    assert (offers["A1"].unit_cost_e4, offers["A1"].told) == (148_000, Told.FILE)
    assert offers["A1"].sku_id == await market.sku()
    assert not offers["A2"].in_stock
    assert offers["A3"].goods is Goods.TOPUP


async def test_a_dry_run_tells_the_same_and_writes_nothing(market: Market) -> None:
    file = read_offer_file(LIST.encode())
    dry = await _import(market, file, dry_run=True)
    assert await _all(market) == {}
    assert await _import(market, file) == dry


async def test_rows_that_are_wrong_are_told_and_hold_up_nobody(market: Market) -> None:
    wrong = (
        "编号,名称,价格,库存,类型,规格编码,数量\n"
        "B1,好的,10,,,,\n"
        ",,10,,,,\n"
        "B3,零,0,,,,\n"
        "B4,负,-1,,,,\n"
        "B5,字,十块,,,,\n"
        "B6,库存,10,很多,,,\n"
        "B7,类型,10,,实物,,\n"
        "B8,规格,10,,,no-such-sku,\n"
        "B9,数量,10,,,mgtv-month,0\n"
        "C1,两次,10,,,,\n"
        "C1,两次,11,,,,\n"
        "C2,五位小数,1.00001,,,,\n"
    )
    report = await _import(market, read_offer_file(wrong.encode()))
    assert [row.outcome for row in report.rows] == [
        "added",
        "nameless",
        *(["bad_price"] * 3),
        "bad_stock",
        "bad_goods",
        "unknown_sku",
        "bad_units",
        "twice",
        "twice",
        "bad_price",
    ]
    assert list(await _all(market)) == ["B1"]


async def test_what_cannot_be_believed_is_held_here_too(market: Market) -> None:
    await _import(market, read_offer_file(LIST.encode()))
    dearer = LIST.replace("14.80", "14800")
    report = await _import(market, read_offer_file(dearer.encode()))
    assert report.rows[0].held_because == "off_scale"
    offer = (await _all(market))["A1"]
    assert (offer.state, offer.unit_cost_e4) == (OfferState.HELD, 148_000)


async def test_a_sku_that_the_words_contradict_is_told_and_not_mapped(market: Market) -> None:
    report = await _import(
        market, read_offer_file(LIST.replace("mgtv-month", "iqiyi-month").encode())
    )
    assert report.rows[0].mapping == "brand"
    assert (await _all(market))["A1"].sku_id is None


async def test_what_stands_in_a_chat_is_read_without_a_heading(market: Market) -> None:
    report = await _import(market, read_pasted_offers("芒果TV月卡\t14.5元\n爱奇艺月卡\t¥18\n"))
    assert report.counts == {"added": 2}
    assert (await _all(market))["爱奇艺月卡"].unit_cost_e4 == 180_000


@pytest.mark.parametrize("text", ["名称,库存\n月卡,3\n", "你好\n", "月卡,很便宜\n"])
def test_a_list_without_prices_is_refused(text: str) -> None:
    with pytest.raises(OfferFileHeadless):
        read_pasted_offers(text)
