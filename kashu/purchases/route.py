"""Route: say where a purchase is ordered now, and why there; or why nowhere.

Asked right before money moves, in the transaction that moves it: what holds here still holds when
the order is written.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.sql import Statement
from kashu.purchases.ceiling import ceiling
from kashu.purchases.choose import Bar, Candidate, Judged, Ranking, Terms, choose, told_of
from kashu.purchases.kinds import Cause
from kashu.purchases.reads import Purchase
from kashu.purchases.rules import InForce, Scope, concerning, rules_for
from kashu.suppliers.breaker import try_once
from kashu.suppliers.compare import Ranked, WhyNot, compare
from kashu.suppliers.connections import Connection, connections_by_supplier
from kashu.suppliers.exposure import Exposure, exposure_of, lock_suppliers

FOR_WHOM: Final = frozenset({Cause.SHORT, Cause.TOPUP})
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
    unit_cost_e4: int  # of one of theirs, as all amounts here in the offer's currency
    rate_e6: int  # what one of it costs in ours, in millionths
    total_e4: int  # what is set aside
    exposure: Exposure
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NoChoice:
    """Why a purchase can't be ordered now: a code, with the ranking in `facts`."""

    said: str
    facts: dict[str, Any]
    look_again_at: datetime


@dataclass(frozen=True, slots=True)
class _Tried:
    purchase_id: UUID
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
    sku_id: UUID
    places: list[int]  # of suppliers among those that share, from 1; the newest first


_Sharing: TypeAlias = tuple[UUID, tuple[UUID, ...]]  # a SKU, and the suppliers that share it
_Purse: TypeAlias = tuple[UUID, str]  # a supplier, and a currency: our money of one with the other

_tried = Statement(__file__, "tried.sql", _Tried)
_bought = Statement(__file__, "bought.sql", _Bought)


async def route(tx: Tx, tenant_id: int, purchase: Purchase, at: datetime) -> Choice | NoChoice:
    """Choose the offer that one purchase is ordered at: see read_routes()."""
    routes = await read_routes(tx, tenant_id, [purchase], at)
    return await routes.choose(purchase)


@dataclass(slots=True)
class Routes:
    """All that choosing for some purchases needs. Each that is taken counts for those after it."""

    _tx: Tx
    _tenant_id: int
    _terms: Mapping[UUID, Terms]  # by purchase
    _facts: Mapping[UUID, dict[str, Any]]
    _offers: Mapping[UUID, Sequence[Ranked]]
    _tried: Mapping[UUID, Mapping[UUID, datetime]]
    _late: Mapping[_Sharing, deque[UUID]]  # whom it was bought from of late, the newest first
    _exposures: dict[_Purse, Exposure] = field(default_factory=dict)
    _connections: Mapping[UUID, Connection] = field(default_factory=dict)
    _being_tried: dict[UUID, bool] = field(default_factory=dict)  # open breakers that were asked

    async def choose(self, purchase: Purchase) -> Choice | NoChoice:
        """Say where a purchase is ordered now, or why nowhere.

        Locks: the breaker where one order tries, until the transaction ends.
        """
        terms, facts = self._terms[purchase.id], self._facts[purchase.id]
        late = self._late.get(_sharing(purchase, terms), ())
        while True:
            ranking = choose(self._candidates(purchase), terms, Counter(late))
            taken = ranking.taken
            if taken is None:
                return _none(ranking, facts, terms)
            supplier_id = taken.offer.supplier_id
            if not taken.offer.breaks or await self._may_try(supplier_id, terms.at):
                exposure = self._exposures[_purse(taken.offer)]
                return _taken(ranking, taken, self._connections[supplier_id], exposure, facts)

    def take(self, purchase: Purchase, choice: Choice, total_e4: int) -> None:
        """A purchase is ordered there, for so much."""
        supplier_id, purse = choice.offer.supplier_id, _purse(choice.offer)
        self._exposures[purse] = self._exposures[purse].after(total_e4)
        if choice.offer.breaks:
            self._being_tried[supplier_id] = True
        late = self._late.get(_sharing(purchase, self._terms[purchase.id]))
        if late is not None and supplier_id in self._terms[purchase.id].shares:
            late.appendleft(supplier_id)

    def free(self, wanted: Iterable[Purchase]) -> set[UUID]:
        """The suppliers of which nothing but our money may bar that they are taken."""
        return {
            judged.offer.supplier_id
            for purchase in wanted
            for judged in choose(self._candidates(purchase), self._terms[purchase.id], {}).judged
            if not judged.bars
        }

    def suppliers(self) -> dict[str, set[UUID]]:
        """All whose offers are looked at, by the currencies that they sell in."""
        found: dict[str, set[UUID]] = defaultdict(set)
        for offer in (offer for offers in self._offers.values() for offer in offers):
            found[offer.currency].add(offer.supplier_id)
        return found

    async def secure(self, wanted: Sequence[Purchase]) -> None:
        """Lock whoever may be taken, and only then read our money with them."""
        free = self.free(wanted)
        if free:
            await lock_suppliers(self._tx, self._tenant_id, free)
        for currency, those in self.suppliers().items():
            known = await exposure_of(self._tx, self._tenant_id, those, currency=currency)
            self._exposures |= {(id_, currency): each for id_, each in known.items()}
        self._connections = await connections_by_supplier(self._tx, self._tenant_id, free)

    def _candidates(self, purchase: Purchase) -> list[Candidate]:
        tried = self._tried.get(purchase.id, {})
        return [
            Candidate(
                offer,
                exposure=self._exposures.get(_purse(offer)),
                tried_until=tried.get(offer.supplier_id),
                being_tried=self._being_tried.get(offer.supplier_id, False),
            )
            for offer in self._offers[purchase.id]
        ]

    async def _may_try(self, supplier_id: UUID, at: datetime) -> bool:
        """Whether this order is the one that an open breaker lets through."""
        may = await try_once(self._tx, self._tenant_id, supplier_id, at)
        self._being_tried[supplier_id] = not may
        return may


