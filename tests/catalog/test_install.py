"""Installing a catalogue: the one that ships, and a merchant's own."""

import pytest

from kashu.catalog.change_sku import change_sku
from kashu.catalog.errors import ProductIsElsewhere, SkuIsAnother
from kashu.catalog.install import begin_tenant, install
from kashu.catalog.kinds import ShortagePolicy, SkuState
from kashu.catalog.reads import card_format_of, listed_sku, sku_list
from kashu.catalog.shapes import SkuChanges
from kashu.catalog.shipped import Brand, parse_catalogue, shipped
from kashu.core.db import Database, Tx
from kashu.core.events import events_of
from tests.conftest import Tenant

ACTOR = "cli"

SHEET = """品牌编码,品牌,品牌英文,商品编码,商品,商品英文,终端,规格编码,周期,面值,\
兑换步骤,兑换步骤英文,适用设备,适用设备英文,有效期,有效期英文,兑换网址,卡号格式
{brand},北方影视,North,{product},北方会员,North VIP,手机,{code},{period},{price},登录|兑换,\
Sign in|Redeem,手机,Phone,一年内,In a year,https://example.com/,NF[0-9]{{14}}
"""


def sheet(
    *,
    brand: str = "north",
    product: str = "north",
    code: str = "north-month",
    period: str = "月卡",
    price: str = "19.90",
) -> tuple[Brand, ...]:
    written = SHEET.format(brand=brand, product=product, code=code, period=period, price=price)
    return parse_catalogue(written.encode(), ".csv")


async def test_a_new_merchant_gets_all_that_ships_exactly(tx: Tx, tenant: Tenant) -> None:
    installed = await begin_tenant(tx, tenant.id, ACTOR)
    entries = {sku.code: sku for brand in shipped() for sku in brand.skus}
    assert set(installed.added) == set(entries)
    assert (installed.changed, installed.kept) == ((), ())
    assert installed.brands_added == len(shipped())
    rows = {row.sku.code: row for row in await sku_list(tx, tenant.id, limit=1_000)}
    assert rows.keys() == entries.keys()
    for code, entry in entries.items():
        row, redemption = rows[code], entry.redemption
        assert (row.sku.name_zh, row.sku.name_en) == (entry.name_zh, entry.name_en)
        assert (row.period, row.sku.days, row.terminal) == (
            entry.period,
            entry.days,
            entry.terminal,
        )
        assert (row.sku.fulfilment, row.account_type) == (entry.fulfilment, entry.account_type)
        assert row.sku.face_value_e4 == entry.face_value_e4
        assert row.face_value_verified is entry.face_value_verified
        assert row.face_value_as_of == entry.face_value_as_of
        assert row.sku.returnable is entry.returnable
        assert row.sku.shortage_policy is entry.shortage_policy
        assert row.sku.state is SkuState.ACTIVE
        assert (row.steps_zh, row.steps_en) == (redemption.steps_zh, redemption.steps_en)
        assert (row.devices_zh, row.devices_en) == (redemption.devices_zh, redemption.devices_en)
        assert (row.validity_zh, row.validity_en) == (
            redemption.validity_zh,
            redemption.validity_en,
        )
        assert row.redemption_url == redemption.url
        found = await card_format_of(tx, tenant.id, row.sku.id)
        if entry.card_format is None:
            assert found is None
        else:
            assert found is not None
            assert (found.number, found.lengths) == (
                entry.card_format.number,
                entry.card_format.lengths,
            )
            assert (found.password, found.password_optional, found.luhn) == (
                entry.card_format.password,
                entry.card_format.password_optional,
                entry.card_format.luhn,
            )


async def test_a_second_time_nothing_is_new_and_nothing_is_overwritten(
    tx: Tx, tenant: Tenant
) -> None:
    first = await begin_tenant(tx, tenant.id, ACTOR)
    ours = SkuChanges(name_zh="芒果月卡（自营）", shortage_policy=ShortagePolicy.REFUSE)
    changed = await change_sku(tx, tenant.id, ACTOR, "mgtv-month", ours)
    again = await begin_tenant(tx, tenant.id, ACTOR)
    assert (again.added, again.changed) == ((), ())
    assert again.kept == first.added
    assert (again.brands_added, again.products_added) == (0, 0)
    assert await listed_sku(tx, tenant.id, "mgtv-month") == changed


