"""Xingquanyi 星权益: memberships as top-ups, cards and tickets; other sites run the same system."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final, NoReturn

import msgspec

from kashu.adapters.suppliers import xingquanyi_notices
from kashu.adapters.suppliers.amounts import e4, yuan
from kashu.adapters.suppliers.answers import read_answer, read_each
from kashu.adapters.suppliers.xingquanyi_orders import OrderTold, read_order
from kashu.adapters.suppliers.xingquanyi_products import (
    ACCOUNT,
    Item,
    Template,
    read_inputs,
    read_product,
)
from kashu.adapters.suppliers.xingquanyi_wire import (
    NAME,
    Failed,
    call,
    read,
    refusal_of_asking,
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

LISTS_PER_S: Final = 110 / 60  # of 120: what left apart may arrive closer together


class _Customer(msgspec.Struct):
    balance: Decimal


class XingquanyiUpstream:
    """The adapter of Xingquanyi."""

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
        frozenset({Goods.CARD, Goods.TOPUP, Goods.LINK}),
        Repeats.REFUSED,
        Guard.UNIT,
        NoticeBy.ORDER,
        paths_per_s={"/api/product-list": LISTS_PER_S, "/api/product": LISTS_PER_S},
    )
    secret_options: frozenset[str] = frozenset()

    async def products(self, link: Link, page: str | None = None) -> Page[Product]:
        """What is sold to us, all in one answer; what is done there by hand is left out."""
        del page
        rows = read(await _read(link, "/api/product-list", {}), list[msgspec.Raw])
        at = link.now()
        found, wrong = read_each(rows, lambda row: read_product(read_answer(row, Item), at))
        return Page([each for each in found if each is not None], wrong=wrong)

    async def product(self, link: Link, ref: str, quantity: int = 1) -> Product:
        """One product as it stands now. Raises also: ProductGone."""
        del quantity  # the price is the same for all
        told = await _read(link, "/api/product", {"product_id": ref})
        try:
            product = read_product(read(told, Item), link.now())
        except ValueError as error:
            raise unclear("unreadable product") from error
        if product is None:
            raise ProductGone(supplier=NAME, said="type 4")
        if product.ref != ref:
            raise unclear("another product")
        return product

    async def inputs(self, link: Link, ref: str) -> Sequence[Input]:
        """What must be filled in; only for top-ups it is told. Raises also: ProductGone."""
        if (await self.product(link, ref)).goods is not Goods.TOPUP:
            return ()
        told = await _read(link, "/api/product/recharge-params", {"product_id": ref})
        return read_inputs(read(told, Template))

    async def place(self, link: Link, order: Order) -> Standing:
        """Order; the answer may hold the cards."""
        params = {
            "product_id": order.ref,
            "quantity": str(order.quantity),
            "outer_order_id": order.number,
            "safe_cost": yuan(order.total_max_e4 // order.quantity),  # of one
            "notify_url": order.notice_url,
            **_inputs_of(order),
        }
        limit = self.rules.place_deadline_s
        try:
            told = await call(link, "/api/buy", params, order=order, deadline_s=limit)
        except Failed as failed:
            refusal = refusal_of_order(failed, order)
        else:
            return read_order(read(told, OrderTold), order, placing=True)
        raise refusal

    async def ask(self, link: Link, order: Order, their_number: str = "") -> Standing:
        """Ask by our number. Raises also: AnswerLost, where a ticket is a picture."""
        del their_number  # asked for by ours only
        params = {"outer_order_id": order.number}
        try:
            told = await call(link, "/api/outer-order", params, order=order)
        except Failed as failed:
            refusal = refusal_of_asking(failed, order)
        else:
            return read_order(read(told, OrderTold), order)
        raise refusal

    async def cancel(self, link: Link, order: Order, their_number: str, reason: str) -> None:
        """Not offered: no such call is documented."""
        _lacking("cancel")

    async def balance(self, link: Link) -> Balance:
        """Our money there."""
        customer = read(await _read(link, "/api/customer", {}), _Customer)
        try:
            return Balance(e4(customer.balance))
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
        return xingquanyi_notices.read_notice(login, request, at)

    def reply(self, notice: Notice | None) -> NoticeReply:
        """Say that a notice was taken, or that it wasn't."""
        return NoticeReply(b"ok") if notice else NoticeReply(b"fail", status=400)


def _lacking(method: str) -> NoReturn:
    raise AssertionError(f"{NAME} has no {method}: it isn't in `can`")


async def _read(link: Link, path: str, params: dict[str, str]) -> msgspec.Raw:
    """Read something. Raises: errors of the table."""
    try:
        return await call(link, path, params)
    except Failed as failed:
        refusal = refusal_of_reading(failed)
    raise refusal


def _inputs_of(order: Order) -> dict[str, str]:
    """What was typed, as parameters. Raises: InputRefused."""
    if order.goods is not Goods.TOPUP:
        return {}
    if not order.inputs or not all(order.inputs.values()):
        raise InputRefused(supplier=NAME, said=ACCOUNT)
    return {
        key if key == ACCOUNT else f"recharge_template_input_items[{key}]": told
        for key, told in order.inputs.items()
    }
