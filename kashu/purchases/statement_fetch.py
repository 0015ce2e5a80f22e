"""Fetch: ask a supplier's system for its statement, page by page, and take it in."""

import hashlib
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from kashu.core.clock import day_bounds
from kashu.core.db import Database
from kashu.purchases.errors_statements import StatementTooLong
from kashu.purchases.kinds_statements import StatementSource
from kashu.purchases.statement_lines import LINES_MAX, NUMBER_MAX, TEXT_MAX, Line, Lines
from kashu.purchases.statements import Arrived, take_statement
from kashu.suppliers.connections import connection_of
from kashu.suppliers.currency import currency_of
from kashu.suppliers.reach import Upstreams
from kashu.suppliers.upstream import Can, Charge

PAGES_MAX: Final = 5_000


async def fetch_statement(
    database: Database,
    tenant_id: int,
    actor: str,
    upstreams: Upstreams,
    *,
    supplier_id: UUID,
    first_on: date,
    last_on: date,
    timezone: str,
) -> tuple[UUID, bool]:
    """Ask for what was charged on these days, and match it. Returns as take_statement() does.

    In what the supplier is paid in; lines in another currency count as wrong and are left out.
    The same answer again is nothing new. Nothing is kept before the last page is there.
    Raises: SupplierNotConnected, SupplierCannot, StatementTooLong, what the call ends in, and what
    take_statement() raises.
    """
    begins_at, _ = day_bounds(first_on, timezone)
    _, ends_at = day_bounds(last_on, timezone)
    async with database.transaction(tenant_id) as tx:
        connection = await connection_of(tx, tenant_id, supplier_id)
        currency = await currency_of(tx, tenant_id, supplier_id)
    upstream, link = upstreams.reach_to(tenant_id, connection, Can.STATEMENT)
    found, page = Lines(), None
    digest = hashlib.sha256(f"{first_on} {last_on}\n".encode())
    for _ in range(PAGES_MAX):
        answer = await upstream.statement(link, begins_at, ends_at, page)
        found.wrong_count += answer.wrong
        for charge in answer.members:
            if charge.currency != currency:  # it can't be compared with our orders
                found.wrong_count += 1
                continue
            line = _line(charge, len(found.lines) + 1)
            digest.update(msgspec.json.encode(line))
            found.lines.append(line)
        page = answer.next
        if page is None:
            break
        if len(found.lines) > LINES_MAX:
            raise StatementTooLong(limit=LINES_MAX)
    else:
        raise StatementTooLong(limit=LINES_MAX)
    arrived = Arrived(
        supplier_id,
        first_on,
        last_on,
        found,
        digest.digest(),
        f"{connection.protocol} {first_on} {last_on}",
        source=StatementSource.FETCHED,
        currency=currency,
        skip_wrong=True,
    )
    async with database.transaction(tenant_id) as tx:
        return await take_statement(tx, tenant_id, actor, arrived, timezone=timezone)


def _line(charge: Charge, row_number: int) -> Line:
    return Line(
        row_number,
        charge.number[:NUMBER_MAX],
        charge.their_number[:NUMBER_MAX],
        charge.amount_e4,
        charge.quantity,
        charge.ordered_at,
        charge.completed_at,
        charge.said[:TEXT_MAX],
        charge.title[:TEXT_MAX],
    )
