"""Add: an upstream account to buy from."""

from typing import Annotated, Final, TypeAlias

from sqlalchemy.dialects.postgresql import insert

from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.naming import check_naming, described
from kashu.suppliers.errors import SupplierCodeTaken, TierWrong
from kashu.suppliers.reads import Supplier, supplier_by_code
from kashu.suppliers.tables import suppliers

TIERS: Final = (1, 2, 3)  # 一手, 二级, 三级
TIER_USUAL: Final = 2

Tier: TypeAlias = Annotated[int, described(minimum=TIERS[0], maximum=TIERS[-1])]


async def add_supplier(
    tx: Tx, tenant_id: int, actor: str, *, code: str, name: str, tier: int = TIER_USUAL
) -> Supplier:
    """Add a supplier. Raises: NamingWrong, TierWrong, SupplierCodeTaken."""
    check_naming(code=code, name=name)
    check_tier(tier)
    supplier_id = new_id()
    added = await tx.execute(
        insert(suppliers)
        .values(tenant_id=tenant_id, id=supplier_id, code=code, name=name, tier=tier)
        .on_conflict_do_nothing(index_elements=[suppliers.c.tenant_id, suppliers.c.code])
        .returning(suppliers.c.id)
    )
    if added.one_or_none() is None:
        raise SupplierCodeTaken(supplier=code)
    facts = {"code": code, "name": name, "tier": tier}
    await record(tx, tenant_id, actor, [Event("supplier.added", supplier_id, facts)])
    return await supplier_by_code(tx, tenant_id, code)


def check_tier(tier: int) -> None:
    """Refuse a tier that there isn't. Raises: TierWrong."""
    if tier not in TIERS:
        raise TierWrong
