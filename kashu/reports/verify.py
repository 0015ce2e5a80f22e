"""Verify: prove the invariants on the live database, and name the rows that break them.

Of everything, or of what something happened to since a moment: that costs the same after years.
"""

import time
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import UniqueConstraint

from kashu.core.db import APP_ROLE, Tx, believed_rows, one_snapshot
from kashu.core.money import CURRENCY
from kashu.core.schema import metadata
from kashu.core.sql import Statement
from kashu.ledger.kinds import PROFIT_KINDS
from kashu.reports.rules import RULES

# In the order of docs: stock, orders, books, then what the database itself must enforce.
INVARIANTS: Final = (
    "card_allocations",
    "card_reservations",
    "lot_counters",
    "lines_add_up",
    "lines_agree",
    "nothing_after_refund",
    "reveals_recorded",
    "books_balance",
    "daily_totals",
    "inventory_at_cost",
    "supplier_days",
    "agents_wallets",
    "attempts_add_up",
    "money_in_doubt",
    "exchange_at_rates",
    "rules_in_force",
    "tenants_apart",
)

# What can't be proved of a part: it waits for the proof of everything. So do a lot of very many
# cards and a card of very many uses, which are counted whole, and a reveal of what was given long
# ago: see lot_counters.sql, touched.sql and reveals_recorded.sql.
OF_ALL: Final = frozenset(
    {
        "supplier_days",
        "agents_wallets",
        "inventory_at_cost",
        "money_in_doubt",
        "exchange_at_rates",
    }
)

UNITS_MAX: Final = 100_000  # in the lots that are counted, when it isn't everything
USES_MAX: Final = 10_000  # of a card that is looked at, when it isn't everything


class Scope(StrEnum):
    """What was proved."""

    ALL = "all"
    RECENT = "recent"  # what something happened to since a moment


class Broken(msgspec.Struct, frozen=True):
    """A row that breaks a rule: its id (or a rule's name), and the numbers that disagree."""

    id: str
    says: str


class Violation(msgspec.Struct, frozen=True):
    """A rule that is broken: `total` rows break it, of which at most 20 are named."""

    rule: str
    total: int
    rows: list[Broken]
    zh: str
    en: str


class Checked(msgspec.Struct, frozen=True):
    """An invariant, how many rows were looked at, and what was found."""

    invariant: str
    rows_checked: int
    took_ms: int
    violations: list[Violation]


class Verified(msgspec.Struct, frozen=True):
    """The invariants on one snapshot of the database, taken `at`; `since` where it is recent."""

    ok: bool
    checked: list[Checked]
    took_ms: int
    scope: Scope
    at: datetime
    since: datetime | None


@dataclass(frozen=True, slots=True)
class _Row:
    checked: int
    rule: str | None
    id: str | None
    says: str | None
    total: int | None


@dataclass(frozen=True, slots=True)
class _Touched:
    """Arrays as the database writes them: we only hand them back."""

    cards: str
    lines: str
    lots: str
    days: str
    days_begin_at: datetime | None

    @property
    def given(self) -> int:
        """How many cards something happened to."""
        return self.cards.count(",") + (self.cards != "{}")


_FOLDER: Final = Path(__file__).with_name("invariants")
_STATEMENTS: Final = {
    name: Statement(str(_FOLDER / "*"), f"{name}.sql", _Row) for name in INVARIANTS
}


_touched: Final = Statement(__file__, "touched.sql", _Touched)


# Where statistics are from when the tables, or what this tenant has in them, were empty, the
# planner would have them walked pairwise.
_NOT_PAIRWISE: Final = "SET LOCAL enable_nestloop = off"
_MANY: Final = 1_000  # rows: of who has fewer, or seems to, everything is read as fast


