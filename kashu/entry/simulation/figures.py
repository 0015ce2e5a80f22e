"""What a simulation came to: each platform's orders, times, and whatever is lost or doubled."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from kashu.access.tenants import Tenant
from kashu.channels.kinds import ChannelKind, Step
from kashu.channels.reads import Store
from kashu.core.db import Database
from kashu.delivery.attempt import BY_HAND
from kashu.entry.simulation.buyers import refunded
from kashu.entry.simulation.town import PACK_MARK, Stall, Town
from kashu.simulators.shop import Order

_KNOWN = text(
    "SELECT store_id, number, step, said, confirmed_at FROM channels.shop_orders"
    " WHERE tenant_id = :tenant"
)


class Figures(msgspec.Struct, frozen=True):
    """Of one platform, or of all. Times from paid to confirmed, in seconds."""

    platform: str
    orders: int
    delivered: int  # whose buyers have all their cards
    confirmed: int
    refunds: int
    p50_s: float
    p95_s: float
    p99_s: float
    duplicates: int  # cards given twice, and orders shipped twice
    lost: int  # paid, not given back, and not confirmed with all cards
    by_hand: int  # whose cards a person gave: the platform lets no program do it
    waiting: int  # for a person


class Outcome(msgspec.Struct, frozen=True):
    """All of a simulation. `open`: how many wait where, by step and reason."""

    platforms: tuple[Figures, ...]
    total: Figures
    open: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Known:
    step: Step
    said: str
    confirmed_at: datetime | None


@dataclass(slots=True)
class _Tally:
    orders: int = 0
    delivered: int = 0
    confirmed: int = 0
    refunds: int = 0
    duplicates: int = 0
    lost: int = 0
    by_hand: int = 0
    waiting: int = 0
    times_s: list[float] = field(default_factory=list)


async def outcome_of(
    database: Database,
    tenant: Tenant,
    town: Town,
    stores: Mapping[str, Store],
    *,
    since: datetime,
) -> Outcome:
    """Compare what the shops' buyers have with what we say, of orders paid from `since` on."""
    known = await _known(database, tenant)
    owners: Counter[str] = Counter()
    for stall in town.stalls:
        for order in stall.shop.orders.values():
            owners.update(order.shown)
    waiting: Counter[str] = Counter()
    tallies: dict[ChannelKind, _Tally] = {}
    for stall in town.stalls:
        of_store = known[stores[stall.code].id]
        tallies[stall.channel] = _tally(stall, since, of_store, owners, waiting)
    platforms = [_figures(channel.value, [tally]) for channel, tally in tallies.items()]
    total = _figures("all", list(tallies.values()))
    return Outcome(tuple(platforms), total, dict(waiting))


async def open_orders(
    database: Database, tenant: Tenant, town: Town, stores: Mapping[str, Store]
) -> int:
    """How many orders are paid, not given back, and not confirmed."""
    known = await _known(database, tenant)
    count = 0
    for stall in town.stalls:
        gone = refunded(stall)
        of_store = known[stores[stall.code].id]
        for order in stall.shop.orders.values():
            step = of_store[order.order_id].step if order.order_id in of_store else Step.SEEN
            count += step is not Step.CONFIRMED and not gone(order)
    return count


async def refunds_due(database: Database, tenant: Tenant) -> int:
    """How many refunds that platforms paid aren't settled with us."""
    asked = text(
        "SELECT count(*) FROM channels.shop_refunds WHERE tenant_id = :tenant AND step = 'due'"
    )
    async with database.transaction(tenant.id) as tx:
        return int((await tx.execute(asked, {"tenant": tenant.id})).scalar_one())


async def _known(database: Database, tenant: Tenant) -> Mapping[UUID, dict[str, _Known]]:
    found: dict[UUID, dict[str, _Known]] = defaultdict(dict)
    async with database.transaction(tenant.id) as tx:
        for row in await tx.execute(_KNOWN, {"tenant": tenant.id}):
            known = _Known(Step(row.step), row.said, row.confirmed_at)
            found[row.store_id][row.number] = known
    return found


def _tally(
    stall: Stall,
    since: datetime,
    known: Mapping[str, _Known],
    owners: Counter[str],
    waiting: Counter[str],
) -> _Tally:
    tally = _Tally()
    gone = refunded(stall)
    for order in stall.shop.orders.values():
        if order.paid_at is None or order.paid_at < since:
            continue
        ours = known.get(order.order_id)
        is_whole = len(order.shown) == cards_of(order)
        tally.orders += 1
        tally.refunds += gone(order)
        tally.delivered += is_whole
        tally.by_hand += order.order_id in stall.by_hand
        tally.waiting += ours is not None and _waits_for_a_person(ours)
        tally.duplicates += sum(owners[shown] > 1 for shown in order.shown)
        tally.duplicates += order.shipments > 1
        if ours is not None and ours.step is Step.CONFIRMED:
            tally.confirmed += 1
            ended_at = order.shipped_at or ours.confirmed_at
            if ended_at is not None:
                tally.times_s.append((ended_at - order.paid_at).total_seconds())
        if not gone(order) and (ours is None or ours.step is not Step.CONFIRMED or not is_whole):
            tally.lost += 1
            waiting[f"{ours.step.value} {ours.said}".strip() if ours else "not seen"] += 1
    return tally


def _waits_for_a_person(known: _Known) -> bool:
    return known.step in {Step.UNMAPPED, Step.TROUBLE} or (
        known.step is Step.TAKEN and known.said == BY_HAND
    )


def cards_of(order: Order) -> int:
    """How many cards an order's buyer is to get."""
    return sum(
        line.quantity * int(line.item.merchant_code.partition(PACK_MARK)[2] or 1)
        for line in order.lines
    )


def _figures(platform: str, tallies: Sequence[_Tally]) -> Figures:
    times_s = sorted(each for tally in tallies for each in tally.times_s)

    def at(part: float) -> float:
        return round(times_s[min(len(times_s) - 1, int(part * len(times_s)))], 3) if times_s else 0

    return Figures(
        platform=platform,
        orders=sum(tally.orders for tally in tallies),
        delivered=sum(tally.delivered for tally in tallies),
        confirmed=sum(tally.confirmed for tally in tallies),
        refunds=sum(tally.refunds for tally in tallies),
        p50_s=at(0.5),
        p95_s=at(0.95),
        p99_s=at(0.99),
        duplicates=sum(tally.duplicates for tally in tallies),
        lost=sum(tally.lost for tally in tallies),
        by_hand=sum(tally.by_hand for tally in tallies),
        waiting=sum(tally.waiting for tally in tallies),
    )
