"""Agiso's standard supplier (阿奇索/91卡券标准货源): their server calls ours to buy cards.

Source: two public implementations of the supplier's side; the vendor's own text wasn't seen. What
neither shows is not offered: top-ups, links, price notices (asking again tells the price), and the
product's status. Orders are answered at once, with their cards, so that nothing is told later.
"""

import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from kashu.adapters.downstream.agiso_wire import (
    Field,
    read_call,
    seal_cards,
    sign,
    whole_of,
)
from kashu.catalog.kinds import Fulfilment
from kashu.core.errors import Busy, Invalid, KashuError
from kashu.core.money import format_amount, parse_amount
from kashu.core.secrets import Secret
from kashu.customers.errors import AgentSuspended, WalletShort
from kashu.downstream.counter import AgentOrder, Counter
from kashu.downstream.dialect import Call, Login, Reply
from kashu.downstream.errors import (
    CalledTooMuch,
    CallNotOffered,
    CallWrong,
    ClockOff,
    CostsMore,
    GoodNotSold,
    LoginWrong,
    NotCancellable,
    OrderedOtherwise,
    SoldOutHere,
    TooFew,
    UnknownAgentOrder,
)
from kashu.downstream.shown import FEW, Band, Shown
from kashu.orders.errors import RequestInFlight

NAME: Final = "agiso"
BELOW: Final = "agisoAcprSupplierApi/"
FRESH: Final = timedelta(seconds=600)
VERSION: Final = "1.0"
PAGE_MAX: Final = 100
CARD: Final = 2  # of productType; 1 is a top-up

PROCESSING, SUCCESS, FAILED = 10, 20, 30  # of orderStatus, and of cancelStatus
NO_STOCK: Final = 1230  # of two implementers one says 1208

# Ours, and the codes that are known; 9999 is anything else that wasn't done.
_REFUSALS: Final[Mapping[type[KashuError], int]] = {
    LoginWrong: 401,
    ClockOff: 408,
    GoodNotSold: 1100,
    SoldOutHere: NO_STOCK,
    CostsMore: 1220,
    WalletShort: 9999,
    AgentSuspended: 9999,
    TooFew: 9999,
    CallWrong: 9999,
    CallNotOffered: 9999,
    CalledTooMuch: 9999,
    OrderedOtherwise: 9999,
    UnknownAgentOrder: 9999,
}
_NUMBER: Final = re.compile(r"[1-9]\d{0,9}", re.ASCII)
_ORDER: Final = re.compile(r"[\x21-\x7e]{1,64}", re.ASCII)


class AgisoDialect:
    """What Agiso's standard supplier answers."""

    name = NAME
    address = "/downstream/agiso/{login}"

    def make_secrets(self) -> Mapping[str, Secret]:
        """Two of 32 characters: of the application, which cards are under too, and the merchant."""
        return {
            "app_secret": Secret(secrets.token_hex(16)),
            "secret": Secret(secrets.token_hex(16)),
        }

    def whose(self, call: Call) -> str:
        """The login that the address names: `app/getAppId` is asked without a signature."""
        return call.login

    def check(self, login: Login, call: Call, at: datetime) -> bool:
        """Check who calls, the signature over all parameters, and the time."""
        if call.rest == f"{BELOW}app/getAppId":
            return False  # a number that is no secret
        told = read_call(call.body)
        expected = sign(_key(login), told)
        if not hmac.compare_digest(str(told.get("sign", "")).encode(), expected.encode()):
            raise LoginWrong
        if str(told.get("userId", "")) != str(login.number):
            raise LoginWrong
        stamp = str(told.get("timestamp", ""))
        if not re.fullmatch(r"\d{1,11}", stamp, re.ASCII):
            raise ClockOff
        if abs(at - datetime.fromtimestamp(int(stamp), UTC)) >= FRESH:
            raise ClockOff
        if str(told.get("version", "")) != VERSION:
            raise CallWrong(what="version")
        return True

    async def answer(self, login: Login, call: Call, counter: Counter) -> Reply:
        """Answer one of the calls that are known."""
        if call.method != "POST" or not call.rest.startswith(BELOW):
            raise CallNotOffered
        operation = call.rest.removeprefix(BELOW)
        if operation == "app/getAppId":
            return _ok({"appId": login.number})
        told = read_call(call.body)
        match operation:
            case "product/getList":
                return _ok(_list(await counter.catalogue(), told))
            case "product/getTemplate":
                return _ok(_template(await _good(counter, told)))
            case "order/createPurchase":
                return _ok(await _purchase(login, counter, told))
            case "order/createRecharge":  # nothing that is sold is topped up
                raise GoodNotSold(good=str(told.get("productNo", ""))[:20])
            case "order/get":
                return _ok(await _shown(login, counter, await counter.named(_order_no(told))))
            case "order/cancelOrder":
                return _ok(await _cancel(counter, _order_no(told)))
            case _:
                raise CallNotOffered

    def refuse(self, error: KashuError) -> Reply:
        """Say no in the known codes. What may have happened is no answer of theirs: HTTP 500."""
        code = _REFUSALS.get(type(error))
        told = {"code": code or 9999, "message": error.text("zh"), "data": None}
        status = 200 if code is not None or isinstance(error, Busy) else 500
        return Reply(msgspec.json.encode(told), status)


