"""The counter: what a dialect may ask for on behalf of an agent, and nothing more."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from kashu.access.keyring import Keyrings
from kashu.access.tenants import tenant_by_id
from kashu.core.clock import day_of
from kashu.core.db import Tx
from kashu.core.money import format_amount
from kashu.customers.agents import Agent, agents_by_id
from kashu.customers.errors import NotAnAgent
from kashu.downstream.errors import (
    CostsMore,
    GoodNotSold,
    NotCancellable,
    OrderedOtherwise,
    SoldOutHere,
    TooFew,
    UnknownAgentOrder,
)
from kashu.downstream.place import Placed, note_placed, placed_as, placed_by_number
from kashu.downstream.shown import Shown, shown_to
from kashu.orders.bodies import LineBody, OrderBody, OrdersBody, Own
from kashu.orders.errors import OrderWrong
from kashu.orders.intake import Intake
from kashu.orders.reads import Line, lines_of_orders, outcomes_of
from kashu.orders.refund import CANCEL, NewRefund, refund
from kashu.orders.write import Submission
from kashu.stock.reveal import reveal
from kashu.stock.secret import CardSecret


@dataclass(frozen=True, slots=True)
class AgentOrder:
    """An agent's order of one good, as it stands."""

    placed: Placed
    order_id: UUID
    line: Line

    @property
    def is_filled(self) -> bool:
        """Whether all its cards can be given."""
        return self.line.delivered == self.line.quantity

    @property
    def is_refused(self) -> bool:
        """Whether there wasn't enough, so that nothing was charged."""
        return self.line.refused == self.line.quantity


