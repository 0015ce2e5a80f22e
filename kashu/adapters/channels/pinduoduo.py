"""Pinduoduo 拼多多: orders, refunds, stock and prices through its open platform's gateway.

Nothing here was tried against the live platform. What isn't known stays behind `App.options`:

- `logistics_id`, `tracking_number`: how an order without logistics is marked as shipped isn't
  documented. What the platform told this seller to send goes here; "{order}" in the number
  becomes the order's. Without both, confirm() calls nobody and says that a person must do it.
- `single_price_over_fen`: how much more buying alone costs than buying in a group. Without it
  only the group's price is sent.
- `messages` = `socket`: hear of orders over a long connection (PMC; see pinduoduo_messages.py).

Showing a card to its buyer has no documented call for ordinary shops, so there is no send().
"""

import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final, NoReturn
from urllib.parse import urlencode

import msgspec

from kashu.adapters.channels import asks, pinduoduo_messages
from kashu.adapters.channels.pinduoduo_gateway import (
    NAME,
    BusinessRefused,
    Params,
    call,
    unclear,
)
from kashu.adapters.channels.pinduoduo_orders import (
    GoodsList,
    Id,
    OrderDetail,
    OrderList,
    RefundList,
    read_goods,
    read_listed,
    read_order,
    read_refunds,
)
from kashu.channels.channel import (
    App,
    Bounds,
    Can,
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
    StockLevel,
    Window,
)
from kashu.channels.errors import (
    AlreadyShipped,
    ChannelRefused,
    GrantLost,
    NoSuchShopOrder,
    NotShippable,
)
from kashu.channels.streaming import Stream
from kashu.core.money import FEN
from kashu.core.secrets import Secret
from kashu.core.sockets import Sockets

AUTHORIZE_AT: Final = "https://fuwu.pinduoduo.com"
PAGE_SIZE: Final = 100  # the largest allowed
AGREED: Final = "退款操作成功"  # "succ" alone says that the call was understood


class _Token(msgspec.Struct):
    access_token: str
    owner_id: Id
    expires_at: int | str
    owner_name: str = ""
    refresh_token: str | None = None
    refresh_token_expires_at: int | str | None = None


class _Success(msgspec.Struct):
    is_success: bool


class _Agreement(msgspec.Struct):
    succ: bool
    message: str = ""


class _Agreed(msgspec.Struct):
    result: _Agreement


