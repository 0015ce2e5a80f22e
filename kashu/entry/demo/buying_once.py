"""What goes wrong with suppliers, once each, and that it is put right: in the demo that ends."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import msgspec

from kashu.core.clock import now
from kashu.core.money import format_amount
from kashu.entry.demo.statement import Matched, story_of
from kashu.entry.demo.supply import Supply
from kashu.entry.demo.wares import DRAMA, WARES, seller_name
from kashu.entry.simulation.wholesale import FLAKY, REFUSED
from kashu.entry.terminal import say
from kashu.simulators.suppliers.faults import Fault

EACH: Final = 5  # clean purchases of each SKU
RISE_PERCENT: Final = 2
LOOK_EVERY_S: Final = 0.2
PATIENCE_S: Final = 120.0  # with one step; a busy machine gets there, too


class Bought(msgspec.Struct, frozen=True):
    """What the suppliers' part of the demo came to. `in_doubt`: yuan, at the end."""

    purchases: int  # orders whose goods were bought for them
    bought: int  # orders that the suppliers charged and didn't give back, as they say
    in_doubt: str
    failovers: int
    price_alerts: int
    unclear_resolved: int
    double_purchases: int
    statement: Matched | None
    problems: tuple[str, ...] = ()  # what was to be seen, and wasn't

    @property
    def complete(self) -> bool:
        """Whether each thing was seen, and put right."""
        return not self.problems

    def told(self) -> Mapping[str, object]:
        """What is told of it, by name."""
        told: dict[str, object] = msgspec.to_builtins(self)
        del told["problems"]
        return told


class _NotSeen(Exception):
    """Something didn't happen in time."""


async def buy_once(supply: Supply, *, patience_s: float = PATIENCE_S) -> Bought:
    """Have a price rise, a supplier refuse, an answer get lost and a statement come, once each.

    Whoever waits longer than `patience_s` for one of them gives up, and says which.
    """
    problems: list[str] = []
    statement: Matched | None = None
    try:
        await _play(supply, patience_s)
        statement = await supply.settler.match(supply.wholesale.by_code(FLAKY))
    except _NotSeen as error:
        problems.append(str(error))
    await supply.happenings.look()
    if statement is not None:
        supply.happenings.tell(now(), *story_of(seller_name(FLAKY), statement))
    bought = await _told(supply, statement)
    problems += await _wrong(supply, bought)
    for each in problems:
        say(f"✗ 供应商：{each}", f"✗ suppliers: {each}")
    return msgspec.structs.replace(bought, problems=tuple(problems))


async def _play(supply: Supply, patience_s: float) -> None:
    happenings, flaky = supply.happenings, supply.wholesale.by_code(FLAKY)

    async def until(name: str, holds: Callable[[], Awaitable[bool]]) -> None:
        give_up_at = time.monotonic() + patience_s
        while not await holds():
            if time.monotonic() > give_up_at:
                raise _NotSeen(name)
            await asyncio.sleep(LOOK_EVERY_S)
            await happenings.look()

    async def all_settled() -> bool:
        return not await supply.open()

    async def flaky_is_best() -> bool:
        best = (await supply.offers(DRAMA))[0]
        return best.buyable and best.supplier == FLAKY

    async def rise_told() -> bool:
        return any(move.sku == DRAMA and move.is_rise for move in happenings.moves)

    for _ in range(EACH):
        for ware in WARES:
            await supply.order(ware.sku)
    await until("clean purchases", all_settled)
    await until("the cheapest supplier", flaky_is_best)
    flaky.reprice(RISE_PERCENT, DRAMA)
    await until("a price rise", rise_told)
    flaky.house.refusals.append(f"{REFUSED} 库存不足")
    await supply.order(DRAMA)
    await until("a failover", all_settled)
    await until("the cheapest supplier again", flaky_is_best)
    flaky.shop.faults.order(Fault.SILENT_AFTER, placing=True)
    await supply.order(DRAMA)
    await until("an unclear purchase", all_settled)


async def _told(supply: Supply, statement: Matched | None) -> Bought:
    happenings, money = supply.happenings, await supply.money()
    return Bought(
        purchases=happenings.done,
        bought=supply.wholesale.bought().total(),
        in_doubt=format_amount(sum(each.in_doubt_e4 for each in money.values())),
        failovers=len(happenings.failovers),
        price_alerts=len(happenings.moves),
        unclear_resolved=happenings.unclear_resolved,
        double_purchases=await supply.doubles(),
        statement=statement,
    )


async def _wrong(supply: Supply, bought: Bought) -> list[str]:
    """Say what doesn't hold at the end."""
    statement = bought.statement
    holds = {
        "in doubt": float(bought.in_doubt) == 0,
        "double purchases": bought.double_purchases == 0,
        "failovers": bought.failovers > 0,
        "price alerts": bought.price_alerts > 0,
        "unclear purchases resolved": bought.unclear_resolved > 0,
        "statement matched": statement is not None
        and statement.matched > 0
        and statement.missing == 0
        and statement.found == statement.resolved > 0,
        "the suppliers' balances": await supply.balanced(),
    }
    return [name for name, is_so in holds.items() if not is_so]