async def test_replacing_updates_what_differs_and_keeps_what_the_merchant_decided(
    tx: Tx, tenant: Tenant
) -> None:
    await install(tx, tenant.id, ACTOR, sheet(price="19.90"))
    decided = SkuChanges(partial_allowed=True, state=SkuState.RETIRED)
    await change_sku(tx, tenant.id, ACTOR, "north-month", decided)
    installed = await install(tx, tenant.id, ACTOR, sheet(price="25.00"), replace=True)
    assert (installed.added, installed.changed, installed.kept) == ((), ("north-month",), ())
    row = await listed_sku(tx, tenant.id, "north-month")
    assert row.sku.face_value_e4 == 250_000
    assert row.sku.partial_allowed
    assert row.sku.state is SkuState.RETIRED
    same = await install(tx, tenant.id, ACTOR, sheet(price="25.00"), replace=True)
    assert (same.changed, same.kept) == ((), ("north-month",))


@pytest.mark.parametrize("other", [{"period": "季卡"}, {"product": "north-tv"}])
async def test_a_code_cannot_become_another_sku(
    database: Database, tenant: Tenant, other: dict[str, str]
) -> None:
    async with database.transaction(tenant.id) as tx:
        await install(tx, tenant.id, ACTOR, sheet())
        before = await listed_sku(tx, tenant.id, "north-month")
    with pytest.raises(SkuIsAnother) as refused:
        async with database.transaction(tenant.id) as tx:
            await install(tx, tenant.id, ACTOR, sheet(**other), replace=True)
    assert refused.value.facts == {"skus": "north-month"}
    async with database.transaction(tenant.id) as tx:
        assert await sku_list(tx, tenant.id) == [before]
        kept = await install(tx, tenant.id, ACTOR, sheet(**other))
        assert kept.kept == ("north-month",)
        assert await sku_list(tx, tenant.id) == [before]


async def test_a_product_stays_with_its_brand(database: Database, tenant: Tenant) -> None:
    async with database.transaction(tenant.id) as tx:
        await install(tx, tenant.id, ACTOR, sheet())
    with pytest.raises(ProductIsElsewhere):
        async with database.transaction(tenant.id) as tx:
            await install(tx, tenant.id, ACTOR, sheet(brand="south", code="north-week"))
    async with database.transaction(tenant.id) as tx:
        assert [row.sku.code for row in await sku_list(tx, tenant.id)] == ["north-month"]
        again = await install(tx, tenant.id, ACTOR, sheet(brand="south", product="south"))
        assert again.brands_added == 1


async def test_new_skus_join_a_product_that_is_there(tx: Tx, tenant: Tenant) -> None:
    await install(tx, tenant.id, ACTOR, sheet())
    installed = await install(tx, tenant.id, ACTOR, sheet(code="north-year", period="年卡"))
    assert installed.added == ("north-year",)
    assert (installed.brands_added, installed.products_added) == (0, 0)


async def test_each_added_and_changed_sku_is_an_event(tx: Tx, tenant: Tenant) -> None:
    await install(tx, tenant.id, "staff:x", sheet(price="19.90"))
    await install(tx, tenant.id, ACTOR, sheet(price="19.90"))
    await install(tx, tenant.id, ACTOR, sheet(price="25.00"), replace=True)
    sku = (await listed_sku(tx, tenant.id, "north-month")).sku
    happened = await events_of(tx, tenant.id, sku.id)
    assert [(event.kind, event.actor) for event in happened] == [
        ("sku.added", "staff:x"),
        ("sku.changed", ACTOR),
    ]


async def test_the_same_codes_live_side_by_side_with_two_merchants(
    database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        await install(tx, tenant.id, ACTOR, sheet(price="19.90"))
    async with database.transaction(other_tenant.id) as tx:
        theirs = await install(tx, other_tenant.id, ACTOR, sheet(price="25.00"), replace=True)
        assert theirs.added == ("north-month",)
    async with database.transaction(tenant.id) as tx:
        row = await listed_sku(tx, tenant.id, "north-month")
    assert row.sku.face_value_e4 == 199_000
