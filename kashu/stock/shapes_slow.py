"""What travels of stock that sells slowly."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from kashu.stock.names import Called


class SlowSkuOut(msgspec.Struct, frozen=True):
    """What is held of a SKU, and how it sells. Costs only for who may see reports."""

    sku: Called
    sku_id: UUID
    currency: str
    held: int
    cost: str | None
    oldest_days: int
    days: int
    sold: int
    days_of_cover: int | None
    by_age: dict[str, int]
    cost_by_age: dict[str, str] | None


class SlowStock(msgspec.Struct, frozen=True):
    """SKUs that sell slowly or not at all, those with the most capital in them first."""

    skus: list[SlowSkuOut]


class SlowLotOut(msgspec.Struct, frozen=True):
    """A lot, when it will be gone, and what could be done. Costs only for who may see reports."""

    lot_id: UUID
    warehouse: Called
    supplier: Called
    warehouse_id: UUID
    supplier_id: UUID
    state: str
    available: int
    reserved: int
    currency: str
    cost: str | None
    expires_on: date | None
    age_days: int
    place: int | None
    gone_in_days: int | None
    unsold: int
    unsold_cost: str | None
    advice: Sequence[str]


class SlowLots(msgspec.Struct, frozen=True):
    """The lots of a SKU, in the order in which they are given."""

    sku_id: UUID
    lots: list[SlowLotOut]
