from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from kashu.access.keyring import Keyrings
from kashu.catalog.errors import UnknownSku
from kashu.core.db import Tx
from kashu.core.events import events
from kashu.core.ids import new_id
from kashu.stock.freeze import freeze, unfreeze
from kashu.stock.levels import (
    Level,
    LevelsWrong,
    levels_set,
    look_at_expiry,
    look_at_levels,
    set_levels,
    standing_alerts,
)
from kashu.stock.tables import levels
from kashu.stock.void import void
from kashu.stock.warehouses import UnknownWarehouse
from tests.conftest import Tenant
from tests.stock.builders import TODAY, give, make_sku, make_warehouse, put_cards

NOON = datetime(2026, 6, 15, 4, tzinfo=UTC)


async def standing(tx: Tx, tenant: Tenant) -> set[tuple[str, int | None]]:
    return {(alert.kind, alert.days) for alert in await standing_alerts(tx, tenant.id)}


async def look(tx: Tx, tenant: Tenant) -> list[tuple[str, str]]:
    changed = await look_at_levels(tx, tenant.id, TODAY, NOON)
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
    with pytest.raises(LevelsWrong):
        await set_levels(tx, tenant.id, "s", sku_id, low=1, enough=5, quiet_hours=721)
    with pytest.raises(UnknownSku):
        await set_levels(tx, tenant.id, "s", new_id(), low=1, enough=5)
    assert (await tx.execute(select(levels))).all() == []


