"""A shop with one of everything, made over HTTP, and the names of all that is in it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
from litestar import Litestar
from sqlalchemy import insert

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission, Role
from kashu.access.sessions import open_session, read_session
from kashu.access.tables import passkeys
from kashu.access.views import save_view
from kashu.channels.channel import (
    ShopLine,
    ShopOrder,
    ShopRefund,
    ShopRefundState,
    ShopState,
)
from kashu.channels.listings import learn_listings
from kashu.channels.reads import store_by_code
from kashu.channels.shop_orders import see
from kashu.channels.shop_refunds import see_refunds
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.ids import new_id
from kashu.orders.ask_for import refund_or_ask
from kashu.orders.held import Held
from kashu.orders.reads import order_by_id
from kashu.orders.refund import NewRefund, Wanted
from kashu.suppliers.movements import approve_movement
from kashu.suppliers.tables import price_alerts
from kashu.suppliers.tables_prepaid import balances
from tests.api.calls import KeyClient, add_staff, key_client
from tests.conftest import Tenant
from tests.orders.builders import make_shop
from tests.purchases.ordered import Ordered, put_orders

# Which thing a path's {code} is of.
_CODES: Final = {
    "skus": "sku",
    "stores": "store",
    "customers": "customer",
    "suppliers": "supplier",
    "strategies": "strategy",
}
_OF_PLATFORM: Final = tuple(
    [name] for name in ("connection", "pilot", "listings", "suggestions", "publishing")
)
# What a person approves and no key; what is asked a reason.
APPROVED: Final = {
    "approvePurchase": "purchase_approver_not_a_person",
    "approveHeld": "approval_approver_not_a_person",
}
REASONS: Final = {
    name: {"reason": "not needed"}
    for name in (
        *("cancelMovement", "refuseMovement", "cancelPurchase", "refusePurchase"),
        *("refuseHeld", "takeBackHeld"),
    )
}
# Fields that name a thing under another name than its own.
_ALSO: Final = {"to_warehouse": "elsewhere", "subject": "order_id"}


@dataclass(frozen=True, slots=True)
class World:
    """A shop, a program that may do everything in it, and its things: name of a field → value."""

    database: Database
    tenant: Tenant
    program: KeyClient
    things: dict[str, str]

    def of(self, name: str, path: str = "") -> str | None:
        """What a field or a path's parameter of this name would be, or None where it is no name."""
        if name == "code" and path:
            kind = path.split("/")[2]
            of_platform = kind == "stores" and path.split("/")[4:5] in _OF_PLATFORM
            return self.things["shop" if of_platform else _CODES[kind]]
        if name == "refund_id":
            name = "shop_refund_id"  # orders' own are named, not numbered by us
        name = _ALSO.get(name, name)
        return self.things.get(name.removesuffix("s") if name.endswith("ids") else name)


async def make_world(
    app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant, cards: int = 40
) -> World:
    """One of everything there is: stock, an order, an import, a promise, a count, people, keys."""
    async with database.transaction(tenant.id) as tx:
        shop = await make_shop(tx, tenant.id, keyrings, cards=cards)
    program = await key_client(app, database, keyrings, tenant.id, *Permission)
    things = {"sku": shop.sku_code, "sku_id": str(shop.sku_id), "warehouse": "main"}
    things |= {"product": shop.sku_code, "brand": shop.sku_code, "number": "1"}
    things |= {"store": "direct", "store_id": str(shop.store_id), "supplier": "fulu"}
    world = World(database, tenant, program, things)
    await _add_partners(world)
    await _add_stock(world)
    await _add_orders(world)
    await _add_people(world)
    await _add_held(world)
    await _add_platform(world)
    await _add_buying(world)
    await _add_ordered(world)
    await _add_agent(world)
    await _add_webhook(world)
    await add_staff(database, tenant.id, Role.OWNER)
    return world


