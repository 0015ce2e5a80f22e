"""A merchant with suppliers: each a counterpart with its own ledger, and a clock that is set."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.core.events import events
from kashu.core.http import Http
from kashu.core.ids import new_id
from kashu.core.pace import Pace
from kashu.core.secrets import Secret
from kashu.ledger.reads import Balance, trial_balance
from kashu.ledger.supplier_money import SupplierMoney, supplier_money
from kashu.purchases.ask import ask_due
from kashu.purchases.buyer import Buyer
from kashu.purchases.inputs import mask_account, seal_inputs
from kashu.purchases.kinds import AttemptState, Cause, PurchaseState
from kashu.purchases.place import place_due
from kashu.purchases.reads import (
    Attempt,
    Purchase,
    attempts_of_purchase,
    live_attempts,
    purchase_of,
)
from kashu.purchases.tables import attempts, purchases
from kashu.purchases.want import Wanted, want
from kashu.reports.verify import verify
from kashu.simulators.shop import Clock
from kashu.simulators.suppliers.house import Asked, Good, House, Kind
from kashu.stock.tables import cards
from kashu.suppliers.connections import NewConnection, connect
from kashu.suppliers.kinds import Goods
from kashu.suppliers.reach import Upstreams
from kashu.suppliers.tables import offers
from tests.conftest import MASTERS, Tenant
from tests.purchases.buying import AT, Ground, deposit, make_ground, make_offer
from tests.purchases.counterpart import RULES, Counterpart
from tests.stock.builders import make_supplier

DEPOSIT_E4 = 10**10
COST_E4 = 100_000
FACE_E4 = 250_000  # of the SKU
SECRET = "s3cr3t-of-theirs"  # noqa: S105  (a counterpart's)


@dataclass(slots=True)
class World:
    """What a test of the engine stands on."""

    database: Database
    tenant: Tenant
    clock: Clock
    buyer: Buyer
    ground: Ground
    houses: dict[str, Counterpart] = field(default_factory=dict)
    suppliers: dict[str, UUID] = field(default_factory=dict)
    goods: dict[str, Good] = field(default_factory=dict)

    async def add(
        self,
        code: str,
        cost_e4: int = COST_E4,
        *,
        stock: int = 20,
        kind: Kind = Kind.CARD,
        deposit_e4: int = DEPOSIT_E4,
        **more: Any,  # noqa: ANN401  (of the counterpart)
    ) -> Counterpart:
        """Connect a supplier that sells our SKU."""
        house = House(self.clock, seed=len(self.houses) + 1)
        asked = [Asked("account", "充值账号", is_account=True)] if kind is Kind.TOPUP else []
        good = house.offer(
            "芒果TV 月卡", cost_e4, kind=kind, stock=stock, asked=asked, face_value_e4=FACE_E4
        )
        counterpart = Counterpart(house, **{"rules": RULES, **more})
        counterpart.name = code
        tenant_id = self.tenant.id
        async with self.database.transaction(tenant_id) as tx:
            supplier_id = await make_supplier(tx, tenant_id, code)
            wanted = NewConnection(code, "we", Secret(SECRET))
            await connect(tx, tenant_id, "cli", code, wanted, masters=MASTERS)
            await make_offer(
                tx,
                tenant_id,
                self.ground.sku_id,
                code,
                cost_e4,
                ref=str(good.good_id),
                goods=Goods(kind.value),
            )
            await deposit(tx, tenant_id, supplier_id, deposit_e4)
        self.houses[code] = counterpart
        self.suppliers[code] = supplier_id
        self.goods[code] = good
        protocols = dict(self.buyer.upstreams.protocols) | {code: counterpart}
        upstreams = replace(self.buyer.upstreams, protocols=protocols)
        self.buyer = replace(self.buyer, upstreams=upstreams)
        return counterpart

    async def want(self, quantity: int = 1, **more: Any) -> UUID:  # noqa: ANN401  (of Wanted)
        """Want some cards, by hand."""
        values: dict[str, Any] = {
            "sku_id": self.ground.sku_id,
            "goods": Goods.CARD,
            "quantity": quantity,
            "cause": Cause.HAND,
            "warehouse_id": self.ground.warehouse_id,
            "unit_cost_max_e4": 10 * COST_E4,
            "confirm": True,
            **more,
        }
        async with self.database.transaction(self.tenant.id) as tx:
            return await want(tx, self.tenant.id, "cli", Wanted(**values), at=self.clock())

    async def want_many(self, count: int) -> list[UUID]:
        """Want as many, one card each."""
        made = []
        async with self.database.transaction(self.tenant.id) as tx:
            for _ in range(count):
                wanted = Wanted(
                    self.ground.sku_id,
                    Goods.CARD,
                    1,
                    warehouse_id=self.ground.warehouse_id,
                    unit_cost_max_e4=10 * COST_E4,
                    confirm=True,
                )
                made.append(await want(tx, self.tenant.id, "cli", wanted, at=self.clock()))
        return made

    async def want_topup(self, account: str = "13812345678", **more: Any) -> UUID:  # noqa: ANN401
        """Want an account topped up."""
        purchase_id = new_id()
        tenant_id = self.tenant.id
        async with self.database.transaction(tenant_id) as tx:
            keyring = await self.buyer.upstreams.keyrings.of(tx, tenant_id)
            inputs = {"account": account}
            sealed = seal_inputs(keyring, self.ground.sku_id, purchase_id, inputs)
        return await self.want(
            id=purchase_id,
            goods=Goods.TOPUP,
            warehouse_id=None,
            sealed_inputs=sealed,
            key_version=keyring.version,
            masked_account=mask_account(account),
            **more,
        )

    async def place(self) -> None:
        """Let the worker order what is due."""
        await place_due(self.buyer)

    async def ask(self) -> None:
        """Let the worker ask about what is due."""
        while await ask_due(self.buyer):
            pass

    async def later(self, **by: float) -> None:
        """Set the clock forward; prices are told anew meanwhile."""
        self.clock.advance(timedelta(**by))
        async with self.database.transaction(self.tenant.id) as tx:
            await tx.execute(
                update(offers)
                .where(offers.c.tenant_id == self.tenant.id)
                .values(seen_at=self.clock())
            )

    async def run(self, hours: float = 80.0, *, exact: bool = False) -> None:
        """Let the worker work whenever something is due, until nothing is or time is up."""
        began = self.clock()
        until = began + timedelta(hours=hours)
        while self.clock() <= until:
            await self.place()
            await self.ask()
            due = await self._next()
            if due is None:
                return
            # So far that many are due together: what is asked about is spread out.
            step = timedelta(0) if exact else max(timedelta(seconds=1), (self.clock() - began) / 8)
            await self.later(seconds=(max(due - self.clock(), step)).total_seconds() + 0.001)

    async def _next(self) -> Any:  # noqa: ANN401  (a time, or None)
        tenant_id = self.tenant.id
        states = [AttemptState.SENDING, AttemptState.UNCLEAR, AttemptState.PROCESSING]
        to_do = [PurchaseState.WANTED, PurchaseState.HELD]
        async with self.database.transaction(tenant_id) as tx:
            asked = select(func.min(attempts.c.next_at)).where(
                attempts.c.tenant_id == tenant_id, attempts.c.state.in_(states)
            )
            placed = select(func.min(purchases.c.next_at)).where(
                purchases.c.tenant_id == tenant_id, purchases.c.state.in_(to_do)
            )
            times = [(await tx.execute(each)).scalar_one() for each in (asked, placed)]
        return min((each for each in times if each is not None), default=None)

    async def purchase(self, purchase_id: UUID) -> Purchase:
        async with self.database.transaction(self.tenant.id) as tx:
            return await purchase_of(tx, self.tenant.id, purchase_id)

    async def attempts(self, purchase_id: UUID) -> list[Attempt]:
        async with self.database.transaction(self.tenant.id) as tx:
            return await attempts_of_purchase(tx, self.tenant.id, purchase_id)

    async def attempt(self, purchase_id: UUID) -> Attempt:
        """Its only one."""
        [attempt] = await self.attempts(purchase_id)
        return attempt

    async def live(self) -> list[Attempt]:
        async with self.database.transaction(self.tenant.id) as tx:
            return await live_attempts(tx, self.tenant.id, limit=100_000)

    async def money(self, code: str) -> SupplierMoney:
        """What the books say of a supplier."""
        supplier_id = self.suppliers[code]
        async with self.database.transaction(self.tenant.id) as tx:
            return (await supplier_money(tx, self.tenant.id, [supplier_id]))[supplier_id]

    async def stock_count(self) -> int:
        """How many cards we have."""
        wanted = select(func.count()).select_from(cards)
        async with self.database.transaction(self.tenant.id) as tx:
            found = await tx.execute(wanted.where(cards.c.tenant_id == self.tenant.id))
            return int(found.scalar_one())

    async def happened(self, kind: str) -> list[dict[str, Any]]:
        """The facts of all events of a kind."""
        wanted = select(events.c.facts).where(events.c.tenant_id == self.tenant.id)
        async with self.database.transaction(self.tenant.id) as tx:
            found = await tx.execute(wanted.where(events.c.kind == kind))
            return list(found.scalars())

    async def books(self) -> list[Balance]:
        """Every account's balance."""
        async with self.database.transaction(self.tenant.id) as tx:
            return (await trial_balance(tx, self.tenant.id)).accounts

    async def proved(self) -> None:
        """The invariants hold: what the supplier took is what our books say that it has."""
        async with self.database.transaction(self.tenant.id) as tx:
            verified = await verify(tx, self.tenant.id)
        assert verified.ok, [each for each in verified.checked if each.violations]


async def make_world(
    database: Database, tenant: Tenant, keyrings: Keyrings, suppliers: Sequence[str] = ("fulu",)
) -> World:
    """Make a merchant and connect suppliers, each a little dearer than the one before."""
    clock = Clock(lambda: AT)
    async with database.transaction(tenant.id) as tx:
        ground = await make_ground(tx, tenant.id)
    upstreams = Upstreams({}, Http(), Pace(), keyrings, now=clock, stopping=asyncio.Event())
    buyer = Buyer(database, tenant.id, tenant.timezone, upstreams)
    world = World(database, tenant, clock, buyer, ground)
    for place, code in enumerate(suppliers):
        await world.add(code, COST_E4 + 100 * place)
    return world
