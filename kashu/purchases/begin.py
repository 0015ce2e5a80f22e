"""Begin: choose where some purchases are ordered, set the money aside, write the attempts down.

All in one transaction that is committed before anything leaves, in a statement for each step
however many there are: rules, offers and what is owed are read once, and each that is chosen
counts for those after it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import select

from kashu.core.db import Tx
from kashu.core.errors import Conflict
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.money import format_amount
from kashu.core.sql import Statement, in_flight
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Transfer, post
from kashu.purchases import books
from kashu.purchases.buyer import Buyer
from kashu.purchases.errors import PurchaseUnderWay
from kashu.purchases.kinds import LIVE, AttemptState, PurchaseState
from kashu.purchases.moves import about, clean
from kashu.purchases.numbers import new_number
from kashu.purchases.reads import Attempt, Purchase
from kashu.purchases.route import Choice, NoChoice, Routes, read_routes
from kashu.purchases.send import Sent, order_of
from kashu.purchases.tables import attempts
from kashu.suppliers.connections import Connection
from kashu.suppliers.kinds import Settlement
from kashu.suppliers.upstream import Can, Link, Rules, Upstream

LEASE: Final = timedelta(seconds=60)  # beyond the deadline: then nobody waits for the answer
BUSY_PAUSE: Final = timedelta(seconds=2)  # while another order is under way where one may be
CROWDED_PAUSE: Final = timedelta(milliseconds=500)  # while as many are under way as may be
NO_ROOM_PAUSE: Final = timedelta(minutes=1)
CROWDED: Final = "supplier_has_enough"  # it is wanted still, and not held: it has its turn soon


@dataclass(frozen=True, slots=True)
class _Ready:
    """An order that can be sent as soon as it is written down."""

    attempt: Attempt
    upstream: Upstream
    link: Link = field(repr=False)
    connection: Connection = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The statement returns no rows."""


@dataclass(frozen=True, slots=True)
class _Moved:
    id: UUID


_write = Statement(__file__, "begin_attempts.sql", _Nothing)
_move = Statement(__file__, "begin_purchases.sql", _Moved)


async def begin(
    tx: Tx,
    buyer: Buyer,
    wanted: Sequence[Purchase],
    rooms: Mapping[UUID, int] | None = None,
    *,
    room: int | None = None,
) -> list[Sent | NoChoice]:
    """Write an attempt for each purchase that somebody can be asked for; say why for the others.

    `room`: how many more orders a supplier may be sent by this process at once, but for those of
    which `rooms` tells; None: any number. The purchases are locked.
    Locks: the suppliers that may be chosen, in order, and breakers where one order tries.
    Raises: PurchaseUnderWay.
    """
    routes = await read_routes(tx, buyer.tenant_id, wanted, buyer.now())
    desk = _Desk(tx, buyer, routes, dict(rooms or {}), room)
    begun = [(purchase, await desk.begin(purchase)) for purchase in wanted]
    ready = [(purchase, each) for purchase, each in begun if isinstance(each, _Ready)]
    async with in_flight(tx):
        await _write_attempts(tx, buyer, [each.attempt for _, each in ready])
        await _move_purchases(tx, buyer, begun)
        sent: dict[str, list[Transfer]] = defaultdict(list)
        for _, each in ready:
            sent[each.attempt.currency].append(books.sent(each.attempt))
        for currency, transfers in sorted(sent.items()):
            today = buyer.occasion(ready[0][1].upstream.rules).today
            await post(tx, buyer.tenant_id, transfers, posted_on=today, currency=currency)
        await record(tx, buyer.tenant_id, buyer.actor, _happened(begun))
    return [
        Sent(
            each.attempt,
            each.upstream,
            each.link,
            each.connection,
            await order_of(tx, buyer, each.attempt, purchase, each.connection),
        )
        if isinstance(each, _Ready)
        else each
        for purchase, each in begun
    ]


