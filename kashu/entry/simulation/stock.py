"""Stock for a simulation: made-up cards, received like any others."""

from collections.abc import Iterable
from typing import Final

from kashu.access.keyring import Keyrings
from kashu.access.tenants import Tenant
from kashu.catalog.reads import skus_by_code
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.ids import new_ids
from kashu.stock.receive import NewCard, Terms, receive
from kashu.stock.secret import CardSecret
from kashu.stock.warehouses import list_warehouses
from kashu.suppliers.add import add_supplier
from kashu.suppliers.reads import suppliers_by_code

ACTOR: Final = "cli"
SUPPLIER: Final = "sim-supplier"
COST_E4: Final = 141_250
CHUNK: Final = 10_000  # cards a transaction


async def stock_up(
    database: Database, tenant: Tenant, keyrings: Keyrings, skus: Iterable[str], count: int
) -> None:
    """Receive `count` cards of each SKU into the first warehouse, from a supplier made for it."""
    async with database.transaction(tenant.id) as tx:
        known = await suppliers_by_code(tx, tenant.id, [SUPPLIER])
        supplier = known.get(SUPPLIER) or await add_supplier(
            tx, tenant.id, ACTOR, code=SUPPLIER, name="模拟货源"
        )
        warehouse = (await list_warehouses(tx, tenant.id))[0]
        found = await skus_by_code(tx, tenant.id, set(skus))
    for sku in found.values():
        terms = Terms(sku.id, warehouse.id, supplier.id, COST_E4)
        for begun in range(0, count, CHUNK):
            cards = made_up(min(CHUNK, count - begun))
            async with database.transaction(tenant.id) as tx:
                await receive(
                    tx,
                    tenant.id,
                    ACTOR,
                    terms,
                    cards,
                    keyrings=keyrings,
                    posted_on=day_of(now(), tenant.timezone),
                )


def made_up(count: int) -> list[NewCard]:
    """Make so many cards that nobody ever had."""
    return [_card(each.int) for each in new_ids(count)]


def _card(number: int) -> NewCard:
    return NewCard(CardSecret(f"SIM{number % 10**20:020d}", f"{number % 10**8:08d}"), None)
