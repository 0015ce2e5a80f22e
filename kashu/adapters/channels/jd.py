"""JD 京东, the JOS gateway (宙斯): orders, refunds, listings, stock and prices of a POP shop.

Nothing here was tried against the live platform. Options of an application:

- `carrier`: who ships, where an order is marked as shipped. "1274" (厂家自送, the seller itself)
  is in force where it is left out: the only one that JD documents to need no waybill.
- `checker`: the name under which refunds are decided; "kashu" where it is left out.
- `states`: order states to collect besides the documented ones, separated by commas, such as
  WAIT_SEND_CODE for a shop that sells LOC vouchers.

Codes are uploaded for LOC orders only (type 75). JD documents no way to show a card to the buyer
of any other order here: that is what the game-card and general virtual platforms are for
(jd_game.py, jd_virtual.py). The seller's remark isn't seen by the buyer, so no card goes there.
No push to sellers is documented: orders are polled by when they changed.
"""

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import msgspec

from kashu.adapters.channels import asks
from kashu.adapters.channels.jd_answers import (
    DetailAnswer,
    RefundsAnswer,
    ReplyAnswer,
    SearchAnswer,
    ShipmentAnswer,
    Shop,
    SkusAnswer,
    UploadAnswer,
    WriteAnswer,
)
from kashu.adapters.channels.jd_gateway import (
    NAME,
    Number,
    call,
    is_true,
    spell,
    unclear,
    whole,
)
from kashu.adapters.channels.jd_orders import (
    ASKED_STATES,
    FIELDS,
    LOC,
    SKU_FIELDS,
    read_order,
    read_refund,
    read_sku,
    succeeded,
)
from kashu.adapters.channels.jd_tokens import ask_token, grant_of, shop_of, sign_in_at
from kashu.channels.channel import (
    NO_OTHER_LIMITS,
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
    NoSuchShopOrder,
    NotShippable,
    ShopOrderWrong,
)
from kashu.core.money import format_amount

PAGE_SIZE: Final = 100
REFUND_PAGE_SIZE: Final = 50
REFUND_PAGES: Final = 100
SELF_DELIVERY: Final = "1274"
APPLIED: Final = "applied"  # refunds are asked for by when they were applied for, and then
CHECKED: Final = "checked"  # by when they were decided
AGREE: Final = 1
REFUSE: Final = 2
OTHER_REASON: Final = 5

_DELIVERED: Final = frozenset({ShopState.SHIPPED, ShopState.FINISHED})


