"""Balances: what suppliers say that we have with them, asked on a schedule, beside our books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from kashu.core.db import Database, Tx
from kashu.core.errors import KashuError, OutsideError
from kashu.core.ids import new_id
from kashu.core.money import format_amount
from kashu.suppliers.alerts import Cause, clear_alerts, raise_alert
from kashu.suppliers.connections import Connection, connection_of
from kashu.suppliers.currency import set_currency
from kashu.suppliers.exposure import Exposure, exposure_of
from kashu.suppliers.kinds import ConnectionState, Settlement
from kashu.suppliers.kinds_prepaid import AlertKind, Verdict
from kashu.suppliers.reach import Upstreams
from kashu.suppliers.tables import connections
from kashu.suppliers.tables_prepaid import balance_readings, balances
from kashu.suppliers.upstream import Balance, Can

EVERY: Final = timedelta(minutes=10)
EVERY_UNABLE: Final = timedelta(days=1)  # where the adapter can't ask for a balance
KEPT_AT_LEAST: Final = timedelta(days=1)  # a reading that tells nothing new is kept once a day
TWICE: Final = 2  # a difference is told when it is seen again: purchases go on while we ask
FAILURES: Final = 3  # in a row, then people are told
AT_ONCE: Final = 20

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a supplier said, and what the books said then."""

    id: UUID
    at: datetime
    currency: str
    theirs_e4: int
    frozen_e4: int
    credit_e4: int
    ours_e4: int
    in_doubt_e4: int
    recoveries_e4: int
    verdict: Verdict

    @property
    def difference_e4(self) -> int:
        """Above 0: they say more than the books."""
        return self.theirs_e4 - self.ours_e4


def compare(theirs: Balance, before: Exposure, after: Exposure, tolerance_e4: int) -> Verdict:
    """Say what explains a supplier's balance; the books are read before and after it is asked for.

    What is in doubt has left the books' prepaid and may be with them still; so may what was asked
    back have come. Whether they count what is frozen is not known: either is accepted.
    """
    least_e4 = min(_ours(before), _ours(after)) - tolerance_e4
    most_e4 = max(_ours(before), _ours(after)) + tolerance_e4
    low_e4, high_e4 = theirs.amount_e4, theirs.amount_e4 + theirs.frozen_e4
    if high_e4 < least_e4:
        return Verdict.DIFFERS
    if low_e4 <= most_e4:
        return Verdict.AGREES
    most_e4 += max(before.in_doubt_e4, after.in_doubt_e4)
    if low_e4 <= most_e4:
        return Verdict.IN_DOUBT
    most_e4 += max(before.recoveries_e4, after.recoveries_e4)
    return Verdict.RECOVERIES if low_e4 <= most_e4 else Verdict.DIFFERS


async def read_balances(database: Database, tenant_id: int, upstreams: Upstreams) -> bool:
    """Ask for the balances that are due. True: there may be more at once."""
    at = upstreams.now()
    async with database.transaction(tenant_id) as tx:
        due = await _lease(tx, tenant_id, at)
    for supplier_id in due:
        if upstreams.stopping.is_set():
            break
        try:
            await read_balance(database, tenant_id, upstreams, supplier_id)
        except OutsideError as error:
            _log.warning("balance_unread", supplier=str(supplier_id), error=error.code)
        except KashuError as error:  # not connected any more, or its adapter is gone
            _log.warning("balance_not_asked", supplier=str(supplier_id), error=error.code)
    return len(due) == AT_ONCE


async def read_balance(
    database: Database, tenant_id: int, upstreams: Upstreams, supplier_id: UUID
) -> Reading | None:
    """Ask a supplier for our balance now, keep what it says, and tell people of a difference.

    It is paid in what its balance is told in. None: its system doesn't tell balances.
    Raises: SupplierNotConnected, SupplierCannot, and what the call ends in.
    """
    async with database.transaction(tenant_id) as tx:
        connection = await connection_of(tx, tenant_id, supplier_id)
        upstream, link = upstreams.reach(tenant_id, connection)
        if Can.BALANCE not in upstream.can:
            await _ask_again(tx, tenant_id, connection, upstreams.now() + EVERY_UNABLE)
            return None
        before = await exposure_of(tx, tenant_id, [supplier_id])
    try:
        theirs = await upstream.balance(link)
    except OutsideError as error:
        async with database.transaction(tenant_id) as tx:
            await _note_failure(tx, tenant_id, supplier_id, error, upstreams.now())
        raise
    async with database.transaction(tenant_id) as tx:
        await set_currency(tx, tenant_id, "system", supplier_id, theirs.currency)
        after = (await exposure_of(tx, tenant_id, [supplier_id]))[supplier_id]
        earlier = before[supplier_id]
        if earlier.currency != after.currency:
            earlier = after
        verdict = compare(theirs, earlier, after, after.tolerance_e4)
        return await _keep(tx, tenant_id, after, theirs, verdict=verdict, at=upstreams.now())


async def balance_history(
    tx: Tx, tenant_id: int, supplier_id: UUID, *, before: datetime | None = None, limit: int = 100
) -> list[Reading]:
    """Read what a supplier said, the latest first."""
    wanted = (
        select(*(balances.c[name] for name in Reading.__dataclass_fields__))
        .where(balances.c.tenant_id == tenant_id, balances.c.supplier_id == supplier_id)
        .order_by(balances.c.at.desc())
        .limit(limit)
    )
    if before is not None:
        wanted = wanted.where(balances.c.at < before)
    return [_reading(row) for row in await tx.execute(wanted)]