async def test_what_a_warehouse_has_is_told_apart_from_what_there_is(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await watched(tx, tenant)
    near, far = [await make_warehouse(tx, tenant.id, code) for code in ("near", "far")]
    for place in (near, far):
        await put_cards(tx, tenant.id, 3, sku_id=sku_id, warehouse_id=place, keyrings=keyrings)
    await set_levels(tx, tenant.id, "s", sku_id, low=3, enough=5, warehouse_id=far)
    changed = await look_at_levels(tx, tenant.id, TODAY, NOON)
    assert [(it.kind, it.warehouse_id, it.facts["available"]) for it in changed] == [
        ("low", far, 3)
    ]
    [alert] = await standing_alerts(tx, tenant.id)
    assert alert.warehouse_id == far
    await put_cards(tx, tenant.id, 1, sku_id=sku_id, warehouse_id=far, keyrings=keyrings)
    await put_cards(tx, tenant.id, 9, sku_id=sku_id, warehouse_id=near, keyrings=keyrings)
    assert await look(tx, tenant) == []
    await put_cards(tx, tenant.id, 1, sku_id=sku_id, warehouse_id=far, keyrings=keyrings)
    assert await look(tx, tenant) == [("low", "cleared")]


async def test_levels_of_a_warehouse_are_changed_and_taken_away(
    tx: Tx, tenant: Tenant, other_tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await watched(tx, tenant)
    place = await make_warehouse(tx, tenant.id, "near")
    await put_cards(tx, tenant.id, 4, sku_id=sku_id, warehouse_id=place, keyrings=keyrings)
    for low in (1, 4):
        await set_levels(
            tx, tenant.id, "s", sku_id, low=low, enough=9, quiet_hours=2, warehouse_id=place
        )
    assert await levels_set(tx, tenant.id, today=TODAY, sku_id=new_id()) == []
    assert await levels_set(tx, tenant.id, today=TODAY) == [
        Level(sku_id, None, 2, 5, 0, 4, "card"),
        Level(sku_id, place, 4, 9, 2, 4, "card"),
    ]
    assert await look(tx, tenant) == [("low", "raised")]
    await set_levels(tx, tenant.id, "s", sku_id, low=None, enough=None, warehouse_id=place)
    assert await look(tx, tenant) == [("low", "cleared")]
    assert len(await levels_set(tx, tenant.id, today=TODAY)) == 1
    with pytest.raises(UnknownWarehouse):
        await set_levels(tx, tenant.id, "s", sku_id, low=1, enough=2, warehouse_id=new_id())
    with pytest.raises(UnknownSku):
        await set_levels(tx, other_tenant.id, "s", sku_id, low=1, enough=2, warehouse_id=place)
    assert len(await levels_set(tx, tenant.id, today=TODAY)) == 1


async def told(tx: Tx, tenant: Tenant) -> list[str]:
    """What was told of alerts so far, in order."""
    kinds = select(events.c.kind, events.c.facts).where(events.c.tenant_id == tenant.id)
    kinds = kinds.where(events.c.kind.startswith("alert."))
    rows = await tx.execute(kinds.order_by(events.c.id))
    return [f"{row.kind} {row.facts['kind']}" for row in rows]


async def test_an_alert_that_comes_again_in_its_quiet_hours_stands_untold(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    await set_levels(tx, tenant.id, "s", sku_id, low=0, enough=1, quiet_hours=4)
    lot = await put_cards(tx, tenant.id, 3, sku_id=sku_id, keyrings=keyrings)

    async def at(minutes: int, *, frozen: bool) -> set[str]:
        verb = freeze if frozen else unfreeze
        await verb(tx, tenant.id, "s", lot_ids=[lot.id], reason="r")
        await look_at_levels(tx, tenant.id, TODAY, NOON + timedelta(minutes=minutes))
        return {alert.kind for alert in await standing_alerts(tx, tenant.id)}

    both = {"low", "out"}
    once = ["alert.raised low", "alert.raised out", "alert.cleared low", "alert.cleared out"]
    assert await at(0, frozen=True) == both
    assert await at(5, frozen=False) == set()
    assert sorted(await told(tx, tenant)) == sorted(once)
    assert await at(10, frozen=True) == both  # the list is true at once
    assert await at(15, frozen=False) == set()
    assert await at(200, frozen=True) == both
    assert await at(239, frozen=True) == both
    assert len(await told(tx, tenant)) == 4  # and silent
    assert await at(240, frozen=True) == both  # the four hours are over, and it is still so
    assert sorted((await told(tx, tenant))[4:]) == once[:2]
    assert await at(241, frozen=True) == both
    assert len(await told(tx, tenant)) == 6
    assert await at(242, frozen=False) == set()
    assert sorted((await told(tx, tenant))[6:]) == once[2:]


async def test_an_alert_of_a_shared_card_counts_uses(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id, fulfilment="shared")
    await set_levels(tx, tenant.id, "s", sku_id, low=5, enough=9)
    expiry = TODAY + timedelta(3)
    await put_cards(
        tx, tenant.id, 1, sku_id=sku_id, max_uses=4, expires_on=expiry, keyrings=keyrings
    )
    await look_at_levels(tx, tenant.id, TODAY, NOON)
    await look_at_expiry(tx, tenant.id, TODAY, NOON)
    alerts = await standing_alerts(tx, tenant.id)
    assert {(it.kind, it.facts["unit"]) for it in alerts} == {("low", "use"), ("expiring", "use")}
    assert [it.unit for it in await levels_set(tx, tenant.id, today=TODAY)] == ["use"]


async def test_a_lot_is_told_about_at_each_threshold_and_until_its_cards_are_gone(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    expiry = TODAY + timedelta(61)
    lot = await put_cards(tx, tenant.id, 2, sku_id=sku_id, expires_on=expiry, keyrings=keyrings)
    await put_cards(tx, tenant.id, 2, sku_id=sku_id, keyrings=keyrings)
    told = []
    for days_left in (61, 60, 59, 30, 15, 14, 7, 2, 1, 0, -5):
        changed = await look_at_expiry(tx, tenant.id, expiry - timedelta(days_left), NOON)
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
    [gone] = await look_at_expiry(tx, tenant.id, expiry + timedelta(1), NOON)
    assert (gone.state, gone.days) == ("cleared", 1)
    assert await standing(tx, tenant) == set()
