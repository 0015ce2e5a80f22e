"""Fill in what a supplier asks for before it tops something up: each has its own key for it.

Of what was sent only the supplier's key for the account is kept, written before anything leaves.
With the purchase's sealed inputs, which never change, it tells what was sent whenever it is asked
for: the account itself stays in one place, where it is sealed anew and erased.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy import update

from kashu.core.errors import KashuError, Refused, Unavailable
from kashu.core.incidents import log_incident
from kashu.purchases.buyer import Buyer
from kashu.purchases.inputs import ACCOUNT
from kashu.purchases.reads import Attempt
from kashu.purchases.tables import attempts
from kashu.suppliers.errors import AccountRefused, InputMissing, SupplierDown
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import Can, Input, Link, Order, Upstream

QUESTION_S: Final = 10.0  # for an answer before ordering: the attempt's lease goes on

_Answer = TypeVar("_Answer")


async def fill_inputs(
    buyer: Buyer, attempt: Attempt, upstream: Upstream, link: Link, order: Order
) -> Order:
    """Say a top-up's order in the supplier's own keys, having looked that it can be made.

    Without a way to read them our own key is the supplier's. Raises: InputMissing, AccountRefused,
    SupplierDown, or what reading refused; nothing was ordered.
    """
    filled = await _filled(buyer, attempt, upstream, link, order)
    account = order.inputs.get(ACCOUNT)
    if order.goods is not Goods.TOPUP or account is None or Can.CHECK_ACCOUNT not in upstream.can:
        return filled
    check = await _answer(attempt, upstream.check_account(link, order.ref, account))
    if not check.ok:  # what they say of it may hold the account: it isn't told on
        raise AccountRefused(supplier=attempt.supplier_id)
    return filled


async def as_sent(
    buyer: Buyer, attempt: Attempt, upstream: Upstream, link: Link, order: Order
) -> Order:
    """Say an order that is asked about as it was sent.

    One without a key never left; asking may send it where it is the first, so it is filled in.
    """
    return await _filled(buyer, attempt, upstream, link, order)


def under_their_key(inputs: Mapping[str, str], key: str | None) -> dict[str, str]:
    """Put our account under a supplier's key; None: it isn't known, or it is ours."""
    return {(key or name) if name == ACCOUNT else name: told for name, told in inputs.items()}


async def _filled(
    buyer: Buyer, attempt: Attempt, upstream: Upstream, link: Link, order: Order
) -> Order:
    unknown = attempt.account_key is None and ACCOUNT in order.inputs
    if order.goods is not Goods.TOPUP or not unknown or Can.READ_INPUTS not in upstream.can:
        return order
    asked = await _answer(attempt, upstream.inputs(link, order.ref))
    key = _account_key(attempt.supplier_id, asked)
    inputs = under_their_key(order.inputs, key)
    missing = [each.title for each in asked if each.required and not inputs.get(each.key)]
    if missing:
        raise InputMissing(supplier=attempt.supplier_id, said="、".join(missing))
    await _keep(buyer, attempt, key)
    return replace(order, inputs=inputs)


def _account_key(supplier_id: UUID, asked: Sequence[Input]) -> str:
    """Their key for the account. A product that asks for none would top up nobody's."""
    key = next((each.key for each in asked if each.is_account), None)
    if key is None:
        raise InputMissing(supplier=supplier_id, said=ACCOUNT)
    return key


async def _keep(buyer: Buyer, attempt: Attempt, key: str) -> None:
    """Write it down before anything leaves: without it nobody could say what was sent."""
    try:
        async with buyer.transaction() as tx:
            await tx.execute(
                update(attempts)
                .where(attempts.c.tenant_id == buyer.tenant_id, attempts.c.id == attempt.id)
                .values(account_key=key)
            )
    except KashuError as error:  # ours; nothing left
        raise SupplierDown(supplier=attempt.supplier_id, said=error.code) from error


async def _answer(attempt: Attempt, question: Awaitable[_Answer]) -> _Answer:
    """Ask something before an order. However that ends, nothing was ordered by it."""
    supplier = attempt.supplier_id
    try:
        async with asyncio.timeout(QUESTION_S):
            return await question
    except (Refused, Unavailable):
        raise
    except KashuError as error:  # no answer that can be read, or an address that may not be called
        raise SupplierDown(supplier=supplier, said=error.code) from error
    except TimeoutError as error:
        raise SupplierDown(supplier=supplier, said="deadline") from error
    except Exception as error:  # noqa: BLE001  (an adapter's bug, or their answer)
        log_incident(error, attempt=str(attempt.id))
        raise SupplierDown(supplier=supplier, said="incident") from None
