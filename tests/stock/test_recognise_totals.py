"""A row that sums the others up is no card, and a card is no such row."""

from datetime import date

import pytest

from kashu.core.sheets.rows import Row, Trait
from kashu.stock.imports_reading import open_pasted
from kashu.stock.recognise import Candidate, Reject, RejectClass, recognise
from kashu.stock.recognise_totals import is_totals

HEAD = "卡号,密码\nMG0001A,pw1a\nMG0002A,pw2a\nMG0003A,pw3a\n"


def last_of(pasted: str) -> Candidate | Reject:
    return list(recognise(open_pasted(pasted).sheet, today=date(2026, 11, 22)))[-1]


@pytest.mark.parametrize(
    "row",
    [
        "合计,3",
        "总 计：,",
        "小计：3张,",
        "共计3张,",
        "合计 ￥1,200.00",
        ",合计",
        "Total,3",
        "TOTAL: 3,",
        "Grand Total,1200.50",
        "subtotal,",
    ],
)
def test_a_total_is_skipped_and_needs_no_correction(row: str) -> None:
    found = last_of(HEAD + row)
    assert isinstance(found, Reject)
    assert found.reason is RejectClass.TOTALS
    assert not found.reason.needs_correction


@pytest.mark.parametrize("row", ["TOTAL500,abc9", "total,RealPass9", "TOTALLY7,pw4a"])
def test_what_could_be_a_card_is_taken_for_one(row: str) -> None:
    assert isinstance(last_of(HEAD + row), Candidate)


def test_a_word_in_a_remark_beside_a_card_says_nothing() -> None:
    lines = "序号,卡密,备注\n1,AAAA1111BB,\n2,AAAA2222BB,\n"
    assert isinstance(last_of(lines + "3,AAAA3333BB,合计"), Candidate)
    total = last_of(lines + "合计,,2")
    assert isinstance(total, Reject)
    assert total.reason is RejectClass.TOTALS


def test_chinese_that_is_no_such_word_is_still_to_be_corrected() -> None:
    found = last_of(HEAD + "合计表,")
    assert isinstance(found, Reject)
    assert found.reason is RejectClass.BAD_CHARACTERS


def test_a_formula_beside_the_word_counts_the_cards() -> None:
    counted = Row(7, ("合计", "3"), {1: Trait.FORMULA})
    assert is_totals(counted, [1])
    assert not is_totals(Row(7, ("备注", "3"), {1: Trait.FORMULA}), [1])
