"""Weidian 微店: orders, shipment without logistics, stock; pushes that nobody signs.

Options of the application:
- `app_type`: "self" for an app of the shop's own (key and secret give the token; nobody signs in),
  otherwise a service app. A "self" app also needs `shop_id`.
- `shop_name`: orders that another shop distributes are held; this says which name is ours.
- `push_key`: a long random word that ends the push address as `?key=…`; without it no push is
  taken, since the platform signs none as far as is known.
- `express_type`: what a shipment without logistics is called, "999" unless the shop needs "0".
- `order_version`: of vdian.order.get, "1.0" unless the shop needs "2.0".
- `sealed_fields`: which texts come encrypted: "note", "answers", or both with a comma.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, NoReturn

from kashu.adapters.channels import asks, weidian_grants, weidian_pushes
from kashu.adapters.channels.weidian_calls import (
    NAME,
    NOT_WAITING,
    Done,
    call,
    call_raw,
    write_time,
)
from kashu.adapters.channels.weidian_listings import Items, read_items
from kashu.adapters.channels.weidian_orders import (
    Detail,
    OrderList,
    note_of,
    read_detail,
    read_list,
    wrong,
)
from kashu.adapters.channels.weidian_sealed import fetch_key, open_text
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
    ShopLine,
    ShopOrder,
    ShopRefund,
    ShopRefundState,
    ShopState,
    StockLevel,
    Window,
)
from kashu.channels.errors import AlreadyShipped, ChannelUnclear, NotShippable

ORDERS_A_PAGE: Final = 30  # at most 50; the platform advises no more than this
LISTINGS_A_PAGE: Final = 50
LISTING_PAGES: Final = 400  # the platform counts no further
ON_AND_OFF_SALE: Final = 4
WITHOUT_LOGISTICS: Final = "999"


class WeidianChannel:
    """The adapter of Weidian."""

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
            Can.PUSH,
        }
    )
    # The platform states 31 days only where no time is asked for. The rest is our own caution.
    bounds = Bounds(timedelta(hours=1), timedelta(days=31), timedelta(minutes=1))
    calls_per_s = 200.0  # none is stated; its refusals slow us down
    shop_calls_per_s = math.inf
    shop_calls_named_per_s = NO_OTHER_LIMITS
    secret_options: frozenset[str] = frozenset({"push_key"})
    needs = asks.WEIDIAN

    def authorize_url(self, app: App, *, redirect: str, state: str) -> str:
        """Say where the seller permits us. Raises: MarkNotPlain (letters and digits only)."""
        return weidian_grants.authorize_url(app, redirect=redirect, state=state)

    async def authorize(self, link: Link, *, code: str, redirect: str) -> Grant:
        """Turn the code that came back into a grant."""
        if weidian_grants.is_own(link.app):
            return await weidian_grants.grant_of_own_app(link)
        return await weidian_grants.grant_for_code(link, code)

    async def refresh(self, link: Link) -> Grant:
        """Renew the grant; how long that goes on is only told with the first one."""
        if weidian_grants.is_own(link.app):
            return await weidian_grants.grant_of_own_app(link)
        return await weidian_grants.renewed_grant(link)

    async def listings(self, link: Link, page: str | None = None) -> Page[Listing]:
        """What is for sale or could be, with variants."""
        number = int(page or 1)
        business = {"page_num": number, "page_size": LISTINGS_A_PAGE, "status": ON_AND_OFF_SALE}
        told = await call(link, "vdian.item.list.get", "1.1", Items, business)
        more = len(told.items) >= LISTINGS_A_PAGE and number < LISTING_PAGES
        return Page(read_items(told), str(number + 1) if more else None)

    async def orders(self, link: Link, window: Window, page: str | None = None) -> Page[ShopOrder]:
        """Orders that changed, short: only their numbers and times are to be believed.

        From the last page to the first: an order that changes meanwhile leaves the window, and
        those behind it move towards the pages still to be read.
        """
        begin, end = window.begin, window.end + timedelta(microseconds=999_999)
        business = {
            "page_num": int(page or 1),
            "page_size": ORDERS_A_PAGE,
            "order_type": "all",
            "update_start": write_time(begin),
            "update_end": write_time(end),
        }
        told = await call(link, "vdian.order.list.get", "1.5", OrderList, business)
        if page is None and told.total_num > ORDERS_A_PAGE:
            return Page(read_list(told), str(-(-told.total_num // ORDERS_A_PAGE)))
        before = int(page or 1) - 1
        return Page(read_list(told), str(before) if before else None)

    async def order(self, link: Link, order_id: str) -> ShopOrder:
        """One order, complete. Its detail tells no time of change: it stands as of our asking."""
        assert link.grant is not None, "only authorizing does without a grant"
        asked_at = link.now().replace(microsecond=0)  # as coarse as the times of the list
        version = link.app.options.get("order_version", "1.0")
        business = {"order_id": order_id}
        result = await call_raw(link, "vdian.order.get", version, business, order=order_id)
        told, detail = read_detail(result, order_id, asked_at, link.grant.shop_name)
        await _unseal(link, order_id, detail)
        if told.state is ShopState.HELD:  # what changes later in this very second is to be newer
            told = replace(told, changed_at=told.changed_at - timedelta(seconds=1))
        return replace(told, note=note_of(detail))

    async def send(self, link: Link, parcel: Parcel) -> None:
        """Not offered: no call that shows a buyer a card is known."""
        _lacking("send")

    async def confirm(self, link: Link, order_id: str, line_ids: Sequence[str]) -> None:
        """Mark as shipped, without logistics: the whole order, or some of its lines one by one.

        The order is read first, so that nothing is shipped over a refund.
        """
        order = await self.order(link, order_id)
        _require_shippable(order)
        waiting = {line.line_id for line in order.lines if _waits(line)}
        chosen = set(line_ids or waiting)
        if not chosen & waiting:
            raise _not_waiting(order, chosen)
        business: dict[str, Any] = {
            "order_id": order_id,
            "express_no": "",
            "express_type": link.app.options.get("express_type", WITHOUT_LOGISTICS),
            "express_custom": "",
        }
        if waiting <= chosen and len(waiting) == len(order.lines):
            whole = business | {"eCodeList": [], "itemUpdates": []}
            await self._ship(link, "vdian.order.deliver", whole)
            return
        for line_id in sorted(chosen & waiting):
            part = business | {"sub_order_id": line_id}
            await self._ship(link, "vdian.order.deliver.split", part)

    async def _ship(self, link: Link, method: str, business: Mapping[str, Any]) -> None:
        order_id = business["order_id"]
        try:
            await call(link, method, "1.0", Done, business, writes=True, order=order_id)
        except ChannelUnclear as error:
            if error.facts["said"] != str(NOT_WAITING):
                raise
            _require_shippable(await self.order(link, order_id))
            raise NotShippable(channel=NAME, order=order_id, said=str(NOT_WAITING)) from error

    async def publish_stock(self, link: Link, levels: Sequence[StockLevel]) -> None:
        """Set what may be bought."""
        items = [
            {"item_id": level.item_id, "item_sku_id": level.sku_id, "stock": level.quantity}
            for level in levels
        ]
        business = {"type": "set", "items": items}
        await call(link, "vdian.item.stock.update", "1.0", Done, business, writes=True)

    async def publish_price(self, link: Link, item_id: str, sku_id: str, price_e4: int) -> None:
        """Not offered: whether what is left out of vdian.item.update stays isn't known."""
        _lacking("publish_price")

    async def refunds(
        self, link: Link, window: Window, page: str | None = None
    ) -> Page[ShopRefund]:
        """Not offered: no list of refunds is known; they are read with their orders."""
        _lacking("refunds")

    async def answer_refund(
        self, link: Link, refund: ShopRefund, *, agree: bool, reason: str = ""
    ) -> None:
        """Not offered: the call is known from 2016 only, without its version."""
        _lacking("answer_refund")

    def read_push(self, app: App, request: PushRequest) -> tuple[Push, ...]:
        """Check a push's key and read it. Raises: PushNotAuthentic."""
        return weidian_pushes.read_push(app, request)

    def reply(self, pushes: Sequence[Push]) -> PushReply:
        """Say that pushes were taken."""
        return PushReply(b'{"status":"success"}')


