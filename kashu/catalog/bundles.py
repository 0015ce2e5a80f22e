"""Bundles: SKUs that are made of others, and what they are made of."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import delete, insert, select

from kashu.catalog.entries import NamedPart
from kashu.catalog.errors import BundlePartsWrong, NotABundle
from kashu.catalog.kinds import IN_STOCK, Fulfilment, SkuState
from kashu.catalog.reads import Sku, listed_sku, sku_by_code, skus_by_code, skus_by_id
from kashu.catalog.tables import bundle_parts, skus
from kashu.core.db import Tx
from kashu.core.errors import Problem
from kashu.core.events import Event, record

PARTS_MAX: Final = 20
PARTS_OF: Final = IN_STOCK | {Fulfilment.TOPUP}  # what may be sold, alone or in a bundle


@dataclass(frozen=True, slots=True)
class Part:
    """So many units of a SKU."""

    sku: Sku
    units: int


@dataclass(frozen=True, slots=True)
class Goods:
    """What a SKU that is sold comes to: itself, or its parts if it is a bundle.

    A bundle whose parts nobody has said yet has none.
    """

    sku: Sku
    parts: tuple[Part, ...]

    @property
    def units(self) -> int:
        """How many units its buyer gets with one."""
        return sum(part.units for part in self.parts)

    @property
    def is_sold_from_stock(self) -> bool:
        """Whether all of it is on sale and given from stock."""
        return self.is_sold and not self.topups

    @property
    def is_sold(self) -> bool:
        """Whether all of it is on sale, and each part is given from stock or topped up."""
        each = [self.sku, *(part.sku for part in self.parts)]
        return (
            bool(self.parts)
            and all(sku.state is SkuState.ACTIVE for sku in each)
            and all(part.sku.fulfilment in PARTS_OF for part in self.parts)
        )

    @property
    def topups(self) -> tuple[Sku, ...]:
        """Those of its parts that an account is topped up with."""
        parts = (part.sku for part in self.parts)
        return tuple(sku for sku in parts if sku.fulfilment is Fulfilment.TOPUP)


async def goods_by_id(tx: Tx, tenant_id: int, sku_ids: Iterable[UUID]) -> dict[UUID, Goods]:
    """Say what some SKUs come to; those that aren't this merchant's are left out."""
    return await goods_of(tx, tenant_id, (await skus_by_id(tx, tenant_id, sku_ids)).values())


async def goods_of(tx: Tx, tenant_id: int, sold: Iterable[Sku]) -> dict[UUID, Goods]:
    """Say what some SKUs come to."""
    known = {sku.id: sku for sku in sold}
    bundles = [sku.id for sku in known.values() if sku.fulfilment is Fulfilment.BUNDLE]
    parts = await _parts_of(tx, tenant_id, bundles)
    return {
        sku.id: Goods(
            sku,
            parts.get(sku.id, ()) if sku.fulfilment is Fulfilment.BUNDLE else (Part(sku, 1),),
        )
        for sku in known.values()
    }


async def bundles_of(tx: Tx, tenant_id: int, sold: Iterable[Sku]) -> dict[UUID, Goods]:
    """Say what those among some SKUs that are bundles come to."""
    return await goods_of(
        tx, tenant_id, [sku for sku in sold if sku.fulfilment is Fulfilment.BUNDLE]
    )


async def set_parts(
    tx: Tx,
    tenant_id: int,
    actor: str,
    code: str,
    wanted: Sequence[NamedPart],
    *,
    at: str = "/parts",
) -> Goods:
    """Say what a bundle is made of, from now on; what was sold before stays as it was.

    Parts are given from stock or topped up, each named once: no bundle within a bundle.
    `at`: where they are written, for whoever is told what is wrong with them.
    Locks: the bundle. Raises: UnknownSku, NotABundle, BundlePartsWrong.
    """
    bundle = await sku_by_code(tx, tenant_id, code)
    if bundle.fulfilment is not Fulfilment.BUNDLE:
        raise NotABundle(sku=code)
    ours = (skus.c.tenant_id == tenant_id) & (skus.c.id == bundle.id)
    await tx.execute(select(skus.c.id).where(ours).with_for_update(key_share=True))
    known = await skus_by_code(tx, tenant_id, [each.sku for each in wanted])
    if problems := list(_problems(wanted, known, at)):
        raise BundlePartsWrong(problems=problems, count=len(problems))
    before = (await goods_of(tx, tenant_id, [bundle]))[bundle.id]
    parts = tuple(Part(known[each.sku], each.units) for each in wanted)
    if parts == before.parts:
        return before
    its = (bundle_parts.c.tenant_id == tenant_id) & (bundle_parts.c.bundle_id == bundle.id)
    await tx.execute(delete(bundle_parts).where(its))
    rows = [
        {
            "tenant_id": tenant_id,
            "bundle_id": bundle.id,
            "part_id": part.sku.id,
            "place": place,
            "units": part.units,
        }
        for place, part in enumerate(parts, start=1)
    ]
    await tx.execute(insert(bundle_parts).values(rows))
    facts = {"before": _told(before.parts), "after": _told(parts)}
    await record(tx, tenant_id, actor, [Event("sku.parts_changed", bundle.id, facts)])
    return Goods(bundle, parts)


async def parts_by_code(tx: Tx, tenant_id: int, code: str) -> Goods:
    """Say what one SKU comes to. Raises: UnknownSku."""
    sku = (await listed_sku(tx, tenant_id, code)).sku
    return (await goods_of(tx, tenant_id, [sku]))[sku.id]


def _problems(wanted: Sequence[NamedPart], known: dict[str, Sku], place: str) -> Iterable[Problem]:
    if not 1 <= len(wanted) <= PARTS_MAX:
        yield Problem(
            place,
            "parts_count",
            f"组合要有 1 到 {PARTS_MAX} 种规格。",
            f"A bundle has 1 to {PARTS_MAX} SKUs.",
        )
    met = set()
    for n, each in enumerate(wanted):
        at = f"{place}/{n}/sku"
        sku = known.get(each.sku)
        if sku is None:
            zh, en = "没有这个规格，请核对编码", "There is no such SKU; check its code"
            yield Problem(at, "unknown_sku", zh, en)
        elif sku.fulfilment not in PARTS_OF:
            zh = "组合只能由库存规格（卡密、链接、循环码）和直充组成"
            en = "A bundle is made of SKUs in stock (cards, links, shared codes) and top-ups only"
            yield Problem(at, "not_from_stock", zh, en)
        if each.sku in met:
            zh, en = "同一规格写了两次，请合并数量", "It is named twice; add the units up"
            yield Problem(at, "part_named_twice", zh, en)
        met.add(each.sku)


def _told(parts: Sequence[Part]) -> list[dict[str, object]]:
    return [{"sku": part.sku.code, "units": part.units} for part in parts]


async def _parts_of(
    tx: Tx, tenant_id: int, bundle_ids: Sequence[UUID]
) -> dict[UUID, tuple[Part, ...]]:
    if not bundle_ids:
        return {}
    rows = (
        await tx.execute(
            select(bundle_parts.c.bundle_id, bundle_parts.c.part_id, bundle_parts.c.units)
            .where(bundle_parts.c.tenant_id == tenant_id)
            .where(bundle_parts.c.bundle_id.in_(bundle_ids))
            .order_by(bundle_parts.c.bundle_id, bundle_parts.c.place)
        )
    ).all()
    known = await skus_by_id(tx, tenant_id, {row.part_id for row in rows})
    found: dict[UUID, list[Part]] = defaultdict(list)
    for row in rows:
        found[row.bundle_id].append(Part(known[row.part_id], row.units))
    return {bundle_id: tuple(parts) for bundle_id, parts in found.items()}
