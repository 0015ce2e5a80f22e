"""Agiso 阿奇索: a paid bridge that has permissions at other platforms and hands them on.

Only Pinduoduo's orders can be read through it: for the other platforms no such call is
documented, and what lacks one raises NotBridged. Nothing lists orders by time, so pushes are the
only way that orders come; and as Agiso sends an application's pushes to one address, each store
needs an application of its own.

Options of the application:
- `platform`: "pinduoduo", "taobao", "jd", "youzan" or "weidian". Required.
- `many_cards`: "chat" lets several cards, or a card that is a link, leave as a chat message before
  the order is marked as shipped (Pinduoduo; its assistant must run). Otherwise a person does it.
- `jd_orders`: "pop" (the shop's usual orders), "game" (game cards) or "general" (general virtual).
"""

import hmac
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NoReturn
from urllib.parse import parse_qs, urlencode

import msgspec

from kashu.adapters.channels import asks
from kashu.adapters.channels.agiso_calls import (
    JD,
    NAME,
    PINDUODUO,
    TAOBAO,
    NotBridged,
    Nothing,
    bridge_of,
    call,
    platform_of,
    read,
    site_of,
    unclear,
)
from kashu.adapters.channels.agiso_orders import OrderDetail, read_order
from kashu.adapters.channels.agiso_signing import sign
from kashu.adapters.channels.pinduoduo_orders import GoodsList, read_goods
from kashu.channels.channel import (
    NO_OTHER_LIMITS,
    App,
    Bounds,
    Can,
    CardText,
    Grant,
    Link,
    Listing,
    Page,
    Parcel,
    Push,
    PushReply,
    PushRequest,
    ShopOrder,
    ShopRefund,
    ShopState,
    Signal,
    StockLevel,
    Window,
)
from kashu.channels.errors import (
    AlreadyShipped,
    AppRefused,
    ChannelRefused,
    NotShippable,
    PushNotAuthentic,
)
from kashu.core.clock import now
from kashu.core.secrets import Secret

GOODS_A_PAGE: Final = 100
CARRIED_BY_SELLER: Final = "1274"  # JD: no carrier, so no number is wanted
AFTER_PAYMENT: Final = "1"  # Taobao: what the buyer is given for having paid
AS_TEXT: Final = 0  # Taobao: not as a bar code
PUSH_AHEAD: Final = timedelta(minutes=10)
# A push that repeats after an outage of ours may be old, and nothing else brings its order. It is
# believed for no more than which order to read, so an old one does no harm.
PUSH_AGE: Final = timedelta(days=1)
ORDER_NUMBERS: Final = ("Tid", "tid", "OrderId", "orderId", "JdOrderNo")
SHOP_NUMBERS: Final = ("MallId", "mall_id", "PlatformShopId")


class _Token(msgspec.Struct):
    Token: str
    ExpiresIn: int | str
    FromPlatform: str
    ShopId: int | str | None = None
    UserId: int | str | None = None
    ShopName: str | None = None


