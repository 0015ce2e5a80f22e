"""The list of orders as a file: a row for each line, nothing in it a formula."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from kashu.access.caller import Caller
from kashu.core.money import E4
from kashu.core.sheets.write import CsvFile, Value, XlsxFile
from kashu.orders.answers import state_of
from kashu.orders.listed import ListedOrder
from kashu.orders.order import LineOutcome
from kashu.orders.reads import Line


class ListFormat(StrEnum):
    """What the list can be written as."""

    XLSX = "xlsx"
    CSV = "csv"


MEDIA_TYPES: Final = {
    ListFormat.CSV: "text/csv",
    ListFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

_TITLES: Final = (
    ("订单号", "Order number"),
    ("下单时间", "Accepted at"),
    ("付款时间", "Paid at"),
    ("来源", "Source"),
    ("店铺", "Store"),
    ("客户", "Customer"),
    ("买家", "Buyer"),
    ("订单状态", "Order state"),
    ("行", "Line"),
    ("规格编码", "SKU"),
    ("商品名称", "Product"),
    ("数量", "Quantity"),
    ("已发", "Delivered"),
    ("待发", "Waiting"),
    ("拒绝", "Refused"),
    ("已退", "Refunded"),
    ("行金额", "Line amount"),
    ("已退金额", "Refunded amount"),
    ("币种", "Currency"),
    ("订单编号", "Order id"),
)
_STATES: Final = {
    "filled": ("已发齐", "Delivered"),
    "partly_filled": ("部分发出", "Partly delivered"),
    "short": ("缺货待发", "Waiting for stock"),
    "refused": ("已拒绝", "Refused"),
    "refunded": ("已退", "Refunded"),
}
_SOURCES: Final = {
    "platform": ("平台", "Platform"),
    "agent": ("代理", "Agent"),
    "direct": ("自营", "Direct"),
}


def rows_of(
    page: Sequence[tuple[ListedOrder, Sequence[Line]]], caller: Caller
) -> Iterator[list[Value]]:
    """Yield a row for each line of some orders, with exact decimals, by the merchant's clock."""
    which = _which(caller.language)
    zone = ZoneInfo(caller.timezone)
    for order, lines in page:
        came_to = state_of(
            LineOutcome(line.line_id, line.delivered, line.waiting, line.refused, line.refunded)
            for line in lines
        )
        for line in lines:
            yield [
                order.external_id,
                _local(order.accepted_at, zone),
                _local(order.paid_at, zone),
                _SOURCES[order.came_by][which],
                order.store_name,
                order.customer_name,
                order.buyer or None,
                _STATES[came_to][which],
                line.number,
                line.sku_code,
                line.sku_name_en if which else line.sku_name_zh,
                line.quantity,
                line.delivered,
                line.waiting,
                line.refused,
                line.refunded,
                _money(line.price_e4),
                _money(line.refunded_e4),
                order.currency,
                str(order.order_id),
            ]


def open_list(file: Path, written_as: ListFormat, language: str) -> CsvFile | XlsxFile:
    """Begin the file; a workbook of many rows lies in the file's folder meanwhile."""
    titles = [title[_which(language)] for title in _TITLES]
    if written_as is ListFormat.CSV:
        return CsvFile(file, titles)
    title = "Orders" if _which(language) else "订单"
    return XlsxFile(file, titles, title=title, spill=file.parent)


def _which(language: str) -> int:
    return 0 if language.startswith("zh") else 1


def _local(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return None if at is None else at.astimezone(zone)


def _money(amount_e4: int) -> Decimal:
    return (Decimal(amount_e4) / E4).quantize(Decimal("0.01"))
