"""Statement: an account's transfers in a span of time, with its balance after each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from kashu.core.db import Tx
from kashu.core.sql import Statement
from kashu.ledger.errors import UnknownAccount
from kashu.ledger.reads import PAGE_MAX, AccountRow, PostedTransfer
from kashu.ledger.tables import accounts

_BEGINNING: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class AccountStatement:
    """A page of an account's transfers; `opening_e4` is its balance before the first of them."""

    account: AccountRow
    opening_e4: int
    transfers: list[PostedTransfer]

    def balances(self) -> list[int]:
        """The account's balance, debit less credit, after each of the transfers."""
        balance_e4, after = self.opening_e4, []
        own = (self.account.kind, self.account.owner_id)
        for row in self.transfers:
            debited = (row.debit_kind, row.debit_owner_id) == own
            balance_e4 += row.amount_e4 if debited else -row.amount_e4
            after.append(balance_e4)
        return after


@dataclass(frozen=True, slots=True)
class _Before:
    balance_e4: int


_transfers = Statement(__file__, "account_statement.sql", PostedTransfer)
_before = Statement(__file__, "account_before.sql", _Before)


async def account_statement(
    tx: Tx,
    tenant_id: int,
    account_id: UUID,
    *,
    since: datetime,
    until: datetime,
    after: tuple[datetime, UUID] | None = None,
    limit: int = PAGE_MAX,
) -> AccountStatement:
    """Read a page of an account's transfers in [since, until), oldest first.

    `after`: the posted_at and id of the last one read. Raises: UnknownAccount.
    """
    known = select(accounts.c.id, accounts.c.kind, accounts.c.owner_id, accounts.c.currency).where(
        accounts.c.tenant_id == tenant_id, accounts.c.id == account_id
    )
    account = (await tx.execute(known)).one_or_none()
    if account is None:
        raise UnknownAccount(account_id=account_id)
    after_at, after_id = after or (since, _BEGINNING)
    begins_at = max(after_at, since)
    opening_e4 = await balance_until(tx, tenant_id, account_id, begins_at, after_id)
    transfers = await _transfers(
        tx,
        tenant_id=tenant_id,
        account_id=account_id,
        after_at=begins_at,
        after_id=after_id,
        until=until,
        limit=limit,
    )
    return AccountStatement(AccountRow(*account), opening_e4, transfers)


async def balance_until(
    tx: Tx, tenant_id: int, account_id: UUID, at: datetime, last_id: UUID = _BEGINNING
) -> int:
    """Add up an account, debit less credit, until a transfer, it included; or until a moment.

    0 where nothing was posted to it.
    """
    [found] = await _before(
        tx, tenant_id=tenant_id, account_id=account_id, until_at=at, until_id=last_id
    )
    return found.balance_e4
