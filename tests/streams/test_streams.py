"""Orders that platforms tell of over a connection: soon, each once, and never lost."""

from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import psycopg
import pytest

from kashu.adapters.channels.pinduoduo import PinduoduoChannel
from kashu.channels.channel import Link
from kashu.channels.streaming import Stream
from kashu.core.sockets import Sockets
from kashu.orders.sweeps import take_in_due
from tests.conftest import Tenant
from tests.streams.conftest import (
    ALL,
    PINDUODUO,
    SOCKETS,
    TAOBAO_SOCKET,
    Street,
    listening,
    until,
    working,
)

told_by_all = pytest.mark.parametrize("street", ALL, ids=str, indirect=True)
told_by_sockets = pytest.mark.parametrize("street", SOCKETS, ids=str, indirect=True)


@told_by_all
async def test_a_paid_order_is_taken_in_long_before_anybody_asks_for_it(
    owner_url: str, street: Street
) -> None:
    async with working(owner_url, street.tools):
        await street.listened_to()
        sold = street.sell(3)
        await street.all_read(*sold)
        await street.nothing_waits()


@told_by_sockets
async def test_nothing_is_lost_when_the_line_is_cut(owner_url: str, street: Street) -> None:
    async with working(owner_url, street.tools):
        await street.listened_to()
        before = street.sell(2)
        street.box.faults.cut_after = 1  # of the second letter nobody hears
        during = street.sell(3)
        await street.all_read(*before, *during)
        street.box.cut()
        meanwhile = street.sell(2)
        await street.all_read(*before, *during, *meanwhile)
        await street.nothing_waits()


@told_by_sockets
async def test_what_comes_twice_and_backwards_is_one_order_each(
    owner_url: str, street: Street
) -> None:
    street.box.faults.twice = street.box.faults.backwards = True
    async with working(owner_url, street.tools):
        await street.listened_to()
        sold = street.sell(10)
        await street.all_read(*sold)
        await street.nothing_waits()
    assert len(street.box.told) >= 20


@told_by_sockets
async def test_what_we_wrote_down_and_could_not_acknowledge_comes_again_and_changes_nothing(
    owner_url: str, street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = street.box.take
    heard: list[int] = []

    def lost(number: int) -> bool:  # as if our process had died before it said so
        heard.append(number)
        return taken(number) if len(heard) > 4 else False

    monkeypatch.setattr(street.box, "take", lost)
    async with working(owner_url, street.tools):
        await street.listened_to()
        sold = street.sell(2)
        await street.all_read(*sold)
        await street.nothing_waits()
        await street.all_read(*sold)
    assert len(heard) > 4


@told_by_sockets
async def test_nothing_is_acknowledged_before_it_is_committed(
    owner_url: str, street: Street
) -> None:
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE SQLSTATE '40001'; END $$"
        )
        connection.execute(  # at the commit, when all else went well
            "CREATE CONSTRAINT TRIGGER fails AFTER INSERT ON channels.shop_orders"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail()"
        )
        try:
            async with listening(street.tools):
                await street.listened_to()
                (sold,) = street.sell()

                async def was_told_twice() -> bool:
                    return len(street.box.told) >= 2

                await until(was_told_twice)
                assert (street.box.taken, await street.steps()) == ([], {})
                connection.execute("DROP FUNCTION fail CASCADE")
                await street.nothing_waits()
                assert await street.steps() == {sold.order_id: "told of"}
        finally:
            connection.execute("DROP FUNCTION IF EXISTS fail CASCADE")


@told_by_sockets
async def test_messages_of_a_shop_that_is_not_ours_are_ignored(street: Street) -> None:
    street.box.admitted.add(street.other_shop.shop_id)
    async with listening(street.tools):
        await street.listened_to()
        theirs = street.other_shop.sell((street.other_shop.offer("别家的", 100), 1))
        await street.nothing_waits()
        assert street.box.taken == [theirs.order_id]
        assert await street.steps() == {}


@told_by_all
async def test_a_wrong_secret_gets_nobody_in_and_disturbs_nobody_else(
    owner_url: str, street: Street, other_tenant: Tenant
) -> None:
    await street.connect(other_tenant, street.other_shop, secret="not theirs")
    async with working(owner_url, street.tools):
        await street.listened_to()
        sold = street.sell(2)
        await street.all_read(*sold)
        assert await street.steps(other_tenant) == {}
        assert street.box.admitted == {street.shop.shop_id}


