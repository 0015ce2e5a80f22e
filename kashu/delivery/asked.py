"""Asked: what a platform that asks us for an order hears, as things stand.

"Failed" makes the platform refund its buyer, so it is said only of what our books have given
nothing for, and never will: `failed` is written in the same transaction. Cards go all at once, and
that somebody sees them is written before they leave. Whether an answer arrived we don't know; but
saying a result again does no harm there. So an answer leaves the row in doubt, and unless we
live to see it gone, the result is told again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from kashu.access.keyring import Keyrings
from kashu.channels.asking import (
    Ask,
    Failure,
    GivenCard,
    Progress,
    Result,
    Wants,
)
from kashu.channels.channel import CardText, ShopRefund, ShopRefundState, ShopState
from kashu.channels.kinds import Step
from kashu.channels.leases import Advance, advance_all
from kashu.channels.listings import listings_by_name
from kashu.channels.modes import modes_of
from kashu.channels.moves import move_all
from kashu.channels.shop_orders import KnownOrder, move
from kashu.channels.shop_refunds import see_refunds
from kashu.channels.tickets import Name, asked_orders, see_asks
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.delivery.attempt import ORDER_CHANGED
from kashu.delivery.notes import Overtaken
from kashu.orders.account_rule import mask_account
from kashu.orders.reads import Line, lines_of_orders
from kashu.orders.take_in import take_in
from kashu.orders.topups_bought import NOT_FROM_STOCK, is_bought
from kashu.stock.expiry import expiry_of_lots
from kashu.stock.reveal import reveal

ANSWERED: Final = timedelta(seconds=30)  # from an answer until it is told again, if we died

_GIVEN: Final = frozenset({Step.TAKEN, Step.SENT, Step.CONFIRMED})
_OPEN: Final = frozenset({Step.DUE, Step.UNMAPPED, Step.HELD, Step.TAKEN})


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of an order. `leased`: its row, where there is no more to be said then.

    `doubted`: an answer before this one may have left.
    """

    result: Result
    leased: KnownOrder | None = None
    doubted: bool = False


def verdict(known: KnownOrder, lines: Sequence[Line]) -> tuple[Progress, Failure | None]:
    """Say how far an order has come, as its platform may know it. `lines`: of ours."""
    ticket = known.ticket
    assert ticket is not None
    if known.failed is not None:
        return Progress.FAILED, known.failed
    if known.step not in _GIVEN:
        return Progress.OPEN, None
    if ticket.wants is Wants.TOPUP:
        bought = bool(lines) and all(line.delivered == line.quantity for line in lines)
        done = bought or known.step is not Step.TAKEN  # by a supplier, or as a person said
        return (Progress.DONE if done else Progress.OPEN), None
    if sum(line.delivered for line in lines) == ticket.quantity == sum(x.quantity for x in lines):
        return Progress.DONE, None
    nothing = lines and all(line.refused == line.quantity for line in lines)
    if known.step is Step.TAKEN and nothing:  # the merchant refuses what isn't in stock
        return Progress.FAILED, Failure.OUT_OF_STOCK
    return Progress.OPEN, None


async def say_all(
    tx: Tx,
    tenant_id: int,
    asked: Mapping[Name, Ask | None],
    today: date,
    *,
    channels: Mapping[UUID, str],
    keyrings: Keyrings,
    at: datetime,
) -> dict[Name, Answer]:
    """Do for orders what can be done at once, and say how each stands. None: it is a question.

    `channels`: of their stores, by id.

    The answers must not leave before `tx` is committed.
    Locks: the orders in order of id, then as take_in(), then the cards' SKUs.
    """
    known = await asked_orders(tx, tenant_id, asked, locked=True)
    fresh = {name: ask for name, ask in asked.items() if ask is not None and name not in known}
    if fresh:
        await see_asks(tx, tenant_id, fresh, masters=keyrings.masters)
        known |= await asked_orders(tx, tenant_id, fresh, locked=True)
    asks = {name: ask for name, ask in asked.items() if ask is not None}
    both = {name: (ask, known[name]) for name, ask in asks.items()}
    if await _go_on(tx, tenant_id, both, today, keyrings):
        known = await asked_orders(tx, tenant_id, asked, locked=True)
    orders = list(known.values())
    said = await _stand(tx, tenant_id, orders, channels, keyrings=keyrings, at=at)
    return {
        name: said[known[name].id] if name in known else Answer(Result(Progress.UNKNOWN))
        for name in asked
    }


async def _go_on(
    tx: Tx,
    tenant_id: int,
    asks: Mapping[Name, tuple[Ask, KnownOrder]],
    today: date,
    keyrings: Keyrings,
) -> bool:
    """Take in what is due, and leave to people what is theirs. False: nothing was to be done."""
    due = []
    moved = False
    for ask, known in asks.values():
        if known.step in _OPEN and _differs(ask, known):
            await move(tx, tenant_id, known.id, Step.TROUBLE, said=ORDER_CHANGED)
            moved = True
        elif known.step is Step.DUE and ask.ticket.wants is Wants.TOPUP:
            masked = {line.line_id: mask_account(ask.account) for line in known.lines}
            if await _acts(tx, tenant_id, known) and await is_bought(tx, tenant_id, known):
                await move(tx, tenant_id, known.id, masked_accounts=masked)
                due.append(known.id)
                continue
            to_person = {"said": NOT_FROM_STOCK, "masked_accounts": masked}
            await move(tx, tenant_id, known.id, Step.TROUBLE, **to_person)
            moved = True
        elif known.step is Step.DUE:
            due.append(known.id)
    if due:
        await take_in(tx, tenant_id, today, keyrings=keyrings, only=due)
    return moved or bool(due)


