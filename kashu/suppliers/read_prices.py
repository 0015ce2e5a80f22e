"""Read prices: each supplier's whole list when it is due, one product at once when it tells of it.

Nothing is called inside a transaction. One reader a supplier at a time (a lease); what it read is
written only while the lease is still its own, and nothing that we know to be newer is undone.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from kashu.core.db import Database, Tx
from kashu.core.errors import Conflict, Invalid, KashuError, OutsideError
from kashu.core.incidents import log_incident
from kashu.core.jobs import wake
from kashu.suppliers.connections import Connection, set_state
from kashu.suppliers.errors import ListTooLong, LoginRefused, ProductGone
from kashu.suppliers.gone import mark_gone, mark_missing
from kashu.suppliers.kinds import ConnectionState, OfferState, Told
from kashu.suppliers.offers import Offer, offer_list, offers_by_ref
from kashu.suppliers.price_leases import ask_soon, end_lease, holds_lease, lease_due
from kashu.suppliers.reach import Upstreams
from kashu.suppliers.see_offers import OFFERS_CHANGED, Seen, batches, see_offers
from kashu.suppliers.upstream import Can, Link, Product, Upstream

SYSTEM: Final = "system"
READERS: Final = 8  # suppliers of one merchant that are read side by side
PAGES_MAX: Final = 500
PRODUCTS_MAX: Final = 50_000
READS_MAX: Final = 200  # products in one go that have to be read one by one
LIST_S: Final = 240.0  # for a whole list; shorter than its lease
LOOK_EVERY_S: Final = 1.0  # for others that fall due while slow ones are read
ADAPTER_BROKE: Final = "adapter_broke"
TOO_SLOW: Final = "supplier_too_slow"
UNREADABLE: Final = "products_unreadable"
PRICES_WANTED: Final = "suppliers.prices"  # called out when a list is wanted sooner

_log = structlog.get_logger()


@dataclass(slots=True)
class _Read:
    """What was read of a list so far. `whole`: to its end."""

    database: Database
    tenant_id: int
    leased: Connection
    began: datetime
    products: list[Product] = field(default_factory=list)
    wrong: int = 0
    whole: bool = False


async def read_prices(database: Database, tenant_id: int, upstreams: Upstreams) -> bool:
    """Read the price lists that are due, and those that fall due meanwhile.

    Several side by side: a slow supplier doesn't keep the others' prices from being known.
    """
    reading: set[asyncio.Task[None]] = set()
    try:
        while True:
            at = upstreams.now()
            if len(reading) < READERS and not upstreams.stopping.is_set():
                async with database.transaction(tenant_id) as tx:
                    due = await lease_due(
                        tx, tenant_id, list(upstreams.protocols), at, READERS - len(reading)
                    )
                reading |= {
                    asyncio.create_task(_read_one(database, tenant_id, upstreams, each))
                    for each in due
                }
            if not reading:
                return False
            done, reading = await asyncio.wait(
                reading, timeout=LOOK_EVERY_S, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                task.result()
    finally:
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)


async def refresh_offer(
    database: Database,
    tenant_id: int,
    upstreams: Upstreams,
    connection: Connection,
    ref: str,
    *,
    how: Told = Told.PUSHED,
) -> Offer | None:
    """Read one product now, as when its supplier told that it changed; what we know then.

    Where products can't be read one by one, or reading fails, its whole list is read at the next
    look, and None is returned. A price that can't be believed is held here, too.
    Raises: LoginRefused, after noting it.
    """
    at = upstreams.now()
    supplier_id = connection.supplier_id
    try:
        upstream, link = upstreams.reach_to(tenant_id, connection, Can.READ_PRODUCT)
        product = await upstream.product(link, ref)
    except ProductGone:
        async with database.transaction(tenant_id) as tx:
            known = (await offers_by_ref(tx, tenant_id, supplier_id, [ref])).get(ref)
            if known is not None:
                await mark_gone(tx, tenant_id, SYSTEM, known.id, at)
            return (await offers_by_ref(tx, tenant_id, supplier_id, [ref])).get(ref)
    except LoginRefused as error:
        await _lock_out(database, tenant_id, supplier_id, error)
        raise
    except (OutsideError, Conflict, Invalid) as error:
        _log.info("offer_not_refreshed", supplier=str(supplier_id), error=error.code)
        async with database.transaction(tenant_id) as tx:
            await want_prices(tx, tenant_id, supplier_id, at)
        return None
    if product.ref != ref:  # an answer about something else tells nothing of this one
        return None
    async with database.transaction(tenant_id) as tx:
        await see_offers(tx, tenant_id, SYSTEM, supplier_id, [product], how=how, at=at)
        return (await offers_by_ref(tx, tenant_id, supplier_id, [ref])).get(ref)


async def want_prices(tx: Tx, tenant_id: int, supplier_id: UUID, at: datetime) -> None:
    """Have a supplier's whole list read at once."""
    await ask_soon(tx, tenant_id, supplier_id, at)
    await wake(tx, tenant_id, PRICES_WANTED)


