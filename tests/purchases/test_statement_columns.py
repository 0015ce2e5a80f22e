"""What the columns of a supplier's statement are called."""

import time

from kashu.purchases.statement_columns import Part, part_of


def test_a_column_is_known_by_its_name_whatever_stands_in_brackets_behind_it() -> None:
    assert part_of("金额（元）") is Part.AMOUNT
    assert part_of("备注") is None


def test_what_is_too_long_for_a_name_costs_nothing() -> None:
    began = time.process_time()
    assert part_of("(" * 65_536) is None
    assert time.process_time() - began < 5  # each bracket tried as the first: a minute
