"""The demo's past: a week of orders before the demo began, so that there is a yesterday.

The orders are taken by the program as any others, each on its own day of the books; in a few
seconds, though, and the database writes down when. Afterwards what was written in those seconds
gets the times that it stands for. Only the owner of the database can do that: the program's own
role can't change what has been posted.
"""

import asyncio
import hashlib
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import track
from sqlalchemy import Column, DateTime, Table, TextClause, create_engine, make_url, text

from kashu.core.clock import now
from kashu.core.money import format_amount, parse_amount
from kashu.core.schema import metadata
from kashu.entry.demo.shop import COUNTERS, CUSTOMERS, DELIVERIES, Stocked
from kashu.entry.demo.stage import Stage, import_samples
from kashu.entry.startup import Ground
from kashu.orders.bodies import COUNTER, LineBody, OrderBody, OrdersBody
from kashu.orders.intake import Intake
from kashu.orders.write import Submission
from kashu.reports.pulse import count_pulse

SEED: Final = 20261115
CALLER: Final = "cli"
STOCKED_BEFORE: Final = timedelta(days=9)  # the samples came in before the first of the orders
ORDERS: Final = {7: 60, 6: 20, 5: 25, 4: 20, 3: 30, 2: 25, 1: 80, 0: 80}  # by days before today
QUIET: Final = timedelta(minutes=15)  # before the demo begins
# When people buy, by the hour of the merchant's day: at noon, and most of all in the evening.
HOURS: Final = (2, 1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 7, 9, 7, 5, 5, 5, 6, 8, 10, 12, 12, 9, 5)
# The stores on platforms aren't connected yet: until today a clerk entered what they sold.
STORES: Final = {
    "taobao-flagship": 6,
    "pdd-one": 5,
    "jd-pop": 3,
    "youzan-mall": 2,
    "weidian-small": 2,
    **dict.fromkeys(COUNTERS, 2),
    COUNTER: 1,
}
QUANTITIES: Final = (1, 1, 1, 1, 1, 2, 2, 3)
# The merchant itself was set up a moment ago: that is of the first day, too.
_BEGINS: Final = text(
    "SELECT coalesce(min(at), clock_timestamp()) FROM core.events WHERE tenant_id = :tenant"
)
_CLOCK: Final = text("SELECT clock_timestamp()")
SCHEMAS: Final = ("core", "ledger", "orders", "stock")  # where orders leave traces


@dataclass(frozen=True, slots=True)
class Scene:
    """What was played from a moment of the database's clock on, and when it is to have been."""

    played_at: datetime
    stands_for: datetime


@dataclass(slots=True)
class Past:
    """The days before the demo."""

    ground: Ground
    stage: Stage
    began_at: datetime = field(default_factory=now)
    scenes: list[Scene] = field(default_factory=list)

    sold: Counter[str] = field(default_factory=Counter)  # cards by SKU

    async def play(self, console: Console) -> Stocked:
        """Import the samples, sell through the days, and give it all the times it stands for."""
        stocked_at = self.began_at - STOCKED_BEFORE
        self.scenes.append(
            Scene(await self._ask(_BEGINS.bindparams(tenant=self.stage.tenant.id)), stocked_at)
        )
        stocked = await import_samples(self.stage, console, at=stocked_at)
        tenant = self.stage.tenant
        moments = list(_moments(self.began_at, ZoneInfo(tenant.timezone)))
        orders = zip(moments, _orders(self.stage.run, sorted(stocked.cards)), strict=False)
        told = "过去一周 last week"
        intake = Intake(
            self.stage.database, self.stage.keyrings, clock=lambda: self.scenes[-1].stands_for
        )
        for moment, each in track(orders, told, total=len(moments), console=console):
            await self._scene(moment)
            await intake.submit(tenant.id, each, tenant.timezone)
            for line in each.body.orders[0].lines:
                self.sold[line.sku] += line.quantity
        await self._tell()
        return stocked

    async def _scene(self, stands_for: datetime) -> None:
        """Begin a scene: what is written from here on is to have been at that time."""
        self.scenes.append(Scene(await self._ask(_CLOCK), stands_for))

    async def _tell(self) -> None:
        """Give all that was written since the first scene its time, and count the curve anew."""
        ended_at = await self._ask(_CLOCK)
        url = self.ground.owner_url
        await asyncio.to_thread(_retell, url, self.stage.tenant.id, self.scenes, ended_at)
        await count_pulse(self.stage.database, self.stage.tenant.id, again=True)

    async def _ask(self, question: TextClause) -> datetime:
        async with self.stage.database.transaction(self.stage.tenant.id) as tx:
            moment: datetime = (await tx.execute(question)).scalar_one()
        return moment


def _moments(began_at: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """When the orders of the days were, each day more and less busy by the hour; ascending."""
    chance = random.Random(SEED)  # noqa: S311  (buyers, not secrets)
    today = began_at.astimezone(zone).date()
    for before, orders in ORDERS.items():
        day = datetime.combine(today - timedelta(days=before), time(), zone)
        seconds = sorted(
            (hour + chance.random()) * 3600
            for hour in chance.choices(range(len(HOURS)), HOURS, k=orders)
        )
        moments = (day + timedelta(seconds=each) for each in seconds)
        yield from (each for each in moments if each < began_at - QUIET)


def _orders(run: str, skus: Sequence[str]) -> Iterator[Submission]:
    """Make orders without end."""
    chance = random.Random(SEED)  # noqa: S311  (buyers, not secrets)
    prices = {delivery.sku: parse_amount(delivery.price) for delivery in DELIVERIES}
    number = 0
    while True:
        number += 1
        sku, quantity = chance.choice(skus), chance.choice(QUANTITIES)
        store = chance.choices(list(STORES), list(STORES.values()))[0]
        customer = chance.choice([*CUSTOMERS, None, None]) if store == COUNTER else None
        line = LineBody(sku, quantity, format_amount(prices[sku] * quantity))
        order = OrderBody(f"{run}-p{number:06d}", (line,), store=store, customer=customer)
        body = OrdersBody((order,), deliver="later")
        digest = hashlib.sha256(repr(body).encode()).digest()
        yield Submission(CALLER, order.external_id, digest, body)


def _retell(owner_url: str, tenant_id: int, scenes: Sequence[Scene], ended_at: datetime) -> None:
    """Move each time that was written during a scene to when the scene is to have been."""
    played = {
        "tenant": tenant_id,
        "begins": [each.played_at for each in scenes],
        "shifts": [each.stands_for - each.played_at for each in scenes],
        "ended_at": ended_at,
    }
    engine = create_engine(make_url(owner_url).set(drivername="postgresql+psycopg"))
    try:
        with engine.begin() as connection:
            connection.execute(
                text("SELECT set_config('kashu.tenant_id', :tenant, true)"),
                {"tenant": str(tenant_id)},
            )
            for table, column in _times():
                name = column.name
                moved = text(
                    f"UPDATE {table.fullname} SET {name} = {name} + "  # noqa: S608  (our own names)
                    "(CAST(:shifts AS interval[]))"
                    f"[width_bucket({name}, CAST(:begins AS timestamptz[]))]"
                    f" WHERE tenant_id = :tenant AND {name} < :ended_at"
                    f" AND {name} >= (CAST(:begins AS timestamptz[]))[1]"
                )
                connection.execute(moved, played)
    finally:
        engine.dispose()


def _times() -> Iterator[tuple[Table, Column[datetime]]]:
    for table in metadata.sorted_tables:
        if table.schema in SCHEMAS and "tenant_id" in table.c:
            for column in table.c:
                if isinstance(column.type, DateTime):
                    yield table, column
