"""JD's game-card platform: what only it does."""

import base64
import json
from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest

from kashu.adapters.channels.jd_signing import game_sign
from kashu.channels.asking import Ask, Failure, GivenCard, Progress, Question, Result, Ticket, Wants
from kashu.channels.channel import CardText, PushReply, PushRequest
from kashu.channels.errors import (
    AppRefused,
    ChannelDown,
    ChannelRefused,
    ChannelUnclear,
    NoSuchShopOrder,
    ShopOrderWrong,
)
from kashu.core.errors import Busy, OutsideError
from kashu.core.secrets import Secret
from kashu.simulators.jd_asking import JdGameSimulator
from tests.adapters.jd_seller import Street, open_game

CARDS = Ticket("301000000001", Wants.CARDS, 1)
TOPUP = Ticket("301000000001", Wants.TOPUP, 1)
CARD = GivenCard(CardText("MG-0001", "PW-0001"), date(2027, 12, 31))


@pytest.fixture
async def street() -> AsyncIterator[Street[JdGameSimulator]]:
    async with open_game() as opened:
        yield opened


def request_of(street: Street[JdGameSimulator], path: str, told: object) -> PushRequest:
    body = json.dumps(told).encode() if not isinstance(told, bytes) else told
    form = {
        "customerId": street.platform.customer_id,
        "data": base64.b64encode(body).decode(),
        "timestamp": street.platform.stamp(),
    }
    form["sign"] = game_sign(form, Secret(street.platform.key))
    return PushRequest("POST", f"/asked/1/{path}", "", {}, urlencode(form).encode())


def told_in(reply: PushReply) -> tuple[str, Any]:
    said = json.loads(reply.body)
    told = said.get("data")
    return said["retCode"], None if told is None else json.loads(base64.b64decode(told))


ORDER = {
    "orderId": 301000000001,
    "buyNum": 2,
    "totalPrice": 9.85,
    "skuId": "100012345678",
    "gameAccount": "10001",
    "permit": "second",
    "gameArea": {"id": 1, "name": "电信一区"},
    "chargeType": {"id": "yuanbao", "name": ""},
}


def test_numbers_come_as_texts_or_as_numbers(street: Street[JdGameSimulator]) -> None:
    read = street.desk.adapter.read
    one = read(street.link, request_of(street, "direct", ORDER))
    texts = {**ORDER, "orderId": "301000000001", "buyNum": "2", "totalPrice": "9.85"}
    two = read(street.link, request_of(street, "direct", texts))
    assert isinstance(one, Ask)
    assert isinstance(two, Ask)
    assert (one.order.order_id, one.order.paid_e4, one.ticket.quantity) == (
        "301000000001",
        98_500,
        2,
    )
    assert (two.order.paid_e4, two.ticket) == (one.order.paid_e4, one.ticket)
    assert one.details == {"permit": "second", "area": "电信一区", "charge_type": "yuanbao"}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"totalPrice": "9.85001"}, "totalPrice"),
        ({"totalPrice": -1}, "totalPrice"),
        ({"totalPrice": "NaN"}, "totalPrice"),
        ({"buyNum": "1.5"}, "quantity"),
        ({"gameAccount": ""}, "gameAccount"),
        ({"orderId": "../1"}, "number"),
        ({"type": 1, "rights": [{"account": "1"}]}, "gift"),
        ({"skuId": None}, "data"),
    ],
)
def test_an_order_that_cannot_be_is_sent_again_not_failed(
    street: Street[JdGameSimulator], change: dict[str, Any], what: str
) -> None:
    request = request_of(street, "direct", ORDER | change)
    with pytest.raises(ShopOrderWrong, match=what) as raised:
        street.desk.adapter.read(street.link, request)
    assert "10001" not in str(raised.value)
    code, _ = told_in(street.desk.adapter.refuse(street.link, request, raised.value))
    assert code == "1000"  # the only code on which JD sends the order itself again


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'"1"', b"null"])
def test_data_that_cannot_be_read_is_sent_again(
    street: Street[JdGameSimulator], body: bytes
) -> None:
    with pytest.raises(ShopOrderWrong, match="data"):
        street.desk.adapter.read(street.link, request_of(street, "card", body))


