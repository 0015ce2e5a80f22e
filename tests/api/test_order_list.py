"""HTTP of the list of orders: narrowed by one condition or several, in pages, sorted, as a file."""

import csv
import io
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from typing import Any, Final

import httpx
import pytest
from litestar import Litestar
from openpyxl import load_workbook

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Role
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from tests.api.calls import key_client, problem, staff_client
from tests.api.test_orders import SCOPES
from tests.conftest import Tenant
from tests.console.seeded import Seeded, make_seeded

TODAY: Final = day_of(now())
TOMORROW: Final = TODAY + timedelta(days=1)


def _part(condition: str) -> str:
    """What it is asked of: SKU, product and brand are all of one line."""
    name = condition.split("=", maxsplit=1)[0]
    return "line" if name in {"sku", "product", "brand"} else name


def _went_back(order: dict[str, Any]) -> bool:
    return any(line["refunded"] or float(line["refunded_amount"]) for line in order["lines"])


# Each condition, and what an order must be for it, told by its listed form.
CONDITIONS: Final[dict[str, Any]] = {
    "sku=iqiyi-week": lambda o: any(line["sku"] == "iqiyi-week" for line in o["lines"]),
    "product=mgtv-month": lambda o: any(line["sku"] == "mgtv-month" for line in o["lines"]),
    "brand=iqiyi-week": lambda o: any(line["sku"] == "iqiyi-week" for line in o["lines"]),
    "store=tb": lambda o: o["store"] == "tb",
    "customer=acme": lambda o: o["customer"] == "acme",
    "state=filled": lambda o: o["state"] == "filled",
    "state=partly_filled": lambda o: o["state"] == "partly_filled",
    "state=short": lambda o: o["state"] == "short",
    "state=refused": lambda o: o["state"] == "refused",
    "state=refunded": lambda o: o["state"] == "refunded",
    "source=platform": lambda o: o["source"] == "platform",
    "source=agent": lambda o: o["source"] == "agent",
    "source=direct": lambda o: o["source"] == "direct",
    "q=TB2026": lambda o: o["external_id"].startswith("TB2026"),
    "external_id=BACK-1": lambda o: o["external_id"] == "BACK-1",
    f"from={TODAY}": lambda _: True,
    f"from={TOMORROW}": lambda _: False,
    f"to={TODAY}": lambda _: True,
    f"to={TODAY - timedelta(days=1)}": lambda _: False,
    "amount_from=39.60": lambda o: float(o["total"]) >= 39.6,
    "amount_to=39.60": lambda o: float(o["total"]) <= 39.6,
    "cancelled=true": lambda o: o["cancelled"],
    "cancelled=false": lambda o: not o["cancelled"],
    "refunded=true": _went_back,
    "refunded=false": lambda o: not _went_back(o),
    "sku=nobody-has-this": lambda _: False,
    "store=nobody-has-this": lambda _: False,
    "customer=nobody-has-this": lambda _: False,
    "brand=nobody-has-this": lambda _: False,
}


