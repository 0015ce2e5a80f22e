"""Youzan's adapter against its simulator, over real sockets: what goes wrong, and pushes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kashu.adapters.channels.youzan_answers import refusal
from kashu.channels.channel import CardText, Parcel, ShopRefundState
from kashu.channels.errors import (
    AlreadyShipped,
    AppRefused,
    CalledTooOften,
    ChannelRefused,
    ChannelUnclear,
    GrantLost,
    NoSuchShopOrder,
    ShopOrderWrong,
)
from kashu.core.errors import OutsideError, Unavailable, Unclear
from kashu.core.http import NoClearAnswer, NotReached
from kashu.core.secrets import Secret
from kashu.simulators.faults import Fault
from kashu.simulators.shop import Order, OrderState
from tests.adapters.youzan_shop import CHANNEL, SHOP_ID, Street, setting, street


@pytest.fixture
async def shop() -> AsyncIterator[Street]:
    async with street(virtual=False) as opened:
        yield opened


@pytest.fixture
def sold(shop: Street) -> Order:
    return shop.shop.sell((shop.month(), 2))


# The table of codes is closed


@pytest.mark.parametrize(
    ("code", "error"),
    [
        *[(code, CalledTooOften) for code in (4101, 500100004, 123000042, 141500203, 102010003)],
        *[(code, GrantLost) for code in (4201, 4202, 4203, 1004, 40002, 40009, 40011)],
        *[(code, AppRefused) for code in (4204, 4001, 4004, 4005, 4007, 4009, 4010, 1000, 1103)],
        *[(code, NoSuchShopOrder) for code in (5000, 106000003)],
        *[(code, AlreadyShipped) for code in (102570020, 102570007)],
        *[(code, ChannelRefused) for code in (103011024, 123005001, 123004002, 123003023)],
        *[(code, ChannelRefused) for code in (103010039, 102010002, 1005)],
        *[(code, ChannelUnclear) for code in (5001, 5002, 5003, 106000001, 106100118, 102510001)],
        *[(code, ChannelUnclear) for code in (99, "", "<b>", -1, "4101 ", 0, 2000)],
    ],
)
async def test_each_code_means_one_thing_and_an_unknown_one_is_unclear(
    shop: Street, sold: Order, code: int | str, error: type[OutsideError]
) -> None:
    shapes: list[dict[str, Any]] = [
        {"gw_err_resp": {"err_code": code, "err_msg": "m", "trace_id": "t"}},
        {"code": code, "success": False, "message": "m"},
        {"code": str(code), "success": False, "data": None},
        {"error_response": {"code": code, "msg": "m"}},
    ]
    for shape in shapes:

        def other(told: dict[str, Any], shape: dict[str, Any] = shape) -> None:
            told.clear()
            told.update(shape)

        shop.change = other
        with pytest.raises(error) as raised:
            await CHANNEL.order(shop.link, sold.order_id)
        assert raised.value.text("zh")


def test_a_code_about_no_order_is_told_without_one() -> None:
    assert isinstance(refusal("5000"), ChannelRefused)
    assert isinstance(refusal("102570007"), ChannelUnclear)


async def test_a_token_that_is_old_or_taken_back_loses_the_grant(shop: Street, sold: Order) -> None:
    for token in ("nobodys", ""):
        with pytest.raises(GrantLost):
            await CHANNEL.order(shop.with_token(token), sold.order_id)
    shop.platform.withdraw(shop.shop)
    with pytest.raises(GrantLost, match="4203"):
        await CHANNEL.order(shop.link, sold.order_id)
    access, _ = shop.platform.grant(shop.shop)
    shop.shop.now.advance(timedelta(days=8))
    with pytest.raises(GrantLost, match="4202"):
        await CHANNEL.order(shop.with_token(access), sold.order_id)


async def test_another_shops_token_does_not_show_our_orders(shop: Street, sold: Order) -> None:
    access, _ = shop.platform.grant(shop.platform.shops[1])
    with pytest.raises(NoSuchShopOrder):
        await CHANNEL.order(shop.with_token(access), sold.order_id)


async def test_a_wrong_secret_is_our_applications_fault(shop: Street) -> None:
    app = replace(shop.link.app, secret=Secret("another"))
    with pytest.raises(AppRefused, match="1000"):
        await CHANNEL.authorize(replace(shop.link, app=app), code=SHOP_ID, redirect="")


# Faults on the way


@pytest.mark.parametrize(
    ("fault", "error", "shipments"),
    [
        (Fault.ERROR_BEFORE, Unclear, 0),
        (Fault.ERROR_AFTER, Unclear, 1),
        (Fault.HTML, Unclear, 0),
        (Fault.REDIRECT, Unclear, 0),
        (Fault.HUGE, NoClearAnswer, 0),
        (Fault.THROTTLED, Unavailable, 0),
        (Fault.TOKEN_EXPIRED, GrantLost, 0),
    ],
)
async def test_a_shipment_that_meets_a_fault_is_known_or_in_doubt(
    shop: Street, sold: Order, fault: Fault, error: type[OutsideError], shipments: int
) -> None:
    looked: list[int] = []

    def second(_: dict[str, Any]) -> None:
        if not looked:
            looked.append(1)
            shop.platform.faults.order(fault)  # for the call after the look

    shop.change = second
    with pytest.raises(error):
        await _confirm_plainly(shop, sold)
    assert sold.shipments == shipments
    shop.change = None
    if shipments:
        with pytest.raises(AlreadyShipped):
            await CHANNEL.confirm(shop.link, sold.order_id, [])
    else:
        await CHANNEL.confirm(shop.link, sold.order_id, [])
    assert sold.shipments == 1


async def _confirm_plainly(shop: Street, sold: Order) -> None:
    """Confirm; answers that are no JSON pass as they are."""
    change = shop.change

    def once(told: dict[str, Any]) -> None:
        if change is not None:
            change(told)
        shop.change = None

    shop.change = once
    await CHANNEL.confirm(shop.link, sold.order_id, [])


@pytest.mark.parametrize("fault", [Fault.SILENT_BEFORE, Fault.SILENT_AFTER])
async def test_a_platform_that_says_nothing_leaves_us_in_doubt(
    shop: Street, sold: Order, fault: Fault
) -> None:
    shop.platform.faults.order(fault)
    with pytest.raises(ChannelUnclear, match="HTTP 500"):
        await CHANNEL.order(shop.link, sold.order_id)


async def test_a_platform_that_is_not_there_was_never_reached(shop: Street, sold: Order) -> None:
    gone = replace(shop.link, app=replace(shop.link.app, base_url="http://127.0.0.1:9"))
    with pytest.raises(NotReached):
        await CHANNEL.order(gone, sold.order_id)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"success": True},
        {"success": True, "code": 200},
        {"success": True, "code": 200, "data": None},
        {"success": True, "code": 200, "data": []},
        {"success": True, "data": {}},
        {"code": 200, "data": {"full_order_info": {}}},
        {"success": False, "code": 200, "data": {}},
        {"response": None},
        {"response": "ok"},
        {"gw_err_resp": {}},
        {"success": "true", "code": 200, "data": {}},
    ],
)
async def test_an_answer_of_no_known_shape_is_unclear(
    shop: Street, sold: Order, answer: dict[str, Any]
) -> None:
    def other(told: dict[str, Any]) -> None:
        told.clear()
        told.update(answer)

    shop.change = other
    with pytest.raises(Unclear):
        await CHANNEL.order(shop.link, sold.order_id)
    with pytest.raises(Unclear):
        await CHANNEL.orders(shop.link, shop.lately())


async def test_what_was_not_done_though_nothing_failed_is_unclear(
    shop: Street, sold: Order
) -> None:
    shop.change = setting("data.is_success", value=False)
    with pytest.raises(ChannelUnclear, match="is_success"):
        await CHANNEL.confirm(shop.link, sold.order_id, [])
    shop.change = setting("response.is_success", value=False)
    with pytest.raises(ChannelUnclear, match="is_success"):
        await CHANNEL.send(shop.link, Parcel(sold.order_id, "1", (CardText("A1"),)))


# Orders that can't be

WRONG: list[tuple[str, object]] = [
    ("order_info.status", "TRADE_NEW_STATE"),
    ("order_info.status", 5),
    ("order_info.status", "…"),
    ("order_info.update_time", "2026-13-01 00:00:00"),
    ("order_info.update_time", None),
    ("order_info.pay_time", ""),
    ("order_info.pay_time", "yesterday"),
    ("order_info.refund_state", 7),
    ("pay_info.payment", "39.81"),
    ("pay_info.payment", "39.8O"),
    ("pay_info.payment", 39.8),
    ("pay_info.payment", "-39.80"),
    ("pay_info.payment", "39.8001"),
    ("pay_info.post_fee", "x"),
    ("pay_info", "…"),
    ("orders", []),
    ("orders", "…"),
    ("orders.0.num", 0),
    ("orders.0.num", -1),
    ("orders.0.num", "2"),
    ("orders.0.num", 1.5),
    ("orders.0.payment", "1.00"),
    ("orders.0.oid", ""),
    ("orders.0.item_id", 0),
    ("orders.0.item_id", "…"),
]


@pytest.mark.parametrize(("path", "value"), WRONG, ids=[f"{path}={value}" for path, value in WRONG])
async def test_an_order_that_can_not_be_is_wrong_and_hides_no_other(
    shop: Street, sold: Order, path: str, value: object
) -> None:
    other = shop.shop.sell((shop.month(), 1))
    shop.change = setting(f"data.full_order_info.{path}", value)
    with pytest.raises(ShopOrderWrong, match=sold.order_id) as raised:
        await CHANNEL.order(shop.link, sold.order_id)
    assert "39.8" not in raised.value.text("zh")
    shop.change = setting(f"data.full_order_info_list.1.full_order_info.{path}", value)
    (page,) = await shop.pages(shop.lately())
    assert [order.order_id for order in page.members] == [other.order_id]
    assert [error.facts["order"] for error in page.wrong] == [sold.order_id]


@pytest.mark.parametrize("value", ["…", 7, None])
async def test_an_order_without_a_number_makes_the_list_unclear(
    shop: Street, sold: Order, value: object
) -> None:
    del sold
    shop.change = setting("data.full_order_info_list.0.full_order_info.order_info.tid", value)
    with pytest.raises(ChannelUnclear):
        await CHANNEL.orders(shop.link, shop.lately())


async def test_another_order_than_the_one_asked_for_is_unclear(shop: Street, sold: Order) -> None:
    shop.change = setting("data.full_order_info.order_info.tid", "E2")
    with pytest.raises(ChannelUnclear, match="another order"):
        await CHANNEL.order(shop.link, sold.order_id)


async def test_postage_is_none_of_ours(shop: Street, sold: Order) -> None:
    shop.change = setting("data.full_order_info.pay_info", {"payment": "45.80", "post_fee": "6.00"})
    assert (await CHANNEL.order(shop.link, sold.order_id)).paid_e4 == 398_000


async def test_what_is_paid_on_delivery_is_not_paid(shop: Street, sold: Order) -> None:
    tags = "data.full_order_info.order_info.order_tags.is_payed"
    shop.change = setting(tags, value=False)
    assert (await CHANNEL.order(shop.link, sold.order_id)).paid_at is not None
    assert (await CHANNEL.order(shop.link, sold.order_id)).state == "unpaid"


async def test_ids_beyond_two_to_the_53_are_read_exactly(shop: Street, sold: Order) -> None:
    whole = 2**63 - 1
    shop.change = setting("data.full_order_info.orders.0.item_id", whole)
    assert (await CHANNEL.order(shop.link, sold.order_id)).lines[0].item_id == str(whole)
    assert int(sold.lines[0].item.item_id) > 2**53


@pytest.mark.parametrize("messages", ["[]", "", "只是文字", '{"账号": 1}', '["a"]'])
async def test_what_the_buyer_typed_is_read_or_left_as_it_is(
    shop: Street, sold: Order, messages: str
) -> None:
    shop.change = setting("data.full_order_info.orders.0.buyer_messages", messages)
    note = (await CHANNEL.order(shop.link, sold.order_id)).note
    assert note == ("" if messages == "[]" else messages)


async def test_a_refund_in_an_unknown_state_is_wrong_and_hides_no_other(shop: Street) -> None:
    refunds = [shop.shop.ask_refund(shop.shop.sell((shop.month(), 1))) for _ in range(2)]

    def strange(told: dict[str, Any]) -> None:
        if told["data"].get("refund_id") == refunds[0].refund_id:
            told["data"]["status"] = "SOMETHING_NEW"

    shop.change = strange
    page = await CHANNEL.refunds(shop.link, shop.lately())
    assert [told.refund_id for told in page.members] == [refunds[1].refund_id]
    assert [error.facts["order"] for error in page.wrong] == [refunds[0].order.order_id]
    with pytest.raises(ShopOrderWrong):
        await CHANNEL.order(shop.link, refunds[0].order.order_id)


async def test_a_refund_that_no_list_tells_holds_the_whole_order(shop: Street, sold: Order) -> None:
    shop.change = setting("data.full_order_info.order_info.refund_state", 1)
    told = await CHANNEL.order(shop.link, sold.order_id)
    assert {line.refund for line in told.lines} == {ShopRefundState.ASKED}


# Secrets


async def test_no_error_tells_a_secret(shop: Street, sold: Order) -> None:
    assert shop.link.grant is not None
    secrets = (shop.link.grant.access_token.clear, shop.link.app.secret.clear, "PW-SECRET")
    parcel = Parcel(sold.order_id, "1", (CardText("A1", "PW-SECRET"),))
    for fault in (Fault.HTML, Fault.REDIRECT, Fault.THROTTLED, Fault.TOKEN_EXPIRED):
        shop.platform.faults.order(fault)
        with pytest.raises(OutsideError) as raised:
            await CHANNEL.send(shop.link, parcel)
        told = f"{raised.value!r} {raised.value.text('zh')} {raised.value.facts} {shop.link!r}"
        assert not any(secret in told for secret in secrets)
    assert "PW-SECRET" not in repr(parcel)


async def test_closed_and_finished_orders_take_no_shipment(shop: Street, sold: Order) -> None:
    shop.shop.set_state(sold, OrderState.FINISHED)
    with pytest.raises(AlreadyShipped):
        await CHANNEL.confirm(shop.link, sold.order_id, [])
    assert sold.shipments == 0
