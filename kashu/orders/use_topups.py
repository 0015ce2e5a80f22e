"""Use top-ups: accounts that suppliers topped up settle their lines, and cost what they cost."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import update

from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.ledger.post import Transfer, post
from kashu.orders.books import topup_used
from kashu.orders.buying import stop_buying
from kashu.orders.line_shares import Shares
from kashu.orders.settle import Standing, lines_by_id, settle
from kashu.orders.tables import buying
from kashu.purchases.use import ToppedUp, topups_ready, use_topups
from kashu.stock.hold import hold

AT_ONCE: Final = 200  # purchases a transaction


async def settle_topups(tx: Tx, tenant_id: int, today: date, at: datetime) -> bool:
    """Settle some lines whose accounts were topped up. True: there may be more.

    What was refunded meanwhile is a loss: a top-up can't be taken back.
    Locks: the SKUs' levels, then the purchases.
    """
    ready = await topups_ready(tx, tenant_id, most=AT_ONCE)
    if not ready:
        return False
    await hold(tx, tenant_id, {each.sku_id for each in ready})
    done = await use_topups(tx, tenant_id, [each.purchase_id for each in ready], at)
    of_line: dict[UUID, list[ToppedUp]] = defaultdict(list)
    for each in done:
        of_line[each.line_id].append(each)
    lines = await lines_by_id(tx, tenant=tenant_id, ids=list(of_line)) if of_line else []
    stands: dict[UUID, Shares] = {}
    transfers: list[Transfer] = []
    happened = []
    for line in lines:
        after, booked = _settled(line, of_line[line.line_id])
        stands[line.line_id] = after
        transfers += booked
        facts = {"line": line.number, "delivered": after.delivered, "waiting": after.waiting}
        happened.append(Event("order.topped_up", line.order_id, {"lines": [facts]}))
        await tx.execute(
            update(buying)
            .where(buying.c.tenant_id == tenant_id, buying.c.line_id == line.line_id)
            .values(receipt=next((x.receipt for x in of_line[line.line_id] if x.receipt), ""))
        )
    await settle(tx, tenant_id, stands)
    await post(tx, tenant_id, transfers, posted_on=today)
    await stop_buying(tx, tenant_id, [id_ for id_, after in stands.items() if not after.waiting])
    await record(tx, tenant_id, "system", happened)
    return len(ready) == AT_ONCE


def _settled(line: Standing, done: Sequence[ToppedUp]) -> tuple[Shares, list[Transfer]]:
    """Work out how a line stands after suppliers topped up for it, and the transfers."""
    shares, transfers = line.shares, []
    for each in done:
        units = min(each.units, shares.waiting)
        after = shares.deliver(units)
        earned_e4 = after.earned_e4 - shares.earned_e4
        booked = topup_used(line.sold, each, units, earned_e4)
        transfers += [transfer for transfer in booked if transfer.quantity]
        shares = after
    return shares, transfers
