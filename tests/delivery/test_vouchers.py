"""Taobao's e-vouchers: a notice wants codes, and they leave by the platform's own call."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import insert, select

from kashu.access.keyring import Keyrings
from kashu.channels.accounts import reseal_orders
from kashu.channels.ask import Outside, ask_platforms, fetch_listings
from kashu.channels.channel import Grant
from kashu.channels.connections import (
    NewConnection,
    connect,
    connection_of,
    keep_grant,
    set_mode,
)
from kashu.channels.kinds import Mode
from kashu.channels.listings import ListingChanges, change_listing, listings_of
from kashu.channels.read_incomplete import read_incomplete
from kashu.channels.tables import shop_orders, stores
from kashu.core.clock import SHANGHAI
from kashu.core.db import Database
from kashu.core.ids import new_id
from kashu.core.secrets import KEY_BYTES, MasterKey, MasterKeys, Secret
from kashu.delivery.deliver import deliver_due
from kashu.entry.channels import make_outside
from kashu.entry.settings import Settings
from kashu.entry.web import make_app
from kashu.orders.sweeps import take_in_due
from kashu.reports.verify import verify
from kashu.simulators.faults import Fault
from kashu.simulators.shop import Clock, Item, Order
from kashu.simulators.taobao import APP_KEY, APP_SECRET, TaobaoSimulator
from tests.adapters.taobao_shop import VOUCHERS, Street, standing
from tests.api.calls import client_of
from tests.conftest import MASTERS, Tenant
from tests.stock.builders import make_sku, make_supplier, put_cards

SETTINGS = Settings(access_log=False, private_network=True)  # the simulator is on this machine
FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass
class Booth:
    """A store that sells vouchers, and the shop on the platform that it stands for."""

    database: Database
    tenant: Tenant
    street: Street
    app: Litestar
    outside: Outside
    clock: Clock
    item: Item

    @property
    def platform(self) -> TaobaoSimulator:
        return self.street.platform

    async def notify(self, order: Order, method: str = "send") -> httpx.Response:
        """Have the platform ask for an order's codes."""
        body = self.platform.voucher_notice(order, method=method)
        path = f"/push/{self.tenant.id}/tb"
        return await client_of(self.app).post(path, content=body, headers=FORM)

    async def run(self, rounds: int = 2) -> None:
        """Let every sweep have its turn, a few times."""
        for _ in range(rounds):
            await ask_platforms(self.database, self.tenant.id, self.outside)
            await read_incomplete(self.database, self.tenant.id, self.outside)
            while await take_in_due(self.database, self.tenant.id, SHANGHAI, self.clock):
                pass
            await deliver_due(self.database, self.tenant.id, self.outside)
            self.clock.advance(timedelta(seconds=20))

    async def row(self, order: Order) -> Any:  # noqa: ANN401
        async with self.database.transaction(self.tenant.id) as tx:
            wanted = select(shop_orders).where(shop_orders.c.number == order.order_id)
            return (await tx.execute(wanted)).one()

    async def step(self, order: Order) -> tuple[str, str]:
        row = await self.row(order)
        return row.step, row.said

    def sent(self, order: Order) -> str | None:
        """The codes that the platform has of an order."""
        return self.platform.sellers[self.street.shop.shop_id].sent_codes.get(order.order_id)


@pytest.fixture
async def booth(database: Database, tenant: Tenant, keyrings: Keyrings) -> AsyncIterator[Booth]:
    app = make_app(database, keyrings, SETTINGS)
    made = make_outside(SETTINGS, keyrings)
    async with standing() as town:
        street = town.open()
        clock = street.shop.now
        outside = Outside(made.channels, made.http, made.pace, keyrings, clock)
        item = street.shop.offer("视频月卡", 1980)
        store_id = new_id()
        async with database.transaction(tenant.id) as tx:
            values = {"id": store_id, "code": "tb", "name": "凭证店", "channel": "taobao"}
            await tx.execute(insert(stores).values(tenant_id=tenant.id, **values))
            sku_id = await make_sku(tx, tenant.id)
            await make_supplier(tx, tenant.id)
            codes = [f"VC{n:08d}" for n in range(5)]
            await put_cards(
                tx, tenant.id, 5, sku_id=sku_id, keyrings=keyrings, numbers=codes, bare=True
            )
            app_ = NewConnection(APP_KEY, Secret(APP_SECRET), town.url, VOUCHERS)
            await connect(tx, tenant.id, "test", "tb", app_, masters=MASTERS)
            grant = Grant(street.shop.shop_id, "凭证店", Secret(street.platform.token()))
            await keep_grant(tx, tenant.id, "test", store_id, grant, masters=MASTERS)
            await set_mode(tx, tenant.id, "test", "tb", Mode.AUTOMATIC)
            connection = await connection_of(tx, tenant.id, store_id)
        await fetch_listings(database, tenant.id, outside, connection)
        async with database.transaction(tenant.id) as tx:
            (listing,) = await listings_of(tx, tenant.id, store_id, limit=9)
            changes = ListingChanges(sku_id=sku_id)
            await change_listing(tx, tenant.id, "test", listing.id, changes)
        yield Booth(database, tenant, street, app, outside, clock, item)
    for close in (*app.on_shutdown, made.http.close):
        await cast("Any", close)()


