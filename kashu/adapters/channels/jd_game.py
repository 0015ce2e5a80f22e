"""JD 京东, the game-card platform (游戏点卡平台): it calls us with each paid order.

Nothing here was tried against the live platform. The addresses registered with JD end in `direct`
and `direct-query` for top-ups, `card` and `card-query` for cards. The check before an order is
placed, identity prices, game accounts for sale, and gift entitlements (`type` 1) aren't offered.

What is paid is `totalPrice`: what the seller receives. When the order was paid isn't told: the
time of JD's call stands for it. A card that is one code only is given a number made of the
order's, since JD wants both a number and a password.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final, TypeVar
from urllib.parse import urlencode

import msgspec

from kashu.adapters.channels import asks
from kashu.adapters.channels.jd_asking import (
    check_fresh,
    compact,
    count_of,
    form_of,
    number_of,
    read_answer,
)
from kashu.adapters.channels.jd_gateway import FORM, Number, amount_e4
from kashu.adapters.channels.jd_signing import game_sign, same
from kashu.channels.asking import (
    Ask,
    Asked,
    Failure,
    GivenCard,
    Progress,
    Question,
    Result,
    Ticket,
    Wants,
)
from kashu.channels.channel import (
    Link,
    PushReply,
    PushRequest,
    ShopLine,
    ShopOrder,
    ShopState,
)
from kashu.channels.errors import (
    AppRefused,
    ChannelDown,
    ChannelRefused,
    ChannelUnclear,
    NoSuchShopOrder,
    NotShippable,
    PushNotAuthentic,
    ShopOrderWrong,
)
from kashu.core.errors import KashuError

NAME: Final = "jd_game"
CALL_BACK: Final = "https://card.jd.com"
ASKS: Final[Mapping[str, Wants]] = {"direct": Wants.TOPUP, "card": Wants.CARDS}
QUESTIONS: Final = frozenset({"direct-query", "card-query"})
PLACES: Final[Mapping[Wants, str]] = {
    Wants.TOPUP: "/api/gameApi.action",
    Wants.CARDS: "/api/cardApi.action",
}

ACCEPTED: Final = "100"
NOT_AUTHENTIC: Final = "106"  # JD asks again on it
TRY_AGAIN: Final = "1000"  # the only code on which JD sends the order itself again
ASK_AGAIN: Final = "999"  # on a question: nothing is refunded, and JD asks again
DONE: Final = 0
OPEN: Final = 1
FAILED: Final = 2
# Code, and a reason that JD shows to the buyer: at most 30 Chinese characters.
FAILURES: Final[Mapping[Failure, tuple[str, str]]] = {
    Failure.NO_SUCH_GOODS: ("107", "没有对应商品"),
    Failure.NOT_SELLABLE: ("109", "本商品暂不可销售"),
    Failure.OUT_OF_STOCK: ("110", "库存不足"),
    Failure.PRICE_DIFFERS: ("111", "商品价格不一致"),
    Failure.BAD_ACCOUNT: ("116", "充值账户输入错误，请输入正确的账号"),
    Failure.SUPPLIER_REFUSED: ("123", "品牌侧下单失败"),
}
Told = TypeVar("Told")

CARD_NUMBER: Final = re.compile(r"[A-Za-z0-9_-]{1,200}", re.ASCII)
CARD_PASSWORD: Final = re.compile(r"[\x21-\x7e]{1,5000}", re.ASCII)


class _Named(msgspec.Struct):
    id: Number = ""
    name: str = ""


class _Order(msgspec.Struct, rename="camel"):
    order_id: Number
    buy_num: Number
    total_price: Decimal
    sku_id: Number
    out_id: str | None = None
    pin: str | None = None
    game_account: str | None = None
    permit: str | None = None  # a second account
    game_account_type: _Named | str | None = None
    game_area: _Named | str | None = None
    game_server: _Named | str | None = None
    charge_type: _Named | str | None = None
    type: Number | None = None


class _Question(msgspec.Struct, rename="camel"):
    order_id: Number


class _Said(msgspec.Struct, rename="camel"):
    ret_code: Number


class JdGame:
    """The game-card platform as an Asking adapter."""

    name = NAME
    calls: tuple[str, ...] = ("direct", "direct-query", "card", "card-query")
    card_key_bytes = 0
    needs = asks.JD_GAME

    def read(self, link: Link, request: PushRequest) -> Asked:
        """Check a request and read it. Raises: PushNotAuthentic, ShopOrderWrong."""
        form = form_of(request)
        if not same(game_sign(form, link.app.secret), form.get("sign", "")):
            raise PushNotAuthentic(why="wrong signature")
        if form.get("customerId") != link.app.key:
            raise PushNotAuthentic(why="another shop's")
        sent_at = check_fresh(link, form.get("timestamp", ""))
        call = request.path.rstrip("/").rpartition("/")[2]
        told = form.get("data", "")
        if call in QUESTIONS:
            return Question(number_of(NAME, _decode(told, _Question).order_id))
        if call not in ASKS:
            raise PushNotAuthentic(why="no such call")
        return _ask(_decode(told, _Order), ASKS[call], sent_at)

    def answer(self, link: Link, asked: Asked, result: Result) -> PushReply:
        """Write the answer; answers aren't signed. Raises: NotShippable."""
        ticket = result.ticket
        if ticket is None:
            return _reply(ASK_AGAIN, "系统繁忙，请稍后查询")
        assert ticket.order_id == (
            asked.order_id if isinstance(asked, Question) else asked.ticket.order_id
        )
        if isinstance(asked, Question):
            return _reply(ACCEPTED, "查询成功", _status(ticket, result))
        if result.failure is not None:
            code, reason = FAILURES[result.failure]
            return _reply(code, reason)
        given = {"cardinfos": _cards(ticket, result.cards)} if result.cards else None
        return _reply(ACCEPTED, "接收成功", given)

    def refuse(self, link: Link, request: PushRequest, error: KashuError) -> PushReply:
        """Write the answer to what can't be taken now: codes on which JD comes again."""
        if isinstance(error, PushNotAuthentic):
            return _reply(NOT_AUTHENTIC, "验证摘要串验证失败")
        return _reply(TRY_AGAIN, "系统繁忙，请稍后重试")

    async def tell(self, link: Link, result: Result) -> None:
        """Call JD with a result; on a failure JD asks once more, and then refunds the buyer."""
        ticket = result.ticket
        assert ticket is not None
        assert result.progress in {Progress.DONE, Progress.FAILED}
        told: dict[str, object] = {"orderId": ticket.order_id}
        told |= _status(ticket, result)
        told["orderStatus"] = str(told["orderStatus"])
        if result.failure is not None:
            code, reason = FAILURES[result.failure]
            told |= {"failedCode": int(code), "failedReason": reason}
        form = {
            "customerId": link.app.key,
            # In ASCII: JD reads GBK here, and UTF-8 elsewhere.
            "data": base64.b64encode(json.dumps(told).encode("ascii")).decode(),
            "timestamp": compact(link),
        }
        form["sign"] = game_sign(form, link.app.secret)
        url = f"{link.app.base_url or CALL_BACK}{PLACES[ticket.wants]}"
        said = await link.http.call("POST", url, content=urlencode(form).encode(), headers=FORM)
        code = str(read_answer(NAME, said, _Said).ret_code)
        if code != ACCEPTED:
            raise _meaning(code, ticket.order_id)


