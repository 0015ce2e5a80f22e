"""The answer to "which of these have gone out?" as a file: masked, and safe in a spreadsheet."""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from kashu.core.sheets.write import Value, write_csv, write_xlsx
from kashu.desk.which import Standing, Which

_COLUMNS: Final = (
    ("行号", "Row"),
    ("状态", "Status"),
    ("末位", "Ends in"),
    ("规格", "SKU"),
    ("订单", "Order"),
    ("发出时间", "Given at"),
    ("查看时间", "Seen at"),
    ("有效期至", "Expires on"),
)
WORDS: Final[Mapping[Standing, tuple[str, str]]] = {
    Standing.UNKNOWN: ("不是我们的卡", "unknown"),
    Standing.REPEATED: ("重复行", "repeated"),
    Standing.AVAILABLE: ("在库可发", "available"),
    Standing.FROZEN: ("在库冻结", "frozen"),
    Standing.RESERVED: ("已预占", "reserved"),
    Standing.ALLOCATED: ("已发出，未查看", "allocated"),
    Standing.REVEALED: ("已发出，已查看", "revealed"),
    Standing.REDEEMED: ("已核销", "redeemed"),
    Standing.QUARANTINED: ("隔离", "quarantined"),
    Standing.VOID: ("作废", "void"),
    Standing.RETURNED: ("已退供应商", "returned"),
    Standing.SOLD_ELSEWHERE: ("别处已售", "sold elsewhere"),
}


def to_csv(rows: Sequence[Which], language: str) -> bytes:
    """Write it as CSV that a spreadsheet opens safely."""
    target = io.BytesIO()
    write_csv(target, _header(language), _lines(rows, language))
    return target.getvalue()


def to_xlsx(rows: Sequence[Which], language: str) -> bytes:
    """Write it as a workbook; nothing is a formula."""
    target = io.BytesIO()
    title = "卡密去向" if language.startswith("zh") else "Cards"
    write_xlsx(target, _header(language), _lines(rows, language), title=title)
    return target.getvalue()


def _header(language: str) -> list[str]:
    return [column[_of(language)] for column in _COLUMNS]


def _lines(rows: Sequence[Which], language: str) -> Iterator[list[Value]]:
    for each in rows:
        yield [
            each.row,
            WORDS[each.standing][_of(language)],
            each.tail,
            "" if each.sku is None else each.sku.code,
            "" if each.order is None else each.order.external_id,
            "" if each.given_at is None else each.given_at.isoformat(timespec="seconds"),
            "" if each.seen_at is None else each.seen_at.isoformat(timespec="seconds"),
            "" if each.expires_on is None else each.expires_on.isoformat(),
        ]


def _of(language: str) -> int:
    return 0 if language.startswith("zh") else 1
