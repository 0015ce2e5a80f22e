"""Exposure: how much of our money is out at a supplier, and how much more may go."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from kashu.core.db import Tx
from kashu.core.money import CURRENCY, format_amount
from kashu.ledger.supplier_money import SupplierMoney, supplier_money
from kashu.suppliers.errors import UnknownSupplier
from kashu.suppliers.errors_prepaid import ExposureOver, PrepaidShort
from kashu.suppliers.kinds import Settlement
from kashu.suppliers.tables import suppliers


@dataclass(frozen=True, slots=True)
class Exposure:
    """Our money with one supplier in one currency, and the limits that people set for it."""

    supplier_id: UUID
    code: str
    settlement: Settlement
    available_e4: int  # prepaid; less than 0: they let us run into debt
    in_doubt_e4: int
    payable_e4: int
    recoveries_e4: int
    credit_max_e4: int | None
    exposure_max_e4: int | None
    balance_low_e4: int | None
    tolerance_e4: int
    frozen_because: str | None
    currency: str = CURRENCY

    @property
    def exposed_e4(self) -> int:
        """What we'd lose if they closed tomorrow: prepaid, in doubt, to be got back."""
        return max(self.available_e4, 0) + self.in_doubt_e4 + self.recoveries_e4

    @property
    def room_e4(self) -> int | None:
        """How much may be sent for purchases now; None: any amount.

        What is prepaid with its credit, or what more may be owed; and no more may be under way
        without goods (in doubt, to be got back) than `exposure_max_e4`.
        """
        rooms = []
        if self.settlement is Settlement.PREPAID:
            rooms.append(self.available_e4 + (self.credit_max_e4 or 0))
        elif self.credit_max_e4 is not None:
            rooms.append(self.credit_max_e4 - self.payable_e4)
        if self.exposure_max_e4 is not None:
            rooms.append(self.exposure_max_e4 - self.in_doubt_e4 - self.recoveries_e4)
        return max(min(rooms), 0) if rooms else None

    def has_room(self, amount_e4: int) -> bool:
        """Tell whether so much may be sent."""
        return self.room_e4 is None or amount_e4 <= self.room_e4

    def after(self, amount_e4: int) -> "Exposure":
        """As it is once so much more is sent for a purchase."""
        if self.settlement is Settlement.PREPAID:
            left_e4, owed_e4 = self.available_e4 - amount_e4, self.payable_e4
        else:
            left_e4, owed_e4 = self.available_e4, self.payable_e4 + amount_e4
        doubt_e4 = self.in_doubt_e4 + amount_e4
        return replace(self, available_e4=left_e4, payable_e4=owed_e4, in_doubt_e4=doubt_e4)


async def lock_suppliers(tx: Tx, tenant_id: int, supplier_ids: Collection[UUID]) -> None:
    """Keep others from deciding about our money with some suppliers until `tx` ends.

    Locks: the suppliers, in order of id; not against who only refers to them.
    """
    wanted = select(suppliers.c.id).where(
        suppliers.c.tenant_id == tenant_id, suppliers.c.id.in_(supplier_ids)
    )
    await tx.execute(wanted.order_by(suppliers.c.id).with_for_update(key_share=True))


async def exposure_of(
    tx: Tx, tenant_id: int, supplier_ids: Collection[UUID], *, currency: str | None = None
) -> dict[UUID, Exposure]:
    """Read our money with some suppliers and its limits; those that aren't ours are left out.

    In one currency; None: in what each is paid in. Takes no lock: for choosing. Whoever sends
    money calls check_room() in that transaction.
    """
    return await _read(tx, tenant_id, supplier_ids, currency=currency, lock=False)


async def check_room(
    tx: Tx, tenant_id: int, supplier_id: UUID, amount_e4: int, *, currency: str | None = None
) -> Exposure:
    """Make sure that so much may be sent, until `tx` ends: others who ask wait for us.

    Locks: the supplier. Raises: PrepaidShort, ExposureOver.
    """
    exposure = await lock_exposure(tx, tenant_id, supplier_id, currency=currency)
    if not exposure.has_room(amount_e4):
        short = exposure.available_e4 + (exposure.credit_max_e4 or 0) < amount_e4
        error = PrepaidShort if short else ExposureOver
        room = format_amount(exposure.room_e4 or 0)
        raise error(supplier=exposure.code, amount=format_amount(amount_e4), room=room)
    return exposure


async def lock_exposure(
    tx: Tx, tenant_id: int, supplier_id: UUID, *, currency: str | None = None
) -> Exposure:
    """Read our money with a supplier, and keep others from deciding about it until `tx` ends.

    Locks: the supplier. Raises: UnknownSupplier.
    """
    found = await _read(tx, tenant_id, [supplier_id], currency=currency, lock=True)
    if supplier_id not in found:
        raise UnknownSupplier(supplier=supplier_id)
    return found[supplier_id]


async def _read(
    tx: Tx, tenant_id: int, supplier_ids: Collection[UUID], *, currency: str | None, lock: bool
) -> dict[UUID, Exposure]:
    wanted = (
        select(
            suppliers.c.id,
            suppliers.c.code,
            suppliers.c.settlement,
            suppliers.c.credit_max_e4,
            suppliers.c.exposure_max_e4,
            suppliers.c.balance_low_e4,
            suppliers.c.tolerance_e4,
            suppliers.c.frozen_because,
            suppliers.c.currency,
        )
        .where(suppliers.c.tenant_id == tenant_id, suppliers.c.id.in_(supplier_ids))
        .order_by(suppliers.c.id)
    )
    if lock:  # not against who only refers to it
        wanted = wanted.with_for_update(key_share=True)
    rows = (await tx.execute(wanted)).all()
    paid_in = {row.id: currency or row.currency for row in rows}
    money = await supplier_money(tx, tenant_id, paid_in.keys(), currency=paid_in)
    return {row.id: _exposure(row, money[row.id]) for row in rows}


def _exposure(row: Any, money: SupplierMoney) -> Exposure:  # noqa: ANN401  (SQLAlchemy's)
    return Exposure(
        supplier_id=row.id,
        code=row.code,
        settlement=Settlement(row.settlement),
        available_e4=money.prepaid_e4,
        in_doubt_e4=money.in_doubt_e4,
        payable_e4=money.payable_e4,
        recoveries_e4=money.recoveries_e4,
        credit_max_e4=row.credit_max_e4,
        exposure_max_e4=row.exposure_max_e4,
        balance_low_e4=row.balance_low_e4,
        tolerance_e4=row.tolerance_e4,
        frozen_because=row.frozen_because,
        currency=money.currency,
    )
