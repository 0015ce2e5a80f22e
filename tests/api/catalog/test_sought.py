"""Forms look for things among many: by a part of their code or name, or by which they are."""

from typing import Any, Final
from uuid import UUID, uuid4

import httpx
import pytest

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.db import Database
from tests.api.calls import key_client, shared_app
from tests.conftest import Tenant

KINDS: Final = ("suppliers", "stores", "customers")


@pytest.fixture
async def three(owner: httpx.AsyncClient) -> dict[str, list[dict[str, Any]]]:
    """Three of each kind: by code `north-1`, `north-2` and `south`."""
    made: dict[str, list[dict[str, Any]]] = {}
    for kind in KINDS:
        for code, name in (
            ("north-1", "北方一号"),
            ("north-2", "北方二号"),
            ("south", "South Ltd"),
        ):
            body = {"code": code, "name": name}
            if kind == "stores":
                body["channel"] = "taobao"
            answer = await owner.post(f"/v1/{kind}", json=body)
            assert answer.is_success, answer.text
            made.setdefault(kind, []).append(answer.json())
    return made


async def codes(client: httpx.AsyncClient, kind: str, **query: Any) -> list[str]:  # noqa: ANN401
    answer = await client.get(f"/v1/{kind}", params=query)
    assert answer.status_code == 200, answer.text
    page = answer.json()
    found = [each["code"] for each in page[kind]]
    if page["next_after"] is None and "total" in page and "after" not in query:
        assert page["total"] == len(found)
    return found


@pytest.mark.parametrize("kind", KINDS)
async def test_a_part_of_a_code_or_name_finds_it(
    owner: httpx.AsyncClient, three: dict[str, list[dict[str, Any]]], kind: str
) -> None:
    assert await codes(owner, kind, q="北方") == ["north-1", "north-2"]
    assert await codes(owner, kind, q="SOUTH") == ["south"]
    assert await codes(owner, kind, q="ｓｏｕｔｈ　ｌｔｄ") == [
        "south"
    ]  # as some keyboards type it
    assert await codes(owner, kind, q="north", after="north-1") == ["north-2"]
    assert await codes(owner, kind, q="nobody") == []
    assert await codes(owner, kind, q=" ") == await codes(owner, kind)
    assert len(three[kind]) == 3


@pytest.mark.parametrize("kind", KINDS)
async def test_some_are_named_by_code_or_by_id(
    owner: httpx.AsyncClient, three: dict[str, list[dict[str, Any]]], kind: str
) -> None:
    south = three[kind][2]["id"]
    which = ["north-1", south, "nobody", str(uuid4()), "NOT A CODE"]
    assert await codes(owner, kind, which=which) == ["north-1", "south"]
    assert await codes(owner, kind, which=which, q="south") == ["south"]
    assert await codes(owner, kind, which="nobody") == []


async def test_skus_are_found_by_their_names_too(owner: httpx.AsyncClient) -> None:
    every = (await owner.get("/v1/skus", params={"limit": 500})).json()["skus"]
    months = [sku["code"] for sku in every if "mgtv-month" in sku["code"]]
    assert months
    assert await codes(owner, "skus", q="MGTV-month") == months
    [one] = [sku for sku in every if sku["code"] == "mgtv-month"]
    assert "mgtv-month" in await codes(owner, "skus", q=one["name_zh"])
    assert "mgtv-month" in await codes(owner, "skus", q=one["name_en"].lower())
    which = ["mgtv-month", every[0]["id"], "none"]
    assert await codes(owner, "skus", which=which) == sorted({"mgtv-month", every[0]["code"]})


async def test_skus_that_are_delivered_from_stock_are_told_from_others(
    owner: httpx.AsyncClient,
) -> None:
    every = (await owner.get("/v1/skus", params={"limit": 500})).json()["skus"]
    stocked = {sku["code"] for sku in every if sku["fulfilment"] in {"card", "link", "shared"}}
    assert set(await codes(owner, "skus", stocked=True, limit=500)) == stocked
    others = {sku["code"] for sku in every} - stocked
    assert set(await codes(owner, "skus", stocked=False, limit=500)) == others


@pytest.mark.parametrize("kind", ["skus", *KINDS])
async def test_what_is_too_long_to_be_looked_for_is_refused(
    owner: httpx.AsyncClient, kind: str
) -> None:
    assert (await owner.get(f"/v1/{kind}", params={"q": "x" * 101})).status_code == 422
    many = {"which": [f"c-{n}" for n in range(101)]}
    assert (await owner.get(f"/v1/{kind}", params=many)).status_code == 422


@pytest.mark.parametrize("kind", ["stores", "customers"])
async def test_who_is_bound_to_one_finds_no_other(
    database: Database,
    keyrings: Keyrings,
    tenant: Tenant,
    three: dict[str, list[dict[str, Any]]],
    kind: str,
) -> None:
    own, other = UUID(three[kind][0]["id"]), three[kind][1]["id"]
    bound = await key_client(
        shared_app(database, keyrings),
        database,
        keyrings,
        tenant.id,
        Permission.ORDERS_READ,
        **{"store_id" if kind == "stores" else "customer_id": own},
    )
    answer = await bound.call("GET", f"/v1/{kind}?which={own}&which={other}")
    assert [each["code"] for each in answer.json()[kind]] == ["north-1"]
    assert (await bound.call("GET", f"/v1/{kind}?q=south")).json()[kind] == []
