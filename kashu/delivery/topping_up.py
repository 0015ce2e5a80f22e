"""Topping up: what delivering an order does about those of its lines that suppliers top up."""

from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from kashu.channels.ask import Outside
from kashu.channels.channel import Can, CardText, Channel, Link, Parcel
from kashu.channels.connections import Connection
from kashu.channels.shop_orders import KnownOrder
from kashu.channels.topups import FAILED, LATE
from kashu.core.db import Database
from kashu.core.errors import OutsideError
from kashu.orders.held_back import SHIPPED_THERE
from kashu.orders.reads import Line
from kashu.orders.topups_waiting import receipts, why_topups_wait

FOR_PEOPLE: Final = frozenset({FAILED, LATE, SHIPPED_THERE})  # nothing goes on before they look

# An option of a connection: the memo carries the cards. Only where buyers get to read it.
MEMO: Final = "memo"
MEMO_OF_CARDS: Final = "cards"

# A platform that may ship an order as a card is sent isn't sent one before all is done.
_SHIPS: Final = frozenset({Can.SEND_CONFIRMS, Can.SEND_MAY_CONFIRM})

_log = structlog.get_logger()


async def why_waiting(
    database: Database, tenant_id: int, lines: Sequence[Line], outside: Outside
) -> str:
    """Say why an order's top-ups aren't done yet; empty: none is waited for."""
    if not any(line.waiting and line.is_topup for line in lines):
        return ""
    async with database.transaction(tenant_id) as tx:
        return await why_topups_wait(tx, tenant_id, lines, outside.now())


def goes_ahead(channel: Channel, known: KnownOrder, lines: Sequence[Line]) -> bool:
    """Whether the cards of an order leave while its accounts are being topped up."""
    ships = bool(_SHIPS & channel.can) or known.sealed_token is not None
    return not ships and any(line.delivered and not line.is_topup for line in lines)


async def receipts_to_give(
    database: Database, tenant_id: int, connection: Connection, lines: Sequence[Line]
) -> dict[int, str]:
    """What a buyer who reads memos is told of what was topped up, by our lines' numbers."""
    by_memo = connection.options.get(MEMO) == MEMO_OF_CARDS
    if not by_memo or not any(line.is_topup for line in lines):
        return {}
    async with database.transaction(tenant_id) as tx:
        texts = await receipts(tx, tenant_id, lines)
    return {line.number: texts[line.line_id] for line in lines if line.line_id in texts}


async def give_receipts(
    channel: Channel, link: Link, known: KnownOrder, texts: Mapping[int, str]
) -> None:
    """Write them there, where the platform has a memo; nothing waits for that, whatever it says."""
    for number, text in texts.items() if Can.SEND_MEMO in channel.can else ():
        there = known.lines[known.place_of(number)].line_id
        parcel = Parcel(known.number, there, (CardText(number=text),), is_note=True)
        try:
            await channel.send(link, parcel)
        except OutsideError as error:
            _log.warning("receipt_not_given", order=str(known.id), error=error.code)
            return