async def _add_partners(world: World) -> None:
    things = world.things
    listed = await _ask(world, "GET", "/v1/suppliers")
    things["supplier_id"] = listed["suppliers"][0]["id"]
    listed = await _ask(world, "GET", "/v1/warehouses")
    things["warehouse_id"] = listed["warehouses"][0]["id"]
    made = await _ask(world, "POST", "/v1/warehouses", {"code": "spare", "name": "备用仓"})
    things["elsewhere"] = made["code"]
    balance = {"kind": "supplier_prepaid", "owner": "fulu", "amount": "10.00"}
    opening = {"name": "opening", "balances": [balance]}
    things["opening_id"] = (await _ask(world, "POST", "/v1/openings", opening))["id"]
    made = await _ask(world, "POST", "/v1/customers", {"code": "acme", "name": "企业客户"})
    things |= {"customer": "acme", "customer_id": made["id"]}
    steps = [{"keep": "minimum_validity", "days": 30}, {"prefer": "earliest_expiry"}]
    await _ask(world, "PUT", "/v1/strategies/careful", {"name": "稳妥", "steps": steps})
    await _ask(world, "POST", "/v1/strategies/careful/assign", {})
    things["strategy"] = "careful"


async def _add_stock(world: World) -> None:
    things = world.things
    form = {name: things[name] for name in ("sku", "warehouse", "supplier")}
    form |= {"unit_cost": "14.1250", "sure": "true"}
    report = await _send(world, "/v1/imports", form | {"text": "MG01,p1"})
    things["import_id"] = report["import_id"]
    lots = await _ask(world, "GET", "/v1/stock/lots")
    things["lot_id"] = lots["lots"][-1]["id"]  # the import's can be undone
    found = await _ask(world, "POST", "/v1/stock/cards/search", {"lot_id": things["lot_id"]})
    things["card_id"] = found["cards"][-1]["id"]  # the last to be sold
    promise = {
        "sku": things["sku"],
        "quantity": 2,
        "until_at": (now() + timedelta(days=9)).isoformat(),
        "reason": "quotation",
    }
    made = await _ask(world, "POST", "/v1/reservations", promise)
    things["reservation_id"] = made["id"]
    counted = {name: things[name] for name in ("sku", "warehouse")} | {"text": "MG01\nMG02\n"}
    things["stocktake_id"] = (await _send(world, "/v1/stocktakes", counted))["id"]
    accounts = await _ask(world, "GET", "/v1/accounts")
    things["account_id"] = accounts["accounts"][0]["id"]


async def _add_orders(world: World) -> None:
    line = {"sku": world.things["sku"], "quantity": 2, "price": "39.60"}
    body = {"orders": [{"external_id": "W1", "lines": [line]}], "deliver": "later"}
    sold = await _ask(world, "POST", "/v1/orders", body, **{"Idempotency-Key": uuid4().hex})
    [order] = sold["orders"]
    world.things.update(order_id=order["order_id"], line_id=order["lines"][0]["line_id"])


async def _add_held(world: World) -> None:
    """A refund that a clerk asks for above the limit, and waits for somebody else."""
    tenant_id, things = world.tenant.id, world.things
    await _ask(world, "PUT", "/v1/order-limits", {"refund_amount": "1.00"})
    clerk = await add_staff(world.database, tenant_id, Role.SERVICE)
    async with world.database.transaction(tenant_id) as tx:
        order, _ = await order_by_id(tx, tenant_id, UUID(things["order_id"]))
        wanted = NewRefund(order.source, "R0", order.external_id, Wanted())
        held = await refund_or_ask(tx, clerk, order.order_id, wanted, day_of(now()))
    assert isinstance(held, Held)
    things["approval_id"] = str(held.id)
    await _ask(world, "PUT", "/v1/order-limits", {})


async def _add_people(world: World) -> None:
    person = {"login": "ann", "name": "Ann", "role": "auditor"}
    invited = await _ask(world, "POST", "/v1/invitations", person)
    world.things["staff_id"] = invited["staff_id"]
    made = await _ask(world, "POST", "/v1/keys", {"name": "k", "scopes": ["orders.read"]})
    world.things["key_id"] = made["key"]["id"]
    await _add_account(world)


async def _add_account(world: World) -> None:
    """What somebody has of their own: a session, a passkey, a view that they share."""
    tenant_id = world.tenant.id
    staff_id = UUID((await add_staff(world.database, tenant_id, Role.OPS)).actor[6:])
    of = {"tenant_id": tenant_id, "staff_id": staff_id}
    async with world.database.transaction(tenant_id) as tx:
        token = await open_session(tx, tenant_id, staff_id, "")
        session = await read_session(tx, tenant_id, token)
        passkey = of | {"id": new_id(), "credential_id": b"one", "name": "phone"}
        passkey |= {"public_key": b"key", "sign_count": 0}
        await tx.execute(insert(passkeys).values(**passkey))
        view_id = await save_view(
            tx, tenant_id, staff_id, page="orders", name="short", query="", shared=True
        )
    world.things.update(session_id=str(session.session_id), view_id=str(view_id))
    world.things["passkey_id"] = str(passkey["id"])
    note = {"on_day": "2026-07-01", "text": "新剧上线"}
    world.things["annotation_id"] = (await _ask(world, "POST", "/v1/annotations", note))["id"]


