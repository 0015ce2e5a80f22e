"""Watch a folder: what a supplier's files bring is taken in by itself, each file once.

A file with a row of headings that names prices is a price file. A file whose name has the number of
one of the supplier's orders brings that order's cards, all of them. Whatever is neither is left to
a person. What was taken is known by its hash, written down in the transaction that took it: a crash
before that changes nothing, and after it the file is only put away.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_OID, UUID, uuid5

import structlog

from kashu.access.keyring import Keyrings
from kashu.access.tenants import Tenant
from kashu.core.clock import Clock
from kashu.core.db import Database, Tx, one_at_a_time
from kashu.core.errors import Conflict, Invalid, KashuError, NotFound
from kashu.core.events import Event, events_of, record
from kashu.core.incidents import log_incident
from kashu.core.sheets.read import read_bytes
from kashu.purchases.moves import Occasion
from kashu.purchases.reads import Attempt, attempt_by_number
from kashu.purchases.receive_file import RULES, Handed, expect, find_cards, receive_file
from kashu.purchases.watched import (
    CONTENT_MAX,
    Content,
    Into,
    Waiting,
    folders,
    put_away,
    read,
    waiting,
)
from kashu.stock.imports_reading import Source
from kashu.suppliers.offer_file import FINE, import_offers
from kashu.suppliers.offer_rows import COLUMNS, read_offer_file
from kashu.suppliers.reads import Supplier, suppliers_by_code

ACTOR: Final = "system"
TAKEN: Final = "watched_file.taken"
AT_ONCE: Final = 20  # files that are put away before others get their turn
TOKENS_MAX: Final = 12  # of a name that may be an order's number
ROWS_TOLD: Final = 200

_TOKENS: Final = re.compile(r"[A-Za-z0-9]{6,19}", re.ASCII)
_log = structlog.get_logger()


class WatchedFileTooLarge(Invalid):
    """More than anybody reads at once."""

    code = "watched_file_too_large"
    zh = "文件超过 {limit_mib} MB，没有读取。请拆成几个文件再放进来。"
    en = "The file is over {limit_mib} MB and wasn't read. Split it, then put the parts here."


class WatchedFileUnknown(Invalid):
    """Neither prices nor the cards of an order that is known."""

    code = "watched_file_unknown"
    zh = (
        "看不出是哪张订单的卡密，也不是带表头的价格表。请在文件名里写上我方单号再放回，"
        "或运行 kashu purchase receive 文件 --attempt 单号。"
    )
    en = (
        "It is neither a price list with headings, nor does its name have the number of an order. "
        "Put that in its name and it back, or run kashu purchase receive FILE --attempt NUMBER."
    )


class SeveralOrdersNamed(Invalid):
    """Its name has the numbers of several orders."""

    code = "several_orders_named"
    zh = "文件名里有多个我方单号，不知道是哪一张，没有收货。请只留一个，再放回来。"
    en = "Its name has the numbers of several orders; nothing was taken. Leave one, put it back."


@dataclass(frozen=True, slots=True)
class Watch:
    """The folder, and what is needed to take in what lies there."""

    database: Database
    keyrings: Keyrings
    folder: Path
    now: Clock


@dataclass(frozen=True, slots=True)
class _Ended:
    """What became of a file."""

    into: Into
    report: Mapping[str, Any]

    @property
    def code(self) -> str:
        """In one word, for the log."""
        return str(self.report["outcome"])


async def watch_folder(watch: Watch, tenant: Tenant) -> bool:
    """Take in what has stopped growing in a shop's folders. True: something was put away."""
    shop = watch.folder / tenant.code
    named = await asyncio.to_thread(folders, shop)
    if not named:
        return False
    async with watch.database.transaction(tenant.id) as tx:  # what is nobody's code is left alone
        suppliers = await suppliers_by_code(tx, tenant.id, named)
    moved = 0
    for file in await asyncio.to_thread(waiting, shop, list(suppliers), watch.now()):
        moved += await _take(watch, tenant, suppliers[file.supplier], file)
        if moved == AT_ONCE:
            break
    return moved > 0


async def _take(watch: Watch, tenant: Tenant, supplier: Supplier, file: Waiting) -> bool:
    try:
        content = await asyncio.to_thread(read, file)
        if content is None:
            return False
        try:
            ended = await _outcome(watch, tenant, supplier, file, content)
        except KashuError:
            raise  # the database is busy or away: it is looked at again
        except Exception as error:  # noqa: BLE001  (a bug with one file doesn't stop the others)
            number = log_incident(error, supplier=supplier.code, file=content.mark)
            incident = {**_report("incident", watch.now()), "incident": number}
            ended = _Ended(Into.LEFT, incident)
        await asyncio.to_thread(put_away, file, content, ended.into, ended.report)
    except OSError as error:  # it stays where it is, and is looked at again
        _log.warning("watched_file_stays", supplier=supplier.code, error=type(error).__name__)
        return False
    _log.info("watched_file", supplier=supplier.code, file=content.mark, outcome=ended.code)
    if ended.into is not Into.DONE:
        facts = {"sha256": content.sha256.hex(), "outcome": ended.code}
        happened = Event(f"supplier.file_{ended.into.value}", supplier.id, facts)
        async with watch.database.transaction(tenant.id) as tx:
            await record(tx, tenant.id, ACTOR, [happened])
    return True


