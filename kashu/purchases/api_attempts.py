"""HTTP of orders at suppliers: money in doubt, asking now, and what people decide."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires, requires_one_of
from kashu.access.permissions import Permission
from kashu.core.db import Database, Tx
from kashu.core.money import format_amount, parse_price
from kashu.purchases.ask import NO_RULES, ask
from kashu.purchases.buyer import Buyer
from kashu.purchases.desk import (
    TEXT_MAX,
    Bought,
    Verdict,
    in_doubt,
    verdicts_of,
    was_bought,
    was_not_bought,
)
from kashu.purchases.kinds import AttemptState, PurchaseState
from kashu.purchases.place import place
from kashu.purchases.reads import (
    Attempt,
    attempt_of,
    attempts_of_purchase,
    live_attempts,
    purchase_of,
)
from kashu.purchases.route import NoChoice
from kashu.stock.kinds import BULK_MAX
from kashu.suppliers.reach import Upstreams
from kashu.suppliers.reads import Supplier, suppliers_by_id
from kashu.suppliers.upstream import BoughtCard

Text = Annotated[str, msgspec.Meta(max_length=TEXT_MAX)]
CardText = Annotated[str, msgspec.Meta(max_length=2_000)]


class VerdictShown(msgspec.Struct, frozen=True):
    """What somebody said of an order."""

    bought: bool
    reason: str
    evidence: str
    said_by: str
    at: datetime


class AttemptShown(msgspec.Struct, frozen=True):
    """An order at a supplier. `can`: what the caller may do with it now."""

    id: UUID
    purchase_id: UUID
    supplier: str
    supplier_id: UUID
    number: str
    their_number: str | None
    ref: str
    quantity: int
    units: int
    total: str
    currency: str
    state: AttemptState
    said: str
    word_unknown: bool
    made_at: datetime
    ended_at: datetime | None
    next_at: datetime | None  # when it is asked about; null: it isn't any more
    asks: int
    charged: str | None
    refunded: str
    received: int
    turned_away: int
    receipt: str
    surplus: bool
    can: list[str]
    verdicts: list[VerdictShown]


class DoubtShown(msgspec.Struct, frozen=True):
    """Our money at a supplier whose outcome isn't known."""

    supplier: str
    supplier_id: UUID
    amount: str
    orders: int
    left_to_people: int
    oldest_at: datetime


class InDoubtShown(msgspec.Struct, frozen=True):
    """All money in doubt: by supplier, and order by order, the oldest first."""

    total: str
    suppliers: list[DoubtShown]
    orders: list[AttemptShown]


class PlacedShown(msgspec.Struct, frozen=True):
    """What became of a purchase that was submitted. `said`: why nobody could be asked."""

    purchase_id: UUID
    state: PurchaseState
    said: str
    order: AttemptShown | None


class CardBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A card in clear."""

    number: CardText = ""
    password: CardText = ""
    url: CardText = ""
    expires_on: date | None = None

    def __repr__(self) -> str:
        """Hide it."""
        return "CardBody(•••)"


class BoughtBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What came. `charged`: what it cost in all; null: as ordered."""

    cards: Annotated[list[CardBody], msgspec.Meta(max_length=BULK_MAX)] = []
    their_number: Annotated[str, msgspec.Meta(max_length=100)] = ""
    charged: str | None = None
    receipt: Annotated[str, msgspec.Meta(max_length=500)] = ""


class NotBoughtBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why it is sure that nothing was bought, and what proves it."""

    reason: Text
    evidence: Text


_READ: Final = [requires(Permission.PURCHASES_READ)]
_WRITE: Final = [requires(Permission.PURCHASES_WRITE)]


@get("/v1/money-in-doubt", operation_id="readMoneyInDoubt", guards=_READ)
async def get_in_doubt(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> InDoubtShown:
    """Read our money whose outcome isn't known, by supplier and order by order."""
    async with database.transaction(caller.tenant_id) as tx:
        doubts = await in_doubt(tx, caller.tenant_id)
        orders = await _shown(tx, caller, await live_attempts(tx, caller.tenant_id))
        known = await suppliers_by_id(tx, caller.tenant_id, [each.supplier_id for each in doubts])
    return InDoubtShown(
        format_amount(sum(each.amount_e4 for each in doubts)),
        [
            DoubtShown(
                known[each.supplier_id].code,
                each.supplier_id,
                format_amount(each.amount_e4),
                each.attempts,
                each.left_to_people,
                each.oldest_at,
            )
            for each in doubts
        ],
        orders,
    )


