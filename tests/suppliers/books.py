"""What the books of a test say."""

from datetime import date
from uuid import UUID

from sqlalchemy import text

from kashu.core.db import Tx
from kashu.core.ids import new_id
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post
from kashu.suppliers.add import add_supplier
from kashu.suppliers.kinds_prepaid import CashMethod, MovementKind
from kashu.suppliers.movements import (
    Evidence,
    WantedMovement,
    approve_movement,
    ask_for_movement,
    pay_movement,
    post_movement,
)
from tests.conftest import MASTERS

TODAY = date(2026, 11, 23)
ANNA, BERT = "staff:anna", "staff:bert"


async def make_supplier(tx: Tx, tenant_id: int, code: str = "fulu") -> UUID:
    return (await add_supplier(tx, tenant_id, "cli", code=code, name="福禄")).id


async def transfer_count(tx: Tx) -> int:
    count: int = (await tx.execute(text("SELECT count(*) FROM ledger.transfers"))).scalar_one()
    return count


async def deposit(
    tx: Tx, tenant_id: int, supplier_id: UUID, amount_e4: int, *, on: date = TODAY
) -> None:
    """Prepay, through all four steps."""
    wanted = WantedMovement(supplier_id, MovementKind.DEPOSIT, amount_e4, "充值", CashMethod.ALIPAY)
    asked = await ask_for_movement(tx, tenant_id, ANNA, wanted)
    await approve_movement(tx, tenant_id, BERT, asked.id, posted_on=on)
    await pay_movement(tx, tenant_id, ANNA, asked.id, Evidence("A1"), masters=MASTERS)
    await post_movement(tx, tenant_id, ANNA, asked.id, posted_on=on)


async def move(
    tx: Tx,
    tenant_id: int,
    supplier_id: UUID,
    sides: tuple[AccountKind, AccountKind],
    amount_e4: int,
    *,
    on: date = TODAY,
) -> None:
    """Debit one account and credit another, each the supplier's where it is one of theirs."""
    theirs = {
        AccountKind.PREPAID,
        AccountKind.IN_DOUBT,
        AccountKind.PAYABLE,
        AccountKind.RECOVERIES,
    }
    debit, credit = (Account(kind, supplier_id if kind in theirs else None) for kind in sides)
    transfer = Transfer(debit, credit, amount_e4, 0, "test", new_id(), supplier_id=supplier_id)
    await post(tx, tenant_id, [transfer], posted_on=on)