class Buggy(PinduoduoChannel):
    """An adapter with a mistake in it."""

    met = 0

    def stream(self, link: Link, sockets: Sockets) -> AbstractAsyncContextManager[Stream]:
        del link, sockets
        self.met += 1
        raise ZeroDivisionError


@pytest.mark.parametrize("street", [TAOBAO_SOCKET], ids=str, indirect=True)
async def test_a_bug_in_one_stream_is_met_again_later_and_ends_no_other(
    street: Street, other_tenant: Tenant
) -> None:
    buggy = Buggy()
    channels = {**street.tools.outside.channels, "pinduoduo": buggy}
    tools = replace(street.tools, outside=replace(street.tools.outside, channels=channels))
    await street.connect(other_tenant, street.other_shop, channel="pinduoduo")
    async with listening(tools):
        await street.listened_to()
        (sold,) = street.sell()
        await street.nothing_waits()

        async def was_met_twice() -> bool:
            return buggy.met >= 2

        await until(was_met_twice)
    assert await street.steps() == {sold.order_id: "told of"}


@told_by_all
async def test_one_line_tells_of_all_stores_of_an_application(street: Street) -> None:
    await street.connect(street.tenant, street.other_shop)
    async with listening(street.tools):
        await street.listened_to()

        async def are_admitted() -> bool:
            return len(street.box.admitted) == 2

        await until(are_admitted)
        theirs = street.other_shop.sell((street.other_shop.offer("第二家店的", 100), 1))
        ours = street.sell()[0]
        await street.nothing_waits()
        assert street.box.lines <= 1
    assert await street.steps() == dict.fromkeys([ours.order_id, theirs.order_id], "told of")


@told_by_sockets
async def test_a_push_is_believed_for_a_number_only(street: Street) -> None:
    """The order is closed by the time that we read it."""
    async with listening(street.tools):
        await street.listened_to()
        sold = street.sell()[0]
        street.shop.settle_refund(street.shop.ask_refund(sold), agree=True)
        await street.nothing_waits()
        assert await street.steps() == {sold.order_id: "told of"}
    database, tenant = street.database, street.tenant
    assert not await take_in_due(database, tenant.id, tenant.timezone)
    assert await street.count_of_orders() == 0


@told_by_sockets
async def test_two_workers_hold_one_line_and_one_takes_over(owner_url: str, street: Street) -> None:
    async with working(owner_url, street.tools):
        async with working(owner_url, street.tools):
            await street.listened_to()
            await street.all_read(*street.sell(1))
            assert street.box.lines == 1
        await street.listened_to()
        await street.all_read(*street.shop.orders.values(), *street.sell(1))
    assert street.box.lines == 0  # they said goodbye


@told_by_sockets
async def test_a_platform_that_is_away_is_called_again(street: Street) -> None:
    street.box.faults.away = True
    async with listening(street.tools):

        async def is_admitted() -> bool:
            return street.shop.shop_id in street.box.admitted

        await until(is_admitted)
        sold = street.sell(2)
        street.box.faults.away = False
        await street.nothing_waits()
        assert await street.steps() == dict.fromkeys([each.order_id for each in sold], "told of")


@pytest.mark.parametrize("street", [PINDUODUO], ids=str, indirect=True)
async def test_a_line_ends_with_its_store_and_begins_with_it(street: Street) -> None:
    async with listening(street.tools):
        await street.listened_to()
        await street.set(grant_state="lost")
        await street.listened_to(lines=0)
        await street.set(grant_state="granted")
        await street.listened_to()
        await street.set(options={})  # nobody wants it any more
        await street.listened_to(lines=0)


@pytest.mark.parametrize("street", [PINDUODUO], ids=str, indirect=True)
async def test_who_does_not_want_messages_is_neither_admitted_nor_heard(street: Street) -> None:
    await street.set(options={})
    looks = 0

    async with listening(street.tools) as streams:
        look = streams._look

        async def count() -> None:
            nonlocal looks
            await look()
            looks += 1

        streams._look = count  # type: ignore[method-assign]

        async def looked_twice() -> bool:
            return looks >= 2

        await until(looked_twice)
    assert (street.box.lines, street.box.admitted, street.platform.calls) == (0, set(), [])
