"""Change a SKU: its names, its rules, how it is redeemed, and whether it is sold."""

from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType
from sqlalchemy import select

from kashu.catalog.card_format import CardFormat
from kashu.catalog.drafts import Written, sku_from
from kashu.catalog.kinds import ShortagePolicy, SkuState
from kashu.catalog.reads import ListedSku, listed_sku
from kashu.catalog.sku_row import row_of, written_of
from kashu.catalog.tables import skus
from kashu.core.change import change_row, chosen
from kashu.core.db import Tx
from kashu.core.events import Event, record

Steps = Annotated[tuple[str, ...], Meta(min_length=1, max_length=10)]


class RedemptionChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be changed about redeeming; what is unset stays as it is."""

    steps_zh: Steps | UnsetType = UNSET
    steps_en: Steps | UnsetType = UNSET
    devices_zh: str | UnsetType = UNSET
    devices_en: str | UnsetType = UNSET
    validity_zh: str | UnsetType = UNSET
    validity_en: str | UnsetType = UNSET
    url: str | UnsetType = UNSET


class SkuChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be changed; what is unset stays as it is.

    Never its code, product, period and fulfilment: stock and orders rely on them.
    """

    name_zh: str | UnsetType = UNSET
    name_en: str | UnsetType = UNSET
    days: int | UnsetType = UNSET
    face_value: str | UnsetType = UNSET
    face_value_as_of: date | UnsetType = UNSET
    face_value_source: str | UnsetType = UNSET
    returnable: bool | UnsetType = UNSET
    shortage_policy: ShortagePolicy | UnsetType = UNSET
    redemption: RedemptionChanges | UnsetType = UNSET
    card_format: CardFormat | UnsetType | None = UNSET  # null: nothing is checked
    partial_allowed: bool | UnsetType = UNSET
    state: SkuState | UnsetType = UNSET


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
    decided = chosen(changes)
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


def _described(row: Any, decided: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 (SQLAlchemy's)
    """Say which columns differ once the description is as decided. Raises: SkuWrong."""
    written: Written = written_of(row)
    if "redemption" in decided:
        present = written["redemption"]
        assert isinstance(present, dict)
        decided["redemption"] = present | chosen(decided["redemption"])
    after = row_of(sku_from(written | decided, {}))
    if after["face_value_e4"] == row["face_value_e4"] and "face_value_source" not in decided:
        del after["face_value_verified"]
    return {name: value for name, value in after.items() if value != row[name]}


async def _held_row(tx: Tx, tenant_id: int, code: str) -> Any:  # noqa: ANN401 (SQLAlchemy's)
    found = await tx.execute(
        select(skus)
        .where(skus.c.tenant_id == tenant_id, skus.c.code == code)
        .with_for_update(key_share=True)
    )
    return found.mappings().one()
