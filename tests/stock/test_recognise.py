"""Recognising cards: what a person sees is imported, or the row is refused with a reason."""

import io
from dataclasses import replace
from datetime import date

import pytest

from kashu.catalog.card_format import CardFormat
from kashu.core.sheets.read import read_bytes, read_text
from kashu.core.sheets.rows import Separator, Trait
from kashu.core.sheets.write import write_csv, write_xlsx
from kashu.stock.recognise import (
    Candidate,
    CardWarning,
    Reject,
    RejectClass,
    corrections,
    detect_columns,
    identity,
    normalise,
    recognise,
)
from tests.stock.recognising import DEFAULT, TODAY, outcomes, reason, table


def only(number: str, trait: Trait | None = None) -> Candidate | Reject:
    """Recognise one card in a workbook that has both columns."""
    return outcomes(
        table(("卡号", "卡密"), (number, "PASS1234"), traits={0: trait} if trait else None)
    )[-1]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("MG12345678", "MG12345678"),
        ("ＭＧ１２３４５６７８", "MG12345678"),
        ("\ufeffMG12\u200b345678\u200d", "MG12345678"),
        ("\u3000MG12345678\u00a0\t", "MG12345678"),
        ("MG12 3456 7890", "MG1234567890"),
        ("ABCD-1234-EFGH", "ABCD-1234-EFGH"),
        ("ABCD\u20111234－EFGH", "ABCD-1234-EFGH"),
        ("aBcD1234", "aBcD1234"),
        ("'0012345678", "0012345678"),
        ('="0012345678"', "0012345678"),
        ("00012345678901234567", "00012345678901234567"),
        ("+8613800000000", "+8613800000000"),
        ("\u202aMG12345678\u202c", "MG12345678"),
    ],
)
def test_one_card_is_one_text_however_it_was_typed(written: str, meant: str) -> None:
    outcome = only(written)
    assert isinstance(outcome, Candidate)
    assert outcome.number == meant
    assert normalise(written) == meant
    assert identity(outcome.number, outcome.password, None) == meant


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("=cmd|' /C calc'!A0", "formula"),
        ("＝cmd|x!A0", "formula"),
        ("@SUM(1,2)", "formula"),
        ("'=cmd|x!A0", "formula"),
        ("#N/A", "error_value"),
        ("1.23457E+15", "number_lost_digits"),
        ("6e+17", "number_lost_digits"),
        ("123456789.0", "number_lost_digits"),
        ("MG\u202e12345678", "bad_characters"),
        ("MG\x0012345678", "bad_characters"),
        ("MG\x1f12345678", "bad_characters"),
        ("МG12345678", "bad_characters"),
        ("作废MG12345678", "bad_characters"),
        ("MG1234…", "bad_characters"),
        ("MG\ufffd2345678", "bad_characters"),
        ("MG12345678 XY99", "ambiguous"),
        ("MG12345678\nXY99", "ambiguous"),
        ("MG12345678----XY99", "ambiguous"),
        ("MG12345678,XY99", "ambiguous"),
        ("M" * 257, "too_long"),
        ("", "incomplete"),
    ],
)
def test_what_might_be_wrong_is_refused_with_its_reason(written: str, expected: str) -> None:
    outcome = outcomes(table(("卡号", "卡密"), ("A1234567", "B1"), ("A2345678", "B2"),
                             ("A3456789", "B3"), (written, "PASS1234")))[-1]  # fmt: skip
    assert isinstance(outcome, Reject)
    assert (outcome.reason, outcome.column) == (expected, 0)


@pytest.mark.parametrize(
    ("text", "trait", "expected"),
    [
        ("123456789012345", Trait.NUMBER, "accepted"),
        ("1234567890123456", Trait.LOSSY, "number_lost_digits"),
        ("12.5", Trait.NUMBER, "number_lost_digits"),
        ("-12345678", Trait.NUMBER, "number_lost_digits"),
        ("2027-03-12", Trait.DATE, "number_lost_digits"),
        ("ABC12345", Trait.FORMULA, "formula"),
        ("#REF!", Trait.ERROR, "error_value"),
    ],
)
def test_a_cell_that_was_no_text_is_taken_only_where_no_digit_is_lost(
    text: str, trait: Trait, expected: str
) -> None:
    assert reason(only(text, trait=trait)) == expected


