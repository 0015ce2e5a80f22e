"""Levels: how little stock is too little, and the alerts that come and go by themselves."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from kashu.catalog.errors import UnknownSku
from kashu.catalog.reads import skus_by_id
from kashu.core.db import Tx
from kashu.core.errors import Invalid
from kashu.core.events import Event, record
from kashu.core.ids import new_ids
from kashu.core.sql import Statement
from kashu.stock.tables import AlertState, alerts, levels, warehouse_levels
from kashu.stock.warehouses import warehouse_by_id

EXPIRY_DAYS: Final = (60, 30, 14, 7, 1)  # a lot is told about once at each, the nearest stands
_AT_ONCE: Final = 1_000  # ids made beforehand; who needs more gets random ones
_LEVEL_MAX: Final = 10**9
QUIET_HOURS_MAX: Final = 30 * 24


class LevelsWrong(Invalid):
    """The thresholds leave no gap, or are no counts."""

    code = "levels_wrong"
    zh = (
        "预警线须为 0 或以上，解除线须大于预警线（相差越大越不易反复提醒），"
        "静默时间须为 0 到 {most} 小时。请修改。"
    )
    en = (
        "The low level is 0 or more and `enough` is above it (the gap keeps alerts from flapping); "
        "quiet hours are 0 to {most}. Change them."
    )


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to look at. `facts` say the numbers with their unit; `days` is of an expiry.

    `warehouse_id`: it is about what that one has of the SKU. `told`: it isn't silent.
    """

    id: UUID
    kind: str
    sku_id: UUID
    warehouse_id: UUID | None
    lot_id: UUID | None
    days: int | None
    state: str
    facts: dict[str, Any]
    told: bool


@dataclass(frozen=True, slots=True)
class StandingAlert:
    """An alert that stands, and since when."""

    id: UUID
    kind: str
    sku_id: UUID
    warehouse_id: UUID | None
    lot_id: UUID | None
    days: int | None
    facts: dict[str, Any]
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class Level:
    """When to alert of a SKU, or of what one warehouse has of it; and what may be given now."""

    sku_id: UUID
    warehouse_id: UUID | None
    low: int
    enough: int
    quiet_hours: int
    available: int
    unit: str  # card, or use where the SKU's cards are shared


_set = Statement(__file__, "levels_set.sql", Level)
_levels = Statement(__file__, "levels_alerts.sql", Alert)
_expiry = Statement(__file__, "levels_expiry.sql", Alert)


async def set_levels(
    tx: Tx,
    tenant_id: int,
    actor: str,
    sku_id: UUID,
    *,
    low: int | None,
    enough: int | None,
    quiet_hours: int = 0,
    warehouse_id: UUID | None = None,
) -> None:
    """Alert when a SKU has `low` or less to give, until it has `enough`; None: don't.

    With `warehouse_id`, of what that warehouse has of it. An alert that comes again within
    `quiet_hours` of being told stands, but isn't told until they are over.
    Raises: UnknownSku, UnknownWarehouse, LevelsWrong.
    """
    given = low is not None and enough is not None and 0 <= low < enough <= _LEVEL_MAX
    nothing = (low, enough) == (None, None)
    if not (given or nothing) or not 0 <= quiet_hours <= QUIET_HOURS_MAX:
        raise LevelsWrong(most=QUIET_HOURS_MAX)
    if not await skus_by_id(tx, tenant_id, [sku_id]):
        raise UnknownSku(sku=sku_id)
    values: dict[str, int | None] = {"low": low, "enough": enough, "quiet_hours": quiet_hours}
    place = {}
    if warehouse_id is None:
        await _set_of_sku(tx, tenant_id, sku_id, values)
    else:
        place["warehouse_id"] = str((await warehouse_by_id(tx, tenant_id, warehouse_id)).id)
        await _set_of_warehouse(tx, tenant_id, sku_id, warehouse_id, None if nothing else values)
    await record(tx, tenant_id, actor, [Event("levels.set", sku_id, {**values, **place})])


