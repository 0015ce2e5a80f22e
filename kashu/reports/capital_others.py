"""Capital in other currencies: what of ours is with suppliers in them, and what that is in ours."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.money import CURRENCY, exchanged
from kashu.core.sql import Statement


@dataclass(frozen=True, slots=True)
class Other:
    """Our money with a supplier, or with all of them, in another currency than ours.

    `rate_e6`: as it was last entered; None: nobody did, and it counts for nothing in ours.
    """

    currency: str
    tied_e4: int  # prepaid, in doubt, to be got back
    owed_e4: int  # payable, or lent to us where prepaid is less than nothing
    rate_e6: int | None
    tied_ours_e4: int
    owed_ours_e4: int


@dataclass(frozen=True, slots=True)
class _Row:
    supplier_id: UUID
    currency: str
    tied_e4: int
    owed_e4: int
    rate_e6: int | None


_others = Statement(__file__, "capital_others.sql", _Row)


async def others_by_supplier(tx: Tx, tenant_id: int) -> dict[UUID, list[Other]]:
    """Read what is with each supplier in other currencies than ours, by currency."""
    found: defaultdict[UUID, list[Other]] = defaultdict(list)
    for row in await _others(tx, tenant_id=tenant_id, currency=CURRENCY):
        rate_e6 = row.rate_e6 or 0
        found[row.supplier_id].append(
            Other(
                row.currency,
                row.tied_e4,
                row.owed_e4,
                row.rate_e6,
                exchanged(row.tied_e4, rate_e6),
                exchanged(row.owed_e4, rate_e6),
            )
        )
    return found


def together(others: Iterable[Other]) -> tuple[Other, ...]:
    """Add up those of one currency; currencies stay apart."""
    by_currency: defaultdict[str, list[Other]] = defaultdict(list)
    for each in others:
        by_currency[each.currency].append(each)
    return tuple(
        Other(
            currency,
            sum(each.tied_e4 for each in those),
            sum(each.owed_e4 for each in those),
            those[0].rate_e6,
            sum(each.tied_ours_e4 for each in those),
            sum(each.owed_ours_e4 for each in those),
        )
        for currency, those in sorted(by_currency.items())
    )
