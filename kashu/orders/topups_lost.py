"""Top-ups lost: what was topped up for lines whose money goes back. It can't be taken back."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.money import split
from kashu.ledger.reads import cost_by_supplier
from kashu.orders.books import CameBack
from kashu.orders.buying import buying_of
from kashu.purchases.use import attempts_of_lines
from kashu.suppliers.kinds import Goods


async def topups_lost(
    tx: Tx, tenant_id: int, units: Mapping[UUID, int]
) -> dict[UUID, list[CameBack]]:
    """Of lines whose accounts were topped up, so many units, each with what it cost: a loss."""
    wanted = {line_id: count for line_id, count in units.items() if count > 0}
    if not wanted:
        return {}
    found = await buying_of(tx, tenant_id, wanted.keys())
    lines = [line_id for line_id, each in found.items() if each.goods is Goods.TOPUP]
    if not lines:
        return {}
    # What they cost is booked under the orders at suppliers, what was lost of it under the lines.
    orders = await attempts_of_lines(tx, tenant_id, lines)
    units_left: Counter[tuple[UUID, UUID | None]] = Counter()
    left_e4: Counter[tuple[UUID, UUID | None]] = Counter()
    for cost in await cost_by_supplier(tx, tenant_id, [*orders, *lines]):
        name = orders.get(cost.subject_id, cost.subject_id), cost.supplier_id
        units_left[name] += cost.units
        left_e4[name] += cost.cost_e4
    lost: dict[UUID, list[CameBack]] = defaultdict(list)
    for (line_id, supplier_id), count in sorted(units_left.items()):
        assert supplier_id is not None, "somebody topped it up"
        for unit_cost_e4 in split(left_e4[line_id, supplier_id], [1] * count):
            if len(lost[line_id]) < wanted[line_id]:
                lost[line_id].append(CameBack(None, supplier_id, unit_cost_e4, 1, restocked=False))
    return lost
