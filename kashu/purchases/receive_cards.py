"""Receive cards: what a supplier sent is checked, enters stock, and what is no good is kept.

Nothing that came is dropped: a card that we don't take is sealed as evidence, and its money is
asked back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy import insert

from kashu.catalog.reads import Sku, skus_by_id
from kashu.core.db import Tx
from kashu.core.events import Event
from kashu.core.ids import new_id, new_ids
from kashu.core.money import exchanged, split
from kashu.core.sql import Statement
from kashu.ledger.post import Transfer
from kashu.purchases.books import paid_from
from kashu.purchases.moves import Occasion
from kashu.purchases.reads import Attempt, Purchase
from kashu.purchases.tables import rejected_cards
from kashu.stock.receive import NewCard, Terms, TurnedAway
from kashu.stock.receive_parcels import Parcel, Unpacked, receive_parcels
from kashu.stock.recognise_cells import Refused, is_url, secret_of, url_of
from kashu.stock.recognise_outcomes import RejectClass
from kashu.stock.secret import CardSecret, encode, mask
from kashu.suppliers.upstream import BoughtCard

# Why a card isn't taken, beside what an import says of one (RejectClass).
WRONG_PRODUCT: Final = "wrong_product"
WRONG_FACE_VALUE: Final = "wrong_face_value"
MORE_THAN_ORDERED: Final = "more_than_ordered"


@dataclass(frozen=True, slots=True)
class Bill:
    """What an order cost, and how much of that came back already."""

    charged_e4: int
    refunded_e4: int = 0

    @property
    def kept_e4(self) -> int:
        """What the supplier keeps."""
        return max(self.charged_e4 - self.refunded_e4, 0)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came for an attempt, and what it cost; `ref`: their product, as they tell it."""

    attempt: Attempt
    purchase: Purchase
    cards: Sequence[BoughtCard] = field(repr=False)
    bill: Bill
    ref: str

    @property
    def ordered(self) -> int:
        """How many units of ours were ordered."""
        return self.attempt.quantity * self.attempt.units


@dataclass(frozen=True, slots=True)
class Received:
    """What became of what came, and what the caller puts into the books and the record."""

    taken: int  # cards in stock now
    taken_e4: int  # what they cost, in the attempt's currency
    rejected: int
    reasons: tuple[str, ...]
    asked_back_e4: int  # paid, and not got
    transfers: tuple[Transfer, ...]  # what the cards cost, in ours
    happened: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class _Good:
    place: int
    card: NewCard
    cost_e4: int = 0


@dataclass(frozen=True, slots=True)
class _Bad:
    place: int
    secret: CardSecret
    reason: str


