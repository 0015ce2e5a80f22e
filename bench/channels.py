"""Channels: orders mixed over five simulated platforms; time from paid to confirmed."""

from typing import Final

from bench.ground import make_ground
from bench.report import Result, line_of
from bench.trading import trade
from kashu.entry.simulation.buyers import Trade

P95_S: Final = 3.0
P99_S: Final = 8.0

# Orders a second, seconds, and how long we wait for what is still open.
SIZES: Final = {
    "tiny": (10.0, 2.0, 30.0),
    "small": (100.0, 30.0, 60.0),
    "full": (100.0, 300.0, 60.0),
}


async def run(scale: str) -> dict[str, object]:
    """Measure once."""
    rate, seconds, patience_s = SIZES[scale]
    with make_ground() as ground:
        traded = await trade(ground, Trade(rate, seconds), rate * seconds, patience_s=patience_s)
        total = traded.done.outcome.total
        settings = {"orders_per_s": rate, "seconds": seconds}
        # Both bars in one figure: how much of the one that is nearer is used up.
        worst = max(total.p95_s / P95_S, total.p99_s / P99_S)
        result = Result(
            "channels",
            "s at p95",
            [worst * P95_S],
            [P95_S],
            1.0,
            "lower",
            settings,
            traded.exact,
            traded.figures,
        )
        return line_of(result, ground, scale)
