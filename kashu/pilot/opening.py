"""Opening balances: what suppliers, customers and platforms owed, or were owed, before us."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from kashu.channels.reads import stores_by_code
from kashu.core.db import Tx
from kashu.core.errors import Problem
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.money import AMOUNT_MAX_E4, CURRENCY, format_amount, parse_amount
from kashu.customers.agents import move_wallets
from kashu.customers.reads import customers_by_code
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post_each
from kashu.pilot.errors import OpeningTaken, OpeningWrong, UnknownOpening
from kashu.pilot.tables import openings
from kashu.suppliers.reads import suppliers_by_code

REASON: Final = "opening"
OPENINGS_SHOWN: Final = 100


class BalanceKind(StrEnum):
    """Whose money was where."""

    SUPPLIER_PREPAID = "supplier_prepaid"  # ours, with a supplier
    SUPPLIER_OWED = "supplier_owed"  # we owe a supplier
    STORE_RECEIVABLE = "store_receivable"  # a platform owes us for a store
    CUSTOMER_OWES = "customer_owes"
    CUSTOMER_BALANCE = "customer_balance"  # a customer's, with us


_ACCOUNTS: Final = {
    BalanceKind.SUPPLIER_PREPAID: AccountKind.PREPAID,
    BalanceKind.SUPPLIER_OWED: AccountKind.PAYABLE,
    BalanceKind.STORE_RECEIVABLE: AccountKind.RECEIVABLE,
    BalanceKind.CUSTOMER_OWES: AccountKind.WALLET,
    BalanceKind.CUSTOMER_BALANCE: AccountKind.WALLET,
}
_OURS: Final = frozenset(  # what we have, not what we owe
    {BalanceKind.SUPPLIER_PREPAID, BalanceKind.STORE_RECEIVABLE, BalanceKind.CUSTOMER_OWES}
)


@dataclass(frozen=True, slots=True)
class Balance:
    """What is to be brought over of one owner; below 0 it takes back what was posted in error.

    `at` says where it was written.
    """

    kind: BalanceKind
    owner: str  # a code
    amount_e4: int
    at: str = ""


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whose money it is, and what that is counted in."""

    id: UUID
    name: str
    currency: str = CURRENCY


@dataclass(frozen=True, slots=True)
class Opening:
    """Balances that were posted. `new`: just now."""

    id: UUID
    name: str
    posted_at: datetime
    posted_on: date
    balances: int
    new: bool = False


@dataclass(frozen=True, slots=True)
class Posted:
    """One of an opening's balances, as it was posted; whose it is as they are called now."""

    kind: BalanceKind
    owner: str  # a code
    name: str
    amount_e4: int
    currency: str


async def post_opening(
    tx: Tx, tenant_id: int, actor: str, name: str, balances: Sequence[Balance], *, posted_on: date
) -> Opening:
    """Post opening balances against `opening`, once under a name; again, it changes nothing.

    Raises: OpeningWrong with all that is wrong, OpeningTaken where the name stands for others.
    """
    owners = await _owners(tx, tenant_id, balances)
    problems = list(_problems(balances, owners))
    if problems:
        raise OpeningWrong(problems=problems, count=len(problems))
    opening_id = new_id()
    digest = _digest(balances)
    made = await tx.execute(
        insert(openings)
        .values(
            tenant_id=tenant_id,
            id=opening_id,
            name=name,
            posted_on=posted_on,
            actor=actor,
            digest=digest,
            balances=[_row(each) for each in balances],
        )
        .on_conflict_do_nothing(index_elements=[openings.c.tenant_id, openings.c.name])
        .returning(openings.c.id)
    )
    if made.one_or_none() is None:
        if await _digest_of(tx, tenant_id, name) != digest:
            raise OpeningTaken(name=name)
        return await _by_name(tx, tenant_id, name)
    by_currency: dict[str, list[Transfer]] = {}
    for each in balances:
        owner = owners[each.kind, each.owner]
        by_currency.setdefault(owner.currency, []).append(_transfer(each, owner.id, opening_id))
    await post_each(tx, tenant_id, by_currency, posted_on=posted_on)
    await move_wallets(tx, tenant_id, _into_wallets(by_currency.get(CURRENCY, [])))
    facts = {"name": name, "balances": len(balances)}
    await record(tx, tenant_id, actor, [Event("opening.posted", opening_id, facts)])
    return replace(await _by_name(tx, tenant_id, name), new=True)


async def list_openings(tx: Tx, tenant_id: int) -> list[Opening]:
    """Opening balances that were posted, the newest first."""
    rows = await tx.execute(
        select(openings)
        .where(openings.c.tenant_id == tenant_id)
        .order_by(openings.c.id.desc())
        .limit(OPENINGS_SHOWN)
    )
    return [_opening(row) for row in rows]


