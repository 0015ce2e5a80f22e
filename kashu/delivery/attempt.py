"""Attempt: as far as one order can be delivered now.

The order is read anew before its cards leave: it may have been closed or changed, or our last call
may have worked without our hearing of it. Before a call leaves, the row says that its outcome is
in doubt; so a process that dies under way leaves the question, never a second answer. Whatever is
repeated carries the same cards: they are bound to the line. Whoever leased an order goes on only
while the row is as it was: a person, or another worker, may have moved it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from kashu.channels.ask import Outside, refunds_told_by
from kashu.channels.channel import (
    Can,
    CardText,
    Channel,
    Link,
    Parcel,
    ShopOrder,
    ShopRefundState,
    ShopState,
)
from kashu.channels.connections import Connection
from kashu.channels.errors import AlreadyShipped, AppRefused, ChannelUnclear, GrantLost
from kashu.channels.kinds import ACTS, RefundStep, Step
from kashu.channels.leases import Advance
from kashu.channels.left_to_people import NOT_ACTING
from kashu.channels.listings import KnownListing
from kashu.channels.modes import acts_for
from kashu.channels.shop_orders import KnownOrder
from kashu.channels.shop_refunds import refunds_of, refunds_open, see_refunds
from kashu.channels.tokens import token_of
from kashu.core.db import Database, Tx
from kashu.core.errors import OutsideError, Refused, Unavailable
from kashu.core.events import Event
from kashu.core.http import NotReached
from kashu.delivery.as_told import changed, forbidden
from kashu.delivery.notes import Notes, Overtaken
from kashu.delivery.topping_up import (
    FOR_PEOPLE,
    MEMO,
    MEMO_OF_CARDS,
    give_receipts,
    goes_ahead,
    receipts_to_give,
    why_waiting,
)
from kashu.orders.reads import Line
from kashu.stock.reveal import Revealed, reveal

WAIT: Final = timedelta(seconds=5)  # for cards, and between first attempts; doubles up to …
WAIT_MAX: Final = timedelta(minutes=5)
SHORT_MAX: Final = timedelta(seconds=20)  # between looks whether a short order has its cards
PERSON_WAIT: Final = timedelta(hours=1)
CLOSED_LOOKS: Final = 12  # at a closed order, for its refund's news, before a person is asked

# Why an order waits or stopped; the exception desk says what to do about each.
SHORT: Final = "short"
NOT_GIVEN: Final = "no_card_was_given"  # refused for want of stock
BY_HAND: Final = "to_be_handed_over"  # this listing's cards don't leave by the platform
UNBOOKED: Final = "refund_not_booked"  # money went back, and our books don't know of it yet
CLOSED_THERE: Final = "closed_there"
SHIPPED_ELSEWHERE: Final = "shipped_elsewhere"
SENT_IN_PART: Final = "sent_in_part"  # perhaps: some of its lines, and we didn't hear which
ORDER_CHANGED: Final = "order_changed"  # it isn't what was paid for when we took it in

_SHIPPED: Final = frozenset({ShopState.SHIPPED, ShopState.FINISHED})

_log = structlog.get_logger()


@dataclass(slots=True)
class Work:
    """One order to be delivered, and all that is needed for it. `known` goes along."""

    database: Database
    tenant_id: int
    outside: Outside
    connection: Connection
    channel: Channel
    link: Link
    known: KnownOrder
    order_id: UUID
    lines: Sequence[Line]
    listings: Sequence[KnownListing]
    notes: Notes
    asked_back: bool  # the platform told of a refund of it, in whatever state


async def attempt(work: Work, away: dict[UUID, OutsideError]) -> None:
    """Deliver one order, or say why it waits. Raises: Overtaken, KashuError."""
    if work.outside.now() >= work.known.next_at:
        raise Overtaken  # others took so long that the lease is over
    if error := away.get(work.known.store_id):
        await _wait(work, error.code)
        return
    try:
        await _deliver(work)
    except NotReached as error:
        away[work.known.store_id] = error
        await _failed(work, error)
    except OutsideError as error:
        await _failed(work, error)


async def _deliver(work: Work) -> None:
    """Go as far as one order can go now. Raises: OutsideError, Overtaken."""
    lines = await _ready(work)
    if lines is None:
        return
    cards = [line for line in lines if not line.is_topup]
    by_hand = bool(cards) and work.known.step is Step.TAKEN and not _sends(work)
    if work.known.attempts == 1 and by_hand:
        await _wait(work, BY_HAND, PERSON_WAIT)  # who hands it over sees the order there
        return
    if work.known.step is Step.SENT and await _told_at_once(work, lines):
        return
    told = await work.channel.order(work.link, work.known.number)
    if told.order_id != work.known.number:
        raise ChannelUnclear(channel=work.channel.name, said="another order")
    if await _stands_still(work, told):
        return
    if by_hand:
        await _wait(work, BY_HAND, PERSON_WAIT)
        return
    if work.known.step is Step.TAKEN:
        await _send(work, cards, told)
        if cards and Can.SEND_CONFIRMS in work.channel.can:
            at = work.outside.now()
            await _settle(work, Step.CONFIRMED, "order.confirmed", confirmed_at=at)
            return
    if not await _topping_up(work):
        await _confirm(work, lines)


async def _told_at_once(work: Work, lines: Sequence[Line]) -> bool:
    """Tell the platform without asking: the first time, where nothing speaks against it.

    False: it wasn't told, or refuses; the order itself says why.
    """
    if work.known.doubt or work.asked_back or not _acting(work):
        return False
    try:
        await _confirm(work, lines)
    except Refused as error:
        if isinstance(error, GrantLost | AppRefused):
            raise
        return False
    return True


async def _stands_still(work: Work, told: ShopOrder) -> bool:
    """Whether nothing may be done for an order as its platform tells it; says why it waits."""
    if told.state in _SHIPPED:
        await _is_shipped(work, told)
    elif told.state is ShopState.CLOSED:
        await _is_closed(work)
    elif said := forbidden(told) or await _unbooked(work, told):
        await _wait(work, said)
    elif work.known.step is Step.TAKEN and changed(work.known, told):
        await _settle(work, Step.TROUBLE, "order.delivery_trouble", said=ORDER_CHANGED)
    elif not _acting(work):
        await _wait(work, NOT_ACTING, PERSON_WAIT)
    else:
        return False
    return True


def _acting(work: Work) -> bool:
    """Whether we act for all that was bought."""
    return all((each.mode or work.connection.mode) in ACTS for each in work.listings)


async def _ready(work: Work) -> list[Line] | None:
    """Read the lines that have cards; None where there is nothing to be sent, now or at all."""
    lines = work.lines
    delivered = [line for line in lines if line.delivered]
    if work.known.step is Step.SENT:
        return None if await _topping_up(work) else delivered
    if any(line.waiting and not line.is_topup for line in lines):
        await _wait(work, SHORT, SHORT_MAX)
        return None
    first = goes_ahead(work.channel, work.known, lines) and _sends(work)
    if not first and await _topping_up(work):
        return None
    if any(line.refused for line in lines):  # the buyer paid for more than there is
        await _settle(work, Step.TROUBLE, "order.delivery_trouble", said=NOT_GIVEN)
        return None
    if not delivered:
        await _settle(work, Step.ENDED, "order.delivery_ended")
        return None
    return delivered


async def _topping_up(work: Work) -> bool:
    """Whether an account of it is still to be topped up; says why it waits, or has people look."""
    said = await why_waiting(work.database, work.tenant_id, work.lines, work.outside)
    if said in FOR_PEOPLE:
        await _settle(work, Step.TROUBLE, "order.delivery_trouble", said=said)
    elif said:
        await _wait(work, said, SHORT_MAX)
    return bool(said)


async def _unbooked(work: Work, told: ShopOrder) -> str | None:
    """Say that money went back of which our books don't know: they must, before a card is sent."""
    if work.known.step is not Step.TAKEN:
        return None
    shown = any(line.refund is not ShopRefundState.NONE for line in told.lines)
    if not shown and not work.asked_back:
        return None
    done = [line.line_id for line in told.lines if line.refund is ShopRefundState.DONE]
    async with work.database.transaction(work.tenant_id) as tx:
        if Can.LIST_REFUNDS not in work.channel.can:
            await see_refunds(tx, work.tenant_id, work.known.store_id, refunds_told_by(told))
        booked = await refunds_of(tx, work.tenant_id, work.known.store_id, work.known.number)
    settled = {each.line for each in booked if each.step is RefundStep.SETTLED}
    missing = done and not ("" in settled or settled >= set(done))
    open_ = any(each.step in {RefundStep.DUE, RefundStep.TROUBLE} for each in booked)
    return UNBOOKED if missing or open_ else None


