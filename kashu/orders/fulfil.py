"""Fulfil: a batch of paid orders becomes cards in one transaction.

accept → allocate → lines → books → events, each one set-based statement. One order is a batch of
one; what a batch costs depends on neither stock nor history.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from kashu.catalog.kinds import ShortagePolicy
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.secrets import Keyring
from kashu.core.sql import Statement
from kashu.customers.agents import move_wallets
from kashu.ledger.post import Transfer, post
from kashu.orders.accept import accept
from kashu.orders.answers import state_of
from kashu.orders.books import Sold, kept, sale
from kashu.orders.buying import note_to_buy
from kashu.orders.foretold import settle_foretold
from kashu.orders.line_shares import Shares, new_line
from kashu.orders.order import LineOutcome, NewLine, NewOrder, OrderOutcome
from kashu.orders.reads import outcomes_of
from kashu.stock.allocate import allocate
from kashu.stock.allocate_reserved import allocate_reserved
from kashu.stock.plan import Demand, Taking
from kashu.stock.strategies import strategies_for
from kashu.suppliers.kinds import Goods


@dataclass(frozen=True, slots=True)
class _Written:
    """The statement returns no rows."""


_write_lines = Statement(__file__, "fulfil_lines.sql", _Written)


async def fulfil(
    tx: Tx,
    tenant_id: int,
    orders: Sequence[NewOrder],
    today: date,
    *,
    keyring: Keyring | None = None,
) -> list[OrderOutcome]:
    """Accept orders and give them their cards; what can't be filled turns short or is refused.

    `today` is the merchant's day: lots that expired before it are not given from. `keyring`: for
    accounts to be topped up, where lines have any.
    Returns one outcome for each order, in order. An order that was there already is left as it
    is, and so is one that stands in the batch twice.
    Locks: the orders in order of their names, then the SKUs' levels in order (at most 3 s), last
    the wallets of agents. Raises: WalletShort, where one can't pay: nothing of the batch is done.
    """
    fresh = list({(order.source, order.external_id): order for order in reversed(orders)}.values())
    accepted = await accept(tx, tenant_id, fresh)
    ours: list[tuple[UUID, NewOrder]] = []
    foretold: dict[UUID, NewOrder] = {}
    for order in reversed(fresh):
        row = accepted.get((order.source, order.external_id))
        if row is not None:
            ours.append((row.order_id, order))
            if row.foretold:
                foretold[row.order_id] = order
    shares = await settle_foretold(tx, tenant_id, foretold) if foretold else {}
    taken = await _allocate(tx, tenant_id, ours, shares, today)
    outcomes = await _settle(tx, tenant_id, ours, shares=shares, taken=taken, today=today)
    waiting = {
        each.line_id for outcome in outcomes.values() for each in outcome.lines if each.waiting
    }
    lines = [line for _, order in ours for line in order.lines]
    to_buy = [line for line in lines if line.buys is not None and line.id in waiting]
    await note_to_buy(tx, tenant_id, to_buy, keyring)
    names = {(order.source, order.external_id): order_id for order_id, order in ours}
    answer: list[OrderOutcome | tuple[str, str]] = []
    for order in orders:
        name = (order.source, order.external_id)
        order_id = names.pop(name, None)  # whoever names it again is told what is there
        answer.append(name if order_id is None else outcomes[order_id])
    before = await outcomes_of(tx, tenant_id, [each for each in answer if isinstance(each, tuple)])
    return [before[each] if isinstance(each, tuple) else each for each in answer]


async def _allocate(
    tx: Tx,
    tenant_id: int,
    ours: Sequence[tuple[UUID, NewOrder]],
    shares: dict[UUID, Shares],
    today: date,
) -> dict[UUID, tuple[Taking, ...]]:
    """Ask stock for what the lines still want; return the takings by line."""
    wanting: list[tuple[NewLine, int, tuple[UUID, UUID, UUID | None], str | None]] = []
    for _, order in ours:
        for line in order.lines:
            units = shares[line.id].waiting if line.id in shares else line.quantity
            if units and line.buys is not Goods.TOPUP:  # an account is never given a card
                served = line.sku_id, order.store_id, order.customer_id
                wanting.append((line, units, served, order.reader))
    if not wanting:
        return {}
    whom = list(dict.fromkeys(served for _, _, served, _ in wanting))
    strategies = dict(zip(whom, await strategies_for(tx, tenant_id, whom), strict=True))
    demands = [
        Demand(
            line.id,
            line.sku_id,
            units,
            strategies[served],
            partial_allowed=line.partial_allowed,
            reservation_id=line.reservation_id,
            reader=reader if line.reservation_id is None else None,
        )
        for line, units, served, reader in wanting
    ]
    allot = allocate_reserved if any(d.reservation_id for d in demands) else allocate
    given = await allot(tx, tenant_id, demands, today)
    return {demand.line_id: takings for demand, takings in zip(demands, given, strict=True)}


async def _settle(
    tx: Tx,
    tenant_id: int,
    ours: Sequence[tuple[UUID, NewOrder]],
    *,
    shares: dict[UUID, Shares],
    taken: dict[UUID, tuple[Taking, ...]],
    today: date,
) -> dict[UUID, OrderOutcome]:
    """Write the lines as they now stand, the transfers and the events."""
    rows: list[tuple[UUID, NewLine, int, Shares]] = []
    transfers: list[Transfer] = []
    happened: dict[str, list[Event]] = defaultdict(list)
    outcomes: dict[UUID, OrderOutcome] = {}
    charges: dict[UUID, int] = defaultdict(int)  # of customers: below 0, as it leaves their wallets
    for order_id, order in ours:
        settled: list[LineOutcome] = []
        facts: list[dict[str, Any]] = []
        for number, line in enumerate(order.lines, start=1):
            before = shares.get(line.id) or new_line(line.quantity, line.price_e4)
            takings = taken.get(line.id, ())
            after = before.deliver(sum(taking.count for taking in takings))
            if after.waiting and line.shortage_policy is ShortagePolicy.REFUSE:
                after = after.refuse()
            sold = Sold(line.id, line.sku_id, order.store_id, order.customer_id)
            transfers += kept(sold, before.earned_e4)  # a refund foretold left some of the price
            if takings:
                transfers += sale(sold, after.earned_e4 - before.earned_e4, takings)
            rows.append((order_id, line, number, after))
            if order.customer_id is not None:
                charges[order.customer_id] -= after.unearned_e4 + after.earned_e4
            settled.append(
                LineOutcome(line.id, after.delivered, after.waiting, after.refused, after.refunded)
            )
            facts.append(
                {
                    "line": number,
                    "delivered": after.delivered,
                    "waiting": after.waiting,
                    "refused": after.refused,
                    "refunded": after.refunded,
                }
            )
        outcomes[order_id] = OrderOutcome(order_id, new=True, lines=tuple(settled))
        event = Event(f"order.{state_of(settled)}", order_id, {"lines": facts})
        happened[order.actor].append(event)
    if rows:
        await _insert_lines(tx, tenant_id, rows)
        await post(tx, tenant_id, transfers, posted_on=today)
        await move_wallets(tx, tenant_id, charges)
        for actor, events in happened.items():
            await record(tx, tenant_id, actor, events)
    return outcomes


async def _insert_lines(
    tx: Tx, tenant_id: int, rows: Sequence[tuple[UUID, NewLine, int, Shares]]
) -> None:
    await _write_lines(
        tx,
        tenant=tenant_id,
        ids=[line.id for _, line, _, _ in rows],
        orders=[order_id for order_id, _, _, _ in rows],
        numbers=[number for _, _, number, _ in rows],
        skus=[line.sku_id for _, line, _, _ in rows],
        quantities=[line.quantity for _, line, _, _ in rows],
        prices=[line.price_e4 for _, line, _, _ in rows],
        partials=[line.partial_allowed for _, line, _, _ in rows],
        reservations=[line.reservation_id for _, line, _, _ in rows],
        delivered=[shares.delivered for _, _, _, shares in rows],
        waiting=[shares.waiting for _, _, _, shares in rows],
        refused=[shares.refused for _, _, _, shares in rows],
        refunded=[shares.refunded for _, _, _, shares in rows],
        unearned=[shares.unearned_e4 for _, _, _, shares in rows],
        earned=[shares.earned_e4 for _, _, _, shares in rows],
        back=[shares.refunded_e4 for _, _, _, shares in rows],
    )
