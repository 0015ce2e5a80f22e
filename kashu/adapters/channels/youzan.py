"""Youzan 有赞云. Options of an application, see docs/reference/channels/youzan.md:

`shop`: the shop's id (kdt_id), for an application that a shop made for itself: it needs no seller
to sign in. `authorize_at`: for one that serves other shops, the address where a seller permits it,
as Youzan's console shows it; `{redirect}` and `{state}` in it are filled in. `memo`: `cards` writes
cards into the order's note, which the shop's staff see and the buyer doesn't; without it nothing is
sent. `push_sign`: `body` for shops whose pushes carry the older signature inside.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from kashu.adapters.channels import asks, youzan_listings, youzan_pushes
from kashu.adapters.channels.youzan_answers import (
    CHANNEL,
    Api,
    call,
    call_for_token,
    done,
    unclear,
)
from kashu.adapters.channels.youzan_orders import (
    RefundMore,
    RefundRow,
    Trade,
    apart,
    read_order,
    read_refund,
    read_row,
    read_trade,
    written,
)
from kashu.adapters.channels.youzan_windows import Found, Limits, walk
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
from kashu.channels.errors import (
    AlreadyShipped,
    AppRefused,
    ChannelRefused,
    GrantLost,
    NotShippable,
)
from kashu.core.money import FEN
from kashu.core.secrets import Secret

_SOLD: Final = Api("youzan.trades.sold.get", "4.0.4")
_TRADE: Final = Api("youzan.trade.get", "4.0.2")
_SHIP: Final = Api("youzan.logistics.online.confirm", "3.0.0")
_MEMO: Final = Api("youzan.trade.memo.update", "3.0.0")
_QUANTITY: Final = Api("youzan.item.quantity.update", "3.0.0")
_PRICE: Final = Api("youzan.item.price.update", "1.0.0")
_REFUNDS: Final = Api("youzan.trade.refund.search", "3.0.1")
_REFUND: Final = Api("youzan.trade.refund.get", "3.0.1")
_AGREE: Final = Api("youzan.trade.refund.agree", "3.0.1")
_REFUSE: Final = Api("youzan.trade.refund.refuse", "3.0.0")

_ORDER_PAGES: Final = Limits(size=100, pages=100)
_REFUND_PAGES: Final = Limits(size=20, pages=100)  # page × size ≤ 3000, page ≤ 100
_REFRESHABLE: Final = timedelta(days=28)
_SET: Final = 0  # a quantity is set, not added
_ONLINE: Final = 0  # the web shop; counters (1) count stock in thousandths
_REFUSAL: Final = "卡密已发出，不支持退款"


class _Token(msgspec.Struct):
    access_token: str
    expires: int  # when: milliseconds since 1970
    authority_id: int | str
    refresh_token: str | None = None


class _Sold(msgspec.Struct):
    total_results: int
    full_order_info_list: list[msgspec.Raw] = []


class _Trade(msgspec.Struct):
    full_order_info: msgspec.Raw


class _Refunds(msgspec.Struct):
    total: int
    refunds: list[RefundRow] = []


class YouzanChannel:
    """Shops at Youzan."""

    name: str = CHANNEL
    can: frozenset[Can] = frozenset(Can) - {
        Can.SEND_CARD,
        Can.SEND_CONFIRMS,
        Can.SEND_MAY_CONFIRM,
        Can.ASKED,
        Can.STREAM,
    }
    bounds: Bounds = Bounds(
        window=timedelta(days=84),  # three months, whichever they are
        history=timedelta(days=84),
        lag=timedelta(seconds=30),
    )
    calls_per_s: float = math.inf  # none is stated for an application …
    shop_calls_per_s: float = 30  # … and this is the least that it advises for any of these calls
    shop_calls_named_per_s = NO_OTHER_LIMITS
    secret_options: frozenset[str] = frozenset()
    needs = asks.YOUZAN

    def authorize_url(self, app: App, *, redirect: str, state: str) -> str:
        """Say where the seller permits us; for a shop's own application that is straight back."""
        shop, at = app.options.get("shop"), app.options.get("authorize_at")
        if shop:
            mark = "&" if "?" in redirect else "?"
            return f"{redirect}{mark}{urlencode({'code': shop, 'state': state})}"
        if not at:
            raise AppRefused(channel=CHANNEL, said="options: shop, authorize_at")
        return at.replace("{redirect}", quote(redirect, "")).replace("{state}", quote(state, ""))

    async def authorize(self, link: Link, *, code: str, redirect: str) -> Grant:
        """Turn a code into a grant. A shop's own application gets one for the shop of its options.

        Raises: ChannelUnclear where the grant isn't for that shop.
        """
        shop = link.app.options.get("shop")
        if shop:
            return await _granted(link, _silent(shop, renew=False), shop)
        body = {"authorize_type": "authorization_code", "code": code, "redirect_uri": redirect}
        return await _granted(link, body, None)

    async def refresh(self, link: Link) -> Grant:
        """Renew the grant. Whether the old token lives on isn't known."""
        assert link.grant is not None, "there is something to refresh"
        shop = link.app.options.get("shop")
        if shop:
            return await _granted(link, _silent(shop, renew=True), shop)
        if link.grant.refresh_token is None:
            raise GrantLost(channel=CHANNEL, said="no refresh_token")
        body = {
            "authorize_type": "refresh_token",
            "refresh_token": link.grant.refresh_token.clear,
        }
        return await _granted(link, body, link.grant.shop_id)

    async def listings(self, link: Link, page: str | None = None) -> Page[Listing]:
        """What is for sale, and then what is in the warehouse; each with its variants."""
        return await youzan_listings.page_of(link, page)

    async def orders(self, link: Link, window: Window, page: str | None = None) -> Page[ShopOrder]:
        """Orders that changed in a window. Those that refunds have touched are short forms."""
        rows, following = await walk(window, page, _ORDER_PAGES, partial(_sold, link))
        good, wrong = apart(rows, lambda row: read_row(_row_of(row)))
        return Page(good, following, wrong)

    async def order(self, link: Link, order_id: str) -> ShopOrder:
        """One order, with what its refunds say of each line."""
        trade = await _trade(link, order_id)
        if not trade.touched_by_refunds:
            return read_order(trade, ())
        found = await _search(link, {"tid": order_id, "page_no": 1, "page_size": 100})
        told = [read_refund(row, await _more(link, row)) for row in found.refunds]
        return read_order(trade, told)

    async def send(self, link: Link, parcel: Parcel) -> None:
        """Write the cards into the order's note, where the application's options say so.

        A note is written whole, so what it says already is read first and kept; a card that is
        in it isn't written again.
        """
        if link.app.options.get("memo") != "cards":
            raise NotShippable(channel=CHANNEL, said="options: memo=cards", order=parcel.order_id)
        trade = await _trade(link, parcel.order_id)
        note = (trade.remark_info.trade_memo or "") if trade.remark_info else ""
        there = set(note.splitlines())
        fresh = [text for text in _texts(parcel) if text not in there]
        if not fresh:
            return
        memo = "\n".join([note, *fresh] if note else fresh)
        body = {"tid": parcel.order_id, "memo": memo}
        await done(link, _MEMO, body, order=parcel.order_id)

    async def confirm(self, link: Link, order_id: str, line_ids: Sequence[str]) -> None:
        """Mark as shipped. Virtual orders are so by themselves, which is AlreadyShipped."""
        trade = await _trade(link, order_id)
        state = read_order(trade, None).state
        if trade.virtual and state is ShopState.PAID:
            raise AlreadyShipped(channel=CHANNEL, order=order_id)
        if state in {ShopState.SHIPPED, ShopState.FINISHED}:
            raise AlreadyShipped(channel=CHANNEL, order=order_id)
        if state is not ShopState.PAID:
            raise NotShippable(channel=CHANNEL, said=trade.order_info.status, order=order_id)
        body: dict[str, Any] = {"tid": order_id, "is_no_express": 1}
        if line_ids:
            body["oids"] = ",".join(line_ids)
        await done(link, _SHIP, body, order=order_id)

    async def publish_stock(self, link: Link, levels: Sequence[StockLevel]) -> None:
        """Set what may be bought, one listing after the other."""
        for level in levels:
            body = {**_listing(level.item_id, level.sku_id), "type": _SET}
            await done(link, _QUANTITY, {**body, "quantity": level.quantity})

    async def publish_price(self, link: Link, item_id: str, sku_id: str, price_e4: int) -> None:
        """Set a listing's price. Only in web shops, not at counters."""
        assert link.grant is not None, "prices are a shop's"
        assert price_e4 % FEN == 0, "prices are whole fen"
        shop = link.grant.shop_id
        if not shop.isdecimal():
            raise ChannelRefused(channel=CHANNEL, said="kdt_id", meaning="编号应为数字 (no number)")
        body = {
            "kdt_id": int(shop),
            **_listing(item_id, sku_id),
            "channel": _ONLINE,
            "price": price_e4 // FEN,
        }
        await done(link, _PRICE, {"request": body})

    async def refunds(
        self, link: Link, window: Window, page: str | None = None
    ) -> Page[ShopRefund]:
        """Refunds that changed in a window, each read by itself for its line and version."""
        rows, following = await walk(window, page, _REFUND_PAGES, partial(_changed, link))
        told = [(row, await _more(link, row)) for row in rows]
        good, wrong = apart(told, lambda both: read_refund(*both))
        return Page(good, following, wrong)

    async def answer_refund(
        self, link: Link, refund: ShopRefund, *, agree: bool, reason: str = ""
    ) -> None:
        """Agree or refuse, if the refund is still as it was read."""
        if not refund.version.isdecimal():
            raise ChannelRefused(channel=CHANNEL, said="version", meaning="请先读取退款 (read it)")
        body = {"refund_id": refund.refund_id, "version": int(refund.version)}
        if agree:
            await done(link, _AGREE, body)
        else:
            await done(link, _REFUSE, {**body, "remark": reason or _REFUSAL})

    def read_push(self, app: App, request: PushRequest) -> tuple[Push, ...]:
        """Check and read a push."""
        return youzan_pushes.read(app, request)

    def reply(self, pushes: Sequence[Push]) -> PushReply:
        """Say that pushes were taken."""
        del pushes  # the answer is the same for all
        return PushReply(b'{"code":0,"msg":"success"}')


