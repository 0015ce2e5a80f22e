"""What Pinduoduo's adapter makes of errors, faults, and answers that can't be right."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kashu.adapters.channels.pinduoduo import PinduoduoChannel
from kashu.adapters.channels.pinduoduo_gateway import TABLE
from kashu.channels.channel import ShopRefund, ShopState, Window
from kashu.channels.errors import (
    AlreadyShipped,
    AppRefused,
    CalledTooOften,
    ChannelDown,
    ChannelRefused,
    ChannelUnclear,
    GrantLost,
    NotShippable,
    ShopOrderWrong,
)
from kashu.core.errors import KashuError, OutsideError, Unavailable
from kashu.core.http import NoClearAnswer, NotReached
from kashu.simulators.faults import App, Fault
from kashu.simulators.serving import free_port
from kashu.simulators.shop import Item, OrderState
from tests.adapters.pinduoduo_shop import HurriedHttp, Street, altering, open_street, saying

CHANNEL = PinduoduoChannel()

MEANINGS: dict[type[KashuError], tuple[int, ...]] = {
    GrantLost: (10014, 10019, 10035, 20032),
    AppRefused: (10001, 10010, 10011, 10016, 20004, 20005, 20031),
    ChannelRefused: (10000, 10002, 10013, 20007, 50012, 70034),
    CalledTooOften: (52101, 70031, 70032),
    ChannelDown: (52102, 52103, 70033),
    ChannelUnclear: (50000, 50002, 52103_0, 99999, 0, -1),
}
CODES = [(code, meaning) for meaning, codes in MEANINGS.items() for code in codes]

NOT_ANSWERS = (
    b"",
    b"null",
    b"[]",
    b"{}",
    b'{"request_id":"1"}',
    b"<html><body>busy</body></html>",
    b'{"order_sn_increment_get_response":null}',
    b'{"order_sn_increment_get_response":{}}',
    b'{"order_sn_increment_get_response":{"total_count":"1"}}',
    b'{"order_sn_increment_get_response":{"total_count":1,"order_sn_list":{}}}',
    b'{"order_sn_increment_get_response":{"total_count":1,"order_sn_list":[{}]}}',
    b'{"order_sn_increment_get_response":{"total_count":0},"other_response":{}}',
    b'{"order_sn_increment_get_response":{"total_count":0}',
    b'{"order_sn_increment_get_response":' + b"[" * 100_000 + b"}",
    b'{"\xff_response":{"total_count":"\xff"}}',
    b'{"error_response":null}',
    b'{"error_response":{}}',
    b'{"error_response":{"error_code":"many"}}',
    b'{"error_response":{"error_code":1e99}}',
)


def lately(street: Street) -> Window:
    now = street.shop.now()
    return Window(now - timedelta(minutes=10), now + timedelta(minutes=1))


def offer(street: Street) -> Item:
    return street.shop.offer("芒果TV会员", 1990, properties="月卡", quantity=50)


def platform_itself(platform: App) -> App:
    return platform


def error(code: object, sub_code: object = None) -> bytes:
    told = {"error_msg": "made-up-secret", "sub_msg": "made-up-secret"}
    return json.dumps(
        {"error_response": {**told, "error_code": code, "sub_code": sub_code}}
    ).encode()


async def asked(*bodies: bytes, status: int = 200) -> AsyncIterator[KashuError]:
    """Ask for orders once for each answer, and give back what went wrong."""
    async with open_street(saying(*bodies, status=status)) as street:
        for _ in bodies:
            with pytest.raises(KashuError) as raised:
                await CHANNEL.orders(street.link, lately(street))
            yield raised.value


def test_the_table_has_no_code_that_is_not_tested() -> None:
    assert set(TABLE) == {code for code, meaning in CODES if meaning is not ChannelUnclear}


async def test_a_code_means_what_the_table_says_and_any_other_is_unclear() -> None:
    answers = [error(written) for code, _ in CODES for written in (code, str(code))]
    meanings = [(code, meaning) for code, meaning in CODES for _ in range(2)]
    told = [raised async for raised in asked(*answers)]
    for raised, (code, meaning) in zip(told, meanings, strict=True):
        assert type(raised) is meaning, code
        assert str(code) in str(raised)
        assert "made-up-secret" not in f"{raised!s}{raised.facts}"


async def test_a_business_error_is_told_apart_by_its_sub_code() -> None:
    meanings: dict[object, type[KashuError]] = {
        "isv.invalid-parameter:order_sn": ChannelRefused,
        "isv.order-service-error:4000000": ChannelUnclear,
        "isv.invalid-parameters": ChannelUnclear,
        "": ChannelUnclear,
        None: ChannelUnclear,
        3000000: ChannelUnclear,
    }
    told = [raised async for raised in asked(*[error(50001, each) for each in meanings])]
    for raised, (sub_code, meaning) in zip(told, meanings.items(), strict=True):
        assert isinstance(raised, meaning), sub_code


async def test_an_answer_that_is_not_one_is_unclear() -> None:
    async for raised in asked(*NOT_ANSWERS):
        assert type(raised) is ChannelUnclear


@pytest.mark.parametrize("status", [201, 301, 400, 404, 429, 503])
async def test_any_other_status_is_unclear(status: int) -> None:
    body = b'{"order_sn_increment_get_response":{"total_count":0,"order_sn_list":[]}}'
    async for raised in asked(body, status=status):
        assert type(raised) is ChannelUnclear


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        (Fault.ERROR_BEFORE, ChannelUnclear),
        (Fault.HTML, ChannelUnclear),
        (Fault.REDIRECT, ChannelUnclear),
        (Fault.HUGE, NoClearAnswer),
        (Fault.THROTTLED, CalledTooOften),
        (Fault.TOKEN_EXPIRED, GrantLost),
    ],
)
async def test_each_fault_ends_in_what_it_is(fault: Fault, meaning: type[OutsideError]) -> None:
    async with open_street(platform_itself) as street:
        sold = street.shop.sell((offer(street), 1))
        street.platform.faults.order(fault)
        with pytest.raises(meaning):
            await CHANNEL.orders(street.link, lately(street))
        page = await CHANNEL.orders(street.link, lately(street))
        assert [each.order_id for each in page.members] == [sold.order_id]


async def test_a_platform_that_is_not_there_is_unavailable() -> None:
    async with open_street(platform_itself) as street:
        nowhere = replace(street.link.app, base_url=f"http://127.0.0.1:{free_port()}")
        with pytest.raises(NotReached) as raised:
            await CHANNEL.orders(replace(street.link, app=nowhere), lately(street))
        assert isinstance(raised.value, Unavailable)


@pytest.mark.parametrize("fault", [Fault.SILENT_BEFORE, Fault.SILENT_AFTER])
async def test_silence_is_unclear(fault: Fault) -> None:
    async with open_street(platform_itself) as street:
        hurried = HurriedHttp(private_allowed=True)
        street.platform.faults.order(fault)
        with pytest.raises(NoClearAnswer):
            await CHANNEL.orders(replace(street.link, http=hurried), lately(street))
        await hurried.close()
        answered = fault is Fault.SILENT_AFTER
        assert bool(street.platform.calls) is answered


async def test_a_throttled_confirmation_did_nothing() -> None:
    async with open_street(platform_itself) as street:
        sold = street.shop.sell((offer(street), 1))
        street.platform.faults.order(Fault.THROTTLED)
        with pytest.raises(CalledTooOften):
            await CHANNEL.confirm(street.link, sold.order_id, [sold.order_id])
        assert (sold.state, sold.shipments) == (OrderState.PAID, 0)


async def test_a_shipment_whose_answer_was_lost_is_asked_about_not_repeated() -> None:
    lost = "logistics_online_send_response"
    async with open_street(altering(lambda _: None, losing=lost)) as street:
        sold = street.shop.sell((offer(street), 1))
        with pytest.raises(ChannelUnclear):
            await CHANNEL.confirm(street.link, sold.order_id, [sold.order_id])
        assert sold.shipments == 1
        with pytest.raises(AlreadyShipped):
            await CHANNEL.confirm(street.link, sold.order_id, [sold.order_id])
        assert sold.shipments == 1


async def test_a_refusal_to_ship_after_all_says_what_to_do() -> None:
    def ship_first(told: dict[str, Any]) -> None:
        if "logistics_online_send_response" in told:
            told.clear()
            told.update(json.loads(error(50001, "isv.invalid-parameter:logistics_id")))

    async with open_street(altering(ship_first)) as street:
        sold = street.shop.sell((offer(street), 1))
        with pytest.raises(NotShippable, match="50001"):
            await CHANNEL.confirm(street.link, sold.order_id, [sold.order_id])


async def test_a_success_that_is_false_is_unclear() -> None:
    def fail(told: dict[str, Any]) -> None:
        for answer in told.values():
            if "is_success" in answer:
                answer["is_success"] = False
            elif "result" in answer:
                answer["result"]["message"] = "余额不足"

    async with open_street(altering(fail)) as street:
        month = offer(street)
        sold = street.shop.sell((month, 1))
        refund = street.shop.ask_refund(street.shop.sell((month, 1)))
        told: ShopRefund = (await CHANNEL.refunds(street.link, lately(street))).members[0]
        with pytest.raises(ChannelUnclear):
            await CHANNEL.confirm(street.link, sold.order_id, [sold.order_id])
        with pytest.raises(ChannelUnclear):
            await CHANNEL.publish_price(street.link, month.item_id, month.sku_id, 100)
        with pytest.raises(ChannelUnclear):
            await CHANNEL.answer_refund(street.link, told, agree=True)
        assert told.refund_id == refund.refund_id


def orders_in(told: dict[str, Any]) -> list[dict[str, Any]]:
    for answer in told.values():
        if "order_info" in answer:
            return [answer["order_info"]]
        if "order_sn_list" in answer:
            return list(answer["order_sn_list"])
    return []


def wrong(**fields: object) -> Callable[[dict[str, Any]], None]:
    """Change the last order in an answer; of its item where the name begins with `item_`."""

    def change(told: dict[str, Any]) -> None:
        for order in orders_in(told)[-1:]:
            for name, value in fields.items():
                part = order["item_list"][0] if name in order["item_list"][0] else order
                if value is None:
                    del part[name]
                else:
                    part[name] = value

    return change


WRONG = {
    "the amounts do not add up": wrong(pay_amount="0.01"),
    "the amount is not one": wrong(pay_amount="NaN"),
    "the amount is negative": wrong(pay_amount="-19.90", goods_amount="-19.90"),
    "the amount is a part of a fen": wrong(pay_amount=19.905, goods_amount=19.905),
    "the amount is beyond all measure": wrong(pay_amount=1e300, goods_amount=1e300),
    "the amount is missing": wrong(pay_amount=None),
    "no piece was bought": wrong(goods_count=0),
    "minus one piece was bought": wrong(goods_count=-1),
    "half a piece was bought": wrong(goods_count="0.5"),
    "nothing was bought": wrong(item_list=[]),
    "the goods have no number": wrong(goods_id=""),
    "the state is unknown": wrong(order_status=4),
    "the refund's state is unknown": wrong(refund_status=9),
    "the confirmation is unknown": wrong(confirm_status=3),
    "the review is unknown": wrong(risk_control_status=2),
    "the review is missing": wrong(risk_control_status=None),
    "the time is none": wrong(updated_at="2026-02-30 00:00:00"),
    "it is a deposit order": wrong(trade_type=1),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
async def test_an_order_that_cannot_be_is_named_and_holds_up_no_other(
    change: Callable[[dict[str, Any]], None],
) -> None:
    async with open_street(altering(change)) as street:
        month = offer(street)
        bad = street.shop.sell((month, 1))
        street.shop.now.advance(timedelta(seconds=2))
        good = street.shop.sell((month, 1))
        listed = {each.order_id: each for each in await all_orders(street)}
        assert listed[good.order_id].state is ShopState.PAID
        assert listed[good.order_id].complete
        short = listed[bad.order_id]
        assert (short.complete, short.state, short.lines) == (False, ShopState.HELD, ())
        with pytest.raises(ShopOrderWrong) as raised:
            await CHANNEL.order(street.link, bad.order_id)
        assert raised.value.facts["order"] == bad.order_id
        with pytest.raises(ShopOrderWrong):
            await CHANNEL.confirm(street.link, bad.order_id, [bad.order_id])
        assert bad.shipments == 0


async def all_orders(street: Street) -> list[Any]:
    return list((await CHANNEL.orders(street.link, lately(street))).members)


async def test_an_order_of_several_goods_is_held_as_nobody_tells_what_each_cost() -> None:
    async with open_street(platform_itself) as street:
        year = street.shop.offer("芒果TV会员", 19800, properties="年卡")
        sold = street.shop.sell((offer(street), 1), (year, 1))
        with pytest.raises(ShopOrderWrong, match="item_list: 2"):
            await CHANNEL.order(street.link, sold.order_id)


async def test_an_order_that_the_platform_gave_a_card_for_is_held() -> None:
    cards = wrong(card_info_list=[{"card_no": "made-up", "mask_password": "made-up-too"}])
    async with open_street(altering(cards)) as street:
        sold = street.shop.sell((offer(street), 1))
        told = await CHANNEL.order(street.link, sold.order_id)
        assert told.state is ShopState.HELD
        assert "made-up" not in repr(told)


async def test_another_order_than_the_one_asked_for_is_refused() -> None:
    async with open_street(altering(wrong(order_sn="260308-1"))) as street:
        sold = street.shop.sell((offer(street), 1))
        with pytest.raises(ShopOrderWrong):
            await CHANNEL.order(street.link, sold.order_id)


@pytest.mark.parametrize(("status", "kept"), [(14, 0), (27, 0), (32, 0), (0, 0), (4, 1), (13, 1)])
async def test_refunds_that_are_about_no_money_are_left_out(status: int, kept: int) -> None:
    def change(told: dict[str, Any]) -> None:
        told["refund_increment_get_response"]["refund_list"][0]["after_sales_status"] = status

    async with open_street(altering(change)) as street:
        street.shop.ask_refund(street.shop.sell((offer(street), 1)))
        page = await CHANNEL.refunds(street.link, lately(street))
        assert len(page.members) == kept


@pytest.mark.parametrize("field", ["after_sales_status", "refund_amount", "updated_time", "id"])
async def test_a_refund_that_cannot_be_is_told_apart_from_the_others(field: str) -> None:
    values = {"after_sales_status": 99, "refund_amount": "-1", "updated_time": "soon", "id": []}

    def change(told: dict[str, Any]) -> None:
        told["refund_increment_get_response"]["refund_list"][-1][field] = values[field]

    async with open_street(altering(change)) as street:
        bad = street.shop.ask_refund(street.shop.sell((offer(street), 1)))
        street.shop.now.advance(timedelta(seconds=2))
        good = street.shop.ask_refund(street.shop.sell((offer(street), 1)))
        page = await CHANNEL.refunds(street.link, lately(street))
        assert [each.refund_id for each in page.members] == [good.refund_id]
        assert [each.facts["order"] for each in page.wrong] == [bad.order.order_id]


async def test_a_list_whose_members_have_no_number_is_unclear() -> None:
    def change(told: dict[str, Any]) -> None:
        for answer in told.values():
            for each in [*answer.get("refund_list", []), *answer.get("order_sn_list", [])]:
                each["order_sn"] = ""

    async with open_street(altering(change)) as street:
        street.shop.ask_refund(street.shop.sell((offer(street), 1)))
        with pytest.raises(ChannelUnclear):
            await CHANNEL.refunds(street.link, lately(street))
        with pytest.raises(ChannelUnclear):
            await CHANNEL.orders(street.link, lately(street))


async def test_a_refunds_time_may_be_unix_seconds() -> None:
    def change(told: dict[str, Any]) -> None:
        told["refund_increment_get_response"]["refund_list"][0]["updated_time"] = "1551612204"

    async with open_street(altering(change)) as street:
        street.shop.ask_refund(street.shop.sell((offer(street), 1)))
        page = await CHANNEL.refunds(street.link, lately(street))
        assert page.members[0].changed_at.isoformat() == "2019-03-03T11:23:24+00:00"


async def test_no_error_or_repr_shows_a_token_or_a_secret() -> None:
    async with open_street(platform_itself) as street:
        assert street.link.grant is not None
        secrets = [
            street.link.app.secret.clear,
            street.link.grant.access_token.clear,
            (street.link.grant.refresh_token or street.link.app.secret).clear,
        ]
        street.platform.withdraw(street.shop)
        with pytest.raises(GrantLost) as raised:
            await CHANNEL.refresh(street.link)
        shown = f"{raised.value!r} {raised.value!s} {raised.value.facts} {street.link!r}"
        for secret in secrets:
            assert secret not in shown
