"""HTTP of stock: the table of contents."""

from typing import Final

from kashu.stock import (
    api_cards,
    api_imports,
    api_levels,
    api_lots,
    api_reservations,
    api_stocktakes,
    api_strategies,
)

routes: Final = (
    *api_imports.routes,
    *api_cards.routes,
    *api_lots.routes,
    *api_levels.routes,
    *api_reservations.routes,
    *api_stocktakes.routes,
    *api_strategies.routes,
)
