"""What several suppliers' answers have alike: read exactly, and nothing of them kept in errors."""

from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest

from kashu.adapters.suppliers.answers import (
    beijing,
    last_day,
    moment_of,
    plain,
    read_answer,
    read_each,
)


class Told(msgspec.Struct):
    count: int
    price: Decimal = Decimal(0)
    number: str | int | None = None


def test_numbers_may_stand_in_quotes_and_money_is_exact() -> None:
    told = read_answer(b'{"count":"3","price":"0.1000","number":"007"}', Told)
    assert (told.count, str(told.price), told.number) == (3, "0.1000", "007")
    assert str(read_answer(b'{"count":3,"price":14.1250}', Told).price) == "14.1250"
    assert plain(read_answer(b'{"count":3,"number":90071992547409931}', Told).number) == (
        "90071992547409931"
    )
    assert plain(None) == ""


@pytest.mark.parametrize(
    "body",
    [b"", b"CARD-1234", b'"CARD-1234"', b'{"count":"CARD-1234"}', b"\xffCARD", b"[" * 100_000],
)
def test_an_error_holds_nothing_of_what_was_read(body: bytes) -> None:
    with pytest.raises(ValueError, match="unreadable answer") as caught:
        read_answer(body, Told)
    assert "CARD" not in f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"


def test_a_row_that_cannot_be_read_holds_up_no_other() -> None:
    rows = [msgspec.Raw(b'{"count":1}'), msgspec.Raw(b"{}"), msgspec.Raw(b'{"count":2}')]
    good, wrong = read_each(rows, lambda row: read_answer(row, Told).count)
    assert (good, wrong) == ([1, 2], 1)


@pytest.mark.parametrize("told", [None, "", 0, "0", -1, "x", "1e9", "９", "9" * 13, 10**30])
def test_what_is_no_time_is_none(told: int | str | None) -> None:
    assert moment_of(told) is None


def test_what_ends_at_midnight_in_beijing_works_until_the_day_before() -> None:
    assert last_day(beijing("2029-12-31 00:00:00", "%Y-%m-%d %H:%M:%S")) == date(2029, 12, 30)
    assert last_day(beijing("2029-12-31 23:59:59", "%Y-%m-%d %H:%M:%S")) == date(2029, 12, 31)
    assert last_day(moment_of("1893427199")) == date(2029, 12, 31)
    assert last_day(datetime(2029, 12, 31, 16, 0, 1, tzinfo=UTC)) == date(2030, 1, 1)
    assert beijing("2029-13-01 00:00:00", "%Y-%m-%d %H:%M:%S") is None
    assert last_day(None) is None
