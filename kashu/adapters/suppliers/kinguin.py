"""Kinguin, the market of game keys. Options of a login, see docs/reference/suppliers/kinguin.md:

`webhook_secret` (secret): what its webhooks carry in X-Event-Secret; without it no notice is taken.
`products`: the productIds to read, with commas, in place of the whole market.
The account is the store's name, for people: only the key is sent.
"""

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, NoReturn
from urllib.parse import quote

import msgspec

from kashu.adapters.suppliers.exact import (
    Unreadable,
    apart,
    code_of,
    decoded,
    e4_of,
    moment,
    number_of,
)
from kashu.adapters.suppliers.kinguin_calls import NAME, PLACE_DEADLINE_S, order, read, unclear
from kashu.adapters.suppliers.kinguin_products import (
    CURRENCY,
    MOST,
    FoundProduct,
    product_of,
)
from kashu.core.errors import OutsideError
from kashu.core.money import FEN
from kashu.suppliers.errors import (
    InputRefused,
    NoSuchPurchase,
    NoticeNotAuthentic,
    PriceAbove,
    ProductGone,
    SoldOut,
)
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import (
    Balance,
    BoughtCard,
    Can,
    Charge,
    Guard,
    Input,
    Link,
    Login,
    Notice,
    NoticeBy,
    NoticeReply,
    NoticeRequest,
    Order,
    OrderState,
    Page,
    Product,
    Repeats,
    Rules,
    Signal,
    Standing,
)

_SIZE: Final = 100  # of a page: the most that is given
_ONE_BY_ONE: Final = 25  # products of a page that are named
_KEY_PAGES_MAX: Final = 10
_TEXT: Final = "text/plain"

_STATES: Final = {
    "processing": OrderState.PROCESSING,
    "completed": OrderState.SUCCEEDED,
    "canceled": OrderState.FAILED,
    "refunded": OrderState.REFUNDED,
}
_SIGNALS: Final = {"order.status": Signal.ORDER, "product.update": Signal.PRODUCT}


class _List(msgspec.Struct):
    results: list[msgspec.Raw]
    item_count: int


class _Line(msgspec.Struct, rename="camel"):
    product_id: str
    qty: int


class _Order(msgspec.Struct, rename="camel"):
    order_id: str
    status: str
    payment_price: Decimal
    order_external_id: str | None = None
    created_at: str | None = None
    products: list[_Line] = []


class _Key(msgspec.Struct):
    serial: str
    type: str


class _Money(msgspec.Struct):
    balance: Decimal


class _Event(msgspec.Struct, rename="camel"):
    order_id: str = ""
    order_external_id: str | None = None
    status: str = ""
    product_id: str = ""
    updated_at: str | None = None


