"""Buying: which lines are to be bought for, written with the line, forgotten when it is filled."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, insert, select, update

from kashu.core.db import Tx
from kashu.core.jobs import wake
from kashu.core.secrets import Keyring, Secret
from kashu.core.sql import Statement
from kashu.orders.account_rule import AccountRule, Looks, mask_account, typed_account
from kashu.orders.order import NewLine
from kashu.orders.tables import BuyingState, buying
from kashu.purchases.cancel import cancel_for
from kashu.suppliers.kinds import Goods

TO_BUY: Final = "orders.to_buy"  # called out when something is to be bought for a line


@dataclass(frozen=True, slots=True)
class Bought:
    """How far buying for a line has come, as people may see it."""

    line_id: UUID
    goods: Goods
    state: BuyingState
    said: str
    purchase_id: UUID | None
    masked_account: str
    receipt: str
    sealed_account: bytes | None = field(repr=False)
    key_version: int | None


@dataclass(frozen=True, slots=True)
class _Stopped:
    line_id: UUID


_stop = Statement(__file__, "buying_stop.sql", _Stopped)


async def note_to_buy(
    tx: Tx, tenant_id: int, lines: Sequence[NewLine], keyring: Keyring | None
) -> None:
    """Write down what is to be bought for new lines that wait; the worker does it at once."""
    if not lines:
        return
    rows = [
        {
            "tenant_id": tenant_id,
            "line_id": line.id,
            "sku_id": line.sku_id,
            "goods": line.buys,
            **_sealed(line, keyring),
        }
        for line in lines
    ]
    await tx.execute(insert(buying), rows)
    await wake(tx, tenant_id, TO_BUY)


def _sealed(line: NewLine, keyring: Keyring | None) -> dict[str, object]:
    if line.account is None:
        return {"sealed_account": None, "key_version": None, "masked_account": ""}
    assert keyring is not None, "accounts are sealed"
    return sealed_for(line.id, line.sku_id, line.account, keyring)


def sealed_for(line_id: UUID, sku_id: UUID, account: Secret, keyring: Keyring) -> dict[str, object]:
    """What is kept of an account: sealed for its line, and a mask of it."""
    return {
        "sealed_account": keyring.seal(account.clear, kind=sku_id, owner=line_id),
        "key_version": keyring.version,
        "masked_account": mask_account(account.clear),
    }


def open_account(keyring: Keyring, sku_id: UUID, bought: Bought) -> Secret:
    """Open what is topped up, for whoever tops it up. Raises: SealBroken."""
    assert bought.sealed_account is not None
    assert bought.key_version is not None
    sealed, version = bought.sealed_account, bought.key_version
    return keyring.open(sealed, version, kind=sku_id, owner=bought.line_id)


def checked_account(account_type: str, typed: str) -> str | None:
    """Read an account that somebody typed for a SKU of that type; None where it can't be one."""
    looks = {"phone": Looks.PHONE, "qq": Looks.QQ}.get(account_type)
    return typed_account(AccountRule(looks) if looks else None, typed)


async def stop_buying(tx: Tx, tenant_id: int, line_ids: Collection[UUID]) -> None:
    """Lines wait for nothing any more: nothing is ordered for them from now on.

    What is under way at a supplier goes on. Locks: the lines' purchases, under their SKUs' levels.
    """
    if not line_ids:
        return
    ended = await _stop(tx, tenant=tenant_id, lines=list(line_ids))
    lines = [each.line_id for each in ended]
    if lines:
        await cancel_for(tx, tenant_id, lines)


async def buying_of(tx: Tx, tenant_id: int, line_ids: Collection[UUID]) -> Mapping[UUID, Bought]:
    """How far buying has come, by line; lines that stock filled have none."""
    rows = await tx.execute(
        select(buying).where(buying.c.tenant_id == tenant_id, buying.c.line_id.in_(line_ids))
    )
    return {row.line_id: bought_row(row) for row in rows}


def bought_row(row: Any) -> Bought:  # noqa: ANN401 (a row of SQLAlchemy's)
    """Read a row."""
    return Bought(
        row.line_id,
        Goods(row.goods),
        BuyingState(row.state),
        row.said,
        row.purchase_id,
        row.masked_account,
        row.receipt,
        row.sealed_account,
        row.key_version,
    )


async def buy_again(tx: Tx, tenant_id: int, line_id: UUID) -> bool:
    """Have a purchase made once more for a line whose last one brought nothing."""
    changed = await tx.execute(
        update(buying)
        .where(buying.c.tenant_id == tenant_id, buying.c.line_id == line_id)
        .where(buying.c.state == BuyingState.BOUGHT)
        .values(state=BuyingState.DUE, said="", tries=0, next_at=func.now())
    )
    if changed.rowcount:
        await wake(tx, tenant_id, TO_BUY)
    return bool(changed.rowcount)
