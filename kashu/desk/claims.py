"""Claims: who is on what. One at a time, for a quarter of an hour, and again with each act."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import case, delete, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.desk.queue import Name, Row
from kashu.desk.tables import claims

LASTS: Final = timedelta(minutes=15)
KEPT: Final = timedelta(days=1)  # after its end: of what was solved long ago nothing is kept
_SWEPT: Final = 500  # at once: more than come with one call


@dataclass(frozen=True, slots=True)
class Claim:
    """Who is on a matter, since and until when."""

    kind: str
    subject_id: UUID
    actor: str
    claimed_at: datetime
    until_at: datetime
    taken_from: str | None


async def claim(
    tx: Tx,
    tenant_id: int,
    actor: str,
    rows: Sequence[Row],
    *,
    at: datetime,
    take_over: bool = False,
) -> dict[Name, Claim]:
    """Be on some matters, or stay on them; return who is on each now.

    Where somebody else is, it stays theirs, unless `take_over`: that is written down.
    Locks: the claims, in order of kind and subject: of two who come at once one is first.
    """
    if not rows:
        return {}
    wanted = sorted({row.name for row in rows})
    made = insert(claims).values(
        [
            {
                "tenant_id": tenant_id,
                "kind": kind.value,
                "subject_id": subject_id,
                "actor": actor,
                "claimed_at": at,
                "until_at": at + LASTS,
            }
            for kind, subject_id in wanted
        ]
    )
    mine = claims.c.actor == made.excluded.actor
    over = claims.c.until_at <= at
    stays = (mine, claims.c.claimed_at)
    await tx.execute(
        made.on_conflict_do_update(
            index_elements=[claims.c.tenant_id, claims.c.kind, claims.c.subject_id],
            set_={
                "actor": actor,
                "claimed_at": case(stays, else_=made.excluded.claimed_at),
                "until_at": made.excluded.until_at,
                "taken_from": case((or_(mine, over), None), else_=claims.c.actor),
            },
            where=None if take_over else or_(mine, over),
        )
    )
    stand = await claims_of(tx, tenant_id, wanted)
    begun = {row.name: row for row in rows if _begun(stand[row.name], actor, at)}
    happened = [_taken(row, stand[row.name]) for row in begun.values()]
    await record(tx, tenant_id, actor, happened)
    return stand


def _begun(found: Claim, actor: str, at: datetime) -> bool:
    """Say whether somebody is on a matter since now; a heartbeat is nothing new."""
    return found.actor == actor and found.claimed_at == at


def _taken(row: Row, found: Claim) -> Event:
    """Write down who is on what, so that everybody who looks at the queue sees it at once."""
    if found.taken_from is None:
        return Event("desk.taken", row.id, {"kind": row.kind.value})
    facts = {"kind": row.kind.value, "from": found.taken_from}
    return Event("desk.taken_over", row.id, facts)


async def release(tx: Tx, tenant_id: int, actor: str, names: Collection[Name]) -> int:
    """Be on some matters no more; return of how many."""
    gone = await tx.execute(
        delete(claims)
        .where(claims.c.tenant_id == tenant_id, claims.c.actor == actor)
        .where(_is_of(names))
        .returning(claims.c.kind, claims.c.subject_id)
    )
    left = [Event("desk.left", row.subject_id, {"kind": row.kind}) for row in gone]
    await record(tx, tenant_id, actor, left)
    return len(left)


async def claims_of(tx: Tx, tenant_id: int, names: Collection[Name]) -> dict[Name, Claim]:
    """Read who was last on some matters."""
    rows = await tx.execute(
        select(*(claims.c[name] for name in Claim.__dataclass_fields__))
        .where(claims.c.tenant_id == tenant_id)
        .where(_is_of(names))
    )
    kinds = {kind.value: kind for kind, _ in names}
    return {(kinds[row.kind], row.subject_id): Claim(*row) for row in rows}


async def forget_claims(tx: Tx, tenant_id: int, at: datetime) -> None:
    """Forget claims that ended long ago, some at a time, but none that somebody else holds."""
    old = (
        select(claims.c.kind, claims.c.subject_id)
        .where(claims.c.tenant_id == tenant_id, claims.c.until_at < at - KEPT)
        .limit(_SWEPT)
        .with_for_update(skip_locked=True)
    )
    await tx.execute(
        delete(claims)
        .where(claims.c.tenant_id == tenant_id)
        .where(tuple_(claims.c.kind, claims.c.subject_id).in_(old))
    )


def _is_of(names: Collection[Name]) -> Any:  # noqa: ANN401  (a condition)
    wanted = [(kind.value, subject_id) for kind, subject_id in names]
    return tuple_(claims.c.kind, claims.c.subject_id).in_(wanted)
