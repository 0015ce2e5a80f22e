"""Use top-ups: accounts that suppliers topped up settle their lines, and cost what they cost."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.money import CURRENCY
from kashu.core.sql import Statement
from kashu.ledger.post import Transfer, post_each
from kashu.orders.books import topup_used
from kashu.orders.buying import stop_buying
from kashu.orders.line_shares import Shares
from kashu.orders.settle import Standing, lines_by_id, settle
from kashu.purchases.use import ToppedUp, topups_ready, use_topups
from kashu.stock.hold import hold

AT_ONCE: Final = 200  # purchases a transaction


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The statement returns no rows."""


_keep = Statement(__file__, "use_topups_keep.sql", _Nothing)


async def settle_topups(
    tx: Tx, tenant_id: int, today: date, at: datetime
) -> tuple[set[UUID], bool]:
    """Settle some lines whose accounts were topped up. Returns their orders; True: there are more.

    What was refunded meanwhile is a loss: a top-up can't be taken back.
    Locks: the SKUs' levels, then the purchases.
    """
    ready = await topups_ready(tx, tenant_id, most=AT_ONCE)
    if not ready:
        return set(), False
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
        lost = sum(each.units for each in of_line[line.line_id]) - (
            after.delivered - line.delivered
        )
        if lost:  # their money had gone back: ask the supplier, or bear it
            facts = {"line": line.number, "units": lost}
            happened.append(Event("order.topup_lost", line.order_id, facts))
    receipts = {id_: next((x.receipt for x in of_line[id_] if x.receipt), "") for id_ in stands}
    await _keep(tx, tenant=tenant_id, lines=list(receipts), receipts=list(receipts.values()))
    await settle(tx, tenant_id, stands)
    await stop_buying(tx, tenant_id, [id_ for id_, after in stands.items() if not after.waiting])
    posting = _spent([each for id_ in stands for each in of_line[id_]])
    posting[CURRENCY] += transfers
    # Last: who orders posts with them locked.
    await post_each(tx, tenant_id, posting, posted_on=today)
    await record(tx, tenant_id, "system", happened)
    return {line.order_id for line in lines}, len(ready) == AT_ONCE


def _spent(done: Sequence[ToppedUp]) -> defaultdict[str, list[Transfer]]:
    """What was spent of other currencies, by currency."""
    found: defaultdict[str, list[Transfer]] = defaultdict(list)
    for each in done:
        if each.spent.amount_e4:
            found[each.currency].append(each.spent)
    return found


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
