"""Kayixin 卡易信 3.0: a hosted shop system, so that one adapter serves many suppliers.

Options of a connection:
- `refusal_codes`: codes, with commas, that this shop is known to refuse orders with: nothing was
  made. None is documented; without it an order that failed is asked for, and settled later.
- `details`: "each" reads each product of the list once more, which alone tells stock, limits and
  variants; without it, products with variants are left out and stock isn't told.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NoReturn

import msgspec

from kashu.adapters.suppliers import kayixin_notices
from kashu.adapters.suppliers.amounts import e4, yuan
from kashu.adapters.suppliers.kayixin_orders import OrderTold, Placed, read_order, read_placed
from kashu.adapters.suppliers.kayixin_products import (
    SIMPLE,
    Item,
    ItemList,
    Ref,
    read_inputs,
    read_products,
    read_ref,
)
from kashu.adapters.suppliers.kayixin_wire import (
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

PAGES_MAX: Final = 5_000


class _Account(msgspec.Struct):
    balance: Decimal


class KayixinUpstream:
    """The adapter of Kayixin."""

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
        Repeats.UNKNOWN,
        Guard.TOTAL,
        NoticeBy.ORDER,
        ask_after=timedelta(seconds=1),
    )
    secret_options: frozenset[str] = frozenset()

    async def products(self, link: Link, page: str | None = None) -> Page[Product]:
        """What is sold to us, paused and forbidden things included."""
        number = int(page or 1)
        told = read(await self._read(link, "/api/v3/goods/getList", _listing(number)), ItemList)
        found: list[Product] = []
        wrong = 0
        for each in told.items:
            try:
                found += await self._sold(link, msgspec.json.decode(each, type=Item))
            except (msgspec.MsgspecError, RecursionError, ValueError):
                wrong += 1
        more = told.items and number < min(told.all_page, PAGES_MAX)
        return Page(found, str(number + 1) if more else None, wrong)

    async def _sold(self, link: Link, item: Item) -> list[Product]:
        """What can be bought of a product of the list. Raises also: ValueError."""
        if link.login.options.get("details") == "each":
            try:
                item = await self._item(link, item.goods_id)
            except ProductGone:
                return []  # between the list and now
        elif item.sku_type != SIMPLE:
            raise ValueError("the list doesn't tell its variants")
        return list(read_products(item))

    async def product(self, link: Link, ref: str, quantity: int = 1) -> Product:
        """One product as it stands now. Raises also: ProductGone."""
        del quantity  # the price is the same for all
        item = await self._item(link, read_ref(ref).good)
        try:
            found = [each for each in read_products(item) if each.ref == ref]
        except ValueError as error:
            raise unclear("unreadable product") from error
        if not found:
            raise ProductGone(supplier=NAME, said="its variant or multiple is another")
        return found[0]

    async def inputs(self, link: Link, ref: str) -> Sequence[Input]:
        """What must be filled in; some cards want something, too. Raises also: ProductGone."""
        return read_inputs(await self._item(link, read_ref(ref).good))

    async def place(self, link: Link, order: Order) -> Standing:
        """Order. Cards that come at once aren't taken yet: asking tells more of the order."""
        ref = read_ref(order.ref)
        if order.goods is Goods.TOPUP and not order.inputs:
            raise InputRefused(supplier=NAME, said="no account")
        limit = self.rules.place_deadline_s
        params = _order(ref, order)
        try:
            told = await call(link, "/api/v3/order/create", params, order=order, deadline_s=limit)
        except Failed as failed:
            raise refusal_of_order(failed, link.login, order) from failed
        return read_placed(read(told, Placed))

    async def ask(self, link: Link, order: Order, their_number: str = "") -> Standing:
        """Ask by our number; a success comes with its cards."""
        del their_number  # asked for by ours only
        params = {"orderNumber": "", "outerNumber": order.number}
        try:
            told = await call(link, "/api/v3/order/getDetail", params, order=order)
        except Failed as failed:
            raise refusal_of_asking(failed, order) from failed
        return read_order(read(told, OrderTold), order, link.login.secret)

    async def cancel(self, link: Link, order: Order, their_number: str, reason: str) -> None:
        """Ask for the money back; some they look at first. That it was is learnt by asking."""
        del their_number, reason  # asked for by ours; there is no field for the reason
        params = {"orderNumber": "", "outerNumber": order.number}
        try:
            await call(link, "/api/v3/order/refunds", params, order=order)
        except Failed as failed:
            raise refusal_of_cancelling(failed) from failed

    async def balance(self, link: Link) -> Balance:
        """Our money there."""
        account = read(await self._read(link, "/api/v3/user/getAccount", {}), _Account)
        try:
            return Balance(e4(account.balance))
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
        return kayixin_notices.read_notice(login, request, at)

    def reply(self, notice: Notice | None) -> NoticeReply:
        """Say that a notice was taken, or that it wasn't."""
        return NoticeReply(b"ok") if notice else NoticeReply(b"fail", status=400)

    async def _item(self, link: Link, good: int) -> Item:
        item = read(await self._read(link, "/api/v3/goods/getDetail", {"goodsId": good}), Item)
        if item.goods_id != good:
            raise unclear("another product")
        return item

    async def _read(self, link: Link, path: str, params: dict[str, Any]) -> msgspec.Raw:
        try:
            return await call(link, path, params)
        except Failed as failed:
            raise refusal_of_reading(failed) from failed


def _lacking(method: str) -> NoReturn:
    raise AssertionError(f"{NAME} has no {method}: it isn't in `can`")


def _listing(page: int) -> dict[str, Any]:
    every = ("goodsType", "keyWord", "skuType", "showDirId", "dirId", "brandId")
    return {"page": page, **dict.fromkeys(every, "")}


def _order(ref: Ref, order: Order) -> dict[str, Any]:
    return {
        "goodsId": ref.good,
        "count": order.quantity,
        "notifyUrl": order.notice_url,
        "outerNumber": order.number,
        "safePrice": Decimal(yuan(order.total_max_e4)),  # of the whole order
        "sku": ref.sku,
        "attach": [{"name": name, "value": told} for name, told in order.inputs.items()],
    }