async def _add_platform(world: World) -> None:
    """A store whose seller hasn't permitted us yet, and an order of it that we know."""
    things = world.things
    await _ask(world, "POST", "/v1/stores", {"code": "tb", "name": "淘宝店", "channel": "taobao"})
    body = {"app_key": "app", "app_secret": "a secret of the application"}
    body["base_url"] = "http://127.0.0.1:9"  # so that nobody is called
    await _ask(world, "PUT", "/v1/stores/tb/connection", body)
    things["shop"] = "tb"
    line = ShopLine("T1", "I1", "", 1, 19_800_0, title="芒果TV月卡")
    order = ShopOrder("T1", ShopState.PAID, now(), now(), 19_800_0, (line,))
    async with world.database.transaction(world.tenant.id) as tx:
        store = await store_by_code(tx, world.tenant.id, "tb")
        await see(tx, world.tenant.id, store.id, [order])
        await learn_listings(tx, world.tenant.id, store.id, order.lines)
        back = ShopRefund("R1", "T1", "1", ShopRefundState.DONE, 1_0000, now())
        await see_refunds(tx, world.tenant.id, store.id, [back])
    listed = await _ask(world, "GET", "/v1/stores/tb/listings")
    things["listing_id"] = listed["listings"][0]["id"]
    listed = await _ask(world, "GET", "/v1/shop-orders")
    things["known_id"] = listed["shop_orders"][0]["id"]
    listed = await _ask(world, "GET", "/v1/shop-refunds")
    things["shop_refund_id"] = listed["shop_refunds"][0]["id"]


async def _add_buying(world: World) -> None:
    """What we buy, from whom, on what terms: an offer, a purchase, a deposit, a paper, …"""
    things = world.things
    await _send(world, "/v1/suppliers/fulu/offers/import", {"pasted": "芒果TV会员周卡\t5.5\n"})
    listed = await _ask(world, "GET", "/v1/offers")
    things["offer_id"] = listed["offers"][0]["id"]
    await _ask(world, "PUT", "/v1/exchange-rates/USD", {"rate": "7.10"})
    things["currency"] = "USD"
    wanted = {"sku": things["sku"], "quantity": 3, "warehouse": "main", "draft": True}
    key = {"Idempotency-Key": uuid4().hex}
    made = await _ask(world, "POST", "/v1/purchases", wanted, **key)
    things["purchase_id"] = made["id"]
    rule = {"sku": things["sku"], "limits": {"auto_buy": False}}
    things["rule_id"] = (await _ask(world, "PUT", "/v1/purchase-rules", rule))["id"]
    deposit = {"supplier": "fulu", "kind": "deposit", "amount": "500", "method": "alipay"}
    deposit["reason"] = "充值"
    made = await _ask(world, "POST", "/v1/prepaid/movements", deposit)
    things["movement_id"] = made["id"]
    await _pay(world, made["id"])
    paper = {"kind": "contract", "name": "合同"}
    kept = await _send(world, "/v1/suppliers/fulu/papers", paper, b"%PDF-1.7 a contract")
    things["paper_id"] = kept["id"]
    person = {"role": "sales", "name": "Wang"}
    kept = await _ask(world, "POST", "/v1/suppliers/fulu/contacts", person)
    things["contact_id"] = kept["contacts"][0]["id"]


async def _pay(world: World, movement_id: str) -> None:
    """Approve what was asked for as somebody else, and pay it."""
    tenant_id = world.tenant.id
    approver = await add_staff(world.database, tenant_id, Role.OWNER)
    async with world.database.transaction(tenant_id) as tx:
        asked = UUID(movement_id)
        await approve_movement(tx, tenant_id, approver.actor, asked, posted_on=day_of(now()))
    paid = {"reference": "A1"}
    await _send(world, f"/v1/prepaid/movements/{movement_id}/payment", paid, b"%PDF-1.7 a slip")


