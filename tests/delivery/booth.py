"""A store whose top-ups suppliers do: the shop on its platform, the suppliers, and all sweeps."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update

from kashu.catalog.tables import skus
from kashu.channels.connections import set_mode
from kashu.channels.kinds import Mode
from kashu.channels.shop_orders import KnownOrder, shop_order_page
from kashu.channels.tables import connections, shop_orders
from kashu.core.clock import SHANGHAI
from kashu.core.http import Http
from kashu.core.pace import Pace
from kashu.delivery.by_hand import try_again
from kashu.delivery.deliver import deliver_due
from kashu.delivery.read_accounts import keep_accounts, read_accounts
from kashu.ledger.kinds import AccountKind
from kashu.orders.buy import buy_due
from kashu.orders.buying import Bought, buying_of
from kashu.orders.reads import Line, lines_of_orders
from kashu.orders.sweeps import fill_replenished, settle_topups_due, take_in_due
from kashu.purchases.buyer import Buyer
from kashu.purchases.tables import purchases
from kashu.simulators.shop import Order
from kashu.simulators.suppliers.house import Kind
from kashu.suppliers.reach import Upstreams
from tests.conftest import MASTERS
from tests.delivery.conftest import Trade
from tests.delivery.test_topups import Desk
from tests.purchases.buying import Ground
from tests.purchases.counterpart import Counterpart
from tests.purchases.world import COST_E4, World
from tests.stock.builders import make_warehouse

PHONE = "13812345678"
RULE = {"looks": "phone", "found_in": "message"}


@dataclass
class Booth:
    """A merchant's store, its desk and its suppliers."""

    trade: Trade
    desk: Desk
    world: World

    async def supplier(self, code: str = "fulu", cost_e4: int = COST_E4) -> Counterpart:
        """Connect one that tops up."""
        made = await self.world.add(code, cost_e4, kind=Kind.TOPUP)
        await self.world.later(seconds=0)
        return made

    async def policy(self, policy: str) -> None:
        """Say what becomes of a line that isn't in stock."""
        trade = self.trade
        async with trade.database.transaction(trade.tenant.id) as tx:
            ours = skus.c.id == self.desk.sku_id
            await tx.execute(update(skus).where(ours).values(shortage_policy=policy))

    async def see(self) -> None:
        """Ask the platform, take in, and read accounts: nothing is bought yet."""
        await self.trade.ask()
        await self.take_in()
        await read_accounts(self.trade.database, self.trade.tenant.id, self.trade.outside)
        await self.take_in()

    async def take_in(self) -> None:
        trade = self.trade
        more = True
        while more:
            more = await take_in_due(
                trade.database, trade.tenant.id, SHANGHAI, trade.clock, keyrings=trade.keyrings
            )

    async def buy(self) -> None:
        """Make the purchases, and order them."""
        await self.want()
        await self.world.place()

    async def want(self) -> None:
        trade = self.trade
        while await buy_due(trade.database, trade.tenant.id, trade.keyrings, trade.clock):
            pass

    async def settle(self) -> None:
        """Ask suppliers, settle the lines."""
        trade = self.trade
        await self.world.ask()
        await settle_topups_due(trade.database, trade.tenant.id, SHANGHAI, trade.clock)
        await fill_replenished(trade.database, trade.tenant.id, SHANGHAI)

    async def deliver(self) -> None:
        while await deliver_due(self.trade.database, self.trade.tenant.id, self.trade.outside):
            pass

    async def run(self, rounds: int = 2) -> None:
        """Let every sweep have its turn, a few times."""
        for _ in range(rounds):
            await self.see()
            await self.buy()
            await self.settle()
            await self.deliver()
            await self.world.later(seconds=6)

    async def later(self, **by: float) -> None:
        await self.world.later(**by)

    async def mode(self, mode: Mode) -> None:
        """Say how far we act for the store."""
        async with self.trade.database.transaction(self.trade.tenant.id) as tx:
            await set_mode(tx, self.trade.tenant.id, "test", "tb", mode)

    async def option(self, name: str, value: str) -> None:
        """Set an option of the store's connection."""
        async with self.trade.database.transaction(self.trade.tenant.id) as tx:
            await tx.execute(update(connections).values(options={name: value}))

    async def enter(self, order: Order, account: str) -> None:
        """A person types what couldn't be read."""
        known, trade = await self.known(order), self.trade
        accounts = {line.line_id: account for line in known.lines}
        async with trade.database.transaction(trade.tenant.id) as tx:
            await keep_accounts(tx, trade.tenant.id, known, accounts, MASTERS)

    async def again(self, order: Order) -> None:
        """A person lets it be tried again."""
        known, trade = await self.known(order), self.trade
        async with trade.database.transaction(trade.tenant.id) as tx:
            await try_again(tx, trade.tenant.id, "test", known.id)

    async def known(self, order: Order) -> KnownOrder:
        trade = self.trade
        async with trade.database.transaction(trade.tenant.id) as tx:
            [known] = await shop_order_page(
                tx,
                trade.tenant.id,
                step=None,
                number=order.order_id,
                only_store=None,
                before=None,
                limit=2,
            )
        return known

    async def lines(self, order: Order) -> list[Line]:
        """Our lines of it."""
        known = await self.known(order)
        if known.order_id is None:
            return []
        async with self.trade.database.transaction(self.trade.tenant.id) as tx:
            found = await lines_of_orders(tx, self.trade.tenant.id, [known.order_id])
        return found[known.order_id]

    async def buying(self, order: Order) -> Bought:
        """How buying for its one top-up stands."""
        ids = [line.line_id for line in await self.lines(order)]
        async with self.trade.database.transaction(self.trade.tenant.id) as tx:
            [bought] = (await buying_of(tx, self.trade.tenant.id, ids)).values()
        return bought

    async def purchase_states(self) -> list[str]:
        async with self.trade.database.transaction(self.trade.tenant.id) as tx:
            found = await tx.execute(select(purchases.c.state).order_by(purchases.c.created_at))
            return list(found.scalars())

    async def row_text(self) -> str:
        """All that is kept of the platform's orders, as text."""
        async with self.trade.database.transaction(self.trade.tenant.id) as tx:
            return str((await tx.execute(select(shop_orders))).all())

    async def balance(self, kind: AccountKind) -> int:
        return sum(
            each.debit_e4 - each.credit_e4 for each in await self.world.books() if each.kind == kind
        )


async def make_booth(trade: Trade) -> Booth:
    """A merchant who has top-ups bought, and no supplier yet."""
    desk = await Desk(trade).make()
    async with trade.database.transaction(trade.tenant.id) as tx:
        ground = Ground(desk.sku_id, await make_warehouse(tx, trade.tenant.id))
    upstreams = Upstreams(
        {}, Http(), Pace(), trade.keyrings, now=trade.clock, stopping=asyncio.Event()
    )
    buyer = Buyer(trade.database, trade.tenant.id, trade.tenant.timezone, upstreams)
    world = World(trade.database, trade.tenant, trade.clock, buyer, ground)
    booth = Booth(trade, desk, world)
    await booth.policy("buy")
    return booth


async def only_line(booth: Booth, order: Order) -> Line:
    [line] = await booth.lines(order)
    return line


async def known_id(booth: Booth, order: Order) -> UUID:
    return (await booth.known(order)).id
