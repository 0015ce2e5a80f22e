"""HTTP of accounts to be topped up: where buyers write them, and what people do about them."""

from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.channels.ask import Outside
from kashu.channels.errors import UnknownListing
from kashu.channels.kinds import Step
from kashu.channels.shop_orders import KnownOrder, locked_order
from kashu.channels.topups import (
    account_rule_of,
    erase_account,
    set_account_rule,
    wants_account,
)
from kashu.core.db import Database
from kashu.core.events import Event, record
from kashu.delivery.asked_back import refuse_asked_back
from kashu.delivery.errors import AccountNotWanted, AccountWrong
from kashu.delivery.own_order import own_order
from kashu.delivery.read_accounts import keep_accounts, let_go_on, topup_rules
from kashu.delivery.topped_up import tell_topped_up
from kashu.orders.account_rule import ACCOUNT_MAX, AccountRule, check_rule, typed_account

Typed = Annotated[str, msgspec.Meta(min_length=1, max_length=2 * ACCOUNT_MAX)]


class EnteredAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be topped up: one account for all lines, or `lines`: one for each of them."""

    account: Typed | None = None
    lines: dict[str, Typed] = {}

    def __repr__(self) -> str:
        """Hide it."""
        return "EnteredAccount(•••)"


class AccountKept(msgspec.Struct, frozen=True):
    """What is kept now: masked, by the platform's line."""

    id: UUID
    step: Step
    said: str
    accounts: dict[str, str]


@get(
    "/v1/listings/{listing_id:uuid}/account-rule",
    operation_id="readAccountRule",
    guards=[requires(Permission.CATALOG_READ)],
    responses=problems(404),
)
async def get_rule(
    listing_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> AccountRule | None:
    """Say where buyers of a listing write the account to be topped up; null: nobody said."""
    async with database.transaction(caller.tenant_id) as tx:
        store_id, kept = await account_rule_of(tx, caller.tenant_id, listing_id)
    if caller.bound and caller.store_id != store_id:
        raise UnknownListing
    return None if kept is None else msgspec.convert(kept, AccountRule)


@put(
    "/v1/listings/{listing_id:uuid}/account-rule",
    operation_id="setAccountRule",
    guards=[requires(Permission.CATALOG_WRITE)],
    responses=problems(404),
)
async def put_rule(
    listing_id: FromPath[UUID],
    data: JSONBody[AccountRule],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> AccountRule:
    """Say where buyers of a listing write the account to be topped up, and what it looks like.

    Orders whose account couldn't be read are read anew. An account that isn't found exactly once
    is left to a person, never guessed. A pattern has characters, classes, counts and `|` only.
    """
    rule = check_rule(data)
    async with database.transaction(caller.tenant_id) as tx:
        await set_account_rule(
            tx, caller.tenant_id, caller.actor, listing_id, msgspec.to_builtins(rule)
        )
    return rule


@delete(
    "/v1/listings/{listing_id:uuid}/account-rule",
    operation_id="dropAccountRule",
    guards=[requires(Permission.CATALOG_WRITE)],
    status_code=204,
    responses=problems(404),
)
async def delete_rule(
    listing_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """Read no accounts from a listing's orders any more: people enter them."""
    async with database.transaction(caller.tenant_id) as tx:
        await set_account_rule(tx, caller.tenant_id, caller.actor, listing_id, None)


@put(
    "/v1/shop-orders/{known_id:uuid}/account",
    operation_id="enterAccount",
    guards=[requires(Permission.ORDERS_WRITE)],
    responses=problems(404, 409),
)
async def put_account(
    known_id: FromPath[UUID],
    data: JSONBody[EnteredAccount],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    outside: NamedDependency[Outside],
) -> AccountKept:
    """Enter what an order tops up, where it couldn't be read; it goes on to be topped up.

    It must look as the listing's rule says. It is kept sealed, and shown masked. Where none of its
    listings stands for a top-up any more, none is kept: the order is taken in.
    """
    async with database.transaction(caller.tenant_id) as tx:
        order = await own_order(tx, caller, known_id)
        if not wants_account(order):
            raise AccountNotWanted(order=order.number)
        await refuse_asked_back(tx, caller.tenant_id, order)
        rules = await topup_rules(tx, caller.tenant_id, order)
        if not rules:
            await let_go_on(tx, caller.tenant_id, order)
            return _kept(await locked_order(tx, caller.tenant_id, known_id))
        accounts = _entered(rules, data)
        await keep_accounts(tx, caller.tenant_id, order, accounts, outside.keyrings.masters)
        event = Event("shop_order.account_entered", order.id, {})
        await record(tx, caller.tenant_id, caller.actor, [event])
        return _kept(await locked_order(tx, caller.tenant_id, known_id))


@delete(
    "/v1/shop-orders/{known_id:uuid}/account",
    operation_id="eraseAccount",
    guards=[requires(Permission.ORDERS_WRITE)],
    status_code=200,
    responses=problems(404),
)
async def delete_account(
    known_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> AccountKept:
    """Erase what an order tops up, because its buyer asks for it. A person may enter it again."""
    async with database.transaction(caller.tenant_id) as tx:
        order = await own_order(tx, caller, known_id)
        await erase_account(tx, caller.tenant_id, caller.actor, order)
        return _kept(await locked_order(tx, caller.tenant_id, known_id))


@post(
    "/v1/shop-orders/{known_id:uuid}/topped-up",
    operation_id="tellToppedUp",
    guards=[requires(Permission.ORDERS_WRITE)],
    status_code=200,
    responses=problems(404, 409, 502),
)
async def post_topped_up(
    known_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    outside: NamedDependency[Outside],
) -> AccountKept:
    """Say that you have topped up what an order's buyer paid for: its platform is told, it is over.

    Nothing is booked: nothing of ours was given. Where the platform doesn't offer it to programs,
    mark it as shipped in its own console instead; it is over here then, too.
    """
    async with database.transaction(caller.tenant_id) as tx:
        await own_order(tx, caller, known_id)
    return _kept(await tell_topped_up(database, caller.tenant_id, caller.actor, known_id, outside))


def _entered(rules: Mapping[str, AccountRule | None], data: EnteredAccount) -> dict[str, str]:
    """Say what each line tops up, in its plain form. Raises: AccountWrong."""
    accounts = {}
    for line_id, rule in rules.items():
        account = typed_account(rule, data.lines.get(line_id) or data.account or "")
        if account is None:
            raise AccountWrong(line=line_id)
        accounts[line_id] = account
    if data.lines.keys() - rules.keys():
        raise AccountWrong(line=min(data.lines.keys() - rules.keys())[:64])
    return accounts


def _kept(order: KnownOrder) -> AccountKept:
    return AccountKept(order.id, order.step, order.said, dict(order.masked_accounts))


routes: Final = (get_rule, put_rule, delete_rule, put_account, delete_account, post_topped_up)
