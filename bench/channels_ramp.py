"""Ramp: ever more orders on five simulated platforms; how long what piled up takes to drain."""

from typing import Final

from bench.ground import make_ground
from bench.report import Result, line_of
from bench.trading import trade
from kashu.entry.simulation.buyers import Trade

DRAINED_S: Final = 60.0
WORKERS: Final = 2  # one speaks with the platforms, the other does the rest

# Orders a second at the beginning and at the end, and seconds.
SIZES: Final = {
    "tiny": (5.0, 15.0, 2.0),
    "small": (50.0, 150.0, 30.0),
    "full": (50.0, 300.0, 300.0),
}


async def run(scale: str) -> dict[str, object]:
    """Measure once. What isn't drained in time is left open, and fails."""
    rate, ramp_to, seconds = SIZES[scale]
    with make_ground() as ground:
        orders = (rate + ramp_to) / 2 * seconds
        wanted = Trade(rate, seconds, ramp_to=ramp_to)
        patience_s = 2 * DRAINED_S
        traded = await trade(ground, wanted, orders, patience_s=patience_s, workers=WORKERS)
        settings = {
            "orders_per_s": rate,
            "ramp_to": ramp_to,
            "seconds": seconds,
            "workers": WORKERS,
        }
        result = Result(
            "channels_ramp",
            "s to drain",
            [traded.done.drained_s],
            [DRAINED_S],
            1.0,
            "lower",
            settings,
            traded.exact,
            traded.figures,
        )
        return line_of(result, ground, scale)
