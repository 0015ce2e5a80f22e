"""Post: add transfers to the books, and what they change in the day's totals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple
from uuid import UUID, uuid5

from kashu.core.arrays import array_literal
from kashu.core.db import Tx
from kashu.core.ids import new_ids
from kashu.core.money import CURRENCY
from kashu.core.sql import Statement
from kashu.ledger.kinds import GOODS_KINDS, PROFIT_KINDS, SUPPLIER_KINDS, AccountKind

_ACCOUNTS: Final = UUID("6f0d7c1e-6b61-5368-9175-6c6564676572")  # the namespace of account ids
_PROFIT: Final = sorted(PROFIT_KINDS)
_WITH_SUPPLIER: Final = sorted(SUPPLIER_KINDS)
_GOODS: Final = sorted(GOODS_KINDS)

POSTING: Final = 0x6B6C_6467  # "kldg": the class of the locks that say since when somebody posts


# Named tuples, not dataclasses: thousands are made a second, and zip() turns them into columns.
class Account(NamedTuple):
    """An account, by what it counts and whose it is. It comes to be with its first transfer."""

    kind: AccountKind
    owner_id: UUID | None = None


class Transfer(NamedTuple):
    """`amount_e4` ten-thousandths, never negative, from `credit` to `debit`.

    `quantity` counts units, whatever its sign: a day's quantity of a kind grows by it on the side
    where the kind grows (revenue when credited, an expense when debited), and shrinks on the other.
    """

    debit: Account
    credit: Account
    amount_e4: int
    quantity: int
    reason: str
    subject_id: UUID
    sku_id: UUID | None = None
    store_id: UUID | None = None
    customer_id: UUID | None = None
    supplier_id: UUID | None = None
    reverses_id: UUID | None = None  # set by reverse()


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The statement returns no rows."""


_post = Statement(__file__, "post.sql", _Nothing)


def account_id(tenant_id: int, account: Account, currency: str = CURRENCY) -> UUID:
    """Say the id an account has or will have: it follows from what it is, without a look-up."""
    return _account_id(tenant_id, account.kind, account.owner_id, currency)


@lru_cache(maxsize=65_536)
def _account_id(tenant_id: int, kind: AccountKind, owner_id: UUID | None, currency: str) -> UUID:
    return uuid5(_ACCOUNTS, f"{tenant_id}:{kind.value}:{owner_id or '-'}:{currency}")


async def post(
    tx: Tx,
    tenant_id: int,
    transfers: Sequence[Transfer],
    *,
    posted_on: date,
    currency: str = CURRENCY,
) -> list[UUID]:
    """Append transfers to the books on the merchant's day `posted_on`.

    One statement makes missing accounts, appends, and adds to `daily`, which the reports read.
    They are dated when they are posted, not when their transaction began: see trial_balance().
    Returns the transfers' ids, in order.
    Locks: the day's totals it adds to, in order of their key. Post once in a transaction: who
    posts twice takes them out of order, and may be told `DatabaseBusy` because of a deadlock.
    """
    if not transfers:
        return []
    debits, credits_, amounts, quantities, reasons, *about = zip(*transfers, strict=True)
    ids_of = {account: account_id(tenant_id, account, currency) for account in {*debits, *credits_}}
    accounts = list(ids_of)
    subjects, skus, stores, customers, suppliers, reverses = map(array_literal, about)
    ids = new_ids(len(transfers))
    await _post(
        tx,
        tenant_id=tenant_id,
        posting=POSTING,
        posted_on=posted_on,
        currency=currency,
        profit_kinds=_PROFIT,
        supplier_kinds=_WITH_SUPPLIER,
        goods_kinds=_GOODS,
        account_ids=array_literal(list(ids_of.values())),
        account_kinds=array_literal([account.kind for account in accounts]),
        account_owners=array_literal([account.owner_id for account in accounts]),
        ids=array_literal(ids),
        debit_ids=array_literal([ids_of[account] for account in debits]),
        credit_ids=array_literal([ids_of[account] for account in credits_]),
        amounts=array_literal(amounts),
        quantities=array_literal(quantities),
        reasons=array_literal(reasons),
        subjects=subjects,
        skus=skus,
        stores=stores,
        customers=customers,
        suppliers=suppliers,
        reverses=reverses,
    )
    return ids


async def post_each(
    tx: Tx, tenant_id: int, by_currency: Mapping[str, Sequence[Transfer]], *, posted_on: date
) -> dict[str, list[UUID]]:
    """Append transfers of several currencies. Returns their ids, in order, by currency.

    Locks: as post(), in order of currency: everybody's order.
    """
    return {
        currency: await post(tx, tenant_id, transfers, posted_on=posted_on, currency=currency)
        for currency, transfers in sorted(by_currency.items())
    }