async def _acts(tx: Tx, tenant_id: int, known: KnownOrder) -> bool:
    """Whether we act for an order; where we don't, a person tops up what it asks for."""
    return (await modes_of(tx, tenant_id, [known]))[known.id].acts


def _differs(ask: Ask, known: KnownOrder) -> bool:
    """Whether an order that came again isn't what it was."""
    ticket = known.ticket
    assert ticket is not None
    then = [(line.item_id, line.quantity, line.paid_e4) for line in known.lines]
    again = [(line.item_id, line.quantity, line.paid_e4) for line in ask.order.lines]
    return then != again or ask.ticket.wants is not ticket.wants


async def _stand(
    tx: Tx,
    tenant_id: int,
    orders: Sequence[KnownOrder],
    channels: Mapping[UUID, str],
    *,
    keyrings: Keyrings,
    at: datetime,
) -> dict[UUID, Answer]:
    """Say how orders stand, by their ids, with their cards where all are there and may leave."""
    ids = [each.order_id for each in orders if each.order_id is not None]
    lines = await lines_of_orders(tx, tenant_id, ids)
    modes = await modes_of(tx, tenant_id, orders) if orders else {}
    names = [(each.store_id, line.item_id, line.sku_id) for each in orders for line in each.lines]
    listings = await listings_by_name(tx, tenant_id, names) if names else {}
    until, said = at + ANSWERED, {}
    leased = []
    for known in orders:
        assert known.ticket is not None
        ours = lines[known.order_id] if known.order_id is not None else []
        progress, failure = verdict(known, ours)
        of_order = [(known.store_id, line.item_id, line.sku_id) for line in known.lines]
        by_us = known.step is Step.TAKEN and known.failed is None  # and not as a person said
        sends = all(listings[name].sends_card for name in of_order if name in listings)
        waits = known.ticket.wants is Wants.CARDS and progress is Progress.DONE and not sends
        if progress is Progress.OPEN or (by_us and (waits or not modes[known.id].acts)):
            said[known.id] = Answer(Result(Progress.OPEN, known.ticket))
            continue
        cards: tuple[GivenCard, ...] = ()
        if progress is Progress.DONE and known.ticket.wants is Wants.CARDS:
            channel = channels[known.store_id]
            cards = await open_cards(tx, tenant_id, known, ours, channel=channel, keyrings=keyrings)
            if len(cards) != known.ticket.quantity:  # a refund took some back
                said[known.id] = Answer(Result(Progress.OPEN, known.ticket))
                continue
        result = Result(progress, known.ticket, cards=cards, failure=failure)
        said[known.id] = Answer(result)
        if known.step in {Step.TAKEN, Step.SENT}:
            leased.append(known.id)
            row = replace(known, doubt=True, next_at=until, failed=failure)
            said[known.id] = Answer(result, row, known.doubt)
            if failure is not None and known.failed is None:
                await move(tx, tenant_id, known.id, failed=failure.value)
    await move_all(tx, tenant_id, leased, doubt=True, said="", next_at=until)
    return said


async def our_lines(tx: Tx, tenant_id: int, known: KnownOrder) -> list[Line]:
    """The lines of our order; none where it isn't one of ours."""
    if known.order_id is None:
        return []
    return (await lines_of_orders(tx, tenant_id, [known.order_id]))[known.order_id]


async def sends_cards(tx: Tx, tenant_id: int, known: KnownOrder) -> bool:
    """Whether the cards leave by the platform, as the order's listings say."""
    names = [(known.store_id, line.item_id, line.sku_id) for line in known.lines]
    found = await listings_by_name(tx, tenant_id, names)
    return all(each.sends_card for each in found.values())


async def open_cards(
    tx: Tx,
    tenant_id: int,
    known: KnownOrder,
    lines: Sequence[Line],
    *,
    channel: str,
    keyrings: Keyrings,
) -> tuple[GivenCard, ...]:
    """Open an order's cards for its buyer; that they are seen is written down first."""
    cards = await reveal(
        tx,
        tenant_id,
        "system",
        line_ids=[line.line_id for line in lines],
        reason="sent to the buyer",
        recipient=f"{channel}:{known.number}",
        keyrings=keyrings,
    )
    expiry = await expiry_of_lots(tx, tenant_id, {card.lot_id for card in cards})
    return tuple(
        GivenCard(
            CardText(card.secret.number, card.secret.password, card.secret.url),
            expiry.get(card.lot_id),
        )
        for card in cards
    )


async def put_aside(tx: Tx, tenant_id: int, said: Answer, why: str) -> None:
    """Leave an order whose answer can't be written to a person, unless it has moved on meanwhile.

    Locks: the order.
    """
    if said.leased is not None:
        aside = Advance(said.leased, Step.TROUBLE, said=why, doubt=said.doubted)
        await advance_all(tx, tenant_id, [aside])


async def note_failed(
    tx: Tx, tenant_id: int, leased: KnownOrder, why: Failure, *, channel: str, at: datetime
) -> None:
    """Note that a platform knows of a failure: it has refunded its buyer.

    Our books are told as of any refund.
    Locks: the refund, then the order. Raises: Overtaken.
    """
    refund = ShopRefund(
        f"{leased.number}:failed", leased.number, "", ShopRefundState.DONE, leased.paid_e4, at
    )
    await see_refunds(tx, tenant_id, leased.store_id, [refund])
    ended = Advance(leased, Step.ENDED, said=why.value, doubt=False)
    if not await advance_all(tx, tenant_id, [ended]):
        raise Overtaken
    await move(tx, tenant_id, leased.id, shop_state=ShopState.CLOSED)
    facts = {"channel": channel, "number": leased.number, "why": why.value}
    await record(
        tx, tenant_id, "system", [Event("order.failed", leased.order_id or leased.id, facts)]
    )