async def _is_shipped(work: Work, told: ShopOrder) -> None:
    """The platform says it is shipped: our doing, or somebody else's?"""
    # Codes that a platform asked for may well count as a shipment.
    confirming = {Can.SEND_CONFIRMS, Can.SEND_MAY_CONFIRM}
    confirms = bool(confirming & work.channel.can) or work.known.sealed_token is not None
    ours = work.known.doubt and confirms
    at = work.outside.now()
    if work.known.step is Step.SENT or (ours and len(told.lines) == 1):
        await _settle(work, Step.CONFIRMED, "order.confirmed", confirmed_at=at)
    else:  # of several lines that we were sending, nobody knows how many the buyer has
        said = SENT_IN_PART if ours else SHIPPED_ELSEWHERE
        await _settle(work, Step.TROUBLE, "order.delivery_trouble", said=said)


async def _is_closed(work: Work) -> None:
    """Nobody is to be told any more. What we hold for it comes back with the refund's news."""
    if work.known.step is Step.SENT:
        await _settle(work, Step.ENDED, "order.delivery_ended", said=CLOSED_THERE)
    elif work.known.attempts < CLOSED_LOOKS:
        await _wait(work, CLOSED_THERE)
    else:
        await _settle(work, Step.TROUBLE, "order.delivery_trouble", said=CLOSED_THERE)