async def _set_of_sku(tx: Tx, tenant_id: int, sku_id: UUID, values: dict[str, int | None]) -> None:
    await tx.execute(
        insert(levels)
        .values(tenant_id=tenant_id, sku_id=sku_id, **values)
        .on_conflict_do_update(index_elements=["tenant_id", "sku_id"], set_=values)
    )


async def _set_of_warehouse(
    tx: Tx,
    tenant_id: int,
    sku_id: UUID,
    warehouse_id: UUID,
    values: dict[str, int | None] | None,
) -> None:
    if values is None:
        await tx.execute(
            delete(warehouse_levels)
            .where(warehouse_levels.c.tenant_id == tenant_id, warehouse_levels.c.sku_id == sku_id)
            .where(warehouse_levels.c.warehouse_id == warehouse_id)
        )
        return
    key = {"tenant_id": tenant_id, "sku_id": sku_id, "warehouse_id": warehouse_id}
    await tx.execute(
        insert(warehouse_levels)
        .values(**key, **values)
        .on_conflict_do_update(index_elements=list(key), set_=values)
    )


async def levels_set(
    tx: Tx, tenant_id: int, *, today: date, sku_id: UUID | None = None
) -> list[Level]:
    """The levels that are set, of one SKU or of all, each with what may be given of it."""
    return await _set(tx, tenant=tenant_id, today=today, sku=sku_id)


async def look_at_levels(tx: Tx, tenant_id: int, today: date, at: datetime) -> list[Alert]:
    """Raise and clear the alerts of low stock and of none; returns those that changed.

    Also those that are told late, as their quiet hours are over. `today` is the merchant's day,
    `at` this moment.
    """
    ids = new_ids(_AT_ONCE)
    changed = await _levels(tx, tenant=tenant_id, today=today, at=at, ids=ids)
    return await _told(tx, tenant_id, changed)


async def look_at_expiry(tx: Tx, tenant_id: int, today: date, at: datetime) -> list[Alert]:
    """Raise and clear the alerts of lots that expire with cards in them; returns the changes.

    `today` is the merchant's day. A lot's alert moves on from threshold to threshold, and stands
    after the last until its cards are gone.
    """
    ids, thresholds = new_ids(_AT_ONCE), list(EXPIRY_DAYS)
    changed = await _expiry(
        tx, tenant=tenant_id, today=today, at=at, thresholds=thresholds, ids=ids
    )
    return await _told(tx, tenant_id, changed)


async def _told(tx: Tx, tenant_id: int, changed: list[Alert]) -> list[Alert]:
    happened = [
        Event(f"alert.{alert.state}", alert.id, {**_about(alert), **alert.facts})
        for alert in changed
        if alert.told
    ]
    await record(tx, tenant_id, "system", happened)
    return changed


def _about(alert: Alert) -> dict[str, str]:
    """What an alert is about, for who hears of it alone."""
    ids = {
        "sku_id": alert.sku_id,
        "warehouse_id": alert.warehouse_id,
        "lot_id": alert.lot_id,
    }
    return {"kind": alert.kind, **{name: str(id_) for name, id_ in ids.items() if id_}}


async def standing_alerts(tx: Tx, tenant_id: int) -> list[StandingAlert]:
    """All alerts that stand, the newest first."""
    rows = await tx.execute(
        select(
            alerts.c.id,
            alerts.c.kind,
            alerts.c.sku_id,
            alerts.c.warehouse_id,
            alerts.c.lot_id,
            alerts.c.days,
            alerts.c.facts,
            alerts.c.raised_at,
        )
        .where(alerts.c.tenant_id == tenant_id, alerts.c.state == AlertState.RAISED)
        .order_by(alerts.c.raised_at.desc(), alerts.c.id)
    )
    return [StandingAlert(*row) for row in rows]
