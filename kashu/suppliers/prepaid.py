"""Prepaid: our money with each supplier on one page, and people told before it runs out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from kashu.core.clock import Clock, day_of, now
from kashu.core.db import Database, Tx
from kashu.core.money import format_amount
from kashu.ledger.supplier_money import SupplierMoney, money_by_currency
from kashu.suppliers.alerts import Alert, Cause, alert_list, clear_alerts, raise_alert
from kashu.suppliers.balances import Reading, last_readings
from kashu.suppliers.burn import Burn, burn_of
from kashu.suppliers.dues import dues
from kashu.suppliers.exposure import Exposure, exposure_of
from kashu.suppliers.kinds import Settlement
from kashu.suppliers.kinds_prepaid import AlertKind
from kashu.suppliers.papers_due import watch_papers
from kashu.suppliers.tables import suppliers

HOURS_LOW: Final = 24  # at the pace of now; where nobody set an amount, this alone counts
HOURS_ENOUGH: Final = 36
ENOUGH_PERCENT: Final = 120  # of the amount that is low


@dataclass(frozen=True, slots=True)
class Standing:
    """Our money with one supplier: what there is, how long it lasts, what they say of it.

    In what it is paid in; `others`: what is there in other currencies. They are never added up.
    """

    supplier_id: UUID
    code: str
    name: str
    exposure: Exposure
    burn: Burn
    theirs: Reading | None
    alerts: list[Alert]
    others: list[SupplierMoney]


async def standings(
    tx: Tx,
    tenant_id: int,
    at: datetime,
    timezone: str,
    *,
    supplier_ids: Collection[UUID] | None = None,
) -> list[Standing]:
    """Read our money with some suppliers, or with all, by code."""
    wanted = (
        select(suppliers.c.id, suppliers.c.code, suppliers.c.name)
        .where(suppliers.c.tenant_id == tenant_id)
        .order_by(suppliers.c.code)
    )
    if supplier_ids is not None:
        wanted = wanted.where(suppliers.c.id.in_(supplier_ids))
    rows = (await tx.execute(wanted)).all()
    ids = [row.id for row in rows]
    exposures = await exposure_of(tx, tenant_id, ids)
    burns = await burn_of(tx, tenant_id, exposures.values(), at, timezone)
    money = await money_by_currency(tx, tenant_id, ids)
    theirs = await last_readings(tx, tenant_id, ids)
    alerts: dict[UUID, list[Alert]] = {}
    for alert in await alert_list(tx, tenant_id):
        alerts.setdefault(alert.supplier_id, []).append(alert)
    return [
        Standing(
            row.id,
            row.code,
            row.name,
            exposures[row.id],
            burns[row.id],
            theirs.get(row.id),
            alerts.get(row.id, []),
            _others(money[row.id], exposures[row.id].currency),
        )
        for row in rows
    ]


def _others(money: Mapping[str, SupplierMoney], own: str) -> list[SupplierMoney]:
    return [each for currency, each in sorted(money.items()) if currency != own and each.is_any]


async def watch_prepaid(
    database: Database, tenant_id: int, timezone: str, clock: Clock = now
) -> bool:
    """Raise and clear the alerts of balances that run low, of dues, and of papers that expire."""
    at = clock()
    async with database.transaction(tenant_id) as tx:
        await _watch_balances(tx, tenant_id, at, timezone)
        await _watch_dues(tx, tenant_id, at, timezone)
        await watch_papers(tx, tenant_id, day_of(at, timezone), at)
    return False


async def _watch_balances(tx: Tx, tenant_id: int, at: datetime, timezone: str) -> None:
    enough = []
    for standing in await standings(tx, tenant_id, at, timezone):
        exposure, burn = standing.exposure, standing.burn
        if is_low(exposure, burn):
            facts = {
                "available": format_amount(exposure.available_e4),
                "hours_left": burn.hours_left,
                "suggested": format_amount(burn.suggested_e4),
                "currency": exposure.currency,
            }
            cause = Cause(standing.supplier_id, AlertKind.BALANCE_LOW, facts)
            await raise_alert(tx, tenant_id, cause, at)
        elif is_enough(exposure, burn):
            enough.append(standing.supplier_id)
    await clear_alerts(tx, tenant_id, AlertKind.BALANCE_LOW, enough, at)


def is_low(exposure: Exposure, burn: Burn) -> bool:
    """Tell whether people should hear that prepaid money runs out."""
    if exposure.settlement is not Settlement.PREPAID:
        return False
    low = exposure.balance_low_e4
    if low is not None and exposure.available_e4 <= low:
        return True
    return burn.hours_left is not None and burn.hours_left < HOURS_LOW


def is_enough(exposure: Exposure, burn: Burn) -> bool:
    """Tell whether an alert may go: clearly above what is low, so that it doesn't come and go."""
    if exposure.settlement is not Settlement.PREPAID:
        return True
    low = exposure.balance_low_e4
    if low is not None and exposure.available_e4 * 100 <= low * ENOUGH_PERCENT:
        return False
    return burn.hours_left is None or burn.hours_left >= HOURS_ENOUGH


async def _watch_dues(tx: Tx, tenant_id: int, at: datetime, timezone: str) -> None:
    overdue = {
        each.supplier_id: each
        for each in await dues(tx, tenant_id, day_of(at, timezone))
        if each.overdue_e4
    }
    for each in overdue.values():
        facts = {
            "overdue": format_amount(each.overdue_e4),
            "since": str(each.open[0].due_on),
            "currency": each.currency,
        }
        cause = Cause(each.supplier_id, AlertKind.PAYABLE_OVERDUE, facts)
        await raise_alert(tx, tenant_id, cause, at)
    told = await alert_list(tx, tenant_id, kind=AlertKind.PAYABLE_OVERDUE)
    paid = [alert.supplier_id for alert in told if alert.supplier_id not in overdue]
    await clear_alerts(tx, tenant_id, AlertKind.PAYABLE_OVERDUE, paid, at)
