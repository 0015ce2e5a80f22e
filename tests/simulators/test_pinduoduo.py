"""Pinduoduo's simulator is as strict as the platform says it is."""

import hashlib
import json
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import pytest

from kashu.core.http import Http
from kashu.simulators.pinduoduo import CLIENT_ID, CLIENT_SECRET, PinduoduoSimulator
from kashu.simulators.serving import serving
from kashu.simulators.shop import Shop


class Caller:
    """Calls the simulator by hand."""

    def __init__(self, http: Http, url: str, platform: PinduoduoSimulator) -> None:
        self.http = http
        self.url = url
        self.platform = platform
        self.token = platform.grant(platform.shops[0])[0]

    def signed(self, method: str, **params: str) -> dict[str, str]:
        now = str(int(self.platform.now().timestamp()))
        sent = {"type": method, "client_id": CLIENT_ID, "timestamp": now}
        sent |= {"access_token": self.token, **params}
        text = "".join(name + sent[name] for name in sorted(sent) if sent[name])
        around = f"{CLIENT_SECRET}{text}{CLIENT_SECRET}".encode()
        return {**sent, "sign": hashlib.md5(around).hexdigest().upper()}  # noqa: S324

    async def post(self, sent: dict[str, str]) -> dict[str, dict[str, object]]:
        answer = await self.http.call("POST", self.url, content=urlencode(sent).encode())
        assert answer.status == 200
        told: dict[str, dict[str, object]] = json.loads(answer.body)
        return told

    async def code_of(self, sent: dict[str, str]) -> object:
        return (await self.post(sent))["error_response"]["error_code"]


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    platform = PinduoduoSimulator(Shop("1", "店"))
    http = Http(private_allowed=True)
    async with serving(platform) as base_url:
        yield Caller(http, f"{base_url}/api/router", platform)
    await http.close()


async def test_parameters_may_come_in_a_form_in_the_query_or_as_json(caller: Caller) -> None:
    sent = caller.signed("pdd.goods.list.get", is_onsale="1")
    in_query = await caller.http.call("POST", f"{caller.url}?{urlencode(sent)}")
    as_json = await caller.http.call(
        "POST",
        caller.url,
        content=json.dumps(sent).encode(),
        headers={"content-type": "application/json"},
    )
    in_form = await caller.post(sent)
    for told in (in_form, json.loads(in_query.body), json.loads(as_json.body)):
        assert told["goods_list_get_response"]["total_count"] == 0


async def test_only_post_is_taken(caller: Caller) -> None:
    sent = caller.signed("pdd.goods.list.get", is_onsale="1")
    answer = await caller.http.call("GET", f"{caller.url}?{urlencode(sent)}")
    assert json.loads(answer.body)["error_response"]["error_code"] == 10002


async def test_anything_changed_after_signing_is_refused(caller: Caller) -> None:
    sent = caller.signed("pdd.goods.list.get", is_onsale="1", page="1")
    for change in ({"is_onsale": "0"}, {"page": ""}, {"more": "1"}, {"sign": sent["sign"].lower()}):
        assert await caller.code_of({**sent, **change}) == 20004
    assert await caller.code_of({**sent, "sign": ""}) == 10001


async def test_a_timestamp_in_milliseconds_or_of_another_time_is_refused(caller: Caller) -> None:
    now = int(caller.platform.now().timestamp())
    for written in (now - 601, now + 660, now * 1000, "now"):
        sent = caller.signed("pdd.goods.list.get", is_onsale="1", timestamp=str(written))
        assert await caller.code_of(sent) == 10001


async def test_what_is_required_must_be_there(caller: Caller) -> None:
    assert await caller.code_of(caller.signed("pdd.goods.list.get")) == 20007
    assert await caller.code_of(caller.signed("pdd.order.information.get")) == 20007
    assert await caller.code_of(caller.signed("pdd.no.such.method")) == 10001
    lists = caller.signed("pdd.goods.list.get", is_onsale="1", access_token="")
    assert await caller.code_of(lists) == 20032


async def test_pages_are_of_a_hundred_at_most(caller: Caller) -> None:
    for size, page in (("101", "1"), ("0", "1"), ("100", "0"), ("ten", "1")):
        sent = caller.signed("pdd.goods.list.get", is_onsale="1", page_size=size, page=page)
        assert await caller.code_of(sent) == 10000


async def test_has_next_comes_in_place_of_a_count(caller: Caller) -> None:
    shop = caller.platform.shops[0]
    item = shop.offer("会员", 100)
    for _ in range(3):
        shop.sell((item, 1))
    now = int(caller.platform.now().timestamp())
    asked = {
        "start_updated_at": str(now - 60),
        "end_updated_at": str(now + 60),
        "order_status": "1",
        "refund_status": "5",
        "is_lucky_flag": "0",
        "page_size": "2",
        "use_has_next": "true",
    }
    method = "pdd.order.number.list.increment.get"
    for page, has_next in (("1", True), ("2", False)):
        told = await caller.post(caller.signed(method, **asked, page=page))
        answer = told["order_sn_increment_get_response"]
        assert answer["has_next"] is has_next
        assert "total_count" not in answer
    shipped = caller.signed(method, **{**asked, "order_status": "2"})
    told = await caller.post(shipped)
    assert told["order_sn_increment_get_response"]["order_sn_list"] == []


async def test_an_order_is_shipped_once_and_may_then_be_changed(caller: Caller) -> None:
    shop = caller.platform.shops[0]
    sold = shop.sell((shop.offer("会员", 100), 1))
    method = "pdd.logistics.online.send"
    asked = {"order_sn": sold.order_id, "logistics_id": "1", "tracking_number": "A"}
    assert await caller.code_of(caller.signed(method, **asked, redelivery_type="2")) == 50001
    assert "logistics_online_send_response" in await caller.post(caller.signed(method, **asked))
    assert await caller.code_of(caller.signed(method, **asked)) == 50001
    changed = caller.signed(method, **{**asked, "tracking_number": "B"}, redelivery_type="2")
    assert "logistics_online_send_response" in await caller.post(changed)
    assert (sold.shipments, caller.platform.tracking[sold.order_id]) == (1, (1, "B"))
