"""Shelves as a shop has them: what sells out, what expires, what is frozen and why."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from kashu.access.keyring import Keyrings
from kashu.core.clock import day_of, now
from kashu.core.db import Database, Tx
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post
from kashu.stock.freeze import freeze
from kashu.stock.levels import set_levels
from tests.conftest import Tenant
from tests.stock.builders import PutLot, make_sku, make_supplier, make_warehouse, put_cards

# Code → its name, what a day sells, and its lots: cards, days until they expire, cost, warehouse.
GOODS = {
    "iqiyi-gold-month": (
        ("爱奇艺黄金会员月卡", "iQIYI Gold, a month"),
        9,
        ((30, 5, 141_250, "main"), (40, 26, 139_000, "main"), (24, 120, 143_000, "spare")),
    ),
    "qq-music-month": (("QQ 音乐绿钻月卡", "QQ Music, a month"), 6, ((4, 200, 88_000, "main"),)),
    "mgtv-quarter": (("芒果TV会员季卡", "MangoTV, a quarter"), 4, ()),
    "bilibili-year": (
        ("哔哩哔哩大会员年卡", "Bilibili, a year"),
        0,
        ((25, 300, 1_180_000, "main"), (15, None, 1_200_000, "main")),
    ),
    "ximalaya-month": (
        ("喜马拉雅会员月卡", "Ximalaya, a month"),
        2,
        ((20, 90, 98_000, "main"), (12, 45, 97_500, "main")),
    ),
    "youku-month": (("优酷会员月卡", "Youku, a month"), 3, ((28, 75, 120_000, "main"),)),
}
WAREHOUSES = {"main": "主仓", "spare": "备用仓"}


@dataclass(frozen=True, slots=True)
class Shelves:
    """What was put there, by the SKU's code."""

    database: Database
    tenant: Tenant
    skus: dict[str, UUID]
    lots: dict[str, list[PutLot]]

    async def one(self, sql: str, **values: object) -> object:
        """Look in the database: one value."""
        async with self.database.transaction(self.tenant.id) as tx:
            return (await tx.execute(text(sql), values)).scalar_one()


async def fill_shelves(database: Database, tenant: Tenant, keyrings: Keyrings) -> Shelves:
    """Fill a shop's shelves, in the names that people call things by."""
    skus: dict[str, UUID] = {}
    lots: dict[str, list[PutLot]] = {}
    async with database.transaction(tenant.id) as tx:
        places = {code: await make_warehouse(tx, tenant.id, code) for code in WAREHOUSES}
        suppliers = {
            "main": await make_supplier(tx, tenant.id, "fulu"),
            "spare": await make_supplier(tx, tenant.id, "yuanbao"),
        }
        today = day_of(now(), tenant.timezone)
        for code, (_, sold, put) in GOODS.items():
            skus[code] = await make_sku(tx, tenant.id, code)
            lots[code] = [
                await put_cards(
                    tx,
                    tenant.id,
                    count,
                    sku_id=skus[code],
                    warehouse_id=places[place],
                    supplier_id=suppliers[place],
                    unit_cost_e4=cost_e4,
                    expires_on=None if days is None else today + timedelta(days),
                    received_at=now() - timedelta(days=100 if not sold else 20),
                    keyrings=keyrings,
                )
                for count, days, cost_e4, place in put
            ]
            if sold:
                await _sell(tx, tenant, skus[code], places["main"], sold)
        await _name(tx)
        bad = lots["ximalaya-month"][1].id
        await freeze(tx, tenant.id, "staff:1", lot_ids=[bad], reason="供应商通知召回")
        await set_levels(tx, tenant.id, "staff:1", skus["qq-music-month"], low=20, enough=60)
    return Shelves(database, tenant, skus, lots)


async def _name(tx: Tx) -> None:
    for code, ((zh, en), _, _) in GOODS.items():
        await tx.execute(
            text("UPDATE catalog.skus SET name_zh = :zh, name_en = :en WHERE code = :code"),
            {"zh": zh, "en": en, "code": code},
        )
    for code, name in (*WAREHOUSES.items(),):
        await tx.execute(
            text("UPDATE stock.warehouses SET name = :name WHERE code = :code"),
            {"name": name, "code": code},
        )
    for code, name in (("fulu", "福禄网络"), ("yuanbao", "元宝数卡")):
        await tx.execute(
            text("UPDATE suppliers.suppliers SET name = :name WHERE code = :code"),
            {"name": name, "code": code},
        )


async def _sell(tx: Tx, tenant: Tenant, sku_id: UUID, place: UUID, a_day: int) -> None:
    """Put into the books that so many were sold on each of the last days."""
    today = day_of(now(), tenant.timezone)
    for days in range(10):
        sold = Transfer(
            Account(AccountKind.COST_OF_GOODS),
            Account(AccountKind.INVENTORY, place),
            a_day * 10_000,
            a_day,
            "sale",
            sku_id,
            sku_id=sku_id,
        )
        await post(tx, tenant.id, [sold], posted_on=today - timedelta(days))