async def _read_one(
    database: Database, tenant_id: int, upstreams: Upstreams, leased: Connection
) -> None:
    """Read one supplier's list and write it; whatever goes wrong is noted, and tried again."""
    read = _Read(database, tenant_id, leased, upstreams.now())
    said = ""
    try:
        async with asyncio.timeout(LIST_S):
            upstream, link = upstreams.reach(tenant_id, leased)
            await _collect(read, upstream, link)
    except LoginRefused as error:
        await _lock_out(database, tenant_id, leased.supplier_id, error)
        said = error.code
    except TimeoutError:
        said = TOO_SLOW
    except KashuError as error:
        said = error.code
    except Exception as error:  # noqa: BLE001  (an adapter's bug stops its own suppliers only)
        log_incident(error, supplier=str(leased.supplier_id), protocol=leased.protocol)
        said = ADAPTER_BROKE
    seen = await _write(read)
    if not said and (read.wrong or seen.unreadable):
        said = UNREADABLE
    async with database.transaction(tenant_id) as tx:
        whole = read.whole and not said
        if whole and await holds_lease(tx, tenant_id, leased):
            refs = {product.ref for product in read.products}
            await mark_missing(tx, tenant_id, leased.supplier_id, refs, began=read.began)
        # A list of which some can't be read isn't a failure of the whole: no longer pause.
        await end_lease(
            tx,
            tenant_id,
            leased,
            upstreams.now(),
            said=said,
            whole_at=read.began if whole else None,
            pauses=said != UNREADABLE,
        )
    if said:
        _log.warning("prices_not_read", supplier=str(leased.supplier_id), error=said)


async def _collect(read: _Read, upstream: Upstream, link: Link) -> None:
    """Read all pages into `read`; then, one by one, what is mapped and has no price in them."""
    if Can.LIST_PRODUCTS in upstream.can:
        await _pages(read, upstream, link)
    if Can.READ_PRODUCT in upstream.can:
        await _one_by_one(read, upstream, link)


async def _pages(read: _Read, upstream: Upstream, link: Link) -> None:
    page: str | None = None
    supplier = read.leased.supplier_id
    for _ in range(PAGES_MAX):
        got = await upstream.products(link, page)
        read.products += got.members
        read.wrong += got.wrong
        if len(read.products) > PRODUCTS_MAX:
            del read.products[PRODUCTS_MAX:]
            raise ListTooLong(supplier=supplier, said=f">{PRODUCTS_MAX}")
        if got.next is None:
            read.whole = True
            return
        if got.next == page:
            raise ListTooLong(supplier=supplier, said="next")
        page = got.next
    raise ListTooLong(supplier=supplier, said=f">{PAGES_MAX}")


async def _one_by_one(read: _Read, upstream: Upstream, link: Link) -> None:
    """Read the mapped products whose price no list tells, those that we know longest first."""
    database, tenant_id, supplier_id = read.database, read.tenant_id, read.leased.supplier_id
    told = {each.ref for each in read.products if each.unit_cost_e4 is not None}
    async with database.transaction(tenant_id) as tx:
        mapped = await offer_list(
            tx, tenant_id, supplier_id=supplier_id, mapped=True, limit=PRODUCTS_MAX
        )
    listed = {each.ref for each in read.products}
    wanted = [
        each
        for each in sorted(mapped, key=lambda offer: offer.seen_at)
        if each.ref not in told
        and (each.ref in listed or (not read.whole and each.state is not OfferState.GONE))
    ]
    for offer in wanted[:READS_MAX]:
        at = link.now()
        try:
            product = await upstream.product(link, offer.ref)
        except ProductGone:
            async with database.transaction(tenant_id) as tx:
                await mark_gone(tx, tenant_id, SYSTEM, offer.id, at)
            continue
        if product.ref != offer.ref:
            continue
        async with database.transaction(tenant_id) as tx:
            await see_offers(tx, tenant_id, SYSTEM, supplier_id, [product], how=Told.READ, at=at)


async def _write(read: _Read) -> Seen:
    """Write what was read, also of a list that broke off; a transaction for each batch."""
    seen, leased, tenant_id = Seen(), read.leased, read.tenant_id
    for batch in batches(_distinct(read.products)):
        async with read.database.transaction(tenant_id) as tx:
            if not await holds_lease(tx, tenant_id, leased):
                return seen
            seen += await see_offers(
                tx,
                tenant_id,
                SYSTEM,
                leased.supplier_id,
                batch,
                how=Told.POLLED,
                at=read.began,
                touch=not read.whole or bool(read.wrong),
            )
    return seen


def _distinct(products: Sequence[Product]) -> list[Product]:
    """Each product once, as told last: a list that moves while it is read tells some twice."""
    return list({product.ref: product for product in products}.values())


async def _lock_out(
    database: Database, tenant_id: int, supplier_id: UUID, error: LoginRefused
) -> None:
    said = str(error.facts.get("said", ""))[:200]
    async with database.transaction(tenant_id) as tx:
        await set_state(tx, tenant_id, SYSTEM, supplier_id, ConnectionState.LOCKED_OUT, said=said)
        await wake(tx, tenant_id, OFFERS_CHANGED)
