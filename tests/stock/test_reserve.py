from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from kashu.access.keyring import Keyrings
from kashu.core.db import Tx
from kashu.core.ids import new_id
from kashu.stock.reserve import (
    ReservationEnded,
    ReservationShort,
    ReservationWrong,
    Reserved,
    UnknownReservation,
    extend_reservation,
    release_reservation,
    reserve,
)
from kashu.stock.strategy import FEFO
from kashu.stock.tables import moves, reservations
from tests.conftest import Tenant
from tests.stock.builders import (
    TODAY,
    assert_sound,
    counters,
    give,
    make_sku,
    put_cards,
    replenished,
    states,
)

NOW = datetime(2026, 6, 15, 4, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)


async def promise(
    tx: Tx, tenant: Tenant, sku_id: UUID, quantity: int, until_at: datetime = TOMORROW
) -> Reserved:
    return await reserve(
        tx,
        tenant.id,
        "staff:1",
        sku_id=sku_id,
        quantity=quantity,
        until_at=until_at,
        strategy=FEFO,
        reason="quote Q7",
        now=NOW,
        today=TODAY,
    )


async def test_what_is_promised_is_not_given_to_others(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    late = await put_cards(tx, tenant.id, 2, sku_id=sku_id, keyrings=keyrings)
    soon = await put_cards(
        tx, tenant.id, 2, sku_id=sku_id, expires_on=TODAY + timedelta(9), keyrings=keyrings
    )

    made = await promise(tx, tenant, sku_id, 3)

    assert {(lot.lot_id, lot.count) for lot in made.lots} == {(soon.id, 2), (late.id, 1)}
    assert await counters(tx, tenant.id, late.id) == {"available": 1, "reserved": 1}
    await assert_sound(tx, tenant.id)
    _, held = await give(tx, tenant.id, sku_id, 1)
    assert held == late.card_ids[1:]
    row = (await tx.execute(select(moves).limit(1))).one()
    assert (row.actor, row.reason, row.from_state, row.to_state) == (
        "staff:1",
        "quote Q7",
        "available",
        "reserved",
    )


async def test_more_than_there_is_cannot_be_promised(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 2, sku_id=sku_id, keyrings=keyrings)
    await put_cards(
        tx, tenant.id, 5, sku_id=sku_id, expires_on=TODAY - timedelta(1), keyrings=keyrings
    )
    with pytest.raises(ReservationShort) as refused:
        await promise(tx, tenant, sku_id, 3)
    assert refused.value.facts == {"available": 2, "quantity": 3}
    assert await counters(tx, tenant.id, lot.id) == {"available": 2}
    assert (await tx.execute(select(func.count()).select_from(reservations))).scalar_one() == 0


async def test_a_shared_card_cannot_be_promised(tx: Tx, tenant: Tenant, keyrings: Keyrings) -> None:
    sku_id = await make_sku(tx, tenant.id, fulfilment="shared")
    lot = await put_cards(tx, tenant.id, 1, sku_id=sku_id, max_uses=9, keyrings=keyrings)
    with pytest.raises(ReservationShort):
        await promise(tx, tenant, sku_id, 1)
    assert await counters(tx, tenant.id, lot.id) == {"available": 9}


@pytest.mark.parametrize(("quantity", "until_at"), [(0, TOMORROW), (10_001, TOMORROW), (1, NOW)])
async def test_a_promise_of_nothing_of_too_much_or_for_the_past_is_refused(
    tx: Tx, tenant: Tenant, keyrings: Keyrings, quantity: int, until_at: datetime
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 1, sku_id=sku_id, keyrings=keyrings)
    with pytest.raises(ReservationWrong):
        await promise(tx, tenant, sku_id, quantity, until_at)
    assert await counters(tx, tenant.id, lot.id) == {"available": 1}


async def test_what_a_released_promise_kept_is_given_next_and_wakes_the_short(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 4, sku_id=sku_id, keyrings=keyrings)
    made = await promise(tx, tenant, sku_id, 2)
    assert not await replenished(tx, tenant.id, sku_id)

    back = await release_reservation(tx, tenant.id, "s", made.id, because="quote refused")

    assert [(of.lot_id, of.count) for of in back] == [(lot.id, 2)]
    assert await counters(tx, tenant.id, lot.id) == {"available": 4}
    assert await replenished(tx, tenant.id, sku_id)
    await assert_sound(tx, tenant.id)
    _, held = await give(tx, tenant.id, sku_id, 3)
    assert held == lot.card_ids[:3]


async def test_a_promise_that_has_ended_cannot_be_released_or_extended(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 1, sku_id=sku_id, keyrings=keyrings)
    made = await promise(tx, tenant, sku_id, 1)
    await release_reservation(tx, tenant.id, "s", made.id, because="done")
    with pytest.raises(ReservationEnded):
        await release_reservation(tx, tenant.id, "s", made.id, because="again")
    with pytest.raises(ReservationEnded):
        await extend_reservation(tx, tenant.id, "s", made.id, until_at=TOMORROW, now=NOW)
    with pytest.raises(UnknownReservation):
        await release_reservation(tx, tenant.id, "s", new_id(), because="none")
    assert await counters(tx, tenant.id, lot.id) == {"available": 1}
    assert await states(tx, tenant.id, lot.card_ids) == ["available"]


async def test_a_promise_whose_time_was_extended_is_not_due(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 1, sku_id=sku_id, keyrings=keyrings)
    made = await promise(tx, tenant, sku_id, 1)
    later = TOMORROW + timedelta(days=1)
    await extend_reservation(tx, tenant.id, "s", made.id, until_at=later, now=NOW)
    with pytest.raises(ReservationEnded):
        await release_reservation(tx, tenant.id, "s", made.id, because="ran out", due_at=TOMORROW)
    assert await counters(tx, tenant.id, lot.id) == {"reserved": 1}
    await release_reservation(tx, tenant.id, "s", made.id, because="ran out", due_at=later)
    assert await counters(tx, tenant.id, lot.id) == {"available": 1}


async def test_another_merchants_promise_is_not_there(
    tx: Tx, tenant: Tenant, other_tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 1, sku_id=sku_id, keyrings=keyrings)
    made = await promise(tx, tenant, sku_id, 1)
    with pytest.raises(UnknownReservation):
        await release_reservation(tx, other_tenant.id, "s", made.id, because="mine")
    assert await counters(tx, tenant.id, lot.id) == {"reserved": 1}
