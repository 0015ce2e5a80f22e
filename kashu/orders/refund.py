"""Refund and cancel: give back, in whatever order the news arrives, once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec

from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.money import format_amount
from kashu.core.sql import Statement
from kashu.customers.agents import move_wallets
from kashu.ledger.post import Transfer, post
from kashu.ledger.reads import earned_by_supplier
from kashu.orders.books import CameBack, kept
from kashu.orders.books import refund as refund_transfers
from kashu.orders.buying import stop_buying
from kashu.orders.errors import (
    NothingLeftToRefund,
    RefundDiffers,
    RefundLineTwice,
    RefundLineUnknown,
    RefundOfNothing,
    RefundTooLarge,
)
from kashu.orders.line_shares import Shares
from kashu.orders.settle import Standing, lines_of, settle
from kashu.orders.topups_lost import topups_lost
from kashu.stock.hold import hold
from kashu.stock.release import release


class WantedLine(msgspec.Struct, frozen=True):
    """Give back `quantity` units of a line (0: only money) and `amount_e4` (None: their share)."""

    number: int
    quantity: int
    amount_e4: int | None = None


class Wanted(msgspec.Struct, frozen=True):
    """What is to be given back. No lines: all of the order."""

    lines: tuple[WantedLine, ...] = ()
    unseen_only: bool = False  # a cancellation: what somebody has seen stays theirs

    @property
    def is_nothing(self) -> bool:
        """Neither units nor money of any line it names."""
        return bool(self.lines) and not any(line.quantity or line.amount_e4 for line in self.lines)


TOLD_MAX: Final = 10  # earlier refunds that an answer names
CANCEL = Wanted(unseen_only=True)


@dataclass(frozen=True, slots=True)
class NewRefund:
    """A refund, named by (source, external_id), of the order (source, order_external_id)."""

    source: str
    external_id: str
    order_external_id: str
    wanted: Wanted

    @property
    def numbered_by(self) -> str:
        """Whose numbers its own is one of.

        Cancellations have theirs apart: nobody's refund can take such a number beforehand.
        """
        return f"cancel:{self.source}" if self.wanted.unseen_only else self.source


@dataclass(frozen=True, slots=True)
class RefundOutcome:
    """What a refund did. `state` foretold: its order hasn't come; nothing of it will be given."""

    refund_id: UUID
    order_id: UUID
    new: bool
    state: str
    amount_e4: int
    effect: Any


@dataclass(frozen=True, slots=True)
class _Known:
    order_id: UUID
    state: str


@dataclass(frozen=True, slots=True)
class _Stored:
    refund_id: UUID
    order_id: UUID
    state: str
    amount_e4: int
    effect: Any
    wanted: Any


@dataclass(frozen=True, slots=True)
class _Before:
    number: str
    amount_e4: int


@dataclass(frozen=True, slots=True)
class _Done:
    id: UUID


_foretell = Statement(__file__, "refund_foretell.sql", _Done)
_lock_order = Statement(__file__, "refund_lock_order.sql", _Known)
_write = Statement(__file__, "refund_write.sql", _Done)
_stored = Statement(__file__, "refund_stored.sql", _Stored)
_before = Statement(__file__, "refund_before.sql", _Before)
_took_effect = Statement(__file__, "refund_took_effect.sql", _Done)


