"""Weidian's code table is closed: each code it names has a meaning, everything else is unclear."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from kashu.adapters.channels import weidian_calls as calls
from kashu.adapters.channels.weidian import WeidianChannel
from kashu.channels.channel import App, Grant, Link, StockLevel
from kashu.channels.errors import (
    AppRefused,
    CalledTooOften,
    ChannelDown,
    ChannelRefused,
    ChannelUnclear,
    GrantLost,
    NoSuchShopOrder,
    NotShippable,
    ShopOrderWrong,
)
from kashu.core.errors import OutsideError
from kashu.core.http import Http
from kashu.core.secrets import Secret
from kashu.simulators.serving import serving
from tests.adapters.answering import Answering

CHANNEL = WeidianChannel()
GRANT = Grant("1", "店", Secret("made-up-token"), Secret("made-up-renewal"))


@pytest.fixture
def server() -> Answering:
    return Answering()


@pytest.fixture
async def link(server: Answering) -> AsyncIterator[Link]:
    async with serving(server) as base_url:
        http = Http(private_allowed=True)
        app = App("k", Secret("made-up-secret"), base_url)
        yield Link(app, GRANT, http, lambda: datetime.now(UTC))
        await http.close()


async def reading(link: Link) -> OutsideError:
    with pytest.raises(OutsideError) as met:
        await CHANNEL.order(link, "42")
    return met.value


async def writing(link: Link) -> OutsideError:
    with pytest.raises(OutsideError) as met:
        await CHANNEL.publish_stock(link, [StockLevel("1", "", 1)])
    return met.value


async def test_each_code_of_the_table_has_its_meaning(link: Link, server: Answering) -> None:
    table: dict[int, type[OutsideError]] = {
        **dict.fromkeys(calls.GRANT_LOST, GrantLost),
        **dict.fromkeys(calls.TOO_OFTEN, CalledTooOften),
        **dict.fromkeys(calls.OUT_OF_ORDER, ChannelDown),
        **dict.fromkeys(calls.APP_REFUSED, AppRefused),
        **dict.fromkeys(calls.NO_ORDER, NoSuchShopOrder),
        **dict.fromkeys(calls.NOT_SHIPPABLE, NotShippable),
        **dict.fromkeys(calls.REFUSED, ChannelRefused),
        calls.SHIPPING_FAILED: ChannelUnclear,
        calls.NOT_WAITING: ChannelUnclear,
    }
    assert len(table) == 44
    for code, meaning in table.items():
        server.body = json.dumps({"status": {"status_code": code, "status_reason": "x"}}).encode()
        assert type(await reading(link)) is meaning, code


async def test_what_is_not_in_the_table_is_unclear(link: Link, server: Answering) -> None:
    for code in (-1, 1, 9999, 10010, 10030, 20001, 99999):
        server.body = json.dumps({"status": {"status_code": code}}).encode()
        assert type(await reading(link)) is ChannelUnclear


async def test_a_change_that_broke_inside_the_platform_may_have_happened(
    link: Link, server: Answering
) -> None:
    for code in calls.OUT_OF_ORDER:
        server.body = json.dumps({"status": {"status_code": code}}).encode()
        assert type(await writing(link)) is ChannelUnclear


@pytest.mark.parametrize("status", [201, 302, 400, 403, 404, 429, 500, 502, 503])
async def test_any_other_http_status_is_unclear(link: Link, server: Answering, status: int) -> None:
    server.status, server.body = status, b'{"status":{"status_code":0},"result":{}}'
    assert type(await writing(link)) is ChannelUnclear


async def test_what_can_not_be_read_is_unclear(link: Link, server: Answering) -> None:
    for body in (
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"status":{}}',
        b'{"status":{"status_code":"good"}}',
        b'{"status":{"status_code":null}}',
        b"<html>busy</html>",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"status":{"status_code":0}}',
    ):
        server.body = body
        assert type(await reading(link)) is ChannelUnclear, body[:40]


async def test_an_order_without_its_fields_is_held(link: Link, server: Answering) -> None:
    results: list[object] = [{}, {"order_id": "42"}, [], 7, "ok", None]
    for result in results:
        server.body = json.dumps({"status": {"status_code": 0}, "result": result}).encode()
        assert type(await reading(link)) is ShopOrderWrong


async def test_a_token_without_its_fields_is_unclear(link: Link, server: Answering) -> None:
    good = {"access_token": "a", "expire_in": 5, "refresh_token": "r", "openid": "1"}
    for wrong in (
        {"access_token": None},
        {"expire_in": "soon"},
        {"expire_in": 10**30},
        {"refreshExpireTime": 10**30},
    ):
        result = {**good, **wrong}
        server.body = json.dumps({"status": {"status_code": 0}, "result": result}).encode()
        with pytest.raises(ChannelUnclear):
            await CHANNEL.authorize(link, code="c", redirect="https://kashu.example")
        with pytest.raises(ChannelUnclear):
            await CHANNEL.refresh(link)


async def test_no_refusal_tells_a_secret(link: Link, server: Answering) -> None:
    for body in (b"made-up-token made-up-secret", b'{"status":{"status_code":10013}}'):
        server.body = body
        error = await reading(link)
        assert "made-up" not in repr(error) + str(error) + error.text("zh")
