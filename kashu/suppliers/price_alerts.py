"""Alerts: the best landed cost of a SKU moved; people are told, with what it leaves them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.money import format_amount
from kashu.suppliers.compare import Ranked, compare
from kashu.suppliers.errors import UnknownPriceAlert
from kashu.suppliers.margins import Margin
from kashu.suppliers.margins_at import margins_at
from kashu.suppliers.rules import PPM, price_rules
from kashu.suppliers.tables import best_costs, price_alerts

TOLD_MAX: Final = 50  # listings in one alert, those with the least left first
SYSTEM: Final = "system"


@dataclass(frozen=True, slots=True)
class PriceAlert:
    """A best price that moved. `margins`: what is left on listings, the least first."""

    id: UUID
    sku_id: UUID
    offer_id: UUID | None
    old_e4: int | None
    new_e4: int | None
    margins: list[dict[str, Any]]
    loss_count: int
    at: datetime
    seen_at: datetime | None
    seen_by: str | None


@dataclass(frozen=True, slots=True)
class _Move:
    sku_id: UUID
    old_e4: int | None
    best: Ranked | None

    @property
    def new_e4(self) -> int | None:
        return None if self.best is None or self.best.landed is None else self.best.landed.total_e4


def percent(old_e4: int | None, new_e4: int | None) -> str:
    """How much a price moved, with sign and two decimals; empty where it was or is none."""
    if not old_e4 or new_e4 is None:
        return ""
    hundredths = (new_e4 - old_e4) * 10_000 // old_e4
    sign, hundredths = ("-" if hundredths < 0 else "+"), abs(hundredths)
    return f"{sign}{hundredths // 100}.{hundredths % 100:02d}"


async def note_moves(tx: Tx, tenant_id: int, sku_ids: Collection[UUID], at: datetime) -> int:
    """Compare the best landed cost of some SKUs with what was last told; tell what moved.

    The yardstick is what was told, not what was last seen: what creeps is told once it went far
    enough, and what trembles around it never is. The first cost of a SKU is told to nobody.
    Locks: the SKUs' yardsticks, in order of id, before it compares: two suppliers' prices that
    move at once are both seen by the second. Returns how many moved.
    """
    yardsticks = await _lock(tx, tenant_id, sku_ids)
    found = await compare(tx, tenant_id, sku_ids, at=at, best=1, lasting=True)
    limit_ppm = (await price_rules(tx, tenant_id)).move_ppm
    moves, firsts = [], []
    for sku_id in sorted(set(sku_ids)):
        best = next((each for each in found[sku_id] if each.buyable), None)
        move = _Move(sku_id, yardsticks.get(sku_id), best)
        if sku_id not in yardsticks:
            firsts.append(move)
        elif _is_far(move.old_e4, move.new_e4, limit_ppm):
            moves.append(move)
    for move in (*firsts, *moves):
        await _keep(tx, tenant_id, move, at)
    if moves:
        await _tell(tx, tenant_id, moves, limit_ppm, at)
    return len(moves)


async def alert_list(
    tx: Tx, tenant_id: int, *, seen: bool | None = None, after: UUID | None = None, limit: int = 100
) -> list[PriceAlert]:
    """Read up to `limit` alerts, the latest made first; only those seen, or only those not."""
    columns = [price_alerts.c[name] for name in PriceAlert.__dataclass_fields__]
    wanted = select(*columns).where(price_alerts.c.tenant_id == tenant_id)
    if seen is not None:
        is_seen = price_alerts.c.seen_at.is_not(None)
        wanted = wanted.where(is_seen if seen else ~is_seen)
    if after is not None:
        wanted = wanted.where(price_alerts.c.id < after)
    rows = await tx.execute(wanted.order_by(price_alerts.c.id.desc()).limit(limit))
    return [PriceAlert(*row) for row in rows]


async def see_alert(tx: Tx, tenant_id: int, actor: str, alert_id: UUID) -> PriceAlert:
    """Note that a person has seen an alert; who saw it first stays. Raises: UnknownPriceAlert."""
    ours = (price_alerts.c.tenant_id == tenant_id) & (price_alerts.c.id == alert_id)
    await tx.execute(
        update(price_alerts)
        .where(ours, price_alerts.c.seen_at.is_(None))
        .values(seen_at=func.now(), seen_by=actor)
    )
    columns = [price_alerts.c[name] for name in PriceAlert.__dataclass_fields__]
    row = (await tx.execute(select(*columns).where(ours))).one_or_none()
    if row is None:
        raise UnknownPriceAlert
    return PriceAlert(*row)


def _is_far(old_e4: int | None, new_e4: int | None, limit_ppm: int) -> bool:
    if old_e4 is None or new_e4 is None:
        return old_e4 != new_e4
    return old_e4 != new_e4 and abs(new_e4 - old_e4) * PPM >= abs(old_e4) * limit_ppm


async def _lock(tx: Tx, tenant_id: int, sku_ids: Collection[UUID]) -> dict[UUID, int | None]:
    rows = await tx.execute(
        select(best_costs.c.sku_id, best_costs.c.total_e4)
        .where(best_costs.c.tenant_id == tenant_id, best_costs.c.sku_id.in_(set(sku_ids)))
        .order_by(best_costs.c.sku_id)
        .with_for_update()
    )
    return {row.sku_id: row.total_e4 for row in rows}


async def _keep(tx: Tx, tenant_id: int, move: _Move, at: datetime) -> None:
    values = {
        "total_e4": move.new_e4,
        "offer_id": None if move.best is None else move.best.offer_id,
        "told_at": at,
    }
    await tx.execute(
        insert(best_costs)
        .values(tenant_id=tenant_id, sku_id=move.sku_id, **values)
        .on_conflict_do_update(
            index_elements=[best_costs.c.tenant_id, best_costs.c.sku_id], set_=values
        )
    )


async def _tell(
    tx: Tx, tenant_id: int, moves: Sequence[_Move], limit_ppm: int, at: datetime
) -> None:
    costs = {move.sku_id: move.new_e4 for move in moves}
    margins = await margins_at(tx, tenant_id, costs, at)
    for move in moves:
        of_sku = [each for each in margins if move.sku_id in each.sku_ids]
        await _alert(tx, tenant_id, move, of_sku, limit_ppm=limit_ppm, at=at)


async def _alert(
    tx: Tx,
    tenant_id: int,
    move: _Move,
    margins: Sequence[Margin],
    *,
    limit_ppm: int,
    at: datetime,
) -> None:
    offer_id = None if move.best is None else move.best.offer_id
    told = [_told(each) for each in margins[:TOLD_MAX]]
    loss_count = sum(each.is_loss for each in margins)
    news = {
        "offer_id": offer_id,
        "new_e4": move.new_e4,
        "margins": told,
        "loss_count": loss_count,
        "at": at,
    }
    kept = await tx.execute(
        insert(price_alerts)
        .values(tenant_id=tenant_id, id=new_id(), sku_id=move.sku_id, old_e4=move.old_e4, **news)
        .on_conflict_do_update(
            index_elements=[price_alerts.c.tenant_id, price_alerts.c.sku_id],
            index_where=text("seen_at IS NULL"),
            set_=news,
        )
        .returning(price_alerts.c.id, price_alerts.c.old_e4)
    )
    alert = kept.one()
    if not _is_far(alert.old_e4, move.new_e4, limit_ppm):  # it came back before anybody looked
        await tx.execute(
            update(price_alerts)
            .where(price_alerts.c.tenant_id == tenant_id, price_alerts.c.id == alert.id)
            .values(seen_at=at, seen_by=SYSTEM)
        )
    facts: Mapping[str, Any] = {
        "alert_id": str(alert.id),
        "offer_id": None if offer_id is None else str(offer_id),
        "supplier": None if move.best is None else move.best.supplier,
        "old": _written(move.old_e4),
        "new": _written(move.new_e4),
        "percent": percent(move.old_e4, move.new_e4),
        "loss_count": loss_count,
        "margins": told,
    }
    await record(tx, tenant_id, SYSTEM, [Event("offer.price_moved", move.sku_id, dict(facts))])


def _told(margin: Margin) -> dict[str, Any]:
    return {
        "listing_id": str(margin.listing_id),
        "store": margin.store,
        "title": margin.title,
        "item_id": margin.item_id,
        "variant_id": margin.variant_id,
        "price": _written(margin.price_e4),
        "cost": _written(margin.cost_e4),
        "margin": _written(margin.margin_e4),
        "loss": margin.is_loss,
    }


def _written(amount_e4: int | None) -> str | None:
    return None if amount_e4 is None else format_amount(amount_e4)
