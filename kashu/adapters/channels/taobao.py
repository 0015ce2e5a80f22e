"""Taobao and Tmall through TOP (淘宝开放平台), from documents and other people's code.

The app's options: `sign_method` (md5, hmac, hmac-sha256), `sandbox` ("yes"), `trade_types` (which
types of orders to ask for, where the platform's default isn't wanted), `vouchers` and
`voucher_notice_key` (see taobao_vouchers.py: inferred, and off unless set), `messages` and
`messages_group` (see taobao_messages.py: off unless set).

What is verified, and against what: docs/reference/channels/taobao.md.
"""

import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Final
from urllib.parse import unquote, urlencode

import msgspec

from kashu.adapters.channels import asks, taobao_goods, taobao_messages, taobao_vouchers
from kashu.adapters.channels.taobao_calls import NAME, WrongState, call, unclear
from kashu.adapters.channels.taobao_orders import (
    DETAIL_FIELDS,
    REFUND_FIELDS,
    TRADE_FIELDS,
    Trade,
    read_listed,
    read_order,
    read_refunds,
    read_trade,
)
from kashu.adapters.channels.taobao_paging import (
    next_place,
    read_place,
    window_parameters,
)
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
    StockLevel,
    Window,
)
from kashu.channels.errors import AlreadyShipped, ChannelRefused, GrantLost
from kashu.channels.streaming import Stream
from kashu.core.secrets import Secret
from kashu.core.sockets import Sockets

OAUTH: Final = "https://oauth.taobao.com/authorize"
OAUTH_SANDBOX: Final = "https://oauth.tbsandbox.com/authorize"
MEMO_MAX: Final = 1000  # bytes


class _TokenText(msgspec.Struct):
    token_result: str  # JSON inside the JSON


class _Token(msgspec.Struct):
    access_token: str
    taobao_user_id: int | str
    taobao_user_nick: str = ""  # URL-encoded
    expires_in: int | None = None
    refresh_token: str = ""
    re_expires_in: int = 0  # 0: can't be refreshed


class _TradeList(msgspec.Struct):
    trade: list[msgspec.Raw] = []


class _Trades(msgspec.Struct):
    total_results: int
    trades: _TradeList = msgspec.field(default_factory=_TradeList)


class _OneTrade(msgspec.Struct):
    trade: msgspec.Raw


class _RefundList(msgspec.Struct):
    refund: list[msgspec.Raw] = []


class _Refunds(msgspec.Struct):
    total_results: int
    refunds: _RefundList = msgspec.field(default_factory=_RefundList)


class _Shipping(msgspec.Struct):
    is_success: bool


class _Shipped(msgspec.Struct):
    shipping: _Shipping


class _MemoOf(msgspec.Struct):
    tid: int | str


class _MemoWritten(msgspec.Struct):
    trade: _MemoOf


