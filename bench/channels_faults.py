"""Faults: each call to a simulated platform meets each fault by chance; what is lost or doubled.

No answer before and after acting, errors of the server before and after acting, pages that aren't
JSON, redirects, answers without end, calls too often, permissions that end.
"""

from typing import Final

from bench.ground import make_ground
from bench.report import Result, line_of
from bench.trading import trade
from kashu.entry.simulation.buyers import Trade

FAULT_RATE: Final = 0.01  # of each, a call

# Orders a second, seconds, and how long we wait for what is still open.
SIZES: Final = {
    "tiny": (5.0, 2.0, 120.0),
    "small": (10.0, 30.0, 240.0),
    "full": (10.0, 600.0, 600.0),
}


async def run(scale: str) -> dict[str, object]:
    """Count once: what is wrong must be nothing, however long it takes."""
    rate, seconds, patience_s = SIZES[scale]
    with make_ground() as ground:
        traded = await trade(
            ground,
            Trade(rate, seconds),
            rate * seconds,
            patience_s=patience_s,
            fault_rate=FAULT_RATE,
        )
        total = traded.done.outcome.total
        wrong = total.lost + total.duplicates + sum(traded.done.outcome.open.values())
        settings = {"orders_per_s": rate, "seconds": seconds, "fault_rate": FAULT_RATE}
        result = Result(
            "channels_faults",
            "orders lost, doubled or open, and one",
            [1.0 + wrong],
            [1.0],
            1.0,
            "lower",
            settings,
            traded.exact,
            traded.figures,
        )
        return line_of(result, ground, scale)