async def refund(
    tx: Tx, tenant_id: int, actor: str, wanted: NewRefund, today: date
) -> RefundOutcome:
    """Give back units and money of an order; the same refund twice has one effect.

    A refund whose order hasn't come is kept: when the order comes, that much of it is never given.
    Unseen cards become stock again where the SKU allows; seen ones are quarantined, a loss.
    A refund that would give back nothing is refused; a cancellation may find nothing to take back.
    Locks: the order, then its SKUs' levels in order, last its agent's wallet.
    Raises: RefundTooLarge, RefundLineUnknown, RefundLineTwice, RefundDiffers, RefundOfNothing,
    NothingLeftToRefund; the transaction must then be given up.
    """
    numbers = [line.number for line in wanted.wanted.lines]
    if len(set(numbers)) < len(numbers):
        raise RefundLineTwice
    name = {"source": wanted.source, "external_id": wanted.order_external_id}
    await _foretell(tx, tenant=tenant_id, id=new_id(), **name)
    order = (await _lock_order(tx, tenant=tenant_id, **name))[0]
    refund_id = new_id()
    fresh = await _write(
        tx,
        tenant=tenant_id,
        id=refund_id,
        order_id=order.order_id,
        source=wanted.numbered_by,
        external_id=wanted.external_id,
        state="foretold" if order.state == "foretold" else "settled",
        wanted=msgspec.json.encode(wanted.wanted).decode(),
        actor=actor,
    )
    if not fresh:
        return await _as_before(tx, tenant_id, wanted, order.order_id)
    if wanted.wanted.is_nothing:
        raise RefundOfNothing
    if order.state == "foretold":
        await record(tx, tenant_id, actor, [Event("order.refund_foretold", order.order_id)])
        return RefundOutcome(refund_id, order.order_id, True, "foretold", 0, {})  # noqa: FBT003
    skus = {line.sku_id for line in await lines_of(tx, tenant=tenant_id, order_id=order.order_id)}
    await hold(tx, tenant_id, skus)
    lines = await lines_of(tx, tenant=tenant_id, order_id=order.order_id)
    if not (wanted.wanted.unseen_only or any(_has_some_left(line) for line in lines)):
        before = await _before(tx, tenant=tenant_id, order_id=order.order_id, except_id=refund_id)
        raise _nothing_left(wanted, lines, before)
    effect, back_e4 = await _give_back(tx, tenant_id, actor, lines, wanted=wanted, today=today)
    if lines and lines[0].customer_id is not None:
        await move_wallets(tx, tenant_id, {lines[0].customer_id: back_e4})
    await _took_effect(
        tx,
        tenant=tenant_id,
        ids=[refund_id],
        amounts=[back_e4],
        effects=[msgspec.json.encode(effect).decode()],
        order_id=order.order_id,
        cancelled=wanted.wanted.unseen_only,
    )
    kind = "order.cancelled" if wanted.wanted.unseen_only else "order.refunded"
    facts = {"refund": wanted.external_id, "amount": format_amount(back_e4), "lines": effect}
    await record(tx, tenant_id, actor, [Event(kind, order.order_id, facts)])
    return RefundOutcome(refund_id, order.order_id, True, "settled", back_e4, effect)  # noqa: FBT003


async def _as_before(tx: Tx, tenant_id: int, wanted: NewRefund, order_id: UUID) -> RefundOutcome:
    """The refund was told before: the same answer, or a conflict if it says something else."""
    stored = (
        await _stored(
            tx, tenant=tenant_id, source=wanted.numbered_by, external_id=wanted.external_id
        )
    )[0]
    if stored.order_id != order_id or msgspec.convert(stored.wanted, Wanted) != wanted.wanted:
        raise RefundDiffers(refund=wanted.external_id)
    return RefundOutcome(
        stored.refund_id,
        stored.order_id,
        new=False,
        state=stored.state,
        amount_e4=stored.amount_e4,
        effect=stored.effect,
    )


def _has_some_left(line: Standing) -> bool:
    return bool(line.waiting + line.delivered or line.unearned_e4 + line.earned_e4)


def _nothing_left(
    wanted: NewRefund, lines: Sequence[Standing], before: Sequence[_Before]
) -> NothingLeftToRefund:
    told = [f"{each.number} {format_amount(each.amount_e4)}" for each in before[-TOLD_MAX:]]
    return NothingLeftToRefund(
        order=wanted.order_external_id,
        units=sum(line.refunded + line.refused for line in lines),
        amount=format_amount(sum(line.refunded_e4 for line in lines)),
        refunds="; ".join(told) or "–",
    )


def asked_of(lines: Sequence[Standing], wanted: Wanted) -> dict[UUID, WantedLine]:
    """What is wanted of each line, checked against what it has left.

    Raises: RefundLineUnknown, RefundTooLarge.
    """
    by_number = {line.number: line for line in lines}
    if not wanted.lines:
        return {
            line.line_id: WantedLine(
                line.number,
                line.waiting + line.delivered,
                # All of its money, too: an earlier refund may have given back more units than that.
                None if wanted.unseen_only else line.unearned_e4 + line.earned_e4,
            )
            for line in lines
        }
    asked = {}
    for want in wanted.lines:
        line = by_number.get(want.number)
        if line is None:
            raise RefundLineUnknown(line=want.number)
        left, left_e4 = line.waiting + line.delivered, line.unearned_e4 + line.earned_e4
        if want.quantity > left or (want.amount_e4 or 0) > left_e4:
            raise RefundTooLarge(line=want.number, units=left, amount=format_amount(left_e4))
        asked[line.line_id] = want
    return asked


