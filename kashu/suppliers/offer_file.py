"""Offers by file: what a supplier without an interface asks, from its price list or a chat."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from kashu.catalog.reads import skus_by_code
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.suppliers.kinds import OfferState, Told
from kashu.suppliers.map_offers import MapOutcome, OfferMapping, map_offers
from kashu.suppliers.offer_rows import OfferFile, OfferRow, RowWrong
from kashu.suppliers.offers import Offer, offers_by_ref
from kashu.suppliers.reads import Supplier
from kashu.suppliers.see_offers import batches, see_offers
from kashu.suppliers.upstream import Product


class RowOutcome(StrEnum):
    """What came of a row that can be read."""

    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"  # its price was told again, so that it is fresh
    HELD = "held"  # taken down, but not believed: a person decides


FINE: Final = frozenset(outcome.value for outcome in RowOutcome) - {RowOutcome.HELD.value}


@dataclass(frozen=True, slots=True)
class RowReport:
    """What came of a row, or would. `outcome`: a RowOutcome, or a RowWrong.

    `held_because`: a HeldBecause; `mapping`: a MapOutcome, where the row names a SKU.
    """

    row: int
    outcome: str
    ref: str
    title: str
    price_e4: int | None
    sku: str
    held_because: str | None = None
    mapping: MapOutcome | None = None


@dataclass(frozen=True, slots=True)
class OfferReport:
    """What a file does, row by row."""

    sha256: str
    rows: tuple[RowReport, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each outcome."""
        return dict(Counter(row.outcome for row in self.rows))


async def import_offers(
    tx: Tx,
    tenant_id: int,
    actor: str,
    supplier: Supplier,
    file: OfferFile,
    *,
    at: datetime,
    dry_run: bool,
) -> OfferReport:
    """Take down a file's good rows, all in this transaction; the others are told, row by row.

    The same rules hold as for prices that are read: what can't be believed is held. A row that
    names a SKU maps its offer to it, unless its words contradict it. A dry run does all of it and
    takes it back, so that it tells what would truly happen.
    Locks: the supplier's offers, in the order of their refs.
    """
    async with tx.begin_nested() as attempt:
        report = await _import(tx, tenant_id, actor, supplier, file, at=at)
        if dry_run:
            await attempt.rollback()
        else:
            facts = {"sha256": file.sha256, "counts": report.counts}
            event = Event("supplier.offers_imported", supplier.id, facts)
            await record(tx, tenant_id, actor, [event])
    return report


async def _import(
    tx: Tx, tenant_id: int, actor: str, supplier: Supplier, file: OfferFile, *, at: datetime
) -> OfferReport:
    skus = await skus_by_code(tx, tenant_id, {row.sku for row in file.rows if row.sku})
    good = [row for row in file.rows if row.wrong is None and (not row.sku or row.sku in skus)]
    refs = [row.ref for row in good]
    before = await offers_by_ref(tx, tenant_id, supplier.id, refs)
    for batch in batches([_product(row) for row in good]):
        await see_offers(tx, tenant_id, actor, supplier.id, batch, how=Told.FILE, at=at)
    after = await offers_by_ref(tx, tenant_id, supplier.id, refs)
    named = [row for row in good if row.sku and row.ref in after]
    wanted = [OfferMapping(after[row.ref].id, skus[row.sku].id, row.units) for row in named]
    outcomes = await map_offers(tx, tenant_id, actor, wanted, at=at) if wanted else []
    mapping = {row.ref: outcome for row, outcome in zip(named, outcomes, strict=True)}
    taken = {row.row for row in good}
    return OfferReport(
        file.sha256,
        tuple(
            _good(row, before.get(row.ref), after.get(row.ref), mapping.get(row.ref))
            if row.row in taken
            else _wrong(row)
            for row in file.rows
        ),
    )


def _product(row: OfferRow) -> Product:
    return Product(
        ref=row.ref,
        title=row.title,
        goods=row.goods,
        unit_cost_e4=row.cost_e4,
        in_stock=row.in_stock,
        on_sale=True,
        stock=row.stock,
        face_value_e4=row.face_e4,
        least=row.least,
    )


def _good(
    row: OfferRow, before: Offer | None, after: Offer | None, mapping: MapOutcome | None
) -> RowReport:
    if after is None:  # a ref that no column of ours can keep
        return _wrong(row, RowWrong.UNREADABLE)
    if after.state is OfferState.HELD:
        outcome = RowOutcome.HELD
    elif before is None:
        outcome = RowOutcome.ADDED
    else:
        same = (before.unit_cost_e4, before.state) == (after.unit_cost_e4, after.state)
        outcome = RowOutcome.SAME if same else RowOutcome.CHANGED
    return RowReport(
        row.row, outcome, row.ref, row.title, row.cost_e4, row.sku, after.held_because, mapping
    )


def _wrong(row: OfferRow, because: RowWrong | None = None) -> RowReport:
    why = because or row.wrong or RowWrong.UNKNOWN_SKU
    return RowReport(row.row, why, row.ref, row.title, None, row.sku)
