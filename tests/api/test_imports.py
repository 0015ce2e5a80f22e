"""HTTP of imports: whole bodies, each role, and what is refused."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import openpyxl
import pytest
from litestar import Litestar
from sqlalchemy import select

from kashu.access.keyring import Keyrings
from kashu.access.permissions import ROLE_PERMISSIONS, Permission, Role
from kashu.core.db import Database
from kashu.core.ids import new_id
from kashu.stock.allocate import allocate
from kashu.stock.api_imports import routes
from kashu.stock.plan import Demand
from kashu.stock.strategy import FEFO
from kashu.stock.tables import imports
from tests.api.calls import key_client, shared_app, staff_client
from tests.conftest import Tenant
from tests.stock.builders import make_sku
from tests.stock.importing import SAMPLES, TODAY, Shop, open_shop, sample

FORM = {"sku": "mgtv-month", "warehouse": "main", "supplier": "fulu", "unit_cost": "14.1250"}
CARDS = "卡号,密码,有效期\nMG0001,pw1,2099-12-31\nMG0002,pw2,2020-01-01\nMG0001,pw1,2099-12-31\n"


@pytest.fixture
async def shop(database: Database, tenant: Tenant, keyrings: Keyrings) -> Shop:
    return await open_shop(database, tenant, keyrings)


@pytest.fixture
def app(shop: Shop) -> Litestar:
    made = shared_app(shop.database, shop.keyrings)
    if not any(route.path == "/v1/imports" for route in made.routes):
        for route in routes:
            made.register(route)
    return made


@pytest.fixture
async def ops(app: Litestar, shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    async with await staff_client(app, shop.database, shop.tenant.id, Role.OPS) as client:
        yield client


async def send(
    client: httpx.AsyncClient, cards: str = CARDS, *, to: str = "", **form: str
) -> httpx.Response:
    files = {"file": ("cards.csv", cards.encode())}
    return await client.post(f"/v1/imports{to}", data=FORM | form, files=files)


def the_rows(answer: httpx.Response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_a_file_is_previewed_confirmed_followed_and_undone(
    ops: httpx.AsyncClient, shop: Shop
) -> None:
    before = await shop.counts()
    foreseen = (await send(ops, dry_run="true")).json()
    assert await shop.counts() == before
    assert foreseen["import_id"] is None
    done = await send(ops, expect_sha256=foreseen["sha256"])
    assert done.status_code == 200
    report = done.json()
    assert {name: report[name] for name in ("read", "accepted", "rejected", "skipped")} == {
        "read": 4,
        "accepted": 1,
        "rejected": 2,
        "skipped": 1,
    }
    assert (
        report["classes"]
        == foreseen["classes"]
        == {
            "duplicate_in_file": {"count": 1, "ranges": [[4, 4]], "complete": True},
            "heading": {"count": 1, "ranges": [[1, 1]], "complete": True},
            "past_expiry": {"count": 1, "ranges": [[3, 3]], "complete": True},
        }
    )
    assert report["repeats"] == [{"row": 4, "first_row": 2}]
    assert [lot["expires_on"] for lot in report["lots"]] == ["2099-12-31"]

    followed = (await ops.get(f"/v1/imports/{report['import_id']}")).json()
    assert (followed["state"], followed["accepted"], followed["can"]) == ("done", 1, ["undo"])
    listed = (await ops.get("/v1/imports")).json()
    assert (listed["imports"], listed["next_before"]) == ([followed], None)

    undone = (await ops.post(f"/v1/imports/{report['import_id']}/undo")).json()
    assert (undone["state"], undone["can"]) == ("undone", [])
    again = await ops.post(f"/v1/imports/{report['import_id']}/undo")
    assert (again.status_code, again.json()["code"]) == (409, "import_not_done")


async def test_imports_are_listed_by_name_and_narrowed(ops: httpx.AsyncClient, shop: Shop) -> None:
    done = (await send(ops)).json()
    page = (await ops.get("/v1/imports?state=done&sku=mgtv-month")).json()
    [shown] = page["imports"]
    assert (shown["id"], page["total"]) == (done["import_id"], 1)
    assert (shown["sku"], shown["warehouse"], shown["supplier"]) == ("mgtv-month", "main", "fulu")
    assert (shown["in_stock"], shown["can"]) == (1, ["undo"])
    assert shown["actor_name"] is not None
    for nothing in ("state=failed", "sku=another"):
        answer = (await ops.get(f"/v1/imports?{nothing}")).json()
        assert answer == {"imports": [], "next_before": None, "total": 0}
    async with shop.database.transaction(shop.tenant.id) as tx:
        demand = Demand(new_id(), UUID(shown["sku_id"]), 1, FEFO)
        assert all(await allocate(tx, shop.tenant.id, [demand], TODAY))
    used = (await ops.get(f"/v1/imports/{done['import_id']}")).json()
    assert (used["in_stock"], used["can"]) == (0, [])


async def test_rows_are_shown_as_they_were_read(ops: httpx.AsyncClient, shop: Shop) -> None:
    before = await shop.counts()
    first = (await send(ops, to="/rows")).json()
    assert [(row["row"], row["reason"]) for row in first["rows"]] == [
        (1, "heading"),
        (2, None),
        (3, "past_expiry"),
        (4, None),  # whether it is known is asked for its class
    ]
    assert first["rows"][1]["cells"] == ["MG0001", "pw1", "2099-12-31"]
    twice = (await send(ops, to="/rows", reason="duplicate_in_file")).json()
    assert [(row["row"], row["first_row"]) for row in twice["rows"]] == [(4, 2)]
    short = (await send(ops, "MG1\nMG0002\n", to="/rows", warning="short")).json()
    assert [row["cells"] for row in short["rows"]] == [["MG1"]]
    assert await shop.counts() == before


async def test_pasted_text_comes_in_too(ops: httpx.AsyncClient) -> None:
    files = {name: (None, value) for name, value in (FORM | {"text": "MG0001\nMG0002"}).items()}
    answer = await ops.post("/v1/imports", files=files)
    assert answer.json()["accepted"] == 2


async def test_another_file_than_the_previewed_one_is_refused(
    ops: httpx.AsyncClient, shop: Shop
) -> None:
    foreseen = (await send(ops, dry_run="true")).json()
    before = await shop.counts()
    answer = await send(ops, CARDS + "MG0009,pw9,\n", expect_sha256=foreseen["sha256"])
    assert (answer.status_code, answer.json()["code"]) == (409, "file_changed")
    assert await shop.counts() == before


async def test_rejects_come_back_as_a_file_before_and_after_the_import(
    ops: httpx.AsyncClient,
) -> None:
    before = await send(ops, to="/rejects")
    assert before.headers["content-type"] == "text/csv; charset=utf-8"
    assert "rejects-" in before.headers["content-disposition"]
    header, *rows = the_rows(before)
    assert header[:3] == ["卡号", "密码", "有效期"]
    assert [(row[0], row[-2], row[-1]) for row in rows] == [
        ("MG0002", "3", ""),
        ("MG0001", "4", "2"),
    ]
    done = (await send(ops)).json()
    after = await send(ops, to="/rejects", import_id=done["import_id"])
    assert the_rows(after) == [header, *rows]


async def test_rejects_can_be_a_workbook_in_english(ops: httpx.AsyncClient) -> None:
    ops.headers["Accept-Language"] = "en"
    answer = await send(ops, to="/rejects", written_as="xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.active is not None
    rows = [list(row) for row in book.active.iter_rows(values_only=True)]
    assert rows[0][-3:] == ["Reason", "Row", "First row"]
    assert len(rows) == 3


async def test_a_workbook_of_ten_thousand_rows_comes_in(ops: httpx.AsyncClient) -> None:
    content = (SAMPLES / "mgtv-month-messy.xlsx").read_bytes()
    answer = await ops.post("/v1/imports", data=FORM, files={"file": ("cards.xlsx", content)})
    report = answer.json()
    assert report["read"] == 10_002
    assert report["accepted"] + report["rejected"] + report["skipped"] == 10_002
    assert report["sha256"] == sample("mgtv-month-messy.xlsx").sha256.hex()


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"sku": "nothing"}, 404, "unknown_sku"),
        ({"warehouse": "nowhere"}, 404, "unknown_warehouse"),
        ({"supplier": "nobody"}, 404, "import_supplier_unknown"),
        ({"unit_cost": "-1"}, 422, "unit_cost_negative"),
        ({"unit_cost": "1e3"}, 422, "amount_unreadable"),
        ({"unit_cost": "14.12505"}, 422, "amount_unreadable"),
        ({"expires_on": "2020-01-01"}, 422, "default_expiry_past"),
        ({"max_uses": "5"}, 422, "max_uses_unexpected"),
        ({"expect_sha256": "xyz"}, 422, "sha256_wrong"),
        ({"text": "MG0009"}, 422, "file_and_text"),
        ({"sku": "coupon-shared"}, 422, "max_uses_missing"),
        ({"sku": "coupon-shared", "max_uses": "0"}, 422, "max_uses_missing"),
        ({"sku": "mgtv-topup"}, 422, "sku_not_stocked"),
    ],
)
async def test_terms_that_cannot_be_are_refused_and_nothing_is_written(
    ops: httpx.AsyncClient, shop: Shop, form: dict[str, str], status: int, code: str
) -> None:
    async with shop.database.transaction(shop.tenant.id) as tx:
        await make_sku(tx, shop.tenant.id, "coupon-shared", fulfilment="shared")
        await make_sku(tx, shop.tenant.id, "mgtv-topup", fulfilment="topup")
    before = await shop.counts()
    answer = await send(ops, **form)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await shop.counts() == before


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "sheet_empty"),
        (b"%PDF-1.7 ...", "sheet_not_a_table"),
        (b"PK\x03\x04 broken", "sheet_unreadable"),
    ],
)
async def test_a_file_that_is_no_table_is_refused(
    ops: httpx.AsyncClient, shop: Shop, content: bytes, code: str
) -> None:
    before = await shop.counts()
    answer = await ops.post("/v1/imports", data=FORM, files={"file": ("cards.xlsx", content)})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert await shop.counts() == before


async def test_a_form_without_cards_is_refused(ops: httpx.AsyncClient, shop: Shop) -> None:
    before = await shop.counts()
    files = {name: (None, value) for name, value in FORM.items()}
    answer = await ops.post("/v1/imports", files=files)
    assert (answer.status_code, answer.json()["code"]) == (422, "file_needed")
    assert await shop.counts() == before


@pytest.mark.parametrize("role", list(Role))
async def test_only_who_may_import_imports(app: Litestar, shop: Shop, role: Role) -> None:
    may = Permission.STOCK_IMPORT in ROLE_PERMISSIONS[role]
    async with await staff_client(app, shop.database, shop.tenant.id, role) as client:
        before = await shop.counts()
        answers = [
            await send(client),
            await send(client, to="/rejects"),
            await client.post(f"/v1/imports/{uuid4()}/undo"),
        ]
        reads = await client.get("/v1/imports")
    assert [answer.status_code for answer in answers] == ([200, 200, 404] if may else [403] * 3)
    assert reads.status_code == 200
    if not may:
        assert await shop.counts() == before


async def test_another_merchants_import_is_not_there(
    app: Litestar, ops: httpx.AsyncClient, shop: Shop, other_tenant: Tenant
) -> None:
    done = (await send(ops)).json()
    async with await staff_client(app, shop.database, other_tenant.id, Role.OWNER) as rival:
        read = await rival.get(f"/v1/imports/{done['import_id']}")
        undo = await rival.post(f"/v1/imports/{done['import_id']}/undo")
        listed = (await rival.get("/v1/imports")).json()
    assert (read.status_code, undo.status_code, listed["imports"]) == (404, 404, [])
    async with shop.database.transaction(shop.tenant.id) as tx:
        assert (await tx.execute(select(imports.c.state))).scalar_one() == "done"


async def test_the_list_is_paged_from_the_latest_on(ops: httpx.AsyncClient) -> None:
    made = [(await send(ops, f"MG{n:04d}\n")).json()["import_id"] for n in range(3)]
    first = (await ops.get("/v1/imports", params={"limit": 2})).json()
    params: dict[str, Any] = {"limit": 2, "before": first["next_before"]}
    rest = (await ops.get("/v1/imports", params=params)).json()
    pages = [[row["id"] for row in page["imports"]] for page in (first, rest)]
    assert pages == [[made[2], made[1]], [made[0]]]
    assert rest["next_before"] is None


async def test_a_program_with_the_scope_imports(app: Litestar, shop: Shop) -> None:
    program = await key_client(
        app, shop.database, shop.keyrings, shop.tenant.id, Permission.STOCK_IMPORT
    )
    files = {name: (None, value) for name, value in (FORM | {"text": "MG0001"}).items()}
    request = program.client.build_request("POST", "/v1/imports", files=files)
    body = request.read()
    signed = program.headers("POST", "/v1/imports", body)
    answer = await program.client.send(
        program.client.build_request(
            "POST", "/v1/imports", content=body, headers=dict(request.headers) | signed
        )
    )
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)
