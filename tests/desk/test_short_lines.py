"""A line that is short: what the desk says of it while somebody is asked for its cards."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, text

from kashu.access.caller import Caller
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.clock import now
from kashu.core.db import Tx
from kashu.core.ids import new_id
from kashu.core.matters import Matter
from kashu.desk.queue import Wanted, counts, look
from kashu.desk.shapes import MatterShown
from kashu.desk.show import show
from kashu.orders.matters import BUYING_TAKES
from kashu.orders.tables import BuyingState, buying
from kashu.purchases.kinds import PurchaseState
from kashu.purchases.matters import ASKING_TAKES
from tests.conftest import Tenant
from tests.desk.cases import put_shop_order, short_line
from tests.desk.floor import BEN, Floor, make_floor
from tests.desk.supply import attempt


async def shown_with(
    tx: Tx, tenant: Tenant, keyrings: Keyrings, **facts: str | None
) -> tuple[MatterShown, list[str]]:
    await short_line(await make_floor(tx, tenant.id, keyrings))
    at = now()
    wanted = Wanted(frozenset({Matter.SHORT_LINE}))
    [row] = (await look(tx, tenant.id, wanted, at=at, after=None, limit=2)).rows
    reader = Caller(tenant.id, BEN, frozenset(Permission), language="zh")
    [shown] = await show(tx, reader, [replace(row, facts={**row.facts, **facts})], at=at)
    return shown, [can.act.value for can in shown.can]


@pytest.mark.parametrize("state", ["asked", "wanted", "placed"])
async def test_what_is_being_bought_is_not_offered_to_be_bought_a_second_time(
    tx: Tx, tenant: Tenant, keyrings: Keyrings, state: str
) -> None:
    shown, acts = await shown_with(tx, tenant, keyrings, buying="made", purchase_state=state)
    assert acts == ["refund"]
    assert "采购" in shown.what.split("等待中：")[1]
    assert "不要另行采购" in shown.next


async def test_what_nobody_is_asked_for_can_be_bought(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    shown, acts = await shown_with(tx, tenant, keyrings)
    assert acts == ["want", "refund"]
    assert shown.what.endswith("等待中")
    assert shown.next.startswith("导入或采购")


@pytest.mark.parametrize(
    ("state", "acts"),
    [("held", ["want", "refund"]), ("ended", ["want", "buy_again", "refund"])],
)
async def test_it_is_bought_again_once_its_purchase_is_over(
    tx: Tx, tenant: Tenant, keyrings: Keyrings, state: str, acts: list[str]
) -> None:
    _, found = await shown_with(tx, tenant, keyrings, buying="made", purchase_state=state)
    assert found == acts


async def bought_for(
    floor: Floor,
    state: str | None,
    *,
    said: str = "",
    at_supplier: str | None = None,
    ago: timedelta = 2 * ASKING_TAKES,
) -> None:
    """A line that is short, with its purchase as far as that; None: none is made yet."""
    line_id, _ = await short_line(floor)
    purchase_id = None
    if state is not None:
        # An attempt is put there with a purchase of its own, of the same id.
        purchase_id, _ = await attempt(at_supplier or "refused", ago=ago)(floor)
        await floor.run(
            "UPDATE purchases.purchases SET state = :state WHERE tenant_id = :tenant AND id = :id",
            id=purchase_id,
            state=state,
        )
    await floor.tx.execute(
        insert(buying).values(
            tenant_id=floor.tenant_id,
            line_id=line_id,
            sku_id=floor.shop.sku_id,
            goods="card",
            state=BuyingState.DUE if state is None else BuyingState.BOUGHT,
            said=said,
            purchase_id=purchase_id,
        )
    )


async def on_the_desk(floor: Floor, *, after: timedelta) -> int:
    """How many short lines are there so long after they were accepted."""
    asked = "SELECT max(accepted_at) FROM orders.orders WHERE tenant_id = :tenant"
    accepted_at = await floor.tx.scalar(text(asked), {"tenant": floor.tenant_id})
    at, wanted = accepted_at + after, Wanted(frozenset({Matter.SHORT_LINE}))
    seen = await look(floor.tx, floor.tenant_id, wanted, at=at, limit=5)
    counted = await counts(floor.tx, floor.tenant_id, wanted, at=at)
    assert seen.counts == counted
    assert len(seen.rows) == sum(each.count for each in counted)
    return len(seen.rows)


A_MOMENT = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("state", "at_supplier"),
    [(None, None), ("wanted", None), ("placed", "processing"), ("done", None)],
)
async def test_what_is_bought_as_it_should_be_is_no_exception_for_a_minute(
    tx: Tx, tenant: Tenant, keyrings: Keyrings, state: str | None, at_supplier: str | None
) -> None:
    floor = await make_floor(tx, tenant.id, keyrings)
    await bought_for(floor, state, at_supplier=at_supplier, ago=timedelta())
    assert await on_the_desk(floor, after=timedelta()) == 0
    assert await on_the_desk(floor, after=BUYING_TAKES - A_MOMENT) == 0
    assert await on_the_desk(floor, after=BUYING_TAKES) == 1


@pytest.mark.parametrize(
    ("state", "at_supplier"),
    [
        ("draft", None),
        ("asked", None),
        ("held", None),
        ("part", None),
        ("ended", None),
        ("cancelled", None),
        ("placed", "unclear"),
        ("placed", "manual"),
    ],
)
async def test_what_is_not_being_bought_or_in_doubt_is_on_the_desk_at_once(
    tx: Tx, tenant: Tenant, keyrings: Keyrings, state: str, at_supplier: str | None
) -> None:
    floor = await make_floor(tx, tenant.id, keyrings)
    await bought_for(floor, state, at_supplier=at_supplier)
    assert await on_the_desk(floor, after=timedelta()) == 1


async def test_what_the_rules_refuse_to_buy_is_on_the_desk_at_once(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    floor = await make_floor(tx, tenant.id, keyrings)
    await bought_for(floor, None, said="purchase_above_limits")
    assert await on_the_desk(floor, after=timedelta()) == 1


@pytest.mark.parametrize(("left", "there"), [(20, 1), (40, 0)])
async def test_what_is_nearly_due_is_on_the_desk_while_it_is_bought(
    tx: Tx, tenant: Tenant, keyrings: Keyrings, left: int, there: int
) -> None:
    floor = await make_floor(tx, tenant.id, keyrings)
    await bought_for(floor, "wanted")
    await floor.run(
        "UPDATE orders.orders SET store_id = :store WHERE tenant_id = :tenant",
        store=floor.store_id,
    )
    ship_by = now() + timedelta(minutes=left)
    await put_shop_order(floor, "taken", "short", order_id=new_id(), number="S1", ship_by=ship_by)
    assert await on_the_desk(floor, after=A_MOMENT) == there


def test_every_state_of_a_purchase_is_tried() -> None:
    """One that is new is decided on: does it go on by itself, or is it a person's?"""
    tried = {"wanted", "placed", "done", "draft", "asked", "held", "part", "ended", "cancelled"}
    assert tried == set(PurchaseState)
