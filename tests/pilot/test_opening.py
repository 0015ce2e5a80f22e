"""Balances from before us are posted once, against `opening`, and can be seen in the books."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, insert, select

from kashu.channels.tables import stores
from kashu.core.db import Database, Tx
from kashu.core.ids import new_id
from kashu.core.sheets.read import read_text
from kashu.customers.add import add_customer
from kashu.ledger.reads import trial_balance
from kashu.ledger.tables import transfers
from kashu.pilot.errors import OpeningTaken, OpeningWrong
from kashu.pilot.opening import Balance, BalanceKind, Opening, list_openings, post_opening
from kashu.pilot.opening_file import read_balances
from kashu.pilot.tables import openings
from kashu.reports.verify import verify
from kashu.suppliers.add import add_supplier
from kashu.suppliers.currency import set_currency
from kashu.suppliers.reads import suppliers_by_code
from tests.conftest import Tenant

DAY = date(2026, 11, 22)
SHEET = (
    '类型,编码,金额\n供应商预付,fulu,"10,000.00"\n欠供应商,fulu,¥250.5\n'
    "店铺应收,tb,88\n客户欠款,zhonghai,1200\n客户余额,anping,300\n"
)


@pytest.fixture
async def partners(database: Database, tenant: Tenant) -> Database:
    async with database.transaction(tenant.id) as tx:
        await add_supplier(tx, tenant.id, "test", code="fulu", name="福禄", tier=1)
        for code in ("zhonghai", "anping"):
            await add_customer(tx, tenant.id, "test", code=code, name=code)
        store = {"id": new_id(), "code": "tb", "name": "淘宝店", "channel": "taobao"}
        await tx.execute(insert(stores).values(tenant_id=tenant.id, **store))
    return database


async def opened(tx: Tx, tenant: Tenant, balances: Sequence[Balance]) -> Opening:
    return await post_opening(tx, tenant.id, "test", "十一月期初", balances, posted_on=DAY)


async def nothing_was_posted(database: Database, tenant: Tenant) -> bool:
    async with database.transaction(tenant.id) as tx:
        counted = [
            (await tx.execute(select(func.count()).select_from(table))).scalar_one()
            for table in (transfers, openings)
        ]
    return counted == [0, 0]


async def test_a_file_of_balances_is_posted_once(partners: Database, tenant: Tenant) -> None:
    balances = read_balances(read_text(SHEET))
    async with partners.transaction(tenant.id) as tx:
        first = await opened(tx, tenant, balances)
    async with partners.transaction(tenant.id) as tx:
        again = await opened(tx, tenant, balances[::-1])
    assert (first.new, again.new, first.balances) == (True, False, 5)
    assert again.id == first.id
    async with partners.transaction(tenant.id) as tx:
        assert [each.name for each in await list_openings(tx, tenant.id)] == ["十一月期初"]
        balance = await trial_balance(tx, tenant.id)
        net = Counter[str]()
    for row in balance.accounts:
        net[row.kind] += row.debit_e4 - row.credit_e4
    assert net == {
        "prepaid": 100_000_000,
        "payable": -2_505_000,
        "receivable": 880_000,
        "wallet": 9_000_000,
        "opening": -107_375_000,
    }
    async with partners.transaction(tenant.id) as tx:
        assert (await verify(tx, tenant.id)).ok


async def test_a_balance_below_nothing_takes_one_back(partners: Database, tenant: Tenant) -> None:
    balances = read_balances(read_text(SHEET))
    back = [replace(each, amount_e4=-each.amount_e4) for each in balances]
    async with partners.transaction(tenant.id) as tx:
        await opened(tx, tenant, balances)
        await post_opening(tx, tenant.id, "test", "冲回", back, posted_on=DAY)
        accounts = (await trial_balance(tx, tenant.id)).accounts
        assert {row.debit_e4 - row.credit_e4 for row in accounts} == {0}
    async with partners.transaction(tenant.id) as tx:
        assert (await verify(tx, tenant.id)).ok


async def test_another_content_under_the_same_name_is_refused(
    partners: Database, tenant: Tenant
) -> None:
    balances = read_balances(read_text(SHEET))
    async with partners.transaction(tenant.id) as tx:
        await opened(tx, tenant, balances)
        before = (await tx.execute(select(func.count()).select_from(transfers))).scalar_one()
    with pytest.raises(OpeningTaken):
        async with partners.transaction(tenant.id) as tx:
            await opened(tx, tenant, balances[:1])
    async with partners.transaction(tenant.id) as tx:
        after = (await tx.execute(select(func.count()).select_from(transfers))).scalar_one()
    assert before == after == 5


async def test_what_is_wrong_is_told_by_row_and_nothing_is_posted(
    partners: Database, tenant: Tenant
) -> None:
    for sheet, wrong in (
        ("类型,编码,金额\n预付款项,fulu,1\n预付,,1\n预付,fulu,-3\n", 3),
        ("类型,金额\n预付,1\n", 1),
        ("类型,编码,金额\n", 1),
    ):
        with pytest.raises(OpeningWrong) as refused:
            read_balances(read_text(sheet))
        assert refused.value.facts["count"] == wrong
        assert all(each.zh and each.en for each in refused.value.problems)
    twice = read_balances(read_text("类型,编码,金额\n预付,fulu,1\n预付,fulu,2\n应收,nobody,1\n"))
    with pytest.raises(OpeningWrong) as refused:
        async with partners.transaction(tenant.id) as tx:
            await opened(tx, tenant, twice)
    told = [(each.at, each.code) for each in refused.value.problems]
    assert told == [("row 3", "owner_twice"), ("row 4", "owner_unknown")]
    with pytest.raises(OpeningWrong):
        async with partners.transaction(tenant.id) as tx:
            await opened(tx, tenant, [Balance(BalanceKind.SUPPLIER_OWED, "fulu", 0)])
    assert await nothing_was_posted(partners, tenant)


async def test_what_was_with_a_supplier_is_in_what_it_is_paid_in(
    partners: Database, tenant: Tenant
) -> None:
    balances = read_balances(read_text(SHEET))
    async with partners.transaction(tenant.id) as tx:
        supplier = (await suppliers_by_code(tx, tenant.id, ["fulu"]))["fulu"]
        await set_currency(tx, tenant.id, "test", supplier.id, "EUR")
        await opened(tx, tenant, balances)
    async with partners.transaction(tenant.id) as tx:
        books = (await trial_balance(tx, tenant.id)).accounts
    async with partners.transaction(tenant.id) as tx:
        assert (await verify(tx, tenant.id)).ok
    theirs = {each.kind: each.debit_e4 - each.credit_e4 for each in books if each.currency == "EUR"}
    assert theirs == {"prepaid": 100_000_000, "payable": -2_505_000, "opening": -97_495_000}