def test_a_busy_moment_of_ours_is_no_failure(street: Street[JdGameSimulator]) -> None:
    request = request_of(street, "card", ORDER)
    assert told_in(street.desk.adapter.refuse(street.link, request, Busy()))[0] == "1000"


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (Result(Progress.UNKNOWN), ("999", None)),
        (Result(Progress.OPEN, TOPUP), ("100", {"orderStatus": 1})),
        (Result(Progress.DONE, TOPUP), ("100", {"orderStatus": 0})),
        (
            Result(Progress.FAILED, TOPUP, failure=Failure.BAD_ACCOUNT),
            ("100", {"orderStatus": 2}),
        ),
        (Result(Progress.OPEN, CARDS), ("100", {"orderStatus": "1"})),
        (
            Result(Progress.DONE, CARDS, cards=(CARD,)),
            (
                "100",
                {
                    "orderStatus": "0",
                    "cardinfos": [
                        {"cardno": "MG-0001", "cardpass": "PW-0001", "expiretime": "2027-12-31"}
                    ],
                },
            ),
        ),
    ],
)
def test_a_question_is_answered_in_jds_words(
    street: Street[JdGameSimulator], result: Result, said: tuple[str, Any]
) -> None:
    asked = Question("301000000001")
    assert told_in(street.desk.adapter.answer(street.link, asked, result)) == said


def test_a_question_is_never_answered_with_a_code_that_refunds_while_it_is_open(
    street: Street[JdGameSimulator],
) -> None:
    comes_again = {"105", "106", "108", "110", "999", "1000"}
    asked = Question("301000000001")
    for ticket in (CARDS, TOPUP):
        reply = street.desk.adapter.answer(street.link, asked, Result(Progress.OPEN, ticket))
        assert told_in(reply)[0] == "100"
    reply = street.desk.adapter.answer(street.link, asked, Result(Progress.UNKNOWN))
    assert told_in(reply)[0] in comes_again


def test_a_card_of_one_code_is_numbered_after_its_order(street: Street[JdGameSimulator]) -> None:
    result = Result(Progress.DONE, CARDS, cards=(GivenCard(CardText("+ONE=CODE")),))
    _, told = told_in(street.desk.adapter.answer(street.link, Question(CARDS.order_id), result))
    assert told["cardinfos"] == [{"cardno": "301000000001-1", "cardpass": "+ONE=CODE"}]


async def test_a_call_back_is_written_in_ascii_with_a_reason_for_the_buyer(
    street: Street[JdGameSimulator],
) -> None:
    order = street.platform.sell("100012345678", 1, 1990, account="10001")
    await street.platform.ask(order)
    ticket = street.desk.asks[order.number].ticket
    result = Result(Progress.FAILED, ticket, failure=Failure.BAD_ACCOUNT)
    await street.desk.adapter.tell(street.link, result)
    assert (order.state, order.told) == ("open", ["2"])  # believed when asked again
    street.desk.says = lambda _: result
    await street.platform.question(order)
    assert order.state == "refunded"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"retCode": "101"}', NoSuchShopOrder),
        (b'{"retCode": "104"}', ChannelRefused),
        (b'{"retCode": "105"}', AppRefused),
        (b'{"retCode": 106}', AppRefused),
        (b'{"retCode": "108"}', ChannelDown),
        (b'{"retCode": "102"}', ChannelUnclear),
        (b'{"retCode": "999"}', ChannelUnclear),
        (b'{"retCode": "something new"}', ChannelUnclear),
        (b"{}", ChannelUnclear),
        (b"[]", ChannelUnclear),
        (b"", ChannelUnclear),
    ],
)
async def test_each_answer_to_a_call_back_means_one_thing(
    street: Street[JdGameSimulator], body: bytes, error: type[OutsideError]
) -> None:
    street.platform.says.append(body)
    result = Result(Progress.DONE, CARDS, cards=(CARD,))
    with pytest.raises(error) as raised:
        await street.desk.adapter.tell(street.link, result)
    assert type(raised.value) is error
    assert "PW-0001" not in str(raised.value)
