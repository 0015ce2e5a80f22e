"""HTTP of accounts to be topped up: rules, what a person enters, reads and erases."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select, text

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Role
from kashu.channels.channel import Listing, ShopRefund, ShopRefundState
from kashu.channels.listings import ListingChanges, change_listing, listings_of, see_listings
from kashu.channels.reads import store_by_code
from kashu.channels.shop_refunds import see_refunds
from kashu.channels.tables import shop_orders
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.core.events import events_of
from kashu.core.ids import new_id
from kashu.delivery.read_accounts import read_accounts
from tests.api.calls import problem, staff_client
from tests.api.selling import STORE, Stand, stand
from tests.conftest import Tenant
from tests.stock.builders import make_sku

ACCOUNT = "13800138000"


@pytest.fixture
async def shop(database: Database, keyrings: Keyrings, tenant: Tenant) -> AsyncIterator[Stand]:
    async with stand(database, keyrings, tenant) as opened:
        yield opened


async def one_topup(shop: Stand, said: str = "account_missing") -> tuple[UUID, UUID]:
    """A listing that stands for a top-up, and an order of it that waits; their ids."""
    order_id = new_id()
    async with shop.database.transaction(shop.tenant.id) as tx:
        store = await store_by_code(tx, shop.tenant.id, STORE)
        sku_id = await make_sku(tx, shop.tenant.id, "qq-month", fulfilment="topup")
        told = Listing("100", "", "会员直充", "", "", 1500, 5, on_sale=True)
        await see_listings(tx, shop.tenant.id, store.id, [told])
        listing = (await listings_of(tx, shop.tenant.id, store.id))[0]
        changes = ListingChanges(sku_id=sku_id)
        await change_listing(tx, shop.tenant.id, "test", listing.id, changes)
        line = {"line_id": "L1", "item_id": "100", "sku_id": "", "quantity": 1}
        await tx.execute(
            insert(shop_orders).values(
                tenant_id=shop.tenant.id,
                id=order_id,
                store_id=store.id,
                number="E-1",
                step="trouble",
                said=said,
                shop_state="paid",
                changed_at=now(),
                paid_at=now(),
                paid_e4=150_000,
                lines=[line | {"paid_e4": 150_000}],
                complete=True,
            )
        )
    return listing.id, order_id


async def said(shop: Stand) -> str:
    async with shop.database.transaction(shop.tenant.id) as tx:
        found: str = (await tx.execute(select(shop_orders.c.said))).scalar_one()
    return found


async def test_a_rule_is_set_read_and_dropped(shop: Stand) -> None:
    listing_id, _ = await one_topup(shop)
    path = f"/v1/listings/{listing_id}/account-rule"
    assert (await shop.owner.get(path)).json() is None
    rule = {"looks": "qq", "label": "QQ号"}
    answer = await shop.owner.put(path, json=rule)
    assert answer.status_code == 200, answer.text
    assert answer.json() | rule == answer.json()
    assert (await shop.owner.get(path)).json() == answer.json()
    assert await said(shop) == "account_wanted"  # what couldn't be read is read anew
    assert (await shop.owner.delete(path)).status_code == 204
    assert (await shop.owner.get(path)).json() is None


@pytest.mark.parametrize(
    "rule",
    [
        {"looks": "pattern", "pattern": "(a+)+"},
        {"looks": "qq", "pattern": "[0-9]{5}"},
        {"looks": "digits", "digits_min": 8, "digits_max": 6},
    ],
)
async def test_a_rule_that_cannot_be_is_refused(shop: Stand, rule: dict[str, object]) -> None:
    listing_id, _ = await one_topup(shop)
    path = f"/v1/listings/{listing_id}/account-rule"
    problem(await shop.owner.put(path, json=rule), 422, "account_rule_wrong")
    assert (await shop.owner.get(path)).json() is None
    assert await said(shop) == "account_missing"


async def test_an_unknown_listing_has_no_rule(shop: Stand) -> None:
    path = f"/v1/listings/{uuid4()}/account-rule"
    problem(await shop.owner.get(path), 404, "unknown_listing")
    problem(await shop.owner.put(path, json={"looks": "qq"}), 404, "unknown_listing")


async def test_a_person_enters_an_account_and_another_reads_it(shop: Stand) -> None:
    listing_id, order_id = await one_topup(shop)
    await shop.owner.put(f"/v1/listings/{listing_id}/account-rule", json={"looks": "phone"})
    path = f"/v1/shop-orders/{order_id}/account"
    answer = await shop.owner.put(path, json={"account": "138 0013 8000"})
    assert answer.status_code == 200, answer.text
    shown = {"L1": "13****00"}
    kept = {"id": str(order_id), "step": "trouble", "said": "to_be_topped_up", "accounts": shown}
    assert answer.json() == kept
    listed = (await shop.owner.get("/v1/shop-orders")).json()["shop_orders"][0]
    assert listed["accounts"] == shown
    assert {"read_account", "enter_account"} <= set(listed["can"])
    opened = await shop.owner.post(path)
    assert opened.json() == {"account": ACCOUNT, "details": {}, "lines": {}}
    async with shop.database.transaction(shop.tenant.id) as tx:
        rows = (await tx.execute(text("SELECT kind, e::text FROM core.events e"))).all()
    kinds = [row.kind for row in rows]
    assert kinds.count("shop_order.account_entered") == 1
    assert kinds.count("shop_order.account_read") == 1
    assert not any(ACCOUNT in row[1] for row in rows)


@pytest.mark.parametrize("body", [{"account": "12345"}, {}, {"lines": {"L2": ACCOUNT}}])
async def test_an_account_that_does_not_fit_is_not_kept(
    shop: Stand, body: dict[str, object]
) -> None:
    listing_id, order_id = await one_topup(shop, "account_ambiguous")
    await shop.owner.put(f"/v1/listings/{listing_id}/account-rule", json={"looks": "phone"})
    answer = await shop.owner.put(f"/v1/shop-orders/{order_id}/account", json=body)
    problem(answer, 422, "account_wrong")
    assert "12345" not in answer.text
    problem(await shop.owner.post(f"/v1/shop-orders/{order_id}/account"), 404, "no_account")


async def test_an_order_that_waits_for_no_account_takes_none(shop: Stand) -> None:
    _, order_id = await one_topup(shop, "not_from_stock")
    path = f"/v1/shop-orders/{order_id}/account"
    problem(await shop.owner.put(path, json={"account": ACCOUNT}), 409, "account_not_wanted")


async def test_an_account_is_erased_for_good(shop: Stand) -> None:
    _, order_id = await one_topup(shop)
    path = f"/v1/shop-orders/{order_id}/account"
    await shop.owner.put(path, json={"account": ACCOUNT})
    answer = await shop.owner.delete(path)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["said"], answer.json()["accounts"]) == ("account_missing", {})
    problem(await shop.owner.post(path), 404, "no_account")


async def test_who_only_looks_on_neither_reads_nor_enters(shop: Stand) -> None:
    listing_id, order_id = await one_topup(shop)
    path = f"/v1/shop-orders/{order_id}/account"
    await shop.owner.put(path, json={"account": ACCOUNT})
    auditor = await staff_client(shop.app, shop.database, shop.tenant.id, Role.AUDITOR)
    assert (await auditor.post(path)).status_code == 403
    assert (await auditor.put(path, json={"account": "x"})).status_code == 403
    assert (await auditor.delete(path)).status_code == 403
    rule = f"/v1/listings/{listing_id}/account-rule"
    assert (await auditor.put(rule, json={"looks": "qq"})).status_code == 403
    assert (await shop.owner.post(path)).json()["account"] == ACCOUNT


async def test_what_a_buyer_told_the_platform_is_read_by_the_rule(shop: Stand) -> None:
    await shop.connect()
    mode = f"/v1/stores/{STORE}/connection/mode"
    assert (await shop.owner.post(mode, json={"mode": "automatic"})).status_code == 200
    item = shop.street.month()
    fetched = await shop.owner.post(f"/v1/stores/{STORE}/listings/fetch")
    assert fetched.status_code == 204
    found = (await shop.owner.get(f"/v1/stores/{STORE}/listings")).json()["listings"]
    async with shop.database.transaction(shop.tenant.id) as tx:
        sku_id = await make_sku(tx, shop.tenant.id, "qq-month", fulfilment="topup")
    await shop.owner.patch(f"/v1/listings/{found[0]['id']}", json={"sku_id": str(sku_id)})
    rule = {"looks": "qq", "label": "留言"}  # as the item's own question is called
    await shop.owner.put(f"/v1/listings/{found[0]['id']}/account-rule", json=rule)
    sold = shop.street.shop.sell((item, 1), note="１２３４５６")
    body, headers = shop.street.platform.push(shop.street.shop, sold)
    assert (await shop.push(body, headers)).status_code == 200
    await shop.work()
    await read_accounts(shop.database, shop.tenant.id, shop.outside)
    order = (await shop.owner.get("/v1/shop-orders")).json()["shop_orders"][0]
    assert (order["step"], order["said"]) == ("trouble", "to_be_topped_up")
    assert list(order["accounts"].values()) == ["1****6"]
    opened = await shop.owner.post(f"/v1/shop-orders/{order['id']}/account")
    assert opened.json()["account"] == "123456"
    done = await shop.owner.post(f"/v1/shop-orders/{order['id']}/topped-up")
    assert done.status_code == 200, done.text
    assert (done.json()["step"], done.json()["said"]) == ("ended", "topped_up")
    assert sold.state.value == "shipped"
    again = await shop.owner.post(f"/v1/shop-orders/{order['id']}/topped-up")
    problem(again, 409, "not_to_be_topped_up")


@pytest.mark.parametrize("state", [ShopRefundState.ASKED, ShopRefundState.DONE])
async def test_nobody_is_shown_an_account_whose_buyer_wants_the_money_back(
    shop: Stand, state: ShopRefundState
) -> None:
    _, order_id = await one_topup(shop)
    path = f"/v1/shop-orders/{order_id}/account"
    await shop.owner.put(path, json={"account": ACCOUNT})

    async def asks(state: ShopRefundState) -> None:
        async with shop.database.transaction(shop.tenant.id) as tx:
            store = await store_by_code(tx, shop.tenant.id, STORE)
            refund = ShopRefund("R-1", "E-1", "L1", state, 150_000, now())
            await see_refunds(tx, shop.tenant.id, store.id, [refund])

    await asks(state)
    problem(await shop.owner.post(path), 409, "refund_asked_for")
    async with shop.database.transaction(shop.tenant.id) as tx:
        assert not [
            each for each in await events_of(tx, shop.tenant.id, order_id) if "read" in each.kind
        ]
    if state is ShopRefundState.ASKED:
        await asks(ShopRefundState.REFUSED)
        assert (await shop.owner.post(path)).json()["account"] == ACCOUNT


async def test_no_account_is_entered_of_what_is_no_top_up_any_more(shop: Stand) -> None:
    listing_id, order_id = await one_topup(shop)
    async with shop.database.transaction(shop.tenant.id) as tx:
        sku_id = await make_sku(tx, shop.tenant.id, "card-month")
        await change_listing(tx, shop.tenant.id, "test", listing_id, ListingChanges(sku_id=sku_id))
    path = f"/v1/shop-orders/{order_id}/account"
    answer = await shop.owner.put(path, json={"account": ACCOUNT})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"id": str(order_id), "step": "due", "said": "", "accounts": {}}
    problem(await shop.owner.post(path), 404, "no_account")
