"""What goes on by itself is nobody's: it comes on the desk when it takes long, and once."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy import select

from kashu.access.caller import Caller
from kashu.access.keyring import Keyrings
from kashu.access.permissions import ROLE_PERMISSIONS, Role
from kashu.channels.flow import flow
from kashu.channels.leases import lease_deliveries
from kashu.channels.matters import SETTLES_IN
from kashu.core.clock import now
from kashu.core.db import Tx
from kashu.core.matters import Matter
from kashu.desk.queue import Row, Wanted, counts, kinds_seen, look
from kashu.desk.show import show
from kashu.orders.matters import waiting_orders
from kashu.orders.tables import lines, orders
from kashu.purchases.matters import ASKING_TAKES, HELD_FOR
from tests.conftest import Tenant
from tests.desk.cases import put_shop_order, short_line
from tests.desk.floor import ANN, Floor, make_floor
from tests.desk.supply import attempt, put_purchase

NEAR: Final = timedelta(minutes=20)
OF_NO_ORDER: Final = {
    Matter.PURCHASE_OVERDUE,
    Matter.PURCHASE_TO_APPROVE,
    Matter.PURCHASE_HELD,
}
UNCLEAR: Final[dict[str, Any]] = {"doubt": True, "said": "channel_unclear"}
A_MOMENT: Final = timedelta(seconds=1)


async def seen_by(floor: Floor, role: Role, *, at: datetime | None = None) -> list[Row]:
    """What somebody sees of the desk; the list, the badge and the cockpit say the same."""
    reader, at = Caller(floor.tenant_id, ANN, ROLE_PERMISSIONS[role]), at or now()
    wanted = Wanted(kinds_seen(reader))
    seen = await look(floor.tx, floor.tenant_id, wanted, at=at, limit=10)
    assert await counts(floor.tx, floor.tenant_id, wanted, at=at) == seen.counts
    assert Counter(row.kind for row in seen.rows) == {each.kind: each.count for each in seen.counts}
    waiting = waiting_orders(
        floor.tenant_id, at, told_by_purchases=Matter.MONEY_IN_DOUBT in wanted.kinds
    )
    stages = await flow(floor.tx, floor.tenant_id, at - NEAR, at, waiting=waiting)
    stuck = {each.stuck for each in stages} - {None}
    assert stuck == {row.kind for row in seen.rows} - OF_NO_ORDER
    return seen.rows


@pytest.mark.parametrize(
    ("step", "more", "kind"),
    [
        ("taken", {"doubt": True, "attempts": 1}, None),  # its call is under way
        ("sent", {"doubt": True, "attempts": 1}, None),
        ("sent", {**UNCLEAR, "attempts": 4}, None),  # asked about for half a minute
        ("sent", {**UNCLEAR, "attempts": 5}, Matter.DELIVERY_UNCLEAR),
        ("sent", {"doubt": True, "attempts": 6}, Matter.DELIVERY_UNCLEAR),  # and once more now
        ("sent", {**UNCLEAR, "attempts": 1, "left": NEAR}, Matter.DELIVERY_UNCLEAR),
        ("sent", {"doubt": True, "attempts": 1, "left": NEAR}, None),
        (
            "sent",
            {"doubt": True, "attempts": 1, "looked_at": 2 * SETTLES_IN},
            Matter.DELIVERY_UNCLEAR,
        ),
        ("trouble", {"doubt": True, "said": "not_shippable"}, Matter.DELIVERY_UNCLEAR),
        ("taken", {"said": "channel_down", "attempts": 4}, None),
        ("taken", {"attempts": 5}, None),  # tried for the fifth time now
        ("taken", {"said": "channel_down", "attempts": 5}, Matter.CONFIRMATION_FAILING),
        ("taken", {"said": "to_be_handed_over", "attempts": 1}, None),  # a robot's in seconds
        ("taken", {"said": "to_be_handed_over", "attempts": 2}, Matter.TO_BE_HANDED_OVER),
        ("taken", {"said": "not_acting", "attempts": 1}, Matter.TO_BE_HANDED_OVER),
        ("held", {"said": "platform_holds"}, None),
        ("held", {"said": "platform_holds", "paid": SETTLES_IN}, Matter.ORDER_HELD),
        ("held", {"said": "refund_asked", "left": NEAR}, Matter.ORDER_HELD),
        ("held", {"said": "listing_stopped"}, Matter.ORDER_HELD),  # our own rule: a person decides
        ("held", {"said": "to_be_released"}, Matter.TO_BE_RELEASED),
        ("due", {"left": NEAR}, None),  # taken in at this moment
        ("taken", {"said": "channel_down", "attempts": 1, "left": NEAR}, Matter.ORDER_OVERDUE),
    ],
)
async def test_an_order_comes_when_it_does_not_go_on_by_itself(  # noqa: PLR0917  (fixtures)
    tx: Tx,
    tenant: Tenant,
    keyrings: Keyrings,
    step: str,
    more: dict[str, Any],
    kind: Matter | None,
) -> None:
    floor = await make_floor(tx, tenant.id, keyrings)
    left = more.pop("left", None)
    ship_by = None if left is None else now() + left
    await put_shop_order(floor, step, ship_by=ship_by, **more)
    rows = await seen_by(floor, Role.OWNER)
    assert [row.kind for row in rows] == [] if kind is None else [kind]


async def test_a_stopped_store_leaves_its_orders_to_a_person_at_once(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    """Nobody asks, or tries again, for it."""
    floor = await make_floor(tx, tenant.id, keyrings)
    await floor.run("UPDATE channels.connections SET mode = 'stopped' WHERE tenant_id = :tenant")
    expected = {
        await put_shop_order(floor, "due"): Matter.TO_BE_HANDED_OVER,
        await put_shop_order(
            floor, "taken", "to_be_handed_over", attempts=1
        ): Matter.TO_BE_HANDED_OVER,
        await put_shop_order(floor, "sent", attempts=1, **UNCLEAR): Matter.DELIVERY_UNCLEAR,
        await put_shop_order(
            floor, "sent", "channel_down", attempts=1
        ): Matter.CONFIRMATION_FAILING,
    }
    assert {row.id: row.kind for row in await seen_by(floor, Role.OWNER)} == expected


async def test_looking_for_cards_is_no_failure(tx: Tx, tenant: Tenant, keyrings: Keyrings) -> None:
    """However long an order waited for stock: what fails then is tried as often as any other."""
    floor = await make_floor(tx, tenant.id, keyrings)
    waited = await put_shop_order(floor, "taken", "short", attempts=40)
    failed = await put_shop_order(floor, "taken", "channel_down", attempts=4)
    lease = timedelta(minutes=2)
    leased = await lease_deliveries(tx, tenant.id, now() + A_MOMENT, lease, most=5)
    assert {each.id: each.attempts for each in leased} == {waited: 3, failed: 5}
    assert await seen_by(floor, Role.OWNER) == []


async def in_doubt(floor: Floor, *, ago: timedelta, due_at: datetime | None = None) -> UUID:
    """A purchase for a short line, whose order at a supplier nobody answered for."""
    line_id, _ = await short_line(floor)
    id_, _ = await attempt("unclear", ago=ago)(floor)
    await floor.run(
        "UPDATE purchases.purchases SET state = 'placed', cause = 'short', subject_id = :line,"
        " received_count = 0, unit_cost_max_e4 = 9990000, amount_e4 = 9990000, due_at = :due"
        " WHERE tenant_id = :tenant AND id = :id",
        line=line_id,
        due=due_at,
        id=id_,
    )
    await floor.run(
        "INSERT INTO orders.buying (tenant_id, line_id, sku_id, goods, state, purchase_id)"
        " VALUES (:tenant, :line, :sku, 'card', 'bought', :id)",
        line=line_id,
        sku=floor.shop.sku_id,
        id=id_,
    )
    order_id = await floor.tx.scalar(select(lines.c.order_id))
    await put_shop_order(floor, "taken", "short", order_id=order_id, number="S1")
    return id_


async def test_money_in_doubt_comes_when_asking_takes_long_and_is_one_row(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    floor = await make_floor(tx, tenant.id, keyrings)
    id_, at = await in_doubt(floor, ago=timedelta()), now()
    assert await seen_by(floor, Role.OWNER, at=at) == []
    accepted = await floor.tx.scalar(select(orders.c.accepted_at))
    await floor.run(
        "UPDATE purchases.attempts SET answered_at = :at, next_at = :later",
        at=at,
        later=at + timedelta(hours=1),
    )
    for role in (Role.OWNER, Role.SERVICE):
        assert await seen_by(floor, role, at=at + ASKING_TAKES - A_MOMENT) == []
    [row] = await seen_by(floor, Role.OWNER, at=at + ASKING_TAKES)
    assert (row.kind, row.id, row.amount_e4) == (Matter.MONEY_IN_DOUBT, id_, 2_000_000)
    assert row.order_id == await floor.tx.scalar(select(lines.c.order_id))
    [shown] = await show(tx, Caller(tenant.id, ANN, frozenset(), language="zh"), [row], at=at)
    assert shown.what.endswith("；订单 S1 在等它")
    # Who doesn't see purchases sees the order that waits.
    [row] = await seen_by(floor, Role.SERVICE, at=at + ASKING_TAKES)
    assert (row.kind, row.since) == (Matter.SHORT_LINE, accepted)


async def test_a_late_purchase_in_doubt_is_one_row_at_once(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    floor = await make_floor(tx, tenant.id, keyrings)
    due_at = now() - A_MOMENT
    id_ = await in_doubt(floor, ago=timedelta(), due_at=due_at)
    [row] = await seen_by(floor, Role.OWNER)
    assert (row.kind, row.id, row.due_at) == (Matter.MONEY_IN_DOUBT, id_, due_at)
    await floor.run("UPDATE purchases.attempts SET state = 'processing'")
    [row] = [each for each in await seen_by(floor, Role.OWNER) if each.kind != Matter.SHORT_LINE]
    assert (row.kind, row.id) == (Matter.PURCHASE_OVERDUE, id_)
    # What it was ordered for is at stake, and not all that it might have cost.
    assert (row.amount_e4, row.supplier_id) == (2_000_000, floor.supplier_id)


async def test_a_late_purchase_that_nobody_was_asked_for_costs_nothing_yet(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    floor = await make_floor(tx, tenant.id, keyrings)
    await put_purchase(floor, "wanted", due_at=now() - A_MOMENT)
    to_approve = await put_purchase(floor, "asked")
    found = {row.kind: row for row in await seen_by(floor, Role.OWNER)}
    assert found[Matter.PURCHASE_OVERDUE].amount_e4 is None
    asked = found[Matter.PURCHASE_TO_APPROVE]
    assert (asked.id, asked.amount_e4) == (to_approve, 300_000)


async def test_a_purchase_that_is_held_for_a_moment_is_nobodys(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    """One supplier refused it and the next is asked in seconds: so long its line waits, too."""
    floor, at = await make_floor(tx, tenant.id, keyrings), now()
    await in_doubt(floor, ago=timedelta())
    await floor.run("UPDATE purchases.attempts SET state = 'refused', ended_at = now()")
    await floor.run("UPDATE purchases.purchases SET state = 'held', said = 'tried'")
    assert await seen_by(floor, Role.OWNER, at=at) == []
    kinds = {row.kind for row in await seen_by(floor, Role.OWNER, at=at + HELD_FOR + A_MOMENT)}
    assert kinds == {Matter.PURCHASE_HELD, Matter.SHORT_LINE}
    await floor.run("UPDATE purchases.purchases SET said = 'above_ceiling'")
    assert {row.kind for row in await seen_by(floor, Role.OWNER, at=at)} == kinds
