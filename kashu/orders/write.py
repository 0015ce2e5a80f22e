"""Write: submissions become orders, cards and answers in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from kashu.access.keyring import Keyrings
from kashu.catalog.reads import skus_by_code
from kashu.channels.reads import stores_by_code
from kashu.core.clock import day_of
from kashu.core.db import Tx
from kashu.core.errors import KashuError
from kashu.customers.reads import customers_by_code
from kashu.orders.answers import OrderAnswer, OrdersAnswer, answer_of, cards_in, fill_in
from kashu.orders.bodies import Known, Named, OrdersBody, read_orders
from kashu.orders.errors import KeyReused
from kashu.orders.fulfil import fulfil
from kashu.orders.order import NewOrder
from kashu.orders.requests import Remembered, remember, remembered
from kashu.stock.reveal import reveal, reveal_cards
from kashu.stock.secret import CardSecret


@dataclass(frozen=True, slots=True)
class Submission:
    """One request for orders. (caller, key) names it."""

    caller: str
    key: str
    body_hash: bytes
    body: OrdersBody
    store: str  # the code of the store that orders belong to which name none
    customer: str | None


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
) -> list[Answered | KashuError]:
    """Take submissions as one batch; return an answer or what is wrong with it for each, in order.

    A submission that is wrong takes nothing from the others. The answers must not leave before
    `tx` is committed: the reveals that they rest on are written in it.
    Locks: see fulfil(), then the idempotency keys.
    """
    before = await remembered(tx, tenant_id, [(each.caller, each.key) for each in submissions])
    known = await _known(tx, tenant_id, [s for s in submissions if (s.caller, s.key) not in before])
    results: dict[int, Answered | KashuError] = {}
    orders: list[NewOrder] = []
    spans: dict[int, slice] = {}
    for n, each in enumerate(submissions):
        earlier = before.get((each.caller, each.key))
        try:
            if earlier is not None:
                results[n] = await _replay(tx, tenant_id, each, earlier, keyrings)
                continue
            read = read_orders(
                each.body.orders,
                known,
                actor=each.caller,
                at=at,
                store=each.store,
                customer=each.customer,
            )
        except KashuError as wrong:
            results[n] = wrong
            continue
        spans[n] = slice(len(orders), len(orders) + len(read))
        orders += read
    if orders:
        outcomes = await fulfil(tx, tenant_id, orders, day_of(at, timezone))
        cards: dict[UUID, list[UUID]] = {}
        secrets: dict[UUID, CardSecret] = {}
        wanted = {
            line.line_id: submissions[n].caller
            for n, span in spans.items()
            if submissions[n].body.deliver == "answer"
            for outcome in outcomes[span]
            if outcome.new
            for line in outcome.lines
            if line.delivered
        }
        for caller in dict.fromkeys(wanted.values()):
            opened = await reveal(
                tx,
                tenant_id,
                caller,
                line_ids=[line_id for line_id, whose in wanted.items() if whose == caller],
                reason="order answered",
                recipient=caller,
                keyrings=keyrings,
            )
            for card in opened:
                assert card.line_id is not None, "these cards were revealed by line"
                cards.setdefault(card.line_id, []).append(card.card_id)
                secrets[card.card_id] = card.secret
        fresh = []
        for n, span in spans.items():
            answer = OrdersAnswer(_answers(submissions[n], outcomes[span], cards))
            fresh.append(_remembered(submissions[n], answer))
            mine = {card_id: secrets[card_id] for card_id in cards_in(answer)}
            results[n] = Answered(msgspec.json.encode(fill_in(answer, mine)), replayed=False)
        await remember(tx, tenant_id, fresh)
    return [results[n] for n in range(len(submissions))]


def _answers(
    submission: Submission, outcomes: Sequence[object], cards: dict[UUID, list[UUID]]
) -> tuple[OrderAnswer, ...]:
    answers = []
    for body, outcome in zip(submission.body.orders, outcomes, strict=True):
        asked = [(line.sku, line.quantity) for line in body.lines]
        answers.append(answer_of(outcome, body.external_id, asked, cards))
    return tuple(answers)


def _remembered(submission: Submission, answer: OrdersAnswer) -> Remembered:
    return Remembered(
        submission.caller, submission.key, submission.body_hash, msgspec.json.encode(answer)
    )


async def _replay(
    tx: Tx, tenant_id: int, submission: Submission, earlier: Remembered, keyrings: Keyrings
) -> Answered:
    """Give the same answer again; its cards are opened anew, and that is written down too."""
    if earlier.body_hash != submission.body_hash:
        raise KeyReused
    answer = msgspec.json.decode(earlier.answer, type=OrdersAnswer)
    wanted = cards_in(answer)
    secrets = {}
    if wanted:
        opened = await reveal_cards(
            tx,
            tenant_id,
            submission.caller,
            card_ids=wanted,
            reason="answer replayed",
            recipient=submission.caller,
            keyrings=keyrings,
        )
        secrets = {card.card_id: card.secret for card in opened}
    return Answered(msgspec.json.encode(fill_in(answer, secrets)), replayed=True)


async def _known(tx: Tx, tenant_id: int, submissions: Sequence[Submission]) -> Known:
    """Look up every code that the submissions name, once."""
    bodies = [body for each in submissions for body in each.body.orders]
    skus = {line.sku for body in bodies for line in body.lines}
    stores = {body.store for body in bodies if body.store} | {each.store for each in submissions}
    buyers = {body.customer for body in bodies if body.customer}
    buyers |= {each.customer for each in submissions if each.customer}
    return Known(
        await skus_by_code(tx, tenant_id, sorted(skus)) if skus else {},
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
    )
