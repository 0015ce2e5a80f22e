"""HTTP of platforms' orders: how far each has come, and what people do about them."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission, Role
from kashu.channels.kinds import Step
from kashu.channels.tables import shop_orders
from kashu.core.db import Database
from kashu.customers.tables import customers
from tests.api.calls import KeyClient, key_client, problem, staff_client
from tests.api.selling import STORE, Stand, stand
from tests.conftest import Tenant
from tests.stock.builders import make_sku, put_cards

ORDERS = "/v1/shop-orders"


@pytest.fixture
async def shop(database: Database, keyrings: Keyrings, tenant: Tenant) -> AsyncIterator[Stand]:
    """A store with one order that was taken in and has its card."""
    async with stand(database, keyrings, tenant) as opened:
        await opened.connect()
        await opened.owner.post(f"/v1/stores/{STORE}/connection/mode", json={"mode": "automatic"})
        async with database.transaction(tenant.id) as tx:
            sku_id = await make_sku(tx, tenant.id)
            await put_cards(tx, tenant.id, 2, sku_id=sku_id, keyrings=keyrings)
        sold = opened.street.shop.sell((opened.street.month(), 1), buyer="t**1")
        await opened.push(*opened.street.platform.push(opened.street.shop, sold))
        await opened.work()
        listing = (await opened.owner.get(f"/v1/stores/{STORE}/listings")).json()["listings"][0]
        await opened.owner.patch(f"/v1/listings/{listing['id']}", json={"sku_id": str(sku_id)})
        await opened.work()
        yield opened


async def the_order(shop: Stand) -> dict[str, object]:
    shown: list[dict[str, object]] = (await shop.owner.get(ORDERS)).json()["shop_orders"]
    assert len(shown) == 1
    return shown[0]


async def put_at(shop: Stand, step: Step) -> None:
    async with shop.database.transaction(shop.tenant.id) as tx:
        await tx.execute(update(shop_orders).values(step=step, said="not_shippable"))


async def test_an_order_is_listed_with_what_can_be_done(shop: Stand) -> None:
    order = await the_order(shop)
    assert (order["step"], order["paid"], order["can"]) == ("taken", "19.90", ["hand_over"])
    assert "buyer" not in order
    found = await shop.owner.get(ORDERS, params={"step": "taken", "number": str(order["number"])})
    assert len(found.json()["shop_orders"]) == 1
    none = await shop.owner.get(ORDERS, params={"step": "trouble"})
    assert none.json() == {"shop_orders": [], "next_before": None, "total": 0, "more": False}
    assert (await shop.owner.get(ORDERS, params={"step": "lost"})).status_code == 422


async def test_an_order_handed_over_by_a_person_is_only_told_of(shop: Stand) -> None:
    order = await the_order(shop)
    answer = await shop.owner.post(f"{ORDERS}/{order['id']}/handed-over")
    assert (answer.status_code, answer.json()["step"]) == (200, "sent")
    again = await shop.owner.post(f"{ORDERS}/{order['id']}/handed-over")
    problem(again, 409, "not_to_be_handed_over")


async def test_trouble_is_tried_again_or_put_right_by_hand(shop: Stand) -> None:
    order = await the_order(shop)
    problem(await shop.owner.post(f"{ORDERS}/{order['id']}/try-again"), 409, "not_in_trouble")
    await put_at(shop, Step.TROUBLE)
    assert (await the_order(shop))["can"] == ["try_again", "hand_over"]
    answer = await shop.owner.post(f"{ORDERS}/{order['id']}/try-again")
    assert (answer.json()["step"], answer.json()["said"]) == ("taken", "")
    await put_at(shop, Step.TROUBLE)
    answer = await shop.owner.post(f"{ORDERS}/{order['id']}/handed-over")
    assert answer.json()["step"] == "sent"


async def test_what_is_not_there_is_not_found(shop: Stand) -> None:
    for what in ("try-again", "handed-over"):
        problem(await shop.owner.post(f"{ORDERS}/{uuid4()}/{what}"), 404, "unknown_shop_order")
        assert (await shop.owner.post(f"{ORDERS}/x/{what}")).status_code == 404


async def test_orders_are_their_merchants_own(shop: Stand, other_tenant: Tenant) -> None:
    order = await the_order(shop)
    await put_at(shop, Step.TROUBLE)
    before = await the_order(shop)
    rival = await staff_client(shop.app, shop.database, other_tenant.id, Role.OWNER)
    assert (await rival.get(ORDERS)).json()["shop_orders"] == []
    auditor = await staff_client(shop.app, shop.database, shop.tenant.id, Role.AUDITOR)
    assert (await auditor.get(ORDERS)).json()["shop_orders"][0]["can"] == []
    for what in ("try-again", "handed-over"):
        path = f"{ORDERS}/{order['id']}/{what}"
        problem(await rival.post(path), 404, "unknown_shop_order")
        problem(await auditor.post(path), 403, "not_allowed")
        problem(await shop.anybody.post(path), 401, "not_signed_in")
    problem(await shop.anybody.get(ORDERS), 401, "not_signed_in")
    assert await the_order(shop) == before


async def bound(
    shop: Stand,
    keyrings: Keyrings,
    *,
    store_id: UUID | None = None,
    customer_id: UUID | None = None,
) -> KeyClient:
    return await key_client(
        shop.app,
        shop.database,
        keyrings,
        shop.tenant.id,
        Permission.ORDERS_READ,
        Permission.ORDERS_WRITE,
        store_id=store_id,
        customer_id=customer_id,
    )


async def test_a_bound_key_has_its_own_stores_orders_only(shop: Stand, keyrings: Keyrings) -> None:
    order = await the_order(shop)
    await put_at(shop, Step.TROUBLE)
    wanted = {"code": "own", "name": "直销", "channel": "direct"}
    made = await shop.owner.post("/v1/stores", json=wanted)
    customer_id = uuid4()
    async with shop.database.transaction(shop.tenant.id) as tx:
        values = {"tenant_id": shop.tenant.id, "id": customer_id, "code": "acme", "name": "acme"}
        await tx.execute(customers.insert().values(**values))
    before = await the_order(shop)
    for other in (
        await bound(shop, keyrings, store_id=UUID(made.json()["id"])),
        await bound(shop, keyrings, customer_id=customer_id),
    ):
        assert (await other.call("GET", ORDERS)).json()["shop_orders"] == []
        for what in ("try-again", "handed-over"):
            answer = await other.call("POST", f"{ORDERS}/{order['id']}/{what}")
            problem(answer, 404, "unknown_shop_order")
    assert await the_order(shop) == before
    own = await bound(shop, keyrings, store_id=UUID(str(order["store_id"])))
    assert len((await own.call("GET", ORDERS)).json()["shop_orders"]) == 1
    answer = await own.call("POST", f"{ORDERS}/{order['id']}/try-again")
    assert answer.json()["step"] == "taken"


async def test_many_orders_are_moved_at_once(shop: Stand, keyrings: Keyrings) -> None:
    order = await the_order(shop)
    unknown = str(uuid4())
    await put_at(shop, Step.TROUBLE)
    ids = {"ids": [unknown, order["id"]]}
    for what, step in (("try-again", "taken"), ("handed-over", "sent")):
        answer = await shop.owner.post(f"{ORDERS}/{what}", json=ids)
        assert answer.status_code == 200, answer.text
        first, second = answer.json()["outcomes"]
        assert (first["id"], first["step"]) == (unknown, None)
        assert first["problem"]["code"] == "unknown_shop_order"
        assert first["problem"]["at"] == "/ids/0"
        assert second == {"id": order["id"], "step": step, "problem": None}
    auditor = await staff_client(shop.app, shop.database, shop.tenant.id, Role.AUDITOR)
    wanted = {"code": "own", "name": "直销", "channel": "direct"}
    made = await shop.owner.post("/v1/stores", json=wanted)
    other = await bound(shop, keyrings, store_id=UUID(made.json()["id"]))
    before = await the_order(shop)
    for what in ("try-again", "handed-over"):
        problem(await auditor.post(f"{ORDERS}/{what}", json=ids), 403, "not_allowed")
        too_many = {"ids": [str(uuid4()) for _ in range(501)]}
        assert (await shop.owner.post(f"{ORDERS}/{what}", json=too_many)).status_code == 422
        assert (await shop.owner.post(f"{ORDERS}/{what}", json={"ids": []})).status_code == 422
        answer = await other.call("POST", f"{ORDERS}/{what}", ids)
        codes = [each["problem"]["code"] for each in answer.json()["outcomes"]]
        assert codes == ["unknown_shop_order"] * 2
    assert await the_order(shop) == before
