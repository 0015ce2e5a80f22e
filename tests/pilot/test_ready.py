"""A store goes by itself when its checks are green, or when somebody says why it must."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from kashu.channels.connections import connection_of, lose_grant
from kashu.channels.kinds import Mode
from kashu.channels.reads import store_by_code
from kashu.core.events import events
from kashu.pilot.errors import NotReady, ReasonNeeded
from kashu.pilot.ready import CheckName, Pilot, change_mode, pilot_of
from tests.delivery.conftest import Trade
from tests.pilot.conftest import beside, today


async def pilot(of: Trade) -> Pilot:
    async with of.database.transaction(of.tenant.id) as tx:
        store = await store_by_code(tx, of.tenant.id, "tb")
        return await pilot_of(tx, of.tenant.id, store, today=today(of))


def green(of: Pilot) -> set[CheckName]:
    return {check.name for check in of.checks if check.ok}


async def go(of: Trade, mode: Mode, *, force: bool = False, reason: str = "") -> Mode:
    async with of.database.transaction(of.tenant.id) as tx:
        changed = await change_mode(
            tx,
            of.tenant.id,
            "staff:1",
            "tb",
            mode,
            today=today(of),
            force=force,
            reason=reason,
        )
        return changed.mode


async def mode_of(of: Trade) -> Mode:
    async with of.database.transaction(of.tenant.id) as tx:
        return (await connection_of(tx, of.tenant.id, of.store_id)).mode


async def test_checks_turn_green_one_after_another(shadow: Trade) -> None:
    assert green(await pilot(shadow)) == {
        CheckName.GRANTED,
        CheckName.STOCKED,
        CheckName.NO_TROUBLE,
    }
    item = shadow.shop.offer("芒果TV月卡", 1980)
    await shadow.map(item)
    order = shadow.shop.sell((item, 1))
    await shadow.run()
    found = await pilot(shadow)
    assert CheckName.MAPPED in green(found)
    assert found.waiting == {"shadowed": 1}
    await beside(shadow, f"订单号\n{order.order_id}\n4242\n")
    assert CheckName.COMPARED not in green(await pilot(shadow))
    await beside(shadow, f"订单号\n{order.order_id}\n")
    found = await pilot(shadow)
    assert not found.failing
    assert all(check.zh and check.en for check in found.checks)


async def test_a_store_that_is_not_ready_does_not_go_by_itself(shadow: Trade) -> None:
    with pytest.raises(NotReady) as refused:
        await go(shadow, Mode.AUTOMATIC)
    assert {each.code for each in refused.value.problems} == {"mapped", "compared"}
    assert await mode_of(shadow) is Mode.SHADOW
    with pytest.raises(ReasonNeeded):
        await go(shadow, Mode.AUTOMATIC, force=True, reason="  ")
    assert await mode_of(shadow) is Mode.SHADOW
    assert await go(shadow, Mode.AUTOMATIC, force=True, reason="老板同意") is Mode.AUTOMATIC
    async with shadow.database.transaction(shadow.tenant.id) as tx:
        forced = select(events.c.actor, events.c.facts).where(events.c.kind == "store.forced")
        (row,) = (await tx.execute(forced)).all()
    assert row.actor == "staff:1"
    assert row.facts == {"reason": "老板同意", "failing": ["mapped", "compared"]}


async def test_an_old_comparison_or_trouble_keeps_it_back(shadow: Trade) -> None:
    item = shadow.shop.offer("芒果TV月卡", 1980)
    await shadow.map(item)
    order = shadow.shop.sell((item, 1))
    await shadow.run()
    day = today(shadow) - timedelta(days=2)
    await beside(shadow, f"订单号\n{order.order_id}\n", day)
    with pytest.raises(NotReady):
        await go(shadow, Mode.AUTOMATIC)
    assert await go(shadow, Mode.ASSISTED) is Mode.ASSISTED  # a person looks at each: no check
    await beside(shadow, f"订单号\n{order.order_id}\n")
    assert await go(shadow, Mode.AUTOMATIC) is Mode.AUTOMATIC


async def test_a_stop_is_never_refused_and_a_store_without_a_pilot_starts_again(
    trade: Trade,
) -> None:
    assert await go(trade, Mode.STOPPED) is Mode.STOPPED
    assert await go(trade, Mode.AUTOMATIC) is Mode.AUTOMATIC
    await go(trade, Mode.STOPPED)
    async with trade.database.transaction(trade.tenant.id) as tx:
        connection = await connection_of(tx, trade.tenant.id, trade.store_id)
        await lose_grant(tx, trade.tenant.id, connection, "lost")
    with pytest.raises(NotReady):
        await go(trade, Mode.AUTOMATIC)
    assert await mode_of(trade) is Mode.STOPPED


async def test_a_pilot_is_over_once_the_store_goes_by_itself(shadow: Trade) -> None:
    assert (await pilot(shadow)).shadow_from is not None
    await go(shadow, Mode.STOPPED)
    with pytest.raises(NotReady):  # a stop between doesn't get around the checks
        await go(shadow, Mode.AUTOMATIC)
    await go(shadow, Mode.AUTOMATIC, force=True, reason="试")
    assert (await pilot(shadow)).shadow_from is None
    await go(shadow, Mode.STOPPED)
    assert await go(shadow, Mode.AUTOMATIC) is Mode.AUTOMATIC
