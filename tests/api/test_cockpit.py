"""The cockpit over HTTP: who sees the counts, who the money, and who explains a curve."""

from datetime import timedelta

import httpx
import pytest
from litestar import Litestar

from kashu.access.permissions import ROLE_PERMISSIONS, Permission, Role
from kashu.core.clock import day_bounds, day_of, now
from kashu.core.db import Database
from kashu.reports.pulse import count_pulse, step_of
from tests.api.calls import staff_client
from tests.conftest import Tenant
from tests.reports.shop import open_shop


@pytest.fixture
async def sold(database: Database, tenant: Tenant) -> None:
    """Two months sold just now: 39.60 for what cost 28.25; counted as if ten minutes had gone."""
    async with database.transaction(tenant.id) as tx:
        shop = await open_shop(tx, tenant.id)
        lot = await shop.receive("mgtv-month", 2, 141_250)
        given = [(lot, card, 1) for card in lot.cards]
        await shop.sell("mgtv-month", 396_000, given, on=day_of(now()))
    await count_pulse(database, tenant.id)


@pytest.mark.usefixtures("sold")
@pytest.mark.parametrize("role", Role)
async def test_who_reads_no_reports_sees_counts_and_no_money(
    app: Litestar, database: Database, tenant: Tenant, role: Role
) -> None:
    sees_money = Permission.REPORTS_READ in ROLE_PERMISSIONS[role]
    async with await staff_client(app, database, tenant.id, role) as person:
        cockpit = (await person.get("/v1/cockpit")).json()
        curve = (await person.get("/v1/cockpit/trend", params={"by": "day"})).json()
        sellers = (await person.get("/v1/cockpit/best-sellers")).json()
    assert set(cockpit) == {
        "at",
        "counted_until",
        "currency",
        "so_far",
        "today",
        "yesterday",
        "week_ago",
        "orders_in_the_last_minute",
        "beats",
        "last_order_at",
        "short_lines",
        "short_units",
        "flow",
    }
    assert cockpit["orders_in_the_last_minute"] == sum(cockpit["beats"]) == 1
    assert (cockpit["so_far"]["orders"], cockpit["so_far"]["units"]) == (1, 2)
    assert cockpit["so_far"]["profit"] == ("11.35" if sees_money else None)
    [point] = curve["points"]
    begins, ends = day_bounds(day_of(now()))
    assert point == {
        "begins_at": f"{begins:%Y-%m-%dT%H:%M:%SZ}",
        "ends_at": f"{ends:%Y-%m-%dT%H:%M:%SZ}",
        "orders": 1,
        "units": 2,
        "revenue": "39.60" if sees_money else None,
        "profit": "11.35" if sees_money else None,
        "margin": "0.2866" if sees_money else None,
    }
    [row] = sellers["rows"]
    assert row["units"] == 2
    assert row["stock_days"] == "0.0"
    assert row["revenue"] == ("39.60" if sees_money else None)
    assert row["profit"] == ("11.35" if sees_money else None)


async def test_days_are_compared_up_to_the_last_full_ten_minutes(owner: httpx.AsyncClient) -> None:
    async with owner:
        cockpit = (await owner.get("/v1/cockpit")).json()
    until = step_of(now())
    about = {f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (until, until - timedelta(minutes=10))}
    assert cockpit["counted_until"] in about
    for name in ("today", "yesterday", "week_ago"):
        empty = {"orders": 0, "units": 0, "revenue": "0.00", "profit": "0.00", "margin": None}
        assert cockpit[name].items() >= empty.items()


async def test_a_note_is_read_with_the_curve_until_it_is_removed(owner: httpx.AsyncClient) -> None:
    today = day_of(now()).isoformat()
    async with owner:
        made = await owner.post("/v1/annotations", json={"on_day": today, "text": "《新剧》开播"})
        assert made.status_code == 201
        curve = (await owner.get("/v1/cockpit/trend")).json()
        assert curve["annotations"] == [made.json()]
        gone = await owner.delete(f"/v1/annotations/{made.json()['id']}")
        again = await owner.delete(f"/v1/annotations/{made.json()['id']}")
        after = (await owner.get("/v1/cockpit/trend")).json()
    assert (gone.status_code, again.status_code) == (204, 404)
    assert again.json()["code"] == "no_such_annotation"
    assert after["annotations"] == []


@pytest.mark.parametrize("text", ["", "   ", "x" * 201])
async def test_a_note_says_something_short(owner: httpx.AsyncClient, text: str) -> None:
    async with owner:
        body = {"on_day": "2026-11-23", "text": text}
        refused = await owner.post("/v1/annotations", json=body)
        curve = await owner.get(
            "/v1/cockpit/trend", params={"by": "day", "from": "2026-11-23", "to": "2026-11-23"}
        )
    assert refused.status_code == 422
    assert curve.json()["annotations"] == []


async def test_a_span_that_makes_too_many_points_is_refused(owner: httpx.AsyncClient) -> None:
    async with owner:
        asked = {"by": "hour", "from": "2026-01-01", "to": "2026-12-31"}
        refused = await owner.get("/v1/cockpit/trend", params=asked)
    assert (refused.status_code, refused.json()["code"]) == (422, "span_too_long")
