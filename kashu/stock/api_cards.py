"""HTTP of cards: find them, see what happened to them, reveal them, take them out of stock."""

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from kashu.access.caller import Caller
from kashu.access.errors import KeyIsBound
from kashu.access.guards import problems, requires
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.clock import day_of, now
from kashu.core.db import Database, Tx
from kashu.core.errors import Invalid
from kashu.core.money import format_amount
from kashu.stock.names import Names, names
from kashu.stock.quarantine import quarantine
from kashu.stock.questions import Where, note_question, unknown_so_far
from kashu.stock.quota import quota_of
from kashu.stock.reads import (
    FOUND_MAX,
    HISTORY_MAX,
    CardShown,
    card_history,
    cards_by_tail,
    cards_by_value,
    cards_of_lines,
    cards_of_lot,
)
from kashu.stock.reveal import Revealed, reveal_cards
from kashu.stock.shapes import (
    CardHistory,
    CardInClear,
    CardOut,
    CardPage,
    CardSearch,
    CardsInClear,
    HistoryStep,
    MovedOut,
    MoveOut,
    RevealCards,
    moved_out,
)
from kashu.stock.tables import CardState
from kashu.stock.void import void


class OneOfThese(Invalid):
    """A request named none, or more than one, of what it must name one of."""

    code = "one_of_these"
    zh = "请且仅请填写其中一项：{fields}。"
    en = "Give one of these and only one: {fields}."


def one_of(**given: object) -> None:
    """Refuse unless exactly one of these is given. Raises: OneOfThese."""
    if sum(bool(value) for value in given.values()) != 1:
        raise OneOfThese(fields=", ".join(given))


