"""What a title can mean, and what it can't."""

import pytest

from kashu.catalog.kinds import Period
from kashu.catalog.titles import Mismatch, SkuWords, mismatch
from kashu.core.ids import new_id

MONTH = SkuWords(new_id(), "mgtv-month", Period.MONTH, "芒果TV", "Mango TV", 250_000, "CNY")
BRANDS = ("芒果TV", "Mango TV", "爱奇艺", "iQIYI", "腾讯视频", "QQ音乐")


@pytest.mark.parametrize(
    ("title", "what"),
    [
        ("芒果TV会员月卡", None),
        ("芒果 tv VIP 31天", None),
        ("Mango TV VIP 1个月", None),
        ("会员月卡", None),  # names no brand
        ("芒果TV会员", None),  # names no period
        ("芒果TV+爱奇艺联合会员月卡", None),  # its own beside another's
        ("芒果TV年卡送月卡", None),
        ("爱奇艺黄金会员月卡", Mismatch.BRAND),
        ("IQIYI VIP 月卡", Mismatch.BRAND),
        ("芒果TV会员周卡", Mismatch.PERIOD),
        ("芒果TV会员 12个月", Mismatch.PERIOD),
        ("芒果TV会员 11个月年费", Mismatch.PERIOD),  # 11个月 isn't 1个月
    ],
)
def test_a_title_that_names_something_else_is_told(title: str, what: Mismatch | None) -> None:
    assert mismatch(title, MONTH, BRANDS) is what


def test_several_units_may_be_another_period() -> None:
    assert mismatch("芒果TV会员季卡", MONTH, BRANDS, units=3) is None
    assert mismatch("爱奇艺会员季卡", MONTH, BRANDS, units=3) is Mismatch.BRAND


def test_a_brand_within_our_own_is_no_other() -> None:
    music = SkuWords(new_id(), "x", Period.MONTH, "QQ音乐豪华版", "", 0, "CNY")
    assert mismatch("QQ音乐豪华版月卡", music, BRANDS) is None