@dataclass(frozen=True, slots=True)
class _Group:
    """The good ones of a delivery that cost the same: a parcel."""

    delivery: int
    cost_e4: int
    members: Sequence[_Good]


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The statement returns no rows."""


_write = Statement(__file__, "receive_cards_write.sql", _Nothing)


async def receive_all(tx: Tx, occasion: Occasion, deliveries: Sequence[Delivery]) -> list[Received]:
    """Take the good ones into stock at their exact cost, keep the others as evidence.

    A bill is shared over what was ordered; whoever pays for ten and gets nine good ones has nine
    at a tenth each, and asks a tenth back. Under hold() of the SKUs.
    """
    tenant_id = occasion.tenant_id
    skus = await skus_by_id(tx, tenant_id, {each.purchase.sku_id for each in deliveries})
    shares: list[list[int]] = []
    bad: list[list[_Bad]] = []
    groups: list[_Group] = []
    for number, delivery in enumerate(deliveries):
        good, no_good = _sorted_out(delivery, skus[delivery.purchase.sku_id], occasion.today)
        bad.append(no_good)
        shares.append(_shares(delivery, len(good)))
        groups += [_Group(number, *each) for each in _by_cost(good, shares[number])]
    parcels = [_parcel(deliveries[each.delivery], each) for each in groups]
    unpacked = await receive_parcels(tx, tenant_id, parcels, keyrings=occasion.keyrings)
    for group, came in zip(groups, unpacked, strict=True):
        bad[group.delivery] += _turned_away(came.turned_away, group.members)
    mine = [
        [(group.cost_e4, came) for group, came in zip(groups, unpacked, strict=True)
         if group.delivery == number]
        for number in range(len(deliveries))
    ]  # fmt: skip
    await _write_receipts(tx, occasion, deliveries, mine)
    received = []
    for delivery, came_of_it, no_good, each_share in zip(
        deliveries, mine, bad, shares, strict=True
    ):
        one = _received(delivery, came_of_it, no_good)
        money = max(each_share), one.asked_back_e4
        await _keep(tx, occasion, delivery, no_good, money=money)
        received.append(one)
    return received


def _shares(delivery: Delivery, good: int) -> list[int]:
    """What each of the units that were ordered costs."""
    bill, ordered = delivery.bill, delivery.ordered
    shares = split(bill.charged_e4, [1] * ordered)
    if sum(shares[:good]) > bill.kept_e4:  # some of it came back: they cost less
        shares = split(bill.kept_e4, [1] * good) + [0] * (ordered - good)
    return shares


def _parcel(delivery: Delivery, group: _Group) -> Parcel:
    purchase, attempt = delivery.purchase, delivery.attempt
    assert purchase.warehouse_id is not None, "bought_cards_have_a_warehouse"
    terms = Terms(
        purchase.sku_id,
        purchase.warehouse_id,
        attempt.supplier_id,
        exchanged(group.cost_e4, attempt.rate_e6),
    )
    return Parcel(terms, [each.card for each in group.members], paid_from(attempt))


def _received(
    delivery: Delivery, came: Sequence[tuple[int, Unpacked]], bad: Sequence[_Bad]
) -> Received:
    lots = [(cost_e4, lot) for cost_e4, each in came for lot in each.lots]
    taken_e4 = sum(lot.units * cost_e4 for cost_e4, lot in lots)
    return Received(
        taken=sum(lot.cards for _, lot in lots),
        taken_e4=taken_e4,
        rejected=len(bad),
        reasons=tuple(sorted({each.reason for each in bad})),
        asked_back_e4=delivery.bill.kept_e4 - taken_e4,
        transfers=tuple(transfer for _, each in came for transfer in each.transfers),
        happened=tuple(event for _, each in came for event in each.happened),
    )


async def _write_receipts(
    tx: Tx,
    occasion: Occasion,
    deliveries: Sequence[Delivery],
    came: Sequence[Sequence[tuple[int, Unpacked]]],
) -> None:
    """Say which lots came for which attempts."""
    lots = [
        (delivery.attempt.id, cost_e4, lot)
        for delivery, groups in zip(deliveries, came, strict=True)
        for cost_e4, each in groups
        for lot in each.lots
    ]
    if not lots:
        return
    await _write(
        tx,
        tenant=occasion.tenant_id,
        at=occasion.at,
        ids=new_ids(len(lots)),
        attempts=[attempt_id for attempt_id, _, _ in lots],
        lots=[lot.lot_id for _, _, lot in lots],
        cards=[lot.cards for _, _, lot in lots],
        costs=[lot.units * cost_e4 for _, cost_e4, lot in lots],
    )


def _sorted_out(delivery: Delivery, sku: Sku, today: date) -> tuple[list[_Good], list[_Bad]]:
    """Tell the cards that may enter stock from those that may not, and why not."""
    good: list[_Good] = []
    bad: list[_Bad] = []
    for place, card in enumerate(delivery.cards, start=1):
        secret = CardSecret(card.number, card.password, card.url)
        try:
            secret = readable(card)
            why = _why_not(card, sku, today)
        except Refused as refused:
            why = refused.reason.value
        if delivery.ref and delivery.ref != delivery.attempt.ref:
            why = WRONG_PRODUCT
        elif not why and len(good) == delivery.ordered:
            why = MORE_THAN_ORDERED
        if why:
            bad.append(_Bad(place, secret, why))
        else:
            good.append(_Good(place, NewCard(secret, card.expires_on)))
    return good, bad


def readable(card: BoughtCard) -> CardSecret:
    """Read a card as an import would. Raises: Refused."""
    number, url = card.number, card.url
    if is_url(number.strip()) and not url:
        number, url = "", number
    read = CardSecret(
        secret_of(number, None, is_number=True),
        secret_of(card.password, None, is_number=False),
        url_of(url, None),
    )
    if not (read.number or read.password or read.url):
        raise Refused(RejectClass.NO_SECRET)
    return read


def _why_not(card: BoughtCard, sku: Sku, today: date) -> str:
    if card.expires_on is not None and card.expires_on < today:
        return RejectClass.PAST_EXPIRY.value
    told = card.face_value_e4
    if told is not None and sku.face_value_e4 and told != sku.face_value_e4:
        return WRONG_FACE_VALUE
    return ""


def _by_cost(good: Sequence[_Good], shares: Sequence[int]) -> Iterable[tuple[int, Sequence[_Good]]]:
    """The cards by what each costs: at most two sorts, the dearer ones first."""
    groups: dict[int, list[_Good]] = {}
    for each, share in zip(good, shares, strict=False):
        groups.setdefault(share, []).append(each)
    return groups.items()


def _turned_away(turned: Iterable[TurnedAway], group: Sequence[_Good]) -> list[_Bad]:
    found = []
    for each in turned:
        one = group[each.place - 1]
        found.append(_Bad(one.place, one.card.secret, each.reason.value))
    return found


async def _keep(
    tx: Tx,
    occasion: Occasion,
    delivery: Delivery,
    bad: Sequence[_Bad],
    *,
    money: tuple[int, int],
) -> None:
    """Seal what we don't take. Each carries its share, of what is asked back in all: `money`."""
    if not bad:
        return
    keyring = await occasion.keyrings.of(tx, occasion.tenant_id)
    each_e4, left_e4 = money
    rows = []
    for one in sorted(bad, key=lambda one: one.place):
        cost_e4 = 0 if one.reason == MORE_THAN_ORDERED else min(each_e4, left_e4)
        left_e4 -= cost_e4
        id_ = new_id()
        parts = [_unseparated(part) for part in _parts(one.secret)]
        rows.append(
            {
                "tenant_id": occasion.tenant_id,
                "id": id_,
                "attempt_id": delivery.attempt.id,
                "place": one.place,
                "reason": one.reason,
                "tail": mask(*parts) if any(parts) else "",
                "sealed": keyring.seal(encode(*parts), kind=delivery.purchase.sku_id, owner=id_),
                "key_version": keyring.version,
                "cost_e4": cost_e4,
                "at": occasion.at,
            }
        )
    await tx.execute(insert(rejected_cards), rows)


def _parts(secret: CardSecret) -> tuple[str, str, str]:
    return secret.number, secret.password, secret.url


def _unseparated(part: str) -> str:
    """Leave out what sealing or a database's text can't hold: nobody can type it anyway."""
    return "".join(sign for sign in part if sign >= " " and not "\ud800" <= sign <= "\udfff")
