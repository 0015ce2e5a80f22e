"""What the profit report can be broken down and filtered by."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Final

from kashu.reports.errors import RepeatedDimension, UnknownDimension


class Dimension(StrEnum):
    """One way to break the report down. They cross at will."""

    DAY = "day"  # the merchant's
    WEEK = "week"  # ISO 8601: Monday to Sunday, "2026-W31"
    MONTH = "month"
    STORE = "store"
    SUPPLIER = "supplier"
    BRAND = "brand"
    PRODUCT = "product"
    SKU = "sku"
    PERIOD = "period"  # week, month, quarter or year card
    CUSTOMER = "customer"


TIMES: Final = frozenset({Dimension.DAY, Dimension.WEEK, Dimension.MONTH})
NAMED: Final = frozenset(Dimension) - TIMES - {Dimension.PERIOD}  # have a code and a name
OF_A_SKU: Final = frozenset({Dimension.BRAND, Dimension.PRODUCT, Dimension.SKU, Dimension.PERIOD})
FILTERS: Final = frozenset(Dimension) - TIMES
# What the books may not say of a posting: the store of a card that expired, say.
UNSAID: Final = (Dimension.SKU, Dimension.STORE, Dimension.SUPPLIER, Dimension.CUSTOMER)

TITLES: Final[dict[Dimension, tuple[str, str]]] = {
    Dimension.DAY: ("日期", "Day"),
    Dimension.WEEK: ("周", "Week"),
    Dimension.MONTH: ("月份", "Month"),
    Dimension.STORE: ("店铺", "Store"),
    Dimension.SUPPLIER: ("供应商", "Supplier"),
    Dimension.BRAND: ("品牌", "Brand"),
    Dimension.PRODUCT: ("商品", "Product"),
    Dimension.SKU: ("规格", "SKU"),
    Dimension.PERIOD: ("周期", "Period"),
    Dimension.CUSTOMER: ("客户", "Customer"),
}


def parse_dimensions(written: str) -> tuple[Dimension, ...]:
    """Read "day,store" in the order given; nothing at all means one line of totals.

    Raises: UnknownDimension, RepeatedDimension.
    """
    return read_dimensions(word.strip() for word in written.split(",")) if written.strip() else ()


def read_dimensions(words: Iterable[str]) -> tuple[Dimension, ...]:
    """Read dimensions by name, each once. Raises: UnknownDimension, RepeatedDimension."""
    chosen: list[Dimension] = []
    for word in words:
        try:
            dimension = Dimension(word.lower())
        except ValueError:
            raise UnknownDimension(dimension=word[:40], known=", ".join(Dimension)) from None
        if dimension in chosen:
            raise RepeatedDimension(dimension=word[:40])
        chosen.append(dimension)
    return tuple(chosen)


def week_of(monday: date) -> str:
    """Name an ISO week: 2027-01-01 is in 2026-W53."""
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02d}"


def month_of(first: date) -> str:
    """Name a month: 2026-07."""
    return f"{first.year:04d}-{first.month:02d}"