async def _outcome(
    watch: Watch, tenant: Tenant, supplier: Supplier, file: Waiting, content: Content
) -> _Ended:
    """Take a file in, or say why not."""
    at = watch.now()
    try:
        if file.size > CONTENT_MAX:
            raise WatchedFileTooLarge(limit_mib=CONTENT_MAX >> 20)
        if await _is_taken(watch, tenant, supplier, content):
            return _Ended(Into.DONE, _report("taken_before", at))
        attempt = await _attempt(watch, tenant, supplier, file)
        if attempt is not None:
            told = await _cards(watch, tenant, supplier, content, attempt)
        elif await asyncio.to_thread(_has_prices, content):
            told = await _prices(watch, tenant, supplier, content)
        else:
            return _Ended(Into.LEFT, _refusal(WatchedFileUnknown(), at))
    except (Invalid, Conflict, NotFound) as error:
        return _Ended(Into.REFUSED, _refusal(error, at))
    return _Ended(Into.DONE, {**_report("taken", at), **told})


async def _attempt(
    watch: Watch, tenant: Tenant, supplier: Supplier, file: Waiting
) -> Attempt | None:
    """Find the supplier's order that a file's name has the number of. Raises: SeveralOrdersNamed.

    Whoever renames a file may have changed the case of its letters.
    """
    tokens = _TOKENS.findall(file.path.stem)[:TOKENS_MAX]
    found: dict[UUID, Attempt] = {}
    async with watch.database.transaction(tenant.id) as tx:
        for token in dict.fromkeys([*tokens, *(token.upper() for token in tokens)]):
            attempt = await attempt_by_number(tx, tenant.id, supplier.id, number=token)
            if attempt is not None:
                found[attempt.id] = attempt
    if len(found) > 1:
        raise SeveralOrdersNamed
    return next(iter(found.values()), None)


async def _cards(
    watch: Watch, tenant: Tenant, supplier: Supplier, content: Content, attempt: Attempt
) -> Mapping[str, Any]:
    at = watch.now()
    occasion = Occasion(tenant.id, ACTOR, at, tenant.timezone, watch.keyrings, RULES)
    async with watch.database.transaction(tenant.id) as tx:
        expected = await expect(tx, occasion, attempt.id)
    sheet = await asyncio.to_thread(read_bytes, content.raw, most_bytes=CONTENT_MAX)
    found = await find_cards(expected, Source(sheet, "", content.sha256))
    async with watch.database.transaction(tenant.id) as tx:
        settled = await receive_file(tx, occasion, expected, found, Handed())
        await _note(tx, tenant, supplier, content, {"attempt_id": str(attempt.id)})
    return {
        "order": settled.number,
        "cards": settled.received_count,
        "turned_away": settled.turned_away_count,
    }


async def _prices(
    watch: Watch, tenant: Tenant, supplier: Supplier, content: Content
) -> Mapping[str, Any]:
    file = await asyncio.to_thread(read_offer_file, content.raw)
    async with watch.database.transaction(tenant.id) as tx:
        report = await import_offers(
            tx, tenant.id, ACTOR, supplier, file, at=watch.now(), dry_run=False
        )
        await _note(tx, tenant, supplier, content, {"counts": report.counts})
    odd = [{"row": row.row, "why": row.outcome} for row in report.rows if row.outcome not in FINE]
    return {"counts": report.counts, "rows": odd[:ROWS_TOLD]}


def _has_prices(content: Content) -> bool:
    """Whether its first row names a price and what costs it.

    Two columns without headings are never prices here: they could be cards.
    """
    sheet = read_bytes(content.raw, most_bytes=CONTENT_MAX)
    first: Sequence[str] = next((row.cells for row in sheet.rows() if row.is_filled), ())
    titles = {cell.strip().casefold() for cell in first}
    named = {name for name, known in COLUMNS.items() if titles & set(known)}
    return "price" in named and bool({"ref", "title"} & named)


async def _is_taken(watch: Watch, tenant: Tenant, supplier: Supplier, content: Content) -> bool:
    async with watch.database.transaction(tenant.id) as tx:
        return await _known(tx, tenant, supplier, content)


async def _known(tx: Tx, tenant: Tenant, supplier: Supplier, content: Content) -> bool:
    told = await events_of(tx, tenant.id, _subject(supplier, content))
    return any(event.kind == TAKEN for event in told)


async def _note(
    tx: Tx, tenant: Tenant, supplier: Supplier, content: Content, facts: Mapping[str, Any]
) -> None:
    """Write down that a file was taken. Raises: WatchedFileTaken where somebody else was first."""
    subject = _subject(supplier, content)
    await one_at_a_time(tx, f"watched file {tenant.id} {subject}")
    if await _known(tx, tenant, supplier, content):
        raise WatchedFileTaken
    about = {"supplier_id": str(supplier.id), "sha256": content.sha256.hex(), **facts}
    await record(tx, tenant.id, ACTOR, [Event(TAKEN, subject, about)])


class WatchedFileTaken(Conflict):
    """Another worker took it at the same moment."""

    code = "watched_file_taken"
    zh = "这个文件刚被收下，没有重复收。无需处理。"
    en = "This file was just taken, and not taken twice. There is nothing to do."


def _subject(supplier: Supplier, content: Content) -> UUID:
    return uuid5(NAMESPACE_OID, f"{supplier.id} {content.sha256.hex()}")


def _report(outcome: str, at: datetime) -> dict[str, Any]:
    return {"outcome": outcome, "at": at.isoformat(timespec="seconds")}


def _refusal(error: KashuError, at: datetime) -> dict[str, Any]:
    """Say why a file wasn't taken, by rows and reasons; never what stands in them."""
    rows = [{"at": each.at, "why": each.code, "zh": each.zh} for each in error.problems]
    texts = {"zh": error.text("zh"), "en": error.text("en")}
    return {**_report(error.code, at), **texts, "rows": rows[:ROWS_TOLD]}
