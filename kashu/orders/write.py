"""Write: submissions become orders, cards and answers in one transaction."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from uuid import UUID

import msgspec

from kashu.access.keyring import Keyrings
from kashu.catalog.bundles import bundles_of
from kashu.catalog.reads import skus_by_code
from kashu.channels.reads import stores_by_code
from kashu.core.clock import day_of
from kashu.core.db import Tx
from kashu.core.errors import KashuError
from kashu.core.sql import in_flight
from kashu.customers.reads import customers_by_code
from kashu.orders.agents import lists_of, uncovered
from kashu.orders.answers import OrderAnswer, OrdersAnswer, answer_of, cards_in, fill_in
from kashu.orders.bodies import OWN, Known, Named, OrdersBody, Own, read_orders
from kashu.orders.errors import KeyReused
from kashu.orders.fulfil import fulfil
from kashu.orders.order import LineOutcome, NewOrder, OrderOutcome
from kashu.orders.requests import Remembered, remember, remembered
from kashu.stock.kinds import ANSWERED
from kashu.stock.reveal import Revealed, open_answered, reveal_cards, reveal_held


@dataclass(frozen=True, slots=True)
class Submission:
    """One request for orders. (caller, key) names it."""

    caller: str
    key: str
    body_hash: bytes
    body: OrdersBody
    own: Own = OWN


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer's bytes, with the cards in clear. `replayed`: it was given before."""

    content: bytes
    replayed: bool


async def write(
    tx: Tx,
    tenant_id: int,
    submissions: Sequence[Submission],
    *,
    keyrings: Keyrings,
    timezone: str,
    at: datetime,
) -> list[Answered | Remembered | KashuError]:
    """Take submissions as one batch; return an answer or what is wrong with it for each, in order.

    For one that was answered before it returns what is remembered, for replay() in a transaction
    of its own. A submission that is wrong takes nothing from the others. The answers must not
    leave before `tx` is committed: the reveals that they rest on are written in it.
    Locks: see fulfil(), then the idempotency keys.
    """
    before = await remembered(tx, tenant_id, [(each.caller, each.key) for each in submissions])
    fresh = [each for each in submissions if (each.caller, each.key) not in before]
    known = await known_to(tx, tenant_id, fresh, at)
    results, requests = _read(submissions, before, known, at)
    results |= (refused := await uncovered(tx, tenant_id, requests))
    taken = {n: (submissions[n], read) for n, read in requests.items() if n not in refused}
    if taken:
        today = day_of(at, timezone)
        results |= await _fulfil(
            tx, tenant_id, taken, keyrings=keyrings, today=today, codes=known.codes
        )
    return [results[n] for n in range(len(submissions))]


def _read(
    submissions: Sequence[Submission],
    before: Mapping[tuple[str, str], Remembered],
    known: Known,
    at: datetime,
) -> tuple[dict[int, Answered | Remembered | KashuError], dict[int, list[NewOrder]]]:
    """Read each submission: what it is answered already, or the orders that it brings."""
    results: dict[int, Answered | Remembered | KashuError] = {}
    requests: dict[int, list[NewOrder]] = {}
    for n, each in enumerate(submissions):
        earlier = before.get((each.caller, each.key))
        if earlier is not None:
            results[n] = earlier if earlier.body_hash == each.body_hash else KeyReused()
            continue
        try:
            requests[n] = read_orders(
                each.body.orders,
                known,
                actor=each.caller,
                at=at,
                own=each.own,
                reader=each.caller if each.body.deliver == "answer" else None,
            )
        except KashuError as wrong:
            results[n] = wrong
    return results, requests


async def _fulfil(
    tx: Tx,
    tenant_id: int,
    requests: Mapping[int, tuple[Submission, Sequence[NewOrder]]],
    *,
    keyrings: Keyrings,
    today: date,
    codes: Mapping[UUID, str],
) -> dict[int, Answered]:
    """Fulfil the orders of some requests together, and answer each of them."""
    orders = [order for _, read in requests.values() for order in read]
    typed = any(line.account is not None for order in orders for line in order.lines)
    keyring = await keyrings.of(tx, tenant_id) if typed else None
    async with in_flight(tx):
        outcomes = iter(await fulfil(tx, tenant_id, orders, today, keyring=keyring))
    parts = {
        n: (submission, read, list(islice(outcomes, len(read))))
        for n, (submission, read) in requests.items()
    }
    cards = await _cards_that_leave(tx, tenant_id, list(parts.values()), keyrings)
    results, fresh = {}, []
    for n, (submission, taken, came_of_it) in parts.items():
        answer = OrdersAnswer(_answers(taken, came_of_it, cards, codes))
        fresh.append(_remembered(submission, answer))
        secrets = {
            card.card_id: card.secret
            for outcome in came_of_it
            for line in outcome.lines
            for card in cards.get(line.line_id, ())
        }
        results[n] = Answered(msgspec.json.encode(fill_in(answer, secrets)), replayed=False)
    await remember(tx, tenant_id, fresh)
    return results


