"""Agiso's code table is closed: each code it names has a meaning, everything else is unclear."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from kashu.adapters.channels import agiso_calls as calls
from kashu.adapters.channels.agiso import AgisoChannel
from kashu.channels.channel import App, CardText, Grant, Link, Parcel
from kashu.channels.errors import (
    AlreadyShipped,
    AppRefused,
    CalledTooOften,
    ChannelDown,
    ChannelRefused,
    ChannelUnclear,
    GrantLost,
    NoSuchShopOrder,
    NotShippable,
)
from kashu.core.errors import OutsideError
from kashu.core.http import Http
from kashu.core.secrets import Secret
from kashu.simulators.serving import serving
from tests.adapters.answering import Answering

CHANNEL = AgisoChannel()
PARCEL = Parcel("42", "42", (CardText(number="1", password="made-up-password"),))


@pytest.fixture
def server() -> Answering:
    return Answering()


@pytest.fixture
async def link(server: Answering) -> AsyncIterator[Link]:
    async with serving(server) as base_url:
        http = Http(private_allowed=True)
        app = App("k", Secret("made-up-secret"), base_url, {"platform": "pinduoduo"})
        yield Link(app, Grant("1", "店", Secret("made-up-token")), http, lambda: datetime.now(UTC))
        await http.close()


async def reading(link: Link) -> OutsideError:
    with pytest.raises(OutsideError) as met:
        await CHANNEL.order(link, "42")
    return met.value


async def writing(link: Link) -> OutsideError:
    with pytest.raises(OutsideError) as met:
        await CHANNEL.send(link, PARCEL)
    return met.value


def refused(code: object, members: object = None) -> bytes:
    said = {"IsSuccess": False, "Data": members, "Error_Code": code, "Error_Msg": "made-up-text"}
    return json.dumps(said).encode()


async def test_each_code_of_the_table_has_its_meaning(link: Link, server: Answering) -> None:
    table: dict[int, type[OutsideError]] = {
        **dict.fromkeys(calls.GRANT_LOST, GrantLost),
        **dict.fromkeys(calls.APP_REFUSED, AppRefused),
        **dict.fromkeys(calls.TOO_OFTEN, CalledTooOften),
        **dict.fromkeys(calls.TIMED_OUT, ChannelDown),
        **dict.fromkeys(calls.NO_ORDER, NoSuchShopOrder),
        **dict.fromkeys(calls.REFUSED, ChannelRefused),
        **dict.fromkeys(calls.UPSTREAM, ChannelUnclear),
    }
    assert len(table) == 25
    for code, meaning in table.items():
        server.body = refused(code)
        assert type(await reading(link)) is meaning, code


async def test_what_is_not_in_the_table_is_unclear(link: Link, server: Answering) -> None:
    for code in (0, -1, 11, 12, 14, 15, 19, 25, 29, 34, 36, 999, None, "1", 1.5, True):
        server.body = refused(code)
        assert type(await reading(link)) is ChannelUnclear, code


async def test_a_timeout_at_the_platform_may_have_shipped(link: Link, server: Answering) -> None:
    server.body = refused(13)
    assert type(await writing(link)) is ChannelUnclear


async def test_the_one_order_of_a_call_says_why_it_failed(link: Link, server: Answering) -> None:
    meanings: dict[int, type[OutsideError]] = {
        -50: AlreadyShipped,
        -85: ChannelDown,
        -86: NotShippable,
        -90: GrantLost,
        -81: ChannelUnclear,
    }
    for code, meaning in meanings.items():
        member = {"Tid": 42, "ErrorCode": code, "AllowRetry": False}
        for members in ([member], member):
            server.body = refused(7, {"ErrorInfos": members})
            assert type(await writing(link)) is meaning, code


async def test_failures_that_do_not_say_why_are_unclear(link: Link, server: Answering) -> None:
    member = {"Tid": 42, "ErrorCode": -50}
    wrong: list[object] = [None, [], {}, {"ErrorInfos": []}, {"ErrorInfos": [{"ErrorMsg": "x"}]}]
    for members in wrong:
        server.body = refused(7, members)
        assert type(await writing(link)) is ChannelUnclear
    server.body = refused(6, {"ErrorInfos": [member, member]})
    assert type(await writing(link)) is ChannelUnclear


@pytest.mark.parametrize("status", [201, 302, 400, 401, 403, 404, 429, 500, 503])
async def test_any_other_http_status_is_unclear(link: Link, server: Answering, status: int) -> None:
    server.status, server.body = status, b'{"IsSuccess":true,"Error_Code":0}'
    assert type(await writing(link)) is ChannelUnclear


async def test_what_can_not_be_read_is_unclear(link: Link, server: Answering) -> None:
    for body in (
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"IsSuccess":true}',
        b'{"IsSuccess":"true","Error_Code":0}',
        b'{"IsSuccess":true,"Error_Code":9}',
        b'{"IsSuccess":true,"Error_Code":0,"Data":null}',
        b'{"IsSuccess":true,"Error_Code":0,"Data":{"order":{}}}',
        b"<html>busy</html>",
        b"\xff\xfe",
        b"[" * 100_000,
    ):
        server.body = body
        assert type(await reading(link)) is ChannelUnclear, body[:40]


async def test_no_refusal_tells_a_secret(link: Link, server: Answering) -> None:
    for body in (b"made-up-token made-up-secret", refused(1), refused(10), refused(3)):
        server.body = body
        error = await writing(link)
        assert "made-up" not in repr(error) + str(error) + error.text("zh")


async def test_the_token_goes_in_a_header_and_cards_in_the_body(
    link: Link, server: Answering
) -> None:
    server.body = refused(3)
    await writing(link)
    path, _, body = server.asked[-1].partition(b"?")
    assert path == b"/aldsPdd/DummySend/CardPwdSend"
    assert b"made-up-password" in body
    assert b"made-up-token" not in body
    assert b"made-up-secret" not in body