class JdChannel:
    """The JOS gateway as a Channel."""

    name = NAME
    can = frozenset(
        {
            Can.AUTHORIZE,
            Can.REFRESH,
            Can.LIST_LISTINGS,
            Can.COLLECT,
            Can.READ_ORDER,
            Can.SEND_CARD,
            Can.SEND_MAY_CONFIRM,  # whether an upload of codes ships isn't documented
            Can.CONFIRM,
            Can.PUBLISH_STOCK,
            Can.PUBLISH_PRICE,
            Can.LIST_REFUNDS,
            Can.ANSWER_REFUND,
        }
    )
    # "One month" and "three months", as short as they can be. How far JD's search lags behind
    # isn't documented; fields of an order are told to come up to a minute late.
    bounds = Bounds(timedelta(days=28), timedelta(days=89), timedelta(minutes=2))
    calls_per_s = 200.0  # JD publishes none for sellers; its refusals slow us down
    shop_calls_per_s = math.inf
    shop_calls_named_per_s = NO_OTHER_LIMITS
    secret_options: frozenset[str] = frozenset()
    needs = asks.JD

    def authorize_url(self, app: App, *, redirect: str, state: str) -> str:
        """Say where the seller permits us to act for the shop."""
        return sign_in_at(app, redirect=redirect, state=state)

    async def authorize(self, link: Link, *, code: str, redirect: str) -> Grant:
        """Turn the code that came back into a grant. JD doesn't ask for the address again."""
        token = await ask_token(link, "access_token", grant_type="authorization_code", code=code)
        return grant_of(link, token, await shop_of(link, token))

    async def refresh(self, link: Link) -> Grant:
        """Renew the grant: JD allows it in the last day before it expires, and a few a month."""
        assert link.grant is not None
        assert link.grant.refresh_token is not None
        token = await ask_token(
            link,
            "refresh_token",
            grant_type="refresh_token",
            refresh_token=link.grant.refresh_token.clear,
        )
        # Nobody is asked whose it is: a failure there would lose the new token.
        return grant_of(link, token, Shop(link.grant.shop_id, link.grant.shop_name))

    async def listings(self, link: Link, page: str | None = None) -> Page[Listing]:
        """What is for sale, or was: one for each variant."""
        number = int(page or "1")
        asked = {
            "skuStatuValue": [1, 2],  # JD's spelling
            "pageNo": number,
            "page_size": PAGE_SIZE,
            "field": SKU_FIELDS,
        }
        method = "jingdong.sku.read.searchSkuList"
        found = (await call(link, method, asked, SkusAnswer, acts=False)).page
        more = number * PAGE_SIZE < found.total_item
        return Page(
            [read_sku(each) for each in found.data or ()], str(number + 1) if more else None
        )

    async def orders(self, link: Link, window: Window, page: str | None = None) -> Page[ShopOrder]:
        """Orders that changed in a window no longer than `bounds.window`.

        The first page tells how many there are; the others are read from the last to the first,
        since an order that changes meanwhile leaves the window and moves later ones forward.
        """
        number = int(page or "1")
        states = ",".join(filter(None, (*ASKED_STATES, link.app.options.get("states", ""))))
        asked = {
            "start_date": spell(window.begin),
            "end_date": spell(window.end),
            "order_state": states,
            "optional_fields": FIELDS,
            "page": str(number),
            "page_size": str(PAGE_SIZE),
            "sortType": "0",
            "dateType": "0",
            "source_id": "JOS",
        }
        method = "jingdong.pop.order.search"
        found = (await call(link, method, asked, SearchAnswer, acts=False)).search
        if not succeeded(found.result) or found.total is None or found.orders is None:
            raise unclear("the search says neither orders nor why not")
        members, wrong = [], []
        for raw in found.orders:
            try:
                members.append(read_order(raw, listed=True))
            except ShopOrderWrong as error:
                wrong.append(error)
        return Page(members, _earlier(page, number, found.total, PAGE_SIZE), wrong)

    async def order(self, link: Link, order_id: str) -> ShopOrder:
        """One order, complete, as it stands now. Raises also: NoSuchShopOrder, ShopOrderWrong."""
        return read_order(await _order(link, order_id))

    async def send(self, link: Link, parcel: Parcel) -> None:
        """Upload the codes of a LOC order. Raises also: NotShippable for any other order."""
        # JD wants a code for each, and takes a number beside it: a lone number is a code.
        codes = [card.password or card.number for card in parcel.cards]
        numbers = [card.number if card.password else "" for card in parcel.cards]
        alike = all(numbers) or not any(numbers)
        readable = all(code and "," not in code for code in codes) and "," not in "".join(numbers)
        if not (alike and readable) or any(card.url for card in parcel.cards):
            raise NotShippable(channel=NAME, said="card form", order=parcel.order_id)
        kind = parcel.kind or (await self.order(link, parcel.order_id)).kind
        if kind != LOC:
            raise NotShippable(channel=NAME, said=f"orderType {kind}", order=parcel.order_id)
        asked: dict[str, object] = {"order_id": _number(parcel.order_id)}
        if any(numbers):
            asked["card_number"] = ",".join(numbers)
        asked["pwd_number"] = ",".join(codes)
        method = "jingdong.pop.oto.checkNumbers.upload"
        said = await call(link, method, asked, UploadAnswer, acts=True)
        if not is_true(said.result.is_success):
            raise unclear("the upload wasn't taken")

    async def confirm(self, link: Link, order_id: str, line_ids: Sequence[str]) -> None:
        """Mark as shipped by the seller itself; JD ships orders whole.

        Where JD says no, the order is read: its state tells more than a code that isn't in any
        table. Raises also: AlreadyShipped.
        """
        asked = {
            "orderId": _number(order_id),
            "logiCoprId": link.app.options.get("carrier", SELF_DELIVERY),  # JD's spelling
        }
        said = await call(link, "jingdong.pop.order.shipment", asked, ShipmentAnswer, acts=True)
        if succeeded(said.result):
            return
        if (await self.order(link, order_id)).state in _DELIVERED:
            raise AlreadyShipped(channel=NAME, order=order_id)
        raise unclear("the shipment wasn't taken")

    async def publish_stock(self, link: Link, levels: Sequence[StockLevel]) -> None:
        """Set what may be bought: absolute numbers; JD takes them one by one."""
        for level in levels:
            asked: dict[str, object] = {"skuId": _sku(level.sku_id), "stockNum": level.quantity}
            await _write(link, "jingdong.stock.write.updateSkuStock", asked)

    async def publish_price(self, link: Link, item_id: str, sku_id: str, price_e4: int) -> None:
        """Set a listing's price, in yuan."""
        asked = {"skuId": _sku(sku_id), "jdPrice": format_amount(price_e4)}
        await _write(link, "jingdong.price.write.updateSkuJdPrice", asked)

    async def refunds(
        self, link: Link, window: Window, page: str | None = None
    ) -> Page[ShopRefund]:
        """Refunds applied for in the window, then those decided in it; each from the last page.

        Only refunds before shipment. When JD's finance has paid one out, its time isn't told: the
        order is then cancelled, which `orders` tells.
        """
        by, _, told = (page or APPLIED).partition(":")
        number = int(told or "1")
        name = "applyTime" if by == APPLIED else "checkTime"
        asked = {
            f"{name}Start": spell(window.begin),
            f"{name}End": spell(window.end),
            "pageIndex": number,
            "pageSize": REFUND_PAGE_SIZE,
        }
        method = "jingdong.pop.afs.soa.refundapply.queryPageList"
        found = (await call(link, method, asked, RefundsAnswer, acts=False)).query_result
        if not is_true(found.success) or found.total_count is None:
            raise unclear("the search says neither refunds nor why not")
        if whole(found.total_count) > REFUND_PAGE_SIZE * REFUND_PAGES:
            raise unclear("more refunds in one window than JD lets us read")
        members, wrong = [], []
        for raw in found.result or ():
            try:
                members.append(read_refund(raw))
            except ShopOrderWrong as error:
                wrong.append(error)
        earlier = _earlier(told or None, number, found.total_count, REFUND_PAGE_SIZE)
        following = f"{by}:{earlier}" if earlier else CHECKED if by == APPLIED else None
        return Page(members, following, wrong)

    async def answer_refund(
        self, link: Link, refund: ShopRefund, *, agree: bool, reason: str = ""
    ) -> None:
        """Agree to a refund before shipment, or refuse it with a reason."""
        asked = {
            "status": AGREE if agree else REFUSE,
            "id": _number(refund.refund_id),
            "checkUserName": link.app.options.get("checker", "kashu"),
            "remark": reason or ("同意退款" if agree else "已发货"),
        }
        if not agree:
            asked["rejectType"] = OTHER_REASON
        method = "jingdong.pop.afs.soa.refundapply.replyRefund"
        said = await call(link, method, asked, ReplyAnswer, acts=True)
        if not succeeded(said.reply_result):
            raise unclear("the decision wasn't taken")

    def read_push(self, app: App, request: PushRequest) -> tuple[Push, ...]:
        """Not at JD: no push to sellers is documented."""
        raise AssertionError("JOS pushes nothing to sellers")

    def reply(self, pushes: Sequence[Push]) -> PushReply:
        """Not at JD: no push to sellers is documented."""
        raise AssertionError("JOS pushes nothing to sellers")


