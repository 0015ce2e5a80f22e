"""Levels: how little stock is too little, and the alerts that come and go by themselves."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from kashu.catalog.errors import UnknownSku
from kashu.catalog.reads import skus_by_id
from kashu.core.db import Tx
from kashu.core.errors import Invalid
from kashu.core.events import Event, record
from kashu.core.ids import new_ids
from kashu.core.sql import Statement
from kashu.stock.tables import AlertState, alerts, levels

EXPIRY_DAYS: Final = (60, 30, 14, 7, 1)  # a lot is told about once at each, the nearest stands
_AT_ONCE: Final = 1_000  # ids made beforehand; who needs more gets random ones
_LEVEL_MAX: Final = 10**9


class LevelsWrong(Invalid):
    """The thresholds leave no gap, or are no counts."""

    code = "levels_wrong"
    zh = "预警线须为 0 或以上，解除线须大于预警线（相差越大越不易反复提醒）。请修改。"
    en = "The low level is 0 or more and `enough` is above it; the gap keeps alerts from flapping."


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to look at. `facts` say the numbers with their unit; `days` is of an expiry."""

    id: UUID
    kind: str
    sku_id: UUID
    lot_id: UUID | None
    days: int | None
    state: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StandingAlert:
    """An alert that stands, and since when."""

    id: UUID
    kind: str
    sku_id: UUID
    lot_id: UUID | None
    days: int | None
    facts: dict[str, Any]
    raised_at: datetime


_levels = Statement(__file__, "levels_alerts.sql", Alert)
_expiry = Statement(__file__, "levels_expiry.sql", Alert)


async def set_levels(
    tx: Tx, tenant_id: int, actor: str, sku_id: UUID, *, low: int | None, enough: int | None
) -> None:
    """Alert when a SKU has `low` or less to give, until it has `enough`; None: don't.

    Raises: UnknownSku, LevelsWrong.
    """
    given = low is not None and enough is not None and 0 <= low < enough <= _LEVEL_MAX
    if not given and (low, enough) != (None, None):
        raise LevelsWrong
    if not await skus_by_id(tx, tenant_id, [sku_id]):
        raise UnknownSku(sku=sku_id)
    thresholds = {"low": low, "enough": enough}
    await tx.execute(
        insert(levels)
        .values(tenant_id=tenant_id, sku_id=sku_id, **thresholds)
        .on_conflict_do_update(index_elements=["tenant_id", "sku_id"], set_=thresholds)
    )
    await record(tx, tenant_id, actor, [Event("levels.set", sku_id, thresholds)])


async def look_at_levels(tx: Tx, tenant_id: int, today: date) -> list[Alert]:
    """Raise and clear the alerts of low stock and of none; returns those that changed."""
    ids = new_ids(_AT_ONCE)
    return await _told(tx, tenant_id, await _levels(tx, tenant=tenant_id, today=today, ids=ids))


async def look_at_expiry(tx: Tx, tenant_id: int, today: date) -> list[Alert]:
    """Raise and clear the alerts of lots that expire with cards in them; returns the changes.

    `today` is the merchant's day. A lot's alert moves on from threshold to threshold, and stands
    after the last until its cards are gone.
    """
    ids, thresholds = new_ids(_AT_ONCE), list(EXPIRY_DAYS)
    changed = await _expiry(tx, tenant=tenant_id, today=today, thresholds=thresholds, ids=ids)
    return await _told(tx, tenant_id, changed)


async def _told(tx: Tx, tenant_id: int, changed: list[Alert]) -> list[Alert]:
    happened = [
        Event(f"alert.{alert.state}", alert.id, {"kind": alert.kind, **alert.facts})
        for alert in changed
    ]
    await record(tx, tenant_id, "system", happened)
    return changed


async def standing_alerts(tx: Tx, tenant_id: int) -> list[StandingAlert]:
    """All alerts that stand, the newest first."""
    rows = await tx.execute(
        select(
            alerts.c.id,
            alerts.c.kind,
            alerts.c.sku_id,
            alerts.c.lot_id,
            alerts.c.days,
            alerts.c.facts,
            alerts.c.raised_at,
        )
        .where(alerts.c.tenant_id == tenant_id, alerts.c.state == AlertState.RAISED)
        .order_by(alerts.c.raised_at.desc(), alerts.c.id)
    )
    return [StandingAlert(*row) for row in rows]