class PinduoduoChannel:
    """See Channel."""

    name = NAME
    can = frozenset(
        {
            Can.AUTHORIZE,
            Can.REFRESH,
            Can.LIST_LISTINGS,
            Can.COLLECT,
            Can.READ_ORDER,
            Can.CONFIRM,
            Can.PUBLISH_STOCK,
            Can.PUBLISH_PRICE,
            Can.LIST_REFUNDS,
            Can.ANSWER_REFUND,
            Can.STREAM,  # where the app's options say so
        }
    )
    # 30 minutes and 90 days, of whole seconds: both ends of a window are rounded outwards.
    bounds = Bounds(timedelta(minutes=29), timedelta(days=89), timedelta(minutes=3))
    calls_per_s = math.inf
    shop_calls_per_s = math.inf
    # Each call has a limit of its own; those of the whole platform (thousands a second) are its.
    # Source: the limits in the comments of its SDK, see docs/reference/channels/pinduoduo.md.
    shop_calls_named_per_s: Mapping[str, float] = MappingProxyType(
        {
            "pdd.order.number.list.increment.get": 3_000 / 60,
            "pdd.order.information.get": 30_000 / 60,
            "pdd.refund.list.increment.get": 100 / 10,
            "pdd.goods.list.get": 600 / 60,
            "pdd.goods.sku.price.update": 1_200
            / 10,  # of the application, which has a shop or a few
        }
    )
    secret_options: frozenset[str] = frozenset()
    needs = asks.PINDUODUO

    def authorize_url(self, app: App, *, redirect: str, state: str) -> str:
        """The shop's main account permits us there; an earlier permission ends with that."""
        query = {
            "response_type": "code",
            "client_id": app.key,
            "redirect_uri": redirect,
            "state": state,
        }
        return f"{app.base_url or AUTHORIZE_AT}/service-market/auth?{urlencode(query)}"

    async def authorize(self, link: Link, *, code: str, redirect: str) -> Grant:
        """A code lives ten minutes and works once."""
        token = await call(
            link, "pdd.pop.auth.token.create", {"code": code}, _Token, with_token=False
        )
        return _granted(token)

    async def refresh(self, link: Link) -> Grant:
        """Renew by refresh token."""
        assert link.grant is not None, "there is nothing to refresh"
        if link.grant.refresh_token is None:
            raise GrantLost(channel=NAME, said="refresh_token")
        token = await call(
            link,
            "pdd.pop.auth.token.refresh",
            {"refresh_token": link.grant.refresh_token.clear},
            _Token,
            with_token=False,
        )
        return _granted(token)

    async def listings(self, link: Link, page: str | None = None) -> Page[Listing]:
        """First what is on sale, then what isn't: the platform wants to be asked apart."""
        on_sale, number = _cursor(page)
        told = await call(
            link,
            "pdd.goods.list.get",
            {"is_onsale": on_sale, "page": number, "page_size": PAGE_SIZE},
            GoodsList,
        )
        following = f"{on_sale}:{number + 1}" if number * PAGE_SIZE < told.total_count else None
        if following is None and on_sale:
            following = "0:1"
        return Page(read_goods(told), following)

    async def orders(self, link: Link, window: Window, page: str | None = None) -> Page[ShopOrder]:
        """Pages go from the last to the first, as the platform demands: else changes are missed."""
        asked = _window(window) | {"order_status": 5, "refund_status": 5, "is_lucky_flag": 0}
        number = int(page or 1)
        told = await self._order_page(link, asked, number)
        found = [read_listed(each, window.begin) for each in told.order_sn_list or ()]
        if page is None and told.total_count > PAGE_SIZE:  # what is new is told at once, too
            return Page(found, str(-(-told.total_count // PAGE_SIZE)))
        return Page(found, _earlier(number))

    async def _order_page(self, link: Link, asked: Mapping[str, int], number: int) -> OrderList:
        method = "pdd.order.number.list.increment.get"
        paged = {**asked, "page": number, "page_size": PAGE_SIZE, "use_has_next": False}
        return await call(link, method, paged, OrderList)

    async def order(self, link: Link, order_id: str) -> ShopOrder:
        """The number is all that is asked by, so a wrong parameter means: no such order."""
        try:
            told = await call(
                link, "pdd.order.information.get", {"order_sn": order_id}, OrderDetail
            )
        except BusinessRefused as refused:
            raise NoSuchShopOrder(channel=NAME, order=order_id) from refused
        return read_order(told.order_info, order_id)

    async def confirm(self, link: Link, order_id: str, line_ids: Sequence[str]) -> None:
        """Read it first: what the platform answers to a second shipment isn't documented."""
        logistics_id = link.app.options.get("logistics_id", "")
        tracking_number = link.app.options.get("tracking_number", "")
        if not logistics_id or not tracking_number:
            said = "options: logistics_id, tracking_number"
            raise NotShippable(channel=NAME, order=order_id, said=said)
        order = await self.order(link, order_id)
        if order.state in {ShopState.SHIPPED, ShopState.FINISHED}:
            raise AlreadyShipped(channel=NAME, order=order_id)
        if order.state is not ShopState.PAID:
            raise NotShippable(channel=NAME, order=order_id, said=str(order.state))
        sent: Params = {
            "order_sn": order_id,
            "logistics_id": logistics_id,
            "tracking_number": tracking_number.replace("{order}", order_id),
            "redelivery_type": 1,  # only an order that waits for its first shipment
        }
        try:
            told = await call(link, "pdd.logistics.online.send", sent, _Success)
        except BusinessRefused as refused:
            said = str(refused.facts["said"])
            raise NotShippable(channel=NAME, order=order_id, said=said) from refused
        _expect(told)

    async def publish_stock(self, link: Link, levels: Sequence[StockLevel]) -> None:
        """One call for each. One that is refused, as of goods that are gone, stops no other."""
        refused = None
        for level in levels:
            asked: Params = {
                "goods_id": level.item_id,
                "sku_id": level.sku_id,
                "quantity": level.quantity,
                "update_type": 1,  # set, don't add
            }
            try:
                _expect(await call(link, "pdd.goods.quantity.update", asked, _Success))
            except BusinessRefused as error:
                refused = refused or error
        if refused is not None:
            raise refused

    async def publish_price(self, link: Link, item_id: str, sku_id: str, price_e4: int) -> None:
        """What buying in a group costs. It goes through the platform's review before it holds."""
        assert price_e4 % FEN == 0, "a buyer pays whole fen"
        price = {"sku_id": sku_id, "group_price": price_e4 // FEN}
        over = link.app.options.get("single_price_over_fen", "")
        if over and not over.isdecimal():
            meaning = "设置须为整数分，没有发送 / the option must be whole fen, nothing was sent"
            raise ChannelRefused(channel=NAME, said="single_price_over_fen", meaning=meaning)
        if over:
            price["single_price"] = price_e4 // FEN + int(over)
        asked: Params = {
            "goods_id": item_id,
            "sku_price_list": msgspec.json.encode([price]).decode(),
            "sync_goods_operate": 1,  # stay on or off sale
        }
        _expect(await call(link, "pdd.goods.sku.price.update", asked, _Success))

    async def refunds(
        self, link: Link, window: Window, page: str | None = None
    ) -> Page[ShopRefund]:
        """From the last page to the first, too. Exchanges and repairs are left out."""
        asked = _window(window) | {"after_sales_status": 1, "after_sales_type": 1}  # all of both
        number = int(page or 1)
        told = await self._refund_page(link, asked, number)
        if page is None and told.total_count > PAGE_SIZE:
            number = -(-told.total_count // PAGE_SIZE)
            told = await self._refund_page(link, asked, number)
        found, wrong = read_refunds(told)
        return Page(found, _earlier(number), wrong)

    async def _refund_page(self, link: Link, asked: Mapping[str, int], number: int) -> RefundList:
        paged = {**asked, "page": number, "page_size": PAGE_SIZE}
        return await call(link, "pdd.refund.list.increment.get", paged, RefundList)

    async def answer_refund(
        self, link: Link, refund: ShopRefund, *, agree: bool, reason: str = ""
    ) -> None:
        """Agree. To refuse there is no call: that needs a person at the platform's console."""
        if not agree:
            meaning = "拒绝退款没有接口，请到商家后台操作 / refuse it in the platform's own console"
            raise ChannelRefused(channel=NAME, said="pdd.refund.agree", meaning=meaning)
        request = {
            "after_sales_id": int(number) if (number := refund.refund_id).isdecimal() else number,
            "order_sn": refund.order_id,
            "operate_desc": reason,
        }
        asked = {"request": msgspec.json.encode(request).decode()}
        told = await call(link, "pdd.refund.agree", asked, _Agreed)
        if not told.result.succ or told.result.message not in {"", AGREED}:
            raise unclear("pdd.refund.agree")

    async def send(self, link: Link, parcel: Parcel) -> None:
        """Nobody calls it: no documented call shows a card to an ordinary shop's buyer."""
        _lacks("send")

    def read_push(self, app: App, request: PushRequest) -> tuple[Push, ...]:
        """Nobody calls it: messages come over a long connection only."""
        _lacks("read_push")

    def reply(self, pushes: Sequence[Push]) -> PushReply:
        """Nobody calls it, either."""
        _lacks("reply")

    def streams(self, options: Mapping[str, str]) -> bool:
        """Say whether its messages are wanted."""
        return pinduoduo_messages.streams(options)

    async def permit_stream(self, link: Link) -> None:
        """Have messages of this shop sent, too."""
        await pinduoduo_messages.permit_stream(link)

    def stream(self, link: Link, sockets: Sockets) -> AbstractAsyncContextManager[Stream]:
        """Open the application's messages."""
        return pinduoduo_messages.stream(link, sockets)


def _granted(token: _Token) -> Grant:
    refreshable = token.refresh_token_expires_at
    return Grant(
        shop_id=str(token.owner_id),
        shop_name=token.owner_name,
        access_token=Secret(token.access_token),
        refresh_token=Secret(token.refresh_token) if token.refresh_token else None,
        expires_at=_moment(token.expires_at),
        refreshable_until=_moment(refreshable) if refreshable else None,
    )


def _moment(seconds: int | str) -> datetime:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise unclear("expires_at") from error


def _window(window: Window) -> dict[str, int]:
    """Whole seconds, outwards: whether the platform counts the last one in isn't told."""
    return {
        "start_updated_at": int(window.begin.timestamp()),
        "end_updated_at": -int(-window.end.timestamp() // 1),
    }


def _earlier(number: int) -> str | None:
    return str(number - 1) if number > 1 else None


def _cursor(page: str | None) -> tuple[int, int]:
    """Read "1:3": the third page of what is on sale."""
    on_sale, _, number = (page or "1:1").partition(":")
    return int(on_sale), int(number)


def _expect(told: _Success) -> None:
    """A failure without a code isn't in the table."""
    if not told.is_success:
        raise unclear("is_success: false")


def _lacks(what: str) -> NoReturn:
    raise AssertionError(f"Pinduoduo has no {what}; see `can`")
