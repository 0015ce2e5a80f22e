"""Capital beside the books: what is tied up is five of their accounts, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kashu.core.db import Tx
from kashu.core.money import CURRENCY
from kashu.ledger.kinds import AccountKind
from kashu.ledger.reads import trial_balance
from kashu.reports.capital import Capital


@dataclass(frozen=True, slots=True)
class Beside:
    """What the report tells of an account, and what the trial balance does."""

    account: AccountKind
    told_e4: int
    booked_e4: int

    @property
    def agrees(self) -> bool:
        """Whether they are the same, to the ten-thousandth."""
        return self.told_e4 == self.booked_e4


_OWED: Final = frozenset({AccountKind.PAYABLE})  # its balance is what we owe


async def beside_books(
    tx: Tx, tenant_id: int, whole: Capital, *, currency: str = CURRENCY
) -> Sequence[Beside]:
    """Compare the report's total with the books. It adds up all transfers: ask when it matters.

    What is in other currencies isn't in these accounts of ours.
    """
    told = {
        AccountKind.INVENTORY: whole.stock_e4,
        AccountKind.PREPAID: whole.prepaid_e4,
        AccountKind.IN_DOUBT: whole.in_doubt_e4,
        AccountKind.RECOVERIES: whole.recoveries_e4,
        AccountKind.PAYABLE: whole.payable_e4,
    }
    booked = dict.fromkeys(told, 0)
    for account in (await trial_balance(tx, tenant_id)).accounts:
        kind = AccountKind(account.kind)
        if kind in booked and account.currency == currency:
            booked[kind] += -account.balance_e4 if kind in _OWED else account.balance_e4
    return [Beside(kind, amount_e4, booked[kind]) for kind, amount_e4 in told.items()]
