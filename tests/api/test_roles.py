"""Role × call equals what is declared, for every call of the document; and who sees secrets."""

import json
import re
from collections.abc import Collection, Iterator
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from kashu.access.guards import Requires, RequiresOneOf
from kashu.access.keyring import Keyrings
from kashu.access.permissions import BOUND_MAY, ROLE_PERMISSIONS, Permission, Role
from kashu.core.db import Database
from kashu.entry.commands.serving import describe_api
from kashu.entry.web import ROUTES, read_health
from tests.api.calls import client_of, key_client, staff_client
from tests.api.snapshot import snapshot
from tests.api.world import World, make_world
from tests.conftest import Tenant

DOCUMENT: Final = json.loads(describe_api())
PUBLIC: Final = {
    "signIn",
    "finishSignIn",
    "beginSecondFactorPasskey",
    "beginPasskeySignIn",
    "signInByPasskey",
    "acceptInvitation",
    "readHealth",
}
OWN_SESSION: Final = {  # whoever is signed in
    "signOut",
    "readMe",
    "changeMe",
    "changePassword",
    "savePreferences",
    "listMySessions",
    "endMySession",
    "signOutEverywhere",
    "readMySecondFactor",
    "beginAuthenticator",
    "confirmAuthenticator",
    "removeAuthenticator",
    "makeRecoveryCodes",
    "beginPasskey",
    "addPasskey",
    "renamePasskey",
    "removePasskey",
    "listViews",
    "saveView",
    "changeView",
    "removeView",
    "readLive",
}
IN_CLEAR: Final = {"acceptOrders", "revealOrder", "revealCards"}
TOLD_ONCE: Final = {  # other secrets than a card's, which their maker is told
    "invite": {"token"},
    "inviteAgain": {"token"},
    "makeKey": {"secret"},
    "makeLogin": {"secret", "app_secret"},
    "makeWebhook": {"secret"},
    "changeWebhookSecret": {"secret"},
    "signIn": {"csrf_token"},
    "finishSignIn": {"csrf_token"},
    "signInByPasskey": {"csrf_token"},
    "readMe": {"csrf_token"},
    "changeMe": {"csrf_token"},
    "changePassword": {"csrf_token"},
    "beginAuthenticator": {"secret"},
    "confirmAuthenticator": {"csrf_token"},
    "addPasskey": {"csrf_token"},
}
SECRET: Final = re.compile(r"(^|_)(number|password|url|secret|token|pin|sealed|hash)$")
CLEAR: Final = re.compile(r"\bC\d{11}\b|\bpw-|\bMG01\b")  # a card's number, or its password
NO_SECRETS: Final = {
    ("LineShown", "number"),  # of a line: 1, 2, …
    ("LineAnswer", "number"),
    ("TryShown", "number"),
    ("WebhookShown", "url"),  # where it leads
    ("CardShape", "number"),  # what a brand's cards look like
    ("CardShape", "password"),
    ("AttemptShown", "number"),  # of an order at a supplier, as we name it …
    ("AttemptShown", "their_number"),  # … and as they do
    ("CardsReceived", "number"),
    ("EntryShown", "order_number"),  # of an agent's own order
    ("LoginShown", "user_number"),  # by which an agent's system names itself
    ("ConnectionShown", "base_url"),  # of a sandbox
    ("AuthorizationShown", "url"),  # of a platform, where its seller signs in
    ("FindingShown", "listed_number"),  # of an order at a supplier, as its statement has it
    ("FindingShown", "our_number"),
    ("FindingShown", "their_number"),
    ("PaperShown", "paper_number"),  # of a licence
    ("PersonalShown", "number"),  # of an order
    ("ApprovalShown", "order_number"),
    ("OrderProfitShown", "order_number"),
    ("ShopOrderShown", "number"),  # of an order, as its platform names it
    ("ShopRefundShown", "number"),
    ("ShopRefundShown", "order_number"),
    ("SupplierConnectionShown", "base_url"),  # of a supplier's interface
    ("SupplierConnectionShown", "notice_url"),  # to be entered in the supplier's console
    ("SupplierConnectionShown", "secret"),  # always •••
    ("RedemptionShown", "url"),  # the page of a brand where cards are redeemed
}


