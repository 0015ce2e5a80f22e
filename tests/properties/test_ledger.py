"""Whatever is posted and reversed: the books come to zero, and the day's totals are their sum."""

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any, TypeAlias
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import select, text

from kashu.core.db import Database, Tx
from kashu.core.ids import new_id
from kashu.ledger.kinds import PROFIT_KINDS, AccountKind
from kashu.ledger.post import Account, Transfer, post
from kashu.ledger.reads import trial_balance
from kashu.ledger.reverse import reverse
from kashu.ledger.tables import daily
from tests.conftest import make_tenant

FEW = [UUID(int=n) for n in range(1, 4)]
JULY_1 = date(2026, 7, 1)

maybe = some.sampled_from([None, *FEW])
account = some.builds(Account, some.sampled_from(AccountKind), maybe)
transfer = some.builds(
    Transfer,
    account,
    account,
    some.integers(0, 10**15),
    some.integers(-10_000, 10_000),
    some.sampled_from(["sale", "cost", "refund"]),
    some.sampled_from(FEW),
    maybe,
    maybe,
    maybe,
    maybe,
    reverses_id=some.none(),
).filter(lambda made: made.debit != made.credit)
day = some.integers(0, 2).map(lambda days: JULY_1 + timedelta(days))
posting = some.tuples(day, some.sampled_from(["CNY", "USD"]), some.lists(transfer, max_size=8))
reversal = some.tuples(day, some.integers(0, 1_000))

Posted: TypeAlias = list[tuple[datetime, date, str, Transfer]]

names = count()


def daily_of(posted: Posted) -> dict[tuple[Any, ...], tuple[int, int, int]]:
    """Add up the profit kinds by hand."""
    debits, credits_, units = Counter[Any](), Counter[Any](), Counter[Any]()
    for _, on, currency, made in posted:
        for side, sums in ((made.debit, debits), (made.credit, credits_)):
            if side.kind not in PROFIT_KINDS:
                continue
            about = (made.sku_id, made.store_id, made.customer_id, made.supplier_id)
            key = (on, side.kind.value, currency, *about)
            sums[key] += made.amount_e4
            grows = (side.kind is AccountKind.REVENUE) == (sums is credits_)
            units[key] += abs(made.quantity) if grows else -abs(made.quantity)
    return {key: (debits[key], credits_[key], units[key]) for key in units}


def balances_of(posted: Posted) -> dict[tuple[Any, ...], int]:
    """Add up the accounts by hand."""
    balances = Counter[Any]()
    for _, _, currency, made in posted:
        balances[made.debit.kind.value, made.debit.owner_id, currency] += made.amount_e4
        balances[made.credit.kind.value, made.credit.owner_id, currency] -= made.amount_e4
    return dict(balances)


async def check_daily(tx: Tx, tenant_id: int, posted: Posted) -> None:
    columns = daily.c
    rows = await tx.execute(
        select(
            columns.posted_on,
            columns.kind,
            columns.currency,
            columns.sku_id,
            columns.store_id,
            columns.customer_id,
            columns.supplier_id,
            columns.debit_e4,
            columns.credit_e4,
            columns.quantity,
        ).where(columns.tenant_id == tenant_id)
    )
    assert {tuple(row[:7]): tuple(row[7:]) for row in rows} == daily_of(posted)


async def check_every_instant(tx: Tx, tenant_id: int, posted: Posted) -> None:
    for instant in sorted({entry[0] for entry in posted}):
        books = await trial_balance(tx, tenant_id, instant)
        for total in books.totals:
            assert total.debit_e4 == total.credit_e4
        until_then = [entry for entry in posted if entry[0] <= instant]
        found = {(row.kind, row.owner_id, row.currency): row.balance_e4 for row in books.accounts}
        assert found == balances_of(until_then)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=some.lists(some.one_of(posting, reversal), max_size=8))
async def test_the_books_come_to_zero_at_each_instant_and_daily_is_their_sum(
    database: Database, steps: list[Any]
) -> None:
    tenant = await make_tenant(database, f"books-{next(names)}-{new_id()}")
    posted: Posted = []
    open_: dict[UUID, tuple[str, Transfer]] = {}  # those that weren't reversed yet
    for step in steps:
        async with database.transaction(tenant.id) as tx:
            on: date = step[0]
            done: list[tuple[str, Transfer]] = []
            if isinstance(step[1], str):
                currency, made = step[1], step[2]
                ids = await post(tx, tenant.id, made, posted_on=on, currency=currency)
                done = [(currency, each) for each in made]
                open_.update(zip(ids, ((currency, each) for each in made), strict=True))
            elif open_:
                chosen = sorted(open_)[step[1] % len(open_)]
                currency, old = open_.pop(chosen)
                await reverse(tx, tenant.id, "cli", [chosen], "wrong", posted_on=on)
                done = [(currency, old._replace(debit=old.credit, credit=old.debit))]
            by: datetime = (await tx.execute(text("SELECT clock_timestamp()"))).scalar_one()
            posted += [(by, on, currency, each) for currency, each in done]
    async with database.transaction(tenant.id) as tx:
        await check_daily(tx, tenant.id, posted)
        await check_every_instant(tx, tenant.id, posted)
