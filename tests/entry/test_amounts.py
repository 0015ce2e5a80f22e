import pytest

from kashu.core.money import AmountUnreadable, NotWholeFen
from kashu.entry.amounts import AmountMistyped, plain_amount, plain_count, read_amount, read_price


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("12.50", "12.50"),
        (" 12 ", "12"),
        ("¥12.50", "12.50"),
        ("￥ 12.50", "12.50"),
        ("12.50元", "12.50"),
        ("1,250.00", "1250.00"),
        ("1,234,567", "1234567"),
        ("１２．５０", "12.50"),
        ("￥１，２５０", "1250"),
        ("0.0001", "0.0001"),
        ("10,000,000", "10000000"),
    ],
)
def test_what_can_only_mean_one_amount_is_read(written: str, plain: str) -> None:
    assert plain_amount(written) == plain
    assert read_amount(written) == read_amount(plain)


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("", "例如 12.50"),
        ("¥", "例如 12.50"),
        ("-1", "负数"),
        ("－1", "负数"),
        ("12,5", "千分位"),
        ("12,50", "千分位"),
        ("1,2500", "千分位"),
        ("0,250", "千分位"),
        ("1.250,00", "千分位"),
        ("10²", "请写成数字"),
        ("①", "请写成数字"),
        ("١٢", "请写成数字"),
        ("$12", "请写成数字"),
        ("1e3", "请写成数字"),
        ("12 50", "请写成数字"),
        ("12。50", "请写成数字"),
        ("12.34567", "最多四位"),
        ("10000000.01", "1000 万"),
        ("99999999999999999999", "1000 万"),
    ],
)
def test_the_rest_is_refused_with_a_hint_that_fits(written: str, hint: str) -> None:
    with pytest.raises(AmountMistyped) as refused:
        read_amount(written)
    assert hint in refused.value.text("zh")
    assert refused.value.code == "amount_unreadable"
    assert not any("\u4e00" <= sign <= "\u9fff" for sign in str(refused.value.facts["hint_en"]))


def test_a_price_is_whole_fen_however_it_is_typed() -> None:
    assert read_price("￥1,019.80") == 10_198_000
    with pytest.raises(NotWholeFen):
        read_price("¥19.805")


@pytest.mark.parametrize(
    ("written", "plain"),
    [("２", "2"), ("1,000", "1000"), ("１，０００", "1000"), ("1.5", "1.5"), ("1,00", "1,00")],
)
def test_a_count_is_bare_digits_where_it_is_one(written: str, plain: str) -> None:
    assert plain_count(written) == plain


def test_more_digits_than_an_amount_has_are_refused() -> None:
    for written in ("0" * 40, "0" * 20 + "1", "1" * 5_000):
        with pytest.raises(AmountUnreadable):
            read_amount(written)