@dataclass(frozen=True, slots=True)
class Desk:
    """A shop where orders of each kind were sold, and somebody who looks."""

    app: Litestar
    keyrings: Keyrings
    seeded: Seeded
    clerk: httpx.AsyncClient

    async def listed(self, query: str = "") -> dict[str, Any]:
        answer = await self.clerk.get(f"/v1/orders?{query}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def numbers(self, query: str = "") -> list[str]:
        return [each["external_id"] for each in (await self.listed(query))["orders"]]


@pytest.fixture
async def desk(app: Litestar, database: Database, keyrings: Keyrings, tenant: Tenant) -> Desk:
    seeded = await make_seeded(app, database, keyrings, tenant)
    for n in range(3):
        line = ("mgtv-month", n + 1, f"{19.8 * (n + 1):.2f}")
        await seeded.sell(f"TB2026{n:04d}", line, store="tb")
    await seeded.sell("BOTH-1", ("mgtv-month", 3, "54.00"), ("iqiyi-week", 2, "14.00"))
    await seeded.sell("ACME-1", ("mgtv-month", 1, "19.80"), customer="acme")
    await seeded.sell("PART-1", ("iqiyi-week", 14, "109.20"), store="pdd")
    await seeded.sell("SHORT-1", ("mgtv-month", 400, "7920.00"), store="pdd")
    await seeded.sell("FREE-1", ("mgtv-month", 1, "0.00"))
    back = await seeded.sell("BACK-1", ("mgtv-month", 2, "39.60"), store="tb")
    await seeded.refund(back, "R1")
    money = await seeded.sell("MONEY-1", ("mgtv-month", 1, "19.80"), store="tb")
    await seeded.refund(money, "R2", {"line": 1, "quantity": 0, "amount": "5.00"})
    gone = await seeded.sell("GONE-1", ("mgtv-month", 1, "19.80"))
    await seeded.ask("POST", f"/v1/orders/{gone}/cancel")
    agent = await _agent(seeded, app, keyrings)
    own = {"sku": "mgtv-month", "quantity": 1}
    body = {"orders": [{"external_id": "AGENT-1", "lines": [own]}], "deliver": "later"}
    answer = await agent.call("POST", "/v1/orders", body, **{"Idempotency-Key": "a"})
    assert answer.status_code == 200, answer.text
    clerk = await staff_client(app, database, tenant.id, Role.SERVICE)
    return Desk(app, keyrings, seeded, clerk)


async def _agent(seeded: Seeded, app: Litestar, keyrings: Keyrings) -> Any:  # noqa: ANN401
    """A customer that sells on what we have, and its key."""
    made = await seeded.ask("POST", "/v1/customers", {"code": "rose", "name": "玫瑰数卡"})
    await seeded.ask("PUT", "/v1/customers/rose/agent", {"credit_max": "100.00"})
    good = {"goods": [{"sku": "mgtv-month", "on_sale": True}]}
    await seeded.ask("PUT", "/v1/agent-goods", good)
    prices = {"prices": [{"sku": "mgtv-month", "unit_price": "16.00"}]}
    await seeded.ask("PUT", "/v1/customers/rose/prices", prices)
    return await key_client(
        app,
        seeded.database,
        keyrings,
        seeded.tenant.id,
        *SCOPES,
        customer_id=made["id"],
    )


async def test_each_condition_and_any_two_list_just_those_orders_and_count_them(
    desk: Desk,
) -> None:
    every = (await desk.listed("limit=100"))["orders"]
    assert len(every) == 12
    told = {each["state"] for each in every} | {each["source"] for each in every}
    assert told >= {"filled", "partly_filled", "short", "refunded", "direct", "agent"}
    pairs = combinations(CONDITIONS, 2)
    crossed = [pair for pair in pairs if len({_part(each) for each in pair}) == 2]
    for asked in [*((each,) for each in CONDITIONS), *crossed[::4]]:
        found = await desk.listed("&".join(asked) + "&limit=100")
        so = [each for each in every if all(CONDITIONS[name](each) for name in asked)]
        assert found["orders"] == so, asked
        assert (found["total"], found["more"], found["next_before"]) == (len(so), False, None)


@pytest.mark.parametrize(
    ("sort", "key"),
    [
        ("-accepted_at", lambda o: o["accepted_at"]),
        ("accepted_at", lambda o: o["accepted_at"]),
        ("-total", lambda o: float(o["total"])),
        ("total", lambda o: float(o["total"])),
    ],
)
async def test_pages_go_on_where_they_ended_while_orders_arrive(
    desk: Desk,
    sort: str,
    key: Any,  # noqa: ANN401
) -> None:
    before = await desk.numbers(f"sort={sort}&limit=100")
    seen: list[dict[str, Any]] = []
    place = ""
    for n in range(9):
        page = await desk.listed(f"sort={sort}&limit=3{place}")
        seen += page["orders"]
        if page["next_before"] is None:
            break
        place = f"&before={page['next_before']}"
        await desk.seeded.sell(f"NEW-{n}", ("mgtv-month", 1, "19.80"))  # as many others cost
    numbers = [each["external_id"] for each in seen]
    assert len(set(numbers)) == len(numbers)
    assert [each for each in numbers if not each.startswith("NEW")] == before
    keys = [key(each) for each in seen]
    assert keys == sorted(keys, reverse=sort.startswith("-"))


async def test_a_page_is_narrowed_and_sorted_alike(desk: Desk) -> None:
    first = await desk.listed("store=tb&sort=-total&limit=2")
    rest = await desk.listed(f"store=tb&sort=-total&limit=9&before={first['next_before']}")
    both = [each["external_id"] for each in (*first["orders"], *rest["orders"])]
    assert both == await desk.numbers("store=tb&sort=-total")
    assert (first["total"], rest["total"]) == (5, 5)
    rare = await desk.numbers("refunded=true&sort=-total")
    assert rare == ["BACK-1", "GONE-1", "MONEY-1"]  # the last two cost the same: the newer first


async def test_what_cant_be_asked_for_is_said(desk: Desk) -> None:
    for query, status in (
        ("state=lost", 422),
        ("sort=buyer", 422),
        ("limit=0", 422),
        ("limit=101", 422),
        ("before=x", 422),
        ("amount_from=much", 422),
        ("from=yesterday", 422),
    ):
        answer = await desk.clerk.get(f"/v1/orders?{query}")
        assert answer.status_code == status, (query, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("query", ["", "store=tb&sort=total", "refunded=true", "q=NOBODY"])
async def test_the_file_has_what_the_screen_has(desk: Desk, query: str) -> None:
    shown = (await desk.listed(f"{query}&limit=100"))["orders"]
    answer = await desk.clerk.get(f"/v1/orders/file?{query}&format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    named = f'filename="orders-{TODAY}.csv"'
    assert named in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    said = [
        (
            each["external_id"],
            each["order_id"],
            str(line["number"]),
            line["sku"],
            str(line["delivered"]),
            float(line["price"]),
        )
        for each in shown
        for line in each["lines"]
    ]
    assert said == [
        (
            row["订单号"],
            row["订单编号"],
            row["行"],
            row["规格编码"],
            row["已发"],
            float(row["行金额"]),
        )
        for row in rows
    ]
    book = load_workbook(
        io.BytesIO((await desk.clerk.get(f"/v1/orders/file?{query}")).content), read_only=True
    )
    [sheet] = book.worksheets
    cells = list(sheet.iter_rows(values_only=True))
    assert [str(row[0]) for row in cells[1:]] == [row["订单号"] for row in rows]
    money = sum(float(str(row[16])) for row in cells[1:])
    assert money == pytest.approx(sum(float(each["total"]) for each in shown))


async def test_nothing_in_the_file_is_a_formula(desk: Desk) -> None:
    await desk.seeded.sell('=HYPERLINK("x")', ("mgtv-month", 1, "19.80"))
    answer = await desk.clerk.get("/v1/orders/file")
    [sheet] = load_workbook(io.BytesIO(answer.content)).worksheets
    assert sheet["A2"].value.endswith('=HYPERLINK("x")')
    assert sheet["A2"].data_type == "s"
    answer = await desk.clerk.get("/v1/orders/file?format=csv")
    first = answer.content.decode("utf-8-sig").splitlines()[1]
    assert not first.lstrip('"').startswith("=")


async def test_a_key_of_one_store_lists_and_downloads_its_own_only(desk: Desk) -> None:
    stores = await desk.seeded.ask("GET", "/v1/stores")
    ids = {each["code"]: each["id"] for each in stores["stores"]}
    of = desk.seeded
    program = await key_client(
        desk.app, of.database, desk.keyrings, of.tenant.id, *SCOPES, store_id=ids["tb"]
    )
    listed = (await program.call("GET", "/v1/orders")).json()
    assert {each["store"] for each in listed["orders"]} == {"tb"}
    assert listed["total"] == len(listed["orders"]) == 5
    other = (await program.call("GET", "/v1/orders?store=pdd")).json()
    assert (other["orders"], other["total"]) == ([], 0)
    customers = (await program.call("GET", "/v1/orders?customer=acme")).json()
    assert customers["orders"] == []
    file = (await program.call("GET", "/v1/orders/file?format=csv")).text
    assert "TB20260000" in file
    assert "PART-1" not in file
    behind = (await desk.listed("limit=1"))["orders"][0]["order_id"]
    page = (await program.call("GET", f"/v1/orders?before={behind}")).json()
    assert {each["store"] for each in page["orders"]} <= {"tb"}


async def test_another_merchant_finds_none_of_it(
    desk: Desk, database: Database, other_tenant: Tenant
) -> None:
    order = (await desk.listed("limit=1"))["orders"][0]
    stranger = await staff_client(desk.app, database, other_tenant.id, Role.OWNER)
    assert (await stranger.get("/v1/orders")).json()["total"] == 0
    assert (await stranger.get(f"/v1/orders?before={order['order_id']}")).json()["orders"] == []
    assert order["external_id"] not in (await stranger.get("/v1/orders/file?format=csv")).text
    for path in ("", "/money", "/timeline"):
        answer = await stranger.get(f"/v1/orders/{order['order_id']}{path}")
        problem(answer, 404, "unknown_order")
