"""Route: say where a purchase is ordered now, and why there; or why nowhere.

Asked right before money moves, in the transaction that moves it: what holds here still holds when
the order is written.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from kashu.catalog.reads import skus_by_id
from kashu.core.db import Tx
from kashu.core.sql import Statement
from kashu.purchases.ceiling import ceiling
from kashu.purchases.choose import Bar, Candidate, Judged, Ranking, Terms, choose
from kashu.purchases.kinds import Cause
from kashu.purchases.reads import Purchase
from kashu.purchases.rules import InForce, Scope, rules_in_force
from kashu.suppliers.breaker import try_once
from kashu.suppliers.compare import Ranked, WhyNot, compare
from kashu.suppliers.connections import Connection, connections_by_supplier
from kashu.suppliers.exposure import exposure_of, lock_exposure

MOST: Final = 200  # offers that are looked at
SHARED_OVER: Final = 100  # orders of late that shares are reckoned over
LOOK_AGAIN: Final = timedelta(minutes=1)  # where nothing says when it may be otherwise
TRIED_MAX: Final = timedelta(hours=6)

# For how long a supplier isn't asked again for a purchase that it refused; doubled each time.
PAUSES: Final[Mapping[str, timedelta]] = {
    "supplier_busy": timedelta(seconds=5),
    "supplier_price_above": timedelta(seconds=5),
    "supplier_clock_refused": timedelta(seconds=30),
    "supplier_down": timedelta(seconds=30),
    "unavailable": timedelta(seconds=30),
    "supplier_sold_out": timedelta(minutes=2),
    "supplier_balance_short": timedelta(minutes=5),
}
PAUSE: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Choice:
    """Where a purchase is ordered, how many, for how much. `facts` are the attempt's `choice`."""

    offer: Ranked
    connection: Connection
    quantity: int  # of theirs
    units: int  # of ours that one of theirs is
    unit_cost_e4: int  # of one of theirs
    total_e4: int  # what is set aside
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NoChoice:
    """Why a purchase can't be ordered now: a code, with the ranking in `facts`."""

    said: str
    facts: dict[str, Any]
    look_again_at: datetime


@dataclass(frozen=True, slots=True)
class _Tried:
    supplier_id: UUID
    said: str
    at: datetime
    times: int

    @property
    def until(self) -> datetime:
        """When it may be asked again."""
        pause: timedelta = PAUSES.get(self.said, PAUSE) * 2 ** min(self.times - 1, 16)
        return self.at + min(pause, TRIED_MAX)


@dataclass(frozen=True, slots=True)
class _Bought:
    supplier_id: UUID
    times: int


_tried = Statement(__file__, "tried.sql", _Tried)
_bought = Statement(__file__, "bought.sql", _Bought)


async def route(tx: Tx, tenant_id: int, purchase: Purchase, at: datetime) -> Choice | NoChoice:
    """Choose the offer that a purchase is ordered at, by the rules in force at this moment.

    Its ceiling is reckoned anew: the lower of what was said when it was made and of what the rules
    and prices allow now. Locks: the supplier that is chosen, so that two orders don't share the
    last of its room; and its breaker where one order tries. Until `tx` ends.
    """
    [sku] = (await skus_by_id(tx, tenant_id, [purchase.sku_id])).values()
    scope = Scope(sku.id, purchase.store_id, purchase.customer_id)
    rules = await rules_in_force(tx, tenant_id, scope)
    limit_e4, limit_facts = await _limit(tx, tenant_id, purchase, rules, at)
    left = purchase.quantity - purchase.received_count
    for_whom = purchase.cause in {Cause.SHORT, Cause.TOPUP}
    ranked = await compare(
        tx,
        tenant_id,
        [sku.id],
        quantity=left,
        at=at,
        stock_days=0 if for_whom else None,
        best=MOST,
    )
    offers = ranked[sku.id]
    candidates = await _candidates(tx, tenant_id, purchase, offers)
    terms = _terms(purchase, rules, at=at, left=left, ceiling_e4=limit_e4)
    bought = await _bought_of_late(tx, tenant_id, sku.id, rules.shares)
    facts = {"left": left, "ceiling_e4": limit_e4, "ceiling": limit_facts}
    while True:
        ranking = choose(candidates, terms, bought)
        taken = ranking.taken
        if taken is None:
            return _none(ranking, facts, terms)
        supplier_id = taken.offer.supplier_id
        exposure = await lock_exposure(tx, tenant_id, supplier_id)
        changed: dict[str, Any] = {}
        if not exposure.has_room(taken.total_e4):  # somebody was quicker
            changed = {"exposure": exposure}
        elif taken.offer.breaks and not await try_once(tx, tenant_id, supplier_id, at):
            changed = {"being_tried": True}
        else:
            connections = await connections_by_supplier(tx, tenant_id, [supplier_id])
            return _taken(ranking, taken, connections[supplier_id], facts)
        candidates = [
            replace(each, **changed) if each.offer.supplier_id == supplier_id else each
            for each in candidates
        ]


