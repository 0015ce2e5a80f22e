"""Papers due: people are told before a supplier's paper expires, and after, until a newer one."""

from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select

from kashu.core.db import Tx
from kashu.suppliers.alerts import Cause, alert_list, clear_alerts, raise_alert
from kashu.suppliers.kinds_prepaid import AlertKind
from kashu.suppliers.tables_prepaid import papers

STEPS: Final = (60, 30, 7, 1, -1)  # days before its last day; below 0: it has expired


async def watch_papers(tx: Tx, tenant_id: int, today: date, at: datetime) -> None:
    """Raise an alert at 60, 30, 7 and 1 days and when it is over; clear what was replaced.

    A newer paper of the same kind and name, of the same supplier, that lasts longer replaces one.
    """
    newer = papers.alias("newer")
    replaced = (
        select(newer.c.id)
        .where(newer.c.tenant_id == tenant_id, newer.c.supplier_id == papers.c.supplier_id)
        .where(newer.c.kind == papers.c.kind, newer.c.name == papers.c.name)
        .where(newer.c.removed_at.is_(None))
        .where(newer.c.expires_on.is_(None) | (newer.c.expires_on > papers.c.expires_on))
        .where(newer.c.id > papers.c.id)
        .exists()
    )
    rows = await tx.execute(
        select(papers.c.id, papers.c.supplier_id, papers.c.kind, papers.c.name, papers.c.expires_on)
        .where(papers.c.tenant_id == tenant_id, papers.c.removed_at.is_(None))
        .where(papers.c.expires_on <= today + timedelta(days=STEPS[0]))
        .where(~replaced)
        .order_by(papers.c.expires_on)
    )
    due = set()
    for row in rows:
        due.add(row.id)
        days_left = (row.expires_on - today).days
        step = sum(days_left <= each for each in STEPS)
        facts = {
            "kind": row.kind,
            "name": row.name,
            "expires_on": row.expires_on.isoformat(),
            "days_left": days_left,
        }
        cause = Cause(row.supplier_id, AlertKind.PAPER_EXPIRING, facts, row.id, step)
        await raise_alert(tx, tenant_id, cause, at)
    told = await alert_list(tx, tenant_id, kind=AlertKind.PAPER_EXPIRING)
    gone = [alert.subject_id for alert in told if alert.subject_id not in due]
    await clear_alerts(tx, tenant_id, AlertKind.PAPER_EXPIRING, gone, at)
