"""The capital report as a file: its columns are those of the screen, in the same order."""

import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from kashu.core.money import format_amount
from kashu.core.sheets.write import Value, write_csv, write_xlsx
from kashu.reports.capital import Capital
from kashu.reports.capital_skus import SkuCapital
from kashu.reports.export import Format

_TOTAL: Final = ("合计", "Total")
_TITLE: Final = ("资金占用", "Capital")
_BY_SUPPLIER: Final = (
    ("供应商编码", "Supplier code"),
    ("供应商", "Supplier"),
    ("占用", "Tied up"),
    ("库存", "Stock"),
    ("件数", "Units"),
    ("超过 90 天", "Over 90 days"),
    ("30 天内到期", "Expires within 30 days"),
    ("预存款", "Prepaid"),
    ("存疑资金", "In doubt"),
    ("应收赔付", "To be got back"),
    ("应付", "Payable"),
    ("净占用", "Net"),
    ("已售成本", "Sold at cost"),
    ("周转天数", "Turnover days"),
    ("资金成本", "Cost of capital"),
    ("外币折合", "Other currencies, in ours"),
)
_BY_SKU: Final = (
    ("规格编码", "SKU code"),
    ("规格", "SKU"),
    ("件数", "Units"),
    ("库存", "Stock"),
    ("30 天以内", "Up to 30 days"),
    ("31–60 天", "31 to 60 days"),
    ("61–90 天", "61 to 90 days"),
    ("超过 90 天", "Over 90 days"),
    ("30 天内到期", "Expires within 30 days"),
    ("预计过期损失", "Expected loss"),
    ("已售", "Sold"),
    ("可售天数", "Days of stock"),
)


def supplier_file(
    rows: Sequence[Capital], whole: Capital, form: Format, language: str = "zh"
) -> bytes:
    """Write what is tied up by supplier, and in all."""
    which = 0 if language.startswith("zh") else 1
    lines = [_of_supplier(row, row.code, row.name) for row in rows]
    lines.append(_of_supplier(whole, _TOTAL[which], None))
    return _write([title[which] for title in _BY_SUPPLIER], lines, form, _TITLE[which])


def sku_file(
    rows: Sequence[SkuCapital], whole: SkuCapital, form: Format, language: str = "zh"
) -> bytes:
    """Write what is tied up by SKU, and in all."""
    which = 0 if language.startswith("zh") else 1
    lines = [_of_sku(row, row.code, row.name_en if which else row.name_zh) for row in rows]
    lines.append(_of_sku(whole, _TOTAL[which], None))
    return _write([title[which] for title in _BY_SKU], lines, form, _TITLE[which])


def _of_supplier(row: Capital, code: str, name: str | None) -> list[Value]:
    return [
        code,
        name,
        _amount(row.tied_e4),
        _amount(row.stock_e4),
        row.units,
        _amount(row.old_e4),
        _amount(row.expiring_e4),
        _amount(row.prepaid_e4),
        _amount(row.in_doubt_e4),
        _amount(row.recoveries_e4),
        _amount(row.payable_e4),
        _amount(row.net_e4),
        _amount(row.sold_e4),
        row.turnover_days,
        _amount(row.cost_e4),
        _amount(row.others_e4),
    ]


def _of_sku(row: SkuCapital, code: str, name: str | None) -> list[Value]:
    return [
        code,
        name,
        row.units,
        _amount(row.stock_e4),
        *(_amount(amount_e4) for amount_e4 in row.by_age_e4),
        _amount(row.expiring_e4),
        _amount(row.lost_e4),
        row.sold,
        row.lasts_days,
    ]


def _amount(amount_e4: int) -> Decimal:
    return Decimal(format_amount(amount_e4))


def _write(
    header: Sequence[str], lines: Iterable[Sequence[Value]], form: Format, title: str
) -> bytes:
    target = io.BytesIO()
    if form is Format.XLSX:
        write_xlsx(target, header, lines, title=title)
    else:
        write_csv(target, header, lines)
    return target.getvalue()