async def _cards_that_leave(
    tx: Tx,
    tenant_id: int,
    parts: Sequence[tuple[Submission, Sequence[NewOrder], Sequence[OrderOutcome]]],
    keyrings: Keyrings,
) -> dict[UUID, list[Revealed]]:
    """Open the cards of new orders whose answers shall carry them; return them by line.

    Their SKUs are held since they were allocated.
    """
    leaving = [
        (submission.caller, ordered.sku_id, line)
        for submission, orders, outcomes in parts
        if submission.body.deliver == "answer"
        for order, outcome in zip(orders, outcomes, strict=True)
        if outcome.new
        for ordered, line in zip(order.lines, outcome.lines, strict=True)
        if line.delivered
    ]
    cards: dict[UUID, list[Revealed]] = defaultdict(list)
    if leaving:
        lines = [line.line_id for _, _, line in leaving]
        for card in await open_answered(tx, tenant_id, lines, keyrings):
            cards[_line_of(card)].append(card)
    unseen: dict[str, list[tuple[UUID, LineOutcome]]] = defaultdict(list)
    for caller, sku_id, line in leaving:  # shared and promised cards are not seen as they are given
        if len(cards[line.line_id]) < line.delivered:
            cards[line.line_id].clear()
            unseen[caller].append((sku_id, line))
    for caller, of_caller in unseen.items():
        for card in await reveal_held(
            tx,
            tenant_id,
            caller,
            line_ids=[line.line_id for _, line in of_caller],
            sku_ids=list({sku_id for sku_id, _ in of_caller}),
            count=sum(line.delivered for _, line in of_caller),
            reason=ANSWERED,
            recipient=caller,
            keyrings=keyrings,
        ):
            cards[_line_of(card)].append(card)
    return cards


def _line_of(card: Revealed) -> UUID:
    assert card.line_id is not None, "these cards were revealed by line"
    return card.line_id


def _answers(
    orders: Sequence[NewOrder],
    outcomes: Sequence[OrderOutcome],
    cards: Mapping[UUID, Sequence[Revealed]],
    codes: Mapping[UUID, str],
) -> tuple[OrderAnswer, ...]:
    answers = []
    for order, outcome in zip(orders, outcomes, strict=True):
        sent = [(codes[line.sku_id], line.quantity, line.price_e4) for line in order.lines]
        there = [(line.sku, line.quantity, line.price_e4) for line in outcome.asked]
        lines = sent if outcome.new else there
        answers.append(
            answer_of(
                outcome,
                order.external_id,
                [(sku, quantity) for sku, quantity, _ in lines],
                {
                    line.line_id: [card.card_id for card in cards.get(line.line_id, ())]
                    for line in outcome.lines
                    if outcome.new
                },
                differs=not outcome.new and sent != there,
            )
        )
    return tuple(answers)


def _remembered(submission: Submission, answer: OrdersAnswer) -> Remembered:
    return Remembered(
        submission.caller, submission.key, submission.body_hash, msgspec.json.encode(answer)
    )


async def replay(tx: Tx, tenant_id: int, earlier: Remembered, keyrings: Keyrings) -> Answered:
    """Give the same answer again; its cards are opened anew, and that is written down too."""
    answer = msgspec.json.decode(earlier.answer, type=OrdersAnswer)
    wanted = cards_in(answer)
    secrets = {}
    if wanted:
        opened = await reveal_cards(
            tx,
            tenant_id,
            earlier.caller,
            card_ids=wanted,
            reason="answer replayed",
            recipient=earlier.caller,
            keyrings=keyrings,
        )
        secrets = {card.card_id: card.secret for card in opened}
    return Answered(msgspec.json.encode(fill_in(answer, secrets)), replayed=True)


async def known_to(
    tx: Tx, tenant_id: int, submissions: Sequence[Submission], at: datetime
) -> Known:
    """Look up every code that the submissions name, once."""
    bodies = [body for each in submissions for body in each.body.orders]
    skus = {line.sku for body in bodies for line in body.lines}
    stores = {body.store for body in bodies if body.store} | {
        each.own.store for each in submissions
    }
    buyers = {body.customer for body in bodies if body.customer}
    buyers |= {each.own.customer for each in submissions if each.own.customer}
    bound = {each.own.customer or "" for each in submissions if each.own.bound_customer}
    found = await skus_by_code(tx, tenant_id, sorted(skus)) if skus else {}
    return Known(
        found,
        {
            code: Named(store.id, store.state == "open", store.partial_allowed)
            for code, store in (
                await stores_by_code(tx, tenant_id, sorted(stores)) if stores else {}
            ).items()
        },
        {
            code: Named(customer.id, open=True, partial_allowed=customer.partial_allowed)
            for code, customer in (
                await customers_by_code(tx, tenant_id, sorted(buyers)) if buyers else {}
            ).items()
        },
        await bundles_of(tx, tenant_id, found.values()),
        await lists_of(tx, tenant_id, sorted(bound), at),
    )
