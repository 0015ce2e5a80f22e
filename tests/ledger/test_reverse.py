"""Reversing: a mistake is taken back by new transfers, once."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from kashu.core.db import Database, Tx
from kashu.core.events import events_of
from kashu.core.ids import new_id
from kashu.ledger.errors import AlreadyReversed, UnknownTransfers
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post
from kashu.ledger.reads import transfers_of, trial_balance
from kashu.ledger.reverse import reverse
from kashu.ledger.tables import daily, transfers
from tests.conftest import Tenant

STORE, LINE = new_id(), new_id()
SALE = Transfer(
    Account(AccountKind.RECEIVABLE, STORE),
    Account(AccountKind.REVENUE),
    198_000,
    2,
    "sale",
    LINE,
    store_id=STORE,
)
JULY_1, JULY_9 = date(2026, 7, 1), date(2026, 7, 9)


async def count(database: Database, tenant: Tenant) -> int:
    async with database.transaction(tenant.id) as tx:
        counted: int = (await tx.execute(select(func.count()).select_from(transfers))).scalar_one()
    return counted


async def posted(database: Database, tenant: Tenant, *made: Transfer) -> list[UUID]:
    async with database.transaction(tenant.id) as tx:
        return await post(tx, tenant.id, made or [SALE], posted_on=JULY_1)


async def test_the_mirror_image_is_posted_on_the_day_of_the_correction(
    tx: Tx, tenant: Tenant
) -> None:
    [sale] = await post(tx, tenant.id, [SALE], posted_on=JULY_1)
    made = await reverse(tx, tenant.id, "cli", [sale], "booked twice", posted_on=JULY_9)
    old, new = await transfers_of(tx, tenant.id, LINE)
    assert made == {sale: new.id}
    assert (new.debit_kind, new.credit_kind) == ("revenue", "receivable")
    assert (new.amount_e4, new.reason, new.posted_on) == (198_000, "booked twice", JULY_9)
    assert (new.reverses_id, old.reversed_by_id) == (sale, new.id)
    days: Any = await tx.execute(
        select(daily.c.posted_on, daily.c.debit_e4, daily.c.credit_e4, daily.c.quantity)
    )
    assert sorted(days.all()) == [(JULY_1, 0, 198_000, 2), (JULY_9, 198_000, 0, -2)]


async def test_afterwards_every_account_is_as_it_was_before(tx: Tx, tenant: Tenant) -> None:
    [sale] = await post(tx, tenant.id, [SALE], posted_on=JULY_1)
    await reverse(tx, tenant.id, "cli", [sale], "booked twice", posted_on=JULY_9)
    books = await trial_balance(tx, tenant.id)
    assert [row.balance_e4 for row in books.accounts] == [0, 0]


async def test_who_did_it_and_why_is_recorded(tx: Tx, tenant: Tenant) -> None:
    [sale] = await post(tx, tenant.id, [SALE], posted_on=JULY_1)
    made = await reverse(tx, tenant.id, "staff:1", [sale], "booked twice", posted_on=JULY_9)
    [event] = await events_of(tx, tenant.id, sale)
    assert (event.kind, event.actor) == ("transfer.reversed", "staff:1")
    assert event.facts == {"reason": "booked twice", "by": str(made[sale])}


async def test_a_transfer_is_reversed_once(database: Database, tenant: Tenant) -> None:
    [sale] = await posted(database, tenant)
    async with database.transaction(tenant.id) as tx:
        await reverse(tx, tenant.id, "cli", [sale], "booked twice", posted_on=JULY_9)
    with pytest.raises(AlreadyReversed):
        async with database.transaction(tenant.id) as tx:
            await reverse(tx, tenant.id, "cli", [sale], "once more", posted_on=JULY_9)
    assert await count(database, tenant) == 2


async def test_of_two_who_reverse_it_at_the_same_time_one_is_told(
    database: Database, tenant: Tenant
) -> None:
    [sale] = await posted(database, tenant)

    async def attempt() -> None:
        async with database.transaction(tenant.id) as tx:
            await reverse(tx, tenant.id, "cli", [sale], "booked twice", posted_on=JULY_9)

    outcomes = await asyncio.gather(*(attempt() for _ in range(4)), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "AlreadyReversed",
        "AlreadyReversed",
        "AlreadyReversed",
        "NoneType",
    ]
    assert await count(database, tenant) == 2


async def test_one_that_was_reversed_keeps_back_all_asked_for_with_it(
    database: Database, tenant: Tenant
) -> None:
    first, second = await posted(database, tenant, SALE, SALE)
    async with database.transaction(tenant.id) as tx:
        await reverse(tx, tenant.id, "cli", [first], "booked twice", posted_on=JULY_9)
    with pytest.raises(AlreadyReversed):
        async with database.transaction(tenant.id) as tx:
            await reverse(tx, tenant.id, "cli", [second, first], "both", posted_on=JULY_9)
    assert await count(database, tenant) == 3


async def test_a_reversal_may_itself_be_reversed(tx: Tx, tenant: Tenant) -> None:
    [sale] = await post(tx, tenant.id, [SALE], posted_on=JULY_1)
    made = await reverse(tx, tenant.id, "cli", [sale], "booked twice", posted_on=JULY_9)
    await reverse(tx, tenant.id, "cli", made.values(), "it was right", posted_on=JULY_9)
    books = await trial_balance(tx, tenant.id)
    assert {row.kind: row.balance_e4 for row in books.accounts} == {
        "receivable": 198_000,
        "revenue": -198_000,
    }


async def test_an_unknown_transfer_is_named_and_nothing_is_posted(tx: Tx, tenant: Tenant) -> None:
    [sale] = await post(tx, tenant.id, [SALE], posted_on=JULY_1)
    stranger = new_id()
    with pytest.raises(UnknownTransfers, match=str(stranger)):
        await reverse(tx, tenant.id, "cli", [sale, stranger], "wrong", posted_on=JULY_9)
    assert len(await transfers_of(tx, tenant.id, LINE)) == 1


async def test_another_tenants_transfer_is_unknown(
    database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    [sale] = await posted(database, tenant)
    with pytest.raises(UnknownTransfers):
        async with database.transaction(other_tenant.id) as tx:
            await reverse(tx, other_tenant.id, "cli", [sale], "mine?", posted_on=JULY_9)
    assert await count(database, tenant) == 1


async def test_transfers_of_several_currencies_go_back_each_in_its_own(
    tx: Tx, tenant: Tenant
) -> None:
    ids = await post(tx, tenant.id, [SALE], posted_on=JULY_1)
    ids += await post(tx, tenant.id, [SALE, SALE], posted_on=JULY_1, currency="USD")
    made = await reverse(tx, tenant.id, "cli", ids, "wrong day", posted_on=JULY_9)
    assert set(made) == set(ids)
    books = await trial_balance(tx, tenant.id)
    assert [(row.currency, row.balance_e4) for row in books.accounts] == [
        ("CNY", 0),
        ("CNY", 0),
        ("USD", 0),
        ("USD", 0),
    ]
