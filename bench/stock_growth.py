"""Stock growth: what an order costs with very many available cards, and with ten thousand."""

from typing import Final

from bench.growth import Growth, Size, run_growth

BAR: Final = 1.3
LITTLE: Final = 10_000

# Available cards, repeats, orders in a repeat.
SIZES: Final = {
    "tiny": (12_000, 1, 100),
    "small": (300_000, 7, 2_000),
    "full": (10_000_000, 15, 5_000),
}


async def run(scale: str) -> dict[str, object]:
    """Measure both sides in turn."""
    available, repeats, orders = SIZES[scale]
    much, little = Size(available, 0), Size(LITTLE if scale != "tiny" else 1_000, 0)
    return await run_growth(Growth("stock_growth", BAR, much, little, repeats, orders), scale)
