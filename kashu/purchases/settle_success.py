"""A success: the goods are taken, the money is settled exactly, what is missing is asked back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import func, select

from kashu.core.db import Tx
from kashu.purchases import books
from kashu.purchases.give import Arrived
from kashu.purchases.inputs import may_be, open_inputs
from kashu.purchases.kinds import AttemptState, PurchaseState
from kashu.purchases.moves import Case, amounts
from kashu.purchases.receive_cards import Bill, Delivery, Received, receive_all
from kashu.purchases.tables import attempts
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import Standing

SANE_TIMES: Final = 10  # of what was set aside: a charge above it isn't believed
RECEIPT_MAX: Final = 500  # characters
NOT_AS_ORDERED: Final = "not_as_ordered"
BAD_MAX: Final = 3  # orders of one purchase that brought what is no good: paid for each time
BAD_PAUSE: Final = timedelta(hours=6)
ACCOUNT_DIFFERS: Final = "account_differs"

_WAITS: Final = frozenset({PurchaseState.WANTED, PurchaseState.HELD, PurchaseState.PLACED})


def bill_of(case: Case, told: Standing) -> Bill:
    """What an order cost, as told; what can't be is not believed, and what isn't told is as set."""
    total_e4 = case.attempt.total_e4
    charged_e4 = total_e4 if told.charged_e4 is None else told.charged_e4
    if not 0 <= charged_e4 <= max(total_e4, 1) * SANE_TIMES:
        case.happened("attempt.charge_not_believed", **amounts(expected=total_e4))
        charged_e4 = total_e4
    return Bill(charged_e4, min(max(told.refunded_e4, 0), charged_e4))


@dataclass(frozen=True, slots=True)
class Brought:
    """Cards that came with a success, to be taken with the others of its transaction."""

    case: Case
    delivery: Delivery
    late: bool


async def settle_success(case: Case, told: Standing) -> list[Brought]:
    """Take what was bought, once. After we gave it up it is taken all the same, as surplus.

    Returns the cards that came, for take_deliveries(): without it nothing is settled.
    """
    if case.attempt.state is AttemptState.SUCCEEDED:
        settle_refund_after(case, told)
        return []
    late = not case.attempt.live
    is_topup = case.purchase.goods is Goods.TOPUP
    if not late and is_topup and not await _is_our_account(case, told):
        case.leave_to_people(ACCOUNT_DIFFERS)
        return []
    bill = bill_of(case, told)
    surplus = late and case.purchase.state not in {PurchaseState.WANTED, PurchaseState.HELD}
    _settle_money(case, bill, late=late)
    case.move(
        AttemptState.SUCCEEDED,
        said=told.said,
        charged_e4=bill.charged_e4,
        refunded_e4=bill.refunded_e4,
        surplus=surplus,
        receipt=told.receipt[:RECEIPT_MAX],
    )
    if not is_topup:
        delivery = Delivery(case.attempt, case.purchase, told.cards or (), bill, told.ref)
        return [Brought(case, delivery, late)]
    _settle_topup(case, bill)
    if late:
        case.happened("attempt.succeeded_late", surplus=surplus)
    return []


def _settle_money(case: Case, bill: Bill, *, late: bool) -> None:
    """Bring what is in doubt to what the supplier keeps: exactly that is accounted for next."""
    attempt = case.attempt
    if late:  # all of it had come back
        case.transfer(books.sent_more(attempt, bill.kept_e4, "purchase_came_late"))
        return
    if bill.charged_e4 > attempt.total_e4:
        more_e4 = bill.charged_e4 - attempt.total_e4
        case.transfer(books.sent_more(attempt, more_e4))
        case.happened("attempt.charged_more", **amounts(more=more_e4))
    less_e4 = max(attempt.total_e4 - bill.charged_e4, 0)
    case.transfer(books.returned(attempt, less_e4, "purchase_charged_less"))
    case.transfer(books.returned(attempt, bill.refunded_e4, "purchase_refunded"))


async def take_deliveries(tx: Tx, brought: Sequence[Brought]) -> list[Arrived]:
    """Take all cards that came into stock, and move on what they were bought for.

    Returns what is in stock now, and for whom. Under hold() of the SKUs.
    """
    if not brought:
        return []
    occasion = brought[0].case.occasion
    received = await receive_all(tx, occasion, [each.delivery for each in brought])
    arrived = []
    for each, came in zip(brought, received, strict=True):
        await _settle_cards(each, came)
        purchase = each.case.purchase
        if came.taken:
            arrived.append(Arrived(purchase.sku_id, came.taken, purchase.subject_id))
    return arrived


async def _settle_cards(brought: Brought, received: Received) -> None:
    case = brought.case
    attempt, bill = case.attempt, brought.delivery.bill
    case.cost(*received.transfers)
    case.transfer(
        books.spent(attempt, received.taken_e4),
        books.asked_back(attempt, received.asked_back_e4),
    )
    case.happened_to_it += received.happened
    case.note(received_count=received.taken, turned_away_count=received.rejected)
    missing = attempt.quantity * attempt.units - received.taken
    if received.rejected or missing > 0:
        case.happened(
            "attempt.cards_rejected",
            rejected=received.rejected,
            missing=max(missing, 0),
            reasons=list(received.reasons),
            **amounts(asked_back=received.asked_back_e4),
        )
    case.happened(
        "attempt.succeeded",
        cards=received.taken,
        **amounts(charged=bill.charged_e4, received=received.taken_e4),
    )
    await _advance(case, received.taken)
    if brought.late:
        case.happened("attempt.succeeded_late", surplus=attempt.surplus)


async def _advance(case: Case, taken: int) -> None:
    """Count what came towards what was wanted; the rest is ordered again."""
    purchase = case.purchase
    if purchase.state not in _WAITS:
        return  # it ended without this: surplus
    count = min(purchase.received_count + taken, purchase.quantity)
    if count == purchase.quantity:
        if purchase.state is PurchaseState.PLACED and case.attempt.surplus:
            return  # another order for it is under way: what that brings is what it waits for
        case.move_purchase(PurchaseState.DONE, received_count=count, said="")
        case.happened("purchase.done")
    elif not case.attempt.surplus:
        await _go_on(case, count)


async def _go_on(case: Case, count: int) -> None:
    """Order the rest; where suppliers keep sending what is no good, wait for people to look."""
    attempt, at = case.attempt, case.occasion.at
    if attempt.received_count == attempt.quantity * attempt.units:
        case.move_purchase(
            PurchaseState.WANTED, received_count=count, said="rest_wanted", next_at=at
        )
        return
    await case.write()
    found = await case.tx.execute(
        select(func.count())
        .select_from(attempts)
        .where(attempts.c.tenant_id == case.occasion.tenant_id)
        .where(attempts.c.purchase_id == case.purchase.id)
        .where(attempts.c.state == AttemptState.SUCCEEDED)
        .where(attempts.c.received_count < attempts.c.quantity * attempts.c.units)
    )
    if found.scalar_one() < BAD_MAX:
        case.move_purchase(
            PurchaseState.WANTED, received_count=count, said=NOT_AS_ORDERED, next_at=at
        )
        return
    case.move_purchase(
        PurchaseState.HELD, received_count=count, said=NOT_AS_ORDERED, next_at=at + BAD_PAUSE
    )
    case.happened("purchase.held", said=NOT_AS_ORDERED)


def _settle_topup(case: Case, bill: Bill) -> None:
    """The account has it. The cost stays in doubt until the order's line is settled with it."""
    attempt, purchase = case.attempt, case.purchase
    units = attempt.quantity * attempt.units
    case.note(received_count=units)
    case.happened("attempt.succeeded", **amounts(charged=bill.charged_e4))
    if attempt.surplus or purchase.state not in _WAITS:  # somebody else did it before: paid twice
        case.transfer(books.asked_back(attempt, bill.kept_e4, "purchase_topped_up_twice"))
        return
    count = min(purchase.received_count + units, purchase.quantity)
    if count < purchase.quantity:
        at = case.occasion.at
        case.move_purchase(
            PurchaseState.WANTED, received_count=count, said="rest_wanted", next_at=at
        )
        return
    by_hand = purchase.subject_id is None
    used_at = case.occasion.at if by_hand else None
    case.move_purchase(PurchaseState.DONE, received_count=count, said="", used_at=used_at)
    case.happened("purchase.done")
    if by_hand:  # no order's line will account for it
        case.transfer(books.spent(attempt, bill.kept_e4))
        case.cost(books.topped_up(attempt, case.purchase, bill.kept_e4))


