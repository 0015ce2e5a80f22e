"""Nothing crosses a merchant: every call with another merchant's ids, from the document."""

import json
import re
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission, Role
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.entry.commands.serving import describe_api
from tests.api.calls import KeyClient, key_client, staff_client
from tests.api.snapshot import snapshot
from tests.api.world import APPROVED, REASONS, World, make_world, send_form
from tests.conftest import Tenant, make_tenant

SOON: Final = "2099-01-01T00:00:00Z"
REFUSED: Final = {403, 404, 409, 422}

# What may be wrong all the same: what a SKU lacks, and an address of our own network.
WRONG: Final = {"sku_wrong", "address_forbidden"}
# What a thing of one's own has none of.
LACKING: Final = {"no_account"}
# What somebody else has to do, who didn't ask for it.
NEEDS_ANOTHER: Final = "_needs_another"  # how such codes end
# What no key may do, whatever it names; and how that is refused.
OF_STAFF: Final = "changeView", "removeView", "removeStaffSecondFactor"
OF_ONESELF: Final = {"endMySession", "renamePasskey", "removePasskey"}  # by no owner: test_me.py
OF_PEOPLE: Final = dict.fromkeys((*OF_ONESELF, *OF_STAFF), "only_for_people")
ONLY_PEOPLE: Final = OF_PEOPLE | APPROVED
# What asks a supplier's system, where nobody answers.
CALLS_OUT: Final = {"refreshOffer", "askSupplierOrder", "readSupplierBalance"}
NOWHERE: Final = "http://127.0.0.1:9"

RENAMED: Final = ("changeStore", "changeCustomer", "changeSupplier", "changeView", "renamePasskey")
# A body that would be right for each call whose path names a thing. {…} is somebody's thing.
BODIES: Final[dict[str, Any]] = {
    "replayFailedDeliveries": {"since": "2026-01-01T00:00:00Z"},
    "changeStaff": {"state": "disabled"},
    "changeSku": {"name_zh": "改名"},
    **{name: {"name": "改名"} for name in (*RENAMED, "changeWebhook")},
    **{name: {"low": 1, "enough": 5} for name in ("setLevels", "setWarehouseLevels")},
    "extendReservation": {"until_at": SOON},
    "releaseReservation": {"reason": "over"},
    "postStocktake": {"reason": "counted"},
    "refundOrder": {"refund_id": "R1"},
    "revealOrder": {"reason": "asks", "recipient": "me"},
    "saveStrategy": {"name": "策略", "steps": [{"prefer": "lowest_cost"}]},
    "assignStrategy": {},
    "unassignStrategy": {},
    "connectStore": {"app_key": "app", "app_secret": "another secret", "base_url": NOWHERE},
    "authorizeStore": {"redirect": "https://kashu.test/back", "state": "s1"},
    "grantStore": {"access_token": "a token", "shop_id": "88"},
    "setMode": {"mode": "stopped"},
    "changeListing": {"units": 2},
    "changePublishing": {"buffer": 1},
    "mapManyListings": {"listings": [{"listing_id": str(uuid4()), "sku": "mgtv-month"}]},
    "setAccountRule": {"looks": "phone"},
    "enterAccount": {"account": "13800000000"},
    "giveShopOrderUp": {"why": "out_of_stock"},
    "bookShopRefund": {"lines": [{"line": 1, "quantity": 1, "amount": "1.00"}]},
    "dismissShopRefund": {"reason": "nothing went back"},
    "setRate": {"rate": "7.10"},
    "mapOffer": {"sku": "mgtv-month", "units": 1},
    "refuseOffer": {"price": None},
    "releaseOffer": {"price": None},
    "correctLineAccount": {"account": "13800000000"},
    **{name: {} for name in ("removePasskey", "removeStaffSecondFactor")},
    "setAgent": {"credit_max": "200.00"},
    "setAgentPrices": {"prices": [{"sku": "mgtv-month", "unit_price": "14.00"}]},
    "askForWalletMove": {"kind": "deposit", "amount": "1", "method": "bank", "reference": "B2"},
    "makeLogin": {"dialect": "dujiao_next", "name": "分站"},
    "resolveFinding": {"kind": "explained", "reason": "theirs"},
    "changePurchase": {"quantity": 2},
    **REASONS,
    "submitPurchase": {"confirm": True},
    "wantReorder": {"draft": True},
    "confirmBought": {"cards": [{"number": "MG92", "password": "p2"}]},
    "confirmNotBought": {"reason": "they say so", "evidence": "a letter"},
    "openBreaker": {"until": (now() + timedelta(hours=1)).isoformat()},
    "connectSupplier": {"protocol": "fulu", "account": "us", "secret": "another secret"},
    "addSupplierContact": {"role": "sales", "name": "Wang"},
    "freezeSupplier": {"reason": "bad"},
    "unfreezeSupplier": {"reason": "good"},
    "changeSupplierLimits": {"balance_low": "20"},
    "changeSupplierTerms": {"fee_ppm": 10},
    "setParts": {"parts": [{"sku": "mgtv-quarter", "units": 1}]},
}
# Likewise, of calls that take a form; `file` is one.
FORMS: Final[dict[str, dict[str, str]]] = {
    "mapListings": {"file": "商品ID,规格编码\n1001,mgtv-month\n"},
    "compareWithOldWay": {"file": "订单号,时间\nA1,2026-11-20 10:00:00\n"},
    "payMovement": {"reference": "A1"},
    "receiveCards": {"text": "MG91,p1\n"},
    "importOffers": {"pasted": "芒果TV会员周卡\t5.5\n"},
    "addPaper": {"kind": "contract", "name": "合同", "file": "%PDF-1.7"},
}
# A code names something of one's own: saving under another's code makes one's own.
MAKES_ONES_OWN: Final = {"saveStrategy", "setRate"}
# Lists of what hangs on a thing: of another's thing there is nothing.
EMPTY_OF_ANOTHERS: Final = {"listHolders"}