def _lacking(method: str) -> NoReturn:
    raise AssertionError(f"{NAME} has no {method}: it isn't in `can`")


def _waits(line: ShopLine) -> bool:
    return line.state is not ShopState.SHIPPED and line.refund is not ShopRefundState.DONE


def _require_shippable(order: ShopOrder) -> None:
    """Raises: AlreadyShipped, NotShippable."""
    if order.state in {ShopState.SHIPPED, ShopState.FINISHED}:
        raise AlreadyShipped(channel=NAME, order=order.order_id)
    if order.state is not ShopState.PAID:
        raise NotShippable(channel=NAME, order=order.order_id, said=order.state.value)


def _not_waiting(order: ShopOrder, chosen: set[str]) -> AlreadyShipped | NotShippable:
    shipped = {line.line_id for line in order.lines if line.state is ShopState.SHIPPED}
    if chosen and chosen <= shipped:
        return AlreadyShipped(channel=NAME, order=order.order_id)
    return NotShippable(channel=NAME, order=order.order_id, said="refunded or no such line")


async def _unseal(link: Link, order_id: str, detail: Detail) -> None:
    """Open the texts that the option `sealed_fields` names, in place. Raises: ShopOrderWrong."""
    sealed = link.app.options.get("sealed_fields", "").split(",")
    answers = detail.customInfos if "answers" in sealed else None
    note = detail.note if "note" in sealed else None
    if not answers and not note:
        return
    key = await fetch_key(link)
    try:
        if note:
            detail.note = open_text(key, note)
        for answer in answers or ():
            answer.value = open_text(key, str(answer.value)) if answer.value else answer.value
    except ValueError as error:
        raise wrong(order_id, "a sealed text") from error
