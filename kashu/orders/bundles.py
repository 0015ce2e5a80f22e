"""Bundles: where a platform's line becomes lines of ours, each with its share of the price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from kashu.catalog.bundles import Goods
from kashu.catalog.reads import Sku
from kashu.channels.listings import KnownListing, Name
from kashu.channels.shop_orders import KnownOrder
from kashu.core.money import FEN, split


@dataclass(frozen=True, slots=True)
class Share:
    """A line of ours: so many units of a SKU for so much in all."""

    sku: Sku
    units: int
    price_e4: int


@dataclass(frozen=True, slots=True)
class Mapped:
    """What one line of a platform's order comes to: so many of a SKU or of a bundle."""

    goods: Goods
    units: int  # of the SKU or of the bundle
    price_e4: int

    @property
    def pieces(self) -> int:
        """How many units its buyer gets."""
        return self.units * self.goods.units

    def shares(self) -> list[Share]:
        """Share it among the parts: whole fen, in proportion to their list prices.

        Equal shares where a part has no list price. What is no whole fen stays with the first.
        """
        parts = self.goods.parts
        weights = [part.sku.face_value_e4 * part.units for part in parts]
        prices = split_price(self.price_e4, weights if all(weights) else [1] * len(parts))
        return [
            Share(part.sku, part.units * self.units, price_e4)
            for part, price_e4 in zip(parts, prices, strict=True)
        ]


def split_price(amount_e4: int, weights: Sequence[int]) -> list[int]:
    """Share what a buyer pays, or gets back, in whole fen by weights, exactly.

    Takes non-negative weights, not all zero. Where they are whole fen and the amount isn't above
    their sum, no share is above its weight: a refund never takes more of a line than it has left.
    """
    fen, rest_e4 = divmod(amount_e4, FEN)
    shares = [share * FEN for share in split(fen, weights)]
    shares[0] += rest_e4
    return shares


def mapped_lines(
    order: KnownOrder, listings: Mapping[Name, KnownListing], goods: Mapping[UUID, Goods]
) -> list[Mapped] | None:
    """Say what each line of a platform's order comes to. None: a listing stands for nothing yet."""
    mapped = []
    for line in order.lines:
        listing = listings.get((order.store_id, line.item_id, line.sku_id))
        if listing is None or listing.sku_id is None:
            return None
        units = line.quantity * listing.units
        mapped.append(Mapped(goods[listing.sku_id], units, line.paid_e4))
    return mapped


def places_of(lines: Sequence[Mapped]) -> tuple[int, ...]:
    """Say which of the platform's lines each of ours is of."""
    return tuple(place for place, line in enumerate(lines) for _ in line.goods.parts)
