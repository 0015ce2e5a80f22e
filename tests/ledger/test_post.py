"""Posting: what the books and the day's totals become."""

import asyncio
from datetime import date, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select, text

from kashu.core.db import Database, Tx
from kashu.core.ids import new_id
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, account_id, post
from kashu.ledger.tables import accounts, daily, transfers
from tests.conftest import Tenant

STORE, SKU, LINE, SUPPLIER, WAREHOUSE = (new_id() for _ in range(5))
OWED = Account(AccountKind.RECEIVABLE, STORE)
REVENUE = Account(AccountKind.REVENUE)
COST = Account(AccountKind.COST_OF_GOODS)
STOCK = Account(AccountKind.INVENTORY, WAREHOUSE)
BURNT = Account(AccountKind.AFTER_SALES_LOSS)
JULY_1 = date(2026, 7, 1)


def sale(amount_e4: int = 198_000, units: int = 1) -> Transfer:
    return Transfer(OWED, REVENUE, amount_e4, units, "sale", LINE, SKU, STORE, None, SUPPLIER)


def cost(amount_e4: int = 141_250, units: int = 1) -> Transfer:
    return Transfer(COST, STOCK, amount_e4, units, "cost", LINE, SKU, STORE, None, SUPPLIER)


async def totals(tx: Tx) -> dict[str, tuple[int, int, int]]:
    rows = await tx.execute(
        select(daily.c.kind, daily.c.debit_e4, daily.c.credit_e4, daily.c.quantity)
    )
    return {row.kind: (row.debit_e4, row.credit_e4, row.quantity) for row in rows}


async def test_a_sale_is_appended_and_counted_in_the_days_totals(tx: Tx, tenant: Tenant) -> None:
    ids = await post(tx, tenant.id, [sale(), cost()], posted_on=JULY_1)
    rows = (await tx.execute(select(transfers).order_by(transfers.c.id))).all()
    assert [row.id for row in rows] == ids
    assert [row.debit_account_id for row in rows] == [
        account_id(tenant.id, OWED),
        account_id(tenant.id, COST),
    ]
    assert [(row.amount_e4, row.reason, row.subject_id) for row in rows] == [
        (198_000, "sale", LINE),
        (141_250, "cost", LINE),
    ]
    assert await totals(tx) == {"revenue": (0, 198_000, 1), "cost_of_goods": (141_250, 0, 1)}


async def test_posting_again_adds_to_the_same_totals(tx: Tx, tenant: Tenant) -> None:
    for _ in range(3):
        await post(tx, tenant.id, [sale(), cost(), sale()], posted_on=JULY_1)
    assert await totals(tx) == {"revenue": (0, 1_188_000, 6), "cost_of_goods": (423_750, 0, 3)}
    assert len((await tx.execute(select(daily))).all()) == 2


async def test_totals_without_a_store_or_sku_are_one_row_too(tx: Tx, tenant: Tenant) -> None:
    loss = Transfer(Account(AccountKind.EXPIRED_STOCK), STOCK, 5_000, 1, "expired", new_id())
    for _ in range(2):
        await post(tx, tenant.id, [loss, loss], posted_on=JULY_1)
    assert (await tx.execute(select(daily.c.debit_e4, daily.c.store_id))).all() == [(20_000, None)]


async def test_accounts_come_to_be_once_and_keep_their_id(tx: Tx, tenant: Tenant) -> None:
    for _ in range(2):
        await post(tx, tenant.id, [sale(), cost()], posted_on=JULY_1)
    rows = (await tx.execute(select(accounts))).all()
    assert {(row.kind, row.owner_id, row.id) for row in rows} == {
        (account.kind, account.owner_id, account_id(tenant.id, account))
        for account in (OWED, REVENUE, COST, STOCK)
    }
    assert len(rows) == 4


async def test_an_account_is_another_for_another_tenant_owner_or_currency() -> None:
    made = {
        account_id(1, OWED),
        account_id(2, OWED),
        account_id(1, Account(AccountKind.RECEIVABLE, WAREHOUSE)),
        account_id(1, Account(AccountKind.WALLET, STORE)),
        account_id(1, OWED, "USD"),
    }
    assert len(made) == 5


