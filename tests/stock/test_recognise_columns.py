"""Which column is what: told by name or by content, never guessed where half a card is at stake."""

from dataclasses import replace

import pytest

from kashu.core.sheets.read import read_text
from kashu.stock.recognise import Candidate, detect_columns, recognise
from tests.stock.recognising import TODAY, outcomes, reason, table


@pytest.mark.parametrize(
    ("header", "number", "password", "url", "expires_on"),
    [
        ("序号,卡号,卡密,有效期,备注", 1, 2, None, 3),
        ("Card No.,PIN,Expiry Date", 0, 1, None, 2),
        ("*卡密（16位）,到期时间", 0, None, None, 1),
        ("芒果TV卡密,面值", 0, None, None, None),
        ("序列号,兑换码", 0, 1, None, None),
        ("卡号,序列号,密码", 0, 2, None, None),
        ("账号,密码,过期时间", 0, 1, None, 2),
        ("兑换链接,失效日期", None, None, 0, 1),
        ("激活码,有效期开始,有效期至", 0, None, None, 2),
        ("username,password", 0, 1, None, None),
        ("商品名称,券码,状态", 1, None, None, None),
        ("卡密,密码", 0, 1, None, None),
    ],
)
def test_columns_are_told_by_their_names(
    header: str, number: int | None, password: int | None, url: int | None, expires_on: int | None
) -> None:
    names = header.split(",")
    sheet = table(
        ("发货单",), names, *[[f"X{row}{c}0000" for c in range(len(names))] for row in (1, 2)]
    )
    columns = detect_columns(sheet)
    found = (columns.number, columns.password, columns.url, columns.expires_on)
    assert found == (number, password, url, expires_on)
    assert columns.heading_row == 2
    assert [reason(outcome) for outcome in outcomes(sheet)[:2]] == ["heading", "heading"]


@pytest.mark.parametrize(
    ("line", "number", "password", "url", "expires_on"),
    [
        ("A{i}B{i}C{i}00", 0, None, None, None),
        ("A{i}000000\tP{i}w{i}", 0, 1, None, None),
        ("{i}\tA{i}000000\tP{i}w{i}\t2030-12-31", 1, 2, None, 3),
        ("https://a.example.com/{i}", None, None, 0, None),
        ("A{i}000000\t月卡\t25.00\t2030/12/31", 0, None, None, 3),
        ("A{i}000000\tSKU1\tP{i}w{i}", 0, 2, None, None),
    ],
)
def test_columns_without_names_are_told_by_their_content(
    line: str, number: int | None, password: int | None, url: int | None, expires_on: int | None
) -> None:
    columns = detect_columns(read_text("\n".join(line.format(i=100 + i) for i in range(30))))
    found = (columns.number, columns.password, columns.url, columns.expires_on)
    assert found == (number, password, url, expires_on)


def test_names_that_nobody_knows_are_no_card() -> None:
    assert [reason(o) for o in outcomes("foo\tbar\n" + "".join(
        f"A{i}000000\tP{i}w\n" for i in range(100, 110)
    ))][:2] == ["heading", "accepted"]  # fmt: skip


def test_a_heading_repeated_further_down_is_no_card() -> None:
    sheet = table(
        ("卡号", "卡密"), ("A1234567", "B1234567"), ("卡号", "卡密"), ("A2345678", "B2345678")
    )
    assert [reason(o) for o in outcomes(sheet)] == ["heading", "accepted", "heading", "accepted"]


@pytest.mark.parametrize("header", ["卡号,卡密,卡密", "卡号,卡密,密码", "链接,链接"])
def test_names_that_compete_reject_each_row_until_somebody_chooses(header: str) -> None:
    sheet = table(header.split(","), *[[f"A{i}{c}00000" for c in "123"] for i in range(3)])
    assert [reason(o) for o in outcomes(sheet)] == ["heading"] + ["ambiguous"] * 3
    chosen = replace(detect_columns(sheet), number=0, password=2, is_ambiguous=False, heading_row=1)
    assert [reason(o) for o in recognise(sheet, today=TODAY, columns=chosen)][1:] == [
        "accepted"
    ] * 3


def test_three_columns_of_secrets_are_not_guessed_at() -> None:
    text = "".join(f"A{i}0000\tB{i * 7}00\tC{i * 3}11\n" for i in range(100, 120))
    assert {reason(o) for o in outcomes(text)} == {"ambiguous"}


def test_a_password_that_all_cards_share_is_not_left_out_unasked() -> None:
    text = "".join(f"A{i}0000----123456\n" for i in range(100, 120))
    assert {reason(o) for o in outcomes(text)} == {"ambiguous"}
    chosen = replace(detect_columns(read_text(text)), number=0, password=1, is_ambiguous=False)
    found = list(recognise(read_text(text), today=TODAY, columns=chosen))
    assert all(isinstance(o, Candidate) and str(o.password) == "123456" for o in found)


def test_half_a_card_is_not_sold_where_cards_have_two_secrets() -> None:
    text = "".join(f"A{i}000000----P{i}w\n" for i in range(100, 120)) + "A999000000\n----P9w\n"
    assert [reason(o) for o in outcomes(text)][-2:] == ["incomplete", "incomplete"]


def test_a_column_of_numbers_that_is_empty_throughout_is_not_missed() -> None:
    sheet = table(("卡号", "卡密"), *[("", f"A{i}000000") for i in range(100, 110)])
    found = [o for o in outcomes(sheet) if isinstance(o, Candidate)]
    assert len(found) == 10
    assert (found[0].number, found[0].password) == (None, "A100000000")
