"""What an order means in the books."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from kashu.core.money import split
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer
from kashu.purchases.use import ToppedUp
from kashu.stock.plan import Taking

_REVENUE = Account(AccountKind.REVENUE)
_COST = Account(AccountKind.COST_OF_GOODS)
_BURNT = Account(AccountKind.AFTER_SALES_LOSS)


@dataclass(frozen=True, slots=True)
class Sold:
    """Whose a line is and what it is of: what its transfers are sorted by in reports."""

    line_id: UUID
    sku_id: UUID
    store_id: UUID
    customer_id: UUID | None

    @property
    def debtor(self) -> Account:
        """Who owes us for it: the customer where there is one, else the store's platform."""
        if self.customer_id is not None:
            return Account(AccountKind.WALLET, self.customer_id)
        return Account(AccountKind.RECEIVABLE, self.store_id)


def sale(sold: Sold, earned_e4: int, takings: Sequence[Taking]) -> list[Transfer]:
    """Cards went to a line: its price is earned, and each lot's cards cost what they cost.

    The revenue is spread over the suppliers whose cards earned it, without losing a unit, so that
    a report by supplier adds up to the same total as one by store.
    """
    transfers = []
    shares = split(earned_e4, [taking.count for taking in takings])
    for taking, share_e4 in zip(takings, shares, strict=True):
        lot = taking.lot
        about = (
            sold.line_id,
            sold.sku_id,
            sold.store_id,
            sold.customer_id,
            lot.supplier_id,
        )
        transfers.append(Transfer(sold.debtor, _REVENUE, share_e4, taking.count, "sale", *about))
        transfers.append(
            Transfer(
                _COST,
                Account(AccountKind.INVENTORY, lot.warehouse_id),
                lot.unit_cost_e4 * taking.count,
                taking.count,
                "cost",
                *about,
            )
        )
    return transfers


def topup_used(sold: Sold, done: ToppedUp, units: int, earned_e4: int) -> list[Transfer]:
    """An account was topped up, `units` of it for a line: its price is earned.

    What the supplier took stood in doubt until now. It is booked under its order at the supplier,
    as all of that order's money is. What nobody pays for any more is a loss.
    """
    whose = (sold.sku_id, sold.store_id, sold.customer_id, done.supplier_id)
    cost_e4, burnt_e4 = split(done.cost_e4, [units, done.units - units])
    paid = done.paid_from
    return [
        Transfer(sold.debtor, _REVENUE, earned_e4, units, "sale", sold.line_id, *whose),
        Transfer(_COST, paid, cost_e4, units, "cost", done.attempt_id, *whose),
        Transfer(_BURNT, paid, burnt_e4, done.units - units, "burnt", done.attempt_id, *whose),
    ]


@dataclass(frozen=True, slots=True)
class CameBack:
    """Cards of one lot that a line gave back, or an account that stays topped up."""

    warehouse_id: UUID | None  # None: it never was in stock, and isn't restocked
    supplier_id: UUID
    unit_cost_e4: int
    count: int
    restocked: bool  # else they can never be sold again: seen, or their brand forbids it


def refund(
    sold: Sold, back_e4: int, cards: Sequence[CameBack], earned: Mapping[UUID | None, int]
) -> list[Transfer]:
    """Money went back, and perhaps cards with it. Cards that can't be sold again are a loss.

    The money is taken from the suppliers whose cards earned it; `earned` tells what of each still
    stands, as earned_by_supplier() does.
    """
    shares = taken_from(back_e4, cards, earned)
    transfers = [
        Transfer(
            _REVENUE,
            sold.debtor,
            share_e4,
            0,
            "refund",
            sold.line_id,
            sold.sku_id,
            sold.store_id,
            sold.customer_id,
            supplier_id,
        )
        for supplier_id, share_e4 in shares.items()
        if share_e4 and all(card.supplier_id != supplier_id for card in cards)
    ]
    for card, share_e4 in _by_card(cards, shares):
        about = (
            sold.line_id,
            sold.sku_id,
            sold.store_id,
            sold.customer_id,
            card.supplier_id,
        )
        transfers.append(Transfer(_REVENUE, sold.debtor, share_e4, card.count, "refund", *about))
        assert card.warehouse_id is not None or not card.restocked, "what was in stock comes back"
        goes_to = Account(AccountKind.INVENTORY, card.warehouse_id) if card.restocked else _BURNT
        transfers.append(
            Transfer(
                goes_to,
                _COST,
                card.unit_cost_e4 * card.count,
                card.count,
                "restocked" if card.restocked else "burnt",
                *about,
            )
        )
    return transfers


def taken_from(
    back_e4: int, cards: Sequence[CameBack], earned: Mapping[UUID | None, int]
) -> dict[UUID | None, int]:
    """Share what goes back among the suppliers, without losing a unit.

    Each card that came back takes its part from its supplier, as far as that still has earned it.
    The rest, or all where only money goes back, is shared by what each still has: so nobody's
    earnings fall below zero, and all are zero when all is back.
    """
    shares: dict[UUID | None, int] = {}
    left = {supplier_id: max(earned_e4, 0) for supplier_id, earned_e4 in earned.items()}
    returned = Counter[UUID]()
    for card in cards:
        returned[card.supplier_id] += card.count
    if returned:
        suppliers = sorted(returned)
        wanted = split(back_e4, [returned[supplier_id] for supplier_id in suppliers])
        for supplier_id, share_e4 in zip(suppliers, wanted, strict=True):
            shares[supplier_id] = min(share_e4, left.get(supplier_id, 0))
            left[supplier_id] = left.get(supplier_id, 0) - shares[supplier_id]
    rest_e4 = back_e4 - sum(shares.values())
    if rest_e4 and not any(left.values()):  # the books deny that it was earned: `verify` tells
        left = {None: 1}
    if rest_e4:
        for whose, share_e4 in zip(left, split(rest_e4, list(left.values())), strict=True):
            shares[whose] = shares.get(whose, 0) + share_e4
    return shares


def _by_card(
    cards: Sequence[CameBack], shares: Mapping[UUID | None, int]
) -> Iterator[tuple[CameBack, int]]:
    """Share what each supplier gives back among its lots."""
    of_supplier: dict[UUID, list[CameBack]] = {}
    for card in cards:
        of_supplier.setdefault(card.supplier_id, []).append(card)
    for supplier_id, theirs in of_supplier.items():
        parts = split(shares[supplier_id], [card.count for card in theirs])
        yield from zip(theirs, parts, strict=True)


def kept(sold: Sold, amount_e4: int) -> list[Transfer]:
    """A buyer got back less than the part of the price that waited: the rest is ours."""
    about = (sold.line_id, sold.sku_id, sold.store_id, sold.customer_id)
    return [Transfer(sold.debtor, _REVENUE, amount_e4, 0, "kept", *about)] if amount_e4 else []
