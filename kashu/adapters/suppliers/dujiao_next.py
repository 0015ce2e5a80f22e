"""dujiao-next: shops of one open-source program that buy from each other, over its own API.

There is no question by our number. Sending an order again with the same number tells the one that
is there, so that is how we ask: see ask().
"""

import hmac
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from kashu.adapters.suppliers import dujiao_next_calls as calls
from kashu.adapters.suppliers.card_lines import cards_of
from kashu.adapters.suppliers.dujiao_next_goods import (
    Item,
    Items,
    OneItem,
    amount_e4,
    inputs_of,
    products_of,
)
from kashu.adapters.suppliers.texts import printable, word
from kashu.core.money import CURRENCY
from kashu.suppliers.errors import (
    BalanceShort,
    InputRefused,
    NoSuchPurchase,
    NoticeNotAuthentic,
    OrderRefused,
    ProductGone,
    SoldOut,
)
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import (
    AccountCheck,
    Balance,
    Can,
    Charge,
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

PAGE_MAX: Final = 50  # documented as 100; above 50 the program says 50
FRESH: Final = timedelta(seconds=60)
FIRST_YEAR: Final = 1971
LAST_YEAR: Final = 9999
STATES: Final = {
    "pending_payment": OrderState.PROCESSING,
    "paid": OrderState.PROCESSING,
    "fulfilling": OrderState.PROCESSING,
    "partially_delivered": OrderState.PROCESSING,
    "delivered": OrderState.SUCCEEDED,
    "completed": OrderState.SUCCEEDED,
    "canceled": OrderState.FAILED,
    "partially_refunded": OrderState.REFUNDED,
    "refunded": OrderState.REFUNDED,
}
UNCHARGED: Final = frozenset({"pending_payment", "canceled"})


class _Ping(msgspec.Struct):
    balance: str
    currency: str


class _Placed(msgspec.Struct):
    order_id: int
    status: str
    amount: str
    currency: str = CURRENCY


class _Line(msgspec.Struct):
    product_id: int
    sku_id: int
    quantity: int


class _Fulfillment(msgspec.Struct):
    status: str = ""
    payload: str = ""
    delivered_at: datetime | None = None


class _Detail(msgspec.Struct):
    order_id: int
    status: str
    amount: str
    currency: str = CURRENCY
    refunded_amount: str = "0"
    items: list[_Line] = []
    fulfillment: _Fulfillment | None = None


class _Done(msgspec.Struct):
    """An answer of which nothing is believed but that it was one."""


class _Callback(msgspec.Struct):
    order_id: int
    downstream_order_no: str
    status: str


class DujiaoNextUpstream:
    """A site of dujiao-next."""

    name = calls.NAME
    can = frozenset(
        {
            Can.LIST_PRODUCTS,
            Can.READ_PRODUCT,
            Can.READ_INPUTS,
            Can.BALANCE,
            Can.PLACE,
            Can.ASK,
            Can.CANCEL,
            Can.NOTICE,
        }
    )
    rules = Rules(
        goods=frozenset({Goods.CARD, Goods.TOPUP}),
        repeats=Repeats.SAME,
        notice_by=NoticeBy.ORDER,
        ask_after=timedelta(seconds=2),
        # The row that asking finds is written before the order is paid; a request that hangs
        # longer than this isn't known.
        settles_after=timedelta(minutes=10),
        calls_per_s=1.0,  # 60 in 60 s, then 30 s of nothing
    )
    secret_options: frozenset[str] = frozenset()

    async def products(self, link: Link, page: str | None = None) -> Page[Product]:
        """What is sold to us, each variant by itself; unclear at a site that isn't in yuan.

        Products don't tell what they are priced in: the whole site counts in one currency.
        """
        number = int(page or 1)
        if number == 1 and (currency := (await self.balance(link)).currency) != CURRENCY:
            raise calls.unclear(f"prices in {currency}")
        path = f"/products?page={number}&page_size={PAGE_MAX}"
        told = await calls.read(link, path, Items)
        found: list[Product] = []
        wrong = 0
        for raw in told.items:
            try:
                found += products_of(msgspec.json.decode(raw, type=Item))
            except (msgspec.MsgspecError, ValueError, RecursionError):
                wrong += 1
        size = max(1, told.page_size)  # what they made of ours
        more = told.items and number * size < told.total
        return Page(found, str(number + 1) if more else None, wrong)

    async def product(self, link: Link, ref: str, quantity: int = 1) -> Product:
        """One variant. Its price doesn't depend on the quantity."""
        item = await _item(link, ref)
        try:
            found = [product for product in products_of(item) if product.ref == ref]
        except ValueError as error:
            raise calls.unclear("a product that can't be") from error
        if not found:
            raise ProductGone(supplier=calls.NAME, said="sku")
        return found[0]

    async def inputs(self, link: Link, ref: str) -> Sequence[Input]:
        """What the product's form asks for."""
        return inputs_of(await _item(link, ref))

    async def place(self, link: Link, order: Order) -> Standing:
        """Order; the wallet is charged at once. Cards are had by asking.

        The order carries no price limit: whoever places it has read the price.
        """
        body = {
            "sku_id": _sku_of(order.ref),
            "quantity": order.quantity,
            "downstream_order_no": order.number,
        }
        if order.inputs:
            body["manual_form_data"] = dict(order.inputs)
        if order.notice_url:
            body["callback_url"] = order.notice_url
        told = await calls.write(
            link, "/orders", _Placed, body, number=order.number, hidden=_hidden(link, order)
        )
        return _standing(told)

    async def ask(self, link: Link, order: Order, their_number: str = "") -> Standing:
        """Ask by their number; without it, send the order again, which tells the one there is.

        Where there is none, that makes it: so only while its price is within our limit. That it
        can't be sold or paid for is found out after the number was looked up, so that it says that
        none is there. What is wrong with the request may be found before, and says nothing.
        """
        if not their_number:
            placed = await self._find(link, order)
            if placed.state in {OrderState.PROCESSING, OrderState.FAILED}:
                return placed
            their_number = placed.their_number
        if not their_number.isascii() or not their_number.isdigit():
            raise calls.unclear("not a number of theirs")
        told = await calls.read(link, f"/orders/{their_number}", _Detail, number=order.number)
        if str(told.order_id) != their_number:
            raise calls.unclear("another order")
        return _detail(link.login, order, told)

    async def _find(self, link: Link, order: Order) -> Standing:
        with suppress(ProductGone):  # then nothing can be made, and what was made is told
            now = (await self.product(link, order.ref, order.quantity)).unit_cost_e4
            if now is None or now * order.quantity > order.total_max_e4:
                raise calls.unclear("the price has risen: it isn't sent again")
        try:
            return await self.place(link, order)
        except (ProductGone, SoldOut, BalanceShort) as error:
            raise NoSuchPurchase(supplier=calls.NAME, number=order.number) from error
        except (InputRefused, OrderRefused) as error:
            raise calls.unclear(f"{error.facts.get('said', '')}: proves nothing") from error

    async def cancel(self, link: Link, order: Order, their_number: str, reason: str) -> None:
        """Cancel; only what isn't paid yet is."""
        if not their_number.isascii() or not their_number.isdigit():
            raise NoSuchPurchase(supplier=calls.NAME, number=order.number)
        await calls.write(link, f"/orders/{their_number}/cancel", _Done, number=order.number)

    async def balance(self, link: Link) -> Balance:
        """Our wallet there."""
        told = await calls.write(link, "/ping", _Ping)
        try:
            return Balance(amount_e4(told.balance), currency=word(told.currency))
        except ValueError as error:
            raise calls.unclear("a balance that can't be") from error

    async def statement(
        self, link: Link, begin: datetime, end: datetime, page: str | None = None
    ) -> Page[Charge]:
        """There is none."""
        raise AssertionError("dujiao-next has no statement")

    async def check_account(self, link: Link, ref: str, account: str) -> AccountCheck:
        """There is none."""
        raise AssertionError("dujiao-next checks no accounts")

    def read_notice(self, login: Login, request: NoticeRequest, at: datetime) -> Notice:
        """Check a callback's signature and age, and say whose it is. Its cards aren't read."""
        told = request.headers
        if not hmac.compare_digest(
            told.get("dujiao-next-api-key", "").encode(), login.account.encode()
        ):
            raise NoticeNotAuthentic(why="api key")
        stamp = told.get("dujiao-next-timestamp", "")
        expected = calls.sign(login.secret, "POST", calls.CALLBACK, stamp, request.body)
        signature = told.get("dujiao-next-signature", "")
        if not hmac.compare_digest(signature.encode(), expected.encode()):
            raise NoticeNotAuthentic(why="signature")
        moment = _moment(stamp)
        if moment is None or abs(at - moment) > FRESH:
            raise NoticeNotAuthentic(why="time")
        try:
            body = msgspec.json.decode(request.body, type=_Callback)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise NoticeNotAuthentic(why="body") from error
        return Notice(
            Signal.ORDER,
            number=body.downstream_order_no,
            their_number=str(body.order_id),
            said=word(body.status),
            at=moment,
        )

    def reply(self, notice: Notice | None) -> NoticeReply:
        """Say that it was received; what isn't comes again, five times in all."""
        body = b'{"ok":true}' if notice else b'{"ok":false}'
        return NoticeReply(body, "application/json")


async def _item(link: Link, ref: str) -> Item:
    product_id, _, _ = ref.partition("/")
    _sku_of(ref)
    return (await calls.read(link, f"/products/{product_id}", OneItem)).product


def _sku_of(ref: str) -> int:
    """Read the variant of a product's reference. Raises: ProductGone, where it isn't one."""
    product_id, _, sku_id = ref.partition("/")
    if not all(part.isascii() and part.isdigit() for part in (product_id, sku_id)):
        raise ProductGone(supplier=calls.NAME, said="ref")
    return int(sku_id)


def _hidden(link: Link, order: Order) -> tuple[str, ...]:
    return (*order.inputs.values(), order.notice_url, link.login.secret.clear)


def _standing(told: _Placed) -> Standing:
    """Read the answer to an order: which it is, and how it stands; cards are had by asking."""
    state = STATES.get(told.status)
    return Standing(
        state or OrderState.PROCESSING,
        "",
        str(told.order_id),
        word(told.status),
        known=state is not None,
        charged_e4=_charged(told),
    )


def _detail(login: Login, order: Order, told: _Detail) -> Standing:
    state = STATES.get(told.status)
    given = told.fulfillment
    topped_up = order.goods is Goods.TOPUP
    try:
        refunded_e4 = amount_e4(told.refunded_amount)
    except ValueError as error:
        raise calls.unclear("an amount that can't be") from error
    line = told.items[0] if len(told.items) == 1 else None
    ended_at = given.delivered_at if given else None
    return Standing(
        state or OrderState.PROCESSING,
        "",
        str(told.order_id),
        word(told.status),
        known=state is not None,
        quantity=line.quantity if line else None,
        charged_e4=_charged(told),
        refunded_e4=refunded_e4,
        cards=cards_of(given.payload, login.options) if given and not topped_up else None,
        ref=f"{line.product_id}/{line.sku_id}" if line else "",
        receipt=printable(given.payload) if given and topped_up else "",
        ended_at=_utc(ended_at),
    )


def _charged(told: _Placed | _Detail) -> int | None:
    """What it cost; None where nothing was taken, or what was taken aren't yuan."""
    try:
        charged_e4 = amount_e4(told.amount)
    except ValueError as error:
        raise calls.unclear("an amount that can't be") from error
    taken = told.status not in UNCHARGED and told.currency == CURRENCY
    return charged_e4 if taken else None


def _utc(told: datetime | None) -> datetime | None:
    if told is None or told.tzinfo is None or not FIRST_YEAR <= told.year < LAST_YEAR:
        return None  # the year 1 is how their program writes none
    return told.astimezone(UTC)


def _moment(stamp: str) -> datetime | None:
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > len("9999999999"):
        return None
    return datetime.fromtimestamp(int(stamp), UTC)