async def test_units_shrink_on_the_side_where_the_kind_shrinks(tx: Tx, tenant: Tenant) -> None:
    back = (LINE, SKU, STORE, None, SUPPLIER)
    given_back = [
        Transfer(REVENUE, OWED, 198_000, 1, "refund", *back),
        Transfer(BURNT, COST, 141_250, 1, "burnt", *back),
    ]
    await post(tx, tenant.id, [sale(), cost(), *given_back], posted_on=JULY_1)
    assert await totals(tx) == {
        "revenue": (198_000, 198_000, 0),
        "cost_of_goods": (141_250, 141_250, 0),
        "after_sales_loss": (141_250, 0, 1),
    }


async def test_each_day_and_currency_has_its_own_totals(tx: Tx, tenant: Tenant) -> None:
    await post(tx, tenant.id, [sale()], posted_on=JULY_1)
    await post(tx, tenant.id, [sale()], posted_on=date(2026, 7, 2))
    await post(tx, tenant.id, [sale()], posted_on=JULY_1, currency="USD")
    rows = await tx.execute(select(daily.c.posted_on, daily.c.currency, daily.c.credit_e4))
    assert sorted(rows.all()) == [
        (JULY_1, "CNY", 198_000),
        (JULY_1, "USD", 198_000),
        (date(2026, 7, 2), "CNY", 198_000),
    ]


async def test_no_transfers_post_nothing(tx: Tx, tenant: Tenant) -> None:
    assert await post(tx, tenant.id, [], posted_on=JULY_1) == []
    assert (await tx.execute(select(accounts))).all() == []


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        (Transfer(OWED, REVENUE, -1, 1, "sale", LINE), "transfer_is_not_negative"),
        (Transfer(OWED, OWED, 1, 1, "sale", LINE), "transfer_has_two_sides"),
    ],
)
async def test_the_database_refuses_a_wrong_transfer_and_all_beside_it(
    database: Database, tenant: Tenant, wrong: Transfer, rule: str
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match=rule):
        async with database.transaction(tenant.id) as tx:
            await post(tx, tenant.id, [sale(), wrong], posted_on=JULY_1)
    async with database.transaction(tenant.id) as tx:
        for table in (transfers, accounts, daily):
            assert (await tx.execute(select(table))).all() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger.transfers SET amount_e4 = amount_e4 + 100",
        "DELETE FROM ledger.transfers",
        "TRUNCATE ledger.transfers",
    ],
)
async def test_the_programs_role_cannot_change_what_was_posted(
    database: Database, tenant: Tenant, statement: str
) -> None:
    async with database.transaction(tenant.id) as tx:
        await post(tx, tenant.id, [sale()], posted_on=JULY_1)
    with pytest.raises(Exception, match="permission denied"):
        async with database.transaction(tenant.id) as tx:
            await tx.execute(text(statement))
    async with database.transaction(tenant.id) as tx:
        assert (await tx.execute(select(transfers.c.amount_e4))).scalars().all() == [198_000]


async def test_another_tenant_sees_none_of_it(
    database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        await post(tx, tenant.id, [sale()], posted_on=JULY_1)
    async with database.transaction(other_tenant.id) as tx:
        for table in (transfers, accounts, daily):
            assert (await tx.execute(select(table))).all() == []


async def test_writers_of_the_same_totals_in_opposite_orders_both_get_through(
    database: Database, tenant: Tenant
) -> None:
    about: list[Any] = [new_id() for _ in range(200)]

    async def write(skus: list[UUID]) -> None:
        for _ in range(4):
            async with database.transaction(tenant.id) as tx:
                made = [Transfer(OWED, REVENUE, 100, 1, "sale", LINE, sku) for sku in skus]
                await post(tx, tenant.id, made, posted_on=JULY_1)

    await asyncio.gather(write(about), write(about[::-1]), write(about), write(about[::-1]))
    async with database.transaction(tenant.id) as tx:
        rows = (await tx.execute(select(daily.c.credit_e4, daily.c.quantity))).all()
    assert rows == [(1_600, 16)] * 200


async def test_a_transfer_is_dated_when_it_is_posted(tx: Tx, tenant: Tenant) -> None:
    before: datetime = (await tx.execute(text("SELECT clock_timestamp()"))).scalar_one()
    ids = await post(tx, tenant.id, [sale(), sale()], posted_on=JULY_1)
    after: datetime = (await tx.execute(text("SELECT clock_timestamp()"))).scalar_one()
    dated = (await tx.execute(select(transfers.c.posted_at))).scalars().all()
    assert len(dated) == len(ids)
    assert len(set(dated)) == 1
    assert before < dated[0] < after