async def last_readings(
    tx: Tx, tenant_id: int, supplier_ids: Sequence[UUID]
) -> dict[UUID, Reading]:
    """Read what each supplier said last; those that never said anything are left out."""
    rows = await tx.execute(
        select(balances.c.supplier_id, *(balances.c[name] for name in Reading.__dataclass_fields__))
        .ext(distinct_on(balances.c.supplier_id))
        .where(balances.c.tenant_id == tenant_id, balances.c.supplier_id.in_(supplier_ids))
        .order_by(balances.c.supplier_id, balances.c.at.desc())
    )
    found = {}
    for supplier_id, *values in rows:
        named = dict(zip(Reading.__dataclass_fields__, values, strict=True))
        found[supplier_id] = Reading(**{**named, "verdict": Verdict(named["verdict"])})
    return found


async def _lease(tx: Tx, tenant_id: int, at: datetime) -> list[UUID]:
    """Take those that are due; nobody else takes them before their next time."""
    due = (
        select(connections.c.supplier_id)
        .where(connections.c.tenant_id == tenant_id, connections.c.balance_at <= at)
        .where(connections.c.state == ConnectionState.OPEN)
        .order_by(connections.c.balance_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    ids = list((await tx.execute(due)).scalars())
    await tx.execute(
        update(connections)
        .where(connections.c.tenant_id == tenant_id, connections.c.supplier_id.in_(ids))
        .values(balance_at=at + EVERY)
    )
    return ids


async def _ask_again(tx: Tx, tenant_id: int, connection: Connection, at: datetime) -> None:
    await tx.execute(
        update(connections)
        .where(connections.c.tenant_id == tenant_id)
        .where(connections.c.supplier_id == connection.supplier_id)
        .values(balance_at=at)
    )


async def _note_failure(
    tx: Tx, tenant_id: int, supplier_id: UUID, error: OutsideError, at: datetime
) -> None:
    counted = await tx.execute(
        upsert(balance_readings)
        .values(tenant_id=tenant_id, supplier_id=supplier_id, failures=1, said=error.code)
        .on_conflict_do_update(
            index_elements=[balance_readings.c.tenant_id, balance_readings.c.supplier_id],
            set_={"failures": balance_readings.c.failures + 1, "said": error.code},
        )
        .returning(balance_readings.c.failures)
    )
    if counted.scalar_one() >= FAILURES:
        cause = Cause(supplier_id, AlertKind.BALANCE_UNREAD, {"said": error.code})
        await raise_alert(tx, tenant_id, cause, at)


async def _keep(
    tx: Tx, tenant_id: int, ours: Exposure, theirs: Balance, *, verdict: Verdict, at: datetime
) -> Reading:
    """Keep a reading where it tells something new, and raise or clear alerts."""
    reading = Reading(
        new_id(),
        at,
        ours.currency,
        theirs.amount_e4,
        theirs.frozen_e4,
        theirs.credit_e4,
        _ours(ours),
        ours.in_doubt_e4,
        ours.recoveries_e4,
        verdict,
    )
    last = await balance_history(tx, tenant_id, ours.supplier_id, limit=1)
    if not last or _tells(last[0]) != _tells(reading) or at - last[0].at >= KEPT_AT_LEAST:
        values = {name: getattr(reading, name) for name in Reading.__dataclass_fields__}
        await tx.execute(
            insert(balances).values(tenant_id=tenant_id, supplier_id=ours.supplier_id, **values)
        )
    differs = verdict is Verdict.DIFFERS
    counted = await tx.execute(
        upsert(balance_readings)
        .values(
            tenant_id=tenant_id, supplier_id=ours.supplier_id, read_at=at, differing=int(differs)
        )
        .on_conflict_do_update(
            index_elements=[balance_readings.c.tenant_id, balance_readings.c.supplier_id],
            set_={
                "read_at": at,
                "differing": balance_readings.c.differing + 1 if differs else 0,
                "failures": 0,
                "said": "",
            },
        )
        .returning(balance_readings.c.differing)
    )
    if counted.scalar_one() >= TWICE:
        facts = {
            "theirs": format_amount(theirs.amount_e4),
            "ours": format_amount(reading.ours_e4),
            "in_doubt": format_amount(ours.in_doubt_e4),
            "difference": format_amount(reading.difference_e4),
            "currency": reading.currency,
        }
        cause = Cause(ours.supplier_id, AlertKind.BALANCE_DIFFERS, facts)
        await raise_alert(tx, tenant_id, cause, at)
    elif not differs:
        await clear_alerts(tx, tenant_id, AlertKind.BALANCE_DIFFERS, [ours.supplier_id], at)
    await clear_alerts(tx, tenant_id, AlertKind.BALANCE_UNREAD, [ours.supplier_id], at)
    return reading


def _ours(exposure: Exposure) -> int:
    """What a supplier should say: prepaid, or less than 0 where we owe it."""
    if exposure.settlement is Settlement.PAYABLE:
        return exposure.available_e4 - exposure.payable_e4
    return exposure.available_e4


def _tells(reading: Reading) -> tuple[object, ...]:
    return (
        reading.theirs_e4,
        reading.frozen_e4,
        reading.ours_e4,
        reading.in_doubt_e4,
        reading.verdict,
        reading.currency,
    )


def _reading(row: object) -> Reading:
    values = row._asdict()  # type: ignore[attr-defined]
    return Reading(**{**values, "verdict": Verdict(values["verdict"])})
