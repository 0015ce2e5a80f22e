"""Top-ups waiting: how it stands with lines that suppliers top up, and what the buyer is told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from kashu.channels.topups import FAILED, LATE, TOPPING_UP
from kashu.core.clock import SHANGHAI
from kashu.core.db import Tx
from kashu.orders.buying import Bought, buying_of
from kashu.orders.held_back import HELD_BACK
from kashu.orders.reads import Line
from kashu.orders.tables import BuyingState
from kashu.purchases.kinds import PurchaseState
from kashu.purchases.reads import Purchase, purchases_by_id

_BROUGHT: Final = frozenset({PurchaseState.DONE, PurchaseState.PART})
_NOTHING: Final = frozenset({PurchaseState.ENDED, PurchaseState.CANCELLED})
_URGENT: Final = (FAILED, LATE, *HELD_BACK, TOPPING_UP)  # of several reasons, the first is told


async def why_topups_wait(tx: Tx, tenant_id: int, lines: Sequence[Line], at: datetime) -> str:
    """Say why lines aren't topped up yet that wait for it; empty: none waits.

    `topup_failed`, `topup_late`: a person is to look; why is told with the order's line. Else why
    nothing may be ordered, or `being_topped_up`.
    """
    waiting = [line.line_id for line in lines if line.waiting and line.is_topup]
    if not waiting:
        return ""
    bought = await buying_of(tx, tenant_id, waiting)
    ids = {each.purchase_id for each in bought.values() if each.purchase_id is not None}
    made = await purchases_by_id(tx, tenant_id, ids) if ids else {}
    found = {_why(bought.get(line_id), made, at) for line_id in waiting}
    return min(found, key=_URGENT.index)


def _why(bought: Bought | None, made: dict[UUID, Purchase], at: datetime) -> str:
    if bought is None:
        return FAILED
    if bought.state is BuyingState.DUE:
        if bought.said in HELD_BACK:
            return bought.said
        return LATE if bought.said else TOPPING_UP  # the rules forbid it: a person changes them
    purchase = made.get(bought.purchase_id) if bought.purchase_id else None
    if purchase is None or purchase.state in _NOTHING:
        return FAILED
    if purchase.state in _BROUGHT:
        return TOPPING_UP if purchase.used_at is None else FAILED
    return LATE if purchase.due_at is not None and at > purchase.due_at else TOPPING_UP


async def topups_under_way(tx: Tx, tenant_id: int, line_ids: Sequence[UUID]) -> bool:
    """Whether something is at a supplier for some lines, or came from one and isn't booked.

    True only where it can't be stopped: who asks has cancelled, in `tx`, what can be.
    """
    bought = await buying_of(tx, tenant_id, line_ids)
    ids = {each.purchase_id for each in bought.values() if each.purchase_id is not None}
    made = (await purchases_by_id(tx, tenant_id, ids)).values() if ids else ()
    return any(
        each.state is PurchaseState.PLACED or (each.state in _BROUGHT and each.used_at is None)
        for each in made
    )


async def receipts(tx: Tx, tenant_id: int, lines: Sequence[Line]) -> dict[UUID, str]:
    """Say to buyers on platforms, in Chinese, what was topped up, by line; accounts are masked.

    The same text each time: it is written at most once.
    """
    ids = [line.line_id for line in lines if line.is_topup and line.delivered]
    bought = await buying_of(tx, tenant_id, ids) if ids else {}
    wanted = {each.purchase_id for each in bought.values() if each.purchase_id is not None}
    made = await purchases_by_id(tx, tenant_id, wanted) if wanted else {}
    texts = {}
    for line in lines:
        each = bought.get(line.line_id)
        purchase = made.get(each.purchase_id) if each and each.purchase_id else None
        if each is None or purchase is None or purchase.used_at is None:
            continue
        when = purchase.used_at.astimezone(ZoneInfo(SHANGHAI)).strftime("%Y-%m-%d %H:%M")
        number = f"，凭证 {each.receipt}" if each.receipt else ""
        texts[line.line_id] = (
            f"已为 {each.masked_account} 充值 {line.sku_name_zh} ×{line.delivered}，{when}{number}"
        )
    return texts
