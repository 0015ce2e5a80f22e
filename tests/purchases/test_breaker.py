"""The breaker: opens on what goes wrong, lets one order try, closes when that went well."""

from uuid import UUID

import pytest
from sqlalchemy import update

from kashu.core.db import Database, Tx
from kashu.core.events import events_of
from kashu.purchases.breaker import (
    BreakTooLong,
    Late,
    close_by_hand,
    forget_placings,
    late,
    note,
    open_by_hand,
    why_break,
)
from kashu.purchases.kinds import Placing
from kashu.purchases.route import Choice, NoChoice, route
from kashu.suppliers.breaker import TRYING, breaker_of, pause_after, try_once
from kashu.suppliers.tables import offers
from tests.conftest import Tenant
from tests.purchases.buying import (
    AT,
    CLERK,
    Ground,
    later,
    make_ground,
    make_listing,
    make_offer,
    wanted,
)


@pytest.fixture
async def ground(tx: Tx, tenant: Tenant) -> Ground:
    ground = await make_ground(tx, tenant.id)
    await make_listing(tx, tenant.id, ground.sku_id, 150_000)
    return ground


@pytest.fixture
async def fulu(tx: Tx, tenant: Tenant, ground: Ground) -> UUID:
    return await make_offer(tx, tenant.id, ground.sku_id, "fulu", 100_000)


async def times(tx: Tx, tenant: Tenant, supplier_id: UUID, *outcomes: Placing) -> None:
    for n, outcome in enumerate(outcomes):
        await note(tx, tenant.id, supplier_id, outcome, 200, at=later(seconds=n))


async def happened(tx: Tx, tenant: Tenant, supplier_id: UUID) -> list[str]:
    told = await events_of(tx, tenant.id, supplier_id)
    return [event.kind for event in told if "breaker" in event.kind]


async def test_failures_in_a_row_open_it_and_it_half_opens_by_itself(
    tx: Tx, tenant: Tenant, ground: Ground, fulu: UUID
) -> None:
    await times(tx, tenant, fulu, *[Placing.UNAVAILABLE] * 4)
    assert (await breaker_of(tx, tenant.id, fulu)).breaks == 0
    await note(tx, tenant.id, fulu, Placing.UNCLEAR, 200, at=later(seconds=4))
    opened = await breaker_of(tx, tenant.id, fulu)
    assert (opened.breaks, opened.because) == (1, "failures_in_a_row")
    assert opened.broken_until == later(seconds=34)
    purchase, other = await wanted(tx, tenant.id, ground), await wanted(tx, tenant.id, ground)
    held = await route(tx, tenant.id, purchase, later(seconds=33))
    assert isinstance(held, NoChoice)
    assert held.said == "broken"
    assert isinstance(await route(tx, tenant.id, purchase, later(seconds=35)), Choice)
    held = await route(tx, tenant.id, other, later(seconds=36))
    assert isinstance(held, NoChoice)
    assert held.said == "being_tried"
    await note(tx, tenant.id, fulu, Placing.TAKEN, 200, at=later(seconds=37))
    assert (await breaker_of(tx, tenant.id, fulu)).breaks == 0
    assert isinstance(await route(tx, tenant.id, other, later(seconds=38)), Choice)
    assert await happened(tx, tenant, fulu) == [
        "supplier.breaker_opened",
        "supplier.breaker_half_opened",
        "supplier.breaker_closed",
    ]


async def test_an_order_that_tries_in_vain_doubles_the_pause(
    tx: Tx, tenant: Tenant, fulu: UUID
) -> None:
    await times(tx, tenant, fulu, *[Placing.UNAVAILABLE] * 5)
    at = later(minutes=1)
    for breaks in (2, 3, 4):
        assert await try_once(tx, tenant.id, fulu, at)
        await note(tx, tenant.id, fulu, Placing.UNAVAILABLE, 200, at=at)
        seen = await breaker_of(tx, tenant.id, fulu)
        assert (seen.breaks, seen.broken_until) == (breaks, at + pause_after(breaks))
        at += pause_after(breaks)
    assert [pause_after(n).total_seconds() for n in (1, 2, 3, 7, 60)] == [30, 60, 120, 1800, 1800]


