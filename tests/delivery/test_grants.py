"""What a seller permitted is used for that shop and address only, and lost only when it is."""

import asyncio
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy import select, update

from kashu.channels.ask import ask_platforms, fetch_listings
from kashu.channels.channel import Can, Grant
from kashu.channels.connections import (
    Connection,
    NewConnection,
    connect,
    keep_grant,
    lose_grant,
)
from kashu.channels.connections import connection_of as find_connection
from kashu.channels.errors import AppRefused, ChannelDown, GrantLost, StoreNotGranted
from kashu.channels.kinds import GrantState
from kashu.channels.reseal import reseal_connections
from kashu.channels.tables import connections, shop_orders
from kashu.core.http import NoClearAnswer
from kashu.core.secrets import KEY_BYTES, MasterKey, MasterKeys, Secret
from kashu.delivery.publish import publish_stock
from tests.conftest import MASTERS
from tests.delivery.conftest import Trade


async def test_a_grant_that_was_renewed_meanwhile_is_not_lost_by_a_call_with_the_old_one(
    trade: Trade,
) -> None:
    async with trade.database.transaction(trade.tenant.id) as tx:
        before = await find_connection(tx, trade.tenant.id, trade.store_id)
        grant = await trade.channel.refresh(cast("Any", None))
        await keep_grant(
            tx, trade.tenant.id, "system", trade.store_id, grant, masters=MASTERS, instead_of=before
        )
        await lose_grant(tx, trade.tenant.id, before, "grant_lost")
        now = await find_connection(tx, trade.tenant.id, trade.store_id)
    assert now.grant_state is GrantState.GRANTED


async def test_another_application_or_address_is_not_handed_the_old_token(trade: Trade) -> None:
    wanted = NewConnection("app", Secret("s" * 32), "https://elsewhere.example")
    async with trade.database.transaction(trade.tenant.id) as tx:
        made = await connect(tx, trade.tenant.id, "test", "tb", wanted, masters=MASTERS)
    assert (made.sealed_access, made.sealed_refresh) == (None, None)
    _, link = trade.outside.reach(trade.tenant.id, made)
    assert link.grant is None


async def test_what_is_not_granted_is_not_asked(trade: Trade) -> None:
    async with trade.database.transaction(trade.tenant.id) as tx:
        await tx.execute(update(connections).values(grant_state=GrantState.LOST))
        known = await find_connection(tx, trade.tenant.id, trade.store_id)
    with pytest.raises(StoreNotGranted):
        await fetch_listings(trade.database, trade.tenant.id, trade.outside, known)


EXPIRED = GrantLost(channel="t", said="27")


async def known(trade: Trade) -> Connection:
    async with trade.database.transaction(trade.tenant.id) as tx:
        return await find_connection(tx, trade.tenant.id, trade.store_id)


async def token_of(trade: Trade) -> str:
    _, link = trade.outside.reach(trade.tenant.id, await known(trade))
    assert link.grant is not None
    return link.grant.access_token.clear


@pytest.mark.parametrize("call", ["orders", "order", "send", "confirm", "publish_stock"])
async def test_a_token_that_is_not_accepted_is_renewed_before_the_seller_is_asked(
    trade: Trade, call: str
) -> None:
    item = trade.shop.offer("月卡", 1980)
    await trade.stock(2)
    await trade.map(item)
    order = trade.shop.sell((item, 1))
    trade.channel.break_before(call, EXPIRED)
    await publish_stock(trade.database, trade.tenant.id, trade.tenant.timezone, trade.outside)
    await trade.run(4)
    assert await token_of(trade) == "renewed"
    assert (await known(trade)).grant_state is GrantState.GRANTED
    assert trade.channel.calls.count("refresh") == 1
    assert await trade.step(order) == ("confirmed", "")
    assert (len(order.shown), order.shipments) == (1, 1)


async def test_a_grant_that_is_lost_while_a_short_form_is_read_is_renewed(trade: Trade) -> None:
    item = trade.shop.offer("月卡", 1980)
    await trade.map(item)
    trade.channel.lists_short_forms = True
    order = trade.shop.sell((item, 1))
    trade.channel.break_before("order", EXPIRED)
    await trade.ask()
    assert trade.channel.calls.count("refresh") == 1
    assert (await known(trade)).grant_state is GrantState.GRANTED
    assert await token_of(trade) == "renewed"
    trade.clock.advance(timedelta(minutes=1))
    await trade.ask()
    async with trade.database.transaction(trade.tenant.id) as tx:
        row = await tx.execute(
            select(shop_orders.c.complete).where(shop_orders.c.number == order.order_id)
        )
    assert row.scalar_one()


