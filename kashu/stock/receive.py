"""Receive: the one way cards enter stock, whether imported or bought.

A million cards take half a minute, and selling goes on meanwhile: nothing here holds the SKU
until wake(), which comes last, right before the commit.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, insert, update

from kashu.access.keyring import Keyrings
from kashu.core.db import Tx
from kashu.core.errors import Invalid
from kashu.core.events import Event, record
from kashu.core.ids import new_id, new_ids
from kashu.core.money import AMOUNT_MAX_E4, CURRENCY, format_amount
from kashu.core.sql import Statement
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post
from kashu.stock.hold import hold
from kashu.stock.receive_arrivals import arrival, arriving
from kashu.stock.recognise import identity, normalise
from kashu.stock.secret import CardSecret, encode, mask
from kashu.stock.tables import levels, lots

UNITS_MAX: Final = 2**31 - 1  # what a lot's counters hold


class ReceiptTooLarge(Invalid):
    """More uses, or more money, than the books can hold."""

    code = "receipt_too_large"
    zh = "数量或总金额太大（{units} 件，单价 {unit_cost}），没有写入。请核对单价和使用次数。"
    en = (
        "Too many units or too much money ({units} at {unit_cost}); nothing was written. "
        "Check the unit cost and the number of uses."
    )


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms cards come in. `max_uses` is None for cards that are used once.

    Of a shared card the unit is a use, and `unit_cost_e4` is what one use costs.
    """

    sku_id: UUID
    warehouse_id: UUID
    supplier_id: UUID
    unit_cost_e4: int
    max_uses: int | None = None
    currency: str = CURRENCY
    import_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewCard:
    """A card in clear, as a supplier gave it. `expires_on` is its last day; None: it has none."""

    secret: CardSecret = field(repr=False)
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class NewLot:
    """A lot that was made, and how much came into it."""

    lot_id: UUID
    expires_on: date | None
    cards: int
    units: int


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A card that didn't get in: a duplicate of `first_place`, or of one that we had."""

    place: int
    reason: str
    first_place: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a batch: the id of each card, or None where it was turned away."""

    card_ids: list[UUID | None]
    lots: list[NewLot]
    turned_away: list[TurnedAway]


@dataclass(frozen=True, slots=True)
class _Welcome:
    expires_on: date | None
    count: int


@dataclass(frozen=True, slots=True)
class _Count:
    count: int


_turn_away = Statement(__file__, "receive_turn_away.sql", _Count)
_welcome = Statement(__file__, "receive_welcome.sql", _Welcome)
_cards = Statement(__file__, "receive_cards.sql", _Count)
_overtaken = Statement(__file__, "receive_overtaken.sql", _Count)
_turned_away = Statement(__file__, "receive_turned_away.sql", TurnedAway)


async def receive(
    tx: Tx,
    tenant_id: int,
    actor: str,
    terms: Terms,
    cards: Sequence[NewCard],
    *,
    keyrings: Keyrings,
    posted_on: date,
    paid_from: Account | None = None,
) -> Receipt:
    """Seal a batch of cards into stock: a lot for each expiry, the books, what woke.

    A card that comes twice, or that we ever had, is turned away; the others get in. The cost is
    owed to the supplier unless `paid_from` names another account.
    Locks: the SKU's level, at the end, until `tx` ends: commit soon.
    Raises: ReceiptTooLarge.
    """
    keyring = await keyrings.of(tx, tenant_id)
    card_ids = new_ids(len(cards))
    async with arriving(tx) as write:
        for place, (card, card_id) in enumerate(zip(cards, card_ids, strict=True), start=1):
            parts = (card.secret.number, card.secret.password, card.secret.url)
            sealed = keyring.seal(encode(*parts), kind=terms.sku_id, owner=card_id)
            blind_index = keyring.blind_index(normalise(identity(*parts)))
            await write(
                arrival(
                    place,
                    card_id,
                    blind_index,
                    card.expires_on,
                    sealed=sealed,
                    tail=mask(*parts),
                )
            )
    await turn_away(tx, tenant_id, terms.sku_id)
    made = await take_in(
        tx,
        tenant_id,
        actor,
        terms,
        key_version=keyring.version,
        posted_on=posted_on,
        paid_from=paid_from,
    )
    away = [turned async for turned in turned_away(tx)]
    places = {turned.place for turned in away}
    if made:
        await wake(tx, tenant_id, terms.sku_id)
    kept = [None if place in places else id_ for place, id_ in enumerate(card_ids, start=1)]
    return Receipt(kept, made, away)


async def turn_away(tx: Tx, tenant_id: int, sku_id: UUID) -> None:
    """Set the arrivals aside that come twice, or that this SKU ever had, sold and void included."""
    await _turn_away(tx, tenant=tenant_id, sku=sku_id)


async def welcome(tx: Tx) -> int:
    """Count the arrivals that aren't turned away."""
    return sum(group.count for group in await _welcome(tx))