# Bodies that name another's things, each in one place, and are right but for that.
NAMING: Final[tuple[tuple[str, str, Any], ...]] = (
    ("POST", "/v1/stock/cards/reveal", {"card_ids": ["{card_id}"], "reason": "asks"}),
    ("POST", "/v1/stock/cards/quarantine", {"card_ids": ["{card_id}"], "reason": "bad"}),
    ("POST", "/v1/stock/cards/quarantine", {"lot_ids": ["{lot_id}"], "reason": "bad"}),
    ("POST", "/v1/stock/cards/void", {"card_ids": ["{card_id}"], "reason": "bad"}),
    ("POST", "/v1/stock/cards/void", {"lot_ids": ["{lot_id}"], "reason": "bad"}),
    (
        "POST",
        "/v1/stock/cards/return",
        {"lot_ids": ["{lot_id}"], "against": "payable", "reason": "bad"},
    ),
    ("POST", "/v1/stock/freeze", {"lot_ids": ["{lot_id}"], "reason": "bad"}),
    ("POST", "/v1/stock/unfreeze", {"lot_ids": ["{lot_id}"], "reason": "good"}),
    (
        "POST",
        "/v1/stock/transfers",
        {"lot_id": "{lot_id}", "to_warehouse": "main", "count": 1, "reason": "move"},
    ),
    ("POST", "/v1/keys", {"name": "k", "scopes": ["orders.read"], "store_id": "{store_id}"}),
    ("POST", "/v1/keys", {"name": "k", "scopes": ["orders.read"], "customer_id": "{customer_id}"}),
    (
        "PUT",
        "/v1/strategies/mine",
        {"name": "策略", "steps": [{"keep": "suppliers", "ids": ["{supplier_id}"]}]},
    ),
    (
        "PUT",
        "/v1/strategies/mine",
        {"name": "策略", "steps": [{"prefer": "warehouses_in_order", "ids": ["{warehouse_id}"]}]},
    ),
    (
        "POST",
        "/v1/orders",
        {
            "orders": [
                {
                    "external_id": "A1",
                    "lines": [
                        {
                            "sku": "mgtv-month",
                            "quantity": 1,
                            "price": "1.00",
                            "reservation_id": "{reservation_id}",
                        }
                    ],
                }
            ]
        },
    ),
)
# Questions about another's things, which are answered: nothing.
ASKING: Final[tuple[tuple[str, str, Any], ...]] = (
    ("POST", "/v1/stock/cards/search", {"lot_id": "{lot_id}"}),
    ("POST", "/v1/stock/cards/search", {"line_id": "{line_id}"}),
    ("POST", "/v1/stock/cards/search", {"value": "MG01"}),
    ("GET", "/v1/stock/lots?sku_id={sku_id}", None),
    ("GET", "/v1/stock/lots?warehouse_id={warehouse_id}", None),
    ("GET", "/v1/stock/lots?supplier_id={supplier_id}", None),
    ("GET", "/v1/stock/lots?before={lot_id}&limit=1", None),
    ("GET", "/v1/stock/holders?supplier_id={supplier_id}", None),
    ("GET", "/v1/stock/levels?sku_id={sku_id}", None),
    ("GET", "/v1/stocktakes?sku_id={sku_id}", None),
    ("GET", "/v1/stocktakes?warehouse_id={warehouse_id}", None),
    ("GET", "/v1/stocktakes?before={stocktake_id}&limit=1", None),
    ("GET", "/v1/transfers?subject={order_id}", None),
    ("GET", "/v1/orders?before={order_id}", None),
    ("GET", "/v1/imports?before={import_id}&limit=1", None),
    ("GET", "/v1/reservations?before={reservation_id}&limit=1", None),
    ("GET", "/v1/purchases?before={purchase_id}&limit=1", None),
    ("GET", "/v1/statements?before={statement_id}&limit=1", None),
    ("GET", "/v1/prepaid/movements?before={movement_id}&limit=1", None),
)