async def read_opening(tx: Tx, tenant_id: int, opening_id: UUID) -> tuple[Opening, list[Posted]]:
    """Read what was posted under one name, in the order it was written. Raises: UnknownOpening."""
    rows = await tx.execute(
        select(openings).where(openings.c.tenant_id == tenant_id, openings.c.id == opening_id)
    )
    row = rows.one_or_none()
    if row is None:
        raise UnknownOpening
    balances = [
        Balance(BalanceKind(each["kind"]), each["owner"], parse_amount(each["amount"]))
        for each in row.balances
    ]
    owners = await _owners(tx, tenant_id, balances)
    posted = []
    for each in balances:
        owner = owners[each.kind, each.owner]  # codes are for good
        posted.append(Posted(each.kind, each.owner, owner.name, each.amount_e4, owner.currency))
    return _opening(row), posted


async def _by_name(tx: Tx, tenant_id: int, name: str) -> Opening:
    rows = await tx.execute(
        select(openings).where(openings.c.tenant_id == tenant_id, openings.c.name == name)
    )
    return _opening(rows.one())


async def _digest_of(tx: Tx, tenant_id: int, name: str) -> str:
    rows = await tx.execute(
        select(openings.c.digest).where(openings.c.tenant_id == tenant_id, openings.c.name == name)
    )
    return str(rows.scalar_one())


def _opening(row: Any) -> Opening:  # noqa: ANN401 (a row of SQLAlchemy's)
    return Opening(row.id, row.name, row.posted_at, row.posted_on, len(row.balances))


async def _owners(
    tx: Tx, tenant_id: int, balances: Sequence[Balance]
) -> dict[tuple[BalanceKind, str], _Owner]:
    """Say whose each balance is; codes that aren't this merchant's are left out."""

    def codes(*kinds: BalanceKind) -> set[str]:
        return {each.owner for each in balances if each.kind in kinds}

    prepaid, owed = BalanceKind.SUPPLIER_PREPAID, BalanceKind.SUPPLIER_OWED
    owes, balance = BalanceKind.CUSTOMER_OWES, BalanceKind.CUSTOMER_BALANCE
    suppliers = await suppliers_by_code(tx, tenant_id, codes(prepaid, owed))
    customers = await customers_by_code(tx, tenant_id, codes(owes, balance))
    stores = await stores_by_code(tx, tenant_id, codes(BalanceKind.STORE_RECEIVABLE))
    paid_in = {code: _Owner(each.id, each.name, each.currency) for code, each in suppliers.items()}
    wallets = {code: _Owner(each.id, each.name) for code, each in customers.items()}
    known: Mapping[BalanceKind, Mapping[str, _Owner]] = {
        prepaid: paid_in,
        owed: paid_in,
        owes: wallets,
        balance: wallets,
        BalanceKind.STORE_RECEIVABLE: {
            code: _Owner(each.id, each.name) for code, each in stores.items()
        },
    }
    return {
        (each.kind, each.owner): known[each.kind][each.owner]
        for each in balances
        if each.owner in known[each.kind]
    }


def _problems(
    balances: Sequence[Balance], owners: Mapping[tuple[BalanceKind, str], _Owner]
) -> Iterator[Problem]:
    seen: set[tuple[BalanceKind, str]] = set()
    for each in balances:
        key = (each.kind, each.owner)
        if key not in owners:
            zh = f"没有编码为 {each.owner[:40]} 的对象，请核对，或先新增。"
            yield Problem(each.at, "owner_unknown", zh, f"No {each.owner[:40]!r}: add it first.")
        elif key in seen:
            zh, en = "同一对象写了两次，请合并。", "The same owner twice: add the two up."
            yield Problem(each.at, "owner_twice", zh, en)
        elif not 0 < abs(each.amount_e4) <= AMOUNT_MAX_E4:
            zh, en = "金额不能为 0。", "An amount isn't 0."
            yield Problem(each.at, "amount_wrong", zh, en)
        seen.add(key)


def _into_wallets(transfers: Sequence[Transfer]) -> dict[UUID, int]:
    """Say what customers' wallets gain, for those that are agents."""
    gains: Counter[UUID] = Counter()
    for each in transfers:
        if each.customer_id is not None:
            paid_in = each.credit.kind is AccountKind.WALLET
            gains[each.customer_id] += each.amount_e4 if paid_in else -each.amount_e4
    return gains


def _row(each: Balance) -> dict[str, str]:
    amount = format_amount(each.amount_e4)
    return {"kind": each.kind.value, "owner": each.owner, "amount": amount}


def _digest(balances: Sequence[Balance]) -> str:
    rows = sorted(tuple(_row(each).values()) for each in balances)
    return hashlib.sha256(msgspec.json.encode(rows)).hexdigest()


def _transfer(each: Balance, owner_id: UUID, opening_id: UUID) -> Transfer:
    theirs, opening = Account(_ACCOUNTS[each.kind], owner_id), Account(AccountKind.OPENING)
    ours = (each.kind in _OURS) is (each.amount_e4 > 0)
    kind = _ACCOUNTS[each.kind]
    return Transfer(
        debit=theirs if ours else opening,
        credit=opening if ours else theirs,
        amount_e4=abs(each.amount_e4),
        quantity=0,
        reason=REASON,
        subject_id=opening_id,
        store_id=owner_id if kind is AccountKind.RECEIVABLE else None,
        customer_id=owner_id if kind is AccountKind.WALLET else None,
        supplier_id=owner_id if kind in {AccountKind.PREPAID, AccountKind.PAYABLE} else None,
    )
