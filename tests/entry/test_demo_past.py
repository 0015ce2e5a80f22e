"""The demo's past: a week that the books, the reports and the orders agree on."""

import io
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from rich.console import Console
from sqlalchemy import text

from kashu.access.tenants import Tenant
from kashu.core.clock import day_of
from kashu.core.db import Database
from kashu.entry.demo.past import ORDERS, STOCKED_BEFORE, STORES, Past
from kashu.entry.demo.shop import Stocked
from kashu.entry.demo.stage import set_up
from kashu.entry.settings import load_settings
from kashu.entry.startup import Ground
from kashu.reports.dimensions import Dimension
from kashu.reports.profit import profit
from kashu.reports.verify import verify
from tests.conftest import MASTERS


@dataclass
class Played:
    database: Database
    tenant: Tenant
    past: Past
    stocked: Stocked

    @property
    def today(self) -> date:
        return day_of(self.past.began_at, self.tenant.timezone)


@pytest.fixture
async def played(owner_url: str, database: Database) -> Played:
    ground = Ground(load_settings(), owner_url, MASTERS, None)
    stage = await set_up(ground, database)
    past = Past(ground, stage)
    stocked = await past.play(Console(file=io.StringIO()))
    return Played(database, stage.tenant, past, stocked)


async def test_there_is_a_yesterday_for_every_store_and_its_cards_are_gone(played: Played) -> None:
    yesterday = played.today - timedelta(days=1)
    async with played.database.transaction(played.tenant.id) as tx:
        report = await profit(
            tx, played.tenant.id, [Dimension.STORE], since=yesterday, until=yesterday
        )
    async with played.database.transaction(played.tenant.id) as tx:
        proof = await verify(tx, played.tenant.id)
    assert len(report.rows) == len(STORES)
    assert all(row.figures.revenue_e4 > 0 for row in report.rows)
    assert proof.ok, proof
    async with played.database.transaction(played.tenant.id) as tx:
        held = await tx.execute(
            text(
                "SELECT count(*) FROM stock.cards WHERE tenant_id = :tenant AND state = 'available'"
            ),
            {"tenant": played.tenant.id},
        )
        left = held.scalar_one()
    assert left == played.stocked.cards.total() - played.past.sold.total()


async def test_each_order_and_what_it_moved_has_the_times_of_its_day(played: Played) -> None:
    tenant = played.tenant
    async with played.database.transaction(tenant.id) as tx:
        days = await tx.execute(
            text(
                "SELECT (accepted_at AT TIME ZONE :zone)::date AS day, count(*) AS orders"
                "  FROM orders.orders WHERE tenant_id = :tenant GROUP BY 1"
            ),
            {"tenant": tenant.id, "zone": tenant.timezone},
        )
        orders = {row.day: row.orders for row in days}
        away = await tx.execute(
            text(
                "SELECT count(*) FROM ledger.transfers WHERE tenant_id = :tenant"
                " AND (posted_at AT TIME ZONE :zone)::date <> posted_on"
            ),
            {"tenant": tenant.id, "zone": tenant.timezone},
        )
        assert away.scalar_one() == 0
    whole = {days: count for days, count in ORDERS.items() if days > 0}
    assert {day: orders.get(played.today - timedelta(days=day)) for day in whole} == whole

    await _nothing_was_written_today(played)


async def _nothing_was_written_today(played: Played) -> None:
    """Also what a column that comes later says of it."""
    began: datetime = played.past.scenes[0].played_at
    async with played.database.transaction(played.tenant.id) as tx:
        columns = await tx.execute(
            text(
                "SELECT table_schema AS schema, table_name AS name, column_name AS said"
                "  FROM information_schema.columns"
                " WHERE table_schema IN ('orders', 'stock', 'ledger', 'core')"
                "   AND data_type = 'timestamp with time zone'"
                "   AND (table_schema, table_name) IN ("
                "         SELECT table_schema, table_name FROM information_schema.columns"
                "          WHERE column_name = 'tenant_id')"
            )
        )
        late = {}
        for each in columns.all():
            found = await tx.execute(
                text(
                    f"SELECT count(*) FROM {each.schema}.{each.name}"
                    f" WHERE tenant_id = :tenant AND {each.said} BETWEEN :began AND :ended"
                ),
                {
                    "tenant": played.tenant.id,
                    "began": began,
                    "ended": began + timedelta(hours=1),
                },
            )
            late[f"{each.schema}.{each.name}.{each.said}"] = found.scalar_one()
        first = await tx.execute(
            text("SELECT min(at) FROM core.events WHERE tenant_id = :tenant"),
            {"tenant": played.tenant.id},
        )
    assert len(late) > 10, "the columns weren't found"
    assert {name: count for name, count in late.items() if count} == {}
    assert first.scalar_one() == played.past.began_at - STOCKED_BEFORE
