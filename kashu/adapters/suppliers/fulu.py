"""Fulu 福禄 2.0: cards and top-ups; notices in three shapes, to an address entered in its console.

Options of a connection:
- `refusals`: codes that it is known to refuse orders with, as in "3010=balance,3011=stock"; also
  "gone". Nobody has documented them; without it such an order is asked for, and settled later.
- To another gateway of this kind: `version`, `auth_token` ("absent" where that isn't sent), and a
  method's name here (`fulu.order.info.get`) with theirs as its value.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NoReturn

import msgspec

from kashu.adapters.suppliers import fulu_notices
from kashu.adapters.suppliers.amounts import e4
from kashu.adapters.suppliers.fulu_orders import OrderTold, read_order
from kashu.adapters.suppliers.fulu_products import (
    ACCOUNT,
    LONGEST,
    Item,
    Template,
    read_inputs,
    read_product,
    read_products,
)
from kashu.adapters.suppliers.fulu_wire import NAME, NotForSale, call, unclear
from kashu.core.errors import OutsideError
from kashu.suppliers.errors import InputRefused, NoSuchPurchase, ProductGone
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import (
    AccountCheck,
    Balance,
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
    Page,
    Product,
    Repeats,
    Rules,
    Standing,
)

REF_MAX: Final = 18  # digits


class _User(msgspec.Struct):
    balance: Decimal


class FuluUpstream:
    """The adapter of Fulu."""

    name = NAME
    can = frozenset(
        {
            Can.LIST_PRODUCTS,
            Can.READ_PRODUCT,
            Can.READ_INPUTS,
            Can.BALANCE,
            Can.PLACE,
            Can.ASK,
            Can.NOTICE,
            Can.NOTICE_PRODUCTS,
        }
    )
    rules = Rules(
        frozenset({Goods.CARD, Goods.TOPUP}),
        Repeats.REFUSED,
        Guard.NONE,  # customer_price is informational: the price is read right before
        NoticeBy.CONSOLE,
        ask_after=timedelta(seconds=1),
        settles_after=timedelta(minutes=120),  # until then they may not find what is there
    )
    secret_options: frozenset[str] = frozenset()

    async def products(self, link: Link, page: str | None = None) -> Page[Product]:
        """What is on sale; all in one answer."""
        del page
        told = await call(link, "fulu.goods.list.get", {}, list[msgspec.Raw])
        if told is None:
            raise unclear("no list")
        return read_products(told)

    async def product(self, link: Link, ref: str, quantity: int = 1) -> Product:
        """One product as it stands now. Raises also: ProductGone."""
        del quantity  # the price is the same for all
        return _product(await self._item(link, ref))

    async def inputs(self, link: Link, ref: str) -> Sequence[Input]:
        """What must be filled in; for cards nothing. Raises also: ProductGone."""
        item = await self._item(link, ref)
        if _product(item).goods is Goods.CARD:
            return ()
        if not item.template_id:
            return read_inputs(None)
        business = {"template_id": item.template_id}
        template = await call(link, "fulu.goods.template.get", business, Template)
        if template is None:
            raise unclear("no template")
        return read_inputs(template)

    async def _item(self, link: Link, ref: str) -> Item:
        item = await call(link, "fulu.goods.info.get", {"product_id": ref}, Item)
        if item is None:
            raise ProductGone(supplier=NAME, said="no such product")
        if str(item.product_id) != ref:
            raise unclear("another product")
        return item

    async def place(self, link: Link, order: Order) -> Standing:
        """Order; the answer never holds the cards."""
        business: dict[str, Any] = {
            "product_id": _number_of(order.ref),
            "customer_order_no": order.number,
            "buy_num": order.quantity,
        }
        method = "fulu.order.card.add"
        if order.goods is Goods.TOPUP:
            method = "fulu.order.direct.add"
            business |= _inputs_of(order)
        limit = self.rules.place_deadline_s
        try:
            told = await call(
                link, method, business, OrderTold, order=order, places=True, deadline_s=limit
            )
        except NotForSale as doubt:
            return await self._confirmed(link, order, doubt)
        return read_order(told, order, link.login.secret)

    async def _confirmed(self, link: Link, order: Order, doubt: NotForSale) -> Standing:
        """Ask once whether what can't be bought was made all the same. Raises also: ProductGone.

        One question is enough after these codes; without them its answer proves nothing yet.
        """
        try:
            return await self.ask(link, order)
        except NoSuchPurchase as error:
            raise ProductGone(supplier=NAME, said=doubt.facts["said"]) from error
        except OutsideError as error:
            raise doubt from error

    async def ask(self, link: Link, order: Order, their_number: str = "") -> Standing:
        """Ask by our number; a success comes with its cards."""
        del their_number  # asked for by ours only
        business = {"customer_order_no": order.number}
        told = await call(link, "fulu.order.info.get", business, OrderTold, order=order)
        return read_order(told, order, link.login.secret)

    async def cancel(self, link: Link, order: Order, their_number: str, reason: str) -> None:
        """Not offered: no call is known."""
        _lacking("cancel")

    async def balance(self, link: Link) -> Balance:
        """Our money there."""
        user = await call(link, "fulu.user.info.get", {}, _User)
        if user is None:
            raise unclear("no balance")
        try:
            return Balance(e4(user.balance))
        except ValueError as error:
            raise unclear("balance") from error

    async def statement(
        self, link: Link, begin: datetime, end: datetime, page: str | None = None
    ) -> Page[Charge]:
        """Not offered: how the file that is asked for is delivered isn't known."""
        _lacking("statement")

    async def check_account(self, link: Link, ref: str, account: str) -> AccountCheck:
        """Not offered: what its checks of single brands want isn't known well enough."""
        _lacking("check_account")

    def read_notice(self, login: Login, request: NoticeRequest, at: datetime) -> Notice:
        """Check a notice's signature, and read whose it is. Raises: NoticeNotAuthentic."""
        return fulu_notices.read_notice(login, request, at)

    def reply(self, notice: Notice | None) -> NoticeReply:
        """Say that a notice was taken, or that it wasn't."""
        return NoticeReply(b"success") if notice else NoticeReply(b"fail", status=400)


def _lacking(method: str) -> NoReturn:
    raise AssertionError(f"{NAME} has no {method}: it isn't in `can`")


def _product(item: Item) -> Product:
    try:
        return read_product(item)
    except ValueError as error:
        raise unclear("unreadable product") from error


def _number_of(ref: str) -> int:
    """A product's number. Raises: ProductGone."""
    if not ref.isascii() or not ref.isdigit() or len(ref) > REF_MAX:
        raise ProductGone(supplier=NAME, said="not a number of theirs")
    return int(ref)


def _inputs_of(order: Order) -> dict[str, str]:
    """What was typed, as parameters. Raises: InputRefused; names the field, never its text."""
    if not order.inputs.get(ACCOUNT):
        raise InputRefused(supplier=NAME, said=ACCOUNT)
    for key, told in order.inputs.items():
        longest = LONGEST.get(key)
        if key not in LONGEST or (longest is not None and len(told) > longest):
            raise InputRefused(supplier=NAME, said=key if key in LONGEST else "unknown field")
    return dict(order.inputs)