class AgisoChannel:
    """The adapter of Agiso's bridge."""

    name = NAME
    can = frozenset(
        {
            Can.AUTHORIZE,
            Can.LIST_LISTINGS,
            Can.READ_ORDER,
            Can.SEND_CARD,
            Can.SEND_CONFIRMS,
            Can.CONFIRM,
            Can.PUSH,
        }
    )
    bounds = Bounds(timedelta(minutes=30), timedelta(days=1), timedelta())  # nothing is collected
    calls_per_s = 20.0
    shop_calls_per_s = math.inf
    shop_calls_named_per_s = NO_OTHER_LIMITS
    secret_options: frozenset[str] = frozenset()
    needs = asks.AGISO

    def authorize_url(self, app: App, *, redirect: str, state: str) -> str:
        """Say where the seller permits us; `redirect` is set in Agiso's console instead."""
        query = urlencode({"appId": app.key, "state": state})
        return f"{site_of(app)}/#/authorize?{query}"

    async def authorize(self, link: Link, *, code: str, redirect: str) -> Grant:
        """Turn the code into a grant; it holds as long as the seller's subscription."""
        query = {"appId": link.app.key, "code": code}
        query["sign"] = sign(query, link.app.secret)
        url = f"{site_of(link.app)}/auth/token?{urlencode(query)}"
        answer = await link.http.call("GET", url)
        token = read(answer.status, answer.body, _Token, writes=False, order="")
        if token.FromPlatform not in bridge_of(link.app).names:
            meaning = "授权的是另一个平台的店铺 / the permission is for another platform"
            raise ChannelRefused(channel=NAME, said="FromPlatform", meaning=meaning)
        shop_id = token.ShopId if token.ShopId is not None else token.UserId
        if shop_id is None:
            raise unclear("no ShopId")
        try:
            expires_at = link.now() + timedelta(seconds=int(token.ExpiresIn))
        except (ValueError, OverflowError) as error:
            raise unclear("ExpiresIn") from error
        return Grant(str(shop_id), token.ShopName or "", Secret(token.Token), expires_at=expires_at)

    async def refresh(self, link: Link) -> Grant:
        """Not offered: a token is renewed by renewing the subscription."""
        _lacking("refresh")

    async def listings(self, link: Link, page: str | None = None) -> Page[Listing]:
        """What is for sale, with variants. Raises also: NotBridged."""
        _require(link.app, PINDUODUO, "listings")
        number = int(page or 1)
        business = {"page": str(number), "pageSize": str(GOODS_A_PAGE)}
        told = await call(link, "Goods/List", GoodsList, business)
        more = number * GOODS_A_PAGE < told.total_count and bool(told.goods_list)
        return Page(read_goods(told), str(number + 1) if more else None)

    async def orders(self, link: Link, window: Window, page: str | None = None) -> Page[ShopOrder]:
        """Not offered: no list of orders is documented."""
        _lacking("orders")

    async def order(self, link: Link, order_id: str) -> ShopOrder:
        """One order, complete. Raises also: NoSuchShopOrder, NotBridged."""
        _require(link.app, PINDUODUO, "order")
        business = {"orderSn": order_id}
        told = await call(link, "Order/OrderInformation", OrderDetail, business, order=order_id)
        return read_order(told.order_info, order_id)

    async def send(self, link: Link, parcel: Parcel) -> None:
        """Give the buyer the cards; this ships the order.

        Raises also: NotShippable, NotBridged.
        """
        platform = platform_of(link.app)
        if platform == PINDUODUO:
            await _send_at_pinduoduo(link, parcel)
        elif platform == TAOBAO:
            await _send_at_taobao(link, parcel)
        elif platform == JD and link.app.options.get("jd_orders") == "game":
            await _send_at_jd(link, parcel)
        else:
            raise NotBridged(platform=platform, what="send")

    async def confirm(self, link: Link, order_id: str, line_ids: Sequence[str]) -> None:
        """Mark an order as shipped, without logistics. Raises also: AlreadyShipped, NotBridged."""
        platform = platform_of(link.app)
        if platform == PINDUODUO:
            _require_shippable(await self.order(link, order_id))
        path, business = _shipment(link.app, platform, order_id)
        await call(link, path, Nothing, business, writes=True, order=order_id)

    async def publish_stock(self, link: Link, levels: Sequence[StockLevel]) -> None:
        """Not offered: it is documented for Taobao only, whose orders can't be read."""
        _lacking("publish_stock")

    async def publish_price(self, link: Link, item_id: str, sku_id: str, price_e4: int) -> None:
        """Not offered: no such call is documented."""
        _lacking("publish_price")

    async def refunds(
        self, link: Link, window: Window, page: str | None = None
    ) -> Page[ShopRefund]:
        """Not offered: no list is documented; orders tell of their refunds."""
        _lacking("refunds")

    async def answer_refund(
        self, link: Link, refund: ShopRefund, *, agree: bool, reason: str = ""
    ) -> None:
        """Not offered: it takes a refund's number, which only pushes tell."""
        _lacking("answer_refund")

    def read_push(self, app: App, request: PushRequest) -> tuple[Push, ...]:
        """Check that a push is authentic and not too old, and read which order it is about.

        Its kind and platform stand outside what is signed, so they decide nothing: whatever names
        an order has it read. Raises: PushNotAuthentic.
        """
        query, texts = _form(request.query), _form(request.body.decode("utf-8", "replace"))
        text, stamp = _one(texts, "json"), _one(query, "timestamp")
        expected = sign({"json": text, "timestamp": stamp}, app.secret)
        if not hmac.compare_digest(_one(query, "sign").lower().encode(), expected.encode()):
            raise PushNotAuthentic(why="sign")
        sent_at = _sent_at(stamp)
        if not now() - PUSH_AGE <= sent_at <= now() + PUSH_AHEAD:
            raise PushNotAuthentic(why="timestamp")
        try:
            told = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        except (msgspec.MsgspecError, RecursionError) as error:
            raise PushNotAuthentic(why="json") from error
        order_id = _first(told, ORDER_NUMBERS)
        shop_id = _first(told, SHOP_NUMBERS)  # the other platforms' pushes don't say
        signal = Signal.ORDER if order_id else Signal.OTHER
        return (Push(signal, shop_id, "", order_id=order_id, at=sent_at),)

    def reply(self, pushes: Sequence[Push]) -> PushReply:
        """Say that pushes were taken."""
        return PushReply(b'{"success":true,"message":"OK"}')


def _lacking(method: str) -> NoReturn:
    raise AssertionError(f"{NAME} has no {method}: it isn't in `can`")


def _require(app: App, platform: str, what: str) -> None:
    if platform_of(app) != platform:
        raise NotBridged(platform=platform_of(app), what=what)


