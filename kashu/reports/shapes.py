"""What goes over the wire in the reports' part of the web interface."""

from datetime import date
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from kashu.core.money import format_amount
from kashu.reports.dimensions import Dimension
from kashu.reports.profit import Figures, Named, ProfitReport


class NamedShape(msgspec.Struct, frozen=True):
    """A store, supplier, brand …, by its code."""

    code: str
    name: str


class FiguresShape(msgspec.Struct, frozen=True, kw_only=True):
    """Exact decimals in `currency`; units sold less units that came back."""

    currency: str
    units: int
    revenue: str
    cost: str
    after_sales_loss: str
    channel_fees: str
    expired_stock: str
    stock_loss: str
    profit: str
    margin: str | None  # profit as a part of revenue, "0.2867"; null without revenue


class ProfitRowShape(FiguresShape, frozen=True, kw_only=True):
    """One crossing: the dimensions asked for, null where the books don't say."""

    day: date | UnsetType | None = UNSET
    week: str | UnsetType | None = UNSET
    month: str | UnsetType | None = UNSET
    store: NamedShape | UnsetType | None = UNSET
    supplier: NamedShape | UnsetType | None = UNSET
    brand: NamedShape | UnsetType | None = UNSET
    product: NamedShape | UnsetType | None = UNSET
    sku: NamedShape | UnsetType | None = UNSET
    period: str | UnsetType | None = UNSET
    customer: NamedShape | UnsetType | None = UNSET


class ProfitSheet(msgspec.Struct, frozen=True):
    """Rows in order of their dimensions, and one total for each currency."""

    by: list[Dimension]
    since: date | None
    until: date | None
    rows: list[ProfitRowShape]
    totals: list[FiguresShape]


def sheet_of(report: ProfitReport) -> ProfitSheet:
    """Put a report on the wire."""
    rows = []
    for row in report.rows:
        keys: dict[str, Any] = {
            dimension.value: NamedShape(key.code, key.name) if isinstance(key, Named) else key
            for dimension, key in zip(report.by, row.keys, strict=True)
        }
        rows.append(ProfitRowShape(**keys, **_figures(row.currency, row.figures)))
    totals = [FiguresShape(**_figures(total.currency, total.figures)) for total in report.totals]
    return ProfitSheet(list(report.by), report.since, report.until, rows, totals)


def _figures(currency: str, figures: Figures) -> dict[str, Any]:
    return {
        "currency": currency,
        "units": figures.units,
        "revenue": format_amount(figures.revenue_e4),
        "cost": format_amount(figures.cost_e4),
        "after_sales_loss": format_amount(figures.after_sales_loss_e4),
        "channel_fees": format_amount(figures.channel_fees_e4),
        "expired_stock": format_amount(figures.expired_stock_e4),
        "stock_loss": format_amount(figures.stock_loss_e4),
        "profit": format_amount(figures.profit_e4),
        "margin": None if figures.margin is None else str(figures.margin),
    }
