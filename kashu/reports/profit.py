"""Profit, by any crossing of dimensions, from the day's totals of the books."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Final, TypeAlias
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.sql import Statement
from kashu.reports.dimensions import (
    NAMED,
    OF_A_SKU,
    UNSAID,
    Dimension,
    month_of,
    week_of,
)
from kashu.reports.errors import ReportTooLarge, SpanBackwards, UnknownFilterValue

ROWS_MAX: Final = 100_000
MARGIN_PLACES: Final = Decimal("0.0001")

_LAST: Final = "\U0010ffff"  # sorts after every code
_WRITTEN: Final = {Dimension.WEEK: week_of, Dimension.MONTH: month_of}

Filters: TypeAlias = Mapping[Dimension, Sequence[str]]  # codes; for `period` its name


@dataclass(frozen=True, slots=True)
class Named:
    """A store, supplier, brand …, by its code, in the reader's language."""

    code: str
    name: str


# What a row is about: a date, "2026-W31", "2026-07", a period, a Named; None where the books
# don't say, such as the store of a card that expired.
Key: TypeAlias = date | str | Named | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Money in ten-thousandths; units sold less units that came back."""

    units: int
    revenue_e4: int
    cost_e4: int
    after_sales_loss_e4: int
    channel_fees_e4: int
    expired_stock_e4: int
    stock_loss_e4: int
    profit_e4: int

    @property
    def margin(self) -> Decimal | None:
        """Profit as a part of revenue, to four places; None without revenue, or with less."""
        if self.revenue_e4 <= 0:
            return None
        return (Decimal(self.profit_e4) / Decimal(self.revenue_e4)).quantize(MARGIN_PLACES)


@dataclass(frozen=True, slots=True)
class ProfitRow:
    """Figures of one crossing; `keys` are in the order of the report's `by`."""

    keys: tuple[Key, ...]
    currency: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class ProfitReport:
    """Rows in order of their keys, and a total for each currency: currencies are never mixed."""

    by: tuple[Dimension, ...]
    since: date | None
    until: date | None
    rows: list[ProfitRow]
    totals: list[ProfitRow]


@dataclass(frozen=True, slots=True)
class _Found:
    day: date | None
    week: date | None
    month: date | None
    store_code: str | None
    store_name: str | None
    supplier_code: str | None
    supplier_name: str | None
    brand_code: str | None
    brand_name: str | None
    product_code: str | None
    product_name: str | None
    sku_code: str | None
    sku_name: str | None
    period: str | None
    customer_code: str | None
    customer_name: str | None
    currency: str
    units: int
    revenue_e4: int
    cost_e4: int
    after_sales_loss_e4: int
    channel_fees_e4: int
    expired_stock_e4: int
    stock_loss_e4: int
    profit_e4: int


@dataclass(frozen=True, slots=True)
class _Meant:
    dimension: str
    code: str
    id: UUID | None


_profit = Statement(__file__, "profit.sql", _Found)
_filters = Statement(__file__, "profit_filters.sql", _Meant)


async def profit(
    tx: Tx,
    tenant_id: int,
    by: Sequence[Dimension] = (),
    *,
    since: date | None = None,
    until: date | None = None,
    filters: Filters | None = None,
    unsaid: Collection[Dimension] = (),
    language: str = "zh",
) -> ProfitReport:
    """Break the profit of the merchant's days [since, until] down by dimensions.

    All crossings of the same days add up to the same totals, to the unit: each adds up the same
    daily rows. Costs of those rows don't grow with the number of orders.
    `unsaid`: only where the books don't name these.
    Raises: SpanBackwards, UnknownFilterValue, ReportTooLarge.
    """
    if since is not None and until is not None and until < since:
        raise SpanBackwards(since=since, until=until)
    chosen = await meaning(tx, tenant_id, filters or {})
    found = await _profit(
        tx,
        tenant_id=tenant_id,
        since=since or date.min,
        until=until or date.max,
        chinese=language.startswith("zh"),
        limit=ROWS_MAX + 1,
        by_any_sku=any(dimension in OF_A_SKU for dimension in by),
        **{f"by_{dimension.value}": dimension in by for dimension in Dimension},
        **{f"no_{dimension.value}": dimension in unsaid for dimension in UNSAID},
        **chosen,
    )
    if len(found) > ROWS_MAX:
        raise ReportTooLarge(limit=ROWS_MAX)
    columns = [_column(found, dimension) for dimension in by]
    keys = list(zip(*columns, strict=True)) if columns else [()] * len(found)
    rows = [
        ProfitRow(key, row.currency, _figures(row)) for key, row in zip(keys, found, strict=True)
    ]
    rows.sort(key=_order)
    return ProfitReport(tuple(by), since, until, rows, _totals(rows))


