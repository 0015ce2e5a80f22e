"""The simulated Youzan is as strict as the real one is said to be."""

import json
from collections.abc import AsyncIterator

import pytest

from tests.adapters.youzan_shop import Street, street


@pytest.fixture
async def shop() -> AsyncIterator[Street]:
    async with street() as opened:
        yield opened


@pytest.mark.parametrize(
    ("path", "kind", "body", "code"),
    [
        ("/api/youzan.trade.get", "application/json", b"{}", 4001),
        ("/api/youzan.trade.get/9.9.9", "application/json", b"{}", 4005),
        ("/api/youzan.trade.get/4.0.2", "text/plain", b"{}", 4007),
        ("/api/youzan.trade.get/4.0.2", "application/json", b"[]", 4004),
        ("/api/youzan.trade.get/4.0.2", "application/json", b"{", 4004),
        ("/api/youzan.trade.get/4.0.2", "application/json", b"{}", 4201),
    ],
)
async def test_the_simulator_refuses_what_youzan_refuses(
    shop: Street, path: str, kind: str, body: bytes, code: int
) -> None:
    headers = {"content-type": kind}
    answer = await shop.link.http.call(
        "POST", shop.link.app.base_url + path, content=body, headers=headers
    )
    assert answer.status == 200
    assert json.loads(answer.body)["gw_err_resp"]["err_code"] == code


async def test_the_simulator_takes_no_window_page_or_type_beyond_the_limits(shop: Street) -> None:
    assert shop.link.grant is not None
    token = shop.link.grant.access_token.clear
    url = f"{shop.link.app.base_url}/api/youzan.trades.sold.get/4.0.4?access_token={token}"
    good = {"start_update": "2026-01-01 00:00:00", "end_update": "2026-01-02 00:00:00"}
    for wrong in (
        {"start_update": "2025-01-01 00:00:00"},
        {"end_update": "2026-01-01 00:00:00"},
        {"end_update": 1767225600},
        {"page_size": 101},
        {"page_no": 101},
        {"page_no": "1"},
    ):
        answer = await shop.link.http.call(
            "POST",
            url,
            content=json.dumps(good | wrong).encode(),
            headers={"content-type": "application/json"},
        )
        assert json.loads(answer.body)["gw_err_resp"]["err_code"] == 5001, wrong
