"""What a refusal looks like, and all that must be there unchanged after one."""

import httpx

from kashu.catalog.reads import sku_list
from kashu.channels.reads import store_list
from kashu.core.db import Database
from kashu.customers.reads import customer_list
from kashu.suppliers.reads import supplier_list
from tests.conftest import Tenant


def refused(answer: httpx.Response, status: int, code: str, at: str | None = None) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    if at is not None:
        assert at in [problem["at"] for problem in answer.json()["problems"]]


async def everything(database: Database, shop: Tenant) -> list[object]:
    async with database.transaction(shop.id) as tx:
        return [
            await sku_list(tx, shop.id, limit=1_000),
            await store_list(tx, shop.id),
            await customer_list(tx, shop.id),
            await supplier_list(tx, shop.id),
        ]
