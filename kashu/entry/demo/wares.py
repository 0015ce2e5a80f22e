"""What the demo doesn't keep in stock: bought when somebody orders it, from simulated suppliers."""

import hashlib
from collections.abc import Iterator
from itertools import count
from typing import Final

from kashu.catalog.change_sku import change_sku
from kashu.catalog.kinds import ShortagePolicy
from kashu.catalog.shapes import SkuChanges
from kashu.core.db import Tx
from kashu.core.money import format_amount, parse_amount
from kashu.entry.simulation.wholesale import FLAKY, INSTANT, SLOW, Ware
from kashu.entry.terminal import language
from kashu.orders.bodies import LineBody, OrderBody, OrdersBody
from kashu.orders.write import Submission
from kashu.simulators.suppliers.house import Kind

ACTOR: Final = "cli"
CARDS: Final = 100_000  # of each, at each supplier: nobody watches for so long
TOPUP: Final = "iqiyi-month-topup"
DRAMA: Final = "mgtv-quarter"  # the cheap and flaky one's best: what goes wrong goes wrong with it

# Each of them is the cheapest at another supplier.
WARES: Final = (
    Ware(
        DRAMA,
        "芒果TV会员 季卡",
        parse_amount("45"),
        {INSTANT: 100, SLOW: 97, FLAKY: 94},
        face_value_e4=parse_amount("63"),
    ),
    Ware(
        "iqiyi-quarter",
        "爱奇艺黄金会员 季卡",
        parse_amount("58"),
        {INSTANT: 98, SLOW: 94, FLAKY: 96},
        face_value_e4=parse_amount("78"),
    ),
    Ware(
        "qq-music-quarter",
        "QQ音乐豪华绿钻 季卡",
        parse_amount("40"),
        {INSTANT: 95, SLOW: 100, FLAKY: 98},
        face_value_e4=parse_amount("54"),
    ),
    Ware(
        TOPUP,
        "爱奇艺黄金会员 月卡直充",
        parse_amount("24"),
        {INSTANT: 100, SLOW: 95},
        kind=Kind.TOPUP,
        face_value_e4=parse_amount("30"),
    ),
)
PRICES: Final = {
    DRAMA: parse_amount("56.90"),
    "iqiyi-quarter": parse_amount("69.90"),
    "qq-music-quarter": parse_amount("48.90"),
    TOPUP: parse_amount("27.90"),
}
NAMES: Final = {ware.sku: ware.title for ware in WARES}
SELLERS: Final = {
    INSTANT: ("星权益·即时", "Xingquanyi (instant)"),
    SLOW: ("卡速售·慢", "Kasushou (slow)"),
    FLAKY: ("卡易信·便宜", "Kayixin (cheap)"),
}


async def buy_when_short(tx: Tx, tenant_id: int) -> None:
    """Have what isn't in stock be bought for whoever orders it. A top-up always is."""
    for ware in WARES:
        if ware.kind is Kind.CARD:
            changes = SkuChanges(shortage_policy=ShortagePolicy.BUY)
            await change_sku(tx, tenant_id, ACTOR, ware.sku, changes)


def seller_name(code: str) -> str:
    """Call a supplier shortly, in the reader's language."""
    zh, en = SELLERS[code]
    return zh if language() == "zh" else en


class Requests:
    """Orders by the API of what is bought for them; each has a number of its own."""

    def __init__(self, run: str) -> None:
        self._run = run
        self._numbers: Iterator[int] = count(1)

    def order(self, sku: str) -> Submission:
        """Order one."""
        number = next(self._numbers)
        account = f"138{number % 10**8:08d}" if sku == TOPUP else None  # nobody is called there
        line = LineBody(sku, 1, format_amount(PRICES[sku]), account=account)
        body = OrdersBody((OrderBody(f"{self._run}-b{number:06d}", (line,), store="own-site"),))
        digest = hashlib.sha256(repr(body).encode()).digest()
        return Submission(ACTOR, body.orders[0].external_id, digest, body)
