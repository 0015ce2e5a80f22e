"""Both of JD's platforms that call the seller: what holds for either, over real sockets."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from kashu.channels.asking import (
    Ask,
    Asking,
    Failure,
    GivenCard,
    Progress,
    Result,
    Ticket,
    Wants,
)
from kashu.channels.channel import CardText, PushRequest
from kashu.channels.errors import (
    AppRefused,
    ChannelUnclear,
    NoSuchShopOrder,
    NotShippable,
    PushNotAuthentic,
    ShopOrderWrong,
)
from kashu.core.http import NoClearAnswer, NotReached
from kashu.core.secrets import Secret
from kashu.simulators.faults import Fault
from kashu.simulators.jd_asking import AskedOrder, JdGameSimulator, JdVirtualSimulator
from kashu.simulators.serving import free_port
from tests.adapters.jd_seller import Street, open_game, open_virtual

TWO = (
    GivenCard(CardText("MG-0001", "PW-0001"), date(2027, 12, 31)),
    GivenCard(CardText("MG-0002", "PW-0002")),
)
Either = Street[JdGameSimulator] | Street[JdVirtualSimulator]


@pytest.fixture(params=[open_game, open_virtual], ids=["game", "virtual"])
async def street(request: pytest.FixtureRequest) -> AsyncIterator[Either]:
    async with request.param() as opened:
        yield opened


def done(*cards: GivenCard) -> Callable[[Ticket | None], Result]:
    def says(ticket: Ticket | None) -> Result:
        return Result(Progress.DONE, ticket, our_number="KS-1", cards=cards)

    return says


def failed(why: Failure) -> Callable[[Ticket | None], Result]:
    return lambda ticket: Result(Progress.FAILED, ticket, our_number="KS-1", failure=why)


def sell(street: Either, quantity: int = 2, **more: str) -> AskedOrder:
    return street.platform.sell("100012345678", quantity, 3980, merchant_code="mgtv-month", **more)


def kept(street: Either, order: AskedOrder) -> Ask:
    return street.desk.asks[order.number]


def test_they_are_asking_adapters(street: Either) -> None:
    assert isinstance(street.desk.adapter, Asking)


async def test_a_paid_order_is_read_whole(street: Either) -> None:
    order = sell(street)
    await street.platform.ask(order)
    ask = kept(street, order)
    (line,) = ask.order.lines
    assert (ask.order.order_id, ask.order.paid_e4) == (order.number, 398_000)
    assert (line.quantity, line.paid_e4, line.merchant_code) == (2, 398_000, "mgtv-month")
    assert ask.order.paid_at is not None
    assert abs(street.platform.now() - ask.order.paid_at) < timedelta(seconds=5)
    assert ask.order.paid_at.utcoffset() == timedelta()
    assert (ask.ticket.wants, ask.ticket.quantity, ask.account) == (Wants.CARDS, 2, "")
    assert (order.state, len(order.answers)) == ("open", 1)


async def test_a_top_up_names_its_account_and_never_prints_it(street: Either) -> None:
    order = sell(street, 1, account="13800000000")
    await street.platform.ask(order)
    ask = kept(street, order)
    assert (ask.ticket.wants, ask.account) == (Wants.TOPUP, "13800000000")
    assert ask.details
    assert "13800000000" not in repr(ask)


async def test_cards_that_are_there_go_with_the_answer(street: Either) -> None:
    street.desk.says = done(*TWO)
    order = sell(street)
    await street.platform.ask(order)
    assert (order.state, order.cards) == (
        "done",
        [("MG-0001", "PW-0001"), ("MG-0002", "PW-0002")],
    )


async def test_cards_that_come_later_are_told(street: Either) -> None:
    order = sell(street)
    await street.platform.ask(order)
    assert order.state == "open"
    await street.desk.adapter.tell(street.link, done(*TWO)(kept(street, order).ticket))
    assert (order.state, len(order.cards)) == ("done", 2)


async def test_cards_that_come_later_are_given_when_jd_asks(street: Either) -> None:
    order = sell(street)
    await street.platform.ask(order)
    await street.platform.question(order)
    assert order.state == "open"
    street.desk.says = done(*TWO)
    await street.platform.question(order)
    assert (order.state, len(order.cards)) == ("done", 2)


async def test_a_top_up_is_told_without_cards(street: Either) -> None:
    order = sell(street, 1, account="13800000000")
    await street.platform.ask(order)
    await street.desk.adapter.tell(street.link, done()(kept(street, order).ticket))
    assert (order.state, order.cards) == ("done", [])


async def test_the_same_order_sent_again_gets_the_answer_as_things_stand(street: Either) -> None:
    order = sell(street)
    for _ in range(20):
        await street.platform.ask(order)
    assert (street.desk.calls, len(street.desk.asks)) == (20, 1)
    assert (order.state, len(set(order.answers))) == ("open", 1)
    street.desk.says = done(*TWO)
    await street.platform.ask(order)
    assert order.state == "done"


async def test_a_result_told_twice_does_no_harm(street: Either) -> None:
    order = sell(street)
    await street.platform.ask(order)
    result = done(*TWO)(kept(street, order).ticket)
    await street.desk.adapter.tell(street.link, result)
    await street.desk.adapter.tell(street.link, result)
    assert (order.state, len(order.told)) == ("done", 2)


@pytest.mark.parametrize("why", Failure)
async def test_an_order_that_failed_for_good_is_refunded(street: Either, why: Failure) -> None:
    street.desk.says = failed(why)
    order = sell(street)
    await street.platform.ask(order)
    if order.state == "open":  # out of stock: JD comes again, and asks
        await street.platform.question(order)
    assert order.state == "refunded"


@pytest.mark.parametrize("why", Failure)
async def test_a_failure_can_be_told_later(street: Either, why: Failure) -> None:
    order = sell(street)
    await street.platform.ask(order)
    result = failed(why)(kept(street, order).ticket)
    await street.desk.adapter.tell(street.link, result)
    street.desk.says = failed(why)
    await street.platform.question(order)
    assert (order.state, order.told) == ("refunded", ["2"])


async def test_an_order_that_we_do_not_have_is_never_called_failed(street: Either) -> None:
    order = sell(street)
    await street.platform.question(order)
    assert order.state in {"open", "paused"}
    await street.platform.ask(order)
    street.desk.says = done(*TWO)
    await street.platform.question(order)
    assert order.state == "done"


async def test_a_wrong_key_of_ours_refunds_nobody(street: Either) -> None:
    right = street.desk.link
    street.desk.link = replace(right, app=replace(right.app, secret=Secret("typed-wrong")))
    order = sell(street)
    await street.platform.ask(order)
    await street.platform.question(order)
    assert order.state in {"open", "paused"}
    assert [type(error) for error in street.desk.refused] == [PushNotAuthentic] * 2
    street.desk.link = right
    street.desk.says = done(*TWO)
    await street.platform.ask(order)
    assert order.state == "done"


async def test_a_seller_that_is_out_of_order_refunds_nobody(street: Either) -> None:
    street.platform.seller_url = f"http://127.0.0.1:{free_port()}"
    order = sell(street)
    await street.platform.ask(order)
    await street.platform.question(order)
    assert (order.state, order.answers) == ("open", ["none", "none"])


def requested(form: Mapping[str, str], path: str) -> PushRequest:
    return PushRequest("POST", f"/asked/store-1/{path}", "", {}, urlencode(form).encode())


def order_path(street: Either) -> str:
    return "card" if isinstance(street.platform, JdGameSimulator) else "beginDistill"


def order_form(street: Either) -> dict[str, str]:
    platform = street.platform
    told: Any = platform.order_told(sell(street))
    return platform.request(told)


async def test_a_changed_field_is_refused(street: Either) -> None:
    form = order_form(street)
    street.desk.adapter.read(street.link, requested(form, order_path(street)))
    for name in form:
        if name == "signType":
            continue
        changed = {**form, name: f"{form[name]}0"}
        with pytest.raises(PushNotAuthentic):
            street.desk.adapter.read(street.link, requested(changed, order_path(street)))
        without = {other: value for other, value in form.items() if other != name}
        if form[name]:
            with pytest.raises(PushNotAuthentic):
                street.desk.adapter.read(street.link, requested(without, order_path(street)))


@pytest.mark.parametrize("minutes", [-11, 11])
async def test_an_old_request_is_refused(street: Either, minutes: int) -> None:
    form = order_form(street)
    street.platform.now.advance(timedelta(minutes=minutes))
    with pytest.raises(PushNotAuthentic):
        street.desk.adapter.read(street.link, requested(form, order_path(street)))


async def test_another_shops_request_is_refused(street: Either) -> None:
    form = order_form(street)
    link = replace(street.link, app=replace(street.link.app, key="another"))
    with pytest.raises(PushNotAuthentic):
        street.desk.adapter.read(link, requested(form, order_path(street)))


@pytest.mark.parametrize(
    "request_",
    [
        PushRequest("GET", "/card", "", {}, b""),
        PushRequest("POST", "/card", "", {}, b""),
        PushRequest("POST", "/card", "", {}, b"\xff\xfe"),
        PushRequest("POST", "/card", "", {}, b"<html>"),
        PushRequest("POST", "/card", "", {}, b"&".join([b"a=1"] * 60)),
    ],
)
async def test_what_is_no_signed_form_is_refused(street: Either, request_: PushRequest) -> None:
    with pytest.raises(PushNotAuthentic) as raised:
        street.desk.adapter.read(street.link, request_)
    reply = street.desk.adapter.refuse(street.link, request_, raised.value)
    assert reply.status == 200
    assert b'"produceStatus":2' not in reply.body


async def test_a_call_that_there_is_not_is_refused(street: Either) -> None:
    with pytest.raises(PushNotAuthentic):
        street.desk.adapter.read(street.link, requested(order_form(street), "elsewhere"))


@pytest.mark.parametrize(
    "card",
    [CardText(url="https://card.example/1"), CardText("N" * 201, "P"), CardText("N", "P" * 5001)],
)
async def test_a_card_that_jd_cannot_carry_fails_nothing(street: Either, card: CardText) -> None:
    street.desk.says = done(GivenCard(card))
    order = sell(street, 1)
    await street.platform.ask(order)
    assert order.state in {"open", "paused"}
    assert isinstance(street.desk.refused[0], NotShippable)
    with pytest.raises(NotShippable):
        await street.desk.adapter.tell(
            street.link, done(GivenCard(card))(kept(street, order).ticket)
        )
    assert order.told == []


@pytest.mark.parametrize("card", [CardText("ONE-CODE"), CardText(password="ONE-CODE")])
async def test_a_card_of_one_code_is_carried(street: Either, card: CardText) -> None:
    street.desk.says = done(GivenCard(card))
    order = sell(street, 1)
    await street.platform.ask(order)
    assert order.state == "done"
    assert "ONE-CODE" in order.cards[0]


def test_a_result_that_would_be_wrong_to_say_cannot_be_made() -> None:
    ticket = Ticket("1", Wants.CARDS, 2)
    wrong: list[Callable[[], Result]] = [
        lambda: Result(Progress.FAILED, ticket),
        lambda: Result(Progress.OPEN, ticket, failure=Failure.OUT_OF_STOCK),
        lambda: Result(Progress.DONE, ticket, cards=TWO[:1]),
        lambda: Result(Progress.OPEN, ticket, cards=TWO),
        lambda: Result(Progress.OPEN),
        lambda: Result(Progress.UNKNOWN, ticket),
        lambda: Result(Progress.DONE, replace(ticket, wants=Wants.TOPUP), cards=TWO),
    ]
    for make in wrong:
        with pytest.raises(AssertionError):
            make()


async def test_what_is_still_open_is_not_told(street: Either) -> None:
    ticket = Ticket("1", Wants.CARDS, 1)
    with pytest.raises(AssertionError):
        await street.desk.adapter.tell(street.link, Result(Progress.OPEN, ticket))


def test_cards_are_not_printed() -> None:
    result = done(*TWO)(Ticket("1", Wants.CARDS, 2))
    assert "PW-0001" not in repr(result)
    assert "MG-0001" not in repr(result.cards)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.SILENT_BEFORE, ChannelUnclear),
        (Fault.SILENT_AFTER, ChannelUnclear),
        (Fault.ERROR_BEFORE, ChannelUnclear),
        (Fault.ERROR_AFTER, ChannelUnclear),
        (Fault.HTML, ChannelUnclear),
        (Fault.REDIRECT, ChannelUnclear),
        (Fault.HUGE, NoClearAnswer),
    ],
)
async def test_a_call_back_without_a_clear_answer_is_told_again(
    street: Either, fault: Fault, error: type[Exception]
) -> None:
    order = sell(street)
    await street.platform.ask(order)
    result = done(*TWO)(kept(street, order).ticket)
    street.platform.faults.silent_s = 0.05
    street.platform.faults.order(fault)
    with pytest.raises(error):
        await street.desk.adapter.tell(street.link, result)
    await street.desk.adapter.tell(street.link, result)
    assert (order.state, len(order.cards)) == ("done", 2)


async def test_a_call_back_about_an_order_of_nobody_is_refused(street: Either) -> None:
    answer_to = f"{street.platform.own_url}/vtp/produce/result"
    ticket = Ticket("281999999999999", Wants.CARDS, 2, answer_to)
    with pytest.raises(NoSuchShopOrder):
        await street.desk.adapter.tell(street.link, done(*TWO)(ticket))


async def test_a_call_back_with_a_wrong_key_is_our_applications_fault(street: Either) -> None:
    order = sell(street)
    await street.platform.ask(order)
    wrong = replace(street.link, app=replace(street.link.app, secret=Secret("typed-wrong")))
    with pytest.raises(AppRefused):
        await street.desk.adapter.tell(wrong, done(*TWO)(kept(street, order).ticket))
    assert order.state == "open"


async def test_a_platform_that_is_not_there_was_told_nothing(street: Either) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    link = replace(street.link, app=replace(street.link.app, base_url=nowhere))
    ticket = Ticket("281000000000001", Wants.CARDS, 2, f"{nowhere}/vtp/produce/result")
    with pytest.raises(NotReached):
        await street.desk.adapter.tell(link, done(*TWO)(ticket))


@pytest.mark.parametrize("quantity", [0, -1])
async def test_an_order_of_nothing_is_held_not_failed(street: Either, quantity: int) -> None:
    order = sell(street, quantity)
    await street.platform.ask(order)
    assert order.state in {"open", "paused"}
    assert isinstance(street.desk.refused[0], ShopOrderWrong)
    assert street.desk.asks == {}
