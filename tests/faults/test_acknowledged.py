"""kill -9 of web, worker and PostgreSQL under load: what was answered is there, once.

The client keeps its own list of answers; the long run is KASHU_TEST_KILLS=200.
"""

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from kashu.access.api_keys import make_key, wire_name
from kashu.access.caller import Caller
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.access.signatures import sign
from kashu.core.db import Database
from kashu.entry.begin import begin_tenant
from kashu.entry.settings import Settings
from kashu.entry.startup import Ground, start_up
from kashu.reports.verify import verify
from tests.embedded import empty_folder, leader
from tests.stock.builders import put_cards

pytestmark = pytest.mark.faults

KILLS = int(os.environ.get("KASHU_TEST_KILLS", "9"))
BUYERS = 8
BACK_WITHIN_S = 30.0
SKU = "mgtv-month"


@dataclass(slots=True)
class Shop:
    """A served shop, from the outside: its address, a key, and what the client was told."""

    ground: Ground
    database: Database
    tenant_id: int
    port: int
    key: str
    secret: str
    answers: dict[str, list[str]] = field(default_factory=dict)  # order number → card ids
    slowest_s: float = 0.0

    def signed(self, body: bytes, order: str) -> dict[str, str]:
        headers = sign(
            "POST",
            "/v1/orders",
            body,
            key=self.key,
            secret=self.secret,
            timestamp=int(time.time()),
            nonce=uuid4().hex,
        )
        return {**headers, "Idempotency-Key": order, "Content-Type": "application/json"}

    async def buy(self, client: httpx.AsyncClient, order: str) -> None:
        """Order one card; repeat the same request until it is answered, as a client must."""
        line = {"sku": SKU, "quantity": 1, "price": "19.80"}
        body = json.dumps({"orders": [{"external_id": order, "lines": [line]}]}).encode()
        began_at = time.monotonic()
        async with asyncio.timeout(2 * BACK_WITHIN_S):
            while True:
                try:
                    answer = await client.post(
                        "/v1/orders", content=body, headers=self.signed(body, order)
                    )
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
                    continue
                if answer.status_code == 200:
                    break
                assert answer.status_code in {409, 502, 503}, answer.text
                await asyncio.sleep(0.1)
        self.slowest_s = max(self.slowest_s, time.monotonic() - began_at)
        told = answer.json()["orders"][0]["lines"][0]
        assert told["delivered"] == 1, told
        self.answers[order] = [card["card_id"] for card in told["cards"]]


@asynccontextmanager
async def served(folder: Path, cards: int) -> AsyncIterator[tuple[Shop, subprocess.Popen[bytes]]]:
    """`kashu serve` in a process of its own, and a shop with cards behind it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    with start_up(Settings(data_dir=folder)) as ground:
        database = ground.open()
        tenant = (await begin_tenant(database, ground.masters, code="main", name="main")).tenant
        owner = Caller(tenant.id, f"staff:{uuid4()}", frozenset(Permission))
        async with database.transaction(tenant.id) as tx:
            made = await make_key(
                tx,
                owner,
                ground.masters,
                name="test",
                scopes=[Permission.ORDERS_WRITE, Permission.STOCK_REVEAL],
            )
            sku_id = (
                await tx.execute(text("SELECT id FROM catalog.skus WHERE code = :c"), {"c": SKU})
            ).scalar_one()
            await put_cards(tx, tenant.id, cards, sku_id=sku_id, keyrings=Keyrings(ground.masters))
        environment = {**os.environ, "KASHU_DATA_DIR": str(folder), "KASHU_PORT": str(port)}
        process = subprocess.Popen(  # noqa: ASYNC220, S603  (our own program, started once)
            [Path(sys.executable).with_name("kashu"), "serve"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        shop = Shop(
            ground, database, tenant.id, port, wire_name(tenant.id, made.key), made.secret.clear
        )
        try:
            yield shop, process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)
            await database.close()


def children(pid: int) -> list[int]:
    """The processes below one, at any depth."""
    below: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended while we looked
        below.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, pending = [], [pid]
    while pending:
        pending += (these := below.get(pending.pop(), []))
        found += these
    return found


async def until_healthy(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(BACK_WITHIN_S):
        while True:
            try:
                if (await client.get("/healthz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass  # not yet
            await asyncio.sleep(0.1)


async def test_what_was_answered_is_there_once_whatever_was_killed() -> None:
    chance = random.Random(20261122)  # noqa: S311  (which process dies is no secret)
    with empty_folder() as folder:
        async with served(folder, cards=60_000 if KILLS > 20 else 12_000) as (shop, process):
            limits = httpx.Limits(max_keepalive_connections=0)
            async with httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{shop.port}", timeout=10, limits=limits
            ) as client:
                await until_healthy(client)
                stopping = asyncio.Event()

                async def buyer(name: int) -> None:
                    number = 0
                    while not stopping.is_set():
                        number += 1
                        await shop.buy(client, f"B{name}-{number}")

                buyers = [asyncio.create_task(buyer(name)) for name in range(BUYERS)]
                killed: Counter[str] = Counter()
                for turn in range(KILLS):
                    await asyncio.sleep(chance.uniform(0.3, 1.2))
                    postgres = leader(folder / "postgres" / "data")
                    ours = sorted(set(children(process.pid)) - {postgres})
                    victim = postgres if turn % 3 == 0 else chance.choice(ours)
                    os.kill(victim, signal.SIGKILL)
                    killed["postgres" if victim == postgres else "ours"] += 1
                    if turn % 3 == 0:
                        await until_healthy(client)
                await until_healthy(client)
                stopping.set()
                await asyncio.gather(*buyers)
            assert len(killed) == 2
        await assert_every_answer_is_there_once(folder, shop)


async def assert_every_answer_is_there_once(folder: Path, shop: Shop) -> None:
    given = Counter(card for cards in shop.answers.values() for card in cards)
    assert len(shop.answers) > 5 * KILLS
    assert set(given.values()) == {1}, "a card was told to two buyers"
    with start_up(Settings(data_dir=folder)) as ground:
        database = ground.open()
        async with database.transaction(shop.tenant_id) as tx:
            rows = await tx.execute(
                text(
                    "SELECT o.external_id, a.card_id::text FROM orders.orders o"
                    " JOIN orders.lines l ON l.tenant_id = o.tenant_id AND l.order_id = o.id"
                    " JOIN stock.allocations a ON a.tenant_id = l.tenant_id AND a.line_id = l.id"
                    " WHERE o.tenant_id = :tenant AND a.released_at IS NULL"
                ),
                {"tenant": shop.tenant_id},
            )
            kept: dict[str, list[str]] = {}
            for order, card in rows:
                kept.setdefault(order, []).append(card)
        async with database.transaction(shop.tenant_id) as tx:
            proof = await verify(tx, shop.tenant_id)
        await database.close()
    assert {order: kept.get(order) for order in shop.answers} == shop.answers
    assert set(kept) == set(shop.answers), "everything written was answered in the end"
    assert proof.ok, [each for each in proof.checked if each.violations]
    assert shop.slowest_s < BACK_WITHIN_S