async def verify(tx: Tx, tenant_id: int, since: datetime | None = None) -> Verified:
    """Prove the invariants of one tenant and of the schema, set by set, on one snapshot.

    `since`: only of what something happened to from then on, found by times and by ids that rise
    with time. Begin earlier than the last proof by as long as a transaction may last, and clocks
    may differ: what was written before and committed after is else left to the proof of everything.
    The first thing in its transaction, which it makes read-only: it locks and changes nothing.
    """
    await one_snapshot(tx)
    # As many rows as there are, once: hash them in memory rather than walk indexes or spill. And
    # plan for what is asked: everything, or a little of it.
    await tx.exec_driver_sql("SET LOCAL work_mem = '128MB'")
    await tx.exec_driver_sql("SET LOCAL plan_cache_mode = force_custom_plan")
    # Everything is read as fast without indexes: as of who has next to nothing.
    believed = 0 if since is None else await believed_rows(tx, tenant_id, "stock.allocations")
    if believed < _MANY:
        await tx.exec_driver_sql(_NOT_PAIRWISE)
    began = time.perf_counter()
    at = (await tx.exec_driver_sql("SELECT now()")).scalar_one()
    part = await _part(tx, tenant_id, since)
    if part is not None and part.given > believed:
        await tx.exec_driver_sql(_NOT_PAIRWISE)
    given = {
        "tenant_id": tenant_id,
        "since": since,
        "most": UNITS_MAX,
        **_asked(part),
        **_declared(),
    }
    checked = []
    for name, statement in _STATEMENTS.items():
        if since is not None and name in OF_ALL:
            continue
        started = time.perf_counter()
        values = {key: given[key] for key in statement.parameters}
        rows = await statement(tx, **values)
        checked.append(Checked(name, rows[0].checked, _ms_since(started), _violations(rows)))
    ok = not any(each.violations for each in checked)
    scope = Scope.ALL if since is None else Scope.RECENT
    return Verified(ok, checked, _ms_since(began), scope, at, since)


async def _part(tx: Tx, tenant_id: int, since: datetime | None) -> _Touched | None:
    """Say what is looked at; None: all there is."""
    if since is None:
        return None
    first_id = UUID(int=int(since.timestamp() * 1_000) << 80)  # milliseconds: see core/ids.py
    [touched] = await _touched(
        tx, tenant_id=tenant_id, since=since, first_id=first_id, uses_max=USES_MAX
    )
    return touched


def _asked(part: _Touched | None) -> dict[str, object]:
    """Give it as the statements' parameters."""
    return {field.name: part and getattr(part, field.name) for field in fields(_Touched)}


def _violations(rows: list[_Row]) -> list[Violation]:
    found: dict[str, list[_Row]] = {}
    for row in rows:
        if row.rule is not None:
            found.setdefault(row.rule, []).append(row)
    violations = []
    for rule, broken in found.items():
        zh, en = RULES[rule]
        named = [Broken(row.id or "", row.says or "") for row in broken]
        violations.append(Violation(rule, broken[0].total or len(named), named, zh, en))
    return violations


def _ms_since(moment: float) -> int:
    return round((time.perf_counter() - moment) * 1_000)


def _declared() -> dict[str, object]:
    """What the tables declare, as the statements' parameters: the database must have it all."""
    rules: list[tuple[str, str, str, bool]] = []
    append_only: list[tuple[str, str]] = []
    for table in metadata.sorted_tables:
        schema = table.schema or "public"
        rules += [
            (schema, table.name, str(constraint.name), False)
            for constraint in table.constraints
            if constraint.name is not None and not isinstance(constraint, UniqueConstraint)
        ]
        rules += [
            (schema, table.name, str(index.name), True) for index in table.indexes if index.unique
        ]
        if table.info.get("append_only"):
            append_only.append((schema, table.name))
    return {
        "schemas": [rule[0] for rule in rules],
        "tables": [rule[1] for rule in rules],
        "names": [rule[2] for rule in rules],
        "are_indexes": [rule[3] for rule in rules],
        "append_schemas": [schema for schema, _ in append_only],
        "append_tables": [name for _, name in append_only],
        "role": APP_ROLE,
        "profit_kinds": sorted(PROFIT_KINDS),
        "ours": CURRENCY,
    }
