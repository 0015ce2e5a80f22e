"""The bare endpoint: the same framework and server, the same body in, a like answer out."""

import os

from granian import Granian
from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from litestar import Litestar, post

from kashu.core.ids import new_ids
from kashu.orders.answers import CardAnswer, LineAnswer, OrderAnswer, OrdersAnswer
from kashu.orders.bodies import OrdersBody


@post("/v1/orders", status_code=200)
async def accept_nothing(data: OrdersBody) -> OrdersAnswer:
    """Answer as if each order got a card."""
    answered = []
    for order in data.orders:
        ids = new_ids(3)
        card = CardAnswer(ids[0], "0000000000000000", "pw00000000")
        line = LineAnswer(ids[1], 1, order.lines[0].sku, 1, 1, 0, 0, 0, (card,))
        answered.append(
            OrderAnswer(ids[2], order.external_id, new=True, state="filled", lines=(line,))
        )
    return OrdersAnswer(tuple(answered))


def _load() -> Litestar:
    return Litestar([accept_nothing], openapi_config=None, logging_config=None)


def main() -> None:
    """Serve as the real one is served."""
    Granian(
        "bare",
        address="127.0.0.1",
        port=int(os.environ["KASHU_PORT"]),
        interface=Interfaces.ASGI,
        workers=1,
        loop=Loops.auto,
        websockets=False,
        log_level=LogLevels.warning,
        log_access=False,
    ).serve(target_loader=_load, wrap_loader=False)  # type: ignore[arg-type, unused-ignore]
