"""The command of a supplier's breaker: see it, pause ordering there, go on at once."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import click
import msgspec

from kashu.core.clock import now
from kashu.entry.commands.partners import code_argument, supplier
from kashu.entry.shop import ACTOR, open_shop
from kashu.entry.taught import Command
from kashu.entry.terminal import (
    Words,
    json_option,
    language,
    on_the_clock,
    say,
    show,
    table,
    tenant_option,
)
from kashu.entry.usage import Misused
from kashu.purchases.breaker import HELD_MAX, close_by_hand, open_by_hand
from kashu.suppliers.breaker import Breaker, breaker_of
from kashu.suppliers.reads import supplier_by_code

MINUTES: Final = 30.0
MINUTES_MAX: Final = HELD_MAX.total_seconds() / 60

__all__ = ["breaker"]

_BECAUSE: Final[dict[str, Words]] = {
    "": ("", ""),
    "by_hand": ("人工暂停", "by hand"),
    "failures_in_a_row": ("连续失败", "failures in a row"),
    "failure_rate": ("失败率过高", "too many failed"),
    "slow": ("过慢", "too slow"),
    "unavailable": ("试探失败", "the order that tried failed"),
    "unclear": ("试探结果不明", "the order that tried is unclear"),
    "failed": ("试探失败", "the order that tried failed"),
    "supplier_balance_short": ("那里的预付款不足", "our deposit there is short"),
}
_STATES: Final[dict[str, Words]] = {
    "closed": ("正常下单", "closed: it is ordered from"),
    "open": ("熔断，暂停下单", "open: nothing is ordered there"),
    "half_open": ("半开，一笔订单试探", "half open: one order tries"),
}


class BreakerShown(msgspec.Struct, frozen=True):
    """A supplier's breaker: `closed`, `open` (until then) or `half_open` (one order tries)."""

    supplier: str
    state: str
    until: datetime | None
    breaks: int
    because: str


@supplier.command("breaker", cls=Command)
@code_argument
@click.argument(
    "what", metavar="[open|close]", type=click.Choice(["open", "close"]), required=False
)
@click.option(
    "--minutes",
    type=click.FloatRange(1, MINUTES_MAX),
    help="与 open 同用：暂停多少分钟，默认 30，最多七天。 With open: for how long; 30.",
)
@tenant_option
@json_option
def breaker(
    *, code: str, what: str | None, minutes: float | None, tenant: str | None, as_json: bool
) -> None:
    """查看供应商的熔断；open 暂停向它下单一会儿，close 立即恢复。

    See a supplier's breaker; open: order nothing there for a while; close: order again at once.

    它会因失败过多自己断开，到时用一笔订单试探，成功即恢复。在途订单不受影响。
    It opens by itself when orders fail; then one order tries, and closes it if it goes well. Orders
    under way aren't touched. To stop for long: kashu supplier stop CODE

    kashu supplier breaker alpha
    kashu supplier breaker alpha open --minutes 90
    kashu supplier breaker alpha close
    """
    if minutes is not None and what != "open":
        raise Misused("--minutes 只与 open 同用。", "--minutes goes with open only.")

    async def run() -> tuple[BreakerShown, str]:
        async with (
            open_shop(tenant) as shop,
            shop.database.transaction(shop.tenant.id) as tx,
        ):
            own, at = shop.tenant.id, now()
            of = await supplier_by_code(tx, own, code)
            if what == "open":
                until = at + timedelta(minutes=minutes or MINUTES)
                found = await open_by_hand(tx, own, ACTOR, of.id, until=until, at=at)
            elif what == "close":
                found = await close_by_hand(tx, own, ACTOR, of.id)
            else:
                found = await breaker_of(tx, own, of.id)
            return _shown(of.code, found, at), shop.tenant.timezone

    shown, timezone = asyncio.run(run())
    titles: Sequence[Words] = (
        ("供应商", "Supplier"),
        ("熔断", "Breaker"),
        ("到", "Until"),
        ("连续次数", "In a row"),
        ("原因", "Because"),
    )
    place = 0 if language() == "zh" else 1
    row = (
        shown.supplier,
        _STATES[shown.state][place],
        on_the_clock(shown.until, timezone) if shown.until else "",
        shown.breaks,
        _BECAUSE[shown.because][place] if shown.because in _BECAUSE else shown.because,
    )
    show(shown, lambda: table("", titles, [row]), as_json=as_json)
    if what == "open":
        say(
            f"提前恢复：kashu supplier breaker {code} close",
            f"To order again sooner: kashu supplier breaker {code} close",
        )


def _shown(code: str, found: Breaker, at: datetime) -> BreakerShown:
    state = "closed"
    if found.breaks:
        trying = found.trying_until is not None and found.trying_until > at
        paused = found.broken_until is not None and found.broken_until > at
        state = "half_open" if trying or not paused else "open"
    until = found.broken_until if state == "open" else None
    return BreakerShown(code, state, until, found.breaks, found.because)
