from datetime import timedelta

import pytest

from kashu.access.keyring import Keyrings
from kashu.core.clock import SHANGHAI, day_bounds
from kashu.core.db import Tx
from kashu.stock.errors import UnknownCards
from kashu.stock.freeze import freeze
from kashu.stock.lots_listed import Wanted, lots_page
from kashu.stock.reads import (
    card_history,
    cards_by_tail,
    cards_by_value,
    cards_of_lines,
    cards_of_lot,
    overview,
)
from kashu.stock.recall import recall
from kashu.stock.release import release
from kashu.stock.reveal import reveal
from kashu.stock.transfer import transfer
from kashu.stock.void import void
from tests.conftest import Tenant
from tests.stock.builders import TODAY, give, make_sku, make_warehouse, put_cards

NUMBERS = ["4000-1111-2222-3456", "4000-1111-2222-9956", "12345678", "AB3456"]


async def test_a_card_is_found_by_its_whole_number_however_it_is_typed(
    tx: Tx, tenant: Tenant, other_tenant: Tenant, keyrings: Keyrings
) -> None:
    skus = [await make_sku(tx, tenant.id, code) for code in ("a", "b")]
    lots = [
        await put_cards(tx, tenant.id, 4, sku_id=sku_id, numbers=NUMBERS, keyrings=keyrings)
        for sku_id in skus
    ]
    keyring = await keyrings.of(tx, tenant.id)
    for typed in ("12345678", " 12345678\n", "１２３４５６７８"):
        found = await cards_by_value(tx, tenant.id, keyring, typed)
        assert {card.id for card in found} == {lot.card_ids[2] for lot in lots}
        assert {card.tail for card in found} == {"78"}
    assert await cards_by_value(tx, tenant.id, keyring, "1234567") == []
    assert await cards_by_value(tx, other_tenant.id, keyring, "12345678") == []


async def test_a_card_is_found_by_what_its_mask_shows(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 4, sku_id=sku_id, numbers=NUMBERS, keyrings=keyrings)
    assert [card.id for card in await cards_by_tail(tx, tenant.id, "3456")] == [lot.card_ids[0]]
    assert [card.id for card in await cards_by_tail(tx, tenant.id, "5678")] == [lot.card_ids[2]]
    assert await cards_by_tail(tx, tenant.id, "6") == []
    assert await cards_by_tail(tx, tenant.id, "") == []


async def test_the_cards_of_a_line_and_of_a_lot_are_shown_with_where_they_are(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 3, sku_id=sku_id, keyrings=keyrings)
    line_id, held = await give(tx, tenant.id, sku_id, 2)
    shown = await cards_of_lines(tx, tenant.id, [line_id])
    assert [(card.id, card.state, card.line_id) for card in shown] == [
        (card_id, "allocated", line_id) for card_id in held
    ]
    first, second = await cards_of_lot(tx, tenant.id, lot.id, limit=2)
    [third] = await cards_of_lot(tx, tenant.id, lot.id, after=second.id)
    assert [first.id, second.id, third.id] == lot.card_ids
    assert (third.state, third.line_id, third.warehouse_id) == (
        "available",
        None,
        lot.warehouse_id,
    )
    assert await cards_of_lot(tx, tenant.id, lot.id, state="void") == []


async def test_a_card_tells_all_that_happened_to_it(
    tx: Tx, tenant: Tenant, other_tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id, far_id = await make_sku(tx, tenant.id), await make_warehouse(tx, tenant.id, "far")
    lot = await put_cards(tx, tenant.id, 1, sku_id=sku_id, keyrings=keyrings)
    [card_id] = lot.card_ids
    await transfer(
        tx,
        tenant.id,
        "staff:1",
        lot_id=lot.id,
        to_warehouse_id=far_id,
        count=1,
        reason="shop",
        today=TODAY,
    )
    line_id, _ = await give(tx, tenant.id, sku_id, 1)
    await reveal(
        tx, tenant.id, "key:1", line_ids=[line_id], reason="r", recipient="b", keyrings=keyrings
    )
    await release(tx, tenant.id, "staff:2", line_units=[(line_id, 1)], because="refund")
    await void(tx, tenant.id, "staff:3", card_ids=[card_id], reason="dead", today=TODAY)

    told = await card_history(tx, tenant.id, card_id)

    kinds = [step.kind for step in told]
    assert sorted(kinds) == sorted(
        ["received", "moved", "allocated", "revealed", "released", "moved", "moved"]
    )
    assert (kinds[0], told[0].lot_id) == ("received", lot.id)
    moves = [step for step in told if step.kind == "moved"]
    assert [(step.facts["from"], step.facts["to"], step.actor) for step in moves] == [
        ("available", "available", "staff:1"),
        ("revealed", "quarantined", "staff:2"),
        ("quarantined", "void", "staff:3"),
    ]
    given = next(step for step in told if step.kind == "allocated")
    assert (given.line_id, given.facts["decided_by"]) == (line_id, "only_one")
    with pytest.raises(UnknownCards):
        await card_history(tx, other_tenant.id, card_id)


async def test_a_recall_lists_who_holds_cards_of_a_lot(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    lot = await put_cards(tx, tenant.id, 4, sku_id=sku_id, keyrings=keyrings)
    seen, [seen_card] = await give(tx, tenant.id, sku_id, 1)
    unseen, [unseen_card] = await give(tx, tenant.id, sku_id, 1)
    gone, _ = await give(tx, tenant.id, sku_id, 1)
    await release(tx, tenant.id, "s", line_units=[(gone, 1)], because="refund")
    await reveal(tx, tenant.id, "k", line_ids=[seen], reason="r", recipient="b", keyrings=keyrings)
    await freeze(tx, tenant.id, "s", lot_ids=[lot.id], reason="recall")
    holders = await recall(tx, tenant.id, lot_ids=[lot.id])
    assert [(h.line_id, h.card_id, h.revealed_at is not None) for h in holders] == [
        (seen, seen_card, True),
        (unseen, unseen_card, False),
    ]


async def test_lots_come_by_page_with_their_buckets(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    days = [None, -1, 0, 1, 2, 7, 14, 30, 60, 61]
    begins, _ = day_bounds(TODAY - timedelta(45))
    for left in days:
        await put_cards(
            tx,
            tenant.id,
            1,
            sku_id=sku_id,
            expires_on=None if left is None else TODAY + timedelta(left),
            received_at=begins,
            keyrings=keyrings,
        )
    page = await lots_page(tx, tenant.id, Wanted(), limit=6, today=TODAY, timezone=SHANGHAI)
    rest = await lots_page(
        tx, tenant.id, Wanted(), limit=6, before=page[-1].id, today=TODAY, timezone=SHANGHAI
    )
    assert [lot.expiry for lot in reversed([*page, *rest])] == [
        "none",
        "expired",
        "within_1",
        "within_1",
        "within_7",
        "within_7",
        "within_14",
        "within_30",
        "within_60",
        "later",
    ]
    assert {lot.age_days for lot in page} == {45}
    [held] = await overview(tx, tenant.id, today=TODAY, timezone=SHANGHAI)
    assert (held.lots, held.available, held.cost_e4) == (10, 10, 1_000_000)
    assert held.by_expiry == {
        "expired": 1,
        "within_1": 2,
        "within_7": 2,
        "within_14": 1,
        "within_30": 1,
        "within_60": 1,
        "later": 1,
        "none": 1,
    }
    assert held.by_age == {"up_to_30": 0, "up_to_60": 10, "up_to_90": 0, "older": 0}
