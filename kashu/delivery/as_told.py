"""As told: whether an order may be sent, as its platform tells it at this moment."""

from collections.abc import Sequence
from typing import Final

from kashu.channels.channel import ShopLine, ShopOrder, ShopRefundState, ShopState
from kashu.channels.shop_orders import KnownOrder

NOT_NOW: Final = "not_to_be_shipped_now"  # held there, or a refund is asked for


def forbidden(told: ShopOrder) -> str | None:
    """Say why an order must not be sent now."""
    asked = any(line.refund is ShopRefundState.ASKED for line in told.lines)
    return NOT_NOW if asked or told.state is not ShopState.PAID else None


def changed(known: KnownOrder, told: ShopOrder) -> bool:
    """Whether an order isn't what we took in: other goods, or another sum without a refund."""
    if not told.complete:
        return False

    def goods(lines: Sequence[ShopLine]) -> list[tuple[str, str, str, int]]:
        return sorted((each.line_id, each.item_id, each.sku_id, each.quantity) for each in lines)

    refunded = any(line.refund is not ShopRefundState.NONE for line in told.lines)
    return goods(known.lines) != goods(told.lines) or (
        known.paid_e4 != told.paid_e4 and not refunded
    )
