"""Questions to the books."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from kashu.core.db import Tx
from kashu.core.sql import Statement
from kashu.ledger.post import POSTING
from kashu.ledger.tables import accounts

PAGE_MAX: Final = 500

_BEGINNING: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account was debited and credited; the balance is debit less credit."""

    account_id: UUID
    kind: str
    owner_id: UUID | None
    currency: str
    debit_e4: int
    credit_e4: int
    balance_e4: int


@dataclass(frozen=True, slots=True)
class CurrencyTotal:
    """All accounts of a currency together: debit equals credit, or `verify` cries."""

    currency: str
    debit_e4: int
    credit_e4: int


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """The books at a moment. `final`: nothing can still be posted before it."""

    at: datetime
    final: bool
    accounts: list[Balance]
    totals: list[CurrencyTotal]


@dataclass(frozen=True, slots=True)
class PostedTransfer:
    """A transfer as it stands in the books."""

    id: UUID
    posted_at: datetime
    posted_on: date
    debit_kind: str
    debit_owner_id: UUID | None
    credit_kind: str
    credit_owner_id: UUID | None
    amount_e4: int
    currency: str
    quantity: int
    reason: str
    subject_id: UUID
    sku_id: UUID | None
    store_id: UUID | None
    customer_id: UUID | None
    supplier_id: UUID | None
    reverses_id: UUID | None
    reversed_by_id: UUID | None


@dataclass(frozen=True, slots=True)
class CostOf:
    """What the goods of a supplier cost for a subject, as far as that still stands."""

    subject_id: UUID
    supplier_id: UUID | None
    units: int
    cost_e4: int


@dataclass(frozen=True, slots=True)
class Earned:
    """What a supplier's cards earned for a subject, less what went back; None: nobody's cards."""

    subject_id: UUID
    supplier_id: UUID | None
    earned_e4: int


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account that something was posted to."""

    id: UUID
    kind: str
    owner_id: UUID | None
    currency: str


@dataclass(frozen=True, slots=True)
class _Oldest:
    since: datetime | None


_oldest_posting = Statement(__file__, "oldest_posting.sql", _Oldest)
_trial_balance = Statement(__file__, "trial_balance.sql", Balance)
_transfers_of = Statement(__file__, "transfers_of.sql", PostedTransfer)
_transfers_about = Statement(__file__, "transfers_about.sql", PostedTransfer)
_earned_by_supplier = Statement(__file__, "earned_by_supplier.sql", Earned)
_cost_by_supplier = Statement(__file__, "cost_by_supplier.sql", CostOf)


async def trial_balance(tx: Tx, tenant_id: int, at: datetime | None = None) -> TrialBalance:
    """Add up every transfer posted until `at` (now, if None), by account and by currency.

    An instant that is `final` gives the same answer whenever it is asked again: who posts says so
    by a lock before the clock is read, so whoever isn't seen at it now will be dated later. The
    three questions are asked in that order, each of the database as it is by then.
    """
    # The database's clock: it dates the transfers.
    moment: datetime = (await tx.execute(select(func.clock_timestamp()))).scalar_one()
    oldest = (await _oldest_posting(tx, posting=POSTING))[0].since
    at = moment if at is None else at
    balances = await _trial_balance(tx, tenant_id=tenant_id, at=at)
    debits: dict[str, int] = {}
    credits_: dict[str, int] = {}
    for row in balances:
        debits[row.currency] = debits.get(row.currency, 0) + row.debit_e4
        credits_[row.currency] = credits_.get(row.currency, 0) + row.credit_e4
    totals = [CurrencyTotal(name, debits[name], credits_[name]) for name in sorted(debits)]
    return TrialBalance(at, at < min(moment, oldest or moment), balances, totals)


async def transfers_of(
    tx: Tx, tenant_id: int, subject_id: UUID, *, after: UUID | None = None, limit: int = PAGE_MAX
) -> list[PostedTransfer]:
    """Read a page of the transfers about a subject, oldest first. `after`: the last id read."""
    return await _transfers_of(
        tx, tenant_id=tenant_id, subject_id=subject_id, after=after or _BEGINNING, limit=limit
    )


async def transfers_about(
    tx: Tx, tenant_id: int, subject_ids: Collection[UUID]
) -> list[PostedTransfer]:
    """Read all transfers about some subjects, oldest first: of few, such as an order's lines."""
    return await _transfers_about(tx, tenant_id=tenant_id, subject_ids=list(subject_ids))


async def earned_by_supplier(
    tx: Tx, tenant_id: int, subject_ids: Collection[UUID]
) -> dict[UUID, dict[UUID | None, int]]:
    """Say whose cards earned the price of each subject, in order of supplier, nobody's last.

    By what the books say, so that what goes back can be taken from who earned it.
    """
    earned: dict[UUID, dict[UUID | None, int]] = {subject_id: {} for subject_id in subject_ids}
    for row in await _earned_by_supplier(tx, tenant_id=tenant_id, subject_ids=list(subject_ids)):
        earned[row.subject_id][row.supplier_id] = row.earned_e4
    return earned


async def cost_by_supplier(tx: Tx, tenant_id: int, subject_ids: Collection[UUID]) -> list[CostOf]:
    """Say what the goods of each supplier cost for some subjects, by what the books say."""
    return await _cost_by_supplier(tx, tenant_id=tenant_id, subject_ids=list(subject_ids))


async def list_accounts(
    tx: Tx, tenant_id: int, *, kind: str | None = None, after: UUID | None = None, limit: int
) -> list[AccountRow]:
    """Read a page of accounts in order of id, of one kind if it is given."""
    wanted = (
        select(accounts.c.id, accounts.c.kind, accounts.c.owner_id, accounts.c.currency)
        .where(accounts.c.tenant_id == tenant_id, accounts.c.id > (after or _BEGINNING))
        .order_by(accounts.c.id)
        .limit(limit)
    )
    if kind is not None:
        wanted = wanted.where(accounts.c.kind == kind)
    return [AccountRow(*row) for row in await tx.execute(wanted)]
