"""A merchant whose only supplier sends files by mail and chat."""

from dataclasses import replace

from kashu.access.keyring import Keyrings
from kashu.adapters.suppliers.by_hand import NAME, ByHandUpstream
from kashu.core.db import Database
from kashu.core.secrets import Secret
from kashu.purchases.reads import Attempt
from kashu.suppliers.connections import NewConnection, connect
from kashu.suppliers.kinds import Goods
from tests.conftest import MASTERS, Tenant
from tests.purchases.buying import deposit, make_offer
from tests.purchases.world import DEPOSIT_E4, World, make_world
from tests.stock.builders import make_supplier

COST_E4 = 90_000
CODE = "lao-wang"
CARDS = "卡号,密码\n" + "".join(f"KAMI0000000{n},MIMA0000000{n}\n" for n in (1, 2, 3))


async def open_by_hand(database: Database, tenant: Tenant, keyrings: Keyrings) -> World:
    """Make the merchant, its money there, and one price that it was told."""
    world = await make_world(database, tenant, keyrings, suppliers=())
    async with database.transaction(tenant.id) as tx:
        supplier_id = await make_supplier(tx, tenant.id, CODE)
        wanted = NewConnection(NAME, "wang@example.com", Secret("none"))
        await connect(tx, tenant.id, "cli", CODE, wanted, masters=MASTERS)
        await make_offer(tx, tenant.id, world.ground.sku_id, CODE, COST_E4, goods=Goods.CARD)
        await deposit(tx, tenant.id, supplier_id, DEPOSIT_E4)
    world.suppliers[CODE] = supplier_id
    upstreams = replace(world.buyer.upstreams, protocols={NAME: ByHandUpstream()})
    world.buyer = replace(world.buyer, upstreams=upstreams)
    return world


async def ordered(world: World, quantity: int = 3) -> Attempt:
    """Order some, and read the order that waits for its file."""
    purchase_id = await world.want(quantity)
    await world.place()
    return await world.attempt(purchase_id)
