"""Channels: five simulated platforms, orders mixed over them; time from paid to confirmed.

The worker is the one that ships, in a process of its own. Simulators, buyers and the clerk who
hands cards over in chats share this one. Where a platform's own programs can't show a buyer the
card, the time includes the clerk's look, ten times a second.
"""

from typing import Final

from bench.fill import settle
from bench.ground import MASTERS, make_ground, make_shop
from bench.report import Result, line_of, rounded
from bench.web import working
from kashu.access.keyring import Keyrings
from kashu.access.tenants import Tenant
from kashu.core.clock import SHANGHAI
from kashu.entry.channels import make_outside
from kashu.entry.settings import Settings
from kashu.entry.simulation.buyers import Trade
from kashu.entry.simulation.run import simulate
from kashu.entry.simulation.stock import stock_up
from kashu.entry.simulation.town import Goods, open_town
from kashu.reports.verify import verify

P95_S: Final = 3.0
P99_S: Final = 8.0
CARDS_AN_ORDER: Final = 4  # more than the buyers' quantities come to

# Orders a second, seconds, and how long we wait for what is still open.
SIZES: Final = {
    "tiny": (10.0, 2.0, 30.0),
    "small": (30.0, 30.0, 30.0),
    "full": (100.0, 300.0, 60.0),
}


async def run(scale: str) -> dict[str, object]:
    """Measure once."""
    rate, seconds, patience_s = SIZES[scale]
    with make_ground() as ground:
        async with make_shop(ground, stores=0) as shop:
            tenant = Tenant(shop.tenant_id, "bench", "bench", SHANGHAI)
            codes = [sku.code for sku in shop.skus]
            cards = int(CARDS_AN_ORDER * rate * seconds) + 1_000
            await stock_up(shop.database, tenant, shop.keyrings, codes, cards // len(codes))
            settle(ground)
            outside = make_outside(Settings(private_network=True), Keyrings(MASTERS))
            goods = [Goods(code, code, 1_980) for code in codes]
            with working(ground, PRIVATE_NETWORK="true"):
                async with open_town(goods) as town:
                    done = await simulate(
                        shop.database,
                        tenant,
                        outside,
                        town,
                        Trade(rate, seconds),
                        patience_s=patience_s,
                    )
            await outside.http.close()
            async with shop.database.transaction(shop.tenant_id) as tx:
                verified = await verify(tx, shop.tenant_id)
        total = done.outcome.total
        figures = {
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
            "verified": verified.ok,
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
        exact = verified.ok and not total.lost and not total.duplicates
        settings = {"orders_per_s": rate, "seconds": seconds}
        # Both bars in one figure: how much of the one that is nearer is used up.
        worst = max(total.p95_s / P95_S, total.p99_s / P99_S)
        result = Result(
            "channels", "s at p95", [worst * P95_S], [P95_S], 1.0, "lower", settings, exact, figures
        )
        return line_of(result, ground, scale)
