"""JD's gateway adapter and answers that it must not believe, or can't."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kashu.adapters.channels.jd import JdChannel
from kashu.channels import channel
from kashu.channels.channel import Grant, Link, ShopState, Window
from kashu.channels.errors import (
    AppRefused,
    CalledTooOften,
    ChannelDown,
    ChannelRefused,
    ChannelUnclear,
    GrantLost,
    ShopOrderWrong,
)
from kashu.core.errors import KashuError, OutsideError
from kashu.core.http import NoClearAnswer, NotReached
from kashu.core.secrets import Secret
from kashu.simulators.faults import App, Fault, Receive, Scope, Send
from kashu.simulators.serving import free_port
from kashu.simulators.shop import OrderState
from tests.adapters.jd_shop import Street, altering, altering_order, open_street, saying

CHANNEL = JdChannel()


@pytest.fixture
async def street() -> AsyncIterator[Street]:
    async with open_street() as opened:
        yield opened


def lately(street: Street) -> Window:
    now = street.shop.now()
    return Window(now - timedelta(hours=1), now + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("2", CalledTooOften),
        *((code, AppRefused) for code in ("4", "5", "7", "8", "11", "12", "14", "15")),
        *((code, AppRefused) for code in ("18", "20", "21", "24")),
        ("19", GrantLost),
        ("11100006", GrantLost),
        ("33", ChannelDown),
        ("65", ChannelDown),
        ("10500001", ChannelRefused),
        ("999999", ChannelUnclear),
        ("", ChannelUnclear),
    ],
)
async def test_each_code_means_one_thing(
    street: Street, code: str, error: type[OutsideError]
) -> None:
    street.platform.says.append(code)
    with pytest.raises(error) as raised:
        await CHANNEL.orders(street.link, lately(street))
    assert type(raised.value) is error


@pytest.mark.parametrize("code", ["33", "65"])
async def test_a_server_that_took_too_long_over_a_change_leaves_us_in_doubt(
    street: Street, code: str
) -> None:
    sold = street.shop.sell((street.shop.offer("会员", 100), 1))
    street.platform.says.append(code)
    with pytest.raises(ChannelUnclear):
        await CHANNEL.confirm(street.link, sold.order_id, [])


async def test_a_window_that_is_too_long_is_refused_by_a_rule(street: Street) -> None:
    now = street.shop.now()
    with pytest.raises(ChannelRefused):
        await CHANNEL.orders(street.link, Window(now - timedelta(days=40), now))


async def test_the_longest_window_of_the_bounds_is_taken(street: Street) -> None:
    begin = street.shop.now() - CHANNEL.bounds.history
    await CHANNEL.orders(street.link, Window(begin, begin + CHANNEL.bounds.window))


@pytest.mark.parametrize(
    ("link", "error"),
    [
        (lambda link: replace(link, app=replace(link.app, secret=Secret("wrong"))), AppRefused),
        (lambda link: replace(link, app=replace(link.app, key="wrong")), AppRefused),
        (
            lambda link: replace(link, grant=Grant("1", "", Secret("another's-token-0001"))),
            GrantLost,
        ),
        (lambda link: replace(link, now=lambda: link.now() - timedelta(minutes=7)), AppRefused),
        (lambda link: replace(link, now=lambda: link.now() + timedelta(minutes=7)), AppRefused),
    ],
)
async def test_a_wrong_key_token_or_clock_is_told_apart_without_telling_it(
    street: Street, link: Callable[[Link], Link], error: type[KashuError]
) -> None:
    with pytest.raises(error) as raised:
        await CHANNEL.orders(link(street.link), lately(street))
    told = f"{raised.value}{raised.value.facts}{raised.value.text('zh')}"
    assert "wrong" not in told
    assert "another's-token-0001" not in told


async def test_a_permission_that_was_taken_back_is_lost(street: Street) -> None:
    street.platform.withdraw(street.shop)
    with pytest.raises(GrantLost):
        await CHANNEL.orders(street.link, lately(street))


async def test_an_application_with_a_wrong_secret_gets_no_token(street: Street) -> None:
    code = street.platform.permit(street.shop)
    wrong = replace(street.link, app=replace(street.link.app, secret=Secret("guess-0001")))
    with pytest.raises(AppRefused) as raised:
        await CHANNEL.authorize(wrong, code=code, redirect="")
    assert "guess-0001" not in str(raised.value)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.SILENT_BEFORE, ChannelUnclear),
        (Fault.ERROR_BEFORE, ChannelUnclear),
        (Fault.HTML, ChannelUnclear),
        (Fault.REDIRECT, ChannelUnclear),
        (Fault.HUGE, NoClearAnswer),
        (Fault.THROTTLED, CalledTooOften),
        (Fault.TOKEN_EXPIRED, GrantLost),
    ],
)
async def test_a_fault_is_told_for_what_it_is_and_the_next_call_works(
    street: Street, fault: Fault, error: type[OutsideError]
) -> None:
    sold = street.shop.sell((street.shop.offer("会员", 100), 1))
    street.platform.faults.order(fault)
    with pytest.raises(error):
        await CHANNEL.confirm(street.link, sold.order_id, [])
    assert (sold.state, sold.shipments) == (OrderState.PAID, 0)
    await CHANNEL.confirm(street.link, sold.order_id, [])
    assert (sold.state, sold.shipments) == (OrderState.SHIPPED, 1)


@pytest.mark.parametrize("fault", [Fault.SILENT_AFTER, Fault.ERROR_AFTER])
async def test_a_shipment_without_an_answer_is_found_when_the_order_is_read(
    street: Street, fault: Fault
) -> None:
    sold = street.shop.sell((street.shop.offer("会员", 100), 1))
    street.platform.faults.order(fault)
    with pytest.raises(ChannelUnclear):
        await CHANNEL.confirm(street.link, sold.order_id, [])
    assert (await CHANNEL.order(street.link, sold.order_id)).state is ShopState.SHIPPED


async def test_a_platform_that_is_not_there_did_nothing(street: Street) -> None:
    app = channel.App("k", Secret("s"), base_url=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(NotReached):
        await CHANNEL.orders(
            Link(app, street.link.grant, street.link.http, street.link.now), lately(street)
        )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 200),
        (b"null", 200),
        (b"[]", 200),
        (b"{}", 200),
        (b"\xff\xfe", 200),
        (b'{"error_response": 1}', 200),
        (b'{"error_response": {}}', 200),
        (b'{"code": [1]}', 200),
        (b'{"jingdong_pop_order_search_responce": {"code": "0"}}', 200),
        (b'{"jingdong_pop_order_search_responce": {"searchorderinfo_result": {}}}', 200),
        (b'{"jingdong_pop_order_get_responce": {"code": "0"}}', 200),
        (b"{}", 404),
        (b"{}", 503),
    ],
)
async def test_an_answer_that_cannot_be_read_is_unclear(body: bytes, status: int) -> None:
    async with open_street(saying(body, status)) as street:
        with pytest.raises(ChannelUnclear):
            await CHANNEL.orders(street.link, lately(street))


async def test_a_search_that_failed_is_not_an_empty_one() -> None:
    def fail(told: dict[str, Any]) -> None:
        result = told["jingdong_pop_order_search_responce"]["searchorderinfo_result"]
        result["apiResult"]["success"] = "false"

    async with open_street(altering(fail)) as street:
        with pytest.raises(ChannelUnclear):
            await CHANNEL.orders(street.link, lately(street))


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"orderState": "UN_KNOWN"}, "state"),
        ({"orderState": "SOMETHING_NEW"}, "state"),
        ({"orderState": None}, "missing"),
        ({"modified": None}, "missing"),
        ({"modified": "yesterday"}, "time"),
        ({"paymentConfirmTime": "2026-02-30 00:00:00"}, "time"),
        ({"actualPay": "19.90 元"}, "actualPay"),
        ({"actualPay": "-1.00"}, "actualPay"),
        ({"actualPay": "NaN"}, "actualPay"),
        ({"actualPay": "1e400"}, "actualPay"),
        ({"actualPay": "19.901"}, "whole fen"),
        ({"actualPay": "99.00"}, "more was paid"),
        ({"itemInfoList": None}, "missing"),
        ({"itemInfoList": []}, "no lines"),
        ({"itemInfoList": [{"skuId": "1"}]}, "missing"),
        *(
            ({"itemInfoList": [{"skuId": "1", "jdPrice": price, "itemTotal": count}]}, what)
            for price, count, what in (
                ("19.90", "0", "itemTotal"),
                ("19.90", "-1", "itemTotal"),
                ("19.90", "one", "itemTotal"),
                ("-19.90", "1", "jdPrice"),
                ("19.905", "1", "whole fen"),
            )
        ),
    ],
)
async def test_an_order_that_cannot_be_is_held_and_holds_up_no_other(
    fields: dict[str, Any], what: str
) -> None:
    async with open_street(altering_order(**fields)) as street:
        sold = street.shop.sell((street.shop.offer("会员", 1990), 1), note="账号 13800000000")
        with pytest.raises(ShopOrderWrong) as raised:
            await CHANNEL.order(street.link, sold.order_id)
        assert what in str(raised.value)
        assert sold.order_id in str(raised.value)
        assert "13800000000" not in str(raised.value)
        page = await CHANNEL.orders(street.link, lately(street))
        assert page.members == []
        assert [error.facts["order"] for error in page.wrong] == [sold.order_id]


async def test_what_was_paid_may_come_after_the_order() -> None:
    async with open_street(altering_order(actualPay=None)) as street:
        sold = street.shop.sell((street.shop.offer("会员", 1990), 1))
        (order,) = (await CHANNEL.orders(street.link, lately(street))).members
        assert (order.order_id, order.complete, order.lines) == (sold.order_id, False, ())
        with pytest.raises(ShopOrderWrong):
            await CHANNEL.order(street.link, sold.order_id)


async def test_numbers_are_read_exactly_in_whichever_way_they_are_written() -> None:
    item = {"skuId": 9007199254740993, "wareId": 9007199254740995, "jdPrice": 0.3, "itemTotal": 3}
    changed = altering_order(actualPay=0.9, freightPrice=0, itemInfoList=[item])
    async with open_street(changed) as street:
        sold = street.shop.sell((street.shop.offer("会员", 30), 3))
        order = await CHANNEL.order(street.link, sold.order_id)
    (line,) = order.lines
    assert (line.sku_id, line.item_id) == ("9007199254740993", "9007199254740995")
    assert (order.paid_e4, line.paid_e4, line.quantity) == (9000, 9000, 3)


async def test_a_refund_that_cannot_be_holds_up_no_other() -> None:
    def change(told: dict[str, Any]) -> None:
        result = told["jingdong_pop_afs_soa_refundapply_queryPageList_responce"]["queryResult"]
        first, *_ = result["result"] or [{}]
        first["applyRefundSum"] = "1.11"

    async with open_street(altering(change)) as street:
        item = street.shop.offer("会员", 1990)
        bad = street.shop.ask_refund(street.shop.sell((item, 1)))
        street.platform.now.advance(timedelta(seconds=2))
        good = street.shop.ask_refund(street.shop.sell((item, 1)))
        page = await CHANNEL.refunds(street.link, lately(street))
    assert [refund.refund_id for refund in page.members] == [good.refund_id]
    assert [error.facts["order"] for error in page.wrong] == [bad.order.order_id]


async def test_response_rightly_spelled_and_members_in_wrappers_are_read_too() -> None:
    def change(told: dict[str, Any]) -> None:
        for name in list(told):
            inner = told.pop(name)
            order = inner["orderDetailInfo"]["orderInfo"]
            order["itemInfoList"] = [{"iteminfo": item} for item in order["itemInfoList"]]
            told[name.replace("_responce", "_response")] = inner

    async with open_street(altering(change)) as street:
        item = street.shop.offer("会员", 1990)
        order = await CHANNEL.order(street.link, street.shop.sell((item, 1)).order_id)
    assert [line.sku_id for line in order.lines] == [item.sku_id]


async def test_nothing_of_a_call_is_in_its_address() -> None:
    asked: list[tuple[str, bytes]] = []

    def watching(platform: App) -> App:
        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            asked.append((scope["path"], scope["query_string"]))
            await platform(scope, receive, send)

        return watched

    async with open_street(watching) as street:
        await CHANNEL.orders(street.link, lately(street))
        assert "jd-access" not in repr(street.link)
    assert [each for each in asked if each[0] != "/"] == [("/routerjson", b"")]