async def _give_back(
    tx: Tx,
    tenant_id: int,
    actor: str,
    lines: Sequence[Standing],
    *,
    wanted: NewRefund,
    today: date,
) -> tuple[list[dict[str, Any]], int]:
    """Take units from what waits first, then from what was delivered; book what comes of it."""
    asked = asked_of(lines, wanted.wanted)
    touched = [line for line in lines if line.line_id in asked]
    forgone = {line.line_id: min(asked[line.line_id].quantity, line.waiting) for line in touched}
    came_back = await _take_cards(
        tx,
        tenant_id,
        actor,
        {line_id: want.quantity - forgone[line_id] for line_id, want in asked.items()},
        wanted=wanted,
    )
    if not wanted.wanted.unseen_only:
        units = {id_: want.quantity - forgone[id_] for id_, want in asked.items()}
        for line_id, lost in (await topups_lost(tx, tenant_id, units)).items():
            came_back[line_id] += lost
    earned = await earned_by_supplier(tx, tenant_id, [line.line_id for line in touched])
    transfers: list[Transfer] = []
    stands: dict[UUID, Shares] = {}
    effect: list[dict[str, Any]] = []
    for line in touched:
        cards = came_back[line.line_id]
        after, booked = _after(
            line,
            forgone[line.line_id],
            cards,
            amount_e4=asked[line.line_id].amount_e4,
            earned=earned[line.line_id],
        )
        stands[line.line_id] = after
        transfers += booked
        effect.append(
            {
                "line": line.number,
                "units": after.refunded - line.refunded,
                "amount": format_amount(after.refunded_e4 - line.refunded_e4),
                "restocked": sum(card.count for card in cards if card.restocked),
                "burnt": sum(card.count for card in cards if not card.restocked),
            }
        )
    await settle(tx, tenant_id, stands)
    await post(tx, tenant_id, transfers, posted_on=today)
    forgone_whole = [id_ for id_, units in forgone.items() if units and not stands[id_].waiting]
    await stop_buying(tx, tenant_id, forgone_whole)
    back_e4 = sum(stands[line.line_id].refunded_e4 - line.refunded_e4 for line in touched)
    return effect, back_e4


async def _take_cards(
    tx: Tx, tenant_id: int, actor: str, units: dict[UUID, int], *, wanted: NewRefund
) -> dict[UUID, list[CameBack]]:
    """Take so many cards back from lines; return what came back, by line and lot."""
    came_back: dict[UUID, list[CameBack]] = {line_id: [] for line_id in units}
    for card in await release(
        tx,
        tenant_id,
        actor,
        line_units=[(line_id, count) for line_id, count in units.items() if count],
        because=f"refund {wanted.external_id}",
        unseen_only=wanted.wanted.unseen_only,
    ):
        came_back[card.line_id].append(
            CameBack(
                card.warehouse_id,
                card.supplier_id,
                card.unit_cost_e4,
                card.count,
                restocked=card.returned_to_stock,
            )
        )
    return came_back


def _after(
    line: Standing,
    forgone: int,
    cards: Sequence[CameBack],
    *,
    amount_e4: int | None,
    earned: Mapping[UUID | None, int],
) -> tuple[Shares, list[Transfer]]:
    """Work out how a line stands after `forgone` units and `cards` went back, and the transfers."""
    between = line.shares.forgo(forgone, amount_e4)
    rest_e4 = None
    if amount_e4 is not None:
        rest_e4 = amount_e4 - (between.refunded_e4 - line.refunded_e4)
    after = between.take_back(sum(card.count for card in cards), rest_e4)
    return after, [
        *kept(line.sold, between.earned_e4 - line.earned_e4),
        *refund_transfers(line.sold, between.earned_e4 - after.earned_e4, cards, earned),
    ]