async def read_routes(tx: Tx, tenant_id: int, wanted: Sequence[Purchase], at: datetime) -> Routes:
    """Read what choosing for some purchases needs, by the rules in force at this moment.

    Their ceilings are reckoned anew: the lower of what was said when each was made and of what the
    rules and prices allow now. Locks: the suppliers that may be chosen, in order, so that two
    orders don't share the last of their room, until `tx` ends.
    """
    scopes = {each.id: Scope(each.sku_id, each.store_id, each.customer_id) for each in wanted}
    known = await rules_for(tx, tenant_id, set(scopes.values()))
    in_force = {scope: concerning(known, scope) for scope in set(scopes.values())}
    terms: dict[UUID, Terms] = {}
    facts: dict[UUID, dict[str, Any]] = {}
    for purchase in wanted:
        rules = in_force[scopes[purchase.id]]
        limit_e4, limit_facts = await _limit(tx, tenant_id, purchase, rules, at)
        left = purchase.missing
        terms[purchase.id] = _terms(purchase, rules, at=at, left=left, ceiling_e4=limit_e4)
        facts[purchase.id] = {"left": left, "ceiling_e4": limit_e4, "ceiling": limit_facts}
    routes = Routes(
        tx,
        tenant_id,
        terms,
        facts,
        await _offers_for(tx, tenant_id, wanted, at),
        await _tried_by(tx, tenant_id, wanted),
        await _bought_of_late(tx, tenant_id, wanted, terms),
    )
    await routes.secure(wanted)
    return routes


def _purse(offer: Ranked) -> _Purse:
    return offer.supplier_id, offer.currency


def _sharing(purchase: Purchase, terms: Terms) -> _Sharing:
    return purchase.sku_id, tuple(sorted(terms.shares))


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


async def _offers_for(
    tx: Tx, tenant_id: int, wanted: Sequence[Purchase], at: datetime
) -> dict[UUID, list[Ranked]]:
    """What is offered for each purchase, for as many as it lacks; those alike are asked at once."""
    alike: dict[tuple[int, int | None], list[Purchase]] = defaultdict(list)
    for each in wanted:
        alike[each.missing, 0 if each.cause in FOR_WHOM else None].append(each)
    found: dict[UUID, list[Ranked]] = {}
    for (left, days), those in alike.items():
        skus = {each.sku_id for each in those}
        ranked = await compare(
            tx, tenant_id, skus, quantity=left, at=at, stock_days=days, best=MOST
        )
        found |= {each.id: ranked[each.sku_id] for each in those}
    return found


async def _tried_by(
    tx: Tx, tenant_id: int, wanted: Sequence[Purchase]
) -> dict[UUID, dict[UUID, datetime]]:
    """Until when who was tried isn't asked again, by purchase and supplier."""
    found: dict[UUID, dict[UUID, datetime]] = defaultdict(dict)
    for row in await _tried(tx, tenant=tenant_id, purchases=[each.id for each in wanted]):
        found[row.purchase_id][row.supplier_id] = row.until
    return found


async def _bought_of_late(
    tx: Tx, tenant_id: int, wanted: Sequence[Purchase], terms: Mapping[UUID, Terms]
) -> dict[_Sharing, deque[UUID]]:
    """Whom each SKU was bought from of late, of those that share: the newest first."""
    skus: dict[tuple[UUID, ...], set[UUID]] = defaultdict(set)
    for each in wanted:
        sku_id, sharing = _sharing(each, terms[each.id])
        if sharing:
            skus[sharing].add(sku_id)
    late: dict[_Sharing, deque[UUID]] = {}
    for sharing, those in skus.items():
        rows = await _bought(
            tx, tenant=tenant_id, skus=sorted(those), suppliers=list(sharing), most=SHARED_OVER
        )
        for row in rows:
            suppliers = (sharing[place - 1] for place in row.places)
            late[row.sku_id, sharing] = deque(suppliers, maxlen=SHARED_OVER)
    return late


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
    ranking: Ranking,
    taken: Judged,
    connection: Connection,
    exposure: Exposure,
    facts: Mapping[str, Any],
) -> Choice:
    assert ranking.why is not None
    assert taken.offer.unit_cost_e4 is not None, "WhyNot.NO_PRICE bars it"
    assert taken.offer.rate_e6 is not None, "WhyNot.NO_RATE bars it"
    return Choice(
        offer=taken.offer,
        connection=connection,
        quantity=taken.quantity,
        units=taken.offer.units,
        unit_cost_e4=taken.offer.unit_cost_e4,
        rate_e6=taken.offer.rate_e6,
        total_e4=taken.total_e4,
        exposure=exposure,
        facts={
            **facts,
            "why": ranking.why.value,
            **ranking.facts,
            "ranking": [told_of(each, taken=each is taken) for each in ranking.judged],
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
    WhyNot.NO_RATE,
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
    told_facts = {**facts, "ranking": [told_of(each, taken=False) for each in ranking.judged]}
    return NoChoice(said, told_facts, min(again, terms.at + LOOK_AGAIN))