def operations() -> dict[str, tuple[str, str]]:
    document = json.loads(describe_api())
    return {
        operation["operationId"]: (method.upper(), path)
        for path, found in document["paths"].items()
        for method, operation in found.items()
        if "{" in path
    }


OPERATIONS: Final = operations()


@pytest.fixture
async def theirs(app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant) -> World:
    """A merchant who has one of everything."""
    return await make_world(app, database, keyrings, tenant)


@pytest.fixture
async def rival(
    app: Litestar, database: Database, keyrings: Keyrings, other_tenant: Tenant, theirs: World
) -> World:
    """Another one, who has the same: codes are alike, ids aren't."""
    assert theirs.tenant.id != other_tenant.id
    return await make_world(app, database, keyrings, other_tenant)


@pytest.fixture
async def stranger(
    app: Litestar, database: Database, keyrings: Keyrings, theirs: World
) -> KeyClient:
    """A program of a merchant who has nothing, which may do everything there."""
    nobody = await make_tenant(database, "nobody")
    assert theirs.tenant.id != nobody.id
    return await key_client(app, database, keyrings, nobody.id, *Permission)


def leaked(text: str, world: World, but: str = "") -> set[str]:
    """Which of somebody's ids are in a text."""
    ids = {value for name, value in world.things.items() if name.endswith("_id")}
    return {one for one in ids if one in text and one not in but}


def at(path: str, world: World) -> str:
    """A path with somebody's things in it."""
    full = re.sub(r"\{(\w+)\}", lambda found: str(world.of(found[1], path)), path)
    full += "?on=" + world.things["on"] if full.endswith("/balance-letter") else ""
    assert "None" not in full
    return full


def filled(wanted: object, world: World) -> Any:  # noqa: ANN401  (any JSON)
    """Put somebody's things where {…} stands."""
    written = re.sub(r"\{(\w+)\}", lambda found: world.things[found[1]], json.dumps(wanted))
    return json.loads(written)


