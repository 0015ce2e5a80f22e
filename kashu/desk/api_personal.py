"""HTTP of personal data: find what is kept of somebody, give it to them, erase it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from kashu.access.caller import Caller
from kashu.access.guards import FILES, requires
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.channels.accounts import open_account
from kashu.channels.reads import stores_by_id
from kashu.core.clock import day_of, now
from kashu.core.db import Database, Tx
from kashu.core.events import Event, record
from kashu.desk.personal import (
    By,
    Personal,
    Under,
    erase_personal,
    find_personal,
    read_personal,
)
from kashu.orders.personal import open_topped_up
from kashu.orders.reads import lines_of_orders
from kashu.stock.given import seen_of

AT_ONCE: Final = 200


class PersonAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose data: it travels in a body, since addresses are logged."""

    by: By
    q: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]

    def __repr__(self) -> str:
        """Hide it."""
        return f"PersonAsked(by={self.by}, q=•••)"


class PersonalAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """With which orders, as they were found, and why."""

    orders: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=AT_ONCE)]
    reason: Annotated[str, msgspec.Meta(min_length=2, max_length=200)]


class PersonalShown(msgspec.Struct, frozen=True):
    """What is kept of a person with one order, masked.

    `account_until`: the account itself is kept until then, or until the order is over.
    """

    id: UUID
    under: Under
    number: str
    store: str | None
    order_id: UUID | None
    at: datetime
    over: bool
    buyer: str
    accounts: list[str]
    account_until: datetime | None
    erased_at: datetime | None
    can: list[str]  # export, erase


class PersonalFound(msgspec.Struct, frozen=True):
    """The newest first, a hundred at most."""

    orders: list[PersonalShown]


class PersonalErased(msgspec.Struct, frozen=True):
    """How many were erased, and which weren't: they aren't over yet."""

    erased: int
    under_way: list[str]  # their numbers


@post(
    "/v1/personal-data/find",
    operation_id="findPersonalData",
    guards=[requires(Permission.SETTINGS_WRITE)],
    status_code=200,
)
async def post_find(
    data: JSONBody[PersonAsked],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> PersonalFound:
    """Find the orders with which something of a person is kept. Accounts are compared as masked."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await find_personal(tx, caller.tenant_id, data.by, data.q)
        stores = await _store_names(tx, caller.tenant_id, found)
    return PersonalFound([_shown(each, stores) for each in found])


@post(
    "/v1/personal-data/export",
    operation_id="exportPersonalData",
    guards=[requires(Permission.SETTINGS_WRITE)],
    status_code=200,
    opt={FILES: ("application/octet-stream",)},
)
async def post_export(
    data: JSONBody[PersonalAsked],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> Response[bytes]:
    """Give all that is kept of a person with some orders, accounts in whole, as a file for them.

    It is written down, with the reason, for each order.
    """
    tenant_id = caller.tenant_id
    async with database.transaction(tenant_id) as tx:
        found = await read_personal(tx, tenant_id, data.orders)
        events = [
            Event("personal.exported", each.order_id or each.id, {"reason": data.reason})
            for each in found
        ]
        await record(tx, tenant_id, caller.actor, events)
        stores = await _store_names(tx, tenant_id, found)
        file = [await _whole(tx, tenant_id, keyrings, each, stores) for each in found]
    name = f"personal-data-{day_of(now(), caller.timezone)}.json"
    return Response(
        msgspec.json.format(msgspec.json.encode(file)),
        media_type="application/octet-stream",  # a file for them: JSON, by its name
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@post(
    "/v1/personal-data/erase",
    operation_id="erasePersonalData",
    guards=[requires(Permission.SETTINGS_WRITE)],
    status_code=200,
)
async def post_erase(
    data: JSONBody[PersonalAsked],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> PersonalErased:
    """Erase what is kept of a person with some orders, for good; who asked, and why, is on record.

    Those that aren't over are left as they are, and named. Numbers and amounts stay: the books.
    """
    async with database.transaction(caller.tenant_id) as tx:
        done = await erase_personal(
            tx, caller.tenant_id, caller.actor, data.orders, reason=data.reason, at=now()
        )
    return PersonalErased(len(done.erased), [each.number for each in done.under_way])


async def _store_names(tx: Tx, tenant_id: int, found: Sequence[Personal]) -> dict[UUID, str]:
    ids = {each.store_id for each in found if each.store_id is not None}
    return {id_: store.name for id_, store in (await stores_by_id(tx, tenant_id, ids)).items()}


def _shown(each: Personal, stores: dict[UUID, str]) -> PersonalShown:
    can = ["export"] if each.holds else []
    return PersonalShown(
        each.id,
        each.under,
        each.number,
        stores.get(each.store_id) if each.store_id else None,
        each.order_id,
        each.at,
        each.is_over,
        each.buyer,
        list(each.masks),
        each.account_until,
        each.erased_at,
        [*can, "erase"] if each.holds and each.is_over else can,
    )


async def _whole(
    tx: Tx, tenant_id: int, keyrings: Keyrings, each: Personal, stores: dict[UUID, str]
) -> dict[str, object]:
    """All that is kept, by names that whoever gets the file understands."""
    told: dict[str, object] = {
        "order": each.number,
        "store": stores.get(each.store_id) if each.store_id else None,
        "at": each.at,
        "buyer": each.buyer,
        "accounts_masked": list(each.masks),
    }
    if each.sealed_account is not None and each.store_id is not None:
        account = open_account(
            keyrings.masters, tenant_id, each.store_id, each.number, each.sealed_account
        )
        told |= {"account": account.number, "details": account.details, "lines": account.lines}
    if whole := await open_topped_up(tx, tenant_id, keyrings, each.lines):
        told["accounts"] = whole  # that the order's lines top up
    if each.order_id is not None:
        lines = await lines_of_orders(tx, tenant_id, [each.order_id])
        ids = [line.line_id for of in lines.values() for line in of]
        told["cards_shown_to"] = [
            {"at": seen.at, "recipient": seen.recipient, "reason": seen.reason}
            for seen in await seen_of(tx, tenant_id, ids)
        ]
    return told


routes: Final = (post_find, post_export, post_erase)
