"""Endpoints: addresses that are told what happens. Their secrets are shown once, sealed at rest."""

import base64
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import Select, func, insert, select, update

from kashu.access.caller import Caller
from kashu.access.errors import MoreThanYouHave
from kashu.access.keyring import seal_for_access, sealed_anew
from kashu.core.db import Tx, one_at_a_time
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.secrets import MasterKeys, Secret
from kashu.core.untold import want_kinds
from kashu.webhooks.errors import (
    TooManyWebhooks,
    WebhookBoundTwice,
    WebhookTypesWrong,
    WebhookUnknown,
    WebhookUrlWrong,
)
from kashu.webhooks.kinds import (
    EARLIER_SIGNS,
    ENDPOINTS_MAX,
    NEEDS,
    OF_EVENTS,
    URL_CHARS_MAX,
    DeliveryState,
    EndpointState,
    MessageType,
    types_told,
)
from kashu.webhooks.tables import deliveries, endpoints

SECRET_BYTES: Final = 32
BY_PERSON: Final = "by_person"  # why one is disabled

_TOLD_OF: Final = frozenset({"name", "types", "state"})  # of a change; of an address its host


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address as it is listed: everything but its secret."""

    id: UUID
    name: str
    url: str
    types: tuple[MessageType, ...]  # none: all
    store_id: UUID | None
    customer_id: UUID | None
    state: EndpointState
    said: str
    failing_since: datetime | None
    earlier_until: datetime | None  # until when the secret before the last change signs, too
    made_at: datetime

    def told(self) -> tuple[MessageType, ...]:
        """What it hears of."""
        bound = self.store_id is not None or self.customer_id is not None
        return types_told(self.types, bound=bound)


async def make_endpoint(
    tx: Tx,
    caller: Caller,
    masters: MasterKeys,
    *,
    name: str,
    url: str,
    types: Sequence[MessageType] = (),
    store_id: UUID | None = None,
    customer_id: UUID | None = None,
) -> tuple[Endpoint, Secret]:
    """Have an address told what happens; its secret is here once and never again.

    Locks: one change of a tenant's addresses at a time.
    Raises: WebhookUrlWrong, WebhookBoundTwice, WebhookTypesWrong, MoreThanYouHave,
    TooManyWebhooks, KeyBoundUnknown.
    """
    tenant_id = caller.tenant_id
    check_url(url)
    if store_id is not None and customer_id is not None:
        raise WebhookBoundTwice
    bound = store_id is not None or customer_id is not None
    _check_types(caller, types, bound=bound)
    await _one_change(tx, tenant_id)
    if len(await list_endpoints(tx, tenant_id)) >= ENDPOINTS_MAX:
        raise TooManyWebhooks(max=ENDPOINTS_MAX)
    endpoint_id, secret = new_id(), _draw()
    await tx.execute(
        insert(endpoints).values(
            tenant_id=tenant_id,
            id=endpoint_id,
            name=name,
            url=url,
            types=sorted(set(types)),
            store_id=store_id,
            customer_id=customer_id,
            sealed_secret=seal_for_access(masters, secret, tenant_id=tenant_id, owner=endpoint_id),
        )
    )
    await _want(tx, tenant_id)
    facts = {"name": name, "host": urlsplit(url).hostname, "types": sorted(set(types))}
    await record(tx, tenant_id, caller.actor, [Event("webhook.made", endpoint_id, facts)])
    return await endpoint_by_id(tx, tenant_id, endpoint_id), secret


async def change_endpoint(
    tx: Tx,
    caller: Caller,
    endpoint_id: UUID,
    *,
    name: str | None = None,
    url: str | None = None,
    types: Sequence[MessageType] | None = None,
    state: EndpointState | None = None,
) -> Endpoint:
    """Change what is given; enabled again, it hears of what happens from now on.

    Locks: one change of a tenant's addresses at a time.
    Raises: WebhookUnknown, WebhookUrlWrong, WebhookTypesWrong, MoreThanYouHave.
    """
    tenant_id = caller.tenant_id
    await _one_change(tx, tenant_id)
    known = await endpoint_by_id(tx, tenant_id, endpoint_id)
    values: dict[str, Any] = {}
    if name is not None:
        values["name"] = name
    if url is not None or types is not None:  # who leads it elsewhere hears what it hears
        bound = known.store_id is not None or known.customer_id is not None
        _check_types(caller, known.types if types is None else types, bound=bound)
    if url is not None:
        check_url(url)
        values |= {"url": url, "failing_since": None, "resume_at": None}
    if types is not None:
        values["types"] = sorted(set(types))
    if state is EndpointState.OPEN:
        values |= {"state": state.value, "said": "", "failing_since": None, "resume_at": None}
    if values:
        await tx.execute(update(endpoints).where(*_is(tenant_id, endpoint_id)).values(values))
        facts = {name: value for name, value in values.items() if name in _TOLD_OF}
        if url is not None:
            facts["host"] = urlsplit(url).hostname
        await record(tx, tenant_id, caller.actor, [Event("webhook.changed", endpoint_id, facts)])
    if state is EndpointState.DISABLED:
        await disable(tx, tenant_id, caller.actor, endpoint_id, said=BY_PERSON)
    await _want(tx, tenant_id)
    return await endpoint_by_id(tx, tenant_id, endpoint_id)


async def disable(
    tx: Tx,
    tenant_id: int,
    actor: str,
    endpoint_id: UUID,
    *,
    said: str,
    into: EndpointState = EndpointState.DISABLED,
) -> None:
    """Tell an address nothing more; what it was still to hear has failed, and may be replayed.

    Locks: one change of a tenant's addresses at a time; the address, then what is due to it.
    """
    await _one_change(tx, tenant_id)
    moved = await tx.execute(
        update(endpoints)
        .where(*_is(tenant_id, endpoint_id), endpoints.c.state != EndpointState.REMOVED)
        .where(endpoints.c.state != into)
        .values(state=into.value, said=said)
        .returning(endpoints.c.name)
    )
    row = moved.one_or_none()
    if row is None:
        return
    await tx.execute(
        update(deliveries)
        .where(deliveries.c.tenant_id == tenant_id, deliveries.c.endpoint_id == endpoint_id)
        .where(deliveries.c.state == DeliveryState.DUE)
        .values(state=DeliveryState.FAILED.value, ended_at=func.now())
    )
    event = Event(f"webhook.{into.value}", endpoint_id, {"name": row.name, "said": said})
    await record(tx, tenant_id, actor, [event])
    await _want(tx, tenant_id)


async def rotate_secret(
    tx: Tx, caller: Caller, masters: MasterKeys, endpoint_id: UUID, at: datetime
) -> tuple[Endpoint, Secret]:
    """Give an address a new secret. For a day the one before signs, too. Raises: WebhookUnknown.

    Locks: one change of a tenant's addresses at a time.
    """
    tenant_id = caller.tenant_id
    await _one_change(tx, tenant_id)
    await endpoint_by_id(tx, tenant_id, endpoint_id)
    secret = _draw()
    await tx.execute(
        update(endpoints)
        .where(*_is(tenant_id, endpoint_id))
        .values(
            sealed_earlier=endpoints.c.sealed_secret,
            earlier_until=at + EARLIER_SIGNS,
            sealed_secret=seal_for_access(masters, secret, tenant_id=tenant_id, owner=endpoint_id),
        )
    )
    await record(tx, tenant_id, caller.actor, [Event("webhook.secret_changed", endpoint_id)])
    return await endpoint_by_id(tx, tenant_id, endpoint_id), secret


async def reseal_endpoints(tx: Tx, tenant_id: int, masters: MasterKeys) -> int:
    """Put what is sealed under an earlier master key under the one in force; return how many.

    Locks: the addresses, in order of id. Raises: MasterKeyMissing, SealBroken.
    """
    rows = await tx.execute(
        select(endpoints)
        .where(endpoints.c.tenant_id == tenant_id)
        .order_by(endpoints.c.id)
        .with_for_update()
    )
    changed = 0
    for row in rows:
        sealed = {"sealed_secret": row.sealed_secret, "sealed_earlier": row.sealed_earlier}
        fresh = sealed_anew(masters, sealed, tenant_id=tenant_id, owner=row.id)
        if fresh:
            await tx.execute(update(endpoints).where(*_is(tenant_id, row.id)).values(fresh))
            changed += 1
    return changed


async def list_endpoints(tx: Tx, tenant_id: int) -> list[Endpoint]:
    """All addresses but the removed ones, the newest first."""
    found = await tx.execute(
        _listed(tenant_id)
        .where(endpoints.c.state != EndpointState.REMOVED)
        .order_by(endpoints.c.id.desc())
    )
    return [_endpoint(row) for row in found]


async def endpoint_by_id(tx: Tx, tenant_id: int, endpoint_id: UUID) -> Endpoint:
    """Read one address. Raises: WebhookUnknown."""
    found = await tx.execute(
        _listed(tenant_id)
        .where(endpoints.c.id == endpoint_id)
        .where(endpoints.c.state != EndpointState.REMOVED)
    )
    row = found.one_or_none()
    if row is None:
        raise WebhookUnknown
    return _endpoint(row)


def check_url(url: str) -> None:
    """Refuse an address that can't be called or would carry a secret. Raises: WebhookUrlWrong.

    Where it leads to is looked at by whoever calls it, each time: see core/http.py.
    """
    try:
        parts = urlsplit(url)
        fits = (
            len(url) <= URL_CHARS_MAX
            and url.isascii()
            and url.isprintable()
            and " " not in url
            and parts.scheme in {"https", "http"}
            and bool(parts.hostname)
            and parts.port != 0
            and parts.username is None
            and parts.password is None
            and not parts.fragment
        )
    except ValueError:
        fits = False
    if not fits:
        raise WebhookUrlWrong(max=URL_CHARS_MAX)


async def _one_change(tx: Tx, tenant_id: int) -> None:
    await one_at_a_time(tx, f"webhooks {tenant_id}")


async def _want(tx: Tx, tenant_id: int) -> None:
    """Have those events noted that an address is told of."""
    found = await list_endpoints(tx, tenant_id)
    told = {kind for each in found if each.state is EndpointState.OPEN for kind in each.told()}
    await want_kinds(tx, tenant_id, sorted(told))


def _check_types(caller: Caller, types: Collection[MessageType], *, bound: bool) -> None:
    told = types_told(types, bound=bound)
    if MessageType.TEST in types or not told:
        raise WebhookTypesWrong
    for kind in told:
        needed = NEEDS[kind.partition(".")[0]]
        if not caller.may(needed):
            raise MoreThanYouHave(permission=needed.value)


def _draw() -> Secret:
    """Draw a secret. Source: Standard Webhooks 1.0: whsec_ and 24 to 64 bytes in Base64."""
    return Secret("whsec_" + base64.b64encode(os.urandom(SECRET_BYTES)).decode())


def _is(tenant_id: int, endpoint_id: UUID) -> tuple[Any, Any]:
    return endpoints.c.tenant_id == tenant_id, endpoints.c.id == endpoint_id


def _listed(tenant_id: int) -> Select[Any]:
    return select(
        endpoints.c.id,
        endpoints.c.name,
        endpoints.c.url,
        endpoints.c.types,
        endpoints.c.store_id,
        endpoints.c.customer_id,
        endpoints.c.state,
        endpoints.c.said,
        endpoints.c.failing_since,
        endpoints.c.earlier_until,
        endpoints.c.made_at,
    ).where(endpoints.c.tenant_id == tenant_id)


def _endpoint(row: Any) -> Endpoint:  # noqa: ANN401  (a row of _listed)
    known = {each.value for each in OF_EVENTS}
    types = tuple(MessageType(each) for each in row.types if each in known)
    return Endpoint(
        row.id,
        row.name,
        row.url,
        types,
        row.store_id,
        row.customer_id,
        EndpointState(row.state),
        row.said,
        row.failing_since,
        row.earlier_until,
        row.made_at,
    )
