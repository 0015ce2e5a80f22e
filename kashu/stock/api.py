"""HTTP of stock: the table of contents."""

from typing import Final

from kashu.stock import (
    api_by_sku,
    api_cards,
    api_import_checks,
    api_import_records,
    api_import_rows,
    api_imports,
    api_levels,
    api_lots,
    api_reservations,
    api_stocktakes,
    api_strategies,
    api_warehouses,
)

routes: Final = (
    *api_imports.routes,
    *api_import_checks.routes,
    *api_import_rows.routes,
    *api_import_records.routes,
    *api_cards.routes,
    *api_by_sku.routes,
    *api_lots.routes,
    *api_warehouses.routes,
    *api_levels.routes,
    *api_reservations.routes,
    *api_stocktakes.routes,
    *api_strategies.routes,
)