@pytest.mark.parametrize(
    ("written", "trait", "expected"),
    [
        ("2027-12-31", None, date(2027, 12, 31)),
        ("2027-12-31", Trait.DATE, date(2027, 12, 31)),
        ("2027/1/5", None, date(2027, 1, 5)),
        ("2027.12.31", None, date(2027, 12, 31)),
        ("20271231", None, date(2027, 12, 31)),
        ("20271231", Trait.NUMBER, date(2027, 12, 31)),
        ("2027年12月31日", None, date(2027, 12, 31)),
        ("２０２７－１２－３１", None, date(2027, 12, 31)),
        ("2027-12-31 23:59:59", None, date(2027, 12, 31)),
        ("2027-12-31 00:00:00", None, date(2027, 12, 31)),
        ("2027-12-31T16:00:00Z", None, date(2027, 12, 31)),
        ("2027-12-31T15:59:59Z", None, date(2027, 12, 31)),
        ("2026-01-01至2027-12-31", None, date(2027, 12, 31)),
        ("2026.1.1 ~ 2027.12.31", None, date(2027, 12, 31)),
        ("46752", Trait.NUMBER, date(2027, 12, 31)),
        ("46752", None, date(2027, 12, 31)),
        ("2026-11-22", None, date(2026, 11, 22)),
        ("", None, DEFAULT),
        ("长期有效", None, None),
        ("2026-11-21", None, "past_expiry"),
        ("31/12/2027", None, "bad_expiry"),
        ("12/31/2027", None, "bad_expiry"),
        ("27-12-31", None, "bad_expiry"),
        ("2027-02-29", None, "bad_expiry"),
        ("2027-12", None, "bad_expiry"),
        ("30天", None, "bad_expiry"),
        ("9999-12-31", None, "bad_expiry"),
        ("1", Trait.NUMBER, "bad_expiry"),
        ("2027-12-31至2026-01-01", None, "bad_expiry"),
        ("2027-12-31 99:00", None, "bad_expiry"),
        ("#N/A", Trait.ERROR, "error_value"),
        ("", Trait.FORMULA, "bad_expiry"),
    ],
)
def test_an_expiry_is_a_day_or_is_refused(
    written: str, trait: Trait | None, expected: date | str | None
) -> None:
    sheet = table(("卡号", "有效期至"), ("A1234567", written), traits={1: trait} if trait else None)
    outcome = outcomes(sheet)[-1]
    if isinstance(expected, str):
        assert isinstance(outcome, Reject)
        assert (outcome.reason, outcome.column) == (expected, 1)
    else:
        assert isinstance(outcome, Candidate)
        assert outcome.expires_on == expected


def test_days_of_a_1904_workbook_count_from_there() -> None:
    sheet = replace(
        table(("卡号", "有效期"), ("A1234567", "45290"), traits={1: Trait.NUMBER}), is_1904=True
    )
    outcome = outcomes(sheet)[-1]
    assert isinstance(outcome, Candidate)
    assert outcome.expires_on == date(2027, 12, 31)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("https://A.Example.com/Gift?Code=Ab", "https://a.example.com/Gift?Code=Ab"),
        ("ｈｔｔｐｓ：／／a.example.com/x", "https://a.example.com/x"),
        ("\u200bhttps://a.example.com:8443/x", "https://a.example.com:8443/x"),
        ("ftp://a.example.com/x", RejectClass.BAD_URL),
        ("javascript:alert(1)", RejectClass.BAD_URL),
        ("https://", RejectClass.BAD_URL),
        ("https://localhost/x", RejectClass.BAD_URL),
        ("https://127.0.0.1/x", RejectClass.BAD_URL),
        ("https://[::1]/x", RejectClass.BAD_URL),
        ("https://[/x", RejectClass.BAD_URL),
        ("https://me@a.example.com/x", RejectClass.BAD_URL),
        ("https://a.example.com:99999/x", RejectClass.BAD_URL),
        ("https://a.example.com/x y", RejectClass.BAD_URL),
        ("https://a.example.com/卡", RejectClass.BAD_CHARACTERS),
        ("https://a.example.com/" + "x" * 3000, RejectClass.TOO_LONG),
    ],
)
def test_a_link_is_whole_and_plain_or_refused(written: str, expected: str) -> None:
    outcome = outcomes(table(("链接",), (written,)))[-1]
    if isinstance(outcome, Candidate):
        assert outcome.url == expected
        assert identity(None, None, outcome.url) == expected
    else:
        assert outcome.reason is expected


def test_links_and_codes_may_be_mixed_in_one_column() -> None:
    mixed = outcomes(table(("兑换码",), ("A1234567",), ("https://a.example.com/x",)))
    assert [(o.number, o.url) for o in mixed if isinstance(o, Candidate)] == [
        ("A1234567", None),
        (None, "https://a.example.com/x"),
    ]


def test_a_separator_inside_a_secret_makes_too_many_columns() -> None:
    text = "".join(f"A{i}000000,P{i}w\n" for i in range(100, 120)) + "A999000000,P9,w\n"
    assert reason(outcomes(text)[-1]) == "too_many_columns"


