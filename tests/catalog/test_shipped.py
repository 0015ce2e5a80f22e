"""The catalogue that ships."""

import re

import pytest

from kashu.catalog.kinds import Fulfilment, Period, ShortagePolicy
from kashu.catalog.shipped import AccountType, Brand, Terminal, shipped

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_the_six_brands_ship() -> None:
    assert [brand.code for brand in shipped()] == [
        "iqiyi",
        "mgtv",
        "netease-music",
        "qq-music",
        "tencent-video",
        "youku",
    ]


@pytest.mark.parametrize("brand", shipped(), ids=lambda brand: brand.code)
def test_each_brand_sells_month_quarter_and_year_as_card_and_as_topup(brand: Brand) -> None:
    for product in brand.products:
        sold = {(sku.period, sku.fulfilment) for sku in product.skus}
        for period in (Period.MONTH, Period.QUARTER, Period.YEAR):
            assert (period, Fulfilment.CARD) in sold
            assert (period, Fulfilment.TOPUP) in sold


def test_each_video_brand_sells_for_the_television() -> None:
    with_tv = {
        brand.code
        for brand in shipped()
        if {product.terminal for product in brand.products} == {Terminal.PHONE, Terminal.TV}
    }
    assert with_tv == {"mgtv", "iqiyi", "tencent-video", "youku"}


def test_codes_that_others_rely_on_never_change() -> None:
    codes = {sku.code for brand in shipped() for sku in brand.skus}
    assert {
        "mgtv-month",
        "mgtv-tv-year",
        "mgtv-month-topup",
        "iqiyi-week",
        "iqiyi-month",
        "iqiyi-tv-month",
        "tencent-video-month",
        "tencent-video-tv-quarter",
        "youku-month",
        "youku-tv-month",
        "netease-music-month",
        "netease-music-month-link",
        "qq-music-year",
    } <= codes
    assert len(codes) == sum(len(brand.skus) for brand in shipped())


@pytest.mark.parametrize("brand", shipped(), ids=lambda brand: brand.code)
def test_a_shipped_code_says_product_period_and_fulfilment(brand: Brand) -> None:
    for product in brand.products:
        assert product.code.startswith(brand.code)
        for sku in product.skus:
            ending = "" if sku.fulfilment is Fulfilment.CARD else f"-{sku.fulfilment}"
            assert sku.code == f"{product.code}-{sku.period}{ending}"
            assert sku.terminal is product.terminal


@pytest.mark.parametrize("brand", shipped(), ids=lambda brand: brand.code)
def test_shipped_texts_are_in_both_languages(brand: Brand) -> None:
    assert brand.name_en.isascii()
    for sku in brand.skus:
        redemption = sku.redemption
        chinese = (sku.name_zh, redemption.devices_zh, redemption.validity_zh, *redemption.steps_zh)
        assert all(CHINESE.search(text) for text in chinese), sku.code
        assert sku.name_en.isascii()
        assert not CHINESE.search(redemption.devices_en + redemption.validity_en)


def test_a_shipped_topup_asks_for_an_account_and_never_returns_to_stock() -> None:
    topups = [
        sku for brand in shipped() for sku in brand.skus if sku.fulfilment is Fulfilment.TOPUP
    ]
    assert topups
    for sku in topups:
        assert sku.account_type in {AccountType.PHONE, AccountType.QQ}
        assert sku.shortage_policy is ShortagePolicy.BUY
        assert not sku.returnable
        assert sku.card_format is None


def test_a_shipped_list_price_is_exact_and_dated() -> None:
    iqiyi = next(sku for brand in shipped() for sku in brand.skus if sku.code == "iqiyi-month")
    assert iqiyi.face_value_e4 == 300_000
    assert iqiyi.face_value_verified
    assert all(sku.face_value_as_of for brand in shipped() for sku in brand.skus)


def test_no_shipped_card_format_claims_to_be_official() -> None:
    formats = {sku.card_format for brand in shipped() for sku in brand.skus if sku.card_format}
    assert formats
    assert not any(card_format.verified for card_format in formats)


def test_nothing_that_ships_can_be_changed_by_its_reader() -> None:
    with pytest.raises(AttributeError):
        shipped()[0].code = "other"  # type: ignore[misc]