@dataclass(frozen=True, slots=True)
class Counter:
    """Where one agent, by one login, buys. Each of its calls is a transaction of its own."""

    intake: Intake
    keyrings: Keyrings
    tenant_id: int
    customer_id: UUID
    actor: str
    now: Callable[[], datetime]

    async def agent(self) -> Agent:
        """Who it is, and what is in its wallet."""
        async with self.intake.database.transaction(self.tenant_id) as tx:
            return await self._agent(tx)

    async def catalogue(self) -> list[Shown]:
        """What it may buy, by number."""
        async with self.intake.database.transaction(self.tenant_id) as tx:
            return await self._shown(tx, await self._agent(tx))

    async def good(self, number: int) -> Shown:
        """One of what it may buy. Raises: GoodNotSold."""
        return _find(await self.catalogue(), number)

    async def order(
        self, external_id: str, number: int, quantity: int, *, limit_e4: int | None = None
    ) -> AgentOrder:
        """Order so many of a good, at the list's price, or say what came of it before.

        All of it is given at once, or it is refused and costs nothing. `limit_e4`: pay no more.
        Raises: OrderedOtherwise, GoodNotSold, TooFew, CostsMore, SoldOutHere, WalletShort,
        AgentSuspended; RequestInFlight and what is Busy or Unclear: ask, or repeat it.
        """
        async with self.intake.database.transaction(self.tenant_id) as tx:
            agent = await self._agent(tx)
            before = await placed_as(tx, self.tenant_id, self.customer_id, external_id)
            if before is not None:
                if (before.sku_number, before.quantity) != (number, quantity):
                    raise OrderedOtherwise
                there = await self._order(tx, before)
                if there is not None:
                    return _given(there)
            shown = _find(await self._shown(tx, agent), number)
            price_e4 = _price(shown, quantity)
            if limit_e4 is not None and price_e4 > limit_e4:
                raise CostsMore(cost=format_amount(price_e4), limit=format_amount(limit_e4))
            await note_placed(
                tx, self.tenant_id, self.customer_id, external_id, number, quantity=quantity
            )
            timezone = (await tenant_by_id(tx, self.tenant_id)).timezone
        line = LineBody(shown.sku.code, quantity, format_amount(price_e4))
        submission = Submission(
            self.actor,
            f"placed:{external_id}",
            hashlib.sha256(f"{number}:{quantity}".encode()).digest(),
            OrdersBody((OrderBody(external_id, (line,)),), "later"),
            Own(customer=agent.code, bound_customer=True, whole=True),
        )
        try:
            await self.intake.submit(self.tenant_id, submission, timezone)
        except OrderWrong as error:  # its price, or that it is sold, changed just now
            raise GoodNotSold(good=number) from error
        return _given(await self.named(external_id))

    async def named(self, external_id: str) -> AgentOrder:
        """One of its orders, by its own number. Raises: UnknownAgentOrder, OrderedOtherwise."""
        async with self.intake.database.transaction(self.tenant_id) as tx:
            placed = await placed_as(tx, self.tenant_id, self.customer_id, external_id)
            return await self._known(tx, placed, external_id)

    async def numbered(self, number: int) -> AgentOrder:
        """One of its orders, by our number. Raises: UnknownAgentOrder, OrderedOtherwise."""
        async with self.intake.database.transaction(self.tenant_id) as tx:
            placed = await placed_by_number(tx, self.tenant_id, self.customer_id, number)
            return await self._known(tx, placed, str(number))

    async def cards(self, order: AgentOrder) -> list[CardSecret]:
        """Open the cards of an order; it is written down that this login saw them."""
        async with self.intake.database.transaction(self.tenant_id) as tx:
            agent = await self._agent(tx)
            opened = await reveal(
                tx,
                self.tenant_id,
                self.actor,
                line_ids=[order.line.line_id],
                reason="handed to the agent",
                recipient=agent.code,
                keyrings=self.keyrings,
            )
        return [card.secret for card in opened]

    async def cancel(self, order: AgentOrder) -> None:
        """Take an order back of which no card was seen; its price goes to the wallet.

        Raises: NotCancellable.
        """
        async with self.intake.database.transaction(self.tenant_id) as tx:
            new = NewRefund(
                _source(self.customer_id),
                f"cancel:{order.order_id}",
                order.placed.external_id,
                CANCEL,
            )
            await refund(tx, self.tenant_id, self.actor, new, await self._today(tx))
            after = await self._known(tx, order.placed, order.placed.external_id)
            if after.line.delivered:
                raise NotCancellable

    async def _agent(self, tx: Tx) -> Agent:
        found = await agents_by_id(tx, self.tenant_id, [self.customer_id])
        if self.customer_id not in found:
            raise NotAnAgent(customer=self.customer_id)
        return found[self.customer_id]

    async def _today(self, tx: Tx) -> date:
        return day_of(self.now(), (await tenant_by_id(tx, self.tenant_id)).timezone)

    async def _shown(self, tx: Tx, agent: Agent) -> list[Shown]:
        today = await self._today(tx)
        return await shown_to(tx, self.tenant_id, agent, at=self.now(), today=today)

    async def _known(self, tx: Tx, placed: Placed | None, name: str) -> AgentOrder:
        there = None if placed is None else await self._order(tx, placed)
        if there is None:
            raise UnknownAgentOrder(order=name[:64])
        return there

    async def _order(self, tx: Tx, placed: Placed) -> AgentOrder | None:
        """Read an order that was placed; None: it never came to be."""
        name = (_source(self.customer_id), placed.external_id)
        outcome = (await outcomes_of(tx, self.tenant_id, [name])).get(name)
        if outcome is None:
            return None
        lines = (await lines_of_orders(tx, self.tenant_id, [outcome.order_id]))[outcome.order_id]
        asked = placed.sku_id, placed.quantity
        if [(line.sku_id, line.quantity) for line in lines] != [asked]:
            raise OrderedOtherwise  # the same number came by another way, with something else
        return AgentOrder(placed, outcome.order_id, lines[0])


def _source(customer_id: UUID) -> str:
    return f"customer:{customer_id}"


def _find(catalogue: list[Shown], number: int) -> Shown:
    found = next((each for each in catalogue if each.number == number), None)
    if found is None:
        raise GoodNotSold(good=number)
    return found


def _price(shown: Shown, quantity: int) -> int:
    fitting = [tier for tier in shown.tiers if tier.from_units <= quantity]
    if not fitting:
        raise TooFew(least=shown.tiers[0].from_units)
    return fitting[-1].unit_price_e4 * quantity


def _given(order: AgentOrder) -> AgentOrder:
    if order.is_refused:
        raise SoldOutHere
    return order
