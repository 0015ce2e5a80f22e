"""Place: order what is wanted from the best supplier, once.

Whoever comes first wins: the worker, "submit now" and a double click all take the purchase's lock,
and the database allows one live attempt for each. The attempt and its money are committed before
the request leaves; a process that dies under way leaves the question, never a second order.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import insert, select, update

from kashu.core.db import Tx
from kashu.core.errors import Conflict, KashuError
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.incidents import log_incident
from kashu.core.money import CURRENCY, format_amount
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import post
from kashu.purchases import books
from kashu.purchases.buyer import Buyer
from kashu.purchases.errors import PurchaseNotReady, PurchaseUnderWay
from kashu.purchases.kinds import LIVE, AttemptState, PurchaseState
from kashu.purchases.moves import Occasion, clean
from kashu.purchases.numbers import new_number
from kashu.purchases.reads import Attempt, Purchase, attempt_row, purchase_of, purchase_row
from kashu.purchases.route import Choice, NoChoice, route
from kashu.purchases.send import Sent, keep, order_of, send
from kashu.purchases.tables import attempts, purchases
from kashu.suppliers.exposure import Exposure, check_room
from kashu.suppliers.kinds import Settlement
from kashu.suppliers.upstream import Can, Rules

AT_ONCE: Final = 32  # orders of a tenant's under way
LOOK_EVERY_S: Final = 0.1  # for what became due, while others are under way
LEASE: Final = timedelta(seconds=60)  # beyond the deadline: then nobody waits for the answer
BUSY_PAUSE: Final = timedelta(seconds=2)  # while another order is under way where one may be
NO_ROOM_PAUSE: Final = timedelta(minutes=1)

_TO_DO: Final = (PurchaseState.WANTED, PurchaseState.HELD)
_log = structlog.get_logger()


async def place_due(buyer: Buyer) -> bool:
    """Order what is due, many side by side, until nothing is. False: there is no more."""
    under_way: dict[asyncio.Task[None], UUID] = {}
    clock = asyncio.get_running_loop().time
    look_at = 0.0
    try:
        while True:
            room = AT_ONCE - len(under_way)
            looks = not under_way or clock() >= look_at
            if room and looks and not buyer.upstreams.stopping.is_set():
                due = await _due(buyer, list(under_way.values()))
                if len(due) < room:  # nothing more is due
                    look_at = clock() + LOOK_EVERY_S
                for purchase_id in due:
                    under_way[asyncio.create_task(_one(buyer, purchase_id))] = purchase_id
            if not under_way:
                return False
            done, _ = await asyncio.wait(
                under_way, timeout=LOOK_EVERY_S, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                del under_way[task]
    finally:
        for task in under_way:
            task.cancel()  # what was sent is found as `sending`, and asked about
        await asyncio.gather(*under_way, return_exceptions=True)


async def place(buyer: Buyer, purchase_id: UUID) -> Attempt | NoChoice:
    """Order one purchase now. Returns how its attempt stands then, or why nobody can be asked.

    Raises: UnknownPurchase, PurchaseNotReady, PurchaseUnderWay.
    """
    async with buyer.transaction() as tx:
        begun = await _begin(tx, buyer, purchase_id)
    if not isinstance(begun, Sent):
        return begun
    return await keep(buyer, begun, await send(buyer, begun))


async def _one(buyer: Buyer, purchase_id: UUID) -> None:
    try:
        await place(buyer, purchase_id)
    except Conflict as error:
        _log.info("purchase_overtaken", purchase=str(purchase_id), error=error.code)
    except KashuError as error:
        _log.warning("purchase_put_off", purchase=str(purchase_id), error=error.code)
    except Exception as error:  # noqa: BLE001  (a bug with one purchase doesn't stop the others)
        log_incident(error, purchase=str(purchase_id))


async def _due(buyer: Buyer, besides: Sequence[UUID]) -> Sequence[UUID]:
    wanted = (
        select(purchases.c.id)
        .where(purchases.c.tenant_id == buyer.tenant_id, purchases.c.state.in_(_TO_DO))
        .where(purchases.c.next_at <= buyer.now(), purchases.c.id.not_in(besides))
        .order_by(purchases.c.next_at, purchases.c.id)
        .limit(AT_ONCE - len(besides))
    )
    try:
        async with buyer.transaction() as tx:
            return (await tx.execute(wanted)).scalars().all()
    except KashuError as error:  # what is under way must end, whatever the database does
        _log.warning("purchases_not_read", error=error.code)
        return []


async def _begin(tx: Tx, buyer: Buyer, purchase_id: UUID) -> Sent | NoChoice:
    """Choose where to order, set the money aside, and write down the attempt.

    Locks: the purchase, unless somebody else has it; then the supplier.
    """
    purchase = await _take(tx, buyer.tenant_id, purchase_id)
    choice = await route(tx, buyer.tenant_id, purchase, buyer.now())
    if isinstance(choice, Choice):
        barred = await _prepare(tx, buyer, purchase, choice)
        if isinstance(barred, Sent):
            return barred
        choice = barred
    await _hold(tx, buyer, purchase, choice)
    return choice


async def _take(tx: Tx, tenant_id: int, purchase_id: UUID) -> Purchase:
    """Lock a purchase that is to be ordered. Raises: PurchaseNotReady, PurchaseUnderWay."""
    locked = await tx.execute(
        select(purchases)
        .where(purchases.c.tenant_id == tenant_id, purchases.c.id == purchase_id)
        .with_for_update(key_share=True, skip_locked=True)
    )
    row = locked.one_or_none()
    if row is None:
        purchase = await purchase_of(tx, tenant_id, purchase_id)
        raise PurchaseUnderWay(purchase=purchase.id)
    if row.state == PurchaseState.PLACED:
        raise PurchaseUnderWay(purchase=purchase_id)
    if row.state not in _TO_DO:
        raise PurchaseNotReady(state=row.state)
    return purchase_row(row)


async def _prepare(tx: Tx, buyer: Buyer, purchase: Purchase, choice: Choice) -> Sent | NoChoice:
    """Make the chosen order ready to be sent, or say what still stands in its way."""
    at, offer, tenant_id = buyer.now(), choice.offer, buyer.tenant_id
    try:
        upstream, link = buyer.upstreams.reach_to(tenant_id, choice.connection, Can.PLACE)
        quantity, total_e4 = _cut(choice, upstream.rules)
        exposure = await check_room(tx, tenant_id, offer.supplier_id, total_e4)
    except Conflict as error:
        return NoChoice(error.code, choice.facts, at + NO_ROOM_PAUSE)
    if offer.currency != CURRENCY:  # our stock and its cost are kept in one currency so far
        return NoChoice("other_currency", choice.facts, at + NO_ROOM_PAUSE)
    if upstream.rules.one_at_a_time and await _is_busy(tx, tenant_id, offer.supplier_id):
        return NoChoice("supplier_one_at_a_time", choice.facts, at + BUSY_PAUSE)
    occasion = buyer.occasion(upstream.rules)
    attempt = await _write(
        tx, occasion, purchase, choice, exposure, quantity=quantity, total_e4=total_e4
    )
    await post(tx, tenant_id, [books.sent(attempt)], posted_on=occasion.today)
    facts = {
        "attempt_id": str(attempt.id),
        "supplier_id": str(attempt.supplier_id),
        "quantity": attempt.quantity,
        "total": format_amount(attempt.total_e4),
    }
    await record(tx, tenant_id, buyer.actor, [Event("attempt.sent", purchase.id, facts)])
    order = await order_of(tx, buyer, attempt, purchase, choice.connection)
    return Sent(attempt, upstream, link, choice.connection, order)


def _cut(choice: Choice, rules: Rules) -> tuple[int, int]:
    """How many are ordered at once, and for how much: the rest stays wanted."""
    if rules.most_at_once is None or choice.quantity <= rules.most_at_once:
        return choice.quantity, choice.total_e4
    quantity = rules.most_at_once
    return quantity, -(-choice.total_e4 * quantity // choice.quantity)


async def _is_busy(tx: Tx, tenant_id: int, supplier_id: UUID) -> bool:
    """Whether an order is under way there. The supplier is locked, so none begins meanwhile."""
    found = await tx.execute(
        select(attempts.c.id)
        .where(attempts.c.tenant_id == tenant_id, attempts.c.supplier_id == supplier_id)
        .where(attempts.c.state.in_([state.value for state in LIVE]))
        .limit(1)
    )
    return found.first() is not None


async def _write(
    tx: Tx,
    occasion: Occasion,
    purchase: Purchase,
    choice: Choice,
    exposure: Exposure,
    *,
    quantity: int,
    total_e4: int,
) -> Attempt:
    """Write the attempt; that the purchase has no other live one is the database's rule."""
    prepaid = exposure.settlement is Settlement.PREPAID
    at, rules, tenant_id = occasion.at, occasion.rules, occasion.tenant_id
    made = await tx.execute(
        insert(attempts)
        .values(
            tenant_id=tenant_id,
            id=new_id(),
            purchase_id=purchase.id,
            supplier_id=choice.offer.supplier_id,
            offer_id=choice.offer.offer_id,
            number=new_number(),
            ref=choice.offer.ref,
            quantity=quantity,
            units=choice.units,
            unit_cost_e4=choice.unit_cost_e4,
            total_e4=total_e4,
            currency=choice.offer.currency,
            account_kind=AccountKind.PREPAID if prepaid else AccountKind.PAYABLE,
            choice=choice.facts,
            state=AttemptState.SENDING,
            made_at=at,
            next_at=at + timedelta(seconds=rules.place_deadline_s) + LEASE,
        )
        .returning(attempts)
    )
    moved = await tx.execute(
        update(purchases)
        .where(purchases.c.tenant_id == tenant_id, purchases.c.id == purchase.id)
        .where(purchases.c.state == purchase.state)
        .values(state=PurchaseState.PLACED, said="")
    )
    if not moved.rowcount:
        raise PurchaseUnderWay(purchase=purchase.id)
    return attempt_row(made.one())


async def _hold(tx: Tx, buyer: Buyer, purchase: Purchase, why: NoChoice) -> None:
    """Nobody can be asked now: say why, and when it is looked at again."""
    said = clean(why.said)
    await tx.execute(
        update(purchases)
        .where(purchases.c.tenant_id == buyer.tenant_id, purchases.c.id == purchase.id)
        .values(state=PurchaseState.HELD, said=said, next_at=why.look_again_at)
    )
    if (purchase.state, purchase.said) != (PurchaseState.HELD, said):
        event = Event("purchase.held", purchase.id, {"said": said, **why.facts})
        await record(tx, buyer.tenant_id, buyer.actor, [event])
