"""Change a SKU: its names, its rules, how it is redeemed, and whether it is sold."""

from typing import Any

import msgspec
from sqlalchemy import select

from kashu.catalog.drafts import sku_from
from kashu.catalog.kinds import SkuState
from kashu.catalog.reads import ListedSku, listed_sku
from kashu.catalog.shapes import SkuChanges
from kashu.catalog.sku_row import redemption_of, row_of, written_of
from kashu.catalog.tables import skus
from kashu.core.change import change_row
from kashu.core.db import Tx
from kashu.core.events import Event, record


async def change_sku(
    tx: Tx, tenant_id: int, actor: str, code: str, changes: SkuChanges
) -> ListedSku:
    """Change what is set, by the rules that hold for a new SKU; retire it, or sell it again.

    A face value that changes is unverified unless its source is given. A retired SKU takes no new
    orders and no stock; what was sold stays.
    Locks: the SKU. Raises: UnknownSku, SkuWrong.
    """
    before = await listed_sku(tx, tenant_id, code)
    row = await _held_row(tx, tenant_id, code)
    decided: dict[str, Any] = msgspec.to_builtins(changes)  # leaves out what is unset
    apart = {"partial_allowed", "state"} & decided.keys()
    wanted = {name: decided.pop(name) for name in apart}
    if decided:
        wanted |= _described(row, decided)
    changed = await change_row(tx, skus, tenant_id, code, wanted)
    assert changed, "SKUs aren't deleted"
    if not changed.after:
        return before
    kinds = {SkuState.RETIRED: "sku.retired", SkuState.ACTIVE: "sku.resumed"}
    kind = kinds[changed.after["state"]] if "state" in changed.after else "sku.changed"
    await record(tx, tenant_id, actor, [Event(kind, changed.id, changed.facts)])
    return await listed_sku(tx, tenant_id, code)


def _described(row: dict[str, Any], decided: dict[str, Any]) -> dict[str, Any]:
    """Say which columns differ once the description is as decided. Raises: SkuWrong."""
    if "redemption" in decided:
        decided["redemption"] = redemption_of(row) | decided["redemption"]
    after = row_of(sku_from(written_of(row) | decided, {}))
    if after["face_value_e4"] == row["face_value_e4"] and "face_value_source" not in decided:
        del after["face_value_verified"]
    return {name: value for name, value in after.items() if value != row[name]}


async def _held_row(tx: Tx, tenant_id: int, code: str) -> dict[str, Any]:
    found = await tx.execute(
        select(skus)
        .where(skus.c.tenant_id == tenant_id, skus.c.code == code)
        .with_for_update(key_share=True)
    )
    return dict(found.mappings().one())
