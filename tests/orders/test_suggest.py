"""Which SKU a listing may stand for."""

from dataclasses import replace
from uuid import UUID

import pytest

from kashu.catalog.reads import ListedSku, sku_list
from kashu.catalog.titles import MOST
from kashu.channels.listings import KnownListing
from kashu.core.db import Database
from kashu.core.ids import new_id
from kashu.entry.begin import begin_tenant
from kashu.orders.suggest import Candidate, candidates
from tests.conftest import MASTERS

LISTING = KnownListing(
    id=new_id(),
    store_id=UUID(int=1),
    item_id="1",
    variant_id="2",
    title="",
    properties="",
    merchant_code="",
    price_e4=None,
    on_sale=True,
    sku_id=None,
    units=1,
    sends_card=True,
    confirms=True,
    publishes=True,
    published=None,
    mode=None,
    published_at=None,
    publish_said="",
    reads_accounts=False,
)


@pytest.fixture
async def skus(database: Database) -> list[ListedSku]:
    begun = await begin_tenant(database, MASTERS, code="shop", name="店")
    async with database.transaction(begun.tenant.id) as tx:
        return await sku_list(tx, begun.tenant.id, limit=500)


def suggested(
    skus: list[ListedSku], title: str, properties: str = "", merchant_code: str = ""
) -> list[Candidate]:
    written = replace(LISTING, title=title, properties=properties, merchant_code=merchant_code)
    return candidates(written, skus)


@pytest.mark.parametrize(
    ("title", "properties", "brand", "period"),
    [
        ("芒果TV会员月卡 自动发货", "", "mgtv", "month"),
        ("【官方】爱奇艺黄金VIP", "年卡", "iqiyi", "year"),
        ("腾讯视频VIP会员 季卡 3个月 手机可用", "", "tencent", "quarter"),
        ("QQ 音乐 绿钻豪华版 月卡", "", "qq-music", "month"),
    ],
)
async def test_brand_and_period_in_the_title_are_enough(
    skus: list[ListedSku], title: str, properties: str, brand: str, period: str
) -> None:
    found = suggested(skus, title, properties)
    assert 1 <= len(found) <= MOST
    assert brand in found[0].sku
    assert period in found[0].sku
    assert {each.because for each in found} == {"title"}


async def test_a_television_listing_is_not_taken_for_a_phone_one(skus: list[ListedSku]) -> None:
    phone = suggested(skus, "芒果TV会员 月卡")
    tv = suggested(skus, "芒果TV全屏会员 月卡 电视可用")
    assert phone[0].sku != tv[0].sku


async def test_the_sellers_own_code_decides(skus: list[ListedSku]) -> None:
    by_title = suggested(skus, "芒果TV会员月卡")
    exact = suggested(skus, "爱奇艺年卡", merchant_code=f" {by_title[0].sku.upper()} ")
    assert [(each.sku, each.because) for each in exact] == [(by_title[0].sku, "merchant_code")]


@pytest.mark.parametrize("title", ["", "会员月卡", "芒果TV 会员", "苹果手机壳 30天无理由"])
async def test_what_does_not_name_brand_and_period_gets_no_suggestion(
    skus: list[ListedSku], title: str
) -> None:
    assert suggested(skus, title) == []
