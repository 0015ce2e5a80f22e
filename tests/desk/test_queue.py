"""The queue reads every module, shows what waits by deadline, and drops what is solved."""

from datetime import timedelta

import pytest

from kashu.access.caller import Caller
from kashu.access.keyring import Keyrings
from kashu.access.permissions import ROLE_PERMISSIONS, Permission, Role
from kashu.core.clock import now
from kashu.core.db import Tx
from kashu.core.ids import new_id
from kashu.core.matters import Matter
from kashu.desk.queue import ABOUT, Place, Row, Wanted, counts, kinds_seen, look
from kashu.desk.show import show
from kashu.suppliers.rates import set_rate
from tests.conftest import Tenant
from tests.desk.cases import CASES, put_shop_order, short_line
from tests.desk.floor import BEN, make_floor
from tests.desk.supply import put_finding

EVERY = Wanted(frozenset(Matter))


async def rows_of(tx: Tx, tenant_id: int, after: Place | None = None, limit: int = 10) -> list[Row]:
    return (await look(tx, tenant_id, EVERY, at=now(), after=after, limit=limit)).rows


async def test_a_shop_with_nothing_to_do_has_an_empty_desk(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    await make_floor(tx, tenant.id, keyrings)
    assert await rows_of(tx, tenant.id) == []
    assert await counts(tx, tenant.id, EVERY, at=now()) == []


def test_every_kind_is_said_what_to_do_about_and_is_tried() -> None:
    assert ABOUT.keys() == set(Matter) == CASES.keys()


@pytest.mark.parametrize("kind", Matter)
async def test_what_waits_is_shown_in_words_and_leaves_when_it_is_solved(
    tx: Tx, tenant: Tenant, keyrings: Keyrings, kind: Matter
) -> None:
    floor = await make_floor(tx, tenant.id, keyrings)
    id_, solve = await CASES[kind](floor)
    at = now()
    rows = await rows_of(tx, tenant.id)
    assert [(row.kind, row.id) for row in rows] == [(kind, id_)]
    for language in ("zh", "en"):
        boss = Caller(tenant.id, BEN, frozenset(Permission), language=language)
        [shown] = await show(tx, boss, rows, at=at)
        assert shown.what, shown
        assert shown.next
        assert "{" not in shown.what + shown.next
        assert shown.since <= at + timedelta(minutes=1)
        assert shown.link.id is not None or kind == Matter.STOCK_EXPIRING
        assert all("{" not in can.path and "None" not in can.path for can in shown.can)
    assert await counts(tx, tenant.id, EVERY, at=at)
    await solve()
    left = await rows_of(tx, tenant.id)
    assert kind not in {row.kind for row in left}
    assert left == []


async def test_what_has_a_deadline_comes_first_and_pages_go_on_where_they_ended(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    floor = await make_floor(tx, tenant.id, keyrings)
    at = now()
    ids = [
        await put_shop_order(floor, "trouble", ship_by=at + timedelta(hours=hours))
        for hours in (5, 1, 3)
    ]
    never = [await put_shop_order(floor, "unmapped") for _ in range(2)]
    seen, after = [], None
    while rows := await rows_of(tx, tenant.id, after, 2):
        seen += [row.id for row in rows]
        after = Place(rows[-1].due_at, rows[-1].since, rows[-1].id)
    assert seen == [ids[1], ids[2], ids[0], *sorted(never)]


async def test_an_order_that_waits_for_cards_is_on_the_desk_once(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    """Its line is short: the platform's order that says so isn't a second matter."""
    floor = await make_floor(tx, tenant.id, keyrings)
    line_id, _ = await short_line(floor)
    await put_shop_order(floor, "taken", "short", attempts=9)
    rows = await rows_of(tx, tenant.id)
    assert [row.id for row in rows] == [line_id]


async def test_what_differs_in_a_statement_is_told_in_yuan(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    floor = await make_floor(tx, tenant.id, keyrings)
    await set_rate(tx, tenant.id, BEN, "EUR", "7.812345")
    told = {
        await put_finding(floor): 10_000,
        await put_finding(floor, "EUR"): 78_123,
        await put_finding(floor, "EUR", ours_e4=20_000): -78_123,  # they took less
        await put_finding(floor, "USD"): None,  # nobody entered what a dollar is
    }
    assert {row.id: row.amount_e4 for row in await rows_of(tx, tenant.id)} == told


@pytest.mark.parametrize(
    ("properties", "named"),
    [("官方标配：月卡", "（官方标配：月卡）"), ("", "（V1）"), (None, "（V1）")],
)
async def test_which_variant_of_a_listing_waits_to_be_mapped_is_named(
    tx: Tx, tenant: Tenant, keyrings: Keyrings, properties: str | None, named: str
) -> None:
    """In its listing's words; by the platform's id where those aren't known."""
    floor = await make_floor(tx, tenant.id, keyrings)
    await put_shop_order(floor, "unmapped")
    await floor.run(
        "UPDATE channels.shop_orders SET lines = jsonb_set(lines, '{0,sku_id}', '\"V1\"')"
        " WHERE tenant_id = :tenant"
    )
    if properties is not None:
        await floor.run(
            "INSERT INTO channels.listings (tenant_id, id, store_id, item_id, variant_id,"
            " properties) VALUES (:tenant, :id, :store, 'I1', 'V1', :properties)",
            id=new_id(),
            store=floor.store_id,
            properties=properties,
        )
    assert (await _told(tx, tenant.id)).startswith(f"商品“芒果TV月卡”{named}还没有")


@pytest.mark.parametrize(("losses", "said"), [(0, "元"), (2, "元，2 个商品会亏本")])
async def test_a_price_that_moved_tells_of_losses_where_there_are_any(
    tx: Tx, tenant: Tenant, keyrings: Keyrings, losses: int, said: str
) -> None:
    floor = await make_floor(tx, tenant.id, keyrings)
    await CASES[Matter.PRICE_MOVED](floor)
    await floor.run(
        "UPDATE suppliers.price_alerts SET loss_count = :n WHERE tenant_id = :tenant", n=losses
    )
    assert (await _told(tx, tenant.id)).endswith(said)


async def _told(tx: Tx, tenant_id: int) -> str:
    """What the desk's only row says, in Chinese."""
    boss = Caller(tenant_id, BEN, frozenset(Permission), language="zh")
    [shown] = await show(tx, boss, await rows_of(tx, tenant_id), at=now())
    assert shown.quantity is None
    return shown.what


@pytest.mark.parametrize("role", Role)
def test_a_role_sees_the_kinds_that_its_permissions_allow(role: Role) -> None:
    caller = Caller(1, BEN, ROLE_PERMISSIONS[role])
    assert kinds_seen(caller) == {
        kind for kind in Matter if ABOUT[kind].see in ROLE_PERMISSIONS[role]
    }


async def test_another_merchants_matters_are_not_there(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    floor = await make_floor(tx, tenant.id, keyrings)
    await put_shop_order(floor, "unmapped")
    assert await rows_of(tx, tenant.id + 1) == []
