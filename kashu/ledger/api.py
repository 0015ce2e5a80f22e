"""HTTP of the ledger: the trial balance, accounts, and the transfers behind them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.core.money import format_amount
from kashu.ledger.errors import PageUnreadable
from kashu.ledger.kinds import AccountKind
from kashu.ledger.reads import (
    PAGE_MAX,
    PostedTransfer,
    list_accounts,
    transfers_of,
    trial_balance,
)
from kashu.ledger.span import check_offsets, span_of
from kashu.ledger.statement import account_statement


class Side(msgspec.Struct, frozen=True):
    """An account as a transfer names it."""

    kind: str
    owner_id: UUID | None


class AccountBalance(msgspec.Struct, frozen=True):
    """What an account was debited and credited; the balance is debit less credit."""

    account_id: UUID
    kind: str
    owner_id: UUID | None
    currency: str
    debit: str
    credit: str
    balance: str


class CurrencyBalance(msgspec.Struct, frozen=True):
    """All accounts of a currency: debit equals credit."""

    currency: str
    debit: str
    credit: str


class TrialBalanceSheet(msgspec.Struct, frozen=True):
    """The books at a moment; once `final`, the same answer whenever it is asked."""

    at: datetime
    final: bool
    accounts: list[AccountBalance]
    totals: list[CurrencyBalance]


class AccountShape(msgspec.Struct, frozen=True):
    """An account that something was posted to."""

    id: UUID
    kind: str
    owner_id: UUID | None
    currency: str


class AccountPage(msgspec.Struct, frozen=True):
    """Some accounts; `next` is the `after` of the next page."""

    accounts: list[AccountShape]
    next: UUID | None


class TransferShape(msgspec.Struct, frozen=True):
    """A transfer: it debits one account and credits another, and never changes."""

    id: UUID
    posted_at: datetime
    posted_on: str
    debit: Side
    credit: Side
    amount: str
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


class TransferPage(msgspec.Struct, frozen=True):
    """Some transfers, oldest first; `next` is the `after` of the next page."""

    transfers: list[TransferShape]
    next: str | None


class StatementLine(TransferShape, frozen=True):
    """A transfer of an account, and the account's balance after it: debit less credit."""

    balance: str


class AccountTransfers(msgspec.Struct, frozen=True):
    """Some transfers of an account, oldest first. `opening`: its balance before the first."""

    account: AccountShape
    opening: str
    transfers: list[StatementLine]
    next: str | None


@get(
    "/v1/trial-balance",
    operation_id="readTrialBalance",
    guards=[requires(Permission.LEDGER_READ)],
)
async def read_trial_balance(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    at: FromQuery[datetime | None] = None,
) -> TrialBalanceSheet:
    """Add up the books until `at`: every account, and each currency's debits and credits."""
    check_offsets(at=at)
    async with database.transaction(caller.tenant_id) as tx:
        found = await trial_balance(tx, caller.tenant_id, at)
    return TrialBalanceSheet(
        found.at,
        found.final,
        [
            AccountBalance(
                row.account_id,
                row.kind,
                row.owner_id,
                row.currency,
                format_amount(row.debit_e4),
                format_amount(row.credit_e4),
                format_amount(row.balance_e4),
            )
            for row in found.accounts
        ],
        [
            CurrencyBalance(row.currency, format_amount(row.debit_e4), format_amount(row.credit_e4))
            for row in found.totals
        ],
    )


@get("/v1/accounts", operation_id="listAccounts", guards=[requires(Permission.LEDGER_READ)])
async def read_accounts(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    kind: FromQuery[AccountKind | None] = None,
    after: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = PAGE_MAX,
) -> AccountPage:
    """List accounts in order of id, of one kind if it is given."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await list_accounts(tx, caller.tenant_id, kind=kind, after=after, limit=limit)
    rows = [AccountShape(row.id, row.kind, row.owner_id, row.currency) for row in found]
    return AccountPage(rows, rows[-1].id if len(rows) == limit else None)


@get(
    "/v1/accounts/{account_id:uuid}/transfers",
    operation_id="readAccountStatement",
    guards=[requires(Permission.LEDGER_READ)],
    responses=problems(404),
)
async def read_account_statement(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    account_id: FromPath[UUID],
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
    after: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 100,
) -> AccountTransfers:
    """Read an account's transfers in [since, until), oldest first; the last 31 days by default."""
    since, until = span_of(since, until)
    async with database.transaction(caller.tenant_id) as tx:
        found = await account_statement(
            tx,
            caller.tenant_id,
            account_id,
            since=since,
            until=until,
            after=None if after is None else _read_mark(after),
            limit=limit,
        )
    last = found.transfers[-1] if len(found.transfers) == limit else None
    account = found.account
    return AccountTransfers(
        AccountShape(account.id, account.kind, account.owner_id, account.currency),
        format_amount(found.opening_e4),
        [
            StatementLine(**msgspec.structs.asdict(_shape(row)), balance=format_amount(balance_e4))
            for row, balance_e4 in zip(found.transfers, found.balances(), strict=True)
        ],
        None if last is None else f"{last.posted_at.isoformat()}_{last.id}",
    )


@get("/v1/transfers", operation_id="listTransfers", guards=[requires(Permission.LEDGER_READ)])
async def read_transfers(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    subject: FromQuery[UUID],
    after: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = PAGE_MAX,
) -> TransferPage:
    """Read the transfers about a line, lot or refund, oldest first."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await transfers_of(tx, caller.tenant_id, subject, after=after, limit=limit)
    return TransferPage(
        [_shape(row) for row in found], str(found[-1].id) if len(found) == limit else None
    )


def _read_mark(mark: str) -> tuple[datetime, UUID]:
    moment, _, last = mark.partition("_")
    try:
        at, last_id = datetime.fromisoformat(moment), UUID(last)
    except ValueError:
        raise PageUnreadable from None
    if at.tzinfo is None:
        raise PageUnreadable
    return at, last_id


def _shape(row: PostedTransfer) -> TransferShape:
    return TransferShape(
        row.id,
        row.posted_at,
        row.posted_on.isoformat(),
        Side(row.debit_kind, row.debit_owner_id),
        Side(row.credit_kind, row.credit_owner_id),
        format_amount(row.amount_e4),
        row.currency,
        row.quantity,
        row.reason,
        row.subject_id,
        row.sku_id,
        row.store_id,
        row.customer_id,
        row.supplier_id,
        row.reverses_id,
        row.reversed_by_id,
    )


routes = (read_trial_balance, read_accounts, read_account_statement, read_transfers)