def _key(login: Login) -> Secret:
    """The application's secret, and right behind it the merchant's."""
    return Secret(login.secrets["app_secret"].clear + login.secrets["secret"].clear)


def _ok(told: Mapping[str, Any]) -> Reply:
    return Reply(msgspec.json.encode({"code": 200, "message": "接口调用成功", "data": told}))


def _amount(amount_e4: int) -> msgspec.Raw:
    """A number of yuan, exactly: no float comes between."""
    return msgspec.Raw(format_amount(amount_e4).encode())


def _cards_only(catalogue: list[Shown]) -> list[Shown]:
    return [each for each in catalogue if each.sku.fulfilment is not Fulfilment.LINK]


def _list(catalogue: list[Shown], told: Mapping[str, Field]) -> dict[str, Any]:
    kind = whole_of(told, "productType", CARD, least=1, most=CARD)
    page = whole_of(told, "pageIndex", 1, least=1, most=1_000_000)
    size = whole_of(told, "pageSize", 20, least=1, most=PAGE_MAX)
    keyword = str(told.get("keyword", "")).strip().casefold()
    found = [
        each
        for each in _cards_only(catalogue)
        if kind == CARD
        and (keyword in each.sku.name_zh.casefold() or keyword in each.sku.code.casefold())
    ]
    items = found[(page - 1) * size : page * size]
    return {
        "items": [
            {
                "productNo": str(each.number),
                "productTitle": each.sku.name_zh,
                "productType": CARD,
                "productCost": _amount(each.unit_price_e4),
            }
            for each in items
        ],
        "hasNextPage": page * size < len(found),
    }


def _template(shown: Shown) -> dict[str, Any]:
    least = {Band.OUT: 0, Band.LOW: 1, Band.IN_STOCK: FEW + 1}[shown.band]
    return {
        "productNo": str(shown.number),
        "productTitle": shown.sku.name_zh,
        "productType": CARD,
        "apiType": 1,  # answered at once
        "productCost": _amount(shown.unit_price_e4),
        "productStock": least if shown.stock is None else shown.stock,
        "attach": [],
    }


async def _good(counter: Counter, told: Mapping[str, Field]) -> Shown:
    number = _product_no(told)
    found = [each for each in _cards_only(await counter.catalogue()) if each.number == number]
    if not found:
        raise GoodNotSold(good=number)
    return found[0]


async def _purchase(login: Login, counter: Counter, told: Mapping[str, Field]) -> dict[str, Any]:
    order_no, number = _order_no(told), _product_no(told)
    quantity = whole_of(told, "buyNum", None, least=1, most=10_000)
    limit_e4 = _limit(told)
    try:
        await counter.named(order_no)
    except UnknownAgentOrder:
        await _good(counter, told)  # else it may be of something that isn't offered here
    try:
        order = await counter.order(order_no, number, quantity, limit_e4=limit_e4)
    except RequestInFlight:  # the same order is being written: asking tells
        return {"orderNo": order_no, "orderStatus": PROCESSING}
    return await _shown(login, counter, order)


async def _shown(login: Login, counter: Counter, order: AgentOrder) -> dict[str, Any]:
    """Say how an order stands; one that can be given, with its cards."""
    line = order.line
    told: dict[str, Any] = {
        "orderNo": order.placed.external_id,
        "outTradeNo": str(order.placed.number),
        "orderStatus": PROCESSING,
        "failCode": 0,
        "failReason": "",
        "orderCost": _amount(line.price_e4),
    }
    if order.is_refused:
        told |= {"orderStatus": FAILED, "failCode": NO_STOCK, "failReason": "库存不足"}
    elif not line.delivered and not line.waiting:  # all of it went back
        told |= {"orderStatus": FAILED, "failCode": 9999, "failReason": "订单已撤单"}
    elif not line.waiting:
        cards = await counter.cards(order)
        told |= {"orderStatus": SUCCESS, "cards": seal_cards(login.secrets["app_secret"], cards)}
    return told


async def _cancel(counter: Counter, order_no: str) -> dict[str, Any]:
    try:
        await counter.cancel(await counter.named(order_no))
    except NotCancellable:
        return {"cancelStatus": FAILED}
    return {"cancelStatus": SUCCESS}


def _order_no(told: Mapping[str, Field]) -> str:
    written = str(told.get("orderNo", ""))
    if not _ORDER.fullmatch(written):
        raise CallWrong(what="orderNo")
    return written


def _product_no(told: Mapping[str, Field]) -> int:
    written = str(told.get("productNo", ""))
    if not _NUMBER.fullmatch(written):
        raise GoodNotSold(good=written[:20])
    return int(written)


def _limit(told: Mapping[str, Field]) -> int | None:
    """The most that an order may cost; empty: whatever the list says."""
    written = str(told.get("maxAmount", ""))
    if not written:
        return None
    try:
        return parse_amount(written)
    except Invalid as error:
        raise CallWrong(what="maxAmount") from error