@get(
    "/v1/purchases/{purchase_id:uuid}/orders",
    operation_id="listPurchaseOrders",
    guards=_READ,
    responses=problems(404),
)
async def get_attempts(
    purchase_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> list[AttemptShown]:
    """Read the orders that were made at suppliers for a purchase, oldest first."""
    async with database.transaction(caller.tenant_id) as tx:
        await purchase_of(tx, caller.tenant_id, purchase_id)
        found = await attempts_of_purchase(tx, caller.tenant_id, purchase_id)
        return await _shown(tx, caller, found)


@get(
    "/v1/supplier-orders/{attempt_id:uuid}",
    operation_id="readSupplierOrder",
    guards=_READ,
    responses=problems(404),
)
async def get_attempt(
    attempt_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> AttemptShown:
    """Read an order at a supplier, and what people said of it."""
    async with database.transaction(caller.tenant_id) as tx:
        return await _one(tx, caller, await attempt_of(tx, caller.tenant_id, attempt_id))


@post(
    "/v1/purchases/{purchase_id:uuid}/place",
    operation_id="placePurchase",
    guards=_WRITE,
    status_code=200,
    responses=problems(404, 409),
)
async def post_place(
    purchase_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    upstreams: NamedDependency[Upstreams],
) -> PlacedShown:
    """Order a purchase now. However often this is asked at once, it is ordered once."""
    begun = await place(_buyer(caller, database, upstreams), purchase_id)
    async with database.transaction(caller.tenant_id) as tx:
        purchase = await purchase_of(tx, caller.tenant_id, purchase_id)
        order = None if isinstance(begun, NoChoice) else await _one(tx, caller, begun)
    return PlacedShown(purchase.id, purchase.state, purchase.said, order)


@post(
    "/v1/supplier-orders/{attempt_id:uuid}/ask",
    operation_id="askSupplierOrder",
    guards=_WRITE,
    status_code=200,
    responses=problems(404, 409),
)
async def post_ask(
    attempt_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    upstreams: NamedDependency[Upstreams],
) -> AttemptShown:
    """Ask the supplier now how an order stands."""
    attempt = await ask(_buyer(caller, database, upstreams), attempt_id)
    async with database.transaction(caller.tenant_id) as tx:
        return await _one(tx, caller, attempt)


@post(
    "/v1/supplier-orders/{attempt_id:uuid}/bought",
    operation_id="confirmBought",
    guards=_WRITE,
    status_code=200,
    responses=problems(404, 409),
)
async def post_bought(
    attempt_id: FromPath[UUID],
    data: JSONBody[BoughtBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    upstreams: NamedDependency[Upstreams],
) -> AttemptShown:
    """Say that it was bought, and hand in what came: cards are checked and enter stock."""
    occasion = _buyer(caller, database, upstreams).occasion(NO_RULES)
    bought = Bought(
        [BoughtCard(card.number, card.password, card.url, card.expires_on) for card in data.cards],
        data.their_number,
        None if data.charged is None else parse_price(data.charged),
        data.receipt,
    )
    async with database.transaction(caller.tenant_id) as tx:
        return await _one(tx, caller, await was_bought(tx, occasion, attempt_id, bought))


@post(
    "/v1/supplier-orders/{attempt_id:uuid}/not-bought",
    operation_id="confirmNotBought",
    guards=[requires_one_of(Permission.PURCHASES_WRITE, Permission.PURCHASES_APPROVE)],
    status_code=200,
    responses=problems(404, 409),
)
async def post_not_bought(
    attempt_id: FromPath[UUID],
    data: JSONBody[NotBoughtBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    upstreams: NamedDependency[Upstreams],
) -> AttemptShown:
    """Say that nothing was bought, with what proves it. Above a limit two people must say so."""
    occasion = _buyer(caller, database, upstreams).occasion(NO_RULES)
    async with database.transaction(caller.tenant_id) as tx:
        attempt = await was_not_bought(
            tx, occasion, attempt_id, reason=data.reason, evidence=data.evidence
        )
        return await _one(tx, caller, attempt)


def _buyer(caller: Caller, database: Database, upstreams: Upstreams) -> Buyer:
    return Buyer(database, caller.tenant_id, caller.timezone, upstreams, caller.actor)


async def _one(tx: Tx, caller: Caller, attempt: Attempt) -> AttemptShown:
    [shown] = await _shown(tx, caller, [attempt])
    said = await verdicts_of(tx, caller.tenant_id, attempt.id)
    return msgspec.structs.replace(shown, verdicts=[_verdict(each) for each in said])


async def _shown(tx: Tx, caller: Caller, found: Collection[Attempt]) -> list[AttemptShown]:
    """Show some; without what people said of them."""
    ids = {each.supplier_id for each in found}
    known = await suppliers_by_id(tx, caller.tenant_id, ids)
    return [_attempt(caller, each, known[each.supplier_id]) for each in found]


def _attempt(caller: Caller, attempt: Attempt, supplier: Supplier) -> AttemptShown:
    asked = attempt.live and attempt.state is not AttemptState.MANUAL
    return AttemptShown(
        id=attempt.id,
        purchase_id=attempt.purchase_id,
        supplier=supplier.code,
        supplier_id=attempt.supplier_id,
        number=attempt.number,
        their_number=attempt.their_number,
        ref=attempt.ref,
        quantity=attempt.quantity,
        units=attempt.units,
        total=format_amount(attempt.total_e4),
        currency=attempt.currency,
        state=attempt.state,
        said=attempt.said,
        word_unknown=attempt.word_unknown,
        made_at=attempt.made_at,
        ended_at=attempt.ended_at,
        next_at=attempt.next_at if asked else None,
        asks=attempt.asks,
        charged=None if attempt.charged_e4 is None else format_amount(attempt.charged_e4),
        refunded=format_amount(attempt.refunded_e4),
        received=attempt.received_count,
        turned_away=attempt.turned_away_count,
        receipt=attempt.receipt,
        surplus=attempt.surplus,
        can=_can(caller, attempt),
        verdicts=[],
    )


def _can(caller: Caller, attempt: Attempt) -> list[str]:
    writes = caller.may(Permission.PURCHASES_WRITE)
    decides = writes or caller.may(Permission.PURCHASES_APPROVE)
    sending = attempt.state is AttemptState.SENDING
    can = ["ask"] if writes and attempt.live and not sending else []
    if writes and not sending and attempt.state is not AttemptState.SUCCEEDED:
        can.append("bought")
    if decides and attempt.state is AttemptState.MANUAL:
        can.append("not_bought")
    return can


def _verdict(verdict: Verdict) -> VerdictShown:
    return VerdictShown(
        verdict.bought, verdict.reason, verdict.evidence, verdict.said_by, verdict.at
    )


routes: Final = (
    get_in_doubt,
    get_attempts,
    get_attempt,
    post_place,
    post_ask,
    post_bought,
    post_not_bought,
)
