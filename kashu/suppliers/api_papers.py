"""HTTP of suppliers' papers, contacts and quality rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post, put
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, MultipartBody

from kashu.access.caller import Caller
from kashu.access.guards import FILES, problems, requires
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.db import Database, Tx
from kashu.suppliers.files import PAPER_MAX, attached
from kashu.suppliers.kinds_prepaid import PaperKind
from kashu.suppliers.papers import (
    NewPaper,
    Paper,
    Reached,
    add_contact,
    add_paper,
    contact_list,
    erase_contact,
    paper_file,
    paper_list,
    remove_paper,
)
from kashu.suppliers.quality_kept import QualityRule, quality_rule, set_quality_rule
from kashu.suppliers.reads import supplier_by_code

FORM_BYTES: Final = 64 * 1024
Text = Annotated[str, msgspec.Meta(max_length=100)]


@dataclass
class PaperForm:
    """A paper, with a file of at most 5 MiB or without. `expires_on`: its last day."""

    kind: PaperKind
    name: str
    paper_number: str = ""
    issuer: str = ""
    issued_on: date | None = None
    expires_on: date | None = None
    file: UploadFile | None = None


class PaperShown(msgspec.Struct, frozen=True):
    """A paper as it is kept."""

    id: UUID
    kind: PaperKind
    name: str
    paper_number: str
    issuer: str
    issued_on: date | None
    expires_on: date | None
    file_name: str | None
    file_bytes: int | None
    added_by: str
    added_at: datetime
    can: Sequence[str]


class PaperPage(msgspec.Struct, frozen=True):
    """A supplier's papers, those that expire first in front."""

    papers: list[PaperShown]


class NewContact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom we talk to: no more of a person than needed."""

    role: Text
    name: Text = ""
    phone: Text = ""
    account: Text = ""


class SupplierContactShown(msgspec.Struct, frozen=True):
    """Whom we talk to."""

    id: UUID
    role: str
    name: str
    phone: str
    account: str
    added_at: datetime


class ContactPage(msgspec.Struct, frozen=True):
    """Whom we talk to at a supplier."""

    contacts: list[SupplierContactShown]


_READ: Final = [requires(Permission.SUPPLIERS_READ)]
_WRITE: Final = [requires(Permission.SUPPLIERS_WRITE)]


@get(
    "/v1/suppliers/{code:str}/papers",
    operation_id="listPapers",
    guards=_READ,
    responses=problems(404),
)
async def list_papers(
    code: FromPath[str], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> PaperPage:
    """List certificates, authorisations and contracts of a supplier."""
    async with database.transaction(caller.tenant_id) as tx:
        supplier = await supplier_by_code(tx, caller.tenant_id, code)
        found = await paper_list(tx, caller.tenant_id, supplier.id)
    return PaperPage([_shown(caller, each) for each in found])


@post(
    "/v1/suppliers/{code:str}/papers",
    operation_id="addPaper",
    guards=_WRITE,
    responses=problems(404),
    request_max_body_size=PAPER_MAX + FORM_BYTES,
)
async def post_paper(
    code: FromPath[str],
    data: MultipartBody[PaperForm],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> PaperShown:
    """Keep a paper; its file is sealed. People are told before it expires."""
    file = None
    if data.file is not None:
        file = attached(data.file.filename, await data.file.read())
    async with database.transaction(caller.tenant_id) as tx:
        supplier = await supplier_by_code(tx, caller.tenant_id, code)
        new = NewPaper(
            supplier.id,
            data.kind,
            data.name,
            data.paper_number,
            data.issuer,
            data.issued_on,
            data.expires_on,
            file,
        )
        added = await add_paper(tx, caller.tenant_id, caller.actor, new, masters=keyrings.masters)
    return _shown(caller, added)


@get(
    "/v1/papers/{paper_id:uuid}/file",
    operation_id="readPaperFile",
    guards=_READ,
    responses={
        200: ResponseSpec(bytes, generate_examples=False, description="The file"),
        **problems(404),
    },
    opt={FILES: ("application/octet-stream",)},
)
async def read_paper_file(
    paper_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> Response[bytes]:
    """Open a paper's file."""
    async with database.transaction(caller.tenant_id) as tx:
        file = await paper_file(tx, caller.tenant_id, paper_id, keyrings.masters)
    headers = {"Content-Disposition": 'attachment; filename="paper"'}
    return Response(file.content, media_type="application/octet-stream", headers=headers)