def _sends(work: Work) -> bool:
    """Whether the cards leave by the platform: as the listings say."""
    allowed = all(each.sends_card for each in work.listings)
    by_memo = work.connection.options.get(MEMO) == MEMO_OF_CARDS
    can = work.channel.can
    asked_for = work.known.sealed_token is not None  # a notice wants the codes of this order
    return allowed and (asked_for or Can.SEND_CARD in can or (Can.SEND_MEMO in can and by_memo))


async def _send(work: Work, lines: Sequence[Line], told: ShopOrder) -> None:
    """Hand the cards to the platform for the buyer; that they are seen is written down first.

    Of an order without cards its buyer has all: an account was topped up.
    """
    shipped = {line.line_id for line in told.lines if line.state in _SHIPPED}

    async def seen(tx: Tx) -> list[Revealed]:
        if not await acts_for(tx, work.tenant_id, work.known):
            raise Overtaken  # stopped a moment ago: people deliver
        name = work.known.store_id, work.known.number
        if await refunds_open(tx, work.tenant_id, [name]):
            raise Overtaken  # told of since we took it: the next attempt says why it waits
        cards = await reveal(
            tx,
            work.tenant_id,
            "system",
            line_ids=[line.line_id for line in lines],
            reason="sent to the buyer",
            recipient=f"{work.connection.channel}:{work.known.number}",
            keyrings=work.outside.keyrings,
        )
        if len(cards) != sum(line.delivered for line in lines):
            raise Overtaken  # a refund took some back
        return cards

    skus = {line.sku_id for line in lines}
    token = token_of(work.outside.keyrings.masters, work.tenant_id, work.known)
    doubt = Advance(work.known, doubt=True)
    cards: list[Revealed] = await work.notes.write(doubt, then=seen, skus=skus) if lines else []
    for place, ours in _by_place(work, lines).items():
        there = work.known.lines[place]
        if there.line_id in shipped:
            continue
        texts = tuple(
            _text(card) for line in ours for card in cards if card.line_id == line.line_id
        )
        parcel = Parcel(work.known.number, there.line_id, texts, token, told.kind)
        try:
            await work.channel.send(work.link, parcel)
        except AlreadyShipped:
            if not work.known.doubt:  # somebody else's doing
                raise
            _log.info("sent_already", order=str(work.order_id))  # by our call before this one
    at = work.outside.now()
    # A call that follows at once is in doubt from now on: one note says both.
    follows = _confirms(work) and not any(line.waiting for line in work.lines)
    follows = follows and not (lines and Can.SEND_CONFIRMS in work.channel.can)
    await _settle(work, Step.SENT, "order.sent", doubt=follows, sent_at=at)


