"""Rules: how a merchant compares offers, which prices it believes, and what it wants to be told."""

from dataclasses import asdict, dataclass, fields
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from kashu.core.change import chosen
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.money import format_amount
from kashu.suppliers.errors import StatedCostWrong
from kashu.suppliers.tables import rules

PPM: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class PriceRules:
    """How offers are compared. Shares are in parts per million."""

    stale_s: int = 900  # a price that was told longer ago isn't bought at
    file_stale_s: int = 86_400  # … from a file, or written by hand
    rise_ppm: int = 300_000  # a price that rises by more is held
    drop_ppm: int = 200_000
    move_ppm: int = 10_000  # from such a move of the best landed cost on people are told
    failure_cost_e4: int = 5_000  # what a failed order costs us: time, a second one
    invalid_cost_e4: int = 20_000  # what a bad card costs us beside its price: after-sales
    usual_failure_ppm: int = 20_000  # of a supplier of which we know little
    usual_invalid_ppm: int = 2_000
    capital_ppm: int = 60_000  # what money costs in a year
    prepaid_days: int = 7  # how long money lies at a supplier before it buys something
    stock_days: int = 3  # how long what is bought lies before it is sold


Ppm = Annotated[int, msgspec.Meta(ge=0, le=PPM)]
Days = Annotated[int, msgspec.Meta(ge=0, le=365)]
COST_MAX_E4: Final = 10_000_000


class PriceRulesChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be changed; what is unset stays as it is."""

    stale_s: Annotated[int, msgspec.Meta(ge=30, le=604_800)] | UnsetType = UNSET
    file_stale_s: Annotated[int, msgspec.Meta(ge=60, le=31_536_000)] | UnsetType = UNSET
    rise_ppm: Annotated[int, msgspec.Meta(ge=1_000, le=100 * PPM)] | UnsetType = UNSET
    drop_ppm: Annotated[int, msgspec.Meta(ge=1_000, le=PPM)] | UnsetType = UNSET
    move_ppm: Ppm | UnsetType = UNSET
    failure_cost_e4: int | UnsetType = UNSET
    invalid_cost_e4: int | UnsetType = UNSET
    usual_failure_ppm: Ppm | UnsetType = UNSET
    usual_invalid_ppm: Ppm | UnsetType = UNSET
    capital_ppm: Ppm | UnsetType = UNSET
    prepaid_days: Days | UnsetType = UNSET
    stock_days: Days | UnsetType = UNSET


_NAMES: Final = tuple(field.name for field in fields(PriceRules))


async def price_rules(tx: Tx, tenant_id: int) -> PriceRules:
    """Read a merchant's rules; the defaults where it set none."""
    columns = [rules.c[name] for name in _NAMES]
    found = await tx.execute(select(*columns).where(rules.c.tenant_id == tenant_id))
    row = found.one_or_none()
    return PriceRules() if row is None else PriceRules(*row)


async def change_price_rules(
    tx: Tx, tenant_id: int, actor: str, changes: PriceRulesChanges
) -> PriceRules:
    """Change what is set, from the next comparison and the next price on.

    Raises: StatedCostWrong.
    """
    wanted = chosen(changes)
    costs = (wanted.get("failure_cost_e4", 0), wanted.get("invalid_cost_e4", 0))
    if not all(0 <= cost_e4 <= COST_MAX_E4 for cost_e4 in costs):
        raise StatedCostWrong(most=format_amount(COST_MAX_E4))
    before = await price_rules(tx, tenant_id)
    after = {name: value for name, value in wanted.items() if getattr(before, name) != value}
    if not after:
        return before
    await tx.execute(
        insert(rules)
        .values(tenant_id=tenant_id, **(asdict(before) | after))
        .on_conflict_do_update(index_elements=[rules.c.tenant_id], set_=after)
    )
    facts = {"before": {name: getattr(before, name) for name in after}, "after": after}
    event = Event("suppliers.rules_changed", UUID(int=tenant_id), facts)
    await record(tx, tenant_id, actor, [event])
    return await price_rules(tx, tenant_id)
