"""Receive: the one way cards enter stock, whether imported or bought.

A million cards take half a minute, and selling goes on meanwhile: nothing here holds the SKU
until close(), which comes last, right before the commit.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert

from kashu.access.keyring import Keyrings
from kashu.core.db import Tx
from kashu.core.errors import Invalid
from kashu.core.events import Event, record
from kashu.core.ids import new_id, new_ids
from kashu.core.money import CURRENCY, TOTAL_MAX_E4, format_amount
from kashu.core.sql import Statement
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post
from kashu.stock.hold import hold
from kashu.stock.receive_arrivals import (
    Chunk,
    add_arrivals,
    arrival,
    clear_arrivals,
    no_arrivals,
)
from kashu.stock.recognise import RejectClass, identity, normalise
from kashu.stock.replenish import mark_replenished
from kashu.stock.secret import CardSecret, encode, mask
from kashu.stock.tables import CardState, lots

UNITS_MAX: Final = 2**31 - 1  # what a lot's counters hold


class ReceiptTooLarge(Invalid):
    """More uses, or more money, than the books can hold."""

    code = "receipt_too_large"
    zh = "数量或总金额太大（{units:,} 件，单价 {unit_cost}），没有写入。请核对单价和使用次数。"
    en = (
        "Too many units or too much money ({units:,} at {unit_cost}); nothing was written. "
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
    sold_elsewhere: bool = False  # somebody has them: kept to be known, never for sale, no cost


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
    """A card that didn't get in: it came before at `first_place`, or this SKU ever had it."""

    place: int
    first_place: int
    reason: RejectClass


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a batch: the id of each card, or None where it was turned away."""

    card_ids: list[UUID | None]
    lots: list[NewLot]
    turned_away: list[TurnedAway]


@dataclass(frozen=True, slots=True)
class _Added:
    lot_id: UUID
    count: int


@dataclass(frozen=True, slots=True)
class _Known:
    place: int
    lot_id: UUID
    position: int
    sold_elsewhere: bool
    for_sale: bool


@dataclass(frozen=True, slots=True)
class _Foreseen:
    place: int
    first_place: int
    in_stock: bool
    sold_elsewhere: bool
    for_sale: bool


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The statement returns no rows."""


_cards = Statement(__file__, "receive_cards.sql", _Added)
_known = Statement(__file__, "receive_known.sql", _Known)
_foreseen = Statement(__file__, "receive_foreseen.sql", _Foreseen)
_count = Statement(__file__, "receive_count.sql", _Nothing)
_drop = Statement(__file__, "receive_drop.sql", _Nothing)


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
    """Seal a batch of cards into stock: a lot for each expiry, the books, who waits is woken.

    A card that comes twice, or that we ever had, is turned away; the others get in. The cost is
    owed to the supplier unless `paid_from` names another account.
    Locks: the SKU's level, at the end, until `tx` ends: commit soon.
    Raises: ReceiptTooLarge.
    """
    keyring = await keyrings.of(tx, tenant_id)
    lot_ids = {card.expires_on: new_id() for card in cards}
    card_ids = new_ids(len(cards))
    rows = []
    for place, (card, card_id) in enumerate(zip(cards, card_ids, strict=True), start=1):
        parts = (card.secret.number, card.secret.password, card.secret.url)
        rows.append(
            arrival(
                place,
                card_id.bytes,
                lot_ids[card.expires_on].bytes,
                blind_index=keyring.blind_index(normalise(identity(*parts))),
                sealed=keyring.seal(encode(*parts), kind=terms.sku_id, owner=card_id),
                tail=mask(*parts),
            )
        )
    new_lots = [(lot_id, expires_on) for expires_on, lot_id in lot_ids.items()]
    receiving = await begin_receiving(tx, tenant_id, terms, keyring.version)
    away = await receiving.add(Chunk(len(rows), b"".join(rows), new_lots))
    made = await receiving.close(actor, posted_on=posted_on, paid_from=paid_from)
    places = {turned.place for turned in away}
    kept = [None if place in places else id_ for place, id_ in enumerate(card_ids, start=1)]
    return Receipt(kept, made, away)


async def begin_receiving(tx: Tx, tenant_id: int, terms: Terms, key_version: int) -> "Receiving":
    """Begin to take in cards that come chunk by chunk, sealed under that key version."""
    await no_arrivals(tx)
    return Receiving(tx, tenant_id, terms, key_version)


