"""Choose: which offer is bought, of those that are ranked, by the rules in force. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from kashu.suppliers.compare import Ranked, WhyNot
from kashu.suppliers.exposure import Exposure
from kashu.suppliers.kinds import Settlement

TRIED_ENOUGH: Final = 20  # orders of a supplier after which its success counts


class Bar(StrEnum):
    """Why an offer isn't bought for a purchase, beside what bars it from all: see WhyNot."""

    OTHER_ASKED = "other_asked"  # the purchase is from one supplier only
    DENIED = "denied"  # a rule says: never from there
    NOT_ALLOWED = "not_allowed"  # a rule names others
    OTHER_GOODS = "other_goods"  # codes were wanted and it tops up, or the other way round
    POOR_QUALITY = "poor_quality"  # too few of its orders succeeded
    TRIED = "tried"  # it refused or failed this purchase not long ago
    SELLS_MORE = "sells_more"  # one of theirs is more than is wanted, or the least they sell is
    ABOVE_CEILING = "above_ceiling"
    OVER_EXPOSURE = "over_exposure"  # too much of our money is out there
    MONEY_SHORT = "money_short"  # our deposit there doesn't suffice
    BEING_TRIED = "being_tried"  # its breaker lets one order through, which is under way


class Chosen(StrEnum):
    """Why an offer was taken."""

    CHEAPEST = "cheapest"
    SHARE = "share"  # its share of late is the furthest below what the rule says


