"""Prepaid: how long it lasts, when people are told, and what is owed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from kashu.core.db import Database, Tx
from kashu.core.events import events_of
from kashu.ledger.kinds import AccountKind
from kashu.suppliers.alerts import alert_list
from kashu.suppliers.burn import burn_of
from kashu.suppliers.dues import Due, dues
from kashu.suppliers.errors_prepaid import LimitsWrong, NotFrozen, ReasonMissing
from kashu.suppliers.exposure import exposure_of
from kashu.suppliers.freeze import freeze_supplier, unfreeze_supplier
from kashu.suppliers.kinds import Settlement
from kashu.suppliers.kinds_prepaid import AlertKind
from kashu.suppliers.limits import LimitChanges, change_limits
from kashu.suppliers.prepaid import standings, watch_prepaid
from tests.conftest import Tenant
from tests.suppliers.books import TODAY, deposit, make_supplier, move
from tests.suppliers.outside import Watch

ZONE = "Asia/Shanghai"
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 there
SENT = (AccountKind.IN_DOUBT, AccountKind.PREPAID)
BOUGHT = (AccountKind.INVENTORY, AccountKind.IN_DOUBT)
OWED = (AccountKind.INVENTORY, AccountKind.PAYABLE)


async def test_a_forecast_follows_the_faster_pace(tx: Tx, tenant: Tenant) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    await deposit(tx, tenant.id, supplier_id, 100_000_000, on=TODAY - timedelta(days=20))
    for days, amount_e4 in ((10, 1_000_000), (5, 1_000_000), (1, 6_000_000), (0, 12_000_000)):
        on = TODAY - timedelta(days=days)
        await move(tx, tenant.id, supplier_id, SENT, amount_e4, on=on)
        await move(tx, tenant.id, supplier_id, BOUGHT, amount_e4, on=on)
    exposures = await exposure_of(tx, tenant.id, [supplier_id])
    burn = (await burn_of(tx, tenant.id, exposures.values(), NOON, ZONE))[supplier_id]
    assert burn.today_e4 == 12_000_000
    assert burn.recent_a_day_e4 == 12_000_000  # 18 million in 36 hours
    assert burn.average_a_day_e4 == 800_000  # 8 million in ten days
    assert burn.hours_left == 160  # 80 million
    assert burn.suggested_e4 == 4_000_000  # 84 million for a week, less what is there


async def test_what_came_back_was_not_used(tx: Tx, tenant: Tenant) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    await deposit(tx, tenant.id, supplier_id, 1_000_000)
    await move(tx, tenant.id, supplier_id, SENT, 500_000)
    await move(tx, tenant.id, supplier_id, (SENT[1], SENT[0]), 500_000)
    [standing] = await standings(tx, tenant.id, NOON, ZONE)
    assert (standing.burn.a_day_e4, standing.burn.hours_left) == (0, None)
    assert (standing.exposure.available_e4, standing.exposure.in_doubt_e4) == (1_000_000, 0)


async def test_a_low_balance_is_told_once_and_clears_when_there_is_clearly_enough(
    database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        supplier_id = await make_supplier(tx, tenant.id)
        await change_limits(tx, tenant.id, "cli", "fulu", LimitChanges(balance_low_e4=1_000_000))
    told = []
    for more_e4 in (1_000_000, 100_000, 100_001):
        async with database.transaction(tenant.id) as tx:
            await deposit(tx, tenant.id, supplier_id, more_e4)
        for _ in range(2):
            await watch_prepaid(database, tenant.id, ZONE, Watch(NOON))
        async with database.transaction(tenant.id) as tx:
            told.append([alert.kind for alert in await alert_list(tx, tenant.id)])
    assert told == [[AlertKind.BALANCE_LOW], [AlertKind.BALANCE_LOW], []]
    async with database.transaction(tenant.id) as tx:
        kinds = [event.kind for event in await events_of(tx, tenant.id, supplier_id)]
    assert kinds.count("supplier.balance_low") == 1
    assert kinds.count("supplier.balance_low_cleared") == 1


async def test_what_is_owed_is_due_after_its_days_and_paid_oldest_first(
    database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        supplier_id = await make_supplier(tx, tenant.id)
        terms = LimitChanges(settlement=Settlement.PAYABLE, settle_days=7)
        await change_limits(tx, tenant.id, "cli", "fulu", terms)
        for days, amount_e4 in ((10, 300), (8, 200), (2, 100)):
            on = TODAY - timedelta(days=days)
            await move(tx, tenant.id, supplier_id, OWED, amount_e4, on=on)
        [owed] = await dues(tx, tenant.id, TODAY)
        assert (owed.payable_e4, owed.overdue_e4) == (600, 500)
        await move(tx, tenant.id, supplier_id, (AccountKind.PAYABLE, AccountKind.CASH), 350)
        [owed] = await dues(tx, tenant.id, TODAY)
    assert owed.open == [
        Due(date(2026, 11, 15), date(2026, 11, 22), 150),
        Due(date(2026, 11, 21), date(2026, 11, 28), 100),
    ]
    await watch_prepaid(database, tenant.id, ZONE, Watch(NOON))
    async with database.transaction(tenant.id) as tx:
        assert [alert.facts["overdue"] for alert in await alert_list(tx, tenant.id)] == ["0.0150"]
        await move(tx, tenant.id, supplier_id, (AccountKind.PAYABLE, AccountKind.CASH), 150)
    await watch_prepaid(database, tenant.id, ZONE, Watch(NOON))
    async with database.transaction(tenant.id) as tx:
        assert await alert_list(tx, tenant.id) == []


async def test_a_frozen_supplier_stays_so_until_a_person_unfreezes_it(
    tx: Tx, tenant: Tenant
) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    with pytest.raises(ReasonMissing):
        await freeze_supplier(tx, tenant.id, "cli", supplier_id, " ")
    with pytest.raises(NotFrozen):
        await unfreeze_supplier(tx, tenant.id, "cli", "fulu", "好了")
    assert await freeze_supplier(tx, tenant.id, "cli", supplier_id, "坏卡太多")
    assert not await freeze_supplier(tx, tenant.id, "system", supplier_id, "又一次")
    exposure = (await exposure_of(tx, tenant.id, [supplier_id]))[supplier_id]
    assert exposure.frozen_because == "坏卡太多"
    await unfreeze_supplier(tx, tenant.id, "cli", "fulu", "已换货")
    exposure = (await exposure_of(tx, tenant.id, [supplier_id]))[supplier_id]
    assert exposure.frozen_because is None


@pytest.mark.parametrize(
    "changes",
    [
        LimitChanges(credit_max_e4=-1),
        LimitChanges(exposure_max_e4=10**15),
        LimitChanges(settle_days=366),
    ],
)
async def test_limits_are_sane(tx: Tx, tenant: Tenant, changes: LimitChanges) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    before = await exposure_of(tx, tenant.id, [supplier_id])
    with pytest.raises(LimitsWrong):
        await change_limits(tx, tenant.id, "cli", "fulu", changes)
    assert await exposure_of(tx, tenant.id, [supplier_id]) == before
