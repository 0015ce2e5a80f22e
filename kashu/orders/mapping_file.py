"""Mapping by file: what a file would map, what it does, and a file to fill in."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import BinaryIO, Final, TypeAlias
from uuid import UUID

from kashu.catalog.kinds import SkuState
from kashu.catalog.reads import Sku, skus_by_code, skus_by_id
from kashu.channels.listings import KnownListing, listings_of
from kashu.channels.map_listings import Mapping as Mapped
from kashu.channels.map_listings import map_listings
from kashu.channels.reads import Store
from kashu.core.db import Tx
from kashu.core.downloads import in_its_thread
from kashu.core.events import Event, record
from kashu.core.sheets.write import Value, write_csv, write_xlsx
from kashu.orders.mapping_rows import WRITES, MappingFile, RowClass, WrittenRow

PAGE: Final = 500

Name: TypeAlias = tuple[str, str]  # the platform's item and variant

HEADER: Final[Mapping[str, tuple[str, ...]]] = {
    "zh": ("店铺", "商品ID", "规格ID", "标题", "属性", "商家编码", "规格编码", "数量"),
    "en": (
        "store",
        "item_id",
        "variant_id",
        "title",
        "properties",
        "merchant_code",
        "sku",
        "units",
    ),
}


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What came of a row, or would; `was`: the SKU its listing stands for now, and how many."""

    row: int
    outcome: RowClass
    item_id: str
    variant_id: str
    title: str
    sku: str
    units: int
    was: str


@dataclass(frozen=True, slots=True)
class MappingReport:
    """What a file does, row by row."""

    sha256: str
    rows: tuple[RowOutcome, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each class."""
        return dict(Counter(row.outcome.value for row in self.rows))


async def map_by_file(
    tx: Tx, tenant_id: int, actor: str, store: Store, file: MappingFile, *, dry_run: bool
) -> MappingReport:
    """Map what a file's good rows say, all in this transaction; or say what that would be.

    Rows that can't be are left out and told, each with its class; a listing that is named twice
    isn't mapped by either row.
    Locks: the listings that change, in order of their names.
    """
    known = await _known(tx, tenant_id, store, file)
    named = [(row, known.names(row)) for row in file.rows]
    count = Counter(name for row, name in named if row.sku)
    rows = [
        known.outcome(
            row, RowClass.TWICE if row.sku and count[name] > 1 and isinstance(name, tuple) else name
        )
        for row, name in named
    ]
    if not dry_run:
        wanted = [
            Mapped(
                each.item_id,
                each.variant_id,
                known.skus[each.sku].id,
                each.units,
                row.merchant_code,
            )
            for each, row in zip(rows, file.rows, strict=True)
            if each.outcome in WRITES
        ]
        changed = await map_listings(tx, tenant_id, actor, store.id, wanted) if wanted else 0
        facts = {"sha256": file.sha256, "rows": len(rows), "changed": changed}
        await record(tx, tenant_id, actor, [Event("listings.mapped_by_file", store.id, facts)])
    return MappingReport(file.sha256, tuple(rows))


async def write_mapping(
    tx: Tx, tenant_id: int, store: Store, target: BinaryIO, *, as_xlsx: bool, language: str
) -> int:
    """Write a store's listings with what they stand for, to be filled in and sent again.

    Returns how many. No formula comes alive in it, and no digit of an id is lost.
    """
    listings = await _listings(tx, tenant_id, store.id)
    skus = await skus_by_id(tx, tenant_id, {each.sku_id for each in listings if each.sku_id})
    rows: list[list[Value]] = [
        [
            store.code,
            each.item_id,
            each.variant_id,
            each.title,
            each.properties,
            each.merchant_code,
            skus[each.sku_id].code if each.sku_id else "",
            each.units,
        ]
        for each in listings
    ]
    header = HEADER["zh" if language.startswith("zh") else "en"]
    if as_xlsx:
        return await in_its_thread(write_xlsx, target, header, rows, title=store.code)
    return await in_its_thread(write_csv, target, header, rows, guard_digits=True)


@dataclass(frozen=True, slots=True)
class _Known:
    """A store's listings by their names there, and the SKUs that a file or a listing names."""

    store: Store
    listings: Mapping[Name, KnownListing]
    by_code: Mapping[str, Sequence[Name]]
    items: AbstractSet[str]  # that have variants
    skus: Mapping[str, Sku]  # by code, those of the file
    mapped: Mapping[UUID, Sku]

    def names(self, row: WrittenRow) -> Name | RowClass:
        """Find the listing that a row names, or say why that can't be."""
        if row.wrong in {RowClass.UNREADABLE, RowClass.NO_LISTING}:
            return row.wrong
        if row.store not in {"", self.store.code, self.store.name}:
            return RowClass.OTHER_STORE
        if row.item_id:
            vague = not row.variant_id and row.item_id in self.items
            return RowClass.SEVERAL_LISTINGS if vague else (row.item_id, row.variant_id)
        found = self.by_code.get(row.merchant_code, ())
        if len(found) > 1:
            return RowClass.SEVERAL_LISTINGS
        return found[0] if found else RowClass.UNKNOWN_LISTING

    def outcome(self, row: WrittenRow, named: Name | RowClass) -> RowOutcome:
        """Say what a row comes to."""
        name = (row.item_id, row.variant_id) if isinstance(named, RowClass) else named
        listing = self.listings.get(name)
        outcome = named if isinstance(named, RowClass) else self._judge(row, listing)
        before = None if listing is None or not listing.sku_id else self.mapped[listing.sku_id]
        return RowOutcome(
            row.row,
            outcome,
            *name,
            "" if listing is None else listing.title,
            row.sku,
            row.units,
            "" if listing is None or before is None else f"{before.code}×{listing.units}",
        )

    def _judge(self, row: WrittenRow, listing: KnownListing | None) -> RowClass:
        if not row.sku:
            return RowClass.BLANK
        if row.wrong is not None:
            return row.wrong
        sku = self.skus.get(row.sku)
        if sku is None:
            return RowClass.UNKNOWN_SKU
        if listing is not None and (listing.sku_id, listing.units) == (sku.id, row.units):
            return RowClass.SAME
        return RowClass.SKU_NOT_SOLD if sku.state is not SkuState.ACTIVE else _move(listing)


def _move(listing: KnownListing | None) -> RowClass:
    if listing is None:
        return RowClass.LEARNS
    return RowClass.MAPS if listing.sku_id is None else RowClass.CHANGES


async def _known(tx: Tx, tenant_id: int, store: Store, file: MappingFile) -> _Known:
    listings = await _listings(tx, tenant_id, store.id)
    by_code: dict[str, list[Name]] = defaultdict(list)
    for each in listings:
        if each.merchant_code:
            by_code[each.merchant_code].append((each.item_id, each.variant_id))
    return _Known(
        store,
        {(each.item_id, each.variant_id): each for each in listings},
        by_code,
        {each.item_id for each in listings if each.variant_id},
        await skus_by_code(tx, tenant_id, {row.sku for row in file.rows if row.sku}),
        await skus_by_id(tx, tenant_id, {each.sku_id for each in listings if each.sku_id}),
    )


async def _listings(tx: Tx, tenant_id: int, store_id: UUID) -> list[KnownListing]:
    found: list[KnownListing] = []
    while True:
        after = found[-1].id if found else None
        page = await listings_of(tx, tenant_id, store_id, after=after, limit=PAGE)
        found += page
        if len(page) < PAGE:
            return found