def _by_place(work: Work, lines: Sequence[Line]) -> dict[int, list[Line]]:
    """Our lines by the platform's that they are of: of a bundle, all in one parcel."""
    found: dict[int, list[Line]] = {}
    for line in lines:
        found.setdefault(work.known.place_of(line.number), []).append(line)
    return found


def _text(card: Revealed) -> CardText:
    return CardText(card.secret.number, card.secret.password, card.secret.url)


def _confirms(work: Work) -> bool:
    """Whether the platform is to be told by a call of its own."""
    return Can.CONFIRM in work.channel.can and all(each.confirms for each in work.listings)


async def _confirm(work: Work, lines: Sequence[Line]) -> None:
    """Tell the platform, where this listing's orders are to be marked as shipped."""
    if texts := await receipts_to_give(work.database, work.tenant_id, work.connection, lines):
        await give_receipts(work.channel, work.link, work.known, texts)
    if not _confirms(work):
        await _settle(work, Step.CONFIRMED, "order.delivered")
        return
    if not work.known.doubt:  # before a call leaves, it is written that its outcome isn't known
        await work.notes.write(Advance(work.known, doubt=True))
    ids = [work.known.lines[place].line_id for place in _by_place(work, lines)]
    try:
        await work.channel.confirm(
            work.link, work.known.number, ids or [line.line_id for line in work.known.lines]
        )
    except AlreadyShipped:
        _log.info("shipped_already", order=str(work.order_id))
    at = work.outside.now()
    await _settle(work, Step.CONFIRMED, "order.confirmed", confirmed_at=at)


async def _settle(
    work: Work,
    step: Step,
    kind: str,
    *,
    said: str = "",
    doubt: bool = False,
    sent_at: datetime | None = None,
    confirmed_at: datetime | None = None,
) -> None:
    """Write how far it came, with what happened; the lease stays as it is. Raises: Overtaken."""
    facts = {"channel": work.connection.channel, "number": work.known.number}
    how_far = Advance(
        work.known, step, said=said, doubt=doubt, sent_at=sent_at, confirmed_at=confirmed_at
    )
    await work.notes.write(how_far, Event(kind, work.order_id, facts))
    work.known = replace(work.known, step=step, doubt=doubt)


async def _wait(
    work: Work, said: str, most: timedelta = WAIT_MAX, *, doubt: bool | None = None
) -> None:
    """Look again later, ever more seldom; `doubt`: whether our last call's outcome is in it."""
    wait = min(WAIT * 2 ** min(work.known.attempts - 1, 10), most)
    at = work.outside.now() + wait
    await work.notes.write(Advance(work.known, said=said, next_at=at, doubt=doubt))


async def _failed(work: Work, error: OutsideError) -> None:
    """Say why it didn't go on: a refusal needs a person, all else is tried again."""
    if isinstance(error, Refused) and not isinstance(error, GrantLost | AppRefused):
        await _settle(work, Step.TROUBLE, "order.delivery_trouble", said=error.code)
        return
    nothing_done = isinstance(error, Unavailable) and len(work.known.lines) == 1
    await _wait(work, error.code, doubt=work.known.doubt if nothing_done else None)
    if isinstance(error, GrantLost):
        await work.outside.renew_or_lose(work.database, work.tenant_id, work.connection, error)
