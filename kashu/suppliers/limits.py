"""Limits: how much of our money may be at a supplier, and on what terms it is paid."""

from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from kashu.core.change import change_row, chosen
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.money import TOTAL_MAX_E4
from kashu.core.naming import described
from kashu.suppliers.errors_prepaid import LimitsWrong
from kashu.suppliers.kinds import Settlement
from kashu.suppliers.reads import supplier_by_code
from kashu.suppliers.tables import suppliers

SETTLE_DAYS_MAX: Final = 365

Days: TypeAlias = Annotated[int, described(minimum=0, maximum=SETTLE_DAYS_MAX)]


class LimitChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be changed; what is unset stays. Amounts in ten-thousandths; None: no limit."""

    settlement: Settlement | UnsetType = UNSET
    settle_days: Days | UnsetType = UNSET
    credit_max_e4: int | UnsetType | None = UNSET
    exposure_max_e4: int | UnsetType | None = UNSET
    balance_low_e4: int | UnsetType | None = UNSET
    tolerance_e4: int | UnsetType = UNSET


async def change_limits(
    tx: Tx, tenant_id: int, actor: str, code: str, changes: LimitChanges
) -> None:
    """Change what is set. Locks: the supplier. Raises: UnknownSupplier, LimitsWrong."""
    wanted = chosen(changes)
    for name, value in wanted.items():
        if name.endswith("_e4") and value is not None and not 0 <= value <= TOTAL_MAX_E4:
            raise LimitsWrong(what=name.removesuffix("_e4"))
    if not 0 <= wanted.get("settle_days", 0) <= SETTLE_DAYS_MAX:
        raise LimitsWrong(what="settle_days")
    await supplier_by_code(tx, tenant_id, code)
    changed = await change_row(tx, suppliers, tenant_id, code, wanted)
    assert changed, "suppliers aren't deleted"
    if changed.after:
        await record(tx, tenant_id, actor, [Event("supplier.changed", changed.id, changed.facts)])
