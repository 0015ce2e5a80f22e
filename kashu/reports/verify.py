"""Verify: prove the invariants on the live database, and name the rows that break them."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import UniqueConstraint

from kashu.core.db import APP_ROLE, Tx
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
    "rules_in_force",
    "tenants_apart",
)


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
    """All invariants on one snapshot of the database."""

    ok: bool
    checked: list[Checked]
    took_ms: int


@dataclass(frozen=True, slots=True)
class _Row:
    checked: int
    rule: str | None
    id: str | None
    says: str | None
    total: int | None


_FOLDER: Final = Path(__file__).with_name("invariants")
_STATEMENTS: Final = {
    name: Statement(str(_FOLDER / "*"), f"{name}.sql", _Row) for name in INVARIANTS
}


async def verify(tx: Tx, tenant_id: int) -> Verified:
    """Prove the invariants of one tenant and of the schema, set by set, on one snapshot.

    The first thing in its transaction, which it makes read-only: it locks and changes nothing.
    """
    await tx.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    # As many rows as there are, once: hash them in memory rather than walk indexes or spill.
    await tx.exec_driver_sql("SET LOCAL work_mem = '128MB'")
    began = time.perf_counter()
    given = {"tenant_id": tenant_id, **_declared()}
    checked = []
    for name, statement in _STATEMENTS.items():
        started = time.perf_counter()
        values = {key: given[key] for key in statement.parameters}
        rows = await statement(tx, **values)
        checked.append(Checked(name, rows[0].checked, _ms_since(started), _violations(rows)))
    ok = not any(each.violations for each in checked)
    return Verified(ok, checked, _ms_since(began))


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
    }
