"""Terms: what a supplier takes beside its prices, and what it gives back."""

from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import select

from kashu.core.change import change_row, chosen
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.money import format_amount
from kashu.suppliers.errors import FeeWrong, UnknownSupplier
from kashu.suppliers.kinds import Settlement
from kashu.suppliers.reads import supplier_by_code
from kashu.suppliers.rules import PPM
from kashu.suppliers.tables import suppliers

Share = Annotated[int, msgspec.Meta(ge=0, le=PPM)]
FEE_MAX_E4: Final = 10**8


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms we buy; all of it is in the landed cost. Shares are parts per million."""

    settlement: Settlement
    settle_days: int
    fee_e4: int  # on each one of theirs …
    fee_ppm: int  # … and of its price
    rebate_ppm: int


class TermsChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be changed; what is unset stays. How it is settled is set with its limits."""

    fee_e4: int | UnsetType = UNSET
    fee_ppm: Share | UnsetType = UNSET
    rebate_ppm: Share | UnsetType = UNSET


async def terms_of(tx: Tx, tenant_id: int, code: str) -> Terms:
    """Read a supplier's terms. Raises: UnknownSupplier."""
    columns = [suppliers.c[name] for name in Terms.__dataclass_fields__]
    found = await tx.execute(
        select(*columns).where(suppliers.c.tenant_id == tenant_id, suppliers.c.code == code)
    )
    row = found.one_or_none()
    if row is None:
        raise UnknownSupplier(supplier=code[:40])
    settlement, *others = row
    return Terms(Settlement(settlement), *others)


async def change_terms(
    tx: Tx, tenant_id: int, actor: str, code: str, changes: TermsChanges
) -> Terms:
    """Change what is set, from the next comparison on. Locks: the supplier.

    Raises: UnknownSupplier, FeeWrong.
    """
    if changes.fee_e4 is not UNSET and not 0 <= changes.fee_e4 <= FEE_MAX_E4:
        raise FeeWrong(most=format_amount(FEE_MAX_E4))
    await supplier_by_code(tx, tenant_id, code)
    changed = await change_row(tx, suppliers, tenant_id, code, chosen(changes))
    assert changed, "suppliers aren't deleted"
    if changed.after:
        event = Event("supplier.terms_changed", changed.id, changed.facts)
        await record(tx, tenant_id, actor, [event])
    return await terms_of(tx, tenant_id, code)