@pytest.mark.parametrize("refused", [EXPIRED, None])
async def test_only_where_it_can_not_be_renewed_a_grant_is_lost(
    trade: Trade, refused: GrantLost | None
) -> None:
    if refused is None:
        trade.channel.can = trade.channel.can - {Can.REFRESH}
    else:
        trade.channel.break_before("refresh", refused)
    trade.channel.break_before("orders", EXPIRED)
    await trade.ask()
    assert ((await known(trade)).grant_state, await token_of(trade)) == (GrantState.LOST, "token")


async def test_a_refresh_token_that_is_too_old_is_not_tried(trade: Trade) -> None:
    async with trade.database.transaction(trade.tenant.id) as tx:
        past = trade.clock() - timedelta(seconds=1)
        await tx.execute(update(connections).values(refreshable_until=past))
    trade.channel.break_before("orders", EXPIRED)
    await trade.ask()
    assert (await known(trade)).grant_state is GrantState.LOST
    assert "refresh" not in trade.channel.calls


@pytest.mark.parametrize(
    "error",
    [
        NoClearAnswer(host="t", why="timeout"),
        ChannelDown(channel="t", said="520"),
        AppRefused(channel="t", said="clock"),
    ],
)
async def test_a_refresh_without_a_clear_no_loses_nothing(trade: Trade, error: Exception) -> None:
    trade.channel.break_before("orders", EXPIRED)
    trade.channel.break_before("refresh", error)
    await trade.ask()
    assert (await known(trade)).grant_state is GrantState.GRANTED
    trade.clock.advance(timedelta(minutes=1))
    await trade.ask()
    assert ((await known(trade)).failures, (await known(trade)).said) == (0, "")


async def test_of_many_who_are_refused_at_once_one_renews(trade: Trade) -> None:
    before = await known(trade)
    renews = [
        trade.outside.renew_or_lose(trade.database, trade.tenant.id, before, EXPIRED)
        for _ in range(8)
    ]
    await asyncio.gather(*renews)
    assert trade.channel.calls.count("refresh") == 1
    assert await token_of(trade) == "renewed"
    await trade.outside.renew_or_lose(trade.database, trade.tenant.id, before, EXPIRED)
    assert (await known(trade)).grant_state is GrantState.GRANTED


async def test_tokens_that_never_let_us_in_are_not_renewed_for_ever(trade: Trade) -> None:
    for _ in range(8):
        trade.channel.break_before("orders", EXPIRED)
        await ask_platforms(trade.database, trade.tenant.id, trade.outside)
        trade.clock.advance(timedelta(minutes=10))
        async with trade.database.transaction(trade.tenant.id) as tx:
            await tx.execute(update(connections).values(renewing_until=None))
    assert (await known(trade)).grant_state is GrantState.LOST
    assert trade.channel.calls.count("refresh") == 3


NEWER = MasterKeys(MasterKey.of(b"n" * KEY_BYTES), (MASTERS.current,))


async def test_a_renewal_that_meets_a_new_master_key_is_kept(trade: Trade) -> None:
    before = await known(trade)
    async with trade.database.transaction(trade.tenant.id) as tx:
        assert await reseal_connections(tx, trade.tenant.id, NEWER) == 1
        grant = Grant("88001", "卡卡旗舰店", Secret("renewed"), Secret("again"))
        kept = await keep_grant(
            tx, trade.tenant.id, "system", trade.store_id, grant, masters=NEWER, instead_of=before
        )
    assert kept
    assert (await known(trade)).sealed_access != before.sealed_access


async def test_a_grant_that_meets_a_new_master_key_can_be_lost(trade: Trade) -> None:
    before = await known(trade)
    async with trade.database.transaction(trade.tenant.id) as tx:
        await reseal_connections(tx, trade.tenant.id, NEWER)
        await lose_grant(tx, trade.tenant.id, before, "grant_lost")
    assert (await known(trade)).grant_state is GrantState.LOST


async def test_another_application_is_not_given_the_old_ones_renewal(trade: Trade) -> None:
    before = await known(trade)
    async with trade.database.transaction(trade.tenant.id) as tx:
        wanted = NewConnection("other", Secret("s" * 32))
        await connect(tx, trade.tenant.id, "test", "tb", wanted, masters=MASTERS)
        grant = Grant("88001", "卡卡旗舰店", Secret("renewed"))
        kept = await keep_grant(
            tx, trade.tenant.id, "system", trade.store_id, grant, masters=MASTERS, instead_of=before
        )
    assert not kept
    assert (await known(trade)).sealed_access is None
