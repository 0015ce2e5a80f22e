"""HTTP of imports: what looks mistyped is questioned, rejected rows are put right on the way."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar

from kashu.access.keyring import Keyrings
from kashu.access.permissions import Role
from kashu.core.db import Database
from tests.api.calls import shared_app, staff_client
from tests.conftest import Tenant
from tests.stock.importing import Shop, open_shop

FORM = {"sku": "mgtv-month", "warehouse": "main", "supplier": "fulu", "unit_cost": "15"}


@pytest.fixture
async def shop(database: Database, tenant: Tenant, keyrings: Keyrings) -> Shop:
    return await open_shop(database, tenant, keyrings)


@pytest.fixture
def app(shop: Shop) -> Litestar:
    return shared_app(shop.database, shop.keyrings)


@pytest.fixture
async def ops(app: Litestar, shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    async with await staff_client(app, shop.database, shop.tenant.id, Role.OPS) as client:
        yield client


async def paste(
    client: httpx.AsyncClient, text: str, *, to: str = "", **form: str
) -> httpx.Response:
    files = {name: (None, value) for name, value in (FORM | {"text": text} | form).items()}
    return await client.post(f"/v1/imports{to}", files=files)


def some(count: int, prefix: str) -> str:
    return "".join(f"{prefix}{number:06d}\n" for number in range(count))


async def test_a_cost_a_fifth_off_the_last_ones_comes_in_only_when_somebody_is_sure(
    ops: httpx.AsyncClient, shop: Shop
) -> None:
    assert (await paste(ops, some(5, "FIRST"))).status_code == 200
    before = await shop.counts()
    refused = await paste(ops, some(5, "TYPED"), unit_cost="1.5")
    assert (refused.status_code, refused.json()["code"]) == (422, "looks_mistyped")
    assert refused.json()["facts"] == {"unit_cost": "1.50", "usual_unit_cost": "15.00"}
    [doubt] = refused.json()["problems"]
    assert (doubt["at"], doubt["code"]) == ("/unit_cost", "cost_unusual")
    assert await shop.counts() == before
    listed = (await ops.get("/v1/imports")).json()["imports"]
    assert [each["state"] for each in listed] == ["done"]
    taken = await paste(ops, some(5, "TYPED"), unit_cost="1.5", sure="true")
    assert taken.json()["accepted"] == 5


async def test_over_three_times_the_usual_lot_is_questioned_and_just_three_times_is_not(
    ops: httpx.AsyncClient, shop: Shop
) -> None:
    await paste(ops, some(5, "FIRST"))
    before = await shop.counts()
    refused = await paste(ops, some(16, "MANY"))
    assert (refused.status_code, refused.json()["code"]) == (422, "looks_mistyped")
    assert refused.json()["facts"] == {"cards": 16, "usual_cards": 5}
    assert [doubt["at"] for doubt in refused.json()["problems"]] == ["/file"]
    assert await shop.counts() == before
    assert (await paste(ops, some(15, "THRICE"))).status_code == 200


async def test_many_rows_that_are_no_new_cards_are_not_questioned(ops: httpx.AsyncClient) -> None:
    await paste(ops, some(5, "FIRST"))
    again = await paste(ops, some(5, "FIRST") * 4)
    assert (again.status_code, again.json()["accepted"]) == (200, 0)


async def test_a_preview_is_never_refused_and_says_what_is_unusual(ops: httpx.AsyncClient) -> None:
    await paste(ops, some(5, "FIRST"))
    foreseen = await paste(ops, some(5, "TYPED"), unit_cost="150", dry_run="true")
    assert foreseen.status_code == 200
    assert "cost_unusual" in [note["code"] for note in foreseen.json()["notes"]]


MESSY = (
    "卡号,密码,有效期\nMG0001,pw1,2099-12-31\nMG0002,pw2,31/02\nMG0003,,2099-12-31\nMG0001,pw1,\n"
)


async def test_rejected_rows_are_shown_put_right_and_come_in_with_the_rest(
    ops: httpx.AsyncClient, shop: Shop
) -> None:
    before = await shop.counts()
    shown = (await paste(ops, MESSY, to="/rejected")).json()
    assert shown["complete"]
    assert [(row["row"], row["reason"], row["first_row"]) for row in shown["rows"]] == [
        (3, "bad_expiry", None),
        (4, "incomplete", None),
        (5, "duplicate_in_file", 2),
    ]
    assert shown["rows"][0]["cells"] == ["MG0002", "pw2", "31/02"]
    only = (await paste(ops, MESSY, to="/rejected", reason="incomplete")).json()
    assert [row["row"] for row in only["rows"]] == [4]
    assert await shop.counts() == before

    right = [
        {"row": 3, "cells": ["MG0002", "pw2", "2099-12-31"]},
        {"row": 4, "cells": ["MG0003", "pw3", "2099-12-31"]},
        {"row": 5, "cells": []},
    ]
    corrections = json.dumps(right)
    foreseen = (await paste(ops, MESSY, dry_run="true", corrections=corrections)).json()
    assert (foreseen["accepted"], foreseen["rejected"], foreseen["skipped"]) == (3, 0, 2)
    done = (
        await paste(ops, MESSY, corrections=corrections, expect_sha256=foreseen["sha256"])
    ).json()
    assert (done["read"], done["accepted"], done["rejected"]) == (5, 3, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        "MG0002",
        '[{"row": 0, "cells": []}]',
        '{"row": 3}',
        json.dumps([{"row": 3, "cells": []}] * 2001),
    ],
)
async def test_corrections_that_mean_nothing_are_refused_and_not_repeated(
    ops: httpx.AsyncClient, shop: Shop, wrong: str
) -> None:
    before = await shop.counts()
    refused = await paste(ops, MESSY, corrections=wrong)
    assert (refused.status_code, refused.json()["code"]) == (422, "corrections_wrong")
    assert "MG0002" not in refused.text
    assert await shop.counts() == before


async def test_a_preview_says_how_the_file_was_read(ops: httpx.AsyncClient) -> None:
    read = (await paste(ops, MESSY, dry_run="true")).json()["recognised"]
    assert (read["kind"], read["separator"], read["names"]) == (
        "csv",
        "comma",
        ["卡号", "密码", "有效期"],
    )
    assert read["columns"] == {"number": 0, "password": 1, "expires_on": 2}