def turned_away(tx: Tx) -> AsyncIterator[TurnedAway]:
    """Go through who was turned away, in order of place, in bounded memory."""
    return _turned_away.stream(tx)


async def take_in(
    tx: Tx,
    tenant_id: int,
    actor: str,
    terms: Terms,
    *,
    key_version: int,
    posted_on: date,
    paid_from: Account | None = None,
) -> list[NewLot]:
    """Put the welcome arrivals into new lots, one for each expiry, and into the books.

    Follow it with wake(). Raises: ReceiptTooLarge.
    """
    made = _new_lots(await _welcome(tx), terms)
    if not made:
        return []
    await tx.execute(insert(lots), [_lot_row(tenant_id, terms, lot) for lot in made])
    added = await _cards(
        tx,
        tenant=tenant_id,
        sku=terms.sku_id,
        lots=[lot.lot_id for lot in made],
        expiries=[lot.expires_on for lot in made],
        max_uses=terms.max_uses or 1,
        key_version=key_version,
    )
    if added[0].count < sum(lot.cards for lot in made):
        made = await _without_overtaken(tx, tenant_id, terms, made)
    if terms.unit_cost_e4:
        transfers = [_transfer(terms, lot, paid_from) for lot in made]
        await post(tx, tenant_id, transfers, posted_on=posted_on, currency=terms.currency)
    happened = [Event("lot.received", lot.lot_id, _facts(terms, lot)) for lot in made]
    await record(tx, tenant_id, actor, happened)
    return made


async def wake(tx: Tx, tenant_id: int, sku_id: UUID) -> None:
    """Say that a SKU has new stock, so that lines that were short are tried again.

    Locks: the SKU's level, so that no line turns short between our cards and our saying so.
    Commit right after.
    """
    await hold(tx, tenant_id, [sku_id])
    # Not now(): the transaction may have begun half a minute ago.
    await tx.execute(
        update(levels)
        .where(levels.c.tenant_id == tenant_id, levels.c.sku_id == sku_id)
        .values(replenished_at=func.clock_timestamp())
    )


def _new_lots(groups: Sequence[_Welcome], terms: Terms) -> list[NewLot]:
    uses = terms.max_uses or 1
    made = [NewLot(new_id(), each.expires_on, each.count, each.count * uses) for each in groups]
    units = sum(lot.units for lot in made)
    if units > UNITS_MAX or units * terms.unit_cost_e4 > AMOUNT_MAX_E4:
        raise ReceiptTooLarge(units=units, unit_cost=format_amount(terms.unit_cost_e4))
    return made


async def _without_overtaken(
    tx: Tx, tenant_id: int, terms: Terms, made: Sequence[NewLot]
) -> list[NewLot]:
    """Correct the lots where another transaction was first with some of their cards."""
    await _overtaken(tx, tenant=tenant_id)
    left = {each.expires_on: each.count for each in await _welcome(tx)}
    uses = terms.max_uses or 1
    kept = []
    for lot in made:
        ours = (lots.c.tenant_id == tenant_id) & (lots.c.id == lot.lot_id)
        count = left.get(lot.expires_on, 0)
        if count:
            kept.append(NewLot(lot.lot_id, lot.expires_on, count, count * uses))
            await tx.execute(update(lots).where(ours).values(available=count * uses))
        else:
            await tx.execute(delete(lots).where(ours))
    return kept


def _lot_row(tenant_id: int, terms: Terms, lot: NewLot) -> dict[str, Any]:
    return {
        "tenant_id": tenant_id,
        "id": lot.lot_id,
        "sku_id": terms.sku_id,
        "warehouse_id": terms.warehouse_id,
        "supplier_id": terms.supplier_id,
        "import_id": terms.import_id,
        "unit_cost_e4": terms.unit_cost_e4,
        "currency": terms.currency,
        "expires_on": lot.expires_on,
        "shared": terms.max_uses is not None,
        "available": lot.units,
    }


def _transfer(terms: Terms, lot: NewLot, paid_from: Account | None) -> Transfer:
    return Transfer(
        debit=Account(AccountKind.INVENTORY, terms.warehouse_id),
        credit=paid_from or Account(AccountKind.PAYABLE, terms.supplier_id),
        amount_e4=lot.units * terms.unit_cost_e4,
        quantity=lot.units,
        reason="receive",
        subject_id=lot.lot_id,
        sku_id=terms.sku_id,
        supplier_id=terms.supplier_id,
    )


def _facts(terms: Terms, lot: NewLot) -> dict[str, Any]:
    return {
        "sku_id": str(terms.sku_id),
        "warehouse_id": str(terms.warehouse_id),
        "supplier_id": str(terms.supplier_id),
        "import_id": str(terms.import_id) if terms.import_id else None,
        "unit_cost": format_amount(terms.unit_cost_e4),
        "expires_on": lot.expires_on.isoformat() if lot.expires_on else None,
        "cards": lot.cards,
        "units": lot.units,
        "shared": terms.max_uses is not None,
    }
