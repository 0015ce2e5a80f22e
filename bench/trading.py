"""Five simulated platforms, a worker of its own, and buyers: what the benches of channels share.

Workers are those that ship, in processes of their own. Simulators, buyers and the clerk who
hands cards over in chats share this one. Where a platform's own programs can't show a buyer the
card, the time includes the clerk's look, ten times a second.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final

from bench.fill import settle
from bench.ground import MASTERS, Ground, make_shop
from bench.report import rounded
from bench.web import working
from kashu.access.keyring import Keyrings
from kashu.access.tenants import Tenant
from kashu.core.clock import SHANGHAI
from kashu.entry.channels import make_outside
from kashu.entry.settings import Settings
from kashu.entry.simulation.buyers import Trade
from kashu.entry.simulation.run import Simulated, simulate
from kashu.entry.simulation.stock import stock_up
from kashu.entry.simulation.town import Goods, open_town
from kashu.reports.verify import verify

CARDS_AN_ORDER: Final = 4  # more than the buyers' quantities come to


@dataclass(frozen=True, slots=True)
class Traded:
    """What came of it. `exact`: nothing lost, doubled or left open, and the books are whole."""

    done: Simulated
    exact: bool
    figures: dict[str, Any]


async def trade(
    ground: Ground,
    wanted: Trade,
    orders: float,
    *,
    patience_s: float,
    fault_rate: float = 0.0,
    workers: int = 1,
) -> Traded:
    """Let people buy about so many orders, and wait for what is still open."""
    async with make_shop(ground, stores=0) as shop:
        tenant = Tenant(shop.tenant_id, "bench", "bench", SHANGHAI)
        codes = [sku.code for sku in shop.skus]
        cards = int(CARDS_AN_ORDER * orders) + 1_000
        await stock_up(shop.database, tenant, shop.keyrings, codes, cards // len(codes))
        settle(ground)
        outside = make_outside(Settings(private_network=True), Keyrings(MASTERS))
        goods = [Goods(code, code, 1_980) for code in codes]
        with ExitStack() as stack:
            for _ in range(workers):
                stack.enter_context(working(ground, PRIVATE_NETWORK="true"))
            async with open_town(goods) as town:
                done = await simulate(
                    shop.database,
                    tenant,
                    outside,
                    town,
                    wanted,
                    patience_s=patience_s,
                    fault_rate=fault_rate,
                )
        await outside.http.close()
        async with shop.database.transaction(shop.tenant_id) as tx:
            verified = await verify(tx, shop.tenant_id)
    total = done.outcome.total
    exact = verified.ok and not total.lost and not total.duplicates and not done.outcome.open
    return Traded(done, exact, _figures(done, verified=verified.ok))


def _figures(done: Simulated, *, verified: bool) -> dict[str, Any]:
    total = done.outcome.total
    return {
        "p50_s": total.p50_s,
        "p95_s": total.p95_s,
        "p99_s": total.p99_s,
        "orders": total.orders,
        "confirmed": total.confirmed,
        "refunds": total.refunds,
        "duplicates": total.duplicates,
        "lost": total.lost,
        "open": done.outcome.open,
        "drained_s": rounded(done.drained_s),
        "buyers_late_s": rounded(done.buyers_late_s),
        "verified": verified,
        "platforms": {
            each.platform: {
                "orders": each.orders,
                "confirmed": each.confirmed,
                "refunds": each.refunds,
                "p50_s": each.p50_s,
                "p95_s": each.p95_s,
                "p99_s": each.p99_s,
                "lost": each.lost,
            }
            for each in done.outcome.platforms
        },
    }
