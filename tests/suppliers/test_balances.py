"""Balances: what a supplier says beside what the books say, and who is told of a difference."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from kashu.core.db import Database
from kashu.ledger.kinds import AccountKind
from kashu.suppliers.alerts import alert_list
from kashu.suppliers.balances import balance_history, compare, read_balance, read_balances
from kashu.suppliers.errors import SupplierDown
from kashu.suppliers.exposure import Exposure
from kashu.suppliers.kinds import Settlement
from kashu.suppliers.kinds_prepaid import AlertKind, Verdict
from kashu.suppliers.upstream import Balance, Can
from tests.conftest import Tenant
from tests.suppliers.books import deposit, make_supplier, move, transfer_count
from tests.suppliers.outside import SaidSupplier, Watch, connect_said, reach_to


def books(prepaid_e4: int, in_doubt_e4: int = 0, recoveries_e4: int = 0) -> Exposure:
    return Exposure(
        supplier_id=UUID(int=1),
        code="fulu",
        settlement=Settlement.PREPAID,
        available_e4=prepaid_e4,
        in_doubt_e4=in_doubt_e4,
        payable_e4=0,
        recoveries_e4=recoveries_e4,
        credit_max_e4=None,
        exposure_max_e4=None,
        balance_low_e4=None,
        tolerance_e4=0,
        frozen_because=None,
    )


@pytest.mark.parametrize(
    ("theirs", "before", "after", "verdict"),
    [
        (Balance(100), books(100), books(100), Verdict.AGREES),
        (Balance(95), books(100), books(100), Verdict.AGREES),
        (Balance(94), books(100), books(100), Verdict.DIFFERS),
        (Balance(106), books(100), books(100), Verdict.DIFFERS),
        (Balance(90), books(100), books(80), Verdict.AGREES),  # bought while we asked
        (Balance(130), books(100, 25), books(100, 25), Verdict.IN_DOUBT),
        (Balance(131), books(100, 25), books(100, 25), Verdict.DIFFERS),
        (Balance(131), books(100, 25, 10), books(100, 25, 10), Verdict.RECOVERIES),
        (Balance(60, frozen_e4=40), books(100), books(100), Verdict.AGREES),
        (Balance(60, frozen_e4=30), books(100), books(100), Verdict.DIFFERS),
        (Balance(100, frozen_e4=30), books(100), books(100), Verdict.AGREES),
    ],
)
def test_a_balance_is_explained_by_what_is_in_doubt_and_asked_back(
    theirs: Balance, before: Exposure, after: Exposure, verdict: Verdict
) -> None:
    assert compare(theirs, before, after, tolerance_e4=5) is verdict


async def test_a_difference_seen_twice_is_told_and_clears_by_itself(
    database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        supplier_id = await make_supplier(tx, tenant.id)
        await deposit(tx, tenant.id, supplier_id, 5_000_000)
    await connect_said(database, tenant.id)
    watch = Watch(datetime.now(UTC) + timedelta(minutes=1))
    said = SaidSupplier(balances=[Balance(4_000_000)] * 3 + [Balance(5_000_000)] * 2)
    told = []
    for _ in range(5):
        assert not await read_balances(database, tenant.id, reach_to(said, watch))
        watch.at += timedelta(minutes=10)
        async with database.transaction(tenant.id) as tx:
            told.append([alert.kind for alert in await alert_list(tx, tenant.id)])
    differs = [AlertKind.BALANCE_DIFFERS]
    assert told == [[], differs, differs, [], []]
    async with database.transaction(tenant.id) as tx:
        history = await balance_history(tx, tenant.id, supplier_id)
        stood = await alert_list(tx, tenant.id, standing=False)
        assert await transfer_count(tx) == 1  # asking moves no money
    assert [reading.verdict for reading in history] == [Verdict.AGREES, Verdict.DIFFERS]
    assert [reading.difference_e4 for reading in history] == [0, -1_000_000]
    assert [(alert.facts["difference"], alert.cleared_at is None) for alert in stood] == [
        ("-100.00", False)
    ]


async def test_a_balance_is_asked_for_when_it_is_due(database: Database, tenant: Tenant) -> None:
    async with database.transaction(tenant.id) as tx:
        await make_supplier(tx, tenant.id)
    await connect_said(database, tenant.id)
    watch = Watch(datetime.now(UTC) + timedelta(minutes=1))
    said = SaidSupplier(balances=[Balance(0)] * 2)
    for minutes in (0, 9, 1):
        watch.at += timedelta(minutes=minutes)
        await read_balances(database, tenant.id, reach_to(said, watch))
    assert said.asked == ["acc", "acc"]


async def test_a_supplier_that_tells_no_balances_is_left_alone(
    database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        supplier_id = await make_supplier(tx, tenant.id)
    await connect_said(database, tenant.id)
    said = SaidSupplier(can=frozenset({Can.PLACE}))
    watch = Watch(datetime.now(UTC) + timedelta(minutes=1))
    assert await read_balance(database, tenant.id, reach_to(said, watch), supplier_id) is None
    watch.at += timedelta(hours=23)
    await read_balances(database, tenant.id, reach_to(said, watch))
    assert said.asked == []


async def test_people_are_told_when_a_balance_cannot_be_read_for_a_while(
    database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        supplier_id = await make_supplier(tx, tenant.id)
    await connect_said(database, tenant.id)
    down = SupplierDown(supplier="fulu", said="503")
    said = SaidSupplier(balances=[down, down, down, Balance(0)])
    reach = reach_to(said, Watch())
    told = []
    for _ in range(3):
        with pytest.raises(SupplierDown):
            await read_balance(database, tenant.id, reach, supplier_id)
        async with database.transaction(tenant.id) as tx:
            told.append(len(await alert_list(tx, tenant.id)))
    await read_balance(database, tenant.id, reach, supplier_id)
    async with database.transaction(tenant.id) as tx:
        told.append(len(await alert_list(tx, tenant.id)))
    assert told == [0, 0, 1, 0]


async def test_money_in_doubt_explains_a_difference(database: Database, tenant: Tenant) -> None:
    async with database.transaction(tenant.id) as tx:
        supplier_id = await make_supplier(tx, tenant.id)
        await deposit(tx, tenant.id, supplier_id, 5_000_000)
        sent = (AccountKind.IN_DOUBT, AccountKind.PREPAID)
        await move(tx, tenant.id, supplier_id, sent, 400_000)
    await connect_said(database, tenant.id)
    reach = reach_to(SaidSupplier(balances=[Balance(5_000_000)]), Watch())
    reading = await read_balance(database, tenant.id, reach, supplier_id)
    assert reading is not None
    assert (reading.verdict, reading.difference_e4) == (Verdict.IN_DOUBT, 400_000)
