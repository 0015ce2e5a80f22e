"""Buy: for lines that wait and whose SKU says so, a purchase is made; suppliers do the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from kashu.access.keyring import Keyrings
from kashu.core.clock import Clock, now
from kashu.core.db import Database, Tx
from kashu.core.errors import KashuError
from kashu.core.ids import new_id
from kashu.core.sql import Statement
from kashu.orders.buying import Bought, bought_row, buying_of, open_account
from kashu.orders.fill_short import FIRST
from kashu.orders.held_back import AGAIN, hold_back, why_held_back
from kashu.orders.settle import Standing, lines_by_id, short_lines
from kashu.orders.tables import BuyingState, buying
from kashu.purchases.inputs import ACCOUNT, seal_inputs
from kashu.purchases.kinds import OPEN, Cause, PurchaseState
from kashu.purchases.reads import purchase_list, purchases_by_id
from kashu.purchases.want import Wanted
from kashu.purchases.want_all import want_all
from kashu.stock.allocate import offers
from kashu.stock.replenish import replenished_skus
from kashu.suppliers.kinds import Goods

AT_ONCE: Final = 50  # lines a transaction
MOST: Final = 1_000  # lines and purchases of a SKU that are looked at
PAUSE: Final = timedelta(seconds=30)  # before a line is tried again that the rules refuse; doubles
PAUSE_MAX: Final = timedelta(minutes=30)
LOOK: Final = timedelta(seconds=10)  # after a purchase, whether its cards came to the line; doubles
SYSTEM: Final = "system"


@dataclass(frozen=True, slots=True)
class _Note:
    """How far buying for a line has come."""

    line_id: UUID
    state: BuyingState
    said: str
    purchase_id: UUID | None
    tries: int
    next_at: datetime


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The statement returns no rows."""


_note = Statement(__file__, "buy_note.sql", _Nothing)


@dataclass(frozen=True, slots=True)
class _Due:
    """A line that something is to be bought for."""

    bought: Bought
    sku_id: UUID
    tries: int
    line: Standing

    def note(self, *, next_at: datetime, **values: Any) -> _Note:  # noqa: ANN401  (of _Note)
        """What is noted of it: one more try, and what is different."""
        stands = _Note(
            self.bought.line_id,
            self.bought.state,
            self.bought.said,
            self.bought.purchase_id,
            self.tries + 1,
            next_at,
        )
        return replace(stands, **values)


async def buy_due(
    database: Database, tenant_id: int, keyrings: Keyrings, clock: Clock = now
) -> bool:
    """Make the purchases of lines that are due, some at a time. True: there may be more.

    One that the rules don't allow waits, with the reason, and takes nothing from the others. A
    line whose purchase is done and that waits still, since others took its cards, is bought again.
    """
    async with database.transaction(tenant_id) as tx:
        await hold_back(tx, tenant_id, clock())
        leased = await _lease(tx, tenant_id, clock())
        again = await _to_buy_again(tx, tenant_id, leased)
        topups = [each.line.line_id for each in leased if each.bought.goods is Goods.TOPUP]
        held_back = await why_held_back(tx, tenant_id, topups)
        to_buy: list[_Due] = []
        notes: list[_Note] = []
        for each in leased:
            if each.bought.state is BuyingState.DUE and each.bought.line_id in held_back:
                said = held_back[each.bought.line_id]
                notes.append(each.note(said=said, next_at=clock() + AGAIN))
            elif each.bought.state is BuyingState.BOUGHT and each.bought.line_id not in again:
                notes.append(each.note(next_at=clock() + _pause(LOOK, each.tries)))
            else:
                to_buy.append(each)
        notes += await _buy(tx, tenant_id, to_buy, keyrings, clock())
        await _write(tx, tenant_id, notes)
    return len(leased) == AT_ONCE


async def _buy(
    tx: Tx, tenant_id: int, due: Sequence[_Due], keyrings: Keyrings, at: datetime
) -> list[_Note]:
    """Make the purchases, and say what is noted of each line."""
    notes = [_over(each, at) for each in due if not each.line.waiting]
    waiting: list[_Due] = []
    wanted: list[Wanted] = []
    for each in due:
        if not each.line.waiting:
            continue
        try:
            wanted.append(await _wanted(tx, tenant_id, each, keyrings))
            waiting.append(each)
        except KashuError as error:
            notes.append(_refused(each, error, at))
    if not wanted:
        return notes
    for each, made in zip(
        waiting, await want_all(tx, tenant_id, SYSTEM, wanted, at=at), strict=True
    ):
        if isinstance(made, KashuError):
            notes.append(_refused(each, made, at))
        else:
            after = at + LOOK
            bought = BuyingState.BOUGHT
            notes.append(each.note(state=bought, purchase_id=made, said="", tries=0, next_at=after))
    return notes


def _refused(due: _Due, error: KashuError, at: datetime) -> _Note:
    """Nothing can be bought for the line now: it waits, with the reason."""
    next_at = at + _pause(PAUSE, due.tries)
    return due.note(state=BuyingState.DUE, said=error.code, next_at=next_at)