class TaobaoChannel:
    """Taobao and Tmall shops."""

    name = NAME
    can = frozenset(
        {
            Can.AUTHORIZE,
            Can.REFRESH,
            Can.LIST_LISTINGS,
            Can.COLLECT,
            Can.READ_ORDER,
            Can.SEND_MEMO,
            Can.CONFIRM,
            Can.PUBLISH_STOCK,
            Can.PUBLISH_PRICE,
            Can.LIST_REFUNDS,
            Can.PUSH,  # vouchers only, and only where the app's options say so
            Can.STREAM,  # where they say so
        }
    )
    bounds = Bounds(
        window=timedelta(minutes=30),  # a day at most; half an hour advised
        history=timedelta(days=89),  # three months
        lag=timedelta(minutes=5),  # not stated; what other collectors overlap by
    )
    calls_per_s = math.inf  # the platform states none: it says when it is too often
    shop_calls_per_s = math.inf
    shop_calls_named_per_s = NO_OTHER_LIMITS
    secret_options: frozenset[str] = frozenset({"voucher_notice_key"})
    needs = asks.TAOBAO

    def authorize_url(self, app: App, *, redirect: str, state: str) -> str:
        """Say where the seller permits us to act for the shop."""
        asked = {
            "response_type": "code",
            "client_id": app.key,
            "redirect_uri": redirect,
            "state": state,
            "view": "web",
        }
        page = OAUTH_SANDBOX if app.options.get("sandbox") == "yes" else OAUTH
        if app.base_url:
            page = app.base_url.rstrip("/") + "/authorize"
        return f"{page}?{urlencode(asked)}"

    async def authorize(
        self,
        link: Link,
        *,
        code: str,
        redirect: str,
    ) -> Grant:
        """Turn the code that came back into a grant. A code is good once, for half an hour."""
        return await _token(link, "taobao.top.auth.token.create", {"code": code})

    async def refresh(self, link: Link) -> Grant:
        """Renew the grant: only apps of the service market may. The refresh token changes too."""
        token = link.grant.refresh_token if link.grant else None
        if token is None:
            raise GrantLost(channel=NAME, said="this app's permission can't be renewed")
        parameters = {"refresh_token": token.clear}
        return await _token(link, "taobao.top.auth.token.refresh", parameters)

    async def listings(self, link: Link, page: str | None = None) -> Page[Listing]:
        """List what is for sale, with variants."""
        return await taobao_goods.listings(link, page)

    async def orders(self, link: Link, window: Window, page: str | None = None) -> Page[ShopOrder]:
        """List orders that changed in a window. The buyer's message isn't in a list.

        Times are whole seconds, so that some from just outside the window may be among them.
        """
        place = read_place(page)
        told = await call(
            link,
            "taobao.trades.sold.increment.get",
            _Trades,
            {
                "fields": TRADE_FIELDS,
                "type": link.app.options.get("trade_types", ""),
                **window_parameters(window, place),
            },
        )
        orders = [read_listed(each, window.begin) for each in told.trades.trade]
        return Page(orders, next_place(place, told.total_results))

    async def order(self, link: Link, order_id: str) -> ShopOrder:
        """Read one order. Raises also: NoSuchShopOrder, ShopOrderWrong."""
        return read_order(await _trade(link, order_id), complete=True)

    async def send(self, link: Link, parcel: Parcel) -> None:
        """Send a voucher where the parcel has a notice's token; else write the seller's memo.

        The memo is the seller's own: the buyer doesn't see it. What stands in it stays; what
        already stands in it isn't written again.
        """
        if parcel.token:
            await taobao_vouchers.send_codes(link, parcel)
            return
        before = (await _trade(link, parcel.order_id)).seller_memo
        known = set(before.splitlines())
        fresh = [text for text in map(_text, parcel.cards) if text not in known]
        if not fresh:
            return
        memo = "\n".join([before, *fresh] if before else fresh)
        if len(memo.encode()) > MEMO_MAX:
            raise ChannelRefused(
                channel=NAME, said="memo", meaning="备注超过 1000 字节 the memo is too long"
            )
        written = await call(
            link,
            "taobao.trade.memo.update",
            _MemoWritten,
            {"tid": parcel.order_id, "memo": memo},
            writes=True,
            order=parcel.order_id,
        )
        if str(written.trade.tid) != parcel.order_id:
            raise unclear("the memo of another order")

    async def confirm(
        self,
        link: Link,
        order_id: str,
        line_ids: Sequence[str],
    ) -> None:
        """Mark the whole order as shipped, without logistics: call when all lines are delivered.

        Raises also: AlreadyShipped, NotShippable, NoSuchShopOrder.
        """
        try:
            shipped = await call(
                link,
                "taobao.logistics.dummy.send",
                _Shipped,
                {"tid": order_id},
                writes=True,
                order=order_id,
            )
        except WrongState as error:
            now = await self.order(link, order_id)
            if now.state in {ShopState.SHIPPED, ShopState.FINISHED}:
                raise AlreadyShipped(channel=NAME, order=order_id) from error
            raise
        if not shipped.shipping.is_success:
            raise unclear("is_success false")

    async def publish_stock(self, link: Link, levels: Sequence[StockLevel]) -> None:
        """Set what may be bought: absolute numbers, up to 20 listings."""
        await taobao_goods.publish_stock(link, levels)

    async def publish_price(self, link: Link, item_id: str, sku_id: str, price_e4: int) -> None:
        """Set a variant's price."""
        await taobao_goods.publish_price(link, item_id, sku_id, price_e4)

    async def refunds(
        self, link: Link, window: Window, page: str | None = None
    ) -> Page[ShopRefund]:
        """List refunds that changed in a window."""
        place = read_place(page)
        told = await call(
            link,
            "taobao.refunds.receive.get",
            _Refunds,
            {
                "fields": REFUND_FIELDS,
                "type": link.app.options.get("trade_types", ""),
                **window_parameters(window, place),
            },
        )
        refunds, wrong = read_refunds(told.refunds.refund)
        return Page(refunds, next_place(place, told.total_results), tuple(wrong))

    async def answer_refund(
        self, link: Link, refund: ShopRefund, *, agree: bool, reason: str = ""
    ) -> None:
        """Nobody calls this: not in `can`."""
        raise AssertionError("agreeing wants a sub-account and a code by SMS: see the reference")

    def read_push(self, app: App, request: PushRequest) -> tuple[Push, ...]:
        """Check a voucher notice and read it. Raises: PushNotAuthentic."""
        return (taobao_vouchers.read_notice(app, request),)

    def reply(self, pushes: Sequence[Push]) -> PushReply:
        """Say that a notice was taken."""
        return PushReply(b'{"code":200}')

    def streams(self, options: Mapping[str, str]) -> bool:
        """Say whether its messages are wanted."""
        return taobao_messages.streams(options)

    async def permit_stream(self, link: Link) -> None:
        """Have messages of this shop sent, too."""
        await taobao_messages.permit_stream(link)

    def stream(self, link: Link, sockets: Sockets) -> AbstractAsyncContextManager[Stream]:
        """Open the application's messages."""
        return taobao_messages.stream(link, sockets)


async def _trade(link: Link, order_id: str) -> Trade:
    told = await call(
        link,
        "taobao.trade.fullinfo.get",
        _OneTrade,
        {"fields": DETAIL_FIELDS, "tid": order_id},
        order=order_id,
    )
    trade = read_trade(told.trade)
    if str(trade.tid) != order_id:
        raise unclear("another order than the one asked for")
    return trade


async def _token(link: Link, method: str, parameters: dict[str, str]) -> Grant:
    bare = Link(link.app, None, link.http, link.now)  # these calls are the app's own
    told = await call(bare, method, _TokenText, parameters, writes=True)
    try:
        token = msgspec.json.decode(told.token_result, type=_Token)
    except msgspec.MsgspecError as error:
        raise unclear("unreadable token_result") from error
    now = link.now()
    renewable = bool(token.refresh_token) and token.re_expires_in > 0
    return Grant(
        shop_id=str(token.taobao_user_id),
        shop_name=unquote(token.taobao_user_nick),
        access_token=Secret(token.access_token),
        refresh_token=Secret(token.refresh_token) if renewable else None,
        expires_at=now + timedelta(seconds=token.expires_in) if token.expires_in else None,
        refreshable_until=now + timedelta(seconds=token.re_expires_in) if renewable else None,
    )


def _text(card: CardText) -> str:
    return " ".join(text for text in (card.number, card.password, card.url) if text)
