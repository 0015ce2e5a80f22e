"""Tables on a narrow terminal: folded where they must be, never cut."""

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console, RenderableType

from kashu.entry.terminal import on_the_clock, stacked, table, whose, word
from kashu.entry.words import ORDER_STATES


def drawn(picture: RenderableType, width: int = 80) -> str:
    screen = io.StringIO()
    Console(file=screen, width=width).print(picture)
    return screen.getvalue()


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("KASHU_LANGUAGE", raising=False)


def test_what_looks_like_markup_is_shown_as_it_is() -> None:
    assert "AB[red]12[/]" in drawn(table("", ["card"], [["AB[red]12[/]"]]))


def test_texts_are_folded_before_codes_and_numbers_and_nothing_is_lost() -> None:
    text = "芒果TV全屏会员季卡（直充）" * 3
    picture = drawn(
        table("", ["code", "name", "when", "amount"], [
            ["mgtv-tv-quarter-topup", text, "11-23 07:18", "1234567.8900"],
        ])
    )  # fmt: skip
    for whole in ("mgtv-tv-quarter-topup", "11-23 07:18", "1234567.8900"):
        assert whole in picture
    assert "…" not in picture
    lines = [line for line in picture.splitlines() if "芒" in line or "卡" in line]
    assert sum(line.count("芒") for line in lines) == 3
    assert all(len(line.encode("gbk")) <= 80 for line in picture.replace("─", "-").splitlines())


def test_a_link_that_is_wider_than_the_terminal_is_folded_and_whole() -> None:
    link = "https://example.com/" + "x" * 100
    picture = drawn(table("", ["a", "b"], [["1", link]]))
    assert "".join(picture.split()).count("x") >= 100


def test_numbers_stand_at_the_right_though_some_are_missing() -> None:
    lines = drawn(table("", ["name", "count"], [["a", 1], ["b", ""], ["c", 1000]])).splitlines()
    assert lines[2].endswith("    1")
    assert lines[4].endswith(" 1000")


def test_tables_are_apart_by_one_blank_line() -> None:
    one = table("", ["a"], [["1"]])
    assert drawn(stacked([one, one])).split("\n").count("") == 2  # and the end


def test_codes_are_words_in_chinese_and_themselves_in_english(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert word(ORDER_STATES, "short") == "缺货"
    assert word(ORDER_STATES, "unheard_of") == "unheard_of"
    assert whose("staff:1") == "员工 1"
    assert whose("cli") == "命令行"
    monkeypatch.setenv("KASHU_LANGUAGE", "en")
    assert word(ORDER_STATES, "short") == "short"
    assert whose("staff:1") == "staff:1"


def test_times_are_the_merchants() -> None:
    moment = datetime(2020, 12, 31, 16, 30, 5, tzinfo=UTC)
    assert on_the_clock(moment, "Asia/Shanghai") == "2021-01-01 00:30"
    assert on_the_clock(moment, "Asia/Shanghai", whole=True) == "2021-01-01 00:30:05"
    this_year = datetime.now(UTC).replace(month=6, day=1, hour=1, minute=2)
    assert on_the_clock(this_year, "Asia/Shanghai") == "06-01 09:02"
