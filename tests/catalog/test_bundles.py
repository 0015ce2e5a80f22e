"""Bundles: what they are made of, and what a catalogue file says of them."""

import pytest

from kashu.catalog.bundles import parts_by_code, set_parts
from kashu.catalog.entries import NamedPart
from kashu.catalog.errors import BundlePartsWrong, UnknownSku
from kashu.catalog.install import begin_tenant, install
from kashu.catalog.reads import sku_list
from kashu.catalog.shipped import Brand, parse_catalogue
from kashu.core.db import Tx
from kashu.core.events import events_of
from tests.conftest import Tenant

FILE = """
code = "north"
name_zh = "北方影视"
name_en = "North Film"
logo = {{ colour = "#123456", initial = "北" }}

[redemption.card]
steps_zh = ["兑换"]
steps_en = ["Redeem"]
devices_zh = "手机"
devices_en = "Phone"
validity_zh = "一年内"
validity_en = "Within a year"
url = "https://example.com/"

[redemption.bundle]
steps_zh = ["见各卡"]
steps_en = ["See each card"]
devices_zh = "手机"
devices_en = "Phone"
validity_zh = "见各卡"
validity_en = "See each card"
url = "https://example.com/"

[[products]]
code = "north"
name_zh = "北方会员"
name_en = "North VIP"
terminal = "phone"
skus = [
  {{ code = "a-pair", period = "month", face_value = "39.90", fulfilment = "bundle", \
parts = [{parts}] }},
  {{ code = "north-month", period = "month", face_value = "19.90" }},
]
"""
PAIR = '{ sku = "north-month" }, { sku = "mgtv-month", units = 2 }'


def catalogue(parts: str = PAIR) -> tuple[Brand, ...]:
    return parse_catalogue(FILE.format(parts=parts).encode(), ".toml")


async def parts(tx: Tx, tenant: Tenant) -> list[tuple[str, int]]:
    goods = await parts_by_code(tx, tenant.id, "a-pair")
    return [(part.sku.code, part.units) for part in goods.parts]


async def test_a_file_says_what_its_bundles_are_made_of(tx: Tx, tenant: Tenant) -> None:
    await begin_tenant(tx, tenant.id, "cli")
    installed = await install(tx, tenant.id, "cli", catalogue())
    assert installed.added == ("a-pair", "north-month")
    assert await parts(tx, tenant) == [("north-month", 1), ("mgtv-month", 2)]
    again = await install(tx, tenant.id, "cli", catalogue())
    assert (again.added, again.changed) == ((), ())


async def test_parts_stay_as_the_merchant_has_them_unless_replaced(tx: Tx, tenant: Tenant) -> None:
    await begin_tenant(tx, tenant.id, "cli")
    await install(tx, tenant.id, "cli", catalogue())
    other = catalogue('{ sku = "north-month", units = 3 }')
    kept = await install(tx, tenant.id, "cli", other)
    assert kept.kept == ("a-pair", "north-month")
    assert await parts(tx, tenant) == [("north-month", 1), ("mgtv-month", 2)]
    replaced = await install(tx, tenant.id, "cli", other, replace=True)
    assert replaced.changed == ("a-pair",)
    assert await parts(tx, tenant) == [("north-month", 3)]


@pytest.mark.parametrize("wrong", ['{ sku = "nothing" }', '{ sku = "a-pair" }'])
async def test_a_file_whose_parts_cannot_be_is_refused(tx: Tx, tenant: Tenant, wrong: str) -> None:
    with pytest.raises(BundlePartsWrong) as refused:
        await install(tx, tenant.id, "cli", catalogue(wrong))
    assert refused.value.problems[0].at == "sku a-pair, parts/0/sku"


async def test_a_change_of_parts_is_told_once_with_what_was_before(tx: Tx, tenant: Tenant) -> None:
    await begin_tenant(tx, tenant.id, "cli")
    await install(tx, tenant.id, "cli", catalogue())
    wanted = [NamedPart("mgtv-month", 1)]
    goods = await set_parts(tx, tenant.id, "staff", "a-pair", wanted)
    assert goods == await set_parts(tx, tenant.id, "staff", "a-pair", wanted)
    told = [
        event
        for event in await events_of(tx, tenant.id, goods.sku.id)
        if event.kind == "sku.parts_changed"
    ]
    assert [event.facts["after"] for event in told] == [
        [{"sku": "north-month", "units": 1}, {"sku": "mgtv-month", "units": 2}],
        [{"sku": "mgtv-month", "units": 1}],
    ]


async def test_nothing_ships_as_a_bundle(tx: Tx, tenant: Tenant) -> None:
    await begin_tenant(tx, tenant.id, "cli")
    found = await sku_list(tx, tenant.id, limit=1_000)
    assert all(each.sku.fulfilment != "bundle" for each in found)
    with pytest.raises(UnknownSku):
        await parts_by_code(tx, tenant.id, "a-pair")
