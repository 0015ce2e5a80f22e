"""JD's general virtual-trade platform: what only it does."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import unquote, urlencode

import pytest

from kashu.adapters.channels.jd_signing import decrypt, virtual_sign
from kashu.channels.asking import Ask, Failure, GivenCard, Progress, Question, Result, Ticket, Wants
from kashu.channels.channel import CardText, PushReply, PushRequest
from kashu.channels.errors import (
    AppRefused,
    ChannelRefused,
    ChannelUnclear,
    NoSuchShopOrder,
    NotShippable,
    PushNotAuthentic,
    ShopOrderWrong,
    StateForbids,
)
from kashu.core.errors import Busy, OutsideError
from kashu.core.secrets import Secret
from kashu.simulators.jd_asking import JdVirtualSimulator
from tests.adapters.jd_seller import Street, open_virtual

CARD = GivenCard(CardText("MG-0001", "PW-0001"), date(2027, 12, 31))


@pytest.fixture
async def street() -> AsyncIterator[Street[JdVirtualSimulator]]:
    async with open_virtual() as opened:
        yield opened


def form_of(street: Street[JdVirtualSimulator], **change: str) -> dict[str, str]:
    told = street.platform.order_told(street.platform.sell("45001", 1, 985)) | change
    return street.platform.request({name: value for name, value in told.items() if value})


def request_of(form: dict[str, str], path: str = "beginDistill") -> PushRequest:
    return PushRequest("POST", f"/asked/1/{path}", "", {}, urlencode(form).encode())


def read(street: Street[JdVirtualSimulator], **change: str) -> Ask:
    asked = street.desk.adapter.read(street.link, request_of(form_of(street, **change)))
    assert isinstance(asked, Ask)
    return asked


def said_in(street: Street[JdVirtualSimulator], reply: PushReply) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(reply.body)
    texts = {name: str(value) for name, value in said.items()}
    assert said["sign"] == virtual_sign(texts, Secret(street.platform.key))
    return said


def test_where_the_result_goes_comes_with_the_order(street: Street[JdVirtualSimulator]) -> None:
    assert read(street).ticket.answer_to == f"{street.platform.own_url}/vtp/produce/result"


@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("https://vtpnotify.jd.com/vtp", "https://vtpnotify.jd.com/vtp/produce/result"),
        ("https://vtpnotify.jd.com/vtp/", "https://vtpnotify.jd.com/vtp/produce/result"),
        (
            "https://vtpnotify.jd.com/vtp/produce/result",
            "https://vtpnotify.jd.com/vtp/produce/result",
        ),
        ("http://vtp.jd.com/notify", "https://vtp.jd.com/notify/produce/result"),
    ],
)
def test_cards_go_to_jd_by_https_only(
    street: Street[JdVirtualSimulator], written: str, called: str
) -> None:
    assert read(street, notifyUrl=written).ticket.answer_to == called


@pytest.mark.parametrize(
    "written",
    [
        "",
        "https://jd.com.evil.example/vtp",
        "https://evil.example/vtp?x=.jd.com",
        "https://evil-jd.com/vtp",
        "https://vtp.jd.com@evil.example/vtp",
        "https://127.0.0.1/vtp",
        "ftp://vtp.jd.com/vtp",
        "https://vtp.jd.com:8443/vtp",
        "https://[::1",
    ],
)
def test_an_address_that_is_not_jds_is_refused(
    street: Street[JdVirtualSimulator], written: str
) -> None:
    with pytest.raises(ShopOrderWrong, match="notifyUrl"):
        read(street, notifyUrl=written)


async def test_the_self_test_address_takes_the_place_of_the_orders(
    street: Street[JdVirtualSimulator],
) -> None:
    order = street.platform.sell("45001", 1, 985)
    own = f"{street.platform.own_url}/vtp/produce/result"
    app = replace(street.link.app, options={"callback_url": own})
    ticket = Ticket(order.number, Wants.CARDS, 1, "https://127.0.0.1/nobody")
    result = Result(Progress.DONE, ticket, cards=(CARD,))
    await street.desk.adapter.tell(replace(street.link, app=app), result)
    assert order.state == "done"


def test_what_expand_tells_of_the_buyers_person_is_not_read(
    street: Street[JdVirtualSimulator],
) -> None:
    ask = read(street, produceAccount="13800000000")
    assert ask.details == {"system": "1"}


def test_expand_is_read_encoded_once_or_twice(street: Street[JdVirtualSimulator]) -> None:
    form = form_of(street)
    assert "%" in form["expand"]
    once = {**form, "expand": unquote(form["expand"])}
    once["sign"] = street.platform.sign(once)
    signed_before = {**form, "sign": once["sign"]}
    for each in (form, once, signed_before):
        assert isinstance(street.desk.adapter.read(street.link, request_of(each)), Ask)


def test_a_wrong_card_key_is_found_before_cards_leave(
    street: Street[JdVirtualSimulator],
) -> None:
    grant = street.link.grant
    assert grant is not None
    for key in ("f" * 32, "short"):
        link = replace(street.link, grant=replace(grant, access_token=Secret(key)))
        request = request_of(form_of(street))
        with pytest.raises(ShopOrderWrong, match="expand") as raised:
            street.desk.adapter.read(link, request)
        said = said_in(street, street.desk.adapter.refuse(link, request, raised.value))
        assert (said["code"], said["produceStatus"]) == ("JDO_303", 4)
        assert key not in str(raised.value)


def test_a_card_key_of_another_length_encrypts_nothing(
    street: Street[JdVirtualSimulator],
) -> None:
    grant = street.link.grant
    assert grant is not None
    link = replace(street.link, grant=replace(grant, access_token=Secret("short")))
    ticket = Ticket("1", Wants.CARDS, 1)
    with pytest.raises(AppRefused):
        street.desk.adapter.answer(
            link, Question("1"), Result(Progress.DONE, ticket, cards=(CARD,))
        )


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"totalPrice": "9.85"}, "totalPrice"),
        ({"totalPrice": "-985"}, "totalPrice"),
        ({"totalPrice": "9" * 30}, "totalPrice"),
        ({"totalPrice": ""}, "totalPrice"),
        ({"quantity": "2", "produceAccount": "13800000000"}, "top-up"),
        ({"quantity": "two"}, "quantity"),
        ({"wareNo": ""}, "wareNo"),
        ({"payTime": "2026-03-08"}, "payTime"),
        ({"jdOrderNo": "SP-1"}, "number"),
    ],
)
def test_an_order_that_cannot_be_is_paused_not_failed(
    street: Street[JdVirtualSimulator], change: dict[str, str], what: str
) -> None:
    request = request_of(form_of(street, **change))
    with pytest.raises(ShopOrderWrong, match=what) as raised:
        street.desk.adapter.read(street.link, request)
    assert "13800000000" not in str(raised.value)
    said = said_in(street, street.desk.adapter.refuse(street.link, request, raised.value))
    assert (said["code"], said["produceStatus"]) == ("JDO_303", 4)


def test_what_we_cannot_take_now_is_paused(street: Street[JdVirtualSimulator]) -> None:
    request = request_of(form_of(street))
    said = said_in(street, street.desk.adapter.refuse(street.link, request, Busy()))
    assert (said["code"], said["produceStatus"]) == ("JDO_500", 4)
    wrong = PushNotAuthentic(why="wrong signature")
    said = said_in(street, street.desk.adapter.refuse(street.link, request, wrong))
    assert (said["code"], said["produceStatus"]) == ("JDO_304", 4)


TICKET = Ticket("281000000000001", Wants.CARDS, 1)


@pytest.mark.parametrize(
    ("result", "code", "state"),
    [
        (Result(Progress.UNKNOWN), "JDO_500", 4),
        (Result(Progress.OPEN, TICKET), "JDO_201", 3),
        (Result(Progress.DONE, TICKET, cards=(CARD,)), "JDO_200", 1),
        (Result(Progress.FAILED, TICKET, failure=Failure.NO_SUCH_GOODS), "JDO_302", 2),
        (Result(Progress.FAILED, TICKET, failure=Failure.NOT_SELLABLE), "JDO_305", 2),
        (Result(Progress.FAILED, TICKET, failure=Failure.BAD_ACCOUNT), "JDO_301", 2),
    ],
)
def test_a_question_is_answered_in_jds_words(
    street: Street[JdVirtualSimulator], result: Result, code: str, state: int
) -> None:
    asked = Question(TICKET.order_id)
    said = said_in(street, street.desk.adapter.answer(street.link, asked, result))
    assert (said["code"], said["produceStatus"]) == (code, state)
    assert (said["jdOrderNo"], said["signType"]) == (281000000000001, "MD5")
    assert ("product" in said) == (state == 1)


def test_cards_are_encrypted_and_what_they_lack_is_a_dash(
    street: Street[JdVirtualSimulator],
) -> None:
    result = Result(Progress.DONE, TICKET, cards=(GivenCard(CardText(password="P-1")),))
    reply = street.desk.adapter.answer(street.link, Question(TICKET.order_id), result)
    assert b"P-1" not in reply.body
    product = said_in(street, reply)["product"]
    assert json.loads(decrypt(product, Secret(street.platform.card_key))) == [
        {"cardNumber": "-", "password": "P-1", "expiryDate": "-"}
    ]


def test_a_card_longer_than_jd_shows_is_not_sent(street: Street[JdVirtualSimulator]) -> None:
    for length, fits in ((127, True), (128, False)):
        card = GivenCard(CardText("N" * length))
        result = Result(Progress.DONE, TICKET, cards=(card,))
        asked = Question(TICKET.order_id)
        if fits:
            street.desk.adapter.answer(street.link, asked, result)
        else:
            with pytest.raises(NotShippable):
                street.desk.adapter.answer(street.link, asked, result)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("2", ChannelRefused),
        ("3", NoSuchShopOrder),
        ("10", AppRefused),
        ("11", AppRefused),
        ("12", ChannelRefused),
        ("13", StateForbids),
        ("19", AppRefused),
        ("500", ChannelUnclear),
        ("7", ChannelUnclear),
    ],
)
async def test_each_answer_to_a_call_back_means_one_thing(
    street: Street[JdVirtualSimulator], code: str, error: type[OutsideError]
) -> None:
    street.platform.says.append(json.dumps({"code": code}).encode())
    ticket = replace(TICKET, answer_to=f"{street.platform.own_url}/vtp/produce/result")
    with pytest.raises(error) as raised:
        await street.desk.adapter.tell(street.link, Result(Progress.DONE, ticket, cards=(CARD,)))
    assert type(raised.value) is error
    assert "PW-0001" not in str(raised.value)
