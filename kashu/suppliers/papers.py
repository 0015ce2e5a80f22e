"""Papers: what shows that a supplier may sell, and whom we talk to there."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Select, func, insert, select, update

from kashu.access.keyring import open_for_access, seal_for_access
from kashu.core.clock import Clock, now
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.secrets import MasterKeys, Secret
from kashu.suppliers.errors_prepaid import NoFileKept, PaperWrong, UnknownContact, UnknownPaper
from kashu.suppliers.files import PAPER_MAX, Attached, open_file, seal_file
from kashu.suppliers.kinds_prepaid import PaperKind
from kashu.suppliers.tables_prepaid import contacts, papers

TEXT_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class NewPaper:
    """A paper to keep. `expires_on` is its last day; None: it has none."""

    supplier_id: UUID
    kind: PaperKind
    name: str
    number: str = ""
    issuer: str = ""
    issued_on: date | None = None
    expires_on: date | None = None
    file: Attached | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper as it is kept."""

    id: UUID
    supplier_id: UUID
    kind: PaperKind
    name: str
    number: str
    issuer: str
    issued_on: date | None
    expires_on: date | None
    file_name: str | None
    file_bytes: int | None
    added_by: str
    added_at: datetime
    removed_at: datetime | None


class Reached(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who somebody is and how to reach them: no more of a person than that."""

    name: str = ""
    phone: str = ""
    account: str = ""  # a WeChat or QQ number, a mail address

    def __repr__(self) -> str:
        return "Reached(•••)"


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom we talk to at a supplier. `reached` is None once it was erased."""

    id: UUID
    supplier_id: UUID
    role: str
    reached: Reached | None = field(repr=False)
    added_at: datetime
    erased_at: datetime | None


async def add_paper(
    tx: Tx, tenant_id: int, actor: str, paper: NewPaper, *, masters: MasterKeys
) -> Paper:
    """Keep a paper; its file is sealed. Raises: PaperWrong, FileTooLarge."""
    _check(paper)
    paper_id = new_id()
    kept: dict[str, Any] = {}
    if paper.file is not None:
        kept = {
            "file_name": paper.file.name,
            "file_bytes": len(paper.file.content),
            "file_sha256": paper.file.sha256,
            "sealed_file": seal_file(
                masters, paper.file, tenant_id=tenant_id, owner=paper_id, most=PAPER_MAX
            ),
        }
    await tx.execute(
        insert(papers).values(
            tenant_id=tenant_id,
            id=paper_id,
            supplier_id=paper.supplier_id,
            kind=paper.kind,
            name=paper.name.strip(),
            number=paper.number.strip(),
            issuer=paper.issuer.strip(),
            issued_on=paper.issued_on,
            expires_on=paper.expires_on,
            added_by=actor,
            **kept,
        )
    )
    facts = {
        "supplier_id": str(paper.supplier_id),
        "kind": paper.kind.value,
        "name": paper.name.strip(),
        "expires_on": paper.expires_on.isoformat() if paper.expires_on else None,
    }
    await record(tx, tenant_id, actor, [Event("paper.added", paper_id, facts)])
    return await paper_of(tx, tenant_id, paper_id)


async def remove_paper(
    tx: Tx, tenant_id: int, actor: str, paper_id: UUID, *, clock: Clock = now
) -> None:
    """Take a paper away: its file is erased, what it was stays known. Raises: UnknownPaper."""
    removed = await tx.execute(
        update(papers)
        .where(papers.c.tenant_id == tenant_id, papers.c.id == paper_id)
        .where(papers.c.removed_at.is_(None))
        .values(removed_at=clock(), removed_by=actor, sealed_file=None)
    )
    if not removed.rowcount:
        raise UnknownPaper(paper_id=paper_id)
    await record(tx, tenant_id, actor, [Event("paper.removed", paper_id, {})])


async def paper_of(tx: Tx, tenant_id: int, paper_id: UUID) -> Paper:
    """Read one that wasn't removed. Raises: UnknownPaper."""
    found = await tx.execute(
        _papers(tenant_id).where(papers.c.id == paper_id, papers.c.removed_at.is_(None))
    )
    row = found.one_or_none()
    if row is None:
        raise UnknownPaper(paper_id=paper_id)
    return _paper(row)


async def paper_list(tx: Tx, tenant_id: int, supplier_id: UUID) -> list[Paper]:
    """Read a supplier's papers, those that expire first in front."""
    found = await tx.execute(
        _papers(tenant_id)
        .where(papers.c.supplier_id == supplier_id, papers.c.removed_at.is_(None))
        .order_by(papers.c.expires_on.nulls_last(), papers.c.id)
    )
    return [_paper(row) for row in found]


async def paper_file(tx: Tx, tenant_id: int, paper_id: UUID, masters: MasterKeys) -> Attached:
    """Open a paper's file. Raises: UnknownPaper, NoFileKept."""
    paper = await paper_of(tx, tenant_id, paper_id)
    kept = await tx.execute(
        select(papers.c.sealed_file).where(papers.c.tenant_id == tenant_id, papers.c.id == paper_id)
    )
    sealed = kept.scalar_one()
    if sealed is None or paper.file_name is None:
        raise NoFileKept
    content = open_file(masters, sealed, tenant_id=tenant_id, owner=paper_id)
    return Attached(paper.file_name, content)


async def add_contact(
    tx: Tx,
    tenant_id: int,
    actor: str,
    supplier_id: UUID,
    role: str,
    *,
    reached: Reached,
    masters: MasterKeys,
) -> UUID:
    """Note whom we talk to. What identifies a person is sealed, and in no event.

    Raises: PaperWrong.
    """
    texts = (role, reached.name, reached.phone, reached.account)
    if not role.strip() or any(len(each) > TEXT_MAX for each in texts):
        raise PaperWrong(what="角色必填，每项不超过 100 字", what_en="a role; 100 characters each")
    contact_id = new_id()
    written = Secret(msgspec.json.encode(reached).decode())
    await tx.execute(
        insert(contacts).values(
            tenant_id=tenant_id,
            id=contact_id,
            supplier_id=supplier_id,
            role=role.strip(),
            sealed=seal_for_access(masters, written, tenant_id=tenant_id, owner=contact_id),
        )
    )
    facts = {"supplier_id": str(supplier_id), "role": role.strip()}
    await record(tx, tenant_id, actor, [Event("contact.added", contact_id, facts)])
    return contact_id


async def erase_contact(tx: Tx, tenant_id: int, actor: str, contact_id: UUID) -> None:
    """Forget a person for good; that there was one of this role stays. Raises: UnknownContact."""
    erased = await tx.execute(
        update(contacts)
        .where(contacts.c.tenant_id == tenant_id, contacts.c.id == contact_id)
        .where(contacts.c.erased_at.is_(None))
        .values(erased_at=func.now(), sealed=None)
    )
    if not erased.rowcount:
        raise UnknownContact(contact_id=contact_id)
    await record(tx, tenant_id, actor, [Event("contact.erased", contact_id, {})])


async def contact_list(
    tx: Tx, tenant_id: int, supplier_id: UUID, masters: MasterKeys
) -> list[Contact]:
    """Read whom we talk to, those that were erased left out."""
    found = await tx.execute(
        select(contacts)
        .where(contacts.c.tenant_id == tenant_id, contacts.c.supplier_id == supplier_id)
        .where(contacts.c.erased_at.is_(None))
        .order_by(contacts.c.id)
    )
    shown = []
    for row in found:
        clear = open_for_access(masters, row.sealed, tenant_id=tenant_id, owner=row.id)
        reached = msgspec.json.decode(clear.clear, type=Reached)
        shown.append(Contact(row.id, supplier_id, row.role, reached, row.added_at, None))
    return shown


def _check(paper: NewPaper) -> None:
    texts = (paper.name, paper.number, paper.issuer)
    if not paper.name.strip() or any(len(each) > TEXT_MAX for each in texts):
        raise PaperWrong(what="名称必填，每项不超过 100 字", what_en="a name; 100 characters each")
    if paper.issued_on and paper.expires_on and paper.expires_on < paper.issued_on:
        raise PaperWrong(what="到期日早于签发日", what_en="it expires before it was issued")


def _papers(tenant_id: int) -> Select[Any]:
    return select(*(papers.c[name] for name in Paper.__dataclass_fields__)).where(
        papers.c.tenant_id == tenant_id
    )


def _paper(row: Any) -> Paper:  # noqa: ANN401  (a row of SQLAlchemy's)
    values = row._asdict()
    return Paper(**{**values, "kind": PaperKind(values["kind"])})
