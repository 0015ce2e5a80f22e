"""How a price list that was taken down is shown: row by row, in words."""

import msgspec

from kashu.suppliers.map_offers import MapOutcome
from kashu.suppliers.offer_file import OfferReport
from kashu.suppliers.offer_shapes import written
from kashu.suppliers.offers import HeldBecause
from kashu.suppliers.words import HELD, MAPPED, ROWS


class OfferRowShown(msgspec.Struct, frozen=True):
    """What came of a row, or would. `mapping`: of the SKU that it names."""

    row: int
    outcome: str
    ref: str
    title: str
    price: str | None
    sku: str
    held: str | None
    mapping: MapOutcome | None
    zh: str
    en: str


class OffersImported(msgspec.Struct, frozen=True):
    """What a price list does, row by row; `counts`: how many rows of each outcome."""

    dry_run: bool
    sha256: str
    counts: dict[str, int]
    rows: list[OfferRowShown]


def imported(report: OfferReport, *, dry_run: bool) -> OffersImported:
    """Show what a price list does, in words."""
    rows = []
    for row in report.rows:
        zh, en = ROWS[row.outcome]
        if row.held_because is not None:
            held_zh, held_en = HELD[HeldBecause(row.held_because)]
            zh, en = f"{zh}（{held_zh}）", f"{en} ({held_en})"
        if row.mapping is not None:
            map_zh, map_en = MAPPED[row.mapping]
            zh, en = f"{zh}；{map_zh}", f"{en}; {map_en}"
        price = written(row.price_e4)
        rows.append(
            OfferRowShown(
                row.row,
                row.outcome,
                row.ref,
                row.title,
                price,
                row.sku,
                row.held_because,
                row.mapping,
                zh,
                en,
            )
        )
    return OffersImported(dry_run, report.sha256, report.counts, rows)
