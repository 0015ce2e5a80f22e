"""Outlook: when lots are gone at a pace, and what is left of them at their last day."""

from datetime import timedelta

import pytest

from kashu.core.clock import SHANGHAI, day_bounds
from kashu.core.ids import new_id
from kashu.stock.outlook import Pace, fates
from kashu.stock.strategy import FEFO, MinimumValidity, Offered, Prefer, Strategy
from tests.stock.builders import TODAY

CHEAPEST = Strategy(None, "cheapest", prefers=(Prefer("lowest_cost"),))


def lot(available: int, days_left: int | None, *, cost: int = 100) -> Offered:
    """Days left: 0 is a lot whose last day is today."""
    return Offered(
        lot_id=new_id(),
        sku_id=new_id(),
        warehouse_id=new_id(),
        supplier_id=new_id(),
        unit_cost_e4=cost,
        expires_on=None if days_left is None else TODAY + timedelta(days_left),
        received_at=day_bounds(TODAY, SHANGHAI)[0],
        available=available,
        head=1,
        shared=False,
        warehouse_priority=100,
    )


def told(
    lots: list[Offered], sold: int, days: int, strategy: Strategy = FEFO, cover: int = 90
) -> list[tuple[int | None, int | None, int, tuple[str, ...]]]:
    found = fates(strategy, lots, Pace(sold, days), today=TODAY, cover=cover)
    return [
        (fate.place, fate.gone_in_days, fate.unsold, fate.advice)
        for fate in (found[it.lot_id] for it in lots if it.lot_id in found)
    ]


def test_lots_go_one_after_another_at_the_pace_of_their_sku() -> None:
    lots = [lot(30, None), lot(10, 20), lot(5, 30)]
    assert told(lots, 10, 10) == [(3, 45, 0, ()), (1, 10, 0, ()), (2, 15, 0, ())]


def test_what_is_not_gone_on_its_last_day_is_left_over() -> None:
    # 2 a day: today and nine more days sell 20 of the 50, and then the next lot begins
    lots = [lot(50, 9), lot(10, 100)]
    assert told(lots, 20, 10) == [(1, None, 30, ("discount",)), (2, 15, 0, ())]


def test_a_lot_whose_last_day_is_today_sells_today() -> None:
    assert told([lot(2, 0)], 20, 10) == [(1, 1, 0, ())]
    assert told([lot(3, 0)], 20, 10) == [(1, None, 1, ("discount",))]


def test_a_strategy_that_leaves_a_lot_to_expire_is_told_so() -> None:
    lots = [lot(20, 100, cost=90), lot(20, 19, cost=110)]
    assert told(lots, 10, 10, CHEAPEST) == [
        (1, 20, 0, ()),
        (2, None, 20, ("give_first", "discount")),
    ]
    assert told(lots, 10, 10) == [(2, 40, 0, ()), (1, 20, 0, ())]


def test_what_does_not_sell_at_all_may_go_back() -> None:
    lots = [lot(5, 400), lot(7, None)]
    assert told(lots, 0, 30) == [(1, None, 5, ("return",)), (2, None, 0, ("return",))]


@pytest.mark.parametrize(("cover", "advice"), [(99, ("discount",)), (100, ())])
def test_a_lot_that_lasts_too_long_is_slow(cover: int, advice: tuple[str, ...]) -> None:
    assert told([lot(10, None)], 1, 10, cover=cover) == [(1, 100, 0, advice)]


def test_a_lot_that_the_strategy_keeps_back_has_no_place() -> None:
    strict = Strategy(None, "strict", keeps=(MinimumValidity(30),))
    assert told([lot(5, 20), lot(5, 200)], 10, 10, strict) == [(1, 5, 0, ())]
