"""The simulated TOP is strict: what the real one would refuse, it refuses."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from kashu.simulators.faults import Message
from kashu.simulators.shop import OrderState, Shop
from kashu.simulators.taobao import APP_KEY, APP_SECRET, TaobaoSimulator
from kashu.simulators.taobao_wire import signature_of, written

ORDERS = "taobao.trades.sold.increment.get"


async def ask(
    platform: TaobaoSimulator, query: str, body: bytes, path: str = "/router/rest"
) -> tuple[int, dict[str, str], bytes]:
    """Speak ASGI to it."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST" if path == "/router/rest" else "GET",
        "path": path,
        "query_string": query.encode(),
    }
    await platform(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(part.get("body", b"") for part in sent[1:])


def signed(platform: TaobaoSimulator, method: str, **more: str) -> dict[str, str]:
    told = {
        "method": method,
        "app_key": APP_KEY,
        "session": more.pop("session", None) or platform.token(),
        "timestamp": written(platform.now()),
        "format": "json",
        "v": "2.0",
        "sign_method": "md5",
        **more,
    }
    return told | {"sign": signature_of(told, APP_SECRET)}


async def told(platform: TaobaoSimulator, parameters: dict[str, str]) -> dict[str, Any]:
    _, _, body = await ask(platform, "", urlencode(parameters).encode())
    answer: dict[str, Any] = json.loads(body)
    return answer


async def refusal(platform: TaobaoSimulator, parameters: dict[str, str]) -> tuple[int, str]:
    answer = (await told(platform, parameters))["error_response"]
    assert platform.calls == []
    return answer["code"], answer.get("sub_code", "")


def window(platform: TaobaoSimulator, length: timedelta, ago: timedelta) -> dict[str, str]:
    begin = platform.now() - ago
    return {
        "fields": "tid,status",
        "start_modified": written(begin),
        "end_modified": written(begin + length),
    }


@pytest.fixture
def platform() -> TaobaoSimulator:
    return TaobaoSimulator(Shop("2200000000001", "卡枢专营店"))


def test_it_signs_as_the_platforms_own_example() -> None:
    example = {
        "method": "taobao.item.seller.get",
        "app_key": "12345678",
        "session": "test",
        "timestamp": "2016-01-01 12:00:00",
        "format": "json",
        "v": "2.0",
        "sign_method": "md5",
        "fields": "num_iid,title,nick,price,num",
        "num_iid": "11223344",
    }
    assert signature_of(example, "helloworld") == "66987CB115214E59E6EC978214934FB8"


def test_it_writes_beijing_time() -> None:
    assert written(datetime(2026, 12, 31, 16, 0, 1, tzinfo=UTC)) == "2027-01-01 00:00:01"


@pytest.mark.parametrize(
    ("name", "code"),
    [("method", 21), ("app_key", 28), ("timestamp", 30), ("v", 32), ("sign", 24), ("session", 26)],
)
async def test_what_every_call_needs_is_missed(
    platform: TaobaoSimulator, name: str, code: int
) -> None:
    parameters = signed(platform, ORDERS, **window(platform, timedelta(), timedelta()))
    del parameters[name]
    if name != "sign":
        parameters["sign"] = signature_of(parameters, APP_SECRET)
    assert (await refusal(platform, parameters))[0] == code


async def test_a_changed_parameter_breaks_the_signature(platform: TaobaoSimulator) -> None:
    whole = signed(platform, "taobao.trade.fullinfo.get", fields="tid", tid="1")
    assert await refusal(platform, whole | {"tid": "2"}) == (25, "")
    assert await refusal(platform, whole | {"more": "x"}) == (25, "")
    assert await refusal(platform, whole | {"sign": whole["sign"].lower()}) == (25, "")


@pytest.mark.parametrize("minutes", [-11, 11])
async def test_a_clock_that_is_wrong_is_refused(platform: TaobaoSimulator, minutes: int) -> None:
    at = written(platform.now() + timedelta(minutes=minutes))
    parameters = signed(platform, ORDERS, timestamp=at)
    assert await refusal(platform, parameters) == (31, "")


async def test_a_method_that_there_is_not_is_refused(platform: TaobaoSimulator) -> None:
    assert await refusal(platform, signed(platform, "taobao.made.up")) == (22, "")


async def test_a_missing_field_of_the_call_is_named(platform: TaobaoSimulator) -> None:
    parameters = signed(platform, "taobao.trade.fullinfo.get", fields="tid")
    assert await refusal(platform, parameters) == (40, "isv.missing-parameter")


@pytest.mark.parametrize(
    ("length", "ago"),
    [
        (timedelta(days=1, seconds=1), timedelta(days=2)),
        (timedelta(seconds=-1), timedelta(days=2)),
        (timedelta(hours=1), timedelta(days=93)),
    ],
)
async def test_a_window_too_long_too_old_or_backwards_is_refused(
    platform: TaobaoSimulator, length: timedelta, ago: timedelta
) -> None:
    parameters = signed(platform, ORDERS, **window(platform, length, ago))
    assert await refusal(platform, parameters) == (41, "isv.invalid-parameter")


@pytest.mark.parametrize(("name", "value"), [("page_size", "101"), ("page_size", "0")])
async def test_a_page_too_large_is_refused(
    platform: TaobaoSimulator, name: str, value: str
) -> None:
    asked = window(platform, timedelta(hours=1), timedelta(hours=1)) | {name: value}
    assert (await refusal(platform, signed(platform, ORDERS, **asked)))[0] == 41


async def test_only_the_fields_asked_for_are_told(platform: TaobaoSimulator) -> None:
    shop = platform.shops[0]
    sold = shop.sell((shop.offer("卡", 100), 1), note="13800000000")
    asked = window(platform, timedelta(hours=1), timedelta(minutes=30)) | {
        "fields": "tid,orders.oid,buyer_message,has_buyer_message"
    }
    answer = await told(platform, signed(platform, ORDERS, **asked))
    (trade,) = answer["trades_sold_increment_get_response"]["trades"]["trade"]
    number = int(sold.order_id)
    assert trade == {
        "tid": number,
        "has_buyer_message": True,
        "orders": {"order": [{"oid": number}]},
    }


async def test_parameters_may_stand_in_the_address_as_well(platform: TaobaoSimulator) -> None:
    asked = window(platform, timedelta(hours=1), timedelta(minutes=30))
    parameters = signed(platform, ORDERS, use_has_next="true", **asked)
    common = {name: parameters[name] for name in ("method", "app_key", "sign", "v")}
    rest = {name: value for name, value in parameters.items() if name not in common}
    _, _, body = await ask(platform, urlencode(common), urlencode(rest).encode())
    assert json.loads(body)["trades_sold_increment_get_response"]["has_next"] is False


async def test_without_a_format_it_answers_xml(platform: TaobaoSimulator) -> None:
    parameters = signed(
        platform, ORDERS, format="xml", **window(platform, timedelta(), timedelta())
    )
    _, headers, body = await ask(platform, "", urlencode(parameters).encode())
    assert headers["content-type"] == "text/xml"
    assert body.startswith(b"<?xml")


async def test_a_code_of_a_seller_is_good_once_and_for_half_an_hour(
    platform: TaobaoSimulator,
) -> None:
    query = urlencode(
        {"response_type": "code", "client_id": APP_KEY, "redirect_uri": "https://us/b"}
    )
    status, headers, _ = await ask(platform, query, b"", "/authorize")
    assert status == 302
    code = parse_qs(urlsplit(headers["location"]).query)["code"][0]
    create = "taobao.top.auth.token.create"
    answer = await told(platform, signed(platform, create, code=code))
    assert json.loads(answer["top_auth_token_create_response"]["token_result"])["access_token"]
    platform.calls.clear()
    assert (await refusal(platform, signed(platform, create, code=code)))[0] == 41
    late = platform.code()
    platform.now.advance(timedelta(minutes=31))
    assert (await refusal(platform, signed(platform, create, code=late)))[0] == 41


async def test_another_shops_token_does_not_see_this_shops_order() -> None:
    ours, theirs = Shop("1", "我们"), Shop("2", "他们")
    platform = TaobaoSimulator(ours, theirs)
    sold = ours.sell((ours.offer("卡", 100), 1))
    parameters = signed(
        platform, "taobao.logistics.dummy.send", tid=sold.order_id, session=platform.token(theirs)
    )
    assert (await refusal(platform, parameters))[1] == "isv.logistics-dummy-service-error:B01"
    assert sold.state is OrderState.PAID