async def meaning(tx: Tx, tenant_id: int, filters: Filters) -> dict[str, list[UUID] | None]:
    """Turn codes into ids. What is said of a SKU in several ways must hold in all of them."""
    wanted = [(dimension.value, code) for dimension, codes in filters.items() for code in codes]
    for name, code in wanted:
        if not code.isprintable():  # no code has a control character, and NUL can't be asked for
            raise UnknownFilterValue(dimension=name, value="…")
    if not wanted:
        return dict.fromkeys(("skus", "stores", "suppliers", "customers"))
    meant = await _filters(
        tx,
        tenant_id=tenant_id,
        dimensions=[dimension for dimension, _ in wanted],
        codes=[code for _, code in wanted],
    )
    ids: defaultdict[str, set[UUID]] = defaultdict(set)
    for row in meant:
        if row.id is None:
            raise UnknownFilterValue(dimension=row.dimension, value=row.code[:80])
        ids[row.dimension].add(row.id)
    skus = [ids[dimension.value] for dimension in OF_A_SKU if dimension.value in ids]
    return {
        "skus": sorted(set.intersection(*skus)) if skus else None,
        "stores": sorted(ids["store"]) if "store" in ids else None,
        "suppliers": sorted(ids["supplier"]) if "supplier" in ids else None,
        "customers": sorted(ids["customer"]) if "customer" in ids else None,
    }


def _column(found: Sequence[_Found], dimension: Dimension) -> list[Key]:
    """Read the keys of one dimension. A key is made once, however many rows have it."""
    if dimension in NAMED:
        read_named = attrgetter(f"{dimension.value}_code", f"{dimension.value}_name")
        pairs = [read_named(row) for row in found]
        named = {pair: None if pair[0] is None else Named(*pair) for pair in set(pairs)}
        return [named[pair] for pair in pairs]
    read = attrgetter(dimension.value)
    values: list[date | str | None] = [read(row) for row in found]
    if dimension not in _WRITTEN:
        return [*values]
    write = _WRITTEN[dimension]
    written = {day: write(day) if isinstance(day, date) else None for day in set(values)}
    return [written[day] for day in values]


def _figures(row: _Found) -> Figures:
    return Figures(
        row.units,
        row.revenue_e4,
        row.cost_e4,
        row.after_sales_loss_e4,
        row.channel_fees_e4,
        row.expired_stock_e4,
        row.stock_loss_e4,
        row.profit_e4,
    )


def _order(row: ProfitRow) -> tuple[str, ...]:
    """By the keys as written, those the books don't know last, then by currency."""
    written = [
        _LAST if key is None else key.code if isinstance(key, Named) else str(key)
        for key in row.keys
    ]
    return (*written, row.currency)


def _totals(rows: Sequence[ProfitRow]) -> list[ProfitRow]:
    of_currency: defaultdict[str, list[Figures]] = defaultdict(list)
    for row in rows:
        of_currency[row.currency].append(row.figures)
    return [
        ProfitRow((), currency, add_up(figures))
        for currency, figures in sorted(of_currency.items())
    ]


def add_up(figures: Sequence[Figures]) -> Figures:
    """Add figures of one currency."""
    return Figures(
        sum(each.units for each in figures),
        sum(each.revenue_e4 for each in figures),
        sum(each.cost_e4 for each in figures),
        sum(each.after_sales_loss_e4 for each in figures),
        sum(each.channel_fees_e4 for each in figures),
        sum(each.expired_stock_e4 for each in figures),
        sum(each.stock_loss_e4 for each in figures),
        sum(each.profit_e4 for each in figures),
    )