def operations() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Method, path and description of every call, by its name."""
    return {
        operation["operationId"]: (method.upper(), path, operation)
        for path, operations in DOCUMENT["paths"].items()
        for method, operation in operations.items()
    }


OPERATIONS: Final = operations()
HANDLERS: Final[dict[str, HTTPRouteHandler]] = {
    str(handler.operation_id): handler
    for handler in (*ROUTES, read_health)
    if handler.include_in_schema is not False
}
HIDDEN: Final = {handler.operation_id for handler in ROUTES} - HANDLERS.keys()


def asked_by(name: str) -> list[frozenset[Permission]]:
    """What a call's guards ask for: one of each of these; nothing where it has none."""
    asked = []
    for guard in HANDLERS[name].guards or ():
        if isinstance(guard, Requires):
            asked.append(frozenset({guard.permission}))
        elif isinstance(guard, RequiresOneOf):
            asked.append(frozenset(guard.permissions))
    return asked


def permissions_of(name: str) -> frozenset[Permission]:
    """All permissions that a call's guards know."""
    return frozenset().union(*asked_by(name))


def lets_in(name: str, held: Collection[Permission]) -> bool:
    """Whether who holds these gets through a call's guards."""
    return all(not each.isdisjoint(held) for each in asked_by(name))


def test_every_call_has_a_guard_or_is_known_to_need_none() -> None:
    assert set(OPERATIONS) == set(HANDLERS)
    # For platforms, suppliers and agents' systems, whose signature is its guard.
    of_agents = {"takeUpstreamCall", "takeAgentCall"}
    assert {"takePush", "takeAsk", "takeNotice"} | of_agents == HIDDEN
    unguarded = {name for name in OPERATIONS if not permissions_of(name)}
    assert unguarded == PUBLIC | OWN_SESSION
    assert {name for name, handler in HANDLERS.items() if handler.opt.get("public")} == PUBLIC


def test_every_permission_guards_something_or_is_asked_for_in_a_call() -> None:
    guarding = {permission for name in OPERATIONS for permission in permissions_of(name)}
    assert set(Permission) == guarding


@pytest.fixture
async def world(app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant) -> World:
    return await make_world(app, database, keyrings, tenant)


def address(name: str) -> tuple[str, str]:
    """A call of things that aren't there: it gets no further than the door."""
    method, path, _ = OPERATIONS[name]
    return method, re.sub(
        r"\{(\w+)\}", lambda found: "1" if found[1] == "number" else str(uuid4()), path
    )


async def reached(client: httpx.AsyncClient, name: str) -> bool:
    """Call with nothing in hand, and tell whether the door let it through."""
    method, path = address(name)
    answer = await client.request(method, path, headers={"Idempotency-Key": "k"})
    if answer.status_code == 403:
        assert answer.json()["code"] == "not_allowed"
        assert answer.json()["facts"]["permission"] in permissions_of(name)
        return False
    assert answer.status_code not in {401, 500}, (name, answer.text)
    return True


@pytest.mark.parametrize("role", Role)
async def test_each_role_reaches_what_its_permissions_say(
    app: Litestar, world: World, role: Role
) -> None:
    client = await staff_client(app, world.database, world.tenant.id, role)
    before = await snapshot(world.database, world.tenant.id)
    for name in set(OPERATIONS) - PUBLIC - OWN_SESSION:
        assert await reached(client, name) == lets_in(name, ROLE_PERMISSIONS[role]), name
    assert await snapshot(world.database, world.tenant.id) == before