@post(
    "/v1/stock/cards/search",
    operation_id="searchCards",
    guards=[requires(Permission.STOCK_READ)],
    status_code=200,
)
async def search_cards(
    data: JSONBody[CardSearch],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> CardPage:
    """Find cards by whole value, by last characters, by order line or by lot; always masked.

    Asking about a value is on record: how many were found, never which value it was.
    """
    one_of(value=data.value, tail=data.tail, line_id=data.line_id, lot_id=data.lot_id)
    async with database.transaction(caller.tenant_id) as tx:
        found = await _search(tx, caller, data, keyrings)
        called = await names(tx, caller, named_by(found))
    more = found[-1].id if data.lot_id and len(found) == FOUND_MAX else None
    return CardPage([card_out(caller, card, called) for card in found], more)


async def _search(tx: Tx, caller: Caller, data: CardSearch, keyrings: Keyrings) -> list[CardShown]:
    """Find what was asked for. Raises: CardQuestionsUsed."""
    tenant_id = caller.tenant_id
    if data.value:
        await unknown_so_far(tx, caller)
        keyring = await keyrings.of(tx, tenant_id)
        found = await cards_by_value(tx, tenant_id, keyring, data.value)
        ours = bool(found)
        await note_question(
            tx, caller, Where.SEARCH, values=1, found=int(ours), unknown=int(not ours)
        )
        return found
    if data.tail:
        return await cards_by_tail(tx, tenant_id, data.tail)
    if data.line_id:
        return await cards_of_lines(tx, tenant_id, [data.line_id])
    assert data.lot_id, "one of them was given"
    return await cards_of_lot(tx, tenant_id, data.lot_id, after=data.after)


@get(
    "/v1/stock/cards/{card_id:uuid}/history",
    operation_id="readCardHistory",
    guards=[requires(Permission.STOCK_READ)],
    responses=problems(404),
)
async def read_history(
    card_id: FromPath[UUID], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> CardHistory:
    """Tell how a card came and what happened to it: moved, given, seen, taken back.

    Of a card that many share, the latest 1 000 of it: then it isn't `whole`.
    """
    async with database.transaction(caller.tenant_id) as tx:
        told = await card_history(tx, caller.tenant_id, card_id)
        called = await names(tx, caller, (), [step.actor for step in told])
    return CardHistory(
        card_id,
        [
            HistoryStep(
                step.at,
                step.kind,
                step.actor,
                called.by(step.actor),
                step.reason,
                step.line_id,
                step.lot_id,
                facts_for(caller, step.facts),
            )
            for step in told
        ],
        len(told) < HISTORY_MAX,
    )


@post(
    "/v1/stock/cards/reveal",
    operation_id="revealCards",
    guards=[requires(Permission.STOCK_REVEAL)],
    responses=problems(404, 409),
    status_code=200,
)
async def post_reveal(
    data: JSONBody[RevealCards],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> CardsInClear:
    """Show some cards in clear; who saw them, when and why is written down first.

    With `burn`, which takes the permission stock.move too, also cards in stock: they leave it.
    """
    if caller.bound:
        raise KeyIsBound  # it sees the cards of its own orders, with them
    if data.burn:
        caller.require(Permission.STOCK_MOVE)
    async with database.transaction(caller.tenant_id) as tx:
        seen = await reveal_cards(
            tx,
            caller.tenant_id,
            caller.actor,
            card_ids=data.card_ids,
            reason=data.reason,
            recipient=caller.actor,
            keyrings=keyrings,
            quota=quota_of(caller.actor, caller.timezone),
            burn=data.burn,
        )
    return CardsInClear([_in_clear(card) for card in seen])


@post(
    "/v1/stock/cards/quarantine",
    operation_id="quarantineCards",
    guards=[requires(Permission.STOCK_MOVE)],
    responses=problems(404, 409),
    status_code=200,
)
async def post_quarantine(
    data: JSONBody[MoveOut],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> MovedOut:
    """Take doubtful cards out of sale for good; they can then become void or go back."""
    one_of(card_ids=data.card_ids, lot_ids=data.lot_ids)
    async with database.transaction(caller.tenant_id) as tx:
        left = await quarantine(
            tx,
            caller.tenant_id,
            caller.actor,
            card_ids=data.card_ids,
            lot_ids=data.lot_ids,
            reason=data.reason,
        )
    return moved_out(left)


@post(
    "/v1/stock/cards/void",
    operation_id="voidCards",
    guards=[requires(Permission.STOCK_MOVE)],
    responses=problems(404, 409),
    status_code=200,
)
async def post_void(
    data: JSONBody[MoveOut],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> MovedOut:
    """Write off dead or expired cards, available or quarantined; their cost is a loss."""
    one_of(card_ids=data.card_ids, lot_ids=data.lot_ids)
    async with database.transaction(caller.tenant_id) as tx:
        left = await void(
            tx,
            caller.tenant_id,
            caller.actor,
            card_ids=data.card_ids,
            lot_ids=data.lot_ids,
            reason=data.reason,
            today=day_of(now(), caller.timezone),
        )
    return moved_out(left)


def cost_for(caller: Caller, unit_cost_e4: int) -> str | None:
    """Write a cost for who may see costs."""
    return format_amount(unit_cost_e4) if caller.may(Permission.REPORTS_READ) else None


_COSTS: Final = frozenset({"unit_cost", "next_unit_cost"})


def facts_for(caller: Caller, facts: dict[str, Any]) -> dict[str, Any]:
    """Leave the cost out of a choice's facts for who may not see costs."""
    if caller.may(Permission.REPORTS_READ):
        return facts
    return {name: fact for name, fact in facts.items() if name not in _COSTS}


def _in_clear(seen: Revealed) -> CardInClear:
    secret = seen.secret
    return CardInClear(
        seen.card_id, seen.line_id, seen.sku_id, secret.number, secret.password, secret.url
    )


_MOVES: Final[dict[CardState, Sequence[str]]] = {
    CardState.AVAILABLE: ("check", "quarantine", "void", "return", "transfer"),
    CardState.RESERVED: (),
    CardState.ALLOCATED: ("reveal",),
    CardState.REVEALED: ("reveal",),
    CardState.REDEEMED: ("reveal",),
    CardState.QUARANTINED: ("reveal", "void", "return"),
    CardState.VOID: ("reveal",),
    CardState.RETURNED: ("reveal",),
}


def _can(caller: Caller, card: CardShown) -> Sequence[str]:
    """Say what a caller may do with a card: "check" is to reveal it with `burn`."""
    may_see, may_move = caller.may(Permission.STOCK_REVEAL), caller.may(Permission.STOCK_MOVE)
    allowed = {
        "reveal": may_see,
        "check": may_see and may_move,
        "transfer": may_move and not card.shared,
    }
    return [move for move in _MOVES[CardState(card.state)] if allowed.get(move, may_move)]


def named_by(cards: Iterable[CardShown]) -> set[UUID]:
    """Say what some cards name by id, to be called as people do."""
    return {id_ for card in cards for id_ in (card.sku_id, card.warehouse_id, card.supplier_id)}


def card_out(caller: Caller, card: CardShown, called: Names) -> CardOut:
    """Show a card, masked."""
    return CardOut(
        id=card.id,
        sku=called.of(card.sku_id),
        warehouse=called.of(card.warehouse_id),
        supplier=called.of(card.supplier_id),
        sku_id=card.sku_id,
        lot_id=card.lot_id,
        warehouse_id=card.warehouse_id,
        supplier_id=card.supplier_id,
        state=card.state,
        tail=card.tail,
        shared=card.shared,
        frozen=card.frozen,
        sold_elsewhere=card.sold_elsewhere,
        max_uses=card.max_uses,
        expires_on=card.expires_on,
        unit_cost=cost_for(caller, card.unit_cost_e4),
        reservation_id=card.reservation_id,
        line_id=card.line_id,
        allocated_at=card.allocated_at,
        revealed_at=card.revealed_at,
        can=_can(caller, card),
    )


routes: Final = (
    search_cards,
    read_history,
    post_reveal,
    post_quarantine,
    post_void,
)
