"""HTTP of listings: what is for sale on a platform, and who may say what it stands for."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission, Role
from kashu.core.db import Database
from tests.api.calls import key_client, problem, staff_client
from tests.api.selling import STORE, Stand, stand
from tests.conftest import Tenant
from tests.stock.builders import make_sku

LISTINGS = f"/v1/stores/{STORE}/listings"


@pytest.fixture
async def shop(database: Database, keyrings: Keyrings, tenant: Tenant) -> AsyncIterator[Stand]:
    async with stand(database, keyrings, tenant) as opened:
        yield opened


async def fetched(shop: Stand) -> list[dict[str, object]]:
    """Connect, offer three things, and read what we know of them."""
    await shop.connect()
    for _ in range(3):
        shop.street.month()
    assert (await shop.owner.post(f"{LISTINGS}/fetch")).status_code == 204
    found: list[dict[str, object]] = (await shop.owner.get(LISTINGS)).json()["listings"]
    return found


async def a_sku(shop: Stand) -> str:
    async with shop.database.transaction(shop.tenant.id) as tx:
        return str(await make_sku(tx, shop.tenant.id))


async def test_what_is_for_sale_is_fetched_and_mapped(shop: Stand) -> None:
    listings = await fetched(shop)
    assert len(listings) == 3
    first = listings[0]
    assert (first["sku_id"], first["units"], first["price"]) == (None, 1, "19.90")
    sku_id = await a_sku(shop)
    wanted = {"sku_id": sku_id, "units": 3, "confirms": False}
    answer = await shop.owner.patch(f"/v1/listings/{first['id']}", json=wanted)
    assert answer.status_code == 200, answer.text
    mapped = answer.json()
    assert (mapped["sku_name_zh"], mapped["can"]) == ("mgtv-month", ["map", "change"])
    named = {name: mapped[name] for name in ("sku", "sku_name_zh", "sku_name_en")}
    assert mapped == first | wanted | named
    unmapped = await shop.owner.get(LISTINGS, params={"mapped": False})
    assert [each["id"] for each in unmapped.json()["listings"]] == [
        each["id"] for each in listings[1:]
    ]
    assert (await shop.owner.post(f"{LISTINGS}/fetch")).status_code == 204
    again = (await shop.owner.get(LISTINGS, params={"mapped": True})).json()["listings"]
    assert [each["sku_id"] for each in again] == [sku_id]  # reading them anew unmaps nothing
    freed = await shop.owner.patch(f"/v1/listings/{first['id']}", json={"sku_id": None})
    assert freed.json()["sku_id"] is None


async def test_listings_come_page_by_page(shop: Stand) -> None:
    listings = await fetched(shop)
    first = (await shop.owner.get(LISTINGS, params={"limit": 2})).json()
    rest = (await shop.owner.get(LISTINGS, params={"after": first["next_after"]})).json()
    assert first["listings"] + rest["listings"] == listings
    assert rest["next_after"] is None


async def test_mapping_a_listing_lets_its_orders_go_on(shop: Stand) -> None:
    await shop.connect()
    await shop.owner.post(f"/v1/stores/{STORE}/connection/mode", json={"mode": "automatic"})
    sold = shop.street.shop.sell((shop.street.month(), 1))
    await shop.push(*shop.street.platform.push(shop.street.shop, sold))
    await shop.work()
    assert [step for _, step, _ in await shop.known()] == ["unmapped"]
    (listing,) = (await shop.owner.get(LISTINGS)).json()["listings"]  # known by its order
    await shop.owner.patch(f"/v1/listings/{listing['id']}", json={"sku_id": await a_sku(shop)})
    await shop.work()
    assert [step for _, step, _ in await shop.known()] == ["taken"]


@pytest.mark.parametrize(
    "body",
    [
        {"units": 0},
        {"units": 1_001},
        {"units": "2"},
        {"sku_id": "x"},
        {"sku_id": str(uuid4())},
        {"colour": "red"},
        {"sends_card": None},
    ],
)
async def test_a_mapping_that_can_not_be_changes_nothing(
    shop: Stand, body: dict[str, object]
) -> None:
    listings = await fetched(shop)
    answer = await shop.owner.patch(f"/v1/listings/{listings[0]['id']}", json=body)
    assert answer.status_code == 422, answer.text
    assert (await shop.owner.get(LISTINGS)).json()["listings"] == listings


async def test_a_sku_of_another_merchant_is_no_sku(shop: Stand, other_tenant: Tenant) -> None:
    listings = await fetched(shop)
    async with shop.database.transaction(other_tenant.id) as tx:
        theirs = str(await make_sku(tx, other_tenant.id))
    answer = await shop.owner.patch(f"/v1/listings/{listings[0]['id']}", json={"sku_id": theirs})
    problem(answer, 422, "unknown_listing_sku")
    assert (await shop.owner.get(LISTINGS)).json()["listings"] == listings


async def test_a_store_that_nobody_permitted_is_not_asked(shop: Stand) -> None:
    problem(await shop.owner.post(f"{LISTINGS}/fetch"), 409, "store_not_connected")
    await shop.owner.put(f"/v1/stores/{STORE}/connection", json=shop.body)
    problem(await shop.owner.post(f"{LISTINGS}/fetch"), 409, "store_not_granted")


async def test_listings_are_their_merchants_own(
    shop: Stand, keyrings: Keyrings, other_tenant: Tenant
) -> None:
    listings = await fetched(shop)
    patch = f"/v1/listings/{listings[0]['id']}"
    rival = await staff_client(shop.app, shop.database, other_tenant.id, Role.OWNER)
    problem(await rival.get(LISTINGS), 404, "unknown_store")
    problem(await rival.post(f"{LISTINGS}/fetch"), 404, "unknown_store")
    wanted = {"listings": [{"listing_id": listings[0]["id"], "sku": "any"}]}
    problem(await rival.post(f"{LISTINGS}/map", json=wanted), 404, "unknown_store")
    await rival.post("/v1/stores", json={"code": STORE, "name": "别家", "channel": "youzan"})
    [outcome] = (await rival.post(f"{LISTINGS}/map", json=wanted)).json()["outcomes"]
    assert outcome["problem"]["code"] == "unknown_listing"
    problem(await rival.patch(patch, json={"units": 2}), 404, "unknown_listing")
    finance = await staff_client(shop.app, shop.database, shop.tenant.id, Role.FINANCE)
    assert (await finance.get(LISTINGS)).status_code == 200
    problem(await finance.post(f"{LISTINGS}/fetch"), 403, "not_allowed")
    problem(await finance.patch(patch, json={"units": 2}), 403, "not_allowed")
    made = await shop.owner.post(
        "/v1/stores", json={"code": "own", "name": "直销", "channel": "direct"}
    )
    bound = await key_client(
        shop.app,
        shop.database,
        keyrings,
        shop.tenant.id,
        *Permission,
        store_id=UUID(made.json()["id"]),
    )
    problem(await bound.call("GET", LISTINGS), 404, "unknown_store")
    problem(await bound.call("PATCH", patch, {"units": 2}), 403, "key_is_bound")
    assert (await shop.owner.get(LISTINGS)).json()["listings"] == listings


async def test_listings_are_counted_and_found_by_what_is_written_on_them(shop: Stand) -> None:
    listings = await fetched(shop)
    page = (await shop.owner.get(LISTINGS, params={"limit": 1})).json()
    assert (page["total"], len(page["listings"])) == (3, 1)
    item = str(listings[1]["item_id"])
    found = (await shop.owner.get(LISTINGS, params={"q": item})).json()
    assert [each["item_id"] for each in found["listings"]] == [item]
    none = (await shop.owner.get(LISTINGS, params={"on_sale": False})).json()
    assert (none["total"], none["listings"]) == (0, [])


async def test_suggestions_are_confirmed_many_at_once_and_the_wrong_ones_told(shop: Stand) -> None:
    listings = await fetched(shop)
    async with shop.database.transaction(shop.tenant.id) as tx:
        await make_sku(tx, shop.tenant.id, code="mgtv-m")  # as the seller calls it there
        await make_sku(tx, shop.tenant.id, code="retired")
    await shop.owner.patch("/v1/skus/retired", json={"state": "retired"})
    suggested = (await shop.owner.get(LISTINGS, params={"suggest": True})).json()["listings"]
    [candidate] = suggested[0]["candidates"]
    assert (candidate["sku"], candidate["because"]) == ("mgtv-m", "merchant_code")
    wanted = [
        {"listing_id": listings[0]["id"], "sku": "mgtv-m", "units": 2},
        {"listing_id": listings[1]["id"], "sku": "retired"},
        {"listing_id": listings[2]["id"], "sku": "nothing"},
        {"listing_id": str(uuid4()), "sku": "mgtv-m"},
    ]
    answer = await shop.owner.post(f"{LISTINGS}/map", json={"listings": wanted})
    assert answer.status_code == 200, answer.text
    outcomes = answer.json()["outcomes"]
    assert answer.json()["done"] == 1
    assert [each["problem"] and each["problem"]["code"] for each in outcomes] == [
        None,
        "mapped_sku_retired",
        "unknown_listing_sku",
        "unknown_listing",
    ]
    after = (await shop.owner.get(LISTINGS)).json()["listings"]
    assert [(each["sku"], each["units"]) for each in after] == [("mgtv-m", 2), (None, 1), (None, 1)]


async def test_a_listing_tells_how_many_orders_wait_for_it(shop: Stand) -> None:
    await shop.connect()
    await shop.owner.post(f"/v1/stores/{STORE}/connection/mode", json={"mode": "automatic"})
    sold = shop.street.shop.sell((shop.street.month(), 1))
    await shop.push(*shop.street.platform.push(shop.street.shop, sold))
    await shop.work()
    [listing] = (await shop.owner.get(LISTINGS)).json()["listings"]
    assert listing["waiting"] == 1
    ops = await staff_client(shop.app, shop.database, shop.tenant.id, Role.OPS)
    async with shop.database.transaction(shop.tenant.id) as tx:
        await make_sku(tx, shop.tenant.id, code="good")
    body = {"listings": [{"listing_id": listing["id"], "sku": "good"}]}
    auditor = await staff_client(shop.app, shop.database, shop.tenant.id, Role.AUDITOR)
    problem(await auditor.post(f"{LISTINGS}/map", json=body), 403, "not_allowed")
    assert (await ops.post(f"{LISTINGS}/map", json=body)).json()["done"] == 1
    await shop.work()
    assert [step for _, step, _ in await shop.known()] == ["taken"]
    [listing] = (await auditor.get(LISTINGS)).json()["listings"]
    assert (listing["waiting"], listing["can"]) == (0, [])