def test_two_secrets_in_the_one_column_of_a_workbook_are_split() -> None:
    sheet = table(("发货单",), *[(f"A{i}000000----P{i}w",) for i in range(100, 110)])
    assert detect_columns(sheet).separator is Separator.DASHES
    found = outcomes(sheet)
    assert reason(found[0]) == "heading"
    assert isinstance(found[1], Candidate)
    assert (found[1].number, found[1].password) == ("A100000000", "P100w")


def test_a_remark_beside_the_columns_of_a_workbook_is_left_alone() -> None:
    sheet = table(("卡号", "卡密"), ("A1234567", "B1234567"), ("A2345678", "B2345678", "", "赠"))
    assert reason(outcomes(sheet)[-1]) == "accepted"


def test_each_row_has_one_outcome_and_blank_ones_are_counted_apart() -> None:
    found = outcomes("卡号,卡密\n\nA1234567,B1\n , \nA2345678,B2\n\u200b,\n")
    assert [reason(o) for o in found] == [
        "heading", "blank", "accepted", "blank", "accepted", "blank",
    ]  # fmt: skip
    assert [o.row for o in found] == [1, 2, 3, 4, 5, 6]


def test_a_card_unlike_its_brand_is_accepted_with_a_warning() -> None:
    format_ = CardFormat(number="[A-Z0-9]{16}", lengths=(16,), password="[0-9]{6}")
    text = "MG12345678901234,123456\nMG1234567890123!,123456\nmg1,abc\n"
    found = list(recognise(read_text(text), today=TODAY, card_format=format_))
    assert [o.warnings for o in found if isinstance(o, Candidate)] == [
        (),
        (CardWarning.OFF_PATTERN,),
        (
            CardWarning.OFF_LENGTH,
            CardWarning.OFF_PATTERN,
            CardWarning.OFF_PASSWORD,
            CardWarning.SHORT,
        ),
    ]


@pytest.mark.parametrize("is_workbook", [False, True])
def test_corrected_rows_can_be_imported_again(*, is_workbook: bool) -> None:
    sheet = table(
        ("有效期", "卡密", "卡号"),
        ("2030-12-31", "B1234567", "A1234567"),
        ("31/12/2030", "B2345678", "0012345678"),
        ("2030-12-31", "B3456789", "=cmd|x!A0"),
        ("", "", ""),
    )
    rejects = [o for o in outcomes(sheet) if isinstance(o, Reject)]
    header, rows = corrections(detect_columns(sheet), rejects)
    rows = ([cell.replace("31/12/2030", "2030-12-31") for cell in row] for row in rows)
    stream = io.BytesIO()
    (write_xlsx if is_workbook else write_csv)(stream, header, rows)
    again = outcomes(read_bytes(stream.getvalue()))
    assert [reason(o) for o in again] == ["heading", "accepted", "formula"]
    assert isinstance(again[1], Candidate)
    assert (again[1].number, again[1].password) == ("0012345678", "B2345678")
    assert again[1].expires_on == DEFAULT


def test_no_repr_shows_a_secret() -> None:
    shown = repr(outcomes("SECRET1234,SECRET5678\nSECRET1234 XX,SECRET5678\n"))
    assert "Candidate" in shown
    assert "Reject" in shown
    assert "SECRET" not in shown


@pytest.mark.parametrize("reason_", list(RejectClass))
def test_each_class_says_what_to_do_in_both_languages(reason_: RejectClass) -> None:
    assert reason_.text("zh-CN").endswith("。")
    assert reason_.text("en").endswith(".")


def test_a_row_that_may_hold_a_card_is_never_skipped_as_a_title() -> None:
    chat = "1、MGQA1B2C3D4E5\n卡号：MGQF6G7H8J9K0 密码：481516\nX2Y3Z4W5V6U7----234281\n"
    assert RejectClass.HEADING not in map(reason, outcomes(chat))
    above = outcomes(table(["MGQA1B2C3D4E5", "481516"], ["卡号", "密码"], ["MGQF6G7H8J", "2342"]))
    assert list(map(reason, above)) == ["ambiguous", "heading", "accepted"]


@pytest.mark.parametrize(
    "title",
    [
        "芒果TV会员月卡 供货单",
        "2026-11-20 至 2026-12-20 有效",
        "供货日期：20261120，共 300 张",
        "丙散货 单价14.1250元",
    ],
)
def test_a_title_with_days_and_prices_is_still_a_title(title: str) -> None:
    assert reason(
        outcomes(table([title], ["MGQF6G7H8J9"], ["MGQF6G7H8J8"], ["MGQF6G7H8J7"]))[0]
    ) == ("heading")
