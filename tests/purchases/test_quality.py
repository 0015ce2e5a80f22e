"""Quality: counted from what happened, frozen by the rule, forgiven by a person."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from kashu.core.db import Database
from kashu.purchases.quality import quality_series, reckon_quality
from kashu.suppliers.alerts import alert_list
from kashu.suppliers.errors_prepaid import LimitsWrong
from kashu.suppliers.exposure import exposure_of
from kashu.suppliers.freeze import unfreeze_supplier
from kashu.suppliers.kinds_prepaid import AlertKind
from kashu.suppliers.quality_kept import (
    QualityRule,
    quality_list,
    quality_rule,
    set_quality_rule,
)
from tests.conftest import Tenant
from tests.purchases.ordered import Ordered, put_orders
from tests.suppliers.books import TODAY, make_supplier
from tests.suppliers.outside import Watch

ZONE = "Asia/Shanghai"
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


async def put(database: Database, tenant: Tenant, orders: list[Ordered]) -> UUID:
    async with database.transaction(tenant.id) as tx:
        supplier_id = await make_supplier(tx, tenant.id)
        await put_orders(tx, tenant.id, supplier_id, orders)
    return supplier_id


def orders(good: int, bad: int, *, days: int = 1, seconds: int = 2) -> list[Ordered]:
    at = NOON - timedelta(days=days)
    took = timedelta(seconds=seconds)
    return [Ordered(f"G{days:03}{n:05}", at, 1, took=took) for n in range(good)] + [
        Ordered(f"B{days:03}{n:05}", at, 1, "failed") for n in range(bad)
    ]


async def test_thirty_days_are_counted_and_shown_day_by_day(
    database: Database, tenant: Tenant
) -> None:
    made = [
        *orders(8, 2, days=1),
        *orders(10, 0, days=29, seconds=60),
        *orders(0, 5, days=30),  # too long ago
        Ordered("UNCLEAR1", NOON, 1, "unclear", took=None),
    ]
    supplier_id = await put(database, tenant, made)
    for _ in range(2):  # the whole, then the last days again
        await reckon_quality(database, tenant.id, ZONE, Watch(NOON))
    async with database.transaction(tenant.id) as tx:
        [found] = await quality_list(tx, tenant.id, supplier_id)
        series = await quality_series(tx, tenant.id, supplier_id, TODAY)
    assert (found.attempts, found.success_ppm, found.unclear) == (20, 900_000, 1)
    assert found.p95_ms is not None
    assert 60_000 <= found.p95_ms <= 60_000 * 2**0.25 + 1
    assert len(series) == 30
    assert [(day.attempts, day.succeeded) for day in (series[0], series[-2])] == [(10, 10), (10, 8)]
    assert series[-1].unclear == 1


@pytest.mark.parametrize("said", ["supplier_balance_short", "supplier_input_missing: 区服"])
async def test_what_was_refused_for_a_reason_of_ours_does_not_count(
    database: Database, tenant: Tenant, said: str
) -> None:
    supplier_id = await put(database, tenant, orders(1, 0))
    async with database.transaction(tenant.id) as tx:
        await tx.execute(
            text("UPDATE purchases.attempts SET state = 'refused', said = :said"), {"said": said}
        )
    await reckon_quality(database, tenant.id, ZONE, Watch(NOON))
    async with database.transaction(tenant.id) as tx:
        [found] = await quality_list(tx, tenant.id, supplier_id)
    assert (found.attempts, found.success_ppm) == (0, 1_000_000)


async def test_cards_that_are_turned_away_or_go_bad_are_invalid(
    database: Database, tenant: Tenant
) -> None:
    supplier_id = await put(database, tenant, orders(3, 0))
    async with database.transaction(tenant.id) as tx:
        await tx.exec_driver_sql(
            "UPDATE purchases.attempts SET turned_away_count = 1 WHERE number = 'G00100000'"
        )
    await reckon_quality(database, tenant.id, ZONE, Watch(NOON))
    async with database.transaction(tenant.id) as tx:
        series = await quality_series(tx, tenant.id, supplier_id, TODAY)
    assert (series[-2].received, series[-2].invalid) == (1, 1)


async def test_the_rule_freezes_once_and_a_person_who_unfreezes_begins_anew(
    database: Database, tenant: Tenant
) -> None:
    supplier_id = await put(database, tenant, orders(10, 10))
    watch = Watch(NOON)

    async def frozen() -> str | None:
        await reckon_quality(database, tenant.id, ZONE, watch)
        async with database.transaction(tenant.id) as tx:
            return (await exposure_of(tx, tenant.id, [supplier_id]))[supplier_id].frozen_because

    assert await frozen() is None  # nobody said so
    async with database.transaction(tenant.id) as tx:
        await set_quality_rule(tx, tenant.id, "cli", QualityRule(freezes=True, attempts_min=21))
    assert await frozen() is None  # too few to say
    async with database.transaction(tenant.id) as tx:
        await set_quality_rule(tx, tenant.id, "cli", QualityRule(freezes=True))
    assert await frozen() == "success 50.0 % < 80.0 %"
    async with database.transaction(tenant.id) as tx:
        told = [alert.kind for alert in await alert_list(tx, tenant.id)]
        assert told == [AlertKind.QUALITY_DROPPED]
        await unfreeze_supplier(tx, tenant.id, "cli", "fulu", "已整改", clock=watch)
        assert await alert_list(tx, tenant.id) == []
    assert await frozen() is None


async def test_a_rule_that_cannot_be_is_refused(database: Database, tenant: Tenant) -> None:
    async with database.transaction(tenant.id) as tx:
        for rule in (QualityRule(attempts_min=0), QualityRule(success_min_ppm=1_000_001)):
            with pytest.raises(LimitsWrong):
                await set_quality_rule(tx, tenant.id, "cli", rule)
        assert await quality_rule(tx, tenant.id) == QualityRule()