def _require_shippable(order: ShopOrder) -> None:
    """Raises: AlreadyShipped, NotShippable."""
    if order.state in {ShopState.SHIPPED, ShopState.FINISHED}:
        raise AlreadyShipped(channel=NAME, order=order.order_id)
    if order.state is not ShopState.PAID:
        raise NotShippable(channel=NAME, order=order.order_id, said=order.state.value)


def _shipment(app: App, platform: str, order_id: str) -> tuple[str, Mapping[str, str]]:
    """Say which call marks an order as shipped. Raises: NotBridged, AppRefused."""
    if platform == PINDUODUO:
        return "DummySend/OtherSend", {"tid": order_id}
    if platform == TAOBAO:
        return "Trade/LogisticsDummySend", {"tids": order_id}
    if platform != JD:
        raise NotBridged(platform=platform, what="confirm")
    calls: Mapping[str, tuple[str, Mapping[str, str]]] = {
        "pop": ("Order/DummySend", {"orderId": order_id, "logiCoprId": CARRIED_BY_SELLER}),
        "game": ("GameCard/RechargeSend", {"tid": order_id}),
        "general": ("Vtp/Send", {"tid": order_id}),
    }
    kind = app.options.get("jd_orders", "pop")
    if kind not in calls:
        raise AppRefused(channel=NAME, said="jd_orders")
    return calls[kind]


async def _send_at_pinduoduo(link: Link, parcel: Parcel) -> None:
    """One card goes by the call for its kind; more only as a chat message, if that is wanted.

    The message leaves before the order is marked as shipped: when we don't know whether it left,
    the order still waits and it leaves again.
    """
    assert parcel.cards, "a parcel holds cards"
    card = parcel.cards[0]
    tid = {"tid": parcel.order_id}
    if len(parcel.cards) == 1 and not card.url and card.number and card.password:
        path = "DummySend/CardPwdSend"
        business = tid | {"cardNo": card.number, "password": card.password}
    elif len(parcel.cards) == 1 and not card.url:
        path = "DummySend/ActivationCodeSend"
        business = tid | {"activationCode": card.number or card.password}
    elif link.app.options.get("many_cards") == "chat":
        message = tid | {"msg": "\n".join(_in_words(each) for each in parcel.cards)}
        await call(link, "ImMsg/SendMsg", Nothing, message, writes=True, order=parcel.order_id)
        path, business = "DummySend/OtherSend", tid
    else:
        raise NotShippable(channel=NAME, order=parcel.order_id, said="one card an order")
    await call(link, path, Nothing, business, writes=True, order=parcel.order_id)


async def _send_at_taobao(link: Link, parcel: Parcel) -> None:
    """Make what the buyer can open, then ship.

    The buyer is shown what was made last, so an order of several lines can't be sent this way.
    """
    order = parcel.order_id
    if parcel.line_id != order or not (order.isascii() and order.isdigit()):
        raise NotShippable(channel=NAME, order=order, said="one line an order")
    cards = [{"c": card.url or card.number, "p": card.password, "d": ""} for card in parcel.cards]
    shown = {"CardNoShowType": AS_TEXT, "PwdShowType": AS_TEXT, "CardPwdArr": cards}
    content = msgspec.json.encode([{"Oid": int(order), "CardPwdContent": [shown]}]).decode()
    business = {"tid": order, "aldsType": AFTER_PAYMENT, "content": content}
    await call(link, "Trade/CreateOrderResult", Nothing, business, writes=True, order=order)
    path, shipment = _shipment(link.app, TAOBAO, order)
    await call(link, path, Nothing, shipment, writes=True, order=order)


async def _send_at_jd(link: Link, parcel: Parcel) -> None:
    if any(card.url for card in parcel.cards):
        raise NotShippable(channel=NAME, order=parcel.order_id, said="a link isn't a card")
    cards = [{"cardno": card.number, "cardpass": card.password} for card in parcel.cards]
    business = {"tid": parcel.order_id, "cardJson": msgspec.json.encode(cards).decode()}
    order = parcel.order_id
    await call(link, "GameCard/CardSend", Nothing, business, writes=True, order=order)


def _in_words(card: CardText) -> str:
    parts = (("卡号", card.number), ("密码", card.password), ("链接", card.url))
    return " ".join(f"{name}：{text}" for name, text in parts if text)


def _form(written: str) -> Mapping[str, list[str]]:
    try:
        return parse_qs(written, max_num_fields=20)
    except ValueError as error:
        raise PushNotAuthentic(why="form") from error


def _one(fields: Mapping[str, list[str]], name: str) -> str:
    found = fields.get(name, [])
    if len(found) != 1:
        raise PushNotAuthentic(why=name)
    return found[0]


def _sent_at(written: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(written), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise PushNotAuthentic(why="timestamp") from error


def _first(told: Mapping[str, msgspec.Raw], names: Sequence[str]) -> str:
    """Find a number by its names; exact, whether written as a number or as text."""
    for name in names:
        if name in told:
            try:
                return str(msgspec.json.decode(told[name], type=int | str))
            except msgspec.MsgspecError as error:
                raise PushNotAuthentic(why=name) from error
    return ""
