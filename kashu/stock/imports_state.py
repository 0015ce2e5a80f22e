"""The row of an import: begun, beating, done, failed. Each change but the last commits at once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, select, update

from kashu.core.db import Database, Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.stock.imports_errors import ImportLost, UnknownImport
from kashu.stock.imports_intake import Intake
from kashu.stock.imports_reading import Source
from kashu.stock.imports_tally import Tally
from kashu.stock.tables import ImportState, imports

SILENT_AFTER: Final = timedelta(seconds=60)  # a living import beats twice a second
PAGE_MAX: Final = 200
_NAME_CHARS: Final = 120
# Eight or more letters and digits, with dashes or the like between groups or none: a card's number
# may look like any word, and a name that was hidden for nothing costs little.
_CODE_LIKE: Final = re.compile(r"[A-Za-z0-9]+(?:[-_. ]?[A-Za-z0-9]+)*")
_CODE_CHARS: Final = 8
# Written so, with nothing but letters beside it, no card is meant; 20261123 may well be one.
_DAY: Final = re.compile(
    r"(?<![A-Za-z0-9])20[23]\d([-_.])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])(?![A-Za-z0-9])"
)
_MONTH: Final = re.compile(r"(?<![A-Za-z0-9])20[23]\d[-_.](?:0[1-9]|1[0-2])(?![A-Za-z0-9])")
_KIND_CHARS: Final = 4  # xlsx


@dataclass(frozen=True, slots=True)
class ImportRow:
    """An import as it stands."""

    id: UUID
    sku_id: UUID
    warehouse_id: UUID
    supplier_id: UUID
    actor: str
    file_name: str
    file_sha256: bytes
    state: str
    read_count: int
    accepted_count: int
    rejected_count: int
    classes: dict[str, int]
    started_at: datetime
    beat_at: datetime
    ended_at: datetime | None


_COLUMNS: Final = tuple(imports.c[name] for name in ImportRow.__dataclass_fields__)


def masked_name(name: str) -> str:
    """A file's name as it may be kept: what looks like a card's number in it is hidden."""
    printable = "".join(sign for sign in name[-_NAME_CHARS:] if sign.isprintable())
    stem, dot, kind = printable.rpartition(".")
    if not dot or len(kind) > _KIND_CHARS:
        stem, dot, kind = printable, "", ""
    return _CODE_LIKE.sub(_hidden_if_long, stem) + dot + kind


def _hidden_if_long(found: re.Match[str]) -> str:
    return "•••" if _may_be_code(found[0]) else found[0]


def _may_be_code(text: str) -> bool:
    rest = _DAY.sub("", text)
    if rest == text:
        # ABCD-2026-11 may be a code in groups; words in small letters beside a month are none.
        rest = _MONTH.sub("", text)
        rest = text if any(map(str.isupper, rest)) else rest
    if any(map(str.isdigit, rest)):
        return sum(map(str.isalnum, text)) >= _CODE_CHARS
    return rest.isupper() and sum(map(str.isalnum, rest)) >= _CODE_CHARS


async def begin(tx: Tx, tenant_id: int, actor: str, intake: Intake, source: Source) -> UUID:
    """Write down that an import runs, so that everybody sees it."""
    import_id = new_id()
    await tx.execute(
        insert(imports).values(
            tenant_id=tenant_id,
            id=import_id,
            sku_id=intake.terms.sku_id,
            warehouse_id=intake.terms.warehouse_id,
            supplier_id=intake.terms.supplier_id,
            actor=actor,
            file_name=masked_name(source.name),
            file_sha256=source.sha256,
        )
    )
    return import_id


async def beat(tx: Tx, tenant_id: int, import_id: UUID, read: int) -> None:
    """Say how far it is, and that it lives."""
    await tx.execute(
        update(imports)
        .where(_running(tenant_id, import_id))
        .values(read_count=read, beat_at=func.clock_timestamp())
    )


async def finish(tx: Tx, tenant_id: int, actor: str, import_id: UUID, tally: Tally) -> None:
    """Mark it done, in the transaction that brings its cards. Raises: ImportLost."""
    moved = await tx.execute(
        update(imports)
        .where(_running(tenant_id, import_id))
        .values(
            state=ImportState.DONE,
            read_count=tally.read,
            accepted_count=tally.accepted,
            rejected_count=tally.rejected,
            classes=tally.counts(),
            beat_at=func.clock_timestamp(),
            ended_at=func.clock_timestamp(),
        )
        .returning(imports.c.id)
    )
    if moved.one_or_none() is None:
        raise ImportLost
    facts = {"read": tally.read, "accepted": tally.accepted, "rejected": tally.rejected}
    await record(tx, tenant_id, actor, [Event("import.done", import_id, facts)])


async def fail(tx: Tx, tenant_id: int, actor: str, import_id: UUID, because: str) -> None:
    """Mark it failed, unless it has ended; its own transaction left nothing behind."""
    moved = await tx.execute(
        update(imports)
        .where(_running(tenant_id, import_id))
        .values(state=ImportState.FAILED, ended_at=func.clock_timestamp())
        .returning(imports.c.id)
    )
    if moved.one_or_none() is not None:
        facts = {"because": because}
        await record(tx, tenant_id, actor, [Event("import.failed", import_id, facts)])


async def fail_silent_imports(database: Database, tenant_id: int) -> bool:
    """Sweep: mark imports failed whose program was killed. Returns whether there were any."""
    async with database.transaction(tenant_id) as tx:
        silent = await tx.execute(
            update(imports)
            .where(
                imports.c.tenant_id == tenant_id,
                imports.c.state == ImportState.RUNNING,
                imports.c.beat_at < func.clock_timestamp() - SILENT_AFTER,
            )
            .values(state=ImportState.FAILED, ended_at=func.clock_timestamp())
            .returning(imports.c.id)
        )
        happened = [Event("import.failed", id_, {"because": "silent"}) for id_ in silent.scalars()]
        await record(tx, tenant_id, "system", happened)
    return bool(happened)


async def import_of(tx: Tx, tenant_id: int, import_id: UUID) -> ImportRow:
    """One import. Raises: UnknownImport."""
    row = (
        await tx.execute(
            select(*_COLUMNS).where(imports.c.tenant_id == tenant_id, imports.c.id == import_id)
        )
    ).one_or_none()
    if row is None:
        raise UnknownImport(import_id=import_id)
    return ImportRow(*row)


async def list_imports(
    tx: Tx,
    tenant_id: int,
    *,
    before: UUID | None = None,
    limit: int = 50,
    where: Sequence[ColumnElement[bool]] = (),
) -> list[ImportRow]:
    """The latest imports first; `before` is the last id of the page that came before."""
    found = select(*_COLUMNS).where(imports.c.tenant_id == tenant_id, *where)
    if before is not None:
        found = found.where(imports.c.id < before)
    page = found.order_by(imports.c.id.desc()).limit(min(limit, PAGE_MAX + 1))
    return [ImportRow(*row) for row in await tx.execute(page)]


def _running(tenant_id: int, import_id: UUID) -> ColumnElement[bool]:
    return (
        (imports.c.tenant_id == tenant_id)
        & (imports.c.id == import_id)
        & (imports.c.state == ImportState.RUNNING)
    )
