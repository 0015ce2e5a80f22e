"""A bundle's price among its parts: exact to the last unit, and what goes back never too much."""

from datetime import UTC, datetime
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from kashu.catalog.bundles import Goods, Part
from kashu.catalog.kinds import Fulfilment, ShortagePolicy, SkuState
from kashu.catalog.reads import Sku
from kashu.core.money import FEN
from kashu.orders.bundles import Mapped, split_price

AT = datetime(2026, 11, 22, tzinfo=UTC)
FENS = st.integers(min_value=0, max_value=10**9)


def sku(face_value_e4: int) -> Sku:
    return Sku(
        uuid4(),
        "part",
        "规格",
        "part",
        Fulfilment.CARD,
        SkuState.ACTIVE,
        ShortagePolicy.WAIT,
        partial_allowed=False,
        returnable=True,
        days=31,
        face_value_e4=face_value_e4,
        currency="CNY",
    )


PARTS = st.lists(st.tuples(FENS, st.integers(min_value=1, max_value=1000)), min_size=1, max_size=20)


def mapped(parts: list[tuple[int, int]], units: int, price_e4: int) -> Mapped:
    made = tuple(Part(sku(face * FEN), each) for face, each in parts)
    return Mapped(Goods(sku(0), made), units, price_e4)


@given(PARTS, st.integers(min_value=1, max_value=1000), st.integers(min_value=0, max_value=10**11))
def test_no_unit_of_the_price_or_of_the_goods_is_lost(
    parts: list[tuple[int, int]], units: int, price_e4: int
) -> None:
    line = mapped(parts, units, price_e4)
    shares = line.shares()
    assert sum(share.price_e4 for share in shares) == price_e4
    assert sum(share.units for share in shares) == line.pieces
    assert all(share.price_e4 >= 0 for share in shares)
    assert all(share.price_e4 % FEN == 0 for share in shares[1:])


@given(PARTS, FENS)
def test_each_share_is_within_a_fen_of_its_part_of_the_list_price(
    parts: list[tuple[int, int]], price: int
) -> None:
    weights = [face * each for face, each in parts]
    if not all(weights):
        weights = [1] * len(parts)
    shares = mapped(parts, 1, price * FEN).shares()
    for share, weight in zip(shares, weights, strict=True):
        exact = price * weight  # over the sum of the weights, without a division
        assert abs(share.price_e4 // FEN * sum(weights) - exact) < sum(weights)


@given(st.lists(FENS, min_size=1, max_size=20).filter(any), st.data())
def test_what_goes_back_is_never_more_than_a_part_has_left(
    left: list[int], data: st.DataObject
) -> None:
    back = data.draw(st.integers(min_value=0, max_value=sum(left)))
    shares = split_price(back * FEN, [each * FEN for each in left])
    assert sum(shares) == back * FEN
    assert all(share <= each * FEN for share, each in zip(shares, left, strict=True))


@given(st.lists(FENS, min_size=1, max_size=20).filter(any))
def test_all_that_is_left_goes_back_to_the_last_fen(left: list[int]) -> None:
    weights = [each * FEN for each in left]
    assert split_price(sum(weights), weights) == weights


def test_equal_shares_where_a_part_has_no_list_price() -> None:
    shares = mapped([(0, 1), (1990, 5), (0, 2)], 1, 100_000).shares()
    assert [share.price_e4 for share in shares] == [33_400, 33_300, 33_300]
