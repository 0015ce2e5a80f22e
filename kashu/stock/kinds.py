"""What other modules must know of stock's sizes."""

from typing import Final

BULK_MAX: Final = 10_000  # cards of one demand: a bulk order is one order