class KinguinUpstream:
    """Accounts at Kinguin."""

    name: str = NAME
    can: frozenset[Can] = frozenset(
        {
            Can.LIST_PRODUCTS,
            Can.READ_PRODUCT,
            Can.BALANCE,
            Can.PLACE,
            Can.ASK,
            Can.STATEMENT,
            Can.NOTICE,
            Can.NOTICE_PRODUCTS,
        }
    )
    rules: Rules = Rules(
        goods=frozenset({Goods.CARD}),
        repeats=Repeats.UNKNOWN,  # the number "should be unique"; that it is kept so isn't promised
        guard=Guard.UNIT,
        notice_by=NoticeBy.CONSOLE,
        ask_after=timedelta(seconds=2),
        place_deadline_s=PLACE_DEADLINE_S,
        most_at_once=MOST,
        currency=CURRENCY,
    )
    secret_options: frozenset[str] = frozenset({"webhook_secret"})

    async def products(self, link: Link, page: str | None = None) -> Page[Product]:
        """All products, or those of the options, each at the price of its cheapest offers."""
        number = int(page or "1")
        if only := link.login.options.get("products"):
            return await self._named(link, only.replace(",", " ").split(), number)
        found = await read(link, "/v1/products", _List, {"page": number, "limit": _SIZE})
        good, wrong = apart(found.results, lambda row: product_of(decoded(row, FoundProduct), 1))
        more = bool(found.results) and number * _SIZE < found.item_count
        return Page(good, str(number + 1) if more else None, wrong)

    async def _named(self, link: Link, refs: Sequence[str], number: int) -> Page[Product]:
        """Read some products one by one; those that are gone are left out."""
        good: list[Product] = []
        wrong = 0
        for ref in refs[(number - 1) * _ONE_BY_ONE : number * _ONE_BY_ONE]:
            try:
                found = await read(link, f"/v2/products/{quote(ref, '')}", FoundProduct)
                good.append(product_of(found, 1))
            except ProductGone:
                continue
            except Unreadable:
                wrong += 1
        more = number * _ONE_BY_ONE < len(refs)
        return Page(good, str(number + 1) if more else None, wrong)

    async def product(self, link: Link, ref: str, quantity: int = 1) -> Product:
        """One product, at the price within which so many are offered."""
        found = await read(link, f"/v2/products/{quote(ref, '')}", FoundProduct)
        if found.product_id != ref:
            raise unclear("productId: another product")
        try:
            return product_of(found, quantity)
        except Unreadable as error:
            raise unclear("price") from error

    async def inputs(self, link: Link, ref: str) -> Sequence[Input]:
        """Nothing has to be filled in for a key."""
        raise AssertionError(Can.READ_INPUTS)

    async def place(self, link: Link, order_: Order) -> Standing:
        """Order text keys at our price or below, which is in whole cents.

        What isn't to be had at that price is looked at once more, to tell why.
        """
        if not 1 <= order_.quantity <= MOST:
            raise InputRefused(supplier=NAME, said=f"qty: 1-{MOST}")
        if order_.goods is not Goods.CARD:
            raise InputRefused(supplier=NAME, said="keys only")
        price = order_.total_max_e4 // order_.quantity // FEN * FEN
        line = {
            "productId": order_.ref,
            "qty": order_.quantity,
            "price": number_of(price),
            "keyType": "text",  # without it pictures may come, which nobody can sell from stock
        }
        body = {"products": [line], "orderExternalId": order_.number}
        try:
            made = await order(link, body, _Order)
        except SoldOut as refusal:
            raise await _why(link, order_, price, refusal) from refusal
        if made.order_external_id != order_.number:
            raise unclear("orderExternalId: another order")
        return await self._standing(link, order_, made)

    async def ask(self, link: Link, order_: Order, their_number: str = "") -> Standing:
        """How an order stands: by its own number, or searched for by ours.

        Two orders of one number are unclear: people look at which was meant.
        """
        if their_number:
            try:
                found = await read(link, f"/v1/order/{quote(their_number, '')}", _Order)
            except NoSuchPurchase as error:
                raise NoSuchPurchase(supplier=NAME, number=order_.number) from error
        else:
            found = await self._search(link, order_.number)
        same = found.order_id == their_number if their_number else True
        if found.order_external_id != order_.number or not same:
            raise unclear("order: another one")
        return await self._standing(link, order_, found)

    async def _search(self, link: Link, number: str) -> _Order:
        query = {"orderExternalId": number, "limit": _SIZE}
        found = await read(link, "/v1/order", _List, query)
        if not found.results and found.item_count == 0:
            raise NoSuchPurchase(supplier=NAME, number=number)
        try:
            orders = [decoded(row, _Order) for row in found.results]
        except Unreadable as error:
            raise unclear("shape") from error
        ours = [each for each in orders if each.order_external_id == number]
        if len(ours) != 1:
            raise unclear(f"{len(ours)} orders of one number")
        return ours[0]

    async def cancel(self, link: Link, order: Order, their_number: str, reason: str) -> NoReturn:
        """Keys can be given back within a day in its console; orders aren't ended."""
        raise AssertionError(Can.CANCEL)

    async def balance(self, link: Link) -> Balance:
        """Our money there."""
        found = await read(link, "/v1/balance", _Money)
        return Balance(_amount(found.balance), currency=CURRENCY)

    async def statement(
        self, link: Link, begin: datetime, end: datetime, page: str | None = None
    ) -> Page[Charge]:
        """Orders made in a time: there are no bills. What was refunded is a second row."""
        number = int(page or "1")
        query = {
            "createdAtFrom": begin.astimezone(UTC).isoformat(timespec="seconds"),
            "createdAtTo": end.astimezone(UTC).isoformat(timespec="seconds"),
            "sortBy": "createdAt",
            "sortType": "asc",
            "page": number,
            "limit": _SIZE,
        }
        found = await read(link, "/v1/order", _List, query)
        good, wrong = apart(found.results, lambda row: _charges(decoded(row, _Order), begin, end))
        more = bool(found.results) and number * _SIZE < found.item_count
        rows = [charge for charges in good for charge in charges]
        return Page(rows, str(number + 1) if more else None, wrong)

    async def check_account(self, link: Link, ref: str, account: str) -> NoReturn:
        """There is nothing to top up."""
        raise AssertionError(Can.CHECK_ACCOUNT)

    def read_notice(self, login: Login, request: NoticeRequest, at: datetime) -> Notice:
        """Compare the shared secret. Nothing is signed: a notice is a hint, and no more."""
        del at  # no time is signed either: an old notice only has us ask
        secret = login.options.get("webhook_secret", "")
        told = request.headers.get("x-event-secret", "")
        if not secret or not hmac.compare_digest(secret.encode(), told.encode()):
            raise NoticeNotAuthentic(why="X-Event-Secret")
        signal = _SIGNALS.get(request.headers.get("x-event-name", ""), Signal.OTHER)
        try:
            event = decoded(request.body, _Event)
        except Unreadable as error:
            raise NoticeNotAuthentic(why="body") from error
        names = {Signal.ORDER: event.order_id, Signal.PRODUCT: event.product_id}
        if not names.get(signal, "-"):
            raise NoticeNotAuthentic(why="body")
        return Notice(
            signal,
            number=event.order_external_id or "",
            their_number=event.order_id,
            ref=event.product_id,
            said=code_of(event.status),
            at=moment(event.updated_at),
        )

    def reply(self, notice: Notice | None) -> NoticeReply:
        """Nothing is to be said."""
        return NoticeReply(b"", status=401 if notice is None else 200)

    async def _standing(self, link: Link, order_: Order, found: _Order) -> Standing:
        charged = _amount(found.payment_price)
        state = _STATES.get(found.status)
        line = found.products[0] if len(found.products) == 1 else None
        cards, said = None, code_of(found.status)
        if state is OrderState.SUCCEEDED:
            cards, pictures = await _keys(link, found.order_id)
            said += f": {pictures} image" if pictures else ""
        return Standing(
            state or OrderState.PROCESSING,
            number=order_.number,
            their_number=found.order_id,
            said=said,
            known=state is not None,
            quantity=line.qty if line else None,
            charged_e4=charged,
            refunded_e4=charged if state in {OrderState.REFUNDED, OrderState.FAILED} else 0,
            cards=cards,
            ref=line.product_id if line else "",
        )