def _silent(shop: str, *, renew: bool) -> dict[str, Any]:
    return {"authorize_type": "silent", "grant_id": shop, "refresh": renew}


async def _granted(link: Link, body: dict[str, Any], shop: str | None) -> Grant:
    token = await call_for_token(link, body, _Token)
    shop_id, now = str(token.authority_id), link.now()
    if shop not in {None, shop_id} or not shop_id.isdecimal():
        raise unclear("authority_id: another shop")
    try:
        expires_at = datetime.fromtimestamp(token.expires / 1000, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise unclear("expires") from error
    if expires_at <= now:
        raise unclear("expires")
    renewing = token.refresh_token and "shop" not in link.app.options
    return Grant(
        shop_id=shop_id,
        shop_name="",  # their shop's call isn't documented well enough to read it from there
        access_token=Secret(token.access_token),
        refresh_token=Secret(token.refresh_token) if token.refresh_token else None,
        expires_at=expires_at,
        refreshable_until=now + _REFRESHABLE if renewing else None,
    )


async def _sold(link: Link, begin: datetime, end: datetime, page: int) -> Found[msgspec.Raw]:
    body = {
        "start_update": written(begin),
        "end_update": written(end),
        "page_no": page,
        "page_size": _ORDER_PAGES.size,
    }
    found = await call(link, _SOLD, body, _Sold)
    return Found(found.full_order_info_list, found.total_results)


def _row_of(row: msgspec.Raw) -> msgspec.Raw:
    try:
        return msgspec.json.decode(row, type=_Trade).full_order_info
    except msgspec.DecodeError as error:
        raise unclear("full_order_info") from error


async def _trade(link: Link, order_id: str) -> Trade:
    found = await call(link, _TRADE, {"tid": order_id}, _Trade, order=order_id)
    return read_trade(found.full_order_info, order_id)


async def _changed(link: Link, begin: datetime, end: datetime, page: int) -> Found[RefundRow]:
    body = {
        "update_time_start": int(begin.timestamp()),
        "update_time_end": int(end.timestamp()),
        "page_no": page,
        "page_size": _REFUND_PAGES.size,
    }
    found = await _search(link, body)
    return Found(found.refunds, found.total)


async def _search(link: Link, body: dict[str, Any]) -> _Refunds:
    return await call(link, _REFUNDS, body, _Refunds)


async def _more(link: Link, row: RefundRow) -> RefundMore:
    return await call(link, _REFUND, {"refund_id": row.refund_id}, RefundMore)


def _listing(item_id: str, sku_id: str) -> dict[str, Any]:
    """Name a listing in numbers, which is how Youzan wants ids of goods."""
    if not item_id.isdecimal() or not (sku_id.isdecimal() or not sku_id):
        raise ChannelRefused(channel=CHANNEL, said="item_id", meaning="编号应为数字 (not a number)")
    return {"item_id": int(item_id)} | ({"sku_id": int(sku_id)} if sku_id else {})


def _texts(parcel: Parcel) -> list[str]:
    if parcel.is_note:
        return [card.number for card in parcel.cards]
    return [_card_text(card) for card in parcel.cards]


def _card_text(card: CardText) -> str:
    parts = (("卡号", card.number), ("密码", card.password), ("链接", card.url))
    return " ".join(f"{name}：{value}" for name, value in parts if value)
