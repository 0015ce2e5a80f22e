"""Questions to the books."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from kashu.core.db import Database, Tx
from kashu.core.ids import new_id, new_ids
from kashu.ledger.errors import UnknownAccount
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, account_id, post
from kashu.ledger.reads import (
    CurrencyTotal,
    list_accounts,
    transfers_of,
    trial_balance,
)
from kashu.ledger.statement import account_statement
from tests.conftest import Tenant

STORE = new_id()
OWED = Account(AccountKind.RECEIVABLE, STORE)
REVENUE = Account(AccountKind.REVENUE)
CASH = Account(AccountKind.CASH)
JULY_1 = date(2026, 7, 1)
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
async def dated(database: Database, tenant: Tenant, owner_url: str) -> list[UUID]:
    """Ten sales, the n-th n minutes after noon, and a payment of all at 12:10."""
    async with database.transaction(tenant.id) as tx:
        sales = [Transfer(OWED, REVENUE, 100 + n, 1, "sale", new_id()) for n in range(10)]
        paid = Transfer(CASH, OWED, 1_045, 0, "paid", new_id())
        ids = await post(tx, tenant.id, [*sales, paid], posted_on=JULY_1)
    with psycopg.connect(owner_url) as connection:  # as if they had been posted then
        for n, transfer_id in enumerate(ids):
            connection.execute(
                "UPDATE ledger.transfers SET posted_at = %s WHERE id = %s",
                (NOON + timedelta(minutes=n), transfer_id),
            )
    return ids


async def test_the_books_come_to_zero_at_every_instant(
    dated: list[UUID], database: Database, tenant: Tenant
) -> None:
    assert dated
    async with database.transaction(tenant.id) as tx:
        for minute in range(-1, 12):
            books = await trial_balance(tx, tenant.id, NOON + timedelta(minutes=minute))
            assert sum(row.balance_e4 for row in books.accounts) == 0
            assert all(total.debit_e4 == total.credit_e4 for total in books.totals)


async def test_an_instant_counts_what_was_posted_until_then(
    dated: list[UUID], database: Database, tenant: Tenant
) -> None:
    assert dated
    async with database.transaction(tenant.id) as tx:
        before = await trial_balance(tx, tenant.id, NOON - timedelta(seconds=1))
        during = await trial_balance(tx, tenant.id, NOON + timedelta(minutes=2))
        after = await trial_balance(tx, tenant.id)
    assert (before.accounts, before.totals) == ([], [])
    assert {row.kind: row.balance_e4 for row in during.accounts} == {
        "receivable": 303,
        "revenue": -303,
    }
    assert {row.kind: (row.debit_e4, row.credit_e4) for row in after.accounts} == {
        "cash": (1_045, 0),
        "receivable": (1_045, 1_045),
        "revenue": (0, 1_045),
    }
    assert after.totals == [CurrencyTotal("CNY", 2_090, 2_090)]


async def test_currencies_are_added_up_apart(tx: Tx, tenant: Tenant) -> None:
    await post(tx, tenant.id, [Transfer(OWED, REVENUE, 5, 1, "sale", STORE)], posted_on=JULY_1)
    await post(
        tx,
        tenant.id,
        [Transfer(OWED, REVENUE, 7, 1, "sale", STORE)],
        posted_on=JULY_1,
        currency="USD",
    )
    books = await trial_balance(tx, tenant.id)
    assert books.totals == [CurrencyTotal("CNY", 5, 5), CurrencyTotal("USD", 7, 7)]


async def test_an_instant_is_final_as_soon_as_it_is_past(tx: Tx, tenant: Tenant) -> None:
    now = (await trial_balance(tx, tenant.id)).at
    for age_s, final in ((-60, False), (0, True), (86_400, True)):
        books = await trial_balance(tx, tenant.id, now - timedelta(seconds=age_s))
        assert books.final is final
    assert (await trial_balance(tx, tenant.id)).final is False  # this very moment isn't over


async def test_a_final_instant_answers_the_same_whatever_is_posted_after(
    database: Database, tenant: Tenant
) -> None:
    sale = Transfer(OWED, REVENUE, 5, 1, "sale", STORE)
    async with database.transaction(tenant.id) as slow, database.transaction(tenant.id) as reader:
        await slow.execute(text("SELECT 1"))  # it has begun, long before it posts
        at = (await trial_balance(reader, tenant.id)).at
        before = await trial_balance(reader, tenant.id, at)
        await post(slow, tenant.id, [sale], posted_on=JULY_1)
        await slow.commit()
        after = await trial_balance(reader, tenant.id, at)
    assert before.final
    assert after == before


async def test_an_instant_is_not_final_while_somebody_who_posted_before_it_may_still_commit(
    database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    sale = Transfer(OWED, REVENUE, 5, 1, "sale", STORE)
    async with database.transaction(tenant.id) as reader:
        async with database.transaction(other_tenant.id) as elsewhere:
            early = (await trial_balance(reader, tenant.id)).at - timedelta(seconds=1)
            await post(elsewhere, other_tenant.id, [sale], posted_on=JULY_1)
            async with database.transaction(tenant.id) as writer:
                await post(writer, tenant.id, [sale], posted_on=JULY_1)
                at = (await trial_balance(reader, tenant.id)).at
                during = await trial_balance(reader, tenant.id, at)
                assert (during.final, during.accounts) == (False, [])
                assert (await trial_balance(reader, tenant.id, early)).final
        after = await trial_balance(reader, tenant.id, at)
    assert (after.final, len(after.accounts)) == (True, 2)


async def test_without_an_instant_all_that_this_transaction_posted_counts(
    tx: Tx, tenant: Tenant
) -> None:
    await post(tx, tenant.id, [Transfer(OWED, REVENUE, 5, 1, "sale", STORE)], posted_on=JULY_1)
    assert len((await trial_balance(tx, tenant.id)).accounts) == 2


async def test_a_statement_is_read_page_by_page_without_gap_or_repeat(
    dated: list[UUID], database: Database, tenant: Tenant
) -> None:
    owed = account_id(tenant.id, OWED)
    read: list[UUID] = []
    after = None
    async with database.transaction(tenant.id) as tx:
        while True:
            page = await account_statement(
                tx,
                tenant.id,
                owed,
                since=NOON,
                until=NOON + timedelta(hours=1),
                after=after,
                limit=4,
            )
            read += [row.id for row in page.transfers]
            if len(page.transfers) < 4:
                break
            last = page.transfers[-1]
            after = last.posted_at, last.id
    assert read == dated


async def test_a_statement_has_its_span_and_its_account_only(
    dated: list[UUID], database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        of_revenue = await account_statement(
            tx,
            tenant.id,
            account_id(tenant.id, REVENUE),
            since=NOON + timedelta(minutes=8),
            until=NOON + timedelta(minutes=11),
        )
        of_cash = await account_statement(
            tx,
            tenant.id,
            account_id(tenant.id, CASH),
            since=NOON,
            until=NOON + timedelta(minutes=10),
        )
    assert [row.id for row in of_revenue.transfers] == dated[8:10]
    assert of_cash.transfers == []


async def test_a_statement_begins_with_what_was_there_and_ends_with_the_trial_balance(
    dated: list[UUID], database: Database, tenant: Tenant
) -> None:
    assert dated
    owed = account_id(tenant.id, OWED)
    span: dict[str, Any] = {
        "since": NOON + timedelta(minutes=3),
        "until": NOON + timedelta(hours=1),
    }
    async with database.transaction(tenant.id) as tx:
        whole = await account_statement(tx, tenant.id, owed, **span)
        mark = whole.transfers[2].posted_at, whole.transfers[2].id
        rest = await account_statement(tx, tenant.id, owed, **span, after=mark)
        books = await trial_balance(tx, tenant.id, NOON + timedelta(hours=1))
    assert whole.opening_e4 == 100 + 101 + 102
    assert whole.balances()[:2] == [303 + 103, 303 + 103 + 104]
    assert rest.opening_e4 == whole.balances()[2]
    assert rest.balances() == whole.balances()[3:]
    [balance] = [row.balance_e4 for row in books.accounts if row.account_id == owed]
    assert whole.balances()[-1] == balance == 0


async def test_transfers_posted_in_one_instant_are_paged_by_id(tx: Tx, tenant: Tenant) -> None:
    made = [Transfer(OWED, REVENUE, n, 1, "sale", STORE) for n in range(7)]
    ids = await post(tx, tenant.id, made, posted_on=JULY_1)
    owed = account_id(tenant.id, OWED)
    since, until = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(hours=1)
    first = await account_statement(tx, tenant.id, owed, since=since, until=until, limit=3)
    last = first.transfers[-1]
    after = last.posted_at, last.id
    rest = await account_statement(tx, tenant.id, owed, since=since, until=until, after=after)
    assert [row.id for row in first.transfers + rest.transfers] == ids


async def test_a_statement_of_another_tenants_account_is_not_found(
    dated: list[UUID], database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    assert dated
    with pytest.raises(UnknownAccount):
        async with database.transaction(other_tenant.id) as tx:
            await account_statement(
                tx,
                other_tenant.id,
                account_id(tenant.id, OWED),
                since=NOON,
                until=NOON + timedelta(days=1),
            )


async def test_the_transfers_of_a_subject_are_read_in_order(tx: Tx, tenant: Tenant) -> None:
    line, other = new_ids(2)
    made = [Transfer(OWED, REVENUE, n, 1, "sale", line) for n in range(5)]
    made.insert(2, Transfer(OWED, REVENUE, 9, 1, "sale", other))
    ids = await post(tx, tenant.id, made, posted_on=JULY_1)
    ours = [transfer_id for n, transfer_id in enumerate(ids) if n != 2]
    assert [row.id for row in await transfers_of(tx, tenant.id, line)] == ours
    page = await transfers_of(tx, tenant.id, line, after=ours[1], limit=2)
    assert [row.id for row in page] == ours[2:4]


async def test_accounts_are_listed_by_kind_and_page(tx: Tx, tenant: Tenant) -> None:
    owners = new_ids(5)
    made = [
        Transfer(Account(AccountKind.RECEIVABLE, owner), REVENUE, 1, 1, "sale", owner)
        for owner in owners
    ]
    await post(tx, tenant.id, made, posted_on=JULY_1)
    everything = await list_accounts(tx, tenant.id, limit=100)
    assert len(everything) == 6
    assert [row.id for row in everything] == sorted(row.id for row in everything)
    owed = await list_accounts(tx, tenant.id, kind="receivable", limit=100)
    assert {row.owner_id for row in owed} == set(owners)
    rest = await list_accounts(tx, tenant.id, after=everything[3].id, limit=100)
    assert rest == everything[4:]
