"""Kasushou 卡速售 v2: a hosted shop system, so that one adapter serves many suppliers.

Options of a connection:
- `safe_price`: of what the limit that an order carries is: "unit" (unless said otherwise), "total",
  or "none", which sends none. The vendor doesn't say which; what is sent as a unit's refuses too
  much where they take it as the total's, and never costs us more.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NoReturn

import msgspec

from kashu.adapters.suppliers import kasushou_notices
from kashu.adapters.suppliers.amounts import e4, yuan
from kashu.adapters.suppliers.kasushou_orders import OrderTold, Placed, read_orders, read_placed
from kashu.adapters.suppliers.kasushou_products import (
    Field,
    Item,
    ItemList,
    read_inputs,
    read_product,
    read_products,
)
from kashu.adapters.suppliers.kasushou_wire import (
    NAME,
    Failed,
    call,
    read,
    refusal_of_asking,
    refusal_of_cancelling,
    refusal_of_order,
    refusal_of_reading,
    unclear,
)
from kashu.suppliers.errors import InputRefused, ProductGone
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

PAGE: Final = 100
REF_MAX: Final = 18  # digits
ALL_DAYS: Final = 0


class _User(msgspec.Struct):
    balance: Decimal


class KasushouUpstream:
    """The adapter of Kasushou."""

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
            Can.NOTICE_PRODUCTS,
        }
    )
    rules = Rules(
        frozenset({Goods.CARD, Goods.TOPUP}),
        Repeats.REFUSED,  # since each order has a number of ours
        Guard.UNIT,
        NoticeBy.ORDER,
        ask_after=timedelta(seconds=1),
    )
    secret_options: frozenset[str] = frozenset()

    async def products(self, link: Link, page: str | None = None) -> Page[Product]:
        """What is sold to us, paused and forbidden things included."""
        number = int(page or 1)
        params = {"cate_id": 0, "keyword": "", "limit": PAGE, "page": number}
        told = read(await self._read(link, "/api/v1/goods/list", params), ItemList)
        more = number * PAGE < told.total and told.list
        return read_products(told.list, str(number + 1) if more else None)

    async def product(self, link: Link, ref: str, quantity: int = 1) -> Product:
        """One product as it stands now. Raises also: ProductGone."""
        del quantity  # the price is the same for all
        item = read(await self._read(link, "/api/v1/goods/info", {"id": _number_of(ref)}), Item)
        if str(item.id) != ref:
            raise unclear("another product")
        try:
            return read_product(item)
        except ValueError as error:
            raise unclear("unreadable product") from error

    async def inputs(self, link: Link, ref: str) -> Sequence[Input]:
        """What must be filled in; for cards nothing. Raises also: ProductGone."""
        params = {"goods_id": str(_number_of(ref))}
        told = await self._read(link, "/api/v1/goods/attach", params)
        return read_inputs(read(told, list[Field]))

    async def place(self, link: Link, order: Order) -> Standing:
        """Order; the answer never holds the cards."""
        params: dict[str, Any] = {
            "id": _number_of(order.ref),
            "quantity": order.quantity,
            "external_orderno": order.number,
            **_limit(link.login, order),
        }
        if order.notice_url:
            params["url"] = order.notice_url
        if order.goods is Goods.TOPUP:
            if not order.inputs:
                raise InputRefused(supplier=NAME, said="no account")
            params["attach"] = dict(order.inputs)
        limit = self.rules.place_deadline_s
        try:
            told = await call(link, "/api/v1/order/buy", params, order=order, deadline_s=limit)
        except Failed as failed:
            raise refusal_of_order(failed, order) from failed
        return read_placed(read(told, Placed), order)

    async def ask(self, link: Link, order: Order, their_number: str = "") -> Standing:
        """Ask by our number; a success comes with its cards."""
        params = {"day": ALL_DAYS, "external_orderno": order.number, "ordersn": ""}
        try:
            told = await call(link, "/api/v1/order/info", params, order=order)
        except Failed as failed:
            raise refusal_of_asking(failed, order) from failed
        return read_orders(read(told, list[OrderTold]), order, their_number)

    async def cancel(self, link: Link, order: Order, their_number: str, reason: str) -> None:
        """Ask for an order to be ended; that it was is learnt by asking."""
        del reason  # there is no field for it
        theirs = their_number or (await self.ask(link, order)).their_number
        try:
            await call(link, "/api/v1/order/close", {"ordersn": theirs}, order=order)
        except Failed as failed:
            raise refusal_of_cancelling(failed) from failed

    async def balance(self, link: Link) -> Balance:
        """Our money there."""
        user = read(await self._read(link, "/api/v1/user/info", {}), _User)
        try:
            return Balance(e4(user.balance))
        except ValueError as error:
            raise unclear("balance") from error

    async def statement(
        self, link: Link, begin: datetime, end: datetime, page: str | None = None
    ) -> Page[Charge]:
        """Not offered: no call that lists charges is known."""
        _lacking("statement")

    async def check_account(self, link: Link, ref: str, account: str) -> AccountCheck:
        """Not offered: no call is known."""
        _lacking("check_account")

    def read_notice(self, login: Login, request: NoticeRequest, at: datetime) -> Notice:
        """Check a notice's signature and age, and read whose it is. Raises: NoticeNotAuthentic."""
        return kasushou_notices.read_notice(login, request, at)

    def reply(self, notice: Notice | None) -> NoticeReply:
        """Say that a notice was taken, or that it wasn't."""
        return NoticeReply(b"ok") if notice else NoticeReply(b"fail", status=400)

    async def _read(self, link: Link, path: str, params: dict[str, Any]) -> msgspec.Raw:
        try:
            return await call(link, path, params)
        except Failed as failed:
            raise refusal_of_reading(failed) from failed


def _lacking(method: str) -> NoReturn:
    raise AssertionError(f"{NAME} has no {method}: it isn't in `can`")


def _number_of(ref: str) -> int:
    """A product's number. Raises: ProductGone."""
    if not ref.isascii() or not ref.isdigit() or len(ref) > REF_MAX:
        raise ProductGone(supplier=NAME, said="not a number of theirs")
    return int(ref)


def _limit(login: Login, order: Order) -> dict[str, str]:
    """What it may cost at most, as decimal text."""
    basis = login.options.get("safe_price", "unit")
    if basis == "none":
        return {}
    limit = order.total_max_e4 if basis == "total" else order.total_max_e4 // order.quantity
    return {"safe_price": yuan(limit)}
