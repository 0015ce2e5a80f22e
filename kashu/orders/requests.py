"""Requests: the same idempotency key and body have one effect and one answer, for 30 days."""

from collections.abc import Sequence
from dataclasses import dataclass

from kashu.core.db import Tx
from kashu.core.sql import Statement


@dataclass(frozen=True, slots=True)
class Remembered:
    """A request that took effect, and the answer it got, without any card's secret."""

    caller: str
    key: str
    body_hash: bytes
    answer: bytes


@dataclass(frozen=True, slots=True)
class _Written:
    """The statement returns no rows."""


_remembered = Statement(__file__, "requests_remembered.sql", Remembered)
_remember = Statement(__file__, "requests_remember.sql", _Written)


async def remembered(
    tx: Tx, tenant_id: int, names: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Remembered]:
    """Those of the requests (caller, key) that took effect before."""
    rows = await _remembered(
        tx,
        tenant=tenant_id,
        callers=[caller for caller, _ in names],
        keys=[key for _, key in names],
    )
    return {(row.caller, row.key): row for row in rows}


async def remember(tx: Tx, tenant_id: int, requests: Sequence[Remembered]) -> None:
    """Write down requests beside their effects, last of all in their transaction.

    Raises: AlreadyThere when another process was first with one of them; nothing happens then,
    and who asks again finds its answer.
    Locks: the keys, in order.
    """
    if not requests:
        return
    ordered = sorted(requests, key=lambda request: (request.caller, request.key))
    await _remember(
        tx,
        tenant=tenant_id,
        callers=[request.caller for request in ordered],
        keys=[request.key for request in ordered],
        hashes=[request.body_hash for request in ordered],
        answers=[request.answer for request in ordered],
    )
