"""The demo's shop: stores, customers, suppliers, and the sample files that become its stock."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from kashu.access.keyring import Keyrings
from kashu.access.tenants import Tenant
from kashu.channels.kinds import ChannelKind
from kashu.channels.stores import open_store
from kashu.core.clock import day_of
from kashu.core.db import Database, Tx
from kashu.core.money import parse_amount
from kashu.customers.add import add_customer
from kashu.entry.begin import WAREHOUSE
from kashu.stock.imports import import_file
from kashu.stock.imports_intake import find_intake
from kashu.stock.imports_reading import open_file
from kashu.stock.warehouses import add_warehouse
from kashu.suppliers.add import add_supplier

SAMPLES: Final = Path(__file__).parents[3] / "samples"
ACTOR: Final = "cli"

# Stores on platforms; orders come in from there.
STORES: Final = {
    "taobao-flagship": ("淘宝旗舰店", ChannelKind.TAOBAO),
    "jd-pop": ("京东店", ChannelKind.JD),
    "pdd-one": ("拼多多店", ChannelKind.PINDUODUO),
    "youzan-mall": ("有赞商城", ChannelKind.YOUZAN),
    "weidian-small": ("微店", ChannelKind.WEIDIAN),
}
# Our own counters, beside "direct"; what they sell comes as orders by the API.
COUNTERS: Final = {"own-site": "自营网站", "mini-app": "微信小程序", "old-system": "旧发卡系统"}
CUSTOMERS: Final = {"zhonghai": "中海物业（员工福利）", "lanjing": "蓝鲸通信（积分兑换）"}
SUPPLIERS: Final = {"alpha": ("甲一手货源", 1), "beta": ("乙二级货源", 2), "gamma": ("丙散货", 3)}


@dataclass(frozen=True, slots=True)
class Delivered:
    """A sample file, and on what terms a supplier delivered it."""

    file: str
    sku: str
    supplier: str
    warehouse: str
    cost: str  # a card
    price: str  # what a buyer pays for one


# In this order: the messy workbook repeats cards of the earlier file on purpose.
DELIVERIES: Final = (
    Delivered("mgtv-month-earlier.txt", "mgtv-month", "alpha", WAREHOUSE, "14.1250", "19.80"),
    Delivered("mgtv-month-messy.xlsx", "mgtv-month", "beta", WAREHOUSE, "13.9800", "19.80"),
    Delivered("mgtv-week-pasted.txt", "mgtv-month", "gamma", "spare", "12.5000", "19.80"),
    Delivered("iqiyi-month-gbk.csv", "iqiyi-month", "alpha", WAREHOUSE, "16.2000", "21.50"),
    Delivered("youku-quarter-utf16.txt", "youku-quarter", "beta", WAREHOUSE, "41.0000", "52.00"),
    Delivered("tencent-year-dashes.txt", "tencent-video-year", "alpha", "spare", "168", "199.00"),
    Delivered(
        "netease-year-urls.txt", "netease-music-month-link", "gamma", "spare", "9.8800", "12.80"
    ),
    Delivered("qqmusic-month.xls", "qq-music-month", "beta", WAREHOUSE, "10.4000", "13.90"),
)

# What the platforms offer of it: SKUs of cards, by how they are called there.
ON_SHELVES: Final = {
    "mgtv-month": "芒果TV会员 月卡",
    "iqiyi-month": "爱奇艺黄金会员 月卡",
    "youku-quarter": "优酷会员 季卡",
    "tencent-video-year": "腾讯视频会员 年卡",
    "qq-music-month": "QQ音乐豪华绿钻 月卡",
}


@dataclass(slots=True)
class Stocked:
    """What the imports came to."""

    cards: Counter[str] = field(default_factory=Counter)  # by SKU
    rejected: Counter[str] = field(default_factory=Counter)  # by class


async def furnish(tx: Tx, tenant_id: int) -> None:
    """Open the stores and add whom the shop deals with."""
    await add_warehouse(tx, tenant_id, ACTOR, code="spare", name="备用仓")
    for code, (name, channel) in STORES.items():
        await open_store(tx, tenant_id, ACTOR, code=code, name=name, channel=channel)
    for code, name in COUNTERS.items():
        await open_store(tx, tenant_id, ACTOR, code=code, name=name, channel=ChannelKind.DIRECT)
    for code, name in CUSTOMERS.items():
        await add_customer(tx, tenant_id, ACTOR, code=code, name=name)
    for code, (name, tier) in SUPPLIERS.items():
        await add_supplier(tx, tenant_id, ACTOR, code=code, name=name, tier=tier)


async def stock_up(
    database: Database,
    tenant: Tenant,
    keyrings: Keyrings,
    delivery: Delivered,
    stocked: Stocked,
    *,
    at: datetime,
) -> None:
    """Import one sample, as a clerk would on that day, and add what came of it to `stocked`."""
    source = await asyncio.to_thread(open_file, SAMPLES / delivery.file)
    async with database.transaction(tenant.id) as tx:
        intake = await find_intake(
            tx,
            tenant.id,
            sku=delivery.sku,
            warehouse=delivery.warehouse,
            supplier=delivery.supplier,
            unit_cost_e4=parse_amount(delivery.cost),
            today=day_of(at, tenant.timezone),
        )
    outcome = await import_file(database, tenant.id, ACTOR, intake, source, keyrings=keyrings)
    stocked.cards[delivery.sku] += outcome.report.accepted
    for reason, rows in outcome.report.classes.items():
        stocked.rejected[reason] += rows.count
