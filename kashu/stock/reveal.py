"""Reveal: a secret leaves in clear, after it is written down who sees it, when and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from kashu.access.keyring import Keyrings
from kashu.core.db import Tx, one_at_a_time
from kashu.core.ids import new_ids
from kashu.core.sql import Statement
from kashu.stock.errors import CardsPromised, RevealBurns, RevealQuotaUsed, UnknownCards
from kashu.stock.hold import hold
from kashu.stock.secret import CardSecret, decode
from kashu.stock.tables import CardState, cards, lots, reveals


@dataclass(frozen=True, slots=True)
class Revealed:
    """A card in clear, for the one who may see it. `line_id` is None for a card nobody bought."""

    card_id: UUID
    line_id: UUID | None
    sku_id: UUID
    lot_id: UUID
    secret: CardSecret


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `count` reveals by an actor since a moment: the start of the merchant's day."""

    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class _Wanted:
    sku_id: UUID
    count: int


@dataclass(frozen=True, slots=True)
class _Sealed:
    card_id: UUID
    line_id: UUID | None
    sku_id: UUID
    lot_id: UUID
    sealed: bytes = field(repr=False)
    key_version: int


_wanted = Statement(__file__, "reveal_wanted.sql", _Wanted)
_lines = Statement(__file__, "reveal_lines.sql", _Sealed)
_answered = Statement(__file__, "reveal_answered.sql", _Sealed)
_cards = Statement(__file__, "reveal_cards.sql", _Sealed)


async def reveal(
    tx: Tx,
    tenant_id: int,
    actor: str,
    *,
    line_ids: Iterable[UUID],
    reason: str,
    recipient: str,
    keyrings: Keyrings,
    quota: Quota | None = None,
) -> list[Revealed]:
    """Open all cards that some lines hold, in order of line and of giving.

    A line may see its cards again: they are the same ones, and it is written down each time. The
    plaintext must not leave the caller before `tx` is committed.
    Locks: the cards' SKUs.
    Raises: RevealQuotaUsed, SealBroken.
    """
    lines = list(line_ids)
    wanted = await _wanted(tx, tenant=tenant_id, lines=lines)
    if not wanted:
        return []
    count = sum(row.count for row in wanted)
    await hold(tx, tenant_id, (row.sku_id for row in wanted))
    await _check_quota(tx, tenant_id, actor, quota, count)
    return await reveal_held(
        tx,
        tenant_id,
        actor,
        line_ids=lines,
        sku_ids=[row.sku_id for row in wanted],
        count=count,
        reason=reason,
        recipient=recipient,
        keyrings=keyrings,
    )


async def reveal_held(
    tx: Tx,
    tenant_id: int,
    actor: str,
    *,
    line_ids: list[UUID],
    sku_ids: list[UUID],
    count: int,
    reason: str,
    recipient: str,
    keyrings: Keyrings,
) -> list[Revealed]:
    """Open the `count` cards of these SKUs that some lines hold, in order of line and of giving.

    As reveal(), for one who holds the SKUs already, such as who has just allocated them.
    Raises: SealBroken.
    """
    sealed = await _lines(
        tx,
        tenant=tenant_id,
        actor=actor,
        reason=reason,
        recipient=recipient,
        lines=line_ids,
        skus=sku_ids,
        ids=new_ids(count),
    )
    return await _open(tx, tenant_id, keyrings, sealed)


async def open_answered(
    tx: Tx, tenant_id: int, line_ids: list[UUID], keyrings: Keyrings
) -> list[Revealed]:
    """Open the cards that allocate() gave some new lines and wrote down as seen by their reader.

    In order of line and of giving. Those that it gave without (shared ones, promised ones) aren't
    among them: reveal_held() is for these. Raises: SealBroken.
    """
    return await _open(
        tx, tenant_id, keyrings, await _answered(tx, tenant=tenant_id, lines=line_ids)
    )


async def reveal_cards(
    tx: Tx,
    tenant_id: int,
    actor: str,
    *,
    card_ids: Iterable[UUID],
    reason: str,
    recipient: str,
    keyrings: Keyrings,
    quota: Quota | None = None,
    burn: bool = False,
) -> list[Revealed]:
    """Open some cards, whoever holds them, in order of id.

    A card in stock is opened only to check it, which burns it: with `burn` it goes to quarantined
    and can never be sold. One that many share stays in stock.
    Locks: the cards' SKUs.
    Raises: UnknownCards, RevealBurns, CardsPromised, RevealQuotaUsed, SealBroken.
    """
    wanted = sorted(set(card_ids))
    ours = (cards.c.tenant_id == tenant_id) & cards.c.id.in_(wanted)
    skus = (await tx.execute(select(cards.c.sku_id).where(ours).distinct())).scalars()
    await hold(tx, tenant_id, skus)
    await _check_states(tx, tenant_id, wanted, burn=burn)
    await _check_quota(tx, tenant_id, actor, quota, len(wanted))
    sealed = await _cards(
        tx,
        tenant=tenant_id,
        actor=actor,
        reason=reason,
        recipient=recipient,
        cards=wanted,
        reveal_ids=new_ids(len(wanted)),
        move_ids=new_ids(len(wanted)),
    )
    return await _open(tx, tenant_id, keyrings, sealed)


async def _check_states(tx: Tx, tenant_id: int, wanted: Sequence[UUID], *, burn: bool) -> None:
    """Refuse before anything is written. Under hold(): the states stay what they are."""
    rows = await tx.execute(
        select(cards.c.state, lots.c.shared)
        .join(lots, (lots.c.tenant_id == tenant_id) & (lots.c.id == cards.c.lot_id))
        .where(cards.c.tenant_id == tenant_id, cards.c.id.in_(wanted))
    )
    found = [(row.state, row.shared) for row in rows]
    if len(found) < len(wanted):
        raise UnknownCards(count=len(wanted) - len(found))
    if promised := found.count((CardState.RESERVED, False)):
        raise CardsPromised(count=promised)
    burnt = found.count((CardState.AVAILABLE, False))
    if burnt and not burn:
        raise RevealBurns(count=burnt)


async def _check_quota(tx: Tx, tenant_id: int, actor: str, quota: Quota | None, count: int) -> None:
    """See that the actor may reveal `count` more. One at a time, or two requests would both fit."""
    if quota is None:
        return
    await one_at_a_time(tx, f"reveal {tenant_id} {actor}")
    counted = (
        select(func.count())
        .select_from(reveals)
        .where(reveals.c.tenant_id == tenant_id, reveals.c.actor == actor)
        .where(reveals.c.at >= quota.since)
    )
    used: int = (await tx.execute(counted)).scalar_one()
    if used + count > quota.count:
        raise RevealQuotaUsed(quota=quota.count, used=used)


async def _open(
    tx: Tx, tenant_id: int, keyrings: Keyrings, sealed: Sequence[_Sealed]
) -> list[Revealed]:
    """Decrypt what reveals have been written for."""
    if not sealed:
        return []
    newest = max(row.key_version for row in sealed)
    keyring = await keyrings.of(tx, tenant_id, version=newest)
    return [
        Revealed(
            row.card_id,
            row.line_id,
            row.sku_id,
            row.lot_id,
            decode(
                keyring.open(row.sealed, row.key_version, kind=row.sku_id, owner=row.card_id).clear
            ),
        )
        for row in sealed
    ]
