"""Money: all that an order came to, line by line from the journal, adding up to the unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from kashu.core.db import Tx
from kashu.ledger.kinds import PROFIT_KINDS, AccountKind
from kashu.ledger.reads import PostedTransfer, transfers_about
from kashu.orders.reads import Line, Order
from kashu.purchases.use import attempts_of_lines
from kashu.stock.given import Given, given_to

_EARNED: Final = AccountKind.REVENUE
_COST: Final = AccountKind.COST_OF_GOODS
_FEES: Final = AccountKind.CHANNEL_FEES


@dataclass(frozen=True, slots=True)
class Booked:
    """A transfer of an order, and what it did to each account of profit or loss: less is minus."""

    transfer: PostedTransfer
    kind: AccountKind | None  # the account that it is told under; None: only moved
    effect_e4: int  # on profit


@dataclass(frozen=True, slots=True)
class Figures:
    """What an order came to, in one currency. sold − back − cost − fees − losses = net."""

    currency: str
    sold_e4: int  # credited to revenue
    back_e4: int  # debited to revenue
    cost_e4: int
    fees_e4: int
    losses_e4: int

    @property
    def net_e4(self) -> int:
        """What is left of it."""
        return self.sold_e4 - self.back_e4 - self.cost_e4 - self.fees_e4 - self.losses_e4


@dataclass(frozen=True, slots=True)
class OrderMoney:
    """An order's whole money: its transfers, oldest first, what they add up to, and its lots."""

    numbers: dict[UUID, int]  # of the line that a subject of the journal is about
    booked: list[Booked]
    figures: list[Figures]
    given: list[Given]
    waiting_e4: int  # of the price: owed in cards, and in no book yet
    given_back_e4: int  # of the price, before or after it was earned
    fees_known: bool


async def money_of(tx: Tx, tenant_id: int, order: Order, lines: Sequence[Line]) -> OrderMoney:
    """Read an order's money from the journal: what is about its lines, and about their top-ups."""
    ids = [line.line_id for line in lines]
    topups = await attempts_of_lines(tx, tenant_id, ids)
    moved = await transfers_about(tx, tenant_id, [*ids, *topups])
    booked = [_booked(each) for each in moved]
    booked = [each for each in booked if each.kind is not None]
    currencies = sorted({each.transfer.currency for each in booked} | {order.currency})
    numbers = {line.line_id: line.number for line in lines}
    return OrderMoney(
        numbers | {attempt: numbers[line_id] for attempt, line_id in topups.items()},
        booked,
        [_figures(currency, booked) for currency in currencies],
        await given_to(tx, tenant_id, ids),
        sum(line.price_e4 - line.earned_e4 - line.refunded_e4 for line in lines),
        sum(line.refunded_e4 for line in lines),
        any(each.kind is _FEES for each in booked),
    )


def _booked(transfer: PostedTransfer) -> Booked:
    """Say what a transfer did to profit: credits of such an account add, debits take."""
    debit, credit = AccountKind(transfer.debit_kind), AccountKind(transfer.credit_kind)
    effect = 0
    if credit in PROFIT_KINDS:
        effect += transfer.amount_e4
    if debit in PROFIT_KINDS:
        effect -= transfer.amount_e4
    kinds = [kind for kind in (debit, credit) if kind in PROFIT_KINDS]
    return Booked(transfer, kinds[0] if kinds else None, effect)


def _figures(currency: str, booked: Sequence[Booked]) -> Figures:
    sums: dict[tuple[str, str], int] = {}
    for each in booked:
        if each.transfer.currency == currency:
            moved = each.transfer
            for side in (("debit", moved.debit_kind), ("credit", moved.credit_kind)):
                sums[side] = sums.get(side, 0) + moved.amount_e4

    def spent(*kinds: AccountKind) -> int:
        return sum(sums.get(("debit", kind), 0) - sums.get(("credit", kind), 0) for kind in kinds)

    losses = PROFIT_KINDS - {_EARNED, _COST, _FEES}
    return Figures(
        currency,
        sums.get(("credit", _EARNED), 0),
        sums.get(("debit", _EARNED), 0),
        spent(_COST),
        spent(_FEES),
        spent(*losses),
    )