async def _is_our_account(case: Case, told: Standing) -> bool:
    """Whether the account that they say they topped up may be the one we told them."""
    purchase = case.purchase
    if not told.account or purchase.sealed_inputs is None or purchase.key_version is None:
        return True
    version = purchase.key_version
    keyring = await case.occasion.keyrings.of(case.tx, case.occasion.tenant_id, version=version)
    inputs = open_inputs(keyring, purchase.sku_id, purchase.id, purchase.sealed_inputs, version)
    return any(may_be(each, told.account) for each in inputs.values())


def settle_refund_after(case: Case, told: Standing) -> None:
    """Money came back for what we have already: what was asked back, or a person's case."""
    attempt = case.attempt
    most_e4 = attempt.charged_e4 or 0
    refunded_e4 = min(max(told.refunded_e4, attempt.refunded_e4), most_e4)
    more_e4 = refunded_e4 - attempt.refunded_e4
    if more_e4 <= 0:
        return
    if case.purchase.goods is Goods.TOPUP and case.purchase.used_at is None and not attempt.surplus:
        case.transfer(books.returned(attempt, more_e4, "purchase_refunded"))
    else:
        case.transfer(books.given_back(attempt, more_e4))
    case.note(refunded_e4=refunded_e4)
    case.happened("attempt.refunded_after", **amounts(amount=more_e4))
