"""After a rotation what purchases sealed is under the new key, so that the old one may go."""

from sqlalchemy import select

from kashu.access.keyring import Keyrings, rotate_data_key
from kashu.core.db import Database
from kashu.purchases.reseal import reseal_purchases
from kashu.purchases.tables import purchases, rejected_cards
from kashu.simulators.suppliers.house import Fate, Kind
from tests.conftest import MASTERS, Tenant
from tests.purchases.world import make_world


async def test_evidence_and_inputs_are_sealed_anew(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    world = await make_world(database, tenant, keyrings, ["fulu"])
    world.houses["fulu"].house.fates.append(Fate.WRONG_FACE)
    await world.want()
    await world.place()
    house = await world.add("topups", kind=Kind.TOPUP)
    house.instant = False
    wanted = await world.want_topup("13812345678")
    await world.place()
    async with database.transaction(tenant.id) as tx:
        version = await rotate_data_key(tx, tenant.id, MASTERS)
    fresh = Keyrings(MASTERS)
    await reseal_purchases(database, tenant.id, fresh)

    async with database.transaction(tenant.id) as tx:
        keyring = await fresh.of(tx, tenant.id)
        [card] = (await tx.execute(select(rejected_cards))).all()
        topup = (await tx.execute(select(purchases).where(purchases.c.id == wanted))).one()
    assert card.key_version == topup.key_version == version
    sku_id = world.ground.sku_id
    assert keyring.open(card.sealed, version, kind=sku_id, owner=card.id).clear
    opened = keyring.open(topup.sealed_inputs, version, kind=sku_id, owner=wanted)
    assert "13812345678" in opened.clear
