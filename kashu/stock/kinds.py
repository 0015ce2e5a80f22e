"""Words and sizes of stock that other modules name."""

from typing import Final

BULK_MAX: Final = 10_000  # cards of one demand: a bulk order is one order

ANSWERED: Final = "order answered"  # why a card was seen: it left with the answer to its order
