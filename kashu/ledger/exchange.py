"""Exchange: what arises in another currency is a cost of ours, in ours."""

from uuid import UUID

from kashu.core.money import CURRENCY, exchanged
from kashu.ledger.kinds import PROFIT_KINDS, AccountKind
from kashu.ledger.post import Account, Transfer


def is_exchanged(transfer: Transfer, currency: str) -> bool:
    """Whether a transfer of that currency is of a cost: what makes profit is in ours."""
    kinds = {transfer.debit.kind, transfer.credit.kind}
    return currency != CURRENCY and bool(kinds & PROFIT_KINDS)


def in_both(
    transfer: Transfer, supplier_id: UUID, currency: str, rate_e6: int
) -> dict[str, list[Transfer]]:
    """Say what to post, by currency: a cost goes by the supplier's exchange account.

    Whatever isn't a cost, or is in ours, is posted as it is.
    """
    if not is_exchanged(transfer, currency):
        return {currency: [transfer]}
    exchange = Account(AccountKind.EXCHANGE, supplier_id)
    ours_e4 = exchanged(transfer.amount_e4, rate_e6)
    if transfer.debit.kind in PROFIT_KINDS:
        theirs = transfer._replace(debit=exchange)
        ours = transfer._replace(credit=exchange, amount_e4=ours_e4)
    else:
        theirs = transfer._replace(credit=exchange)
        ours = transfer._replace(debit=exchange, amount_e4=ours_e4)
    return {currency: [theirs], CURRENCY: [ours]}
