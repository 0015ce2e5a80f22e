"""Capital by SKU: how old the stock is, how long it lasts, and what will expire unsold."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from kashu.access.keyring import Keyrings
from kashu.core.clock import day_of
from kashu.core.db import Tx
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post
from kashu.reports.capital import capital
from kashu.reports.capital_skus import capital_by_sku
from tests.conftest import Tenant
from tests.stock.builders import make_sku, put_cards

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ZONE = "Asia/Shanghai"
TODAY = day_of(NOON, ZONE)


async def test_stock_is_told_by_age_and_adds_up_to_what_is_tied_up_with_suppliers(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    first = await put_cards(tx, tenant.id, 3, sku_id=sku_id, keyrings=keyrings, received_at=NOON)
    of: dict[str, Any] = {"sku_id": sku_id, "keyrings": keyrings, "supplier_id": first.supplier_id}
    for count, days in ((4, 31), (5, 90), (6, 91)):
        await put_cards(tx, tenant.id, count, **of, received_at=NOON - timedelta(days=days))
    [row], whole = await capital_by_sku(tx, tenant.id, NOON, ZONE)
    assert row.by_age_e4 == (300_000, 400_000, 500_000, 600_000)
    assert row.stock_e4 == whole.stock_e4 == sum(row.by_age_e4)
    assert (row.units, row.lasts_days, row.lost_e4) == (18, None, 0)
    _, by_supplier = await capital(tx, tenant.id, NOON, ZONE)
    assert by_supplier.stock_e4 == whole.stock_e4


async def test_what_will_expire_before_it_is_sold_is_what_will_be_lost(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    long_ago = NOON - timedelta(days=40)
    first = await put_cards(
        tx,
        tenant.id,
        20,
        sku_id=sku_id,
        keyrings=keyrings,
        received_at=long_ago,
        expires_on=TODAY + timedelta(days=4),
    )
    of: dict[str, Any] = {"sku_id": sku_id, "keyrings": keyrings, "supplier_id": first.supplier_id}
    await put_cards(tx, tenant.id, 2, **of, expires_on=TODAY - timedelta(days=1))
    await put_cards(tx, tenant.id, 8, **of, received_at=long_ago)
    stock = Account(AccountKind.INVENTORY, first.warehouse_id)
    sold = Transfer(
        Account(AccountKind.COST_OF_GOODS), stock, 3_000_000, 30, "sale", sku_id, sku_id=sku_id
    )
    await post(tx, tenant.id, [sold], posted_on=TODAY)
    [row], _ = await capital_by_sku(tx, tenant.id, NOON, ZONE)
    # One a day: of 20 that work five more days 15 are left; and two are expired already.
    assert row.lost_e4 == (15 + 2) * 100_000
    assert row.expiring_e4 == 22 * 100_000
    assert (row.sold, row.lasts_days) == (30, Decimal("30.0"))


async def test_a_suppliers_part_is_told_by_itself(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    sku_id = await make_sku(tx, tenant.id)
    one = await put_cards(tx, tenant.id, 3, sku_id=sku_id, keyrings=keyrings)
    [row], whole = await capital_by_sku(tx, tenant.id, NOON, ZONE, supplier_id=one.supplier_id)
    assert (row.units, whole.units) == (3, 3)
    nothing, whole = await capital_by_sku(tx, tenant.id, NOON, ZONE, supplier_id=sku_id)
    assert (nothing, whole.units) == ([], 0)
