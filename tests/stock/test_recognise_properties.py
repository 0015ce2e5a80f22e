"""Whatever is in a file, each row has one outcome, and nothing breaks in an unforeseen way."""

import io
import string
from datetime import date
from pathlib import Path

import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from kashu.core.errors import Invalid
from kashu.core.sheets.errors import SheetEmpty
from kashu.core.sheets.read import read_bytes, read_text
from kashu.core.sheets.rows import Sheet
from kashu.stock.recognise import Candidate, RejectClass, identity, normalise, recognise

TODAY = date(2026, 11, 22)
SAMPLES = Path(__file__).parents[2] / "samples"
CODE = st.text(string.ascii_letters + string.digits, min_size=6, max_size=24)


def small_workbook() -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for row in range(5):
            sheet.write_row(row, 0, [f"A{row}000000", f"B{row}", 46_752 + row])
    return stream.getvalue()


XLSX = small_workbook()
XLS = (SAMPLES / "qqmusic-month.xls").read_bytes()


def check(sheet: Sheet) -> None:
    """Hold the invariant: one outcome for each row, in order; a card is printable ASCII."""
    numbers = [row.number for row in sheet.rows()]
    outcomes = list(recognise(sheet, today=TODAY))
    assert [outcome.row for outcome in outcomes] == numbers
    for outcome in outcomes:
        if isinstance(outcome, Candidate):
            assert identity(outcome.number, outcome.password, outcome.url)
            for secret in (outcome.number, outcome.password, outcome.url):
                assert secret is None or (secret.isascii() and secret.isprintable() and secret)
        else:
            assert isinstance(outcome.reason, RejectClass)


def check_bytes(content: bytes) -> None:
    """Hold the invariant, or refuse the file by a declared error whose texts can be made."""
    try:
        check(read_bytes(content))
    except Invalid as refused:
        refused.text("zh")
        refused.text("en")


@settings(deadline=None)  # the machine is shared
@given(st.binary(max_size=2000))
def test_any_bytes(content: bytes) -> None:
    check_bytes(content)


LINES = st.lists(
    st.lists(
        st.one_of(
            CODE,
            st.text(max_size=12),
            st.sampled_from(
                [
                    "卡号",
                    "卡密",
                    "有效期",
                    "2030-12-31",
                    "=1",
                    '"',
                    "https://a.cn/x",
                    "0012",
                    "----",
                ]
            ),
        ),
        max_size=5,
    ),
    max_size=30,
)


@settings(deadline=None)  # the machine is shared
@given(
    lines=LINES,
    separator=st.sampled_from(["\t", ",", "----", "|", " ", "：", "；"]),
    is_pasted=st.booleans(),
)
def test_any_text(*, lines: list[list[str]], separator: str, is_pasted: bool) -> None:
    text = "\n".join(separator.join(cells) for cells in lines)
    if not is_pasted:
        check_bytes(text.encode("gb18030", "replace"))
        return
    try:
        check(read_text(text))
    except SheetEmpty:
        return


@settings(deadline=None, max_examples=300)
@given(st.data(), st.sampled_from([XLSX, XLS]))
def test_any_damage_to_a_workbook(data: st.DataObject, content: bytes) -> None:
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.sampled_from([len(damaged), len(damaged) * 2 // 3]))
    check_bytes(bytes(damaged[:cut]))


@settings(deadline=None)  # the machine is shared
@given(st.lists(st.tuples(CODE, CODE), min_size=1, max_size=30, unique_by=lambda card: card[0]))
def test_plain_cards_come_out_as_they_went_in(cards: list[tuple[str, str]]) -> None:
    text = "卡号\t卡密\n" + "\n".join("\t".join(card) for card in cards)
    found = list(recognise(read_text(text), today=TODAY))[1:]
    assert [(o.number, o.password) for o in found if isinstance(o, Candidate)] == cards


@settings(deadline=None)  # the machine is shared
@given(st.text(max_size=300))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once or once.startswith(("'", '="'))