async def test_a_paid_order_is_noticed_sent_by_the_platforms_call_and_confirmed(
    booth: Booth,
) -> None:
    order = booth.street.shop.sell((booth.item, 2))
    assert (await booth.notify(order)).json() == {"code": 200}
    await booth.run()
    assert await booth.step(order) == ("confirmed", "")
    assert len(order.shown) == 2
    assert booth.sent(order) == ",".join(f"{code}:1" for code in order.shown)
    assert order.shipments == 1
    assert order.memo == ""
    async with booth.database.transaction(booth.tenant.id) as tx:
        assert (await verify(tx, booth.tenant.id)).ok


async def test_the_token_is_sealed(booth: Booth) -> None:
    order = booth.street.shop.sell((booth.item, 1))
    await booth.notify(order)
    row = await booth.row(order)
    token = booth.platform.sellers[booth.street.shop.shop_id].voucher_tokens[order.order_id]
    assert token.encode() not in row.sealed_token
    assert token not in str(row)


async def test_an_order_waits_for_its_notice_and_goes_on_when_that_comes(booth: Booth) -> None:
    order = booth.street.shop.sell((booth.item, 1))
    await booth.run(1)
    assert await booth.step(order) == ("taken", "to_be_handed_over")
    await booth.notify(order)
    await booth.run()
    assert await booth.step(order) == ("confirmed", "")
    assert len(order.shown) == 1


async def test_a_notice_repeated_twenty_times_has_one_effect(booth: Booth) -> None:
    order = booth.street.shop.sell((booth.item, 1))
    for _ in range(20):
        assert (await booth.notify(order)).status_code == 200
    await booth.run()
    await booth.notify(order)
    await booth.run()
    assert (await booth.step(order), len(order.shown)) == (("confirmed", ""), 1)


@pytest.mark.parametrize("fault", [Fault.SILENT_AFTER, Fault.ERROR_AFTER])
async def test_codes_whose_sending_was_not_answered_are_not_sent_as_others(
    booth: Booth, fault: Fault
) -> None:
    order = booth.street.shop.sell((booth.item, 1))
    await booth.notify(order)
    await booth.run(0)
    await ask_platforms(booth.database, booth.tenant.id, booth.outside)
    await read_incomplete(booth.database, booth.tenant.id, booth.outside)
    await take_in_due(booth.database, booth.tenant.id, SHANGHAI, booth.clock)
    booth.platform.faults.silent_s = 0.05
    calls = booth.platform.calls
    before = len(calls)
    # The order is read first; then its codes are sent.
    draw, drawn = booth.platform.faults.draw, iter((None, fault))
    cast("Any", booth.platform.faults).draw = lambda at: next(drawn, None) or draw(at)
    await deliver_due(booth.database, booth.tenant.id, booth.outside)
    row = await booth.row(order)
    assert (row.step, row.doubt, len(order.shown)) == ("taken", True, 1), calls[before:]
    booth.clock.advance(timedelta(seconds=20))
    await booth.run()
    assert (await booth.step(order), len(order.shown)) == (("confirmed", ""), 1)


async def test_codes_that_somebody_else_sent_are_left_to_a_person(booth: Booth) -> None:
    order = booth.street.shop.sell((booth.item, 1))
    await booth.notify(order)
    booth.platform.sellers[booth.street.shop.shop_id].sent_codes[order.order_id] = "OTHER:1"
    await booth.run()
    assert await booth.step(order) == ("trouble", "already_shipped")
    assert order.shown == []


async def test_only_the_notice_to_send_gives_a_token(booth: Booth) -> None:
    order = booth.street.shop.sell((booth.item, 1))
    await booth.notify(order, method="modified")
    assert (await booth.row(order)).sealed_token is None


async def test_another_master_key_takes_tokens_along(booth: Booth) -> None:
    order = booth.street.shop.sell((booth.item, 1))
    await booth.notify(order)
    fresh = MasterKeys(MasterKey.of(b"n" * KEY_BYTES), (MASTERS.current,))
    async with booth.database.transaction(booth.tenant.id) as tx:
        assert await reseal_orders(tx, booth.tenant.id, fresh) == 1
    sealed = (await booth.row(order)).sealed_token
    assert sealed.startswith(fresh.current.id.encode())