async def test_what_was_sent_before_it_opened_tells_nothing_new(
    tx: Tx, tenant: Tenant, fulu: UUID
) -> None:
    await times(tx, tenant, fulu, *[Placing.UNAVAILABLE] * 5)
    before = await breaker_of(tx, tenant.id, fulu)
    await note(tx, tenant.id, fulu, Placing.UNAVAILABLE, 200, at=later(seconds=5))
    await note(tx, tenant.id, fulu, Placing.TAKEN, 200, at=later(seconds=5))
    assert await breaker_of(tx, tenant.id, fulu) == before


async def test_a_try_that_nobody_answers_is_given_to_another(
    tx: Tx, tenant: Tenant, fulu: UUID
) -> None:
    await times(tx, tenant, fulu, *[Placing.UNAVAILABLE] * 5)
    at = later(minutes=1)
    assert await try_once(tx, tenant.id, fulu, at)
    assert not await try_once(tx, tenant.id, fulu, at + TRYING / 2)
    assert await try_once(tx, tenant.id, fulu, at + TRYING)


async def test_a_refusal_is_an_answer(tx: Tx, tenant: Tenant, fulu: UUID) -> None:
    await times(tx, tenant, fulu, *[Placing.REFUSED] * 20)
    assert (await breaker_of(tx, tenant.id, fulu)).breaks == 0


def test_grounds_to_break() -> None:
    def seen(*outcomes: Placing, ms: int = 200) -> list[Late]:
        return [Late(AT, outcome, ms) for outcome in outcomes]

    good, bad, no = Placing.TAKEN, Placing.FAILED, Placing.REFUSED
    assert why_break(seen(*[bad] * 4)) is None
    assert why_break(seen(bad, no, bad, no, bad, bad, bad)) == "failures_in_a_row"
    assert why_break(seen(*[good, bad] * 4)) is None
    assert why_break(seen(*[good, bad] * 5)) == "failure_rate"
    assert why_break(seen(*[good, good, bad] * 5)) is None
    assert why_break(seen(*[good] * 9, ms=10_000)) is None
    assert why_break(seen(*[good] * 10, ms=10_000)) == "slow"
    assert why_break(seen(*[good] * 6) + seen(*[good] * 4, ms=10_000)) is None


async def test_old_failures_are_forgotten(tx: Tx, tenant: Tenant, fulu: UUID) -> None:
    await times(tx, tenant, fulu, *[Placing.UNAVAILABLE] * 4)
    await note(tx, tenant.id, fulu, Placing.UNAVAILABLE, 200, at=later(minutes=11))
    assert (await breaker_of(tx, tenant.id, fulu)).breaks == 0
    assert len(await late(tx, tenant.id, fulu, later(minutes=11))) == 1
    assert await forget_placings(tx, tenant.id, later(minutes=11)) == 4


async def test_a_person_opens_and_closes_it(
    tx: Tx, tenant: Tenant, ground: Ground, fulu: UUID
) -> None:
    purchase = await wanted(tx, tenant.id, ground)
    await open_by_hand(tx, tenant.id, CLERK, fulu, until=later(hours=1), at=AT)
    assert isinstance(await route(tx, tenant.id, purchase, later(minutes=59)), NoChoice)
    closed = await close_by_hand(tx, tenant.id, CLERK, fulu)
    assert (closed.breaks, closed.broken_until, closed.because) == (0, None, "")
    await tx.execute(update(offers).values(seen_at=later(minutes=59)))
    assert isinstance(await route(tx, tenant.id, purchase, later(minutes=59)), Choice)
    with pytest.raises(BreakTooLong):
        await open_by_hand(tx, tenant.id, CLERK, fulu, until=later(days=8), at=AT)
    assert (await breaker_of(tx, tenant.id, fulu)).breaks == 0


async def test_of_two_that_try_at_once_one_is_let_through(
    database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        ground = await make_ground(tx, tenant.id)
        fulu = await make_offer(tx, tenant.id, ground.sku_id, "fulu", 100_000)
        await times(tx, tenant, fulu, *[Placing.UNAVAILABLE] * 5)
    at = later(minutes=1)
    async with database.transaction(tenant.id) as first:
        assert await try_once(first, tenant.id, fulu, at)
        await first.commit()
        async with database.transaction(tenant.id) as second:
            assert not await try_once(second, tenant.id, fulu, at)
