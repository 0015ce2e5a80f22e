"""Take note: what a refusal says of the supplier or of its offer, beside the order."""

from datetime import timedelta
from typing import Final

from kashu.core.errors import OutsideError
from kashu.purchases.moves import Case
from kashu.suppliers.breaker import open_breaker
from kashu.suppliers.connections import set_state
from kashu.suppliers.errors import (
    BalanceShort,
    LoginRefused,
    PriceAbove,
    ProductGone,
    SoldOut,
)
from kashu.suppliers.gone import mark_gone, mark_sold_out
from kashu.suppliers.kinds import ConnectionState
from kashu.suppliers.read_prices import want_prices

MONEY_PAUSE: Final = timedelta(minutes=5)  # for a supplier where our money doesn't suffice


async def take_note(case: Case, error: OutsideError) -> None:
    """Lock a connection out, pause a supplier, mark an offer or have prices read anew."""
    tx, tenant_id, at = case.tx, case.occasion.tenant_id, case.occasion.at
    supplier_id, offer_id = case.attempt.supplier_id, case.attempt.offer_id
    match error:
        case LoginRefused():
            locked = ConnectionState.LOCKED_OUT
            await set_state(tx, tenant_id, "system", supplier_id, locked, said=error.code)
        case BalanceShort():
            case.happened("supplier.balance_short")
            until = at + MONEY_PAUSE
            await open_breaker(
                tx, tenant_id, "system", supplier_id, until=until, because=error.code
            )
        case SoldOut() if case.attempt.quantity == 1:  # of more, there may still be fewer
            await mark_sold_out(tx, tenant_id, "system", offer_id, at)
        case SoldOut() | PriceAbove():
            await want_prices(tx, tenant_id, supplier_id, at)
        case ProductGone():
            await mark_gone(tx, tenant_id, "system", offer_id, at)
        case _:
            return