@delete(
    "/v1/papers/{paper_id:uuid}",
    operation_id="removePaper",
    guards=_WRITE,
    responses=problems(404),
)
async def delete_paper(
    paper_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """Take a paper away; its file is erased."""
    async with database.transaction(caller.tenant_id) as tx:
        await remove_paper(tx, caller.tenant_id, caller.actor, paper_id)


@get(
    "/v1/suppliers/{code:str}/contacts",
    operation_id="listSupplierContacts",
    guards=_WRITE,
    responses=problems(404),
)
async def list_contacts(
    code: FromPath[str],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> ContactPage:
    """List whom we talk to at a supplier, for those who deal with it."""
    async with database.transaction(caller.tenant_id) as tx:
        supplier = await supplier_by_code(tx, caller.tenant_id, code)
        return await _contacts(tx, caller.tenant_id, supplier.id, keyrings)


@post(
    "/v1/suppliers/{code:str}/contacts",
    operation_id="addSupplierContact",
    guards=_WRITE,
    responses=problems(404),
)
async def post_contact(
    code: FromPath[str],
    data: JSONBody[NewContact],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> ContactPage:
    """Note whom we talk to; it is sealed."""
    reached = Reached(data.name, data.phone, data.account)
    async with database.transaction(caller.tenant_id) as tx:
        supplier = await supplier_by_code(tx, caller.tenant_id, code)
        await add_contact(
            tx,
            caller.tenant_id,
            caller.actor,
            supplier.id,
            data.role,
            reached=reached,
            masters=keyrings.masters,
        )
        return await _contacts(tx, caller.tenant_id, supplier.id, keyrings)


@delete(
    "/v1/supplier-contacts/{contact_id:uuid}",
    operation_id="eraseSupplierContact",
    guards=_WRITE,
    responses=problems(404),
)
async def delete_contact(
    contact_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """Forget a person for good."""
    async with database.transaction(caller.tenant_id) as tx:
        await erase_contact(tx, caller.tenant_id, caller.actor, contact_id)


@get("/v1/quality-rule", operation_id="readQualityRule", guards=_READ)
async def read_rule(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> QualityRule:
    """Read when a supplier is frozen by itself."""
    async with database.transaction(caller.tenant_id) as tx:
        return await quality_rule(tx, caller.tenant_id)


@put("/v1/quality-rule", operation_id="setQualityRule", guards=_WRITE)
async def put_rule(
    data: JSONBody[QualityRule],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> QualityRule:
    """Say when a supplier is frozen by itself."""
    async with database.transaction(caller.tenant_id) as tx:
        await set_quality_rule(tx, caller.tenant_id, caller.actor, data)
        return await quality_rule(tx, caller.tenant_id)


async def _contacts(tx: Tx, tenant_id: int, supplier_id: UUID, keyrings: Keyrings) -> ContactPage:
    found = await contact_list(tx, tenant_id, supplier_id, keyrings.masters)
    return ContactPage(
        [
            SupplierContactShown(
                each.id,
                each.role,
                each.reached.name,
                each.reached.phone,
                each.reached.account,
                each.added_at,
            )
            for each in found
            if each.reached is not None
        ]
    )


def _shown(caller: Caller, paper: Paper) -> PaperShown:
    values = {
        name: getattr(paper, name)
        for name in PaperShown.__struct_fields__
        if name not in {"paper_number", "can"}
    }
    return PaperShown(
        **values,
        paper_number=paper.number,
        can=("remove",) if caller.may(Permission.SUPPLIERS_WRITE) else (),
    )


routes: Final = (
    list_papers,
    post_paper,
    read_paper_file,
    delete_paper,
    list_contacts,
    post_contact,
    delete_contact,
    read_rule,
    put_rule,
)