async def test_each_scope_reaches_what_it_says(
    app: Litestar, world: World, keyrings: Keyrings
) -> None:
    guarded = {name: asked_by(name) for name in OPERATIONS}
    one_of_each = {tuple(asked): name for name, asked in guarded.items() if asked}
    for scope in Permission:
        program = await key_client(app, world.database, keyrings, world.tenant.id, scope)
        own = {name for name, asked in guarded.items() if asked and lets_in(name, {scope})}
        for name in own | set(one_of_each.values()):
            method, path = address(name)
            answer = await program.call(method, path, **{"Idempotency-Key": "k"})
            # What only people may do is refused to a key under another code.
            kept_out = answer.status_code == 403 and answer.json()["code"] == "not_allowed"
            assert kept_out == (name not in own), (name, scope)


async def test_a_bound_key_reaches_its_own_orders_and_the_catalogue_only(
    app: Litestar, world: World, keyrings: Keyrings
) -> None:
    program = await key_client(
        app,
        world.database,
        keyrings,
        world.tenant.id,
        *Permission,
        customer_id=uuid_of(world, "customer_id"),
    )
    for name in OPERATIONS:
        if not asked_by(name):
            continue
        method, path = address(name)
        answer = await program.call(method, path, **{"Idempotency-Key": "k"})
        if not lets_in(name, BOUND_MAY):
            assert (answer.status_code, answer.json()["code"]) == (403, "key_is_bound"), name
        else:
            assert answer.status_code != 403, name


def uuid_of(world: World, name: str) -> UUID:
    return UUID(world.things[name])


def properties(schema: Any, within: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """Every property that an answer may have, with the schema that it is in."""
    if isinstance(schema, list):
        for part in schema:
            yield from properties(part, within)
    elif isinstance(schema, dict):
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            if name != within:
                yield from properties(DOCUMENT["components"]["schemas"][name], name)
        for name in schema.get("properties", {}):
            yield within, name
        for part in schema.values():
            if isinstance(part, dict | list):
                yield from properties(part, within)


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_answer_has_a_field_for_a_secret_but_those_that_tell_it(name: str) -> None:
    _, _, operation = OPERATIONS[name]
    told = [
        answer.get("content") for status, answer in operation["responses"].items() if status < "4"
    ]
    secret = {
        field
        for within, field in properties(told)
        if SECRET.search(field) and (within, field) not in NO_SECRETS
    }
    if name in IN_CLEAR:
        assert {"number", "password", "url"} <= secret
    else:
        assert secret == TOLD_ONCE.get(name, set())


async def test_what_is_read_never_has_a_card_in_clear(
    app: Litestar, world: World, keyrings: Keyrings
) -> None:
    """Whoever may do everything, but doesn't ask to be shown a card, is never shown one."""
    program = await key_client(app, world.database, keyrings, world.tenant.id, *Permission)
    await world.program.call(
        "POST",
        f"/v1/orders/{world.things['order_id']}/reveal",
        {"reason": "asks", "recipient": "buyer"},
    )
    read = 0
    for name, (method, path, operation) in OPERATIONS.items():
        if method != "GET":
            continue
        full = re.sub(r"\{(\w+)\}", lambda found: world.of(found[1], path) or "", path)  # noqa: B023
        asked = [one["name"] for one in operation.get("parameters", ()) if one["required"]]
        query = "&".join(f"{one}={world.of(one)}" for one in asked if f"{{{one}}}" not in path)
        answer = await program.call(method, f"{full}?{query}" if query else full)
        assert answer.status_code == 200, (name, answer.text)
        assert not CLEAR.search(answer.text), name
        read += 1
    found = await program.call("POST", "/v1/stock/cards/search", {"lot_id": world.things["lot_id"]})
    assert len(found.json()["cards"]) > 2
    assert not CLEAR.search(found.text)
    assert read > 25


async def test_nobody_unknown_reaches_anything(app: Litestar, world: World) -> None:
    before = await snapshot(world.database, world.tenant.id)
    nobody = client_of(app)
    for name in set(OPERATIONS) - PUBLIC:
        method, path = address(name)
        answer = await nobody.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), name
    assert await snapshot(world.database, world.tenant.id) == before
