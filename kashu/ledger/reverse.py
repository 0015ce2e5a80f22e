"""Reverse: take transfers back by posting their mirror images. Nothing is ever changed."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.sql import Statement
from kashu.ledger.errors import UnknownTransfers
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post


@dataclass(frozen=True, slots=True)
class _Original:
    id: UUID
    debit_kind: str
    debit_owner_id: UUID | None
    credit_kind: str
    credit_owner_id: UUID | None
    amount_e4: int
    currency: str
    quantity: int
    subject_id: UUID
    sku_id: UUID | None
    store_id: UUID | None
    customer_id: UUID | None
    supplier_id: UUID | None


_originals = Statement(__file__, "reverse_originals.sql", _Original)


async def reverse(
    tx: Tx,
    tenant_id: int,
    actor: str,
    transfer_ids: Collection[UUID],
    reason: str,
    *,
    posted_on: date,
) -> dict[UUID, UUID]:
    """Post the mirror image of each transfer, on today's page of the books: the old one stays.

    A transfer is reversed once, which the database enforces; a reversal may itself be reversed.
    Returns the new transfer's id for each old one.
    Raises: UnknownTransfers, AlreadyReversed (in the statement's transaction, which is lost).
    """
    wanted = set(transfer_ids)
    found = await _originals(tx, tenant_id=tenant_id, ids=sorted(wanted))
    missing = wanted - {original.id for original in found}
    if missing:
        raise UnknownTransfers(ids=", ".join(map(str, sorted(missing)[:20])))
    by_currency: defaultdict[str, list[_Original]] = defaultdict(list)
    for original in found:
        by_currency[original.currency].append(original)
    made: dict[UUID, UUID] = {}
    for currency, originals in sorted(by_currency.items()):
        mirrors = [_mirror(original, reason) for original in originals]
        ids = await post(tx, tenant_id, mirrors, posted_on=posted_on, currency=currency)
        made.update(zip((original.id for original in originals), ids, strict=True))
    happened = [
        Event("transfer.reversed", old, {"reason": reason, "by": str(new)})
        for old, new in made.items()
    ]
    await record(tx, tenant_id, actor, happened)
    return made


def _mirror(original: _Original, reason: str) -> Transfer:
    return Transfer(
        debit=Account(AccountKind(original.credit_kind), original.credit_owner_id),
        credit=Account(AccountKind(original.debit_kind), original.debit_owner_id),
        amount_e4=original.amount_e4,
        quantity=-original.quantity,
        reason=reason,
        subject_id=original.subject_id,
        sku_id=original.sku_id,
        store_id=original.store_id,
        customer_id=original.customer_id,
        supplier_id=original.supplier_id,
        reverses_id=original.id,
    )
