"""Statements: a month's orders at a supplier beside its statement, with mistakes planted in it."""

import asyncio
import hashlib
import io
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import psycopg

from bench.ground import Ground, Shop, make_ground, make_shop
from bench.report import Result, line_of
from kashu.core.ids import new_id
from kashu.core.sheets.read import read_bytes
from kashu.core.sheets.write import write_csv
from kashu.purchases.statement_lines import read_lines
from kashu.purchases.statement_reads import tallies
from kashu.purchases.statements import Arrived, take_statement

LIMIT_S: Final = 60.0
SIZES: Final = {"tiny": 1_000, "small": 20_000, "full": 100_000}  # orders, and lines
EVERY: Final = 250  # of so many lines one of each mistake
ZONE: Final = "Asia/Shanghai"
BEGAN: Final = datetime(2026, 10, 31, 16, 10, tzinfo=UTC)
SPAN: Final = timedelta(days=29, hours=23)
HEADER: Final = ("商户订单号", "平台订单号", "金额", "数量", "下单时间")
MISSING, EXTRA, DIFFERENT, DUPLICATED = 50, 100, 150, 200  # in each EVERY
NEAR: Final = 10  # every tenth line names no order, and every tenth only theirs


async def run(scale: str) -> dict[str, object]:
    """Measure once."""
    orders = SIZES[scale]
    with make_ground() as ground:
        async with make_shop(ground, stores=1, skus=1, suppliers=1) as shop:
            _fill(ground, shop, orders)
            content = _statement(orders)
            began = time.perf_counter()
            lines = await asyncio.to_thread(lambda: read_lines(read_bytes(content), ZONE))
            read_s = time.perf_counter() - began
            digest = hashlib.sha256(content).digest()
            first_on, last_on = date(2026, 11, 1), date(2026, 11, 30)
            supplier_id = shop.suppliers[0].id
            arrived = Arrived(supplier_id, first_on, last_on, lines, digest, "november.csv")
            async with shop.database.transaction(shop.tenant_id) as tx:
                statement_id, _ = await take_statement(
                    tx, shop.tenant_id, "cli", arrived, timezone=ZONE
                )
            took_s = time.perf_counter() - began
            async with shop.database.transaction(shop.tenant_id) as tx:
                counted = await tallies(tx, shop.tenant_id, statement_id)
        found = {each.kind.value: each.total for each in counted}
        result = Result(
            "statements",
            "s",
            [took_s],
            [LIMIT_S],
            1.0,
            "lower",
            {"orders": orders, "lines": len(lines.lines)},
            found == _planted(orders),
            {"read_s": round(read_s, 2), "found": found},
        )
        return line_of(result, ground, scale)


def _planted(orders: int) -> dict[str, int]:
    places = Counter(n % EVERY for n in range(1, orders + 1))
    return {
        "different": places[DIFFERENT],
        "duplicated": places[DUPLICATED],
        "extra": places[EXTRA],
        "missing": places[MISSING],
    }


def _statement(orders: int) -> bytes:
    written = io.BytesIO()
    write_csv(written, HEADER, _rows(orders))
    return written.getvalue()


def _rows(orders: int) -> Iterator[tuple[str, ...]]:
    for n in range(1, orders + 1):
        at = BEGAN + n * (SPAN / orders) + timedelta(hours=8)
        price_e4 = 50_000 + 1_000 * (n % 97)
        number, theirs = f"B{n:09}", f"T{n:09}"
        if n % NEAR == 1:
            number = theirs = ""
        elif n % NEAR == 2:
            number = ""
        place = n % EVERY
        if place == MISSING:
            continue
        if place == DIFFERENT:
            price_e4 += 5_000
        row = (number, theirs, f"{price_e4 / 10_000:.4f}", "1", f"{at:%Y-%m-%d %H:%M:%S}")
        yield row
        if place == DUPLICATED:
            yield row
        if place == EXTRA:
            yield (f"X{n:09}", "", "123.45", "1", row[4])


def _fill(ground: Ground, shop: Shop, orders: int) -> None:
    offer_id = new_id()
    supplier_id, sku_id = shop.suppliers[0].id, shop.skus[0].id
    ground.sql(
        "INSERT INTO suppliers.offers (tenant_id, id, supplier_id, ref, title, goods, sku_id)"
        " VALUES (%s, %s, %s, 'r1', 'r1', 'card', %s)",
        shop.tenant_id,
        offer_id,
        supplier_id,
        sku_id,
    )
    given = {
        "tenant": shop.tenant_id,
        "supplier": supplier_id,
        "offer": offer_id,
        "sku": sku_id,
        "warehouse": shop.warehouse_id,
        "orders": orders,
    }
    statement = Path(__file__).with_name("statements.sql").read_text()
    with psycopg.connect(ground.server.url(role="postgres"), autocommit=True) as connection:
        connection.execute(statement, given)  # type: ignore[arg-type, unused-ignore]
    ground.sql("ANALYZE purchases.attempts")