async def _add_ordered(world: World) -> None:
    """A supplier's system that nobody answers at; an order there in doubt, and its statement."""
    things, tenant_id = world.things, world.tenant.id
    body = {"protocol": "fulu", "account": "us", "secret": "a secret of theirs"}
    body["base_url"] = "http://127.0.0.1:9"  # so that nobody is called
    await _ask(world, "PUT", "/v1/suppliers/fulu/connection", body)
    await _ask(world, "POST", f"/v1/offers/{things['offer_id']}/hold")
    at = now() - timedelta(hours=2)
    ordered = [
        Ordered("K000001", at, 2_000_000, state="manual", took=None),
        Ordered("K000002", at, 2_000_000),
    ]
    supplier_id = UUID(things["supplier_id"])
    async with world.database.transaction(tenant_id) as tx:
        sku_id, warehouse_id, offer_id = (
            UUID(things[name]) for name in ("sku_id", "warehouse_id", "offer_id")
        )
        of_ours = sku_id, warehouse_id, offer_id
        ids = await put_orders(tx, tenant_id, supplier_id, ordered, of=of_ours)
        of = {"tenant_id": tenant_id, "id": new_id()}
        told = {"sku_id": sku_id, "margins": [], "loss_count": 0}
        await tx.execute(insert(price_alerts).values(**of, **told))
        reading = dict.fromkeys(
            ("theirs_e4", "frozen_e4", "credit_e4", "ours_e4", "in_doubt_e4", "recoveries_e4"), 0
        )
        await tx.execute(
            insert(balances).values(
                tenant_id=tenant_id,
                id=new_id(),
                supplier_id=supplier_id,
                at=at,
                currency="CNY",
                verdict="agrees",
                **reading,
            )
        )
    things |= {"attempt_id": str(ids["K000001"]), "alert_id": str(of["id"])}
    there = (at + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")
    rows = f"商户订单号,金额,下单时间\nK000002,350,{there}\n".encode()
    today = day_of(now())
    form = {"supplier": "fulu", "first_on": str(today - timedelta(days=1)), "last_on": str(today)}
    things["statement_id"] = (await _send(world, "/v1/statements", form, rows))["id"]
    found = await _ask(world, "GET", f"/v1/statements/{things['statement_id']}/findings")
    things["finding_id"] = found["findings"][0]["id"]
    things["on"] = str(today)


async def _add_agent(world: World) -> None:
    """The customer sells on what we have: a price, money that waits for approval, a login."""
    things = world.things
    await _ask(world, "PUT", "/v1/customers/acme/agent", {"credit_max": "100.00"})
    good = {"sku": things["sku"], "on_sale": True}
    await _ask(world, "PUT", "/v1/agent-goods", {"goods": [good]})
    prices = [{"sku": things["sku"], "unit_price": "15.00"}]
    await _ask(world, "PUT", "/v1/customers/acme/prices", {"prices": prices})
    told = {"kind": "deposit", "amount": "50.00", "method": "bank", "reference": "B1"}
    made = await _ask(world, "POST", "/v1/customers/acme/wallet-moves", told)
    things["move_id"] = made["id"]
    login = {"dialect": "agiso", "name": "阿奇索"}
    made = await _ask(world, "POST", "/v1/customers/acme/logins", login)
    things["login_id"] = made["login"]["id"]


async def _add_webhook(world: World) -> None:
    """An address that is told what happens, and something it is to hear."""
    told = {"name": "ERP", "url": "https://erp.example/kashu"}
    made = await _ask(world, "POST", "/v1/webhooks", told)
    webhook_id = world.things["webhook_id"] = made["webhook"]["id"]
    sent = await _ask(world, "POST", f"/v1/webhooks/{webhook_id}/test")
    world.things["delivery_id"] = sent["id"]


async def _ask(world: World, method: str, path: str, body: object = None, **headers: str) -> Any:  # noqa: ANN401
    return _read(await world.program.call(method, path, body, **headers))


async def _send(world: World, path: str, form: dict[str, str], file: bytes | None = None) -> Any:  # noqa: ANN401
    return _read(await send_form(world.program, path, form, file))


async def send_form(
    program: KeyClient, path: str, form: dict[str, str], file: bytes | None = None
) -> httpx.Response:
    """Sign and send a form, with a file or without."""
    fields: dict[str, Any] = {name: (None, value) for name, value in form.items()}
    if file is not None:
        fields["file"] = ("f.csv", file)
    request = program.client.build_request("POST", path, files=fields)
    signed = program.headers("POST", path, request.read())
    request.headers.update(signed)
    return await program.client.send(request)


def _read(answer: httpx.Response) -> Any:  # noqa: ANN401
    assert answer.status_code in {200, 201, 204}, answer.text
    return answer.json() if answer.content else None
