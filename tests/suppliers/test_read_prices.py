"""Prices are read when they are due, one reader at a time, and shown as old as they are."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from kashu.core.db import Database
from kashu.core.events import events_of
from kashu.suppliers.compare import WhyNot, compare
from kashu.suppliers.errors import LoginRefused, SupplierDown
from kashu.suppliers.kinds import ConnectionState, OfferState, Told
from kashu.suppliers.offers import price_history
from kashu.suppliers.read_prices import read_prices, refresh_offer
from kashu.suppliers.upstream import Can
from tests.conftest import Tenant
from tests.suppliers.market import Market, make_market, product

FIVE = [product(f"M{n}", 150_000 + n) for n in range(1, 6)]


@pytest.fixture
async def market(database: Database, tenant: Tenant) -> Market:
    market = await make_market(database, tenant, list(FIVE))
    connection = await market.connection()
    market.at[0] = connection.prices_at  # when it was connected, by the database's clock
    return market


async def _read(market: Market) -> None:
    await read_prices(market.database, market.tenant_id, market.upstreams)


async def _prices(market: Market, ref: str) -> list[int | None]:
    offer = await market.offer(ref)
    async with market.database.transaction(market.tenant_id) as tx:
        history = await price_history(tx, market.tenant_id, offer.id)
    return [each.unit_cost_e4 for each in history]


async def _written(market: Market) -> list[str]:
    """How the rows of offers stand, physically: a row that is written anew has another place."""
    async with market.database.transaction(market.tenant_id) as tx:
        rows = await tx.execute(text("SELECT ref, ctid::text FROM suppliers.offers ORDER BY ref"))
        return [str(tuple(row)) for row in rows]


async def test_all_pages_of_a_list_are_read_and_kept(market: Market) -> None:
    await _read(market)
    found = await market.offers()
    assert {ref: offer.unit_cost_e4 for ref, offer in found.items()} == {
        each.ref: each.unit_cost_e4 for each in FIVE
    }
    connection = await market.connection()
    assert (connection.prices_ok_at, connection.prices_failures) == (market.now, 0)
    assert connection.prices_at == market.now + timedelta(seconds=60)


async def test_a_list_is_read_again_only_when_it_is_due(market: Market) -> None:
    await _read(market)
    asked = market.wholesaler.pages_asked
    market.pass_time(seconds=59)
    await _read(market)
    assert market.wholesaler.pages_asked == asked
    market.pass_time(seconds=1)
    await _read(market)
    assert market.wholesaler.pages_asked == 2 * asked


async def test_what_did_not_change_is_not_written_again_and_is_fresh_all_the_same(
    market: Market,
) -> None:
    await _read(market)
    assert await market.map("M1") == "mapped"
    before = await _written(market)
    market.pass_time(hours=2)
    async with market.database.transaction(market.tenant_id) as tx:
        stale = await compare(tx, market.tenant_id, [await market.sku()], at=market.now)
    await _read(market)
    async with market.database.transaction(market.tenant_id) as tx:
        fresh = await compare(tx, market.tenant_id, [await market.sku()], at=market.now)
    assert await _written(market) == before
    sku = await market.sku()
    assert stale[sku][0].why_not == (WhyNot.STALE,)
    assert (fresh[sku][0].why_not, fresh[sku][0].seen_at) == ((), market.now)


async def test_history_is_kept_of_prices_that_changed_only(market: Market) -> None:
    await _read(market)
    market.wholesaler.products_told[0] = product("M1", 151_000)
    market.wholesaler.products_told[1] = replace(FIVE[1], stock=7)  # a count is no price
    market.pass_time(minutes=1)
    await _read(market)
    assert await _prices(market, "M1") == [151_000, 150_001]
    assert await _prices(market, "M2") == [150_002]
    assert (await market.offer("M2")).stock == 7


async def test_what_is_missing_from_a_whole_list_is_gone_and_comes_back(market: Market) -> None:
    await _read(market)
    missing = market.wholesaler.products_told.pop()
    market.pass_time(minutes=1)
    await _read(market)
    assert (await market.offer(missing.ref)).state is OfferState.GONE
    market.wholesaler.products_told.append(missing)
    market.pass_time(minutes=1)
    await _read(market)
    assert (await market.offer(missing.ref)).state is OfferState.LIVE


@pytest.mark.parametrize("broken", ["page", "wrong"])
async def test_nothing_is_gone_where_the_list_was_not_whole(market: Market, broken: str) -> None:
    await _read(market)
    ok_at = (await market.connection()).prices_ok_at
    market.wholesaler.products_told[0] = product("M1", 152_000)
    del market.wholesaler.products_told[4]
    if broken == "page":
        market.wholesaler.fails = SupplierDown(supplier="alpha", said="502")
        market.wholesaler.fails_on_page = 1
    else:
        market.wholesaler.wrong = 1
    market.pass_time(minutes=1)
    await _read(market)
    assert (await market.offer("M5")).state is OfferState.LIVE
    assert (await market.offer("M1")).unit_cost_e4 == 152_000, "what was read counts"
    connection = await market.connection()
    assert connection.prices_ok_at == ok_at
    said = {"page": "supplier_down", "wrong": "products_unreadable"}[broken]
    assert connection.prices_said == said


async def test_a_supplier_that_fails_is_asked_less_and_less_often(market: Market) -> None:
    market.wholesaler.fails = SupplierDown(supplier="alpha", said="502")
    pauses = []
    for _ in range(6):
        await _read(market)
        connection = await market.connection()
        pauses.append((connection.prices_at - market.now).total_seconds())
        market.at[0] = connection.prices_at
    assert pauses == [120, 240, 480, 900, 900, 900]
    market.wholesaler.fails = None
    await _read(market)
    connection = await market.connection()
    assert (connection.prices_failures, connection.prices_said) == (0, "")


async def test_a_refused_login_locks_the_connection_out(market: Market) -> None:
    market.wholesaler.fails = LoginRefused(supplier="alpha", said="1006")
    await _read(market)
    connection = await market.connection()
    assert connection.state is ConnectionState.LOCKED_OUT
    async with market.database.transaction(market.tenant_id) as tx:
        kinds = [each.kind for each in await events_of(tx, market.tenant_id, market.supplier_id)]
    assert "supplier.connection_locked_out" in kinds
    asked = market.wholesaler.pages_asked
    market.pass_time(hours=1)
    await _read(market)
    assert market.wholesaler.pages_asked == asked


async def test_a_bug_of_an_adapter_is_noted_and_stops_nobody_else(market: Market) -> None:
    market.wholesaler.fails = KeyError("price")
    await _read(market)
    assert (await market.connection()).prices_said == "adapter_broke"


async def test_a_list_without_end_is_given_up(market: Market) -> None:
    market.wholesaler.endless = True
    await _read(market)
    assert (await market.connection()).prices_said == "supplier_list_too_long"


async def test_two_readers_of_one_supplier_are_one(market: Market) -> None:
    market.wholesaler.waits = asyncio.Event()
    first = asyncio.create_task(_read(market))
    await market.wholesaler.asked.wait()
    await _read(market)  # the other finds nothing to do
    assert market.wholesaler.pages_asked == 1
    market.wholesaler.waits.set()
    await first
    assert len(await market.offers()) == 5


async def test_a_reader_that_lost_its_lease_writes_nothing(market: Market) -> None:
    market.wholesaler.waits = asyncio.Event()
    slow = asyncio.create_task(_read(market))
    await market.wholesaler.asked.wait()
    market.pass_time(minutes=6)  # longer than its lease
    market.wholesaler.products_told[0] = product("M1", 160_000)
    waits, market.wholesaler.waits = market.wholesaler.waits, None
    await _read(market)
    newer = await market.offers()
    market.wholesaler.products_told[0] = product("M1", 140_000)
    waits.set()
    await slow
    assert await market.offers() == newer


async def test_older_news_than_what_is_known_change_nothing(market: Market) -> None:
    await _read(market)
    before = await market.offer()
    await market.tell(product("M1", 145_000), at=market.now - timedelta(seconds=1))
    assert await market.offer() == before


async def test_a_pushed_price_is_known_at_once(market: Market) -> None:
    await _read(market)
    await market.map("M1")
    market.wholesaler.products_told[0] = product("M1", 153_000)
    market.pass_time(seconds=5)
    told = await refresh_offer(
        market.database, market.tenant_id, market.upstreams, await market.connection(), "M1"
    )
    assert told is not None
    assert (told.unit_cost_e4, told.told, told.seen_at) == (153_000, Told.PUSHED, market.now)
    async with market.database.transaction(market.tenant_id) as tx:
        found = await compare(tx, market.tenant_id, [await market.sku()], at=market.now)
    assert found[await market.sku()][0].unit_cost_e4 == 153_000


async def test_a_push_that_cannot_be_read_has_the_whole_list_read(market: Market) -> None:
    await _read(market)
    market.pass_time(seconds=5)
    market.wholesaler.fails = SupplierDown(supplier="alpha", said="502")
    before = await market.offers()
    connection = await market.connection()
    told = await refresh_offer(
        market.database, market.tenant_id, market.upstreams, connection, "M1"
    )
    assert told is None
    assert await market.offers() == before
    assert (await market.connection()).prices_at == market.now


async def test_a_push_about_something_else_than_was_asked_changes_nothing(market: Market) -> None:
    await _read(market)
    market.pass_time(seconds=5)
    market.wholesaler.answers = product("M2", 1)
    before = await market.offers()
    await refresh_offer(
        market.database, market.tenant_id, market.upstreams, await market.connection(), "M1"
    )
    assert await market.offers() == before


async def test_a_list_without_prices_has_what_is_mapped_read_one_by_one(market: Market) -> None:
    await _read(market)
    await market.map("M1")
    market.wholesaler.can |= {Can.READ_PRODUCT}
    listed = [replace(each, unit_cost_e4=None) for each in FIVE]
    market.wholesaler.products_told = listed
    market.wholesaler.answers = product("M1", 154_000)
    market.pass_time(minutes=20)
    await _read(market)
    found = await market.offers()
    assert (found["M1"].unit_cost_e4, found["M1"].seen_at) == (154_000, market.now)
    assert (found["M2"].unit_cost_e4, found["M2"].told) == (150_002, Told.READ)
    assert found["M2"].seen_at < market.now, "nobody told its price: it grows old"


async def test_a_stopped_connection_is_not_asked(market: Market) -> None:
    async with market.database.transaction(market.tenant_id) as tx:
        await tx.execute(text("UPDATE suppliers.connections SET state = 'stopped'"))
    await _read(market)
    assert market.wholesaler.pages_asked == 0


async def test_refs_and_texts_that_nobody_can_keep_hold_up_nothing(market: Market) -> None:
    market.wholesaler.products_told += [
        product("", 1),
        product("x" * 300, 1),
        product("nul\x00", 1),
        product("odd", 150_000, title="坏\x00\ud800" + "长" * 999, stock=2**40, least=-3, most=-1),
    ]
    await _read(market)
    odd = await market.offer("odd")
    assert (odd.stock, odd.least, odd.most, len(odd.title)) == (2**31 - 1, 1, None, 300)
    assert len(await market.offers("M1", "M2", "M3", "M4", "M5", "odd")) == 6
    assert (await market.connection()).prices_said == "products_unreadable"


async def test_two_that_tell_the_same_products_at_once_neither_double_nor_block(
    market: Market,
) -> None:
    many = [product(f"N{n}", 150_000 + n) for n in range(200)]
    await asyncio.gather(market.tell(*many), market.tell(*reversed(many)))
    dearer = [replace(each, unit_cost_e4=160_000) for each in many]
    cheaper = [replace(each, unit_cost_e4=140_000) for each in reversed(many)]
    await asyncio.gather(*(market.tell(*told) for told in (dearer, cheaper, dearer, cheaper)))
    found = await market.offers(*(each.ref for each in many))
    assert len(found) == 200
    assert {offer.unit_cost_e4 for offer in found.values()} <= {140_000, 160_000}
