"""Wholesale notices: the slow one tells of each order that ended, as its protocol has it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from kashu.core.http import Answer, Http
from kashu.entry.simulation.wholesale import SLOW, Wholesale
from kashu.simulators.suppliers.house import Order
from kashu.simulators.suppliers.kasushou import KasushouSimulator
from kashu.simulators.suppliers.telling import Teller, Written

_HEADERS: Final = {"content-type": "application/json"}
_OK: Final = 200


@asynccontextmanager
async def telling(wholesale: Wholesale, http: Http) -> AsyncIterator[Teller]:
    """Post notices to the addresses that orders carry, while the block runs."""
    shop = wholesale.by_code(SLOW).shop
    assert isinstance(shop, KasushouSimulator), "who writes its notices"

    def write(order: Order) -> Written:
        return _HEADERS, shop.notice(order)

    teller = Teller(shop.house, write, _is_taken, http)
    try:
        yield teller
    finally:
        await teller.close()


def _is_taken(answer: Answer) -> bool:
    return answer.status == _OK and answer.body == b"ok"
