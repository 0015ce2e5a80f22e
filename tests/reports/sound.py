"""A shop whose cards, orders and books agree, for tests that break it by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import psycopg

from kashu.core.db import Database
from kashu.reports.verify import Verified, verify
from tests.conftest import Tenant
from tests.reports.shop import Lot, open_shop

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class Sound:
    """A shop whose books, orders and cards agree: something of everything."""

    database: Database
    owner_url: str
    tenant: Tenant
    lot: Lot  # of four: sold and seen, sold unseen, in stock, quarantined
    shared: Lot  # a card of three uses: sold and seen, sold unseen, free
    seen_line: UUID
    unseen_line: UUID

    async def verify(self, since: datetime | None = None) -> Verified:
        async with self.database.transaction(self.tenant.id) as tx:
            return await verify(tx, self.tenant.id, since)

    async def found(self, *, touched: bool = True) -> dict[str, list[str]]:
        """Each broken rule, with the ids of its rows.

        What happened since long ago is everything: that must find the same, but for what is only
        proved of all, and what broke without anything having happened to it (not `touched`).
        """
        found = _named(await self.verify())
        recent = _named(await self.verify(LONG_AGO))
        of_all = {
            "inventory_is_not_its_cards",
            "money_in_doubt_is_of_no_order",
            "exchange_is_of_nothing_known",
            "exchange_is_not_at_its_rate",
            "supplier_day_is_not_what_was_posted",
            "agent_wallet_is_not_what_was_posted",
            "agent_owes_more_than_its_credit",
        }
        assert recent.keys() <= found.keys() - of_all
        assert all(set(rows) <= set(found[rule]) for rule, rows in recent.items())
        if touched:
            assert recent == {rule: rows for rule, rows in found.items() if rule not in of_all}
        return found

    def break_(self, statement: str, *values: object) -> None:
        """Change the database as its owner, behind the program's back, foreign keys or not."""
        with psycopg.connect(self.owner_url) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(statement, values)  # type: ignore[arg-type, unused-ignore]

    @contextmanager
    def without(self, table: str, rule: str) -> Iterator[None]:
        """Take a CHECK or a unique index away; the test's rows are gone when it comes back."""
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            row = connection.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", (rule,)
            ).fetchone()
            if row:
                take = f"ALTER TABLE {table} DROP CONSTRAINT {rule}"
                put = f"ALTER TABLE {table} ADD CONSTRAINT {rule} {row[0]}"
            else:
                row = connection.execute(
                    "SELECT indexdef FROM pg_indexes WHERE indexname = %s", (rule,)
                ).fetchone()
                assert row, rule
                take, put = f"DROP INDEX {table.partition('.')[0]}.{rule}", row[0]
            connection.execute(take)  # type: ignore[call-overload, unused-ignore]
            try:
                yield
            finally:
                connection.execute(f"TRUNCATE {table} CASCADE")  # type: ignore[arg-type, unused-ignore]
                connection.execute(put)


def _named(verified: Verified) -> dict[str, list[str]]:
    violations = [found for each in verified.checked for found in each.violations]
    assert verified.ok is not bool(violations)
    return {found.rule: [row.id for row in found.rows] for found in violations}


async def make_sound(database: Database, owner_url: str, tenant: Tenant) -> Sound:
    """Something of everything, in order."""
    async with database.transaction(tenant.id) as tx:
        made = await open_shop(tx, tenant.id)
        lot = await made.receive("mgtv-month", 4, 141_250)
        seen_line = await made.sell("mgtv-month", 198_000, [(lot, lot.cards[0], 1)])
        await made.reveal(lot, lot.cards[0], seen_line)
        unseen_line = await made.sell("mgtv-month", 198_000, [(lot, lot.cards[1], 1)])
        await made.quarantine(lot, lot.cards[3])
        shared = await made.receive("iqiyi-shared", 1, 10_000, warehouse="spare", max_uses=3)
        first = await made.sell("iqiyi-shared", 30_000, [(shared, shared.cards[0], 1)])
        await made.reveal(shared, shared.cards[0], first)
        await made.sell("iqiyi-shared", 30_000, [(shared, shared.cards[0], 2)], store="jd")
    return Sound(database, owner_url, tenant, lot, shared, seen_line, unseen_line)
