"""Bring in: what is asked of a request for orders before it joins a batch."""

import hashlib
import re
from typing import Final

from kashu.access.actors import is_person
from kashu.access.caller import Caller
from kashu.access.permissions import Permission
from kashu.channels.reads import stores_by_id
from kashu.core.clock import now
from kashu.core.db import Database, Tx
from kashu.customers.reads import customers_by_id
from kashu.orders.bodies import OWN, OrdersBody, Own, too_many_units
from kashu.orders.errors import AnswerForPrograms, KeyBoundToNothing, KeyMissing, OrderWrong
from kashu.orders.intake import Intake
from kashu.orders.mistyped import check_typing
from kashu.orders.promises import check_reservations, name_reservations
from kashu.orders.write import Answered, Submission

KEY_PATTERN: Final = r"[\x21-\x7e]{1,128}"
_KEY: Final = re.compile(KEY_PATTERN, re.ASCII)


async def bring_in(
    intake: Intake, caller: Caller, key: str, content: bytes, body: OrdersBody
) -> Answered:
    """Take a request for orders and return its answer once it is committed.

    `key` names the request; `content` are the bytes that `body` was read from: the same key with
    others is another request.
    Raises: what checked() and Intake.submit() raise.
    """
    submission = await checked(intake, caller, key, content, body)
    return await intake.submit(caller.tenant_id, submission, caller.timezone)


async def checked(
    intake: Intake, caller: Caller, key: str, content: bytes, body: OrdersBody
) -> Submission:
    """See that a request for orders may join a batch, and return it as it joins one.

    Raises: KeyMissing, NotAllowed, AnswerForPrograms, OrderWrong, LooksMistyped, what
    check_reservations() raises.
    """
    if not _KEY.fullmatch(key):
        raise KeyMissing
    if body.deliver == "answer":
        caller.require(Permission.STOCK_REVEAL)
        if is_person(caller.actor):
            raise AnswerForPrograms
    if wrong := too_many_units(body.orders):
        raise OrderWrong(problems=wrong, count=len(wrong))
    if name_reservations(body.orders):
        async with intake.database.transaction(caller.tenant_id) as tx:
            await check_reservations(tx, caller.tenant_id, body.orders)
    if is_person(caller.actor) and not body.sure:
        async with intake.database.transaction(caller.tenant_id) as tx:
            await check_typing(tx, caller.tenant_id, body.orders, at=now())
    return Submission(
        caller.actor,
        key,
        hashlib.sha256(content).digest(),
        body,
        await _own(intake.database, caller),
    )


async def _own(database: Database, caller: Caller) -> Own:
    """Whose orders the caller brings in: a key may be bound to a store or a customer."""
    if not caller.bound:
        return OWN
    async with database.transaction(caller.tenant_id) as tx:
        return await _bound(tx, caller)


async def _bound(tx: Tx, caller: Caller) -> Own:
    own = OWN
    if caller.store_id is not None:
        store = (await stores_by_id(tx, caller.tenant_id, [caller.store_id])).get(caller.store_id)
        if store is None:
            raise KeyBoundToNothing
        own = Own(store.code, own.customer, bound_store=True)
    if caller.customer_id is not None:
        found = await customers_by_id(tx, caller.tenant_id, [caller.customer_id])
        customer = found.get(caller.customer_id)
        if customer is None:
            raise KeyBoundToNothing
        own = Own(own.store, customer.code, bound_store=own.bound_store, bound_customer=True)
    return own