@dataclass(frozen=True, slots=True)
class Terms:
    """What is wanted, and what the rules say of it."""

    at: datetime
    left: int  # units of ours that are still to come
    goods: str
    ceiling_e4: int | None  # of one unit, landed
    only: UUID | None  # from this supplier
    allowed: frozenset[UUID] | None
    denied: frozenset[UUID]
    quality_min_ppm: int | None
    shares: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offer, and what concerns it beside its price."""

    offer: Ranked
    tried_until: datetime | None = None  # not before, for this purchase
    exposure: Exposure | None = None  # of the offer's currency
    being_tried: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """An offer with how much of it would be ordered, and what bars it."""

    candidate: Candidate
    quantity: int  # of theirs
    total_e4: int  # what the order takes, as offered, in its currency
    bars: tuple[str, ...]  # of WhyNot and Bar; empty: it can be taken

    @property
    def offer(self) -> Ranked:
        """The offer itself."""
        return self.candidate.offer


@dataclass(frozen=True, slots=True)
class Ranking:
    """All that was looked at, cheapest first, and what was taken of it."""

    judged: tuple[Judged, ...]
    taken: Judged | None
    why: Chosen | None
    facts: dict[str, Any] = field(default_factory=dict)


def choose(candidates: Sequence[Candidate], terms: Terms, bought: Mapping[UUID, int]) -> Ranking:
    """Take the cheapest that nothing bars; where rules share, whoever is furthest below its share.

    `bought`: how often each supplier was taken of late, for the shares. Whoever has no share is
    only taken when nobody who has one can be.
    """
    judged = tuple(judge(candidate, terms) for candidate in candidates)
    free = [each for each in judged if not each.bars]
    if not free:
        return Ranking(judged, None, None)
    sharing = [each for each in free if each.offer.supplier_id in terms.shares]
    if not sharing:
        return Ranking(judged, free[0], Chosen.CHEAPEST)
    debts = _debts({each.offer.supplier_id for each in sharing}, terms.shares, bought)
    most = max(debts.values())
    taken = next(each for each in sharing if debts[each.offer.supplier_id] == most)
    facts = {
        "shares": {str(supplier): share for supplier, share in terms.shares.items()},
        "bought": {str(supplier): bought.get(supplier, 0) for supplier in terms.shares},
    }
    return Ranking(judged, taken, Chosen.SHARE, facts)


def _debts(
    sharing: set[UUID], shares: Mapping[UUID, int], bought: Mapping[UUID, int]
) -> dict[UUID, int]:
    """How far each is below its share of one more order, in the same unit for all. Exact."""
    weight = sum(shares.values())
    orders = sum(bought.get(supplier, 0) for supplier in shares) + 1
    return {each: shares[each] * orders - bought.get(each, 0) * weight for each in sharing}


def judge(candidate: Candidate, terms: Terms) -> Judged:
    """Say how much of an offer would be ordered, and all that bars it."""
    offer = candidate.offer
    sizes = [
        terms.left // offer.units,
        *(bound for bound in (offer.stock, offer.most) if bound is not None),
    ]
    quantity = max(min(sizes), 0)
    total_e4 = quantity * (offer.unit_cost_e4 or 0)
    bars: list[str] = [
        why.value for why in offer.why_not if why not in {WhyNot.TOO_FEW, WhyNot.BELOW_LEAST}
    ]
    bars += [bar.value for bar in _rules_bar(candidate, terms)]
    if quantity < max(offer.least, 1):
        few = offer.stock is not None and offer.stock < max(offer.least, 1)
        if not few:
            bars.append(Bar.SELLS_MORE.value)
        elif WhyNot.SOLD_OUT.value not in bars:
            bars.append(WhyNot.TOO_FEW.value)
    if terms.ceiling_e4 is not None and offer.landed and offer.landed.total_e4 > terms.ceiling_e4:
        bars.append(Bar.ABOVE_CEILING.value)
    if candidate.exposure is not None and not candidate.exposure.has_room(total_e4):
        bars.append(_no_room(candidate.exposure, total_e4).value)
    if candidate.being_tried:
        bars.append(Bar.BEING_TRIED.value)
    return Judged(candidate, quantity, total_e4, tuple(bars))


def _no_room(exposure: Exposure, total_e4: int) -> Bar:
    ours_e4 = exposure.available_e4 + (exposure.credit_max_e4 or 0)
    short = exposure.settlement == Settlement.PREPAID and ours_e4 < total_e4
    return Bar.MONEY_SHORT if short else Bar.OVER_EXPOSURE


def _rules_bar(candidate: Candidate, terms: Terms) -> list[Bar]:
    offer, supplier = candidate.offer, candidate.offer.supplier_id
    found = {
        Bar.OTHER_ASKED: terms.only is not None and supplier != terms.only,
        Bar.DENIED: supplier in terms.denied,
        Bar.NOT_ALLOWED: terms.allowed is not None and supplier not in terms.allowed,
        Bar.OTHER_GOODS: offer.goods != terms.goods,
        Bar.POOR_QUALITY: terms.quality_min_ppm is not None
        and offer.success_ppm is not None
        and offer.attempts >= TRIED_ENOUGH
        and offer.success_ppm < terms.quality_min_ppm,
        Bar.TRIED: candidate.tried_until is not None and terms.at < candidate.tried_until,
    }
    return [bar for bar, holds in found.items() if holds]


def told_of(each: Judged, *, taken: bool) -> dict[str, Any]:
    """Tell an offer of the ranking as an attempt keeps it."""
    offer, landed = each.offer, each.offer.landed
    parts = {}
    if landed is not None:
        parts = {
            "price_e4": landed.price_e4,
            "fee_e4": landed.fee_e4,
            "rebate_e4": landed.rebate_e4,
            "risk_e4": landed.risk_e4,
            "capital_e4": landed.capital_e4,
            "total_e4": landed.total_e4,
        }
    until = each.candidate.tried_until
    return {
        "supplier": offer.supplier,
        "supplier_id": str(offer.supplier_id),
        "offer_id": str(offer.offer_id),
        "ref": offer.ref,
        "units": offer.units,
        "unit_cost_e4": offer.unit_cost_e4,
        "currency": offer.currency,
        "quantity": each.quantity,
        "landed": parts,
        "taken": taken,
        "bars": list(each.bars),
        **({"tried_until": until.isoformat()} if until else {}),
    }
