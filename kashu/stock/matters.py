"""Matters of stock: what runs low, and what expires with cards in it."""

from typing import Any

from sqlalchemy import Select, case, literal

from kashu.core.matters import Matter, matters
from kashu.stock.tables import AlertState, alerts


def stock_matters(tenant_id: int) -> Select[Any]:
    """Alerts that stand and were told. They go by themselves when stock is enough, or gone."""
    return (
        matters(
            case((alerts.c.kind == "expiring", Matter.STOCK_EXPIRING), else_=Matter.STOCK_LOW),
            alerts.c.id,
            alerts.c.raised_at,
            said=alerts.c.kind,
            parent_id=alerts.c.lot_id,
            sku_id=alerts.c.sku_id,
            quantity=alerts.c.days,
            facts=alerts.c.facts,
        )
        .where(alerts.c.tenant_id == tenant_id, alerts.c.told_at.is_not(None))
        .where(alerts.c.state == literal(AlertState.RAISED.value, literal_execute=True))
    )
