"""Statement: what happened to an agent's wallet, line by line, as the books say."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import accumulate
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from kashu.core.db import Tx
from kashu.core.money import E4
from kashu.core.sheets.write import Value, write_csv
from kashu.core.sql import Statement
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, account_id
from kashu.ledger.statement import balance_until

PAGE_MAX: Final = 500
FILE_MAX: Final = 100_000  # rows of a file

REASONS: Final = {
    "sale": "发货",
    "refund": "退款",
    "kept": "扣留",
    "agent_deposit": "充值",
    "agent_withdrawal": "提现",
    "opening": "期初",
}
_TITLES: Final = {
    "zh": ("时间", "日期", "事由", "订单号", "规格", "数量", "金额", "余额"),
    "en": ("Time", "Day", "Reason", "Order", "SKU", "Units", "Amount", "Balance"),
}
_BEGINNING: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the statement. `amount_e4`: above 0 into the wallet, below 0 out of it."""

    id: UUID
    posted_at: datetime
    posted_on: date
    reason: str
    order_number: str | None
    sku: str | None
    quantity: int
    amount_e4: int


@dataclass(frozen=True, slots=True)
class WalletPart:
    """A part of the statement, oldest first. `opening_e4`: what stood there before the first."""

    opening_e4: int
    entries: list[Entry]

    def balances(self) -> list[int]:
        """What stood there after each; of what is posted, so orders that wait aren't in it."""
        return list(accumulate((each.amount_e4 for each in self.entries), initial=self.opening_e4))[
            1:
        ]


_entries = Statement(__file__, "statement.sql", Entry)


async def entries_of(
    tx: Tx,
    tenant_id: int,
    customer_id: UUID,
    *,
    since: datetime,
    until: datetime,
    after: tuple[datetime, UUID] | None = None,
    limit: int = PAGE_MAX,
) -> WalletPart:
    """Read a page of an agent's statement in [since, until), oldest first.

    What it ordered and waits for isn't there yet: it is posted when its cards are given.
    """
    after_at, after_id = after or (since, _BEGINNING)
    begins_at = max(after_at, since)
    account = account_id(tenant_id, Account(AccountKind.WALLET, customer_id))
    owed_e4 = await balance_until(tx, tenant_id, account, begins_at, after_id)
    entries = await _entries(
        tx,
        tenant=tenant_id,
        account=account,
        after_at=begins_at,
        after_id=after_id,
        until=until,
        limit=limit,
    )
    return WalletPart(-owed_e4, entries)  # an asset of ours while they owe us


def to_csv(part: WalletPart, timezone: str, language: str) -> bytes:
    """Write a statement as CSV that a spreadsheet opens safely, by the merchant's clock."""
    target = io.BytesIO()
    write_csv(target, _TITLES[language], _rows(part, ZoneInfo(timezone), language))
    return target.getvalue()


def _rows(part: WalletPart, timezone: ZoneInfo, language: str) -> Iterator[Sequence[Value]]:
    for each, balance_e4 in zip(part.entries, part.balances(), strict=True):
        yield (
            each.posted_at.astimezone(timezone).strftime("%Y-%m-%d %H:%M:%S"),
            each.posted_on.isoformat(),
            REASONS.get(each.reason, each.reason) if language == "zh" else each.reason,
            each.order_number or "",
            each.sku or "",
            each.quantity,
            Decimal(each.amount_e4) / E4,
            Decimal(balance_e4) / E4,
        )