async def ask(client: KeyClient, name: str, method: str, path: str) -> httpx.Response:
    """Call with what would be right for it."""
    if name not in FORMS:
        return await client.call(method, path, BODIES.get(name))
    form = dict(FORMS[name])
    file = form.pop("file", None)
    assert method == "POST"
    return await send_form(client, path, form, None if file is None else file.encode())


async def test_a_thing_of_another_merchant_is_not_there(stranger: KeyClient, theirs: World) -> None:
    before = await snapshot(theirs.database, theirs.tenant.id)
    seen: dict[str, object] = {}  # where it wasn't as it must be
    for name in sorted(OPERATIONS, key=MAKES_ONES_OWN.__contains__):  # those last
        method, path = OPERATIONS[name]
        full = at(path, theirs)
        answer = await ask(stranger, name, method, full)
        assert not leaked(answer.text, theirs, but=full), name
        if name in ONLY_PEOPLE:
            right = answer.status_code == 403 and answer.json()["code"] == ONLY_PEOPLE[name]
        elif name in MAKES_ONES_OWN:
            right = answer.status_code == 200
        elif name in EMPTY_OF_ANOTHERS:
            right = answer.json() == {"holders": [], "next_after": None}
        else:
            right = answer.status_code == 404 and answer.json()["code"] != "no_such_path"
        if not right:
            seen[name] = answer.status_code, answer.text
    assert seen == {}
    assert await snapshot(theirs.database, theirs.tenant.id) == before


async def test_the_same_calls_find_ones_own_things(theirs: World) -> None:
    """Or the test above would be content with calls that nobody could make."""
    seen: dict[str, object] = {}  # where it wasn't found
    for name, (method, path) in sorted(OPERATIONS.items(), key=lambda each: each[1][0] == "DELETE"):
        if name in ONLY_PEOPLE:
            continue
        answer = await ask(theirs.program, name, method, at(path, theirs))
        if not found_it(name, answer):
            seen[name] = answer.status_code, answer.text
    assert seen == {}


async def test_an_id_of_another_is_not_there_even_for_who_has_the_same_codes(
    rival: World, theirs: World
) -> None:
    """Whatever else a call names is there, so that only the id can be what is missing."""
    before = [await snapshot(rival.database, world.tenant.id) for world in (rival, theirs)]
    seen: dict[str, object] = {}  # where it wasn't as it must be
    for name, (method, path) in OPERATIONS.items():
        if name in ONLY_PEOPLE.keys() | EMPTY_OF_ANOTHERS or "_id}" not in path:
            continue
        full = at(path, theirs)
        answer = await ask(rival.program, name, method, full)
        assert not leaked(answer.text, theirs, but=full), name
        if answer.status_code != 404 or answer.json()["code"] == "no_such_path":
            seen[name] = answer.status_code, answer.text
    assert seen == {}
    after = [await snapshot(rival.database, world.tenant.id) for world in (rival, theirs)]
    assert after == before


async def test_what_only_people_may_do_finds_ones_own_things_and_no_others(
    app: Litestar, database: Database, theirs: World
) -> None:
    nobody = await make_tenant(database, "nobody")
    stranger = await staff_client(app, database, nobody.id, Role.OWNER)
    owner = await staff_client(app, database, theirs.tenant.id, Role.OWNER)
    before = await snapshot(theirs.database, theirs.tenant.id)
    for name in ONLY_PEOPLE:
        method, path = OPERATIONS[name]
        answer = await stranger.request(method, at(path, theirs), json=BODIES.get(name))
        assert answer.status_code == 404, (name, answer.text)
        assert answer.json()["code"] != "no_such_path", name
        assert not leaked(answer.text, theirs, but=at(path, theirs)), name
    assert await snapshot(theirs.database, theirs.tenant.id) == before
    for name in sorted(ONLY_PEOPLE.keys() - OF_ONESELF):  # removed last
        method, path = OPERATIONS[name]
        answer = await owner.request(method, at(path, theirs), json=BODIES.get(name))
        assert found_it(name, answer), (name, answer.text)


