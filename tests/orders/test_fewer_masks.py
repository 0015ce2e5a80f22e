"""Masks that an earlier version left where nobody could erase them are gone."""

import json

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from kashu.core.db import Database
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from tests.conftest import Tenant
from tests.orders.test_cancellations_apart import migrate_again

MASK = "13****00"


def order(number: str, *accounts: str | None) -> dict[str, object]:
    lines = [{"sku": f"S{n}", "quantity": 1, "account": each} for n, each in enumerate(accounts)]
    return {"external_id": number, "lines": lines, "paid_at": None}


async def test_what_was_decided_and_corrected_names_nobody_any_more(
    database: Database, owner_url: str, tenant: Tenant
) -> None:
    wanted = {
        "asked": [order("W", MASK)],
        "approved": [order("A1", MASK, None), order("A2", None, MASK)],
        "refused": [order("R", MASK)],
    }
    async with database.transaction(tenant.id) as tx:
        for state, orders in wanted.items():
            await tx.execute(
                text(
                    "INSERT INTO orders.held (tenant_id, id, kind, state, asked_by, request_key,"
                    " request_hash, orders_count, units, amount_e4, said, wanted, approved_by,"
                    " approved_at, ended_by, ended_at, ended_because) VALUES (:t, :id, 'orders',"
                    " :s, 'staff:1', :s, '', 1, 1, 1, 'above_units', CAST(:w AS jsonb),"
                    " CASE :s WHEN 'approved' THEN 'staff:2' END,"
                    " CASE :s WHEN 'approved' THEN now() END,"
                    " CASE :s WHEN 'refused' THEN 'staff:2' END,"
                    " CASE :s WHEN 'refused' THEN now() END,"
                    " CASE :s WHEN 'refused' THEN 'no' END)"
                ),
                {"t": tenant.id, "id": new_id(), "s": state, "w": json.dumps(orders)},
            )
        facts = {"line": 2, "before": MASK, "after": "14****11"}
        other = Event("sku.changed", new_id(), {"before": "a", "after": "b"})
        corrected = Event("order.account_corrected", new_id(), facts)
        await record(tx, tenant.id, "staff:1", [corrected, other])

    engine = create_engine(make_url(owner_url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        migrate_again(connection, "0028_fewer_masks")
    engine.dispose()

    async with database.transaction(tenant.id) as tx:
        rows = await tx.execute(text("SELECT state, wanted FROM orders.held"))
        kept = {row.state: row.wanted for row in rows}
        told = await tx.execute(text("SELECT kind, facts FROM core.events"))
        events = {row.kind: row.facts for row in told}
    assert kept == {
        "asked": wanted["asked"],
        "approved": [order("A1", None, None), order("A2", None, None)],
        "refused": [order("R", None)],
    }
    assert events == {
        "order.account_corrected": {"line": 2},
        "sku.changed": {"before": "a", "after": "b"},
    }