def _over(due: _Due, at: datetime) -> _Note:
    """The line waits for nothing any more."""
    return due.note(state=BuyingState.OVER, purchase_id=None, said="", tries=0, next_at=at + LOOK)


def _pause(first: timedelta, tries: int) -> timedelta:
    pause: timedelta = first * 2 ** min(tries, 10)
    return min(pause, PAUSE_MAX)


async def _to_buy_again(tx: Tx, tenant_id: int, leased: Sequence[_Due]) -> set[UUID]:
    """The lines whose purchases are done and whose cards went to others.

    Not before all who wait were tried since those came, and no more than nothing comes for: what
    is on its way for any line, or lies there though the line may not have it, isn't bought twice.
    """
    looked = {
        each.bought.purchase_id: each
        for each in leased
        if each.bought.state is BuyingState.BOUGHT and each.bought.goods is not Goods.TOPUP
    }
    # In this order: a purchase is done, its SKU marked and its cards there in one transaction.
    found = await purchases_by_id(tx, tenant_id, [id_ for id_ in looked if id_ is not None])
    done = [looked[id_] for id_, each in found.items() if each.state is PurchaseState.DONE]
    if not done:
        return set()
    trying = {each.sku_id for each in await replenished_skus(tx, tenant_id)}
    again: set[UUID] = set()
    for sku_id in sorted({each.sku_id for each in done} - trying):
        lacking = await _lacking(tx, tenant_id, sku_id)
        for each in done:
            if each.sku_id == sku_id and lacking > 0:
                again.add(each.bought.line_id)
                lacking -= each.line.waiting
    return again


async def _lacking(tx: Tx, tenant_id: int, sku_id: UUID) -> int:
    """How many units the lines of a SKU that are bought for wait for, beyond what there is.

    What comes is read first, then what is there, then who waits: what moves on meanwhile is
    counted twice against buying, and is looked at again.
    """
    orders = await purchase_list(tx, tenant_id, states=OPEN, sku_id=sku_id, limit=MOST)
    coming = sum(
        each.quantity - each.received_count for each in orders if each.cause is Cause.SHORT
    )
    there = sum(lot.available for lot in await offers(tx, tenant_id, [sku_id]))
    short = await short_lines(tx, tenant=tenant_id, sku=sku_id, after=FIRST, most=MOST)
    states = await buying_of(tx, tenant_id, [line.line_id for line in short])
    bought = {id_ for id_, each in states.items() if each.state is BuyingState.BOUGHT}
    return sum(line.waiting for line in short if line.line_id in bought) - there - coming


async def _lease(tx: Tx, tenant_id: int, at: datetime) -> list[_Due]:
    """Lock lines' rows that are due; whoever fills or refunds one meanwhile waits for us."""
    rows = await tx.execute(
        select(buying)
        .where(buying.c.tenant_id == tenant_id, buying.c.state != BuyingState.OVER)
        .where(buying.c.next_at <= at)
        .order_by(buying.c.next_at, buying.c.line_id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    found = {row.line_id: row for row in rows}
    lines = await lines_by_id(tx, tenant=tenant_id, ids=list(found)) if found else []
    rows_of = [(found[line.line_id], line) for line in lines]
    return [_Due(bought_row(row), row.sku_id, row.tries, line) for row, line in rows_of]


async def _wanted(tx: Tx, tenant_id: int, due: _Due, keyrings: Keyrings) -> Wanted:
    """Say what is to be bought for a line. Raises: SealBroken."""
    line, goods, purchase_id = due.line, due.bought.goods, new_id()
    sealed, version = None, None
    if goods is Goods.TOPUP:
        keyring = await keyrings.of(tx, tenant_id, version=due.bought.key_version)
        account = open_account(keyring, due.sku_id, due.bought)
        sealed = seal_inputs(keyring, due.sku_id, purchase_id, {ACCOUNT: account.clear})
        version = keyring.version
    return Wanted(
        due.sku_id,
        goods,
        line.waiting,
        Cause.TOPUP if goods is Goods.TOPUP else Cause.SHORT,
        id=purchase_id,
        subject_id=line.line_id,
        store_id=line.store_id,
        customer_id=line.customer_id,
        selling_e4=line.unearned_e4 // line.waiting,
        sealed_inputs=sealed,
        key_version=version,
        masked_account=due.bought.masked_account,
    )


async def _write(tx: Tx, tenant_id: int, notes: Sequence[_Note]) -> None:
    """Write down how far buying for lines has come. They are locked."""
    if not notes:
        return
    await _note(
        tx,
        tenant=tenant_id,
        lines=[each.line_id for each in notes],
        states=[each.state.value for each in notes],
        said=[each.said for each in notes],
        purchases=[each.purchase_id for each in notes],
        tries=[each.tries for each in notes],
        next_at=[each.next_at for each in notes],
    )
