"""Receive parcels: cards that several purchases brought at once, few of each, in one go.

What an import may bring in a file comes through receive.py; the rules are the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kashu.access.keyring import Keyrings
from kashu.core.db import Tx, plan_for_any_tenant
from kashu.core.events import Event
from kashu.core.ids import new_id, new_ids
from kashu.core.secrets import Keyring
from kashu.core.sql import Statement
from kashu.ledger.post import Account, Transfer
from kashu.stock.receive import (
    NewCard,
    NewLot,
    Terms,
    TurnedAway,
    lots_made,
    received,
    told_of,
)
from kashu.stock.recognise import RejectClass, identity, normalise
from kashu.stock.secret import encode, mask


@dataclass(frozen=True, slots=True)
class Parcel:
    """Cards that came on the same terms, each used once, and the account that paid for them."""

    terms: Terms
    cards: Sequence[NewCard]
    paid_from: Account


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What became of a parcel, and what the caller puts into the books and the record."""

    lots: list[NewLot]
    turned_away: list[TurnedAway]
    transfers: list[Transfer]
    happened: list[Event]


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The statement returns no rows."""


@dataclass(frozen=True, slots=True)
class _Added:
    id: UUID


@dataclass(frozen=True, slots=True)
class _Known:
    id: UUID
    lot_id: UUID
    position: int
    sold_elsewhere: bool


@dataclass(frozen=True, slots=True)
class _Packed:
    """A card on its way in."""

    parcel: int
    place: int  # in its parcel
    id: UUID
    lot_id: UUID
    blind_index: bytes
    sealed: bytes
    tail: str


_lots = Statement(__file__, "receive_parcels_lots.sql", _Nothing)
_cards = Statement(__file__, "receive_parcels_cards.sql", _Added)
_known = Statement(__file__, "receive_parcels_known.sql", _Known)
_count = Statement(__file__, "receive_count.sql", _Nothing)
_drop = Statement(__file__, "receive_drop.sql", _Nothing)


async def receive_parcels(
    tx: Tx, tenant_id: int, parcels: Sequence[Parcel], *, keyrings: Keyrings
) -> list[Unpacked]:
    """Seal parcels into stock, a lot for each expiry of each. Says what became of each, in order.

    A card that comes twice, or that we ever had, is turned away; the others get in. Whoever calls
    posts the transfers, records the events, and says what is there for others: mark_replenished().
    Under hold() of the SKUs. Raises: ReceiptTooLarge.
    """
    assert all(parcel.terms.max_uses is None for parcel in parcels), "see receive()"
    keyring = await keyrings.of(tx, tenant_id)
    lots: list[dict[UUID, date | None]] = []
    packed: list[_Packed] = []
    for number, parcel in enumerate(parcels):
        lot_of = {card.expires_on: new_id() for card in parcel.cards}
        lots.append({lot_id: expires_on for expires_on, lot_id in lot_of.items()})
        packed += _pack(keyring, number, parcel, lot_of)
    if not packed:
        return [Unpacked([], [], [], []) for _ in parcels]
    await _open_lots(tx, tenant_id, parcels, lots, packed)
    added = {row.id for row in await _put(tx, tenant_id, parcels, packed, keyring.version)}
    turned = await _turned_away(tx, tenant_id, parcels, lots, packed, added=added)
    counts: list[dict[UUID, int]] = [{} for _ in parcels]
    for each in packed:
        if each.id in added:
            of_lot = counts[each.parcel]
            of_lot[each.lot_id] = of_lot.get(each.lot_id, 0) + 1
    unpacked = []
    for number, parcel in enumerate(parcels):
        made = lots_made(parcel.terms, lots[number], counts[number])
        paid = [received(parcel.terms, lot, parcel.paid_from) for lot in made]
        told = [told_of(parcel.terms, lot) for lot in made]
        unpacked.append(Unpacked(made, turned[number], paid, told))
    return unpacked


def _pack(
    keyring: Keyring, number: int, parcel: Parcel, lot_of: dict[date | None, UUID]
) -> list[_Packed]:
    packed = []
    ids = new_ids(len(parcel.cards))
    for place, (card, card_id) in enumerate(zip(parcel.cards, ids, strict=True), start=1):
        parts = (card.secret.number, card.secret.password, card.secret.url)
        packed.append(
            _Packed(
                number,
                place,
                card_id,
                lot_of[card.expires_on],
                keyring.blind_index(normalise(identity(*parts))),
                keyring.seal(encode(*parts), kind=parcel.terms.sku_id, owner=card_id),
                mask(*parts),
            )
        )
    return packed


async def _open_lots(
    tx: Tx,
    tenant_id: int,
    parcels: Sequence[Parcel],
    lots: Sequence[dict[UUID, date | None]],
    packed: Sequence[_Packed],
) -> None:
    """Make the lots, each counted as though all of its cards got in: mostly they do."""
    counts: dict[UUID, int] = {}
    for each in packed:
        counts[each.lot_id] = counts.get(each.lot_id, 0) + 1
    terms = [parcel.terms for parcel, those in zip(parcels, lots, strict=True) for _ in those]
    ids = [lot_id for those in lots for lot_id in those]
    await _lots(
        tx,
        tenant=tenant_id,
        ids=ids,
        skus=[each.sku_id for each in terms],
        warehouses=[each.warehouse_id for each in terms],
        suppliers=[each.supplier_id for each in terms],
        costs=[each.unit_cost_e4 for each in terms],
        currencies=[each.currency for each in terms],
        expiries=[expires_on for those in lots for expires_on in those.values()],
        counts=[counts[lot_id] for lot_id in ids],
    )


async def _put(
    tx: Tx,
    tenant_id: int,
    parcels: Sequence[Parcel],
    packed: Sequence[_Packed],
    key_version: int,
) -> list[_Added]:
    return await _cards(
        tx,
        tenant=tenant_id,
        key_version=key_version,
        ids=[each.id for each in packed],
        skus=[parcels[each.parcel].terms.sku_id for each in packed],
        lots=[each.lot_id for each in packed],
        places=[each.place for each in packed],
        sealed=[each.sealed for each in packed],
        indexes=[each.blind_index for each in packed],
        tails=[each.tail for each in packed],
    )


async def _turned_away(
    tx: Tx,
    tenant_id: int,
    parcels: Sequence[Parcel],
    lots: Sequence[dict[UUID, date | None]],
    packed: Sequence[_Packed],
    *,
    added: set[UUID],
) -> list[list[TurnedAway]]:
    """Say who didn't get in and why, by parcel; and count their lots anew."""
    turned: list[list[TurnedAway]] = [[] for _ in parcels]
    away = [each for each in packed if each.id not in added]
    if not away:
        return turned
    await plan_for_any_tenant(tx)
    known = await _known(
        tx,
        tenant=tenant_id,
        ids=[each.id for each in away],
        skus=[parcels[each.parcel].terms.sku_id for each in away],
        indexes=[each.blind_index for each in away],
    )
    before = {row.id: row for row in known}
    for each in away:
        there = before[each.id]
        if there.lot_id in lots[each.parcel]:
            told = TurnedAway(each.place, there.position, RejectClass.DUPLICATE_IN_FILE)
        else:
            sold = there.sold_elsewhere
            why = RejectClass.SOLD_ELSEWHERE if sold else RejectClass.DUPLICATE_IN_STOCK
            told = TurnedAway(each.place, each.place, why)
        turned[each.parcel].append(told)
    left: dict[UUID, int] = {each.lot_id: 0 for each in away}
    for each in packed:
        if each.lot_id in left and each.id in added:
            left[each.lot_id] += 1
    some = {lot_id: count for lot_id, count in left.items() if count}
    await _count(tx, tenant=tenant_id, ids=list(some), units=list(some.values()))
    await _drop(tx, tenant=tenant_id, ids=sorted(left.keys() - some.keys()))
    return turned