async def _order(link: Link, order_id: str) -> msgspec.Raw:
    """Read an order as JD writes it. Raises: NoSuchShopOrder, ChannelUnclear."""
    asked = {"order_id": str(_number(order_id)), "optional_fields": FIELDS}
    detail = (await call(link, "jingdong.pop.order.get", asked, DetailAnswer, acts=False)).detail
    if not succeeded(detail.result) or bytes(detail.order) == b"null":
        raise unclear("the answer holds no order")
    return detail.order


async def _write(link: Link, method: str, asked: dict[str, object]) -> None:
    """Change a listing. What the answer holds beside its code isn't documented."""
    said = await call(link, method, asked, WriteAnswer, acts=True)
    if said.success is not None and not is_true(said.success):
        raise unclear("the change wasn't taken")


def _sku(sku_id: str) -> int:
    """Everything that JD sells is a variant of something. Raises: ChannelRefused."""
    if not (sku_id.isascii() and sku_id.isdigit()):
        raise ChannelRefused(channel=NAME, said="skuId", meaning="JD has no such listing")
    return int(sku_id)


def _number(order_id: str) -> int:
    """JD's ids are whole numbers. Raises: NoSuchShopOrder."""
    if not (order_id.isascii() and order_id.isdigit()):
        raise NoSuchShopOrder(channel=NAME, order=order_id[:40])
    return int(order_id)


def _earlier(page: str | None, number: int, total: Number, size: int) -> str | None:
    """Which page comes next: after the first look the last one, and from there backwards."""
    if page is None:
        last = -(-whole(total) // size)
        return str(last) if last > 1 else None
    return str(number - 1) if number > 1 else None
