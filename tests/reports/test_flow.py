"""The flow: where platforms' orders are, and that what is stuck there is what the desk has."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from kashu.access.caller import Caller
from kashu.access.keyring import Keyrings
from kashu.access.permissions import ROLE_PERMISSIONS, Role
from kashu.channels.flow import Reached, Stage, flow
from kashu.channels.matters import SETTLES_IN
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.core.ids import new_id
from kashu.core.matters import Matter
from kashu.desk.queue import Wanted, counts, kinds_seen
from kashu.orders.matters import waiting_orders
from kashu.orders.tables import lines
from tests.conftest import Tenant
from tests.desk.cases import put_shop_order, short_line
from tests.desk.floor import ANN, Floor, make_floor


@pytest.fixture
async def floor(database: Database, keyrings: Keyrings, tenant: Tenant) -> Floor:
    async with database.transaction(tenant.id) as tx:
        made = await make_floor(tx, tenant.id, keyrings)
        line_id, _ = await short_line(made)
        lacks = await tx.scalar(select(lines.c.order_id).where(lines.c.id == line_id))
        for step, said, more in (
            ("due", "", {}),
            ("unmapped", "", {}),
            ("held", "platform_holds", {"paid": SETTLES_IN}),
            ("shadowed", "", {}),
            ("taken", "short", {"order_id": lacks}),
            ("taken", "short", {"order_id": new_id()}),  # its cards are being bought
            ("taken", "", {"order_id": new_id()}),
            ("sent", "", {"order_id": new_id()}),
            ("sent", "", {"order_id": new_id(), "doubt": True}),  # the platform is being told
            ("sent", "channel_down", {"order_id": new_id(), "attempts": 5}),
            ("confirmed", "", {"order_id": new_id()}),
            ("confirmed", "", {"order_id": new_id()}),
            ("trouble", "order_changed", {"order_id": new_id()}),
            ("ended", "", {}),
            ("seen", "", {}),
        ):
            await put_shop_order(made, step, said, **more)
    return made


async def _flow(
    floor: Floor, database: Database, *, ago: timedelta = timedelta(hours=1)
) -> list[Stage]:
    at = now()
    async with database.transaction(floor.tenant_id) as tx:
        waiting = waiting_orders(floor.tenant_id, at, told_by_purchases=True)
        return await flow(tx, floor.tenant_id, at - ago, at, waiting=waiting)


async def test_every_paid_order_stands_in_one_place(floor: Floor, database: Database) -> None:
    stages = await _flow(floor, database)
    stands = {(each.reached, each.stuck): each.orders for each in stages}
    assert stands == {
        (Reached.TOLD, None): 1,
        (Reached.TOLD, Matter.LISTING_UNMAPPED): 1,
        (Reached.TOLD, Matter.ORDER_HELD): 1,
        (Reached.WATCHED, None): 1,
        (Reached.ACCEPTED, None): 1,
        (Reached.ACCEPTED, Matter.SHORT_LINE): 1,
        (Reached.ALLOCATED, None): 1,
        (Reached.ALLOCATED, Matter.ORDER_IN_TROUBLE): 1,
        (Reached.DELIVERED, None): 2,
        (Reached.DELIVERED, Matter.CONFIRMATION_FAILING): 1,
        (Reached.CONFIRMED, None): 2,
        (Reached.ENDED, None): 1,
    }


async def test_what_is_stuck_is_on_the_desk_as_often(floor: Floor, database: Database) -> None:
    stuck: Counter[str] = Counter()
    for each in await _flow(floor, database):
        if each.stuck is not None:
            stuck[each.stuck] += each.orders
    owner = Caller(floor.tenant_id, ANN, ROLE_PERMISSIONS[Role.OWNER])
    async with database.transaction(floor.tenant_id) as tx:
        found = await counts(tx, floor.tenant_id, Wanted(kinds_seen(owner)), at=now())
    assert stuck == {each.kind: each.count for each in found}


async def test_what_came_before_counts_until_it_is_through(
    floor: Floor, database: Database
) -> None:
    later = await _flow(floor, database, ago=-timedelta(hours=1))
    assert sum(each.orders for each in later) == 10
    assert {each.reached for each in later}.isdisjoint(
        {Reached.CONFIRMED, Reached.ENDED, Reached.WATCHED}
    )
