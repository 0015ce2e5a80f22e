"""What other modules ask the catalogue."""

import pytest

from kashu.catalog.errors import UnknownSku
from kashu.catalog.install import begin_tenant
from kashu.catalog.kinds import Fulfilment, ShortagePolicy, SkuState
from kashu.catalog.reads import (
    card_format_of,
    listed_sku,
    sku_by_code,
    sku_list,
    skus_by_code,
    skus_by_id,
)
from kashu.core.db import Database, Tx
from kashu.core.ids import new_id
from tests.conftest import Tenant

NOBODYS = ("nothing-like-it", "", "MGTV-MONTH", "mgtv month", "a\x00", "é" * 10, "a" * 61)


async def test_skus_are_found_by_code_and_unknown_codes_are_left_out(
    tx: Tx, tenant: Tenant
) -> None:
    await begin_tenant(tx, tenant.id, "cli")
    found = await skus_by_code(tx, tenant.id, ["mgtv-month", "iqiyi-month-topup", *NOBODYS])
    assert found.keys() == {"mgtv-month", "iqiyi-month-topup"}
    month = found["mgtv-month"]
    assert month.fulfilment is Fulfilment.CARD
    assert month.state is SkuState.ACTIVE
    assert month.shortage_policy is ShortagePolicy.WAIT
    assert (month.days, month.face_value_e4, month.currency) == (31, 220_000, "CNY")
    assert not month.partial_allowed
    assert found["iqiyi-month-topup"].shortage_policy is ShortagePolicy.BUY
    assert await sku_by_code(tx, tenant.id, "mgtv-month") == month
    assert await skus_by_id(tx, tenant.id, [month.id, new_id()]) == {month.id: month}


@pytest.mark.parametrize("code", NOBODYS)
async def test_an_unknown_code_is_said_so(tx: Tx, tenant: Tenant, code: str) -> None:
    with pytest.raises(UnknownSku):
        await sku_by_code(tx, tenant.id, code)
    with pytest.raises(UnknownSku):
        await listed_sku(tx, tenant.id, code)


async def test_another_merchants_skus_are_not_there(
    database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    async with database.transaction(other_tenant.id) as tx:
        await begin_tenant(tx, other_tenant.id, "cli")
        theirs = await sku_by_code(tx, other_tenant.id, "mgtv-month")
    async with database.transaction(tenant.id) as tx:
        assert await skus_by_code(tx, tenant.id, ["mgtv-month"]) == {}
        assert await skus_by_id(tx, tenant.id, [theirs.id]) == {}
        assert await card_format_of(tx, tenant.id, theirs.id) is None
        assert await sku_list(tx, tenant.id) == []


async def test_a_list_is_narrowed_and_continues_after_its_last_code(tx: Tx, tenant: Tenant) -> None:
    await begin_tenant(tx, tenant.id, "cli")
    every = await sku_list(tx, tenant.id, limit=1_000)
    codes = [row.sku.code for row in every]
    assert codes == sorted(codes)
    first = await sku_list(tx, tenant.id, limit=7)
    rest = await sku_list(tx, tenant.id, after=first[-1].sku.code, limit=1_000)
    assert [*first, *rest] == every
    links = await sku_list(tx, tenant.id, brand="netease-music", fulfilment=Fulfilment.LINK)
    assert links
    assert links == [
        row
        for row in every
        if row.brand.code == "netease-music" and row.sku.fulfilment is Fulfilment.LINK
    ]
    tv = await sku_list(tx, tenant.id, product="mgtv-tv", state=SkuState.ACTIVE)
    assert {row.product.code for row in tv} == {"mgtv-tv"}
    assert await sku_list(tx, tenant.id, state=SkuState.RETIRED) == []
    assert await sku_list(tx, tenant.id, brand="\x00") == []
