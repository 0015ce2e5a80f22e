"""Transfer: move cards to another warehouse. They stay the same cards, at the same cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from kashu.core.db import Tx
from kashu.core.errors import Conflict, Invalid
from kashu.core.events import Event, record
from kashu.core.ids import new_id, new_ids
from kashu.core.sql import Statement
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post
from kashu.stock.allocate import StockDrifted
from kashu.stock.freeze import UnknownLots
from kashu.stock.hold import hold
from kashu.stock.replenish import mark_replenished
from kashu.stock.tables import CardState, cards, lots
from kashu.stock.warehouses import warehouse_by_id


class TransferShort(Conflict):
    """The lot hasn't got as many available, or not those."""

    code = "transfer_short"
    zh = "该批次可调拨 {available} 张，不足 {count} 张（已发或已预占的不能调拨）。请减少数量。"
    en = "{available} cards of the lot can be transferred, not {count}. Ask for fewer."


class TransferNowhere(Invalid):
    """The cards are in that warehouse already, or none were named."""

    code = "transfer_nowhere"
    zh = "请选择另一个仓库，并填写至少 1 张。"
    en = "Choose another warehouse, and at least one card."


class SharedLotStays(Conflict):
    """A shared card has uses in many hands; it can't be in two warehouses."""

    code = "shared_lot_stays"
    zh = "循环码批次不能调拨：它的使用次数可能已发给多个订单。"
    en = "A shared lot can't be transferred: its uses may be in many orders' hands."


@dataclass(frozen=True, slots=True)
class Transferred:
    """The lot that was made for the cards in their new warehouse."""

    lot_id: UUID
    origin_lot_id: UUID
    warehouse_id: UUID
    count: int


@dataclass(frozen=True, slots=True)
class _Count:
    count: int


_transfer = Statement(__file__, "transfer_cards.sql", _Count)


async def transfer(
    tx: Tx,
    tenant_id: int,
    actor: str,
    *,
    lot_id: UUID,
    to_warehouse_id: UUID,
    count: int | None = None,
    card_ids: Sequence[UUID] = (),
    reason: str,
    today: date,
) -> Transferred:
    """Move `count` cards of a lot, the next to be given, or chosen ones, to another warehouse.

    They make a lot of their own there, as old, as dear, as frozen as the one they come from.
    Locks: the lot's SKU, until `tx` ends.
    Raises: UnknownLots, UnknownWarehouse, TransferNowhere, SharedLotStays, TransferShort.
    """
    assert (count is None) != (not card_ids), "either a count or cards"
    wanted = len(set(card_ids)) if count is None else count
    found = select(lots).where(lots.c.tenant_id == tenant_id, lots.c.id == lot_id)
    lot = (await tx.execute(found)).one_or_none()
    if lot is None:
        raise UnknownLots
    await warehouse_by_id(tx, tenant_id, to_warehouse_id)
    if to_warehouse_id == lot.warehouse_id or wanted < 1:
        raise TransferNowhere
    if lot.shared:
        raise SharedLotStays
    await hold(tx, tenant_id, [lot.sku_id])
    lot = (await tx.execute(found)).one()  # as it is now that nobody else moves its cards
    movable = (
        lot.available if count is not None else await _available_of(tx, tenant_id, lot_id, card_ids)
    )
    if wanted > movable:
        raise TransferShort(available=movable, count=wanted)
    new_lot_id = new_id()
    [moved] = await _transfer(
        tx,
        tenant=tenant_id,
        actor=actor,
        reason=reason,
        lot=lot_id,
        new_lot=new_lot_id,
        warehouse=to_warehouse_id,
        cards=list(card_ids) if count is None else None,
        count=wanted,
        ids=new_ids(wanted),
    )
    if moved.count != wanted:
        raise StockDrifted(f"planned to transfer {wanted} cards, found {moved.count}")
    if lot.state == "open":
        await mark_replenished(tx, tenant_id, [lot.sku_id])
    if lot.unit_cost_e4:
        cost = Transfer(
            Account(AccountKind.INVENTORY, to_warehouse_id),
            Account(AccountKind.INVENTORY, lot.warehouse_id),
            wanted * lot.unit_cost_e4,
            wanted,
            "transfer",
            new_lot_id,
            sku_id=lot.sku_id,
            supplier_id=lot.supplier_id,
        )
        await post(tx, tenant_id, [cost], posted_on=today, currency=lot.currency)
    facts = {"from_lot_id": str(lot_id), "count": wanted, "reason": reason}
    await record(tx, tenant_id, actor, [Event("lot.transferred", new_lot_id, facts)])
    return Transferred(new_lot_id, lot_id, to_warehouse_id, wanted)


async def _available_of(tx: Tx, tenant_id: int, lot_id: UUID, card_ids: Sequence[UUID]) -> int:
    """Count those of some cards that are in the lot and available."""
    counted = (
        select(func.count())
        .select_from(cards)
        .where(cards.c.tenant_id == tenant_id, cards.c.lot_id == lot_id)
        .where(cards.c.id.in_(card_ids), cards.c.state == CardState.AVAILABLE)
    )
    return int((await tx.execute(counted)).scalar_one())