async def _limit(
    tx: Tx, tenant_id: int, purchase: Purchase, rules: InForce, at: datetime
) -> tuple[int | None, dict[str, Any]]:
    """Say what one unit may cost: what was said then, and for what is bought by itself also now."""
    said = purchase.unit_cost_max_e4
    if purchase.cause == Cause.HAND or purchase.facts.get("ceiling_by") == "hand":
        return said, {"by": "said"}
    now = await ceiling(
        tx,
        tenant_id,
        rules.limits,
        sku_id=purchase.sku_id,
        store_id=purchase.store_id,
        selling_e4=purchase.facts.get("selling_e4"),
        at=at,
    )
    assert said is not None, "automatic_purchase_has_a_ceiling"
    if now.unit_cost_max_e4 is None or said <= now.unit_cost_max_e4:
        return said, {"by": "said", "now": now.facts}
    return now.unit_cost_max_e4, {"by": "now", "said_e4": said, "now": now.facts}


async def _candidates(
    tx: Tx, tenant_id: int, purchase: Purchase, offers: Collection[Ranked]
) -> list[Candidate]:
    tried = {
        row.supplier_id: row.until
        for row in await _tried(tx, tenant=tenant_id, purchase=purchase.id)
    }
    exposures = await exposure_of(tx, tenant_id, {offer.supplier_id for offer in offers})
    return [
        Candidate(
            offer,
            exposure=exposures[offer.supplier_id],
            tried_until=tried.get(offer.supplier_id),
        )
        for offer in offers
    ]


async def _bought_of_late(
    tx: Tx, tenant_id: int, sku_id: UUID, shares: Mapping[UUID, int]
) -> dict[UUID, int]:
    if not shares:
        return {}
    rows = await _bought(tx, tenant=tenant_id, sku=sku_id, suppliers=list(shares), most=SHARED_OVER)
    return {row.supplier_id: row.times for row in rows}


def _terms(
    purchase: Purchase,
    rules: InForce,
    *,
    at: datetime,
    left: int,
    ceiling_e4: int | None,
) -> Terms:
    return Terms(
        at=at,
        left=left,
        goods=purchase.goods,
        ceiling_e4=ceiling_e4,
        only=purchase.supplier_id,
        allowed=rules.allowed,
        denied=rules.denied,
        quality_min_ppm=rules.limits.quality_min_ppm,
        shares=rules.shares,
    )


def _taken(
    ranking: Ranking, taken: Judged, connection: Connection, facts: Mapping[str, Any]
) -> Choice:
    assert ranking.why is not None
    assert taken.offer.unit_cost_e4 is not None, "WhyNot.NO_PRICE bars it"
    return Choice(
        offer=taken.offer,
        connection=connection,
        quantity=taken.quantity,
        units=taken.offer.units,
        unit_cost_e4=taken.offer.unit_cost_e4,
        total_e4=taken.total_e4,
        facts={
            **facts,
            "why": ranking.why.value,
            **ranking.facts,
            "ranking": [_told(each, taken=each is taken) for each in ranking.judged],
        },
    )


# What is told of a purchase that nobody can be asked for: the first of these that holds anywhere.
_TELLING: Final = (
    Bar.ABOVE_CEILING,
    Bar.OVER_EXPOSURE,
    Bar.MONEY_SHORT,
    Bar.TRIED,
    Bar.BEING_TRIED,
    WhyNot.BROKEN,
    Bar.POOR_QUALITY,
    WhyNot.STALE,
    WhyNot.SOLD_OUT,
    WhyNot.TOO_FEW,
    WhyNot.FROZEN,
    WhyNot.LOCKED_OUT,
    WhyNot.STOPPED,
    WhyNot.HELD,
)
NO_OFFER: Final = "no_offer"


def _none(ranking: Ranking, facts: Mapping[str, Any], terms: Terms) -> NoChoice:
    """Tell what stands in the way of who is nearest to being asked: barred by the fewest."""
    tried = [each.candidate.tried_until for each in ranking.judged if each.candidate.tried_until]
    again = min((each for each in tried if each > terms.at), default=terms.at + LOOK_AGAIN)
    nearest = min(ranking.judged, key=lambda each: len(each.bars), default=None)
    said = NO_OFFER
    if nearest is not None:
        told = [bar.value for bar in _TELLING if bar.value in nearest.bars]
        said = told[0] if told else nearest.bars[0]
    told_facts = {**facts, "ranking": [_told(each, taken=False) for each in ranking.judged]}
    return NoChoice(said, told_facts, min(again, terms.at + LOOK_AGAIN))


def _told(each: Judged, *, taken: bool) -> dict[str, Any]:
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
        "quantity": each.quantity,
        "landed": parts,
        "taken": taken,
        "bars": list(each.bars),
        **({"tried_until": until.isoformat()} if until else {}),
    }
