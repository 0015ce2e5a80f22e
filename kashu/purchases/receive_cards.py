"""Receive cards: what a supplier sent is checked, enters stock, and what is no good is kept.

Nothing that came is dropped: a card that we don't take is sealed as evidence, and its money is
asked back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import insert

from kashu.access.keyring import Keyrings
from kashu.catalog.reads import Sku
from kashu.core.db import Tx
from kashu.core.ids import new_id
from kashu.core.money import split
from kashu.purchases.books import in_doubt
from kashu.purchases.reads import Attempt, Purchase
from kashu.purchases.tables import receipts, rejected_cards
from kashu.stock.receive import NewCard, Terms, TurnedAway, receive
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
class Received:
    """What became of what came."""

    taken: int  # cards in stock now
    taken_e4: int  # what they cost
    rejected: int
    reasons: tuple[str, ...]
    asked_back_e4: int  # paid, and not got


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


async def receive_cards(  # noqa: PLR0917  (what came, and for what)
    tx: Tx,
    tenant_id: int,
    actor: str,
    attempt: Attempt,
    purchase: Purchase,
    sku: Sku,
    cards: Sequence[BoughtCard],
    bill: Bill,
    *,
    ref: str,
    keyrings: Keyrings,
    today: date,
    at: datetime,
) -> Received:
    """Take the good ones into stock at their exact cost, keep the others as evidence.

    The bill is shared over what was ordered; whoever pays for ten and gets nine good ones has nine
    at a tenth each, and asks a tenth back. Locks: the SKU's level, which the caller holds already.
    """
    assert purchase.warehouse_id is not None, "bought_cards_have_a_warehouse"
    ordered = attempt.quantity * attempt.units
    good, bad = _sorted_out(cards, ordered, attempt, sku, ref=ref, today=today)
    shares = split(bill.charged_e4, [1] * ordered)
    if sum(shares[: len(good)]) > bill.kept_e4:  # some of it came back: they cost less
        shares = split(bill.kept_e4, [1] * len(good)) + [0] * (ordered - len(good))
    taken, taken_e4 = 0, 0
    for cost_e4, group in _by_cost(good, shares):
        terms = Terms(
            purchase.sku_id,
            purchase.warehouse_id,
            attempt.supplier_id,
            cost_e4,
            currency=attempt.currency,
        )
        receipt = await receive(
            tx,
            tenant_id,
            actor,
            terms,
            [each.card for each in group],
            keyrings=keyrings,
            posted_on=today,
            paid_from=in_doubt(attempt.supplier_id),
        )
        bad += _turned_away(receipt.turned_away, group)
        for lot in receipt.lots:
            taken += lot.cards
            taken_e4 += lot.units * cost_e4
            await tx.execute(
                insert(receipts).values(
                    tenant_id=tenant_id,
                    id=new_id(),
                    attempt_id=attempt.id,
                    lot_id=lot.lot_id,
                    cards=lot.cards,
                    cost_e4=lot.units * cost_e4,
                    at=at,
                )
            )
    asked_back_e4 = bill.kept_e4 - taken_e4
    money = max(shares), asked_back_e4
    await _keep(tx, tenant_id, attempt, bad, sku=sku, money=money, keyrings=keyrings, at=at)
    reasons = tuple(sorted({each.reason for each in bad}))
    return Received(taken, taken_e4, len(bad), reasons, asked_back_e4)


def _sorted_out(
    cards: Sequence[BoughtCard],
    ordered: int,
    attempt: Attempt,
    sku: Sku,
    *,
    ref: str,
    today: date,
) -> tuple[list[_Good], list[_Bad]]:
    """Tell the cards that may enter stock from those that may not, and why not."""
    good: list[_Good] = []
    bad: list[_Bad] = []
    for place, card in enumerate(cards, start=1):
        secret = CardSecret(card.number, card.password, card.url)
        try:
            secret = readable(card)
            why = _why_not(card, sku, today)
        except Refused as refused:
            why = refused.reason.value
        if ref and ref != attempt.ref:
            why = WRONG_PRODUCT
        elif not why and len(good) == ordered:
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
    tenant_id: int,
    attempt: Attempt,
    bad: Sequence[_Bad],
    *,
    sku: Sku,
    money: tuple[int, int],
    keyrings: Keyrings,
    at: datetime,
) -> None:
    """Seal what we don't take. Each carries its share, of what is asked back in all: `money`."""
    if not bad:
        return
    keyring = await keyrings.of(tx, tenant_id)
    each_e4, left_e4 = money
    rows = []
    for one in sorted(bad, key=lambda one: one.place):
        cost_e4 = 0 if one.reason == MORE_THAN_ORDERED else min(each_e4, left_e4)
        left_e4 -= cost_e4
        id_ = new_id()
        parts = [_unseparated(part) for part in _parts(one.secret)]
        rows.append(
            {
                "tenant_id": tenant_id,
                "id": id_,
                "attempt_id": attempt.id,
                "place": one.place,
                "reason": one.reason,
                "tail": mask(*parts) if any(parts) else "",
                "sealed": keyring.seal(encode(*parts), kind=sku.id, owner=id_),
                "key_version": keyring.version,
                "cost_e4": cost_e4,
                "at": at,
            }
        )
    await tx.execute(insert(rejected_cards), rows)


def _parts(secret: CardSecret) -> tuple[str, str, str]:
    return secret.number, secret.password, secret.url


def _unseparated(part: str) -> str:
    """Leave out what sealing or a database's text can't hold: nobody can type it anyway."""
    return "".join(sign for sign in part if sign >= " " and not "\ud800" <= sign <= "\udfff")
