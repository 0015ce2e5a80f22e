"""Books of movements: what each kind of them debits and credits."""

from typing import Final
from uuid import UUID, uuid5

from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer
from kashu.suppliers.kinds_prepaid import CashMethod, MovementKind
from kashu.suppliers.movement_reads import Movement

_METHODS: Final = UUID("6f0d7c1e-6b61-5368-9175-636173686d65")  # the namespace of cash accounts

# What each kind debits and credits; an amount below 0 the other way round.
_SIDES: Final[dict[MovementKind, tuple[AccountKind, AccountKind]]] = {
    MovementKind.DEPOSIT: (AccountKind.PREPAID, AccountKind.CASH),
    MovementKind.WITHDRAWAL: (AccountKind.CASH, AccountKind.PREPAID),
    MovementKind.PAYMENT: (AccountKind.PAYABLE, AccountKind.CASH),
    MovementKind.RETURNED: (AccountKind.PREPAID, AccountKind.RECOVERIES),
    MovementKind.RECOVERED: (AccountKind.CASH, AccountKind.RECOVERIES),
    MovementKind.WRITTEN_OFF: (AccountKind.AFTER_SALES_LOSS, AccountKind.RECOVERIES),
    MovementKind.OPENING: (AccountKind.PREPAID, AccountKind.OPENING),
    MovementKind.CORRECTION: (AccountKind.PREPAID, AccountKind.COST_OF_GOODS),
}
_WITH_SUPPLIER: Final = frozenset(
    {AccountKind.PREPAID, AccountKind.PAYABLE, AccountKind.RECOVERIES}
)


def cash_account(method: CashMethod) -> Account:
    """The account of what we pay one way: `cash`, of an owner that follows from the method."""
    return Account(AccountKind.CASH, uuid5(_METHODS, method.value))


def moved(movement: Movement) -> Transfer:
    """Say what a movement does in the books, in its currency."""
    debit, credit = (_account(kind, movement) for kind in _SIDES[movement.kind])
    if movement.amount_e4 < 0:
        debit, credit = credit, debit
    return Transfer(
        debit=debit,
        credit=credit,
        amount_e4=abs(movement.amount_e4),
        quantity=0,
        reason=f"supplier_{movement.kind.value}",
        subject_id=movement.id,
        supplier_id=movement.supplier_id,
    )


def _account(kind: AccountKind, movement: Movement) -> Account:
    if kind is AccountKind.CASH:
        assert movement.method is not None, "the table says so"
        return cash_account(movement.method)
    return Account(kind, movement.supplier_id if kind in _WITH_SUPPLIER else None)