@dataclass(slots=True)
class _Desk:
    """Makes one order after another ready to be sent."""

    tx: Tx
    buyer: Buyer
    routes: Routes
    rooms: dict[UUID, int]
    room: int | None
    reached: dict[UUID, tuple[Upstream, Link]] = field(default_factory=dict)
    busy: dict[UUID, bool] = field(default_factory=dict)

    async def begin(self, purchase: Purchase) -> _Ready | NoChoice:
        """Choose where it is ordered, or say what stands in the way."""
        choice = await self.routes.choose(purchase)
        if isinstance(choice, NoChoice):
            return choice
        at, offer = self.buyer.now(), choice.offer
        try:
            upstream, link = self._reach(choice)
        except Conflict as error:
            return NoChoice(error.code, choice.facts, at + NO_ROOM_PAUSE)
        if not self._has_room(offer.supplier_id):
            return NoChoice(CROWDED, choice.facts, at + CROWDED_PAUSE)
        if upstream.rules.one_at_a_time and await self._is_busy(offer.supplier_id):
            return NoChoice("supplier_one_at_a_time", choice.facts, at + BUSY_PAUSE)
        quantity, total_e4 = _cut(choice, upstream.rules)
        attempt = self._attempt(purchase, choice, upstream.rules, quantity, total_e4)
        self.routes.take(purchase, choice, total_e4)
        self.busy[offer.supplier_id] = True
        return _Ready(attempt, upstream, link, choice.connection)

    def _reach(self, choice: Choice) -> tuple[Upstream, Link]:
        supplier_id = choice.offer.supplier_id
        if supplier_id not in self.reached:
            self.reached[supplier_id] = self.buyer.upstreams.reach_to(
                self.buyer.tenant_id, choice.connection, Can.PLACE
            )
        return self.reached[supplier_id]

    def _has_room(self, supplier_id: UUID) -> bool:
        """Whether one more may be sent there; then that is counted."""
        left = self.rooms.get(supplier_id, self.room)
        if left is None:
            return True
        self.rooms[supplier_id] = left - 1
        return left > 0

    async def _is_busy(self, supplier_id: UUID) -> bool:
        """Whether an order is under way there. It is locked, so none begins meanwhile."""
        if supplier_id not in self.busy:
            found = await self.tx.execute(
                select(attempts.c.id)
                .where(attempts.c.tenant_id == self.buyer.tenant_id)
                .where(attempts.c.supplier_id == supplier_id)
                .where(attempts.c.state.in_([state.value for state in LIVE]))
                .limit(1)
            )
            self.busy[supplier_id] = found.first() is not None
        return self.busy[supplier_id]

    def _attempt(
        self, purchase: Purchase, choice: Choice, rules: Rules, quantity: int, total_e4: int
    ) -> Attempt:
        prepaid = choice.exposure.settlement is Settlement.PREPAID
        at = self.buyer.now()
        return Attempt(
            id=new_id(),
            purchase_id=purchase.id,
            supplier_id=choice.offer.supplier_id,
            offer_id=choice.offer.offer_id,
            number=new_number(),
            their_number=None,
            ref=choice.offer.ref,
            quantity=quantity,
            units=choice.units,
            unit_cost_e4=choice.unit_cost_e4,
            total_e4=total_e4,
            currency=choice.offer.currency,
            rate_e6=choice.rate_e6,
            account_kind=AccountKind.PREPAID if prepaid else AccountKind.PAYABLE,
            choice=choice.facts,
            state=AttemptState.SENDING,
            said="",
            word_unknown=False,
            made_at=at,
            answered_at=None,
            ended_at=None,
            next_at=at + timedelta(seconds=rules.place_deadline_s) + LEASE,
            again_at=None,
            asks=0,
            missing_count=0,
            missing_at=None,
            charged_e4=None,
            refunded_e4=0,
            received_count=0,
            turned_away_count=0,
            receipt="",
            account_key=None,
            surplus=False,
        )


def _cut(choice: Choice, rules: Rules) -> tuple[int, int]:
    """How many are ordered at once, and for how much: the rest stays wanted."""
    if rules.most_at_once is None or choice.quantity <= rules.most_at_once:
        return choice.quantity, choice.total_e4
    quantity = rules.most_at_once
    return quantity, -(-choice.total_e4 * quantity // choice.quantity)


async def _write_attempts(tx: Tx, buyer: Buyer, made: Sequence[Attempt]) -> None:
    """Write the attempts; that a purchase has no other live one is the database's rule."""
    if not made:
        return
    await _write(
        tx,
        tenant=buyer.tenant_id,
        ids=[each.id for each in made],
        purchases=[each.purchase_id for each in made],
        suppliers=[each.supplier_id for each in made],
        offers=[each.offer_id for each in made],
        numbers=[each.number for each in made],
        refs=[each.ref for each in made],
        quantities=[each.quantity for each in made],
        units=[each.units for each in made],
        unit_costs=[each.unit_cost_e4 for each in made],
        totals=[each.total_e4 for each in made],
        currencies=[each.currency for each in made],
        rates=[each.rate_e6 for each in made],
        accounts=[each.account_kind.value for each in made],
        choices=[msgspec.json.encode(each.choice).decode() for each in made],
        made_at=[each.made_at for each in made],
        next_at=[each.next_at for each in made],
    )


async def _move_purchases(
    tx: Tx, buyer: Buyer, begun: Sequence[tuple[Purchase, _Ready | NoChoice]]
) -> None:
    """Write what became of each: it is placed, or why not and when it is looked at again."""
    now = [_moved(purchase, each) for purchase, each in begun]
    moved = await _move(
        tx,
        tenant=buyer.tenant_id,
        ids=[each.id for each in now],
        states=[each.state.value for each in now],
        said=[each.said for each in now],
        next_at=[each.next_at for each in now],
    )
    missing = {each.id for each in now} - {row.id for row in moved}
    if missing:
        raise PurchaseUnderWay(purchase=min(missing))


def _moved(purchase: Purchase, begun: _Ready | NoChoice) -> Purchase:
    if isinstance(begun, _Ready):
        return replace(purchase, state=PurchaseState.PLACED, said="")
    state = PurchaseState.WANTED if begun.said == CROWDED else PurchaseState.HELD
    return replace(purchase, state=state, said=clean(begun.said), next_at=begun.look_again_at)


def _happened(begun: Sequence[tuple[Purchase, _Ready | NoChoice]]) -> list[Event]:
    events = []
    for purchase, each in begun:
        if isinstance(each, _Ready):
            attempt = each.attempt
            facts = {
                **about(attempt),
                "quantity": attempt.quantity,
                "total": format_amount(attempt.total_e4),
            }
            events.append(Event("attempt.sent", purchase.id, facts))
            continue
        now = _moved(purchase, each)
        if now.state is PurchaseState.HELD and (purchase.state, purchase.said) != (
            PurchaseState.HELD,
            now.said,
        ):
            events.append(Event("purchase.held", purchase.id, {"said": now.said, **each.facts}))
    return events
