from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kashu.core.money import (
    AMOUNT_MAX_E4,
    AmountUnreadable,
    NotWholeFen,
    format_amount,
    parse_amount,
    parse_price,
    split,
)


@given(st.integers(-AMOUNT_MAX_E4, AMOUNT_MAX_E4))
def test_what_is_written_reads_back_exactly(amount_e4: int) -> None:
    assert parse_amount(format_amount(amount_e4)) == amount_e4
    assert Decimal(format_amount(amount_e4)) == Decimal(amount_e4) / 10_000


def test_tenths_add_up() -> None:
    assert sum(parse_amount("0.1") + parse_amount("0.2") for _ in range(10_000)) == 30_000_000


@pytest.mark.parametrize(
    "written", ["", "1e3", "0.00001", "1e-9", "NaN", "１", "1,5", "--1", "1" * 16, "1.", ".5", " 1"]
)
def test_what_is_no_amount_is_refused(written: str) -> None:
    with pytest.raises(AmountUnreadable):
        parse_amount(written)


def test_a_price_is_whole_fen_and_not_negative() -> None:
    assert parse_price("19.80") == 198_000
    with pytest.raises(NotWholeFen):
        parse_price("14.1250")
    with pytest.raises(AmountUnreadable):
        parse_price("-1.00")


@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.integers(0, 1_000), min_size=1, max_size=20).filter(any),
)
def test_a_split_loses_no_unit(amount_e4: int, weights: list[int]) -> None:
    parts = split(amount_e4, weights)
    assert sum(parts) == amount_e4
    assert len(parts) == len(weights)
    total = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * total - amount_e4 * weight) < total * 1 + total