async def _why(link: Link, order_: Order, price_e4_: int, refusal: SoldOut) -> OutsideError:
    """Say why nothing was to be had at a price. That nothing was bought is certain already."""
    try:
        found = await read(link, f"/v2/products/{quote(order_.ref, '')}", FoundProduct)
        now = product_of(found, order_.quantity)
    except ProductGone as gone:
        return gone
    except (OutsideError, Unreadable):
        return refusal
    if not now.on_sale:
        return ProductGone(supplier=NAME, said="ProductUnavailable")
    if now.in_stock and (now.unit_cost_e4 or 0) > price_e4_:
        return PriceAbove(supplier=NAME, said="ProductUnavailable")
    return refusal


async def _keys(link: Link, order_id: str) -> tuple[tuple[BoughtCard, ...] | None, int]:
    """Fetch an order's keys, and count those that are pictures; None: none are to be had yet.

    Why they aren't says nothing of the order: that was made, and it is asked about again.
    """
    keys: list[_Key] = []
    try:
        for page in range(1, _KEY_PAGES_MAX + 1):
            query = {"page": page, "limit": _SIZE}
            found = await read(link, f"/v2/order/{quote(order_id, '')}/keys", list[_Key], query)
            keys += found
            if len(found) < _SIZE:
                break
    except OutsideError:
        return None, 0
    if not keys:
        return None, 0
    texts = (key.serial for key in keys if key.type == _TEXT)
    cards = tuple(BoughtCard(password=text) for text in texts if text)
    return cards, len(keys) - len(cards)


def _charges(found: _Order, begin: datetime, end: datetime) -> list[Charge]:
    """What an order took and gave back. One that was cancelled took nothing."""
    ordered_at = moment(found.created_at)
    if ordered_at is None:
        raise Unreadable("createdAt")
    if not begin <= ordered_at < end or found.status == "canceled":
        return []
    charged = e4_of(found.payment_price)
    amounts = [charged, -charged] if found.status == "refunded" else [charged]
    return [
        Charge(
            number=found.order_external_id or "",
            their_number=found.order_id,
            amount_e4=amount,
            quantity=sum(line.qty for line in found.products) or None,
            ordered_at=ordered_at,
            completed_at=None,
            said=code_of(found.status),
            currency=CURRENCY,
        )
        for amount in amounts
    ]


def _amount(written: Decimal) -> int:
    try:
        return e4_of(written)
    except Unreadable as error:
        raise unclear("amount") from error
