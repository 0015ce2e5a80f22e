from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from kashu.access.keyring import Keyrings
from kashu.catalog.errors import UnknownSku
from kashu.core.db import Tx
from kashu.core.ids import new_id
from kashu.stock.freeze import freeze
from kashu.stock.levels import (
    LevelsWrong,
    look_at_expiry,
    look_at_levels,
    set_levels,
    standing_alerts,
)
from kashu.stock.tables import levels
from kashu.stock.void import void
from tests.conftest import Tenant
from tests.stock.builders import TODAY, give, make_sku, put_cards


async def standing(tx: Tx, tenant: Tenant) -> set[tuple[str, int | None]]:
    return {(alert.kind, alert.days) for alert in await standing_alerts(tx, tenant.id)}


async def look(tx: Tx, tenant: Tenant) -> list[tuple[str, str]]:
    changed = await look_at_levels(tx, tenant.id, TODAY)
    return sorted((alert.kind, alert.state) for alert in changed)


async def watched(tx: Tx, tenant: Tenant) -> UUID:
    sku_id = await make_sku(tx, tenant.id)
    await set_levels(tx, tenant.id, "s", sku_id, low=2, enough=5)
    return sku_id


async def test_an_alert_comes_at_low_and_goes_only_at_enough(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await watched(tx, tenant)
    await put_cards(tx, tenant.id, 3, sku_id=sku_id, keyrings=keyrings)
    assert await look(tx, tenant) == []
    await give(tx, tenant.id, sku_id, 1)
    assert await look(tx, tenant) == [("low", "raised")]
    assert await look(tx, tenant) == []
    [alert] = await standing_alerts(tx, tenant.id)
    assert alert.facts == {"available": 2, "low": 2, "enough": 5, "unit": "card"}
    await put_cards(tx, tenant.id, 2, sku_id=sku_id, keyrings=keyrings)
    assert await look(tx, tenant) == []
    assert await standing(tx, tenant) == {("low", None)}
    await put_cards(tx, tenant.id, 1, sku_id=sku_id, keyrings=keyrings)
    assert await look(tx, tenant) == [("low", "cleared")]
    assert await standing(tx, tenant) == set()


async def test_out_is_told_besides_low_and_clears_itself_when_there_is_stock(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await watched(tx, tenant)
    assert await look(tx, tenant) == [("low", "raised"), ("out", "raised")]
    await put_cards(tx, tenant.id, 1, sku_id=sku_id, keyrings=keyrings)
    assert await look(tx, tenant) == [("out", "cleared")]
    assert await standing(tx, tenant) == {("low", None)}


async def test_stock_that_cannot_be_given_does_not_count(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await watched(tx, tenant)
    lot = await put_cards(tx, tenant.id, 9, sku_id=sku_id, keyrings=keyrings)
    await put_cards(
        tx, tenant.id, 9, sku_id=sku_id, expires_on=TODAY - timedelta(1), keyrings=keyrings
    )
    assert await look(tx, tenant) == []
    await freeze(tx, tenant.id, "s", lot_ids=[lot.id], reason="recall")
    assert await look(tx, tenant) == [("low", "raised"), ("out", "raised")]


async def test_without_thresholds_there_are_no_alerts(tx: Tx, tenant: Tenant) -> None:
    sku_id = await watched(tx, tenant)
    assert len(await look(tx, tenant)) == 2
    await set_levels(tx, tenant.id, "s", sku_id, low=None, enough=None)
    assert await look(tx, tenant) == [("low", "cleared"), ("out", "cleared")]


@pytest.mark.parametrize(
    ("low", "enough"), [(-1, 5), (5, 5), (6, 5), (None, 5), (5, None), (0, 10**10)]
)
async def test_thresholds_without_a_gap_are_refused(
    tx: Tx, tenant: Tenant, low: int | None, enough: int | None
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    with pytest.raises(LevelsWrong):
        await set_levels(tx, tenant.id, "s", sku_id, low=low, enough=enough)
    with pytest.raises(UnknownSku):
        await set_levels(tx, tenant.id, "s", new_id(), low=1, enough=5)
    assert (await tx.execute(select(levels))).all() == []


async def test_a_lot_is_told_about_at_each_threshold_and_until_its_cards_are_gone(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    expiry = TODAY + timedelta(61)
    lot = await put_cards(tx, tenant.id, 2, sku_id=sku_id, expires_on=expiry, keyrings=keyrings)
    await put_cards(tx, tenant.id, 2, sku_id=sku_id, keyrings=keyrings)
    told = []
    for days_left in (61, 60, 59, 30, 15, 14, 7, 2, 1, 0, -5):
        changed = await look_at_expiry(tx, tenant.id, expiry - timedelta(days_left))
        told.append(
            (days_left, sorted((alert.state, alert.days) for alert in changed if alert.days))
        )
    assert [(left, changed) for left, changed in told if changed] == [
        (60, [("raised", 60)]),
        (30, [("cleared", 60), ("raised", 30)]),
        (14, [("cleared", 30), ("raised", 14)]),
        (7, [("cleared", 14), ("raised", 7)]),
        (1, [("cleared", 7), ("raised", 1)]),
    ]
    [alert] = await standing_alerts(tx, tenant.id)
    assert alert.lot_id == lot.id
    assert alert.facts == {"count": 2, "unit": "card", "expires_on": expiry.isoformat()}
    await void(tx, tenant.id, "s", lot_ids=[lot.id], reason="expired", today=expiry + timedelta(1))
    [gone] = await look_at_expiry(tx, tenant.id, expiry + timedelta(1))
    assert (gone.state, gone.days) == ("cleared", 1)
    assert await standing(tx, tenant) == set()