@dataclass(slots=True)
class Receiving:
    """Chunks on their way into stock. Nobody sees any of it before `tx` commits."""

    _tx: Tx
    _tenant_id: int
    _terms: Terms
    _key_version: int
    _expiries: dict[UUID, date | None] = field(default_factory=dict)
    _counts: dict[UUID, int] = field(default_factory=dict)

    async def add(self, chunk: Chunk) -> list[TurnedAway]:
        """Take in a chunk; returns who was turned away, in order of place.

        Locks: none that selling needs. Whoever adds the same cards meanwhile is waited for.
        """
        if not chunk.count:
            return []
        if chunk.new_lots:
            self._expiries.update(chunk.new_lots)
            await self._tx.execute(insert(lots), [self._lot(*each) for each in chunk.new_lots])
        await clear_arrivals(self._tx)
        await add_arrivals(self._tx, chunk.rows)
        added = await _cards(
            self._tx,
            tenant=self._tenant_id,
            sku=self._terms.sku_id,
            uses=self._terms.max_uses,
            state=CardState.VOID if self._terms.sold_elsewhere else CardState.AVAILABLE,
            key_version=self._key_version,
        )
        for each in added:
            self._counts[each.lot_id] = self._counts.get(each.lot_id, 0) + each.count
        if sum(each.count for each in added) == chunk.count:
            return []
        known = await _known(self._tx, tenant=self._tenant_id, sku=self._terms.sku_id)
        return [self._turned_away(each) for each in known]

    async def close(
        self, actor: str, *, posted_on: date, paid_from: Account | None = None
    ) -> list[NewLot]:
        """Count the lots, put them into the books, and have lines that were short tried again.

        Locks: the SKU's level, until `tx` ends: no line turns short between our cards and our
        saying so. Before the books, as everybody does: who moves cards to a warehouse makes its
        account while holding the SKU, and would wait for ours while we wait for the SKU. Commit
        soon.
        Raises: ReceiptTooLarge.
        """
        made = self._made()
        if made:
            await hold(self._tx, self._tenant_id, [self._terms.sku_id])
        await _count(
            self._tx,
            tenant=self._tenant_id,
            ids=[lot.lot_id for lot in made],
            units=[lot.units for lot in made],
        )
        empty = self._expiries.keys() - self._counts.keys()
        await _drop(self._tx, tenant=self._tenant_id, ids=sorted(empty))
        if self._terms.unit_cost_e4:
            transfers = [received(self._terms, lot, paid_from) for lot in made]
            currency = self._terms.currency
            await post(self._tx, self._tenant_id, transfers, posted_on=posted_on, currency=currency)
        happened = [told_of(self._terms, lot) for lot in made]
        await record(self._tx, self._tenant_id, actor, happened)
        if made and not self._terms.sold_elsewhere:
            await mark_replenished(self._tx, self._tenant_id, [self._terms.sku_id])
        return made

    def _made(self) -> list[NewLot]:
        return lots_made(self._terms, self._expiries, self._counts)

    def _turned_away(self, known: _Known) -> TurnedAway:
        if known.lot_id in self._expiries:
            return TurnedAway(known.place, known.position, RejectClass.DUPLICATE_IN_FILE)
        sold_elsewhere = self._terms.sold_elsewhere
        return TurnedAway(known.place, known.place, _why(known, sold_elsewhere=sold_elsewhere))

    def _lot(self, lot_id: UUID, expires_on: date | None) -> dict[str, Any]:
        return {
            "tenant_id": self._tenant_id,
            "id": lot_id,
            "sku_id": self._terms.sku_id,
            "warehouse_id": self._terms.warehouse_id,
            "supplier_id": self._terms.supplier_id,
            "import_id": self._terms.import_id,
            "unit_cost_e4": self._terms.unit_cost_e4,
            "currency": self._terms.currency,
            "expires_on": expires_on,
            "shared": self._terms.max_uses is not None,
            "sold_elsewhere": self._terms.sold_elsewhere,
        }


def lots_made(
    terms: Terms, expiries: Mapping[UUID, date | None], counts: Mapping[UUID, int]
) -> list[NewLot]:
    """Say what came into each lot, the first to expire first. Raises: ReceiptTooLarge."""
    uses = terms.max_uses or 1
    made = [
        NewLot(lot_id, expiries[lot_id], count, count * uses) for lot_id, count in counts.items()
    ]
    units, cost_e4 = sum(lot.units for lot in made), terms.unit_cost_e4
    if units > UNITS_MAX or units * cost_e4 > TOTAL_MAX_E4:
        raise ReceiptTooLarge(units=units, unit_cost=format_amount(cost_e4))
    return sorted(made, key=lambda lot: lot.expires_on or date.max)


def received(terms: Terms, lot: NewLot, paid_from: Account | None) -> Transfer:
    """A lot came in: what it is worth, and who is owed for it unless it is paid for."""
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


def told_of(terms: Terms, lot: NewLot) -> Event:
    """What is recorded of a lot that came in."""
    facts = {
        "sku_id": str(terms.sku_id),
        "warehouse_id": str(terms.warehouse_id),
        "supplier_id": str(terms.supplier_id),
        "import_id": str(terms.import_id) if terms.import_id else None,
        "unit_cost": format_amount(terms.unit_cost_e4),
        "expires_on": lot.expires_on.isoformat() if lot.expires_on else None,
        "cards": lot.cards,
        "units": lot.units,
        "shared": terms.max_uses is not None,
        "sold_elsewhere": terms.sold_elsewhere,
    }
    return Event("lot.received", lot.lot_id, facts)


async def foreseen(
    tx: Tx,
    tenant_id: int,
    sku_id: UUID,
    *,
    besides: UUID | None = None,
    sold_elsewhere: bool = False,
) -> AsyncIterator[TurnedAway]:
    """Tell who of all the arrivals would be turned away, in order of place, in bounded memory.

    What came in with the import `besides` isn't held against them.
    """
    async for each in _foreseen.stream(tx, tenant=tenant_id, sku=sku_id, besides=besides):
        if each.in_stock:
            yield TurnedAway(each.place, each.place, _why(each, sold_elsewhere=sold_elsewhere))
        else:
            yield TurnedAway(each.place, each.first_place, RejectClass.DUPLICATE_IN_FILE)


def _why(known: _Known | _Foreseen, *, sold_elsewhere: bool) -> RejectClass:
    """Say why a card that we had before isn't taken in, for sale or as sold elsewhere."""
    if known.sold_elsewhere:
        return RejectClass.SOLD_ELSEWHERE
    if sold_elsewhere and known.for_sale:
        return RejectClass.STILL_FOR_SALE
    return RejectClass.DUPLICATE_IN_STOCK