def found_it(name: str, answer: httpx.Response) -> bool:
    """Whether a thing was there, whatever its state permits."""
    match answer.status_code:
        case 200 | 201 | 204 | 409:
            return True
        case 403:
            return bool(answer.json()["code"].endswith(NEEDS_ANOTHER))
        case 404:
            return answer.json()["code"] in LACKING
        case 422:
            return answer.json()["code"] in WRONG
        case status:
            return status == 502 and name in CALLS_OUT


async def test_a_body_that_names_anothers_thing_is_refused(rival: World, theirs: World) -> None:
    before = [await snapshot(rival.database, world.tenant.id) for world in (rival, theirs)]
    for method, path, body in NAMING:
        wanted = filled(body, theirs)
        answer = await rival.program.call(method, path, wanted, **{"Idempotency-Key": uuid4().hex})
        assert answer.status_code in REFUSED, (path, answer.text)
        assert answer.json()["code"] != "fields_wrong", answer.text
        assert not leaked(answer.text, theirs, but=json.dumps(wanted))
    after = [await snapshot(rival.database, world.tenant.id) for world in (rival, theirs)]
    assert after == before


async def test_the_same_bodies_find_ones_own_things(theirs: World) -> None:
    for method, path, body in NAMING:
        key = {"Idempotency-Key": uuid4().hex}
        answer = await theirs.program.call(method, path, filled(body, theirs), **key)
        # A card is sold once and void once; what they find is another state, never nothing.
        assert answer.status_code in {200, 201, 204, 409} or (
            answer.json()["code"] == "transfer_nowhere"
        ), (path, answer.text)


async def test_freezing_anothers_supplier_freezes_nothing(rival: World, theirs: World) -> None:
    before = [await snapshot(rival.database, world.tenant.id) for world in (rival, theirs)]
    body = {"supplier_id": theirs.things["supplier_id"], "reason": "bad"}
    answer = await rival.program.call("POST", "/v1/stock/freeze", body)
    assert answer.status_code == 404 or answer.json() == {"lot_ids": [], "units": 0}
    assert [await snapshot(rival.database, world.tenant.id) for world in (rival, theirs)] == before


async def test_mapping_anothers_offer_maps_nothing(rival: World, theirs: World) -> None:
    before = await snapshot(theirs.database, theirs.tenant.id)
    mapping = {"offer_id": theirs.things["offer_id"], "sku": "mgtv-month"}
    answer = await rival.program.call("POST", "/v1/offers/map", {"mappings": [mapping]})
    assert [each["outcome"] for each in answer.json()] == ["unknown"]
    assert await snapshot(theirs.database, theirs.tenant.id) == before


async def test_a_question_about_anothers_things_finds_nothing(
    stranger: KeyClient, theirs: World
) -> None:
    for method, path, body in ASKING:
        asked = filled({"path": path, "body": body}, theirs)
        answer = await stranger.call(method, asked["path"], asked["body"])
        assert answer.status_code == 200, answer.text
        assert not leaked(answer.text, theirs, but=json.dumps(asked))
        [found] = [value for value in answer.json().values() if isinstance(value, list)]
        assert found == [], path


async def test_an_import_of_another_is_not_left_out_of_the_history(
    stranger: KeyClient, rival: World, theirs: World
) -> None:
    """Rejects may leave out one's own import; naming another's tells nothing of it."""
    form = {"sku": "mgtv-month", "warehouse": "main", "supplier": "fulu", "unit_cost": "1.00"}
    named = form | {"text": "MG01,p1", "import_id": theirs.things["import_id"]}
    answer = await send_form(rival.program, "/v1/imports/rejects", named)
    assert not leaked(answer.text, theirs)
    refused = await send_form(stranger, "/v1/imports", form | {"text": "MG01,p1"})
    assert refused.status_code == 404
