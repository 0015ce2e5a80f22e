from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from kashu.access.keyring import Keyrings, rotate_data_key
from kashu.core.clock import now
from kashu.core.db import Tx
from kashu.core.ids import new_id
from kashu.core.secrets import SealBroken
from kashu.stock.errors import CardsPromised, RevealBurns, RevealQuotaUsed, UnknownCards
from kashu.stock.reveal import Quota, Revealed, reveal, reveal_cards
from kashu.stock.secret import CardSecret
from kashu.stock.tables import allocations, cards, lots, moves, reservations, reveals
from tests.conftest import MASTERS, Tenant
from tests.stock.builders import assert_sound, counters, give, make_sku, put_cards, states


async def reveal_count(tx: Tx) -> int:
    count: int = (await tx.execute(select(func.count()).select_from(reveals))).scalar_one()
    return count


async def open_lines(
    tx: Tx, tenant: Tenant, keyrings: Keyrings, *line_ids: UUID, quota: Quota | None = None
) -> list[Revealed]:
    return await reveal(
        tx,
        tenant.id,
        "key:1",
        line_ids=line_ids,
        reason="delivered",
        recipient="buyer 7",
        keyrings=keyrings,
        quota=quota,
    )


async def open_cards(
    tx: Tx,
    tenant: Tenant,
    keyrings: Keyrings,
    *card_ids: UUID,
    burn: bool = False,
    quota: Quota | None = None,
) -> list[Revealed]:
    return await reveal_cards(
        tx,
        tenant.id,
        "staff:1",
        card_ids=card_ids,
        reason="buyer says it fails",
        recipient="staff:1",
        keyrings=keyrings,
        quota=quota,
        burn=burn,
    )


async def test_a_line_sees_its_cards_in_the_order_given(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 3, sku_id=sku_id, keyrings=keyrings)
    line_id, held = await give(tx, tenant.id, sku_id, 2)

    seen = await open_lines(tx, tenant, keyrings, line_id)

    assert seen == [
        Revealed(card_id, line_id, sku_id, lot.id, CardSecret(number, f"pw-{number}", ""))
        for card_id, number in zip(held, lot.numbers[:2], strict=True)
    ]
    assert await states(tx, tenant.id, held) == ["revealed"] * 2
    assert await counters(tx, tenant.id, lot.id) == {"available": 1, "revealed": 2}
    assert all(number not in repr(seen) for number in lot.numbers)
    await assert_sound(tx, tenant.id)


