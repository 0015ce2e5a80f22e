"""Margins: what the best offers leave on each listing that is on sale."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.sql import Statement

LISTINGS_MAX: Final = 2_000


@dataclass(frozen=True, slots=True)
class Margin:
    """What one of a listing leaves: its price less the landed cost of what it is made of.

    Fees of its platform aren't in it. None: no price, or nobody sells one of its parts.
    """

    listing_id: UUID
    store: str
    title: str
    item_id: str
    variant_id: str
    price_e4: int | None
    cost_e4: int | None
    margin_e4: int | None
    sku_ids: tuple[UUID, ...]  # that it is made of

    @property
    def is_loss(self) -> bool:
        """Whether each one sold costs us money."""
        return self.margin_e4 is not None and self.margin_e4 < 0


@dataclass(frozen=True, slots=True)
class _Listed:
    """A line of margins.sql."""

    listing_id: UUID
    store: str
    title: str
    item_id: str
    variant_id: str
    price_e4: int | None
    units: int
    part_ids: list[UUID]
    part_units: list[int]


_listed = Statement(__file__, "margins.sql", _Listed)


@dataclass(frozen=True, slots=True)
class Sold:
    """The listings that stand for some SKUs or bundles of them, and every SKU in those."""

    listed: tuple[_Listed, ...]

    @property
    def sku_ids(self) -> set[UUID]:
        """Those whose costs margins() wants."""
        return {part for each in self.listed for part in each.part_ids}

    def margins(self, costs: Mapping[UUID, int | None]) -> list[Margin]:
        """Reckon what each leaves, the worst first. Takes the landed cost of one unit by SKU."""
        margins = [_margin(each, costs) for each in self.listed]
        return sorted(
            margins, key=lambda each: (each.margin_e4 is None, each.margin_e4 or 0, each.listing_id)
        )


async def sold_as(tx: Tx, tenant_id: int, sku_ids: Collection[UUID]) -> Sold:
    """Find the listings on sale that some SKUs are sold as; at most LISTINGS_MAX."""
    found = await _listed(tx, tenant=tenant_id, skus=list(sku_ids), limit=LISTINGS_MAX)
    return Sold(tuple(found))


def _margin(listed: _Listed, costs: Mapping[UUID, int | None]) -> Margin:
    cost_e4: int | None = 0
    for part, units in zip(listed.part_ids, listed.part_units, strict=True):
        part_e4 = costs.get(part)
        if cost_e4 is None or part_e4 is None:
            cost_e4 = None
        else:
            cost_e4 += part_e4 * units * listed.units
    margin_e4 = None if listed.price_e4 is None or cost_e4 is None else listed.price_e4 - cost_e4
    return Margin(
        listed.listing_id,
        listed.store,
        listed.title,
        listed.item_id,
        listed.variant_id,
        listed.price_e4,
        cost_e4,
        margin_e4,
        tuple(listed.part_ids),
    )
