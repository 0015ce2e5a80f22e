"""A supplier that sells in euros, and has a deposit of ours in euros."""

from sqlalchemy import update

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.ledger.supplier_money import SupplierMoney, supplier_money
from kashu.simulators.suppliers.house import Kind
from kashu.suppliers.rates import set_rate
from kashu.suppliers.tables import offers, suppliers
from tests.conftest import Tenant
from tests.purchases.buying import deposit
from tests.purchases.world import COST_E4, DEPOSIT_E4, World, make_world

RATE = "7.812345"
RATE_E6 = 7_812_345
OURS_E4 = 781_235  # of one: 10 euros at 7.812345, to the nearest ten-thousandth of a yuan
HOUSE = "kinguin"


async def make_world_abroad(
    database: Database, tenant: Tenant, keyrings: Keyrings, kind: Kind = Kind.CARD
) -> World:
    """Make a merchant that buys in euros, of one supplier, at a rate that somebody entered."""
    world = await make_world(database, tenant, keyrings, [])
    await add_abroad(world, kind)
    async with database.transaction(tenant.id) as tx:
        await set_rate(tx, tenant.id, "cli", "EUR", RATE)
    return world


async def add_abroad(world: World, kind: Kind = Kind.CARD, code: str = HOUSE) -> None:
    """Connect a supplier that sells our SKU in euros."""
    await world.add(code, COST_E4, deposit_e4=0, kind=kind)
    supplier_id = world.suppliers[code]
    async with world.database.transaction(world.tenant.id) as tx:
        await tx.execute(
            update(offers).where(offers.c.supplier_id == supplier_id).values(currency="EUR")
        )
        await tx.execute(
            update(suppliers).where(suppliers.c.id == supplier_id).values(currency="EUR")
        )
        await deposit(tx, world.tenant.id, supplier_id, DEPOSIT_E4, "EUR")


async def money_abroad(world: World, currency: str = "EUR") -> SupplierMoney:
    """What the books say of our money there."""
    supplier_id = world.suppliers[HOUSE]
    async with world.database.transaction(world.tenant.id) as tx:
        known = await supplier_money(tx, world.tenant.id, [supplier_id], currency=currency)
    return known[supplier_id]


async def balances(world: World, *kinds: str) -> dict[tuple[str, str], int]:
    """What the accounts of some kinds come to, by kind and currency; nothing isn't there."""
    found: dict[tuple[str, str], int] = {}
    for each in await world.books():
        if each.kind in kinds:
            name = (each.kind, each.currency)
            found[name] = found.get(name, 0) + each.balance_e4
    return {name: balance_e4 for name, balance_e4 in found.items() if balance_e4}
