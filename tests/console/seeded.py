"""A shop where a day has gone by: two stores, three SKUs, a customer, orders in every state."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from litestar import Litestar
from sqlalchemy import update

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.catalog.tables import skus
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.suppliers.tables import suppliers
from tests.api.calls import KeyClient, key_client
from tests.conftest import Tenant
from tests.orders.builders import make_shop
from tests.stock.builders import make_sku, make_supplier, put_cards

NAMES: Final = {
    "mgtv-month": ("芒果TV会员月卡", "Mango TV month card"),
    "iqiyi-week": ("爱奇艺黄金会员周卡", "iQIYI gold week card"),
    "qq-topup": ("腾讯视频会员月卡直充", "Tencent Video month top-up"),
}
_STEPS: Final = (
    ["打开芒果TV，进入“我的”", "点“兑换码”，输入卡号与密码", "点“立即兑换”"],
    ["Open Mango TV and go to “Mine”", "Enter number and password", "Redeem"],
)


@dataclass(frozen=True, slots=True)
class Seeded:
    """The shop, and a program that may do everything in it."""

    database: Database
    tenant: Tenant
    program: KeyClient
    sku_ids: dict[str, UUID]

    async def ask(self, method: str, path: str, body: object = None, **headers: str) -> Any:  # noqa: ANN401
        answer = await self.program.call(method, path, body, **headers)
        assert answer.status_code in {200, 201, 204}, answer.text
        return answer.json() if answer.content else None

    async def sell(self, number: str, *lines: tuple[str, int, str], **more: object) -> UUID:
        """An order of these lines: SKU, quantity, price. Returns its id."""
        told = [
            {"sku": sku, "quantity": quantity, "price": price} for sku, quantity, price in lines
        ]
        body = {"orders": [{"external_id": number, "lines": told, **more}], "deliver": "later"}
        answer = await self.ask("POST", "/v1/orders", body, **{"Idempotency-Key": uuid4().hex})
        return UUID(answer["orders"][0]["order_id"])

    async def refund(self, order_id: UUID, number: str, *lines: dict[str, Any]) -> None:
        """Give back these lines, or all of it."""
        body = {"refund_id": number, "lines": list(lines)}
        await self.ask("POST", f"/v1/orders/{order_id}/refunds", body)


async def make_seeded(
    app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant
) -> Seeded:
    """Make the shop, with stock from two suppliers and nothing sold."""
    today = day_of(now())
    async with database.transaction(tenant.id) as tx:
        shop = await make_shop(tx, tenant.id, keyrings, cards=0)
        ids = {"mgtv-month": shop.sku_id}
        ids["iqiyi-week"] = await make_sku(tx, tenant.id, "iqiyi-week", partial_allowed=True)
        ids["qq-topup"] = await make_sku(tx, tenant.id, "qq-topup", fulfilment="topup")
        other = await make_supplier(tx, tenant.id, "xingyun")
        lots = (("mgtv-month", 40, 141_250, 38, None), ("mgtv-month", 60, 138_000, 120, other))
        for sku, count, cost, days, supplier in (*lots, ("iqiyi-week", 12, 52_000, 20, other)):
            await put_cards(
                tx,
                tenant.id,
                count,
                sku_id=ids[sku],
                keyrings=keyrings,
                unit_cost_e4=cost,
                expires_on=today + timedelta(days=days),
                supplier_id=supplier,
            )
        for code, (zh, en) in NAMES.items():
            named = {"name_zh": zh, "name_en": en}
            await tx.execute(update(skus).where(skus.c.code == code).values(**named))
        for code, name in (("fulu", "福禄网络"), ("xingyun", "星云数卡")):
            await tx.execute(update(suppliers).where(suppliers.c.code == code).values(name=name))
        steps = {"steps_zh": _STEPS[0], "steps_en": _STEPS[1]}
        await tx.execute(update(skus).where(skus.c.code == "mgtv-month").values(**steps))
    program = await key_client(app, database, keyrings, tenant.id, *Permission)
    seeded = Seeded(database, tenant, program, ids)
    for code, name in (("tb", "淘宝旗舰店"), ("pdd", "拼多多专营店")):
        await seeded.ask("POST", "/v1/stores", {"code": code, "name": name, "channel": "direct"})
    await seeded.ask("POST", "/v1/customers", {"code": "acme", "name": "晨光科技"})
    return seeded
