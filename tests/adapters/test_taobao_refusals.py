"""What becomes of each way in which Taobao refuses, breaks, or says what can't be."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from kashu.adapters.channels.taobao import TaobaoChannel
from kashu.channels.channel import CardText, Link, Parcel, StockLevel, Window
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
from kashu.core.errors import KashuError, Unclear
from kashu.core.http import Http, NoClearAnswer, NotReached
from kashu.core.secrets import Secret
from kashu.simulators.faults import Fault
from kashu.simulators.serving import free_port
from kashu.simulators.shop import Order, OrderState
from kashu.simulators.taobao import APP_SECRET
from tests.adapters.taobao_shop import Street, Town, standing

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHANNEL = TaobaoChannel()
DUMMY = "isv.logistics-dummy-service-error:"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town() -> AsyncIterator[Town]:
    async with standing() as town:
        yield town


@pytest.fixture
def shop(town: Town) -> Street:
    return town.open()


@pytest.fixture
def sold(shop: Street) -> Order:
    month = shop.shop.offer("会员", 1990, properties="月卡", quantity=5)
    return shop.shop.sell((month, 2), (shop.shop.offer("年卡", 9900), 1))


def lately(shop: Street) -> Window:
    now = shop.shop.now()
    return Window(now - timedelta(minutes=20), now + timedelta(seconds=1))


async def refused(link: Link, order: Order, error: type[KashuError]) -> KashuError:
    """Have a shipment refused, and see that nothing happened and no secret was told."""
    with pytest.raises(error) as told:
        await CHANNEL.confirm(link, order.order_id, [])
    assert type(told.value) is error
    assert (order.state, order.shipments) == (OrderState.PAID, 0)
    words = told.value.text("zh") + told.value.text("en") + repr(told.value)
    assert APP_SECRET not in words
    assert link.grant is not None
    assert link.grant.access_token.clear not in words
    return told.value


@pytest.mark.parametrize(
    ("code", "sub_code", "error"),
    [
        *((code, "", CalledTooOften) for code in (4, 5, 6, 7, 8)),
        (15, "isv.trade-service-rejection", CalledTooOften),
        *((code, "", GrantLost) for code in (26, 27, 44)),
        (27, "session-expired", GrantLost),
        (15, DUMMY + "P03", GrantLost),
        *((code, "", AppRefused) for code in (11, 12, 13, 21, 22, 23, 24, 25, 28, 29, 30)),
        *((code, "", AppRefused) for code in (31, 32, 33, 34, 42, 47)),
        *((code, "isv.missing-parameter", ChannelRefused) for code in (40, 41, 43)),
        (15, "isv.trade-not-exist", NoSuchShopOrder),
        (15, DUMMY + "B01", NoSuchShopOrder),
        (15, DUMMY + "B27", AlreadyShipped),
        (15, DUMMY + "B02", NotShippable),
        (15, DUMMY + "B98", NotShippable),
        (15, "isv.whatever-else", ChannelRefused),
        (530, "isv.whatever-else", ChannelRefused),
        (10, "", ChannelUnclear),
        *((code, "isp.remote-service-timeout", ChannelUnclear) for code in (10, 15, 52, 520)),
        (15, DUMMY + "S01", ChannelUnclear),
        *((code, "", ChannelUnclear) for code in (0, 1, 9, 15, 16, 50, 52, 99, 520, 9999)),
        (16, "isp.unknown-code", ChannelUnclear),
    ],
)
async def test_a_refusal_means_what_the_table_says(
    shop: Street, sold: Order, code: int, sub_code: str, error: type[KashuError]
) -> None:
    shop.mouth.refuse(code, sub_code, "session 6100made0up is invalid")
    told = await refused(shop.link, sold, error)
    assert "6100made0up" not in told.text("zh") + told.text("en")


@pytest.mark.parametrize(
    ("code", "sub_code"),
    [(10, ""), (15, "isp.service-unavailable"), (52, "isp.x"), (520, "isp.x")],
)
async def test_a_question_may_be_asked_again_when_the_platform_broke(
    shop: Street, code: int, sub_code: str
) -> None:
    shop.mouth.refuse(code, sub_code)
    with pytest.raises(ChannelDown):
        await CHANNEL.orders(shop.link, lately(shop))


async def test_a_limit_that_says_how_long_it_lasts_is_waited_for(shop: Street) -> None:
    shop.mouth.refuse(7, "accesscontrol.limited-by-x", "This ban will last for 31062 more seconds")
    with pytest.raises(CalledTooOften) as told:
        await CHANNEL.orders(shop.link, lately(shop))
    assert told.value.facts["wait_s"] == 31062


async def test_a_code_full_of_anything_is_told_in_plain_characters(
    shop: Street, sold: Order
) -> None:
    shop.mouth.refuse(15, "isv.<script>\n\u202e" + "x" * 500)
    told = await refused(shop.link, sold, ChannelRefused)
    assert str(told.facts["said"]).isascii()
    assert len(str(told.facts["said"])) <= 80
    assert "<" not in str(told.facts["said"])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>busy</html>",
        b"null",
        b"[]",
        b"{}",
        b'{"error_response":"no"}',
        b'{"error_response":{"msg":"no code"}}',
        b'{"logistics_offline_send_response":{"shipping":{"is_success":true}}}',
        b'{"logistics_dummy_send_response":{}}',
        b'{"logistics_dummy_send_response":{"shipping":{"is_success":"true"}}}',
        b'{"logistics_dummy_send_response":{"shipping":{"is_success":false}}}',
        b'{"logistics_dummy_send_response":{"shipping":{"is_success":true}}',
        b'{"logistics_dummy_send_response":\xff\xfe}',
        b'{"a":' + b"[" * 100_000,
    ],
)
async def test_an_answer_that_cannot_be_read_is_unclear(
    shop: Street, sold: Order, body: bytes
) -> None:
    shop.mouth.says.append(body)
    await refused(shop.link, sold, ChannelUnclear)


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.REDIRECT, Fault.ERROR_BEFORE])
async def test_a_page_a_redirect_and_a_breakdown_are_unclear(
    shop: Street, sold: Order, fault: Fault
) -> None:
    shop.platform.faults.order(fault)
    await refused(shop.link, sold, ChannelUnclear)


async def test_more_than_anybody_reads_is_unclear(shop: Street, sold: Order) -> None:
    shop.platform.faults.order(Fault.HUGE)
    await refused(shop.link, sold, NoClearAnswer)


async def test_silence_before_and_after_acting_is_unclear(shop: Street, sold: Order) -> None:
    link = shop.hasty()
    shop.platform.faults.order(Fault.SILENT_BEFORE)
    await refused(link, sold, NoClearAnswer)
    shop.platform.faults.order(Fault.SILENT_AFTER)
    with pytest.raises(Unclear):
        await CHANNEL.confirm(link, sold.order_id, [])
    assert sold.shipments == 1
    with pytest.raises(AlreadyShipped):  # so we ask, and learn it
        await CHANNEL.confirm(shop.link, sold.order_id, [])
    assert sold.shipments == 1
    await link.http.close()


async def test_an_error_after_acting_is_unclear(shop: Street, sold: Order) -> None:
    shop.platform.faults.order(Fault.ERROR_AFTER)
    with pytest.raises(ChannelUnclear):
        await CHANNEL.confirm(shop.link, sold.order_id, [])
    assert sold.shipments == 1


async def test_a_platform_that_is_not_there_did_nothing(shop: Street, sold: Order) -> None:
    away = replace(shop.link.app, base_url=f"http://127.0.0.1:{free_port()}")
    await refused(replace(shop.link, app=away), sold, NotReached)


async def test_throttled_is_waited_for_and_then_goes_through(shop: Street, sold: Order) -> None:
    shop.platform.faults.order(Fault.THROTTLED)
    told = await refused(shop.link, sold, CalledTooOften)
    assert told.facts["wait_s"] == 1
    await CHANNEL.confirm(shop.link, sold.order_id, [])
    assert sold.shipments == 1


async def test_a_permission_that_expired_or_was_taken_back_is_lost(
    shop: Street, sold: Order
) -> None:
    shop.platform.faults.order(Fault.TOKEN_EXPIRED)
    await refused(shop.link, sold, GrantLost)
    shop.platform.now.advance(timedelta(days=1, seconds=1))
    await refused(shop.link, sold, GrantLost)
    token = shop.platform.token()
    shop.platform.withdraw(token)
    await refused(shop.with_token(token), sold, GrantLost)


async def test_an_unknown_token_a_wrong_secret_and_a_wrong_clock_are_told_apart(
    shop: Street, sold: Order
) -> None:
    await refused(shop.with_token("6100somebodyelses"), sold, GrantLost)
    app = replace(shop.link.app, secret=Secret("another"))
    await refused(replace(shop.link, app=app), sold, AppRefused)
    late = replace(shop.link, now=lambda: shop.shop.now() - timedelta(minutes=11))
    await refused(late, sold, AppRefused)
    key = replace(shop.link.app, key="23999999")
    await refused(replace(shop.link, app=key), sold, AppRefused)


@pytest.mark.parametrize("method", ["md5", "hmac", "hmac-sha256"])
async def test_every_way_to_sign_is_accepted(shop: Street, sold: Order, method: str) -> None:
    await CHANNEL.confirm(shop.with_options(sign_method=method), sold.order_id, [])
    assert sold.shipments == 1


async def test_another_order_than_the_one_asked_for_is_unclear(shop: Street, sold: Order) -> None:
    def swap(told: dict[str, Any]) -> None:
        told["trade_fullinfo_get_response"]["trade"]["tid"] += 1

    shop.mouth.change = swap
    with pytest.raises(ChannelUnclear):
        await CHANNEL.order(shop.link, sold.order_id)
    parcel = Parcel(sold.order_id, "", (CardText(number="N1"),))
    with pytest.raises(ChannelUnclear):
        await CHANNEL.send(shop.link, parcel)
    assert sold.memo == ""


async def test_stock_of_another_item_is_unclear(shop: Street) -> None:
    body = {"item_quantity_update_response": {"item": {"num_iid": 2}}}
    shop.mouth.says.append(json.dumps(body).encode())
    with pytest.raises(ChannelUnclear):
        await CHANNEL.publish_stock(shop.link, [StockLevel("1", "", 1)])


@pytest.mark.parametrize("token_result", ["", "[]", "{}", '{"access_token": "a"}'])
async def test_a_token_that_cannot_be_read_is_unclear_and_untold(
    shop: Street, token_result: str
) -> None:
    body = {"top_auth_token_create_response": {"token_result": token_result}}
    shop.mouth.says.append(json.dumps(body).encode())
    with pytest.raises(ChannelUnclear):
        await CHANNEL.authorize(shop.bare(), code="c", redirect="")


async def test_without_private_addresses_the_simulator_is_not_called(
    shop: Street, sold: Order
) -> None:
    http = Http()
    with pytest.raises(KashuError) as told:
        await CHANNEL.confirm(replace(shop.link, http=http), sold.order_id, [])
    assert told.value.code == "address_forbidden"
    assert sold.shipments == 0
    await http.close()