def _ask(order: _Order, wants: Wants, sent_at: datetime) -> Ask:
    """Read an order. Raises: ShopOrderWrong."""
    number = number_of(NAME, order.order_id)
    if order.type is not None and str(order.type) not in {"", "0"}:
        raise ShopOrderWrong(channel=NAME, order=number, what="gift entitlements aren't taken")
    if wants is Wants.TOPUP and not order.game_account:
        raise ShopOrderWrong(channel=NAME, order=number, what="gameAccount is missing")
    try:
        paid_e4 = amount_e4(order.total_price)
    except ValueError as error:
        what = "totalPrice isn't an amount"
        raise ShopOrderWrong(channel=NAME, order=number, what=what) from error
    quantity = count_of(NAME, number, order.buy_num)
    line = ShopLine(
        line_id=number,
        item_id=str(order.sku_id),
        sku_id="",
        quantity=quantity,
        paid_e4=paid_e4,
        merchant_code=order.out_id or "",
    )
    return Ask(
        order=ShopOrder(
            order_id=number,
            state=ShopState.PAID,
            changed_at=sent_at,
            paid_at=sent_at,
            paid_e4=paid_e4,
            lines=(line,),
            buyer=order.pin or "",
        ),
        ticket=Ticket(number, wants, quantity),
        account=order.game_account or "" if wants is Wants.TOPUP else "",
        details=_details(order),
    )


