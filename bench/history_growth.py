"""History growth: what an order costs after very many cards were issued, and before the first."""

from typing import Final

from bench.growth import Growth, Size, run_growth

BAR: Final = 1.5
AVAILABLE: Final = 10_000

# Issued cards, repeats, orders in a repeat.
SIZES: Final = {
    "tiny": (2_000, 1, 100),
    "small": (300_000, 7, 2_000),
    "full": (10_000_000, 15, 5_000),
}


async def run(scale: str) -> dict[str, object]:
    """Measure both sides in turn."""
    issued, repeats, orders = SIZES[scale]
    available = AVAILABLE if scale != "tiny" else 1_000
    much, little = Size(available, issued), Size(available, 0)
    return await run_growth(Growth("history_growth", BAR, much, little, repeats, orders), scale)