async def test_who_saw_it_when_and_why_is_written_down(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    await put_cards(tx, tenant.id, 1, sku_id=sku_id, keyrings=keyrings)
    line_id, [card_id] = await give(tx, tenant.id, sku_id, 1)
    await open_lines(tx, tenant, keyrings, line_id)
    row = (await tx.execute(select(reveals))).one()
    assert (row.card_id, row.line_id, row.actor, row.reason, row.recipient) == (
        card_id,
        line_id,
        "key:1",
        "delivered",
        "buyer 7",
    )
    given = (await tx.execute(select(allocations.c.revealed_at))).scalar_one()
    assert given == row.at


async def test_a_line_sees_the_same_cards_again_and_it_is_written_down_again(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 1, sku_id=sku_id, keyrings=keyrings)
    line_id, _ = await give(tx, tenant.id, sku_id, 1)
    first = await open_lines(tx, tenant, keyrings, line_id)
    assert await open_lines(tx, tenant, keyrings, line_id) == first
    assert await reveal_count(tx) == 2
    assert await counters(tx, tenant.id, lot.id) == {"revealed": 1}


async def test_a_line_without_cards_sees_nothing(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    assert await open_lines(tx, tenant, keyrings, new_id()) == []


async def test_another_merchants_line_shows_nothing(
    tx: Tx, tenant: Tenant, other_tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 1, sku_id=sku_id, keyrings=keyrings)
    line_id, [card_id] = await give(tx, tenant.id, sku_id, 1)
    assert await open_lines(tx, other_tenant, keyrings, line_id) == []
    with pytest.raises(UnknownCards):
        await open_cards(tx, other_tenant, keyrings, card_id)
    assert await reveal_count(tx) == 0
    assert await counters(tx, tenant.id, lot.id) == {"allocated": 1}


async def test_cards_sealed_under_an_earlier_key_still_open(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id, line_id = await make_sku(tx, tenant.id), new_id()
    old = await put_cards(tx, tenant.id, 1, sku_id=sku_id, keyrings=keyrings)
    await rotate_data_key(tx, tenant.id, MASTERS)
    new = await put_cards(tx, tenant.id, 1, sku_id=sku_id, keyrings=Keyrings(MASTERS))
    await give(tx, tenant.id, sku_id, 2, line_id)
    seen = await open_lines(tx, tenant, keyrings, line_id)
    assert [card.secret.number for card in seen] == [*old.numbers, *new.numbers]


async def test_a_sealed_text_moved_to_another_card_does_not_open(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 2, sku_id=sku_id, keyrings=keyrings)
    other = select(cards.c.sealed).where(cards.c.id == lot.card_ids[1]).scalar_subquery()
    await tx.execute(update(cards).where(cards.c.id == lot.card_ids[0]).values(sealed=other))
    line_id, _ = await give(tx, tenant.id, sku_id, 1)
    with pytest.raises(SealBroken):
        await open_lines(tx, tenant, keyrings, line_id)


async def test_over_the_quota_of_the_day_nothing_is_shown(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 3, sku_id=sku_id, keyrings=keyrings)
    small, _ = await give(tx, tenant.id, sku_id, 1)
    large, held = await give(tx, tenant.id, sku_id, 2)
    today = Quota(2, since=now() - timedelta(hours=1))
    await open_lines(tx, tenant, keyrings, small, quota=today)
    with pytest.raises(RevealQuotaUsed) as refused:
        await open_lines(tx, tenant, keyrings, large, quota=today)
    assert refused.value.facts == {"quota": 2, "used": 1}
    assert await reveal_count(tx) == 1
    assert await states(tx, tenant.id, held) == ["allocated"] * 2
    assert await counters(tx, tenant.id, lot.id) == {"allocated": 2, "revealed": 1}
    assert len(await open_lines(tx, tenant, keyrings, small, quota=today)) == 1
    tomorrow = Quota(2, since=now() + timedelta(hours=1))
    assert len(await open_lines(tx, tenant, keyrings, large, quota=tomorrow)) == 2


async def test_a_quota_is_each_persons_own(tx: Tx, tenant: Tenant, keyrings: Keyrings) -> None:
    sku_id = await make_sku(tx, tenant.id)
    await put_cards(tx, tenant.id, 1, sku_id=sku_id, keyrings=keyrings)
    line_id, [card_id] = await give(tx, tenant.id, sku_id, 1)
    quota = Quota(1, since=now() - timedelta(hours=1))
    await open_lines(tx, tenant, keyrings, line_id, quota=quota)
    assert len(await open_cards(tx, tenant, keyrings, card_id, quota=quota)) == 1
    with pytest.raises(RevealQuotaUsed):
        await open_cards(tx, tenant, keyrings, card_id, quota=quota)
    assert await reveal_count(tx) == 2


async def test_checking_a_card_in_stock_must_be_asked_for_and_burns_it(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 2, sku_id=sku_id, keyrings=keyrings)
    card_id = lot.card_ids[0]
    with pytest.raises(RevealBurns):
        await open_cards(tx, tenant, keyrings, card_id)
    assert await reveal_count(tx) == 0
    assert await counters(tx, tenant.id, lot.id) == {"available": 2}

    [seen] = await open_cards(tx, tenant, keyrings, card_id, burn=True)

    assert (seen.secret.number, seen.line_id) == (lot.numbers[0], None)
    assert await states(tx, tenant.id, lot.card_ids) == ["quarantined", "available"]
    assert await counters(tx, tenant.id, lot.id) == {"available": 1, "quarantined": 1}
    row = (await tx.execute(select(moves))).one()
    assert (row.card_id, row.from_state, row.to_state) == (card_id, "available", "quarantined")
    await assert_sound(tx, tenant.id)
    _, held = await give(tx, tenant.id, sku_id, 1)
    assert held == lot.card_ids[1:]


async def test_staff_see_a_sold_card_for_its_line_and_a_burnt_one_again(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 2, sku_id=sku_id, keyrings=keyrings)
    line_id, [sold] = await give(tx, tenant.id, sku_id, 1)
    burnt = lot.card_ids[1]
    for _ in range(2):
        seen = await open_cards(tx, tenant, keyrings, sold, burnt, burn=True)
        assert [(card.card_id, card.line_id) for card in seen] == [(sold, line_id), (burnt, None)]
        assert await counters(tx, tenant.id, lot.id) == {"revealed": 1, "quarantined": 1}
    await assert_sound(tx, tenant.id)
    assert await reveal_count(tx) == 4


async def test_a_promised_card_is_not_opened(tx: Tx, tenant: Tenant, keyrings: Keyrings) -> None:
    sku_id, reservation_id = await make_sku(tx, tenant.id), new_id()
    lot = await put_cards(tx, tenant.id, 1, sku_id=sku_id, keyrings=keyrings)
    await tx.execute(
        reservations.insert().values(
            tenant_id=tenant.id,
            id=reservation_id,
            sku_id=sku_id,
            quantity=1,
            reason="quote",
            actor="s",
            until_at=now(),
        )
    )
    await tx.execute(update(cards).values(state="reserved", reservation_id=reservation_id))
    await tx.execute(update(lots).values(available=0, reserved=1))
    with pytest.raises(CardsPromised):
        await open_cards(tx, tenant, keyrings, *lot.card_ids, burn=True)
    assert await reveal_count(tx) == 0
    assert await states(tx, tenant.id, lot.card_ids) == ["reserved"]


async def test_a_shared_card_can_be_checked_without_burning_it(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id, fulfilment="shared")
    lot = await put_cards(tx, tenant.id, 1, sku_id=sku_id, max_uses=5, keyrings=keyrings)
    line_id, _ = await give(tx, tenant.id, sku_id, 2)
    assert len(await open_cards(tx, tenant, keyrings, *lot.card_ids)) == 1
    assert await counters(tx, tenant.id, lot.id) == {"available": 3, "allocated": 2}
    assert len(await open_lines(tx, tenant, keyrings, line_id)) == 2
    assert await counters(tx, tenant.id, lot.id) == {"available": 3, "revealed": 2}
    await assert_sound(tx, tenant.id)