def _details(order: _Order) -> dict[str, str]:
    """What a top-up may need beside the account."""
    told = {
        "permit": order.permit,
        "account_type": order.game_account_type,
        "area": order.game_area,
        "server": order.game_server,
        "charge_type": order.charge_type,
    }
    named = {
        name: value.name or str(value.id) if isinstance(value, _Named) else value
        for name, value in told.items()
    }
    return {name: value for name, value in named.items() if value}


def _status(ticket: Ticket, result: Result) -> dict[str, object]:
    """How an order stands, as JD numbers it; a word for top-ups, a text for cards."""
    numbers = {Progress.OPEN: OPEN, Progress.DONE: DONE, Progress.FAILED: FAILED}
    number = numbers[result.progress]
    if ticket.wants is Wants.TOPUP:
        return {"orderStatus": number}
    told: dict[str, object] = {"orderStatus": str(number)}
    if result.cards:
        told["cardinfos"] = _cards(ticket, result.cards)
    return told


def _cards(ticket: Ticket, cards: tuple[GivenCard, ...]) -> list[dict[str, str]]:
    """Write cards. Raises: NotShippable where JD can't carry one."""
    written = []
    for place, given in enumerate(cards, 1):
        number, password = given.card.number, given.card.password
        if not (number and password):
            number, password = f"{ticket.order_id}-{place}", number or password
        fits = CARD_NUMBER.fullmatch(number) and CARD_PASSWORD.fullmatch(password)
        if given.card.url or not fits:
            raise NotShippable(channel=NAME, said="card form", order=ticket.order_id)
        told = {"cardno": number, "cardpass": password}
        if given.expires_on is not None:
            told["expiretime"] = given.expires_on.isoformat()
        written.append(told)
    return written


def _decode(sealed: str, kind: type[Told]) -> Told:
    """Read `data`. Raises: ShopOrderWrong."""
    try:
        return msgspec.json.decode(base64.b64decode(sealed, validate=True), type=kind)
    except (binascii.Error, msgspec.DecodeError, ValueError) as error:
        raise ShopOrderWrong(channel=NAME, order="?", what="its data can't be read") from error


def _reply(code: str, message: str, told: Mapping[str, object] | None = None) -> PushReply:
    answer = {"retCode": code, "retMessage": message}
    if told is not None:
        answer["data"] = base64.b64encode(json.dumps(told).encode("ascii")).decode()
    return PushReply(msgspec.json.encode(answer))


def _meaning(code: str, order: str) -> KashuError:
    """What JD's answer to a call-back means: a closed table."""
    said = code[:10]
    if code == "101":
        return NoSuchShopOrder(channel=NAME, order=order)
    if code in {"105", "106"}:
        return AppRefused(channel=NAME, said=said)
    if code == "104":
        return ChannelRefused(channel=NAME, said=said, meaning="a parameter is wrong")
    if code == "108":
        return ChannelDown(channel=NAME, said=said)
    return ChannelUnclear(channel=NAME, said=said)
