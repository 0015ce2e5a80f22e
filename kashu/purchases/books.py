"""Books: every transfer that purchases make, in one place.

Each is in the currency of its attempt, but what goods cost, which is always in ours: where a
supplier sells in another, that is paid from the supplier's exchange account, which has what was
spent of theirs on one side and what it came to in ours on the other.

For each attempt: sent = received + in doubt + refunded + asked back. All of it goes through the
supplier's `in_doubt`; what is left there is of attempts whose outcome isn't known, and of top-ups
whose order line isn't settled yet. What came into stock stands under its lot: stock/receive.py.
"""

from uuid import UUID

from kashu.core.money import CURRENCY, exchanged
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer
from kashu.purchases.reads import Attempt, Purchase
from kashu.stock.leave import Left


def in_doubt(supplier_id: UUID) -> Account:
    """Our money at a supplier whose outcome isn't known."""
    return Account(AccountKind.IN_DOUBT, supplier_id)


def paid_from(attempt: Attempt) -> Account:
    """Say what pays for its goods in our currency."""
    if attempt.currency == CURRENCY:
        return in_doubt(attempt.supplier_id)
    return Account(AccountKind.EXCHANGE, attempt.supplier_id)


def spent(attempt: Attempt, amount_e4: int) -> Transfer:
    """Goods cost so much of another currency; in our own they are paid for directly: nothing."""
    exchange = Account(AccountKind.EXCHANGE, attempt.supplier_id)
    amount_e4 = 0 if attempt.currency == CURRENCY else amount_e4
    doubt = in_doubt(attempt.supplier_id)
    return _moved(attempt, exchange, doubt, "purchase_exchanged", amount_e4)


def sent(attempt: Attempt) -> Transfer:
    """Set aside what an order may cost, before it leaves."""
    return _moved(attempt, in_doubt(attempt.supplier_id), _source(attempt), "purchase_sent")


def returned(attempt: Attempt, amount_e4: int, reason: str = "purchase_refused") -> Transfer:
    """What was set aside isn't taken, or is back."""
    doubt = in_doubt(attempt.supplier_id)
    return _moved(attempt, _source(attempt), doubt, reason, amount_e4)


def sent_more(attempt: Attempt, amount_e4: int, reason: str = "purchase_charged_more") -> Transfer:
    """It cost more than was set aside; or it was taken after all, long after it was given up."""
    doubt = in_doubt(attempt.supplier_id)
    return _moved(attempt, doubt, _source(attempt), reason, amount_e4)


def asked_back(
    attempt: Attempt, amount_e4: int, reason: str = "purchase_not_as_ordered"
) -> Transfer:
    """Paid for, and not got: cards that aren't there or aren't any good."""
    recoveries = Account(AccountKind.RECOVERIES, attempt.supplier_id)
    return _moved(attempt, recoveries, in_doubt(attempt.supplier_id), reason, amount_e4)


def given_back(attempt: Attempt, amount_e4: int) -> Transfer:
    """Money that came back after it had succeeded: what we asked back, or more than that."""
    recoveries = Account(AccountKind.RECOVERIES, attempt.supplier_id)
    return _moved(attempt, _source(attempt), recoveries, "purchase_refunded", amount_e4)


def went_back(left: Left, claim: Account, amount_e4: int) -> Transfer:
    """Cards went back that cost so much of another currency: it is asked back, or owed less."""
    return Transfer(
        debit=claim,
        credit=Account(AccountKind.EXCHANGE, left.supplier_id),
        amount_e4=amount_e4,
        quantity=0,
        reason="return_exchanged",
        subject_id=left.lot_id,
        sku_id=left.sku_id,
        supplier_id=left.supplier_id,
    )


def topped_up(attempt: Attempt, purchase: Purchase, amount_e4: int) -> Transfer:
    """An account was topped up: its cost leaves the books, in ours, with the sale it was for."""
    return Transfer(
        debit=Account(AccountKind.COST_OF_GOODS),
        credit=paid_from(attempt),
        amount_e4=exchanged(amount_e4, attempt.rate_e6),
        quantity=purchase.quantity,
        reason="purchase_used",
        subject_id=attempt.id,
        sku_id=purchase.sku_id,
        store_id=purchase.store_id,
        customer_id=purchase.customer_id,
        supplier_id=attempt.supplier_id,
    )


def _source(attempt: Attempt) -> Account:
    return Account(attempt.account_kind, attempt.supplier_id)


def _moved(
    attempt: Attempt, debit: Account, credit: Account, reason: str, amount_e4: int | None = None
) -> Transfer:
    return Transfer(
        debit=debit,
        credit=credit,
        amount_e4=attempt.total_e4 if amount_e4 is None else amount_e4,
        quantity=0,
        reason=reason,
        subject_id=attempt.id,
        supplier_id=attempt.supplier_id,
    )
