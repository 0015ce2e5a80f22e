"""A merchant's own catalogue, as TOML and as a sheet."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kashu.catalog.kinds import Fulfilment, Period, ShortagePolicy
from kashu.catalog.shipped import (
    AccountType,
    CatalogueUnreadable,
    CatalogueWrong,
    parse_catalogue,
    read_catalogue,
)
from kashu.core.errors import Problem

CHINESE = re.compile(r"[\u4e00-\u9fff]")

REDEMPTION = """
steps_zh = ["登录", "粘贴兑换码"]
steps_en = ["Sign in", "Paste the code"]
devices_zh = "手机"
devices_en = "Phone"
validity_zh = "一年内"
validity_en = "Within a year"
url = "https://example.com/redeem"
"""

OWN = f"""
code = "north"
name_zh = "北方影视"
name_en = "North Film"
logo = {{ colour = "#123456", initial = "北" }}

[card_format.card]
number = "NF[0-9]{{14}}"
lengths = [16]

[redemption.card]
{REDEMPTION}
[[products]]
code = "north"
name_zh = "北方会员"
name_en = "North VIP"
terminal = "phone"
skus = [
  {{ code = "north-month", period = "month", face_value = "19.90" }},
  {{ code = "north-year", period = "year", days = 372, face_value = "198.00" }},
]
"""

HEADINGS = (
    "品牌编码,品牌,品牌英文,商品编码,商品,商品英文,终端,规格编码,周期,交付方式,账号类型,面值,"
    "兑换步骤,兑换步骤英文,适用设备,适用设备英文,有效期,有效期英文,兑换网址"
)
FIRST_ROW = (
    "north,北方影视,North Film,north,北方会员,North VIP,手机,north-month,月卡,卡密,,19.90,"
    "登录|粘贴兑换码,Sign in|Paste the code,手机,Phone,一年内,Within a year,https://example.com/r"
)
SECOND_ROW = "north,,,north,,,,north-year,年卡,卡密,,198.00,,,,,,,"
SHEET = f"{HEADINGS}\n{FIRST_ROW}\n{SECOND_ROW}"


def problems_of(written: str, ending: str = ".toml") -> dict[str, Problem]:
    with pytest.raises(CatalogueWrong) as wrong:
        parse_catalogue(written.encode(), ending)
    for problem in wrong.value.problems:
        assert CHINESE.search(problem.zh)
        assert problem.en
        assert not CHINESE.search(problem.en)
    assert wrong.value.facts["count"] == len(wrong.value.problems)
    return {problem.at: problem for problem in wrong.value.problems}


def why_unreadable(written: bytes, ending: str) -> tuple[str, str]:
    with pytest.raises(CatalogueUnreadable) as trouble:
        parse_catalogue(written, ending)
    assert CHINESE.search(trouble.value.text("zh"))
    return trouble.value.text("zh"), trouble.value.text("en")


# A merchant's own, as TOML


def test_a_catalogue_in_toml_is_read_with_its_defaults() -> None:
    (brand,) = parse_catalogue(OWN.encode(), ".toml")
    month, year = brand.skus
    assert (month.code, month.days, month.face_value_e4) == ("north-month", 31, 199_000)
    assert (month.name_zh, month.name_en) == ("北方会员月卡", "North VIP, 1 month")
    assert (month.fulfilment, month.account_type) == (Fulfilment.CARD, AccountType.NONE)
    assert month.returnable
    assert month.shortage_policy is ShortagePolicy.WAIT
    assert month.card_format is not None
    assert month.card_format.lengths == (16,)
    assert year.days == 372
    assert year.redemption.steps_en == ("Sign in", "Paste the code")


def test_the_example_in_the_documentation_is_read() -> None:
    page = Path(__file__).parents[2] / "docs" / "concepts" / "catalog.md"
    example = page.read_text("utf-8").partition("```toml\n")[2].partition("```")[0]
    codes = [sku.code for sku in parse_catalogue(example.encode(), ".toml")[0].skus]
    assert codes == ["north-month", "north-year"]


def test_a_file_may_hold_several_brands() -> None:
    def nested(code: str) -> str:
        brand = OWN.replace("north", code).replace("[[products]]", "[[brands.products]]")
        tables = brand.replace("[card_format", "[brands.card_format")
        return "[[brands]]\n" + tables.replace("[redemption", "[brands.redemption")

    brands = parse_catalogue((nested("north") + nested("south")).encode(), ".TOML")
    assert [brand.code for brand in brands] == ["north", "south"]


def test_a_catalogue_is_read_from_a_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OWN, encoding="utf-8-sig")
    assert read_catalogue(file)[0].code == "north"


@pytest.mark.parametrize(
    ("good", "bad", "at", "code"),
    [
        ('period = "month"', 'period = "fortnight"', "sku north-month, period", "wrong_value"),
        (
            'face_value = "19.90"',
            "face_value = 19.90",
            "sku north-month, face_value",
            "wrong_value",
        ),
        ('"19.90"', '"19.905"', "sku north-month, face_value", "amount_not_whole_fen"),
        ('"19.90"', '"0"', "sku north-month, face_value", "face_value_zero"),
        ('"19.90"', '"-1"', "sku north-month, face_value", "amount_unreadable"),
        ("days = 372", "days = 31", "sku north-year, days", "days_unlike_period"),
        ("days = 372", "dayz = 372", "sku north-year, dayz", "unknown_field"),
        ('"north-year"', '"north-month"', "sku north-month, code", "duplicate_code"),
        ('"north-year"', '"北方年卡"', "sku 北方年卡, code", "wrong_value"),
        ('code = "north-year", ', "", "product north, sku 2, code", "missing_field"),
        ('name_en = "North Film"', "", "brand north, name_en", "missing_field"),
        ('name_en = "North VIP"', 'name_en = " "', "product north, name_en", "wrong_value"),
        ('"#123456"', '"red"', "brand north, logo, colour", "wrong_value"),
        ('"Phone"', '""', "sku north-month, redemption, devices_en", "wrong_value"),
        ('"Sign in", ', "", "sku north-month, redemption", "steps_differ"),
        ('"https://e', '"javascript:e', "sku north-month, redemption, url", "wrong_value"),
        ('"NF[0-9]{14}"', '"(a+)+"', "sku north-month, card_format, number", "unsafe_pattern"),
        ('terminal = "phone"', 'terminal = "fridge"', "product north, terminal", "wrong_value"),
    ],
)
def test_an_error_names_the_entry_and_the_field(good: str, bad: str, at: str, code: str) -> None:
    assert good in OWN
    assert problems_of(OWN.replace(good, bad))[at].code == code


def test_all_problems_are_found_in_one_reading() -> None:
    written = OWN.replace('"month"', '"moon"').replace("372", "999").replace("#123456", "red")
    assert problems_of(written).keys() >= {
        "sku north-month, period",
        "sku north-year, days",
        "brand north, logo, colour",
    }


def test_a_topup_without_an_account_is_refused() -> None:
    topup = '{ code = "n-t", period = "month", fulfilment = "topup", face_value = "19.90" }'
    written = (
        OWN.replace("skus = [", f"skus = [ {topup},") + f"[products.redemption.topup]{REDEMPTION}"
    )
    assert problems_of(written)["sku n-t, account_type"].code == "topup_without_account"


def test_a_topup_that_could_return_to_stock_is_refused() -> None:
    sku = '"month", fulfilment = "topup", account_type = "phone", returnable = true, face'
    written = OWN.replace('"month", face', sku) + f"[products.redemption.topup]{REDEMPTION}"
    assert problems_of(written).keys() == {"sku north-month, returnable"}


def test_a_bundle_without_parts_is_refused() -> None:
    written = OWN.replace('"month", face', '"month", fulfilment = "bundle", face')
    written += f"[products.redemption.bundle]{REDEMPTION}"
    assert problems_of(written)["sku north-month, parts"].code == "missing_field"


def test_parts_of_what_is_no_bundle_are_refused() -> None:
    written = OWN.replace('"month", face', '"month", parts = [{ sku = "a" }], face')
    assert problems_of(written)["sku north-month, parts"].code == "parts_of_no_bundle"


def test_a_catalogue_without_skus_is_refused() -> None:
    without = re.sub(r"skus = \[.*\n\]", "skus = []", OWN, flags=re.DOTALL)
    assert problems_of(without)["product north, skus"].code == "missing_field"
    assert problems_of("")["brand 1, products"].code == "missing_field"


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (b"\xff\xfe\x00", ".toml"),
        (b"code = ", ".toml"),
        (b'code = "a"\ncode = "b"', ".toml"),
        (b"day = 2026-13-45", ".toml"),
        (b"deep = " + b"[" * 100_000, ".toml"),
        (b'products = "none"', ".toml"),
        (b"[redemption.crad]", ".toml"),
        (b"[[products]]\n[products.redemption.crad]", ".toml"),
        (b" " * (4 * 1024 * 1024 + 1), ".toml"),
        (b"PK\x03\x04", ".xlsx"),
        (b"", ".csv"),
        (b"brand,brand\n", ".csv"),
        (b"brand,product,sku,period,face_value\n", ".csv"),
        (b"brand,product,sku,period,face_value\na,b,c,month,1,extra\n", ".csv"),
        (b'brand,product,sku,period,face_value\n"' + b"x" * 200_000, ".csv"),
        (b"\x00" * 64, ".csv"),
        (b"brand,product,sku,period,colour\na,b,c,month,1\n", ".csv"),
    ],
)
def test_a_file_that_is_no_catalogue_is_refused_in_words(content: bytes, ending: str) -> None:
    zh, en = why_unreadable(content, ending)
    assert len(zh) < 600
    assert len(en) < 600


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(CatalogueUnreadable, match="can't open it"):
        read_catalogue(tmp_path / "none.toml")


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_content_makes_the_reader_fail_otherwise(content: bytes) -> None:
    for ending in (".toml", ".csv"):
        with pytest.raises((CatalogueUnreadable, CatalogueWrong)):
            parse_catalogue(content, ending)


# A merchant's own, as CSV


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_sheet_is_read_in_the_encodings_excel_writes(encoding: str) -> None:
    (brand,) = parse_catalogue(SHEET.encode(encoding), ".csv")
    assert (brand.name_zh, brand.logo.initial) == ("北方影视", "北")
    assert [(sku.code, sku.period, sku.days) for sku in brand.skus] == [
        ("north-month", Period.MONTH, 31),
        ("north-year", Period.YEAR, 365),
    ]


def test_a_sheet_parted_by_tabs_says_the_same() -> None:
    assert parse_catalogue(SHEET.replace(",", "\t").encode(), ".csv") == parse_catalogue(
        SHEET.encode(), ".csv"
    )


def test_a_sheet_may_say_it_in_the_words_of_the_screens_or_in_older_ones() -> None:
    now = parse_catalogue(SHEET.encode(), ".csv")
    assert parse_catalogue(SHEET.replace("交付方式", "到账方式").encode(), ".csv") == now
    one = f"{HEADINGS}\n{FIRST_ROW}"
    for word in ("循环码", "通用码"):
        [brand] = parse_catalogue(one.replace(",卡密,", f",{word},").encode(), ".csv")
        assert brand.skus[0].fulfilment is Fulfilment.SHARED


def test_a_row_without_steps_is_redeemed_as_the_one_above_it() -> None:
    month, year = parse_catalogue(SHEET.encode(), ".csv")[0].skus
    assert month.redemption.steps_zh == ("登录", "粘贴兑换码")
    assert year.redemption == month.redemption


@pytest.mark.parametrize(
    ("good", "bad", "at", "code"),
    [
        ("north-year,年卡", "north-year,旬卡", "row 3, sku, period", "wrong_value"),
        ("198.00", "ten", "row 3, sku, face_value", "amount_unreadable"),
        ("north-year,", ",", "row 3, sku, code", "missing_field"),
        ("North Film", "", "row 2, brand, name_en", "missing_field"),
        ("Sign in|Paste", "Sign in and paste", "row 2, sku, redemption", "steps_differ"),
    ],
)
def test_an_error_names_the_row_and_the_field(good: str, bad: str, at: str, code: str) -> None:
    assert good in SHEET
    assert problems_of(SHEET.replace(good, bad), ".csv")[at].code == code


def test_a_row_that_contradicts_its_brand_is_refused() -> None:
    zh, en = why_unreadable(SHEET.replace("north,,,", "north,南方影视,,").encode(), ".csv")
    assert "第 3 行" in zh
    assert "row 3" in en
