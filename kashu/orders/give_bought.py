"""Give bought: cards that were bought for a line are given to it in the moment they come.

Nobody else sees them before: who orders meanwhile waits for the SKU, and then finds them gone.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from kashu.core.db import Tx
from kashu.orders.fill_short import fill_lines
from kashu.orders.settle import lines_by_id
from kashu.purchases.give import Given


async def give_bought(tx: Tx, tenant_id: int, line_ids: Sequence[UUID], today: date) -> Given:
    """Fill lines that wait for what was just bought for them, the oldest first.

    A line that has what it wanted, or whose money went back, gets nothing: its cards are stock.
    Under hold() of their SKUs. Locks: the purchases that are made for those that are filled.
    """
    lines = await lines_by_id(tx, tenant=tenant_id, ids=list(line_ids))
    filled = await fill_lines(tx, tenant_id, [line for line in lines if line.waiting], today)
    return Given(filled.units, filled.transfers, filled.happened)
