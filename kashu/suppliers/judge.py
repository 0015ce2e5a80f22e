"""Judge: whether a price that a supplier tells is believed, before anything is bought at it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from kashu.catalog.titles import Mismatch, SkuWords, mismatch
from kashu.suppliers.offers import COST_MAX_E4, HeldBecause, Offer
from kashu.suppliers.rules import PPM, PriceRules
from kashu.suppliers.upstream import Product

OFF_SCALE: Final = 100  # times: yuan for fen, or the other way


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What a price is judged by."""

    rules: PriceRules
    brand_names: Collection[str]  # of all brands of the merchant's


def judge(
    told: Product,
    known: Offer | None,
    sku: SkuWords | None,
    yardstick: Yardstick,
) -> HeldBecause | None:
    """Say why a price isn't taken; None: it is. Takes a product whose price is told.

    What is mapped to no SKU is only checked for sense: nobody buys it.
    """
    cost_e4 = told.unit_cost_e4
    assert cost_e4 is not None
    if cost_e4 <= 0:
        return HeldBecause.NEGATIVE if cost_e4 else HeldBecause.ZERO
    if cost_e4 > COST_MAX_E4:
        return HeldBecause.OFF_SCALE
    if known is None or sku is None:
        return None
    if known.held_because == HeldBecause.HAND:
        return HeldBecause.HAND
    if known.unit_cost_e4 is None and known.held_because == HeldBecause.CURRENCY:
        return HeldBecause.CURRENCY  # until a person says that it is meant
    return _words(told, known, sku, yardstick) or _move(told, known, sku, yardstick.rules)


def _words(told: Product, known: Offer, sku: SkuWords, yardstick: Yardstick) -> HeldBecause | None:
    """Check the names and the face value, but for those that a person saw and let pass."""
    if told.title != known.checked_title:
        differs = mismatch(told.title, sku, yardstick.brand_names, units=known.units)
        if differs is not None:
            return {Mismatch.BRAND: HeldBecause.BRAND, Mismatch.PERIOD: HeldBecause.PERIOD}[differs]
    face_e4 = told.face_value_e4
    if face_e4 is None or face_e4 == known.checked_face_e4 or told.currency != sku.currency:
        return None
    if sku.face_value_e4 and face_e4 != sku.face_value_e4 * known.units:
        return HeldBecause.FACE_VALUE
    return None


def _move(told: Product, known: Offer, sku: SkuWords, rules: PriceRules) -> HeldBecause | None:
    """Check the price against the one that was taken last; the first one, against the face."""
    cost_e4, before_e4 = told.unit_cost_e4 or 0, known.unit_cost_e4
    if before_e4 is None:
        face_e4 = sku.face_value_e4 * known.units if told.currency == sku.currency else 0
        return HeldBecause.OFF_SCALE if face_e4 and off_scale(cost_e4, face_e4) else None
    if told.currency != known.currency:
        return HeldBecause.CURRENCY
    if off_scale(cost_e4, before_e4):
        return HeldBecause.OFF_SCALE
    if (cost_e4 - before_e4) * PPM > before_e4 * rules.rise_ppm:
        return HeldBecause.RISE
    if (before_e4 - cost_e4) * PPM > before_e4 * rules.drop_ppm:
        return HeldBecause.DROP
    return None


def off_scale(cost_e4: int, beside_e4: int) -> bool:
    """Tell an amount that is another by a hundred: one of them is in the wrong unit."""
    return cost_e4 >= OFF_SCALE * beside_e4 or cost_e4 * OFF_SCALE <= beside_e4
