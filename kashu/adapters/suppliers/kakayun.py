"""Kakayun 卡卡云 dockapiv3: shops of many suppliers; orders go to the shop, all else to one host.

Options of a connection:
- `public_url`: another address for all but ordering; "same" where the shop itself serves it, as
  systems do that imitate Kakayun.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NoReturn

import msgspec

from kashu.adapters.suppliers import kakayun_notices
from kashu.adapters.suppliers.amounts import e4, yuan
from kashu.adapters.suppliers.answers import read_each
from kashu.adapters.suppliers.kakayun_orders import OrderTold, Placed, read_order, read_placed
from kashu.adapters.suppliers.kakayun_products import (
    Field,
    Item,
    read_inputs,
    read_item,
    read_product,
)
from kashu.adapters.suppliers.kakayun_wire import (
    NAME,
    PATH,
    Envelope,
    Failed,
    call,
    read,
    refusal_of_asking,
    refusal_of_cancelling,
    refusal_of_order,
    refusal_of_reading,
    unclear,
)
from kashu.suppliers.errors import InputRefused
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

ITEMS_A_PAGE: Final = 50


class _User(msgspec.Struct):
    money: Decimal
    creditquota: Decimal = Decimal(0)


class KakayunUpstream:
    """The adapter of Kakayun."""

    name = NAME
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
        frozenset({Goods.CARD, Goods.TOPUP}),
        Repeats.REFUSED,
        Guard.TOTAL,
        NoticeBy.ORDER,
        asked_within=timedelta(days=30),
        # Of each operation, with some to spare: what left apart may arrive closer together.
        # Ordering itself has no limit.
        paths_per_s={
            f"{PATH}goods/all": 1 / 5.5,
            f"{PATH}goods/details": 1 / 2.5,
            f"{PATH}goods/tpl": 27 / 60,
            f"{PATH}order/get": 170 / 60,
            f"{PATH}order/cancelOrder": 55 / 60,
            f"{PATH}user/info": 55 / 60,
        },
    )
    secret_options: frozenset[str] = frozenset()

    async def products(self, link: Link, page: str | None = None) -> Page[Product]:
        """What is sold to us."""
        number = int(page or "1")
        told = await _read(link, "goods/all", {"page": number, "limit": ITEMS_A_PAGE})
        rows = read(told.data, list[msgspec.Raw])
        found, wrong = read_each(rows, read_item)
        pages = str(told.allpage)
        # Systems that imitate it don't tell how many pages there are.
        more = number < int(pages) if pages.isdecimal() else len(rows) >= ITEMS_A_PAGE
        return Page(found, str(number + 1) if more and rows else None, wrong)

    async def product(self, link: Link, ref: str, quantity: int = 1) -> Product:
        """One product as it stands now. Raises also: ProductGone."""
        del quantity  # the price is the same for all
        told = await _read(link, "goods/details", {"goodsid": ref})
        try:
            product = read_product(read(told.data, Item))
        except ValueError as error:
            raise unclear("unreadable product") from error
        if product.ref != ref:
            raise unclear("another product")
        return product

    async def inputs(self, link: Link, ref: str) -> Sequence[Input]:
        """What must be filled in; for cards nothing. Raises also: ProductGone."""
        told = await _read(link, "goods/tpl", {"goodsid": ref})
        return read_inputs(read(told.data, list[Field]))

    async def place(self, link: Link, order: Order) -> Standing:
        """Order at the shop itself; the answer tells numbers only."""
        params: dict[str, Any] = {
            "goodsid": order.ref,
            "buynum": order.quantity,
            "usorderno": order.number,
            "maxmoney": yuan(order.total_max_e4),  # of the whole order
            "callbackurl": order.notice_url,
        }
        if order.goods is Goods.TOPUP:
            params["attach"] = _attach(order)
        url, limit = link.login.base_url, self.rules.place_deadline_s
        try:
            told = await call(link, "order/create", params, url=url, order=order, deadline_s=limit)
        except Failed as failed:
            refusal = refusal_of_order(failed, order)
        else:
            return read_placed(read(told.data, Placed), order)
        raise refusal

    async def ask(self, link: Link, order: Order, their_number: str = "") -> Standing:
        """Ask by our number; a success comes with its cards."""
        del their_number  # where both are sent, ours counts
        try:
            told = await call(link, "order/get", {"usorderno": order.number}, order=order)
        except Failed as failed:
            refusal = refusal_of_asking(failed, order)
        else:
            return read_order(read(told.data, OrderTold), order)
        raise refusal

    async def cancel(self, link: Link, order: Order, their_number: str, reason: str) -> None:
        """Ask for our money back; where it is given, it comes at once."""
        params = {"usorderno": order.number}
        try:
            await call(link, "order/cancelOrder", params, order=order)
        except Failed as failed:
            refusal = refusal_of_cancelling(failed, order)
        else:
            return
        raise refusal

    async def balance(self, link: Link) -> Balance:
        """Our money there, and how far below zero it may go."""
        user = read((await _read(link, "user/info", {})).data, _User)
        try:
            return Balance(e4(user.money), e4(user.creditquota))
        except ValueError as error:
            raise unclear("balance") from error

    async def statement(
        self, link: Link, begin: datetime, end: datetime, page: str | None = None
    ) -> Page[Charge]:
        """Not offered: no such call is documented."""
        _lacking("statement")

    async def check_account(self, link: Link, ref: str, account: str) -> AccountCheck:
        """Not offered: no such call is documented."""
        _lacking("check_account")

    def read_notice(self, login: Login, request: NoticeRequest, at: datetime) -> Notice:
        """Check a notice's signature and age, and read whose it is. Raises: NoticeNotAuthentic."""
        return kakayun_notices.read_notice(login, request, at)

    def reply(self, notice: Notice | None) -> NoticeReply:
        """Say that a notice was taken, or that it wasn't."""
        return NoticeReply(b"ok") if notice else NoticeReply(b"fail", status=400)


def _lacking(method: str) -> NoReturn:
    raise AssertionError(f"{NAME} has no {method}: it isn't in `can`")


async def _read(link: Link, operation: str, params: dict[str, Any]) -> Envelope:
    """Read something. Raises: errors of the table."""
    try:
        return await call(link, operation, params)
    except Failed as failed:
        refusal = refusal_of_reading(failed)
    raise refusal


def _attach(order: Order) -> str | list[dict[str, str]]:
    """What was typed: one field as it is, several with their types. Raises: InputRefused."""
    if not order.inputs or not all(order.inputs.values()):
        raise InputRefused(supplier=NAME, said="attach")
    if len(order.inputs) == 1:
        return next(iter(order.inputs.values()))
    return [{"attachtype": key, "value": told} for key, told in order.inputs.items()]
