"""SUP 1.9: an unbranded protocol of card and top-up platforms, careful about what is in doubt."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NoReturn

import msgspec

from kashu.adapters.suppliers import sup_v19_notices
from kashu.adapters.suppliers.amounts import e4, price_e4, yuan
from kashu.adapters.suppliers.answers import read_answer, read_each
from kashu.adapters.suppliers.sup_v19_orders import OrderTold, read_order, read_placed
from kashu.adapters.suppliers.sup_v19_wire import (
    NAME,
    Answered,
    Failed,
    Told,
    call,
    refusal,
    refusal_of_order,
    unclear,
)
from kashu.adapters.suppliers.texts import TITLE_MAX, printable
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

GOODS: Final = {"0": Goods.TOPUP, "1": Goods.CARD}  # which cards are links isn't told
ON_SALE: Final = "1"
ACCOUNT: Final = "uuid"
EXTRA: Final = {"ext1": "扩展参数1", "ext2": "扩展参数2", "ext3": "扩展参数3"}
OF_TOPUPS: Final = {"smsCode": "短信验证码", **EXTRA}
OF_CARDS: Final = {"phoneNo": "手机号", **EXTRA}


class _Item(msgspec.Struct):
    itemId: str | int  # noqa: N815  (the platform's names)
    itemName: str  # noqa: N815
    itemType: str | int  # noqa: N815
    status: str | int
    price: Decimal
    itemFace: str | int | None = None  # noqa: N815  (in words: 月卡)
    itemVal: msgspec.Raw = msgspec.Raw(b"")  # noqa: N815  (the list price; not always a number)


class _Items(Answered):
    data: list[msgspec.Raw] = msgspec.field(default_factory=list)


class _Wallet(Answered):
    balance: Decimal | None = None
    creditQuota: Decimal | None = None  # noqa: N815


class SupV19Upstream:
    """The adapter of SUP 1.9."""

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
        }
    )
    rules = Rules(
        frozenset({Goods.CARD, Goods.TOPUP, Goods.LINK}),
        Repeats.REFUSED_UNLESS_FAILED,
        Guard.UNIT,
        NoticeBy.ORDER,
        # Who asks sooner may be locked out by address. Of cards a minute would do; what is the
        # same for both is the longer.
        ask_after=timedelta(minutes=3),
        # Three minutes after it reached them, which may be later than we wrote it down.
        settles_after=timedelta(minutes=5),
        asked_within=timedelta(days=28),  # this month's and last month's
        # With some to spare: what left apart may arrive closer together.
        paths_per_s={
            "/api/order/query": 9.0,  # ten of cards; of top-ups 30
            "/api/account/balance": 1 / 11,
            "/api/item/query": 1 / 5.5,
            "/api/order/submit": 90.0,
            "/api/card/get": 90.0,
        },
    )
    secret_options: frozenset[str] = frozenset()

    async def products(self, link: Link, page: str | None = None) -> Page[Product]:
        """What is sold to us, all in one answer; stock isn't told."""
        del page
        told = await _read(link, "/api/item/query", _Items)
        found, wrong = read_each(told.data, _product)
        return Page(found, wrong=wrong)

    async def product(self, link: Link, ref: str, quantity: int = 1) -> Product:
        """One product, found in the list. Raises also: ProductGone."""
        del quantity  # the price is the same for all
        for product in (await self.products(link)).members:
            if product.ref == ref:
                return product
        raise ProductGone(supplier=NAME, said="not in the list")

    async def inputs(self, link: Link, ref: str) -> Sequence[Input]:
        """What may be filled in; which of it a product needs isn't told.

        Raises also: ProductGone.
        """
        if (await self.product(link, ref)).goods is not Goods.TOPUP:
            return [Input(key, title, required=False) for key, title in OF_CARDS.items()]
        more = [Input(key, title, required=False) for key, title in OF_TOPUPS.items()]
        return [Input(ACCOUNT, "充值账号", is_account=True), *more]

    async def place(self, link: Link, order: Order) -> Standing:
        """Order, always with a number of its own: one that failed would make a second order."""
        params = {
            "itemId": order.ref,
            "amount": str(order.quantity),
            "outOrderId": order.number,
            # It is compared with their price: what we were told, unless that is above our limit.
            "itemPrice": yuan(min(order.unit_cost_e4, order.total_max_e4 // order.quantity)),
            "callbackUrl": order.notice_url,
            **_inputs_of(order),
        }
        path = "/api/order/submit" if order.goods is Goods.TOPUP else "/api/card/get"
        limit = self.rules.place_deadline_s
        try:
            told = await call(link, path, params, OrderTold, order=order, deadline_s=limit)
        except Failed as failed:
            refused = refusal_of_order(failed, order)
        else:
            return read_placed(told, order, link.login.secret)
        raise refused

    async def ask(self, link: Link, order: Order, their_number: str = "") -> Standing:
        """Ask by our number. Raises also: AnswerLost, where cards can't be opened."""
        del their_number  # where both are sent theirs counts; ours is used for one order only
        params = {"outOrderId": order.number}
        told = await _read(link, "/api/order/query", OrderTold, params, order=order)
        return read_order(told, order, link.login.secret)

    async def cancel(self, link: Link, order: Order, their_number: str, reason: str) -> None:
        """Not offered: no such call is documented."""
        _lacking("cancel")

    async def balance(self, link: Link) -> Balance:
        """Our money there, and how far below zero it may go."""
        told = await _read(link, "/api/account/balance", _Wallet)
        try:
            if told.balance is not None:
                return Balance(e4(told.balance), e4(told.creditQuota or Decimal(0)))
        except ValueError as error:
            raise unclear("balance") from error
        raise unclear("no balance")

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
        return sup_v19_notices.read_notice(login, request, at)

    def reply(self, notice: Notice | None) -> NoticeReply:
        """Say that a notice was taken, or that it wasn't."""
        return NoticeReply(b"ok") if notice else NoticeReply(b"fail", status=400)


def _lacking(method: str) -> NoReturn:
    raise AssertionError(f"{NAME} has no {method}: it isn't in `can`")


async def _read(
    link: Link,
    path: str,
    shape: type[Told],
    params: dict[str, str] | None = None,
    *,
    order: Order | None = None,
) -> Told:
    """Ask something. Raises: errors of the table."""
    try:
        return await call(link, path, params or {}, shape, order=order)
    except Failed as failed:
        refused = refusal(failed)
    raise refused


def _product(row: msgspec.Raw) -> Product:
    item = read_answer(row, _Item)
    goods = GOODS.get(str(item.itemType))
    if goods is None:
        raise ValueError("goods of another kind")
    works = str(item.status) == ON_SALE
    face = "" if item.itemFace is None else str(item.itemFace)
    title = item.itemName if face in item.itemName else f"{item.itemName} {face}"
    return Product(
        ref=str(item.itemId),
        title=printable(title, TITLE_MAX),
        goods=goods,
        unit_cost_e4=price_e4(item.price),
        in_stock=works,
        on_sale=works,
        face_value_e4=_list_price(item.itemVal),
    )


def _list_price(told: msgspec.Raw) -> int | None:
    """What one is worth, where that is a number."""
    try:
        return price_e4(read_answer(told, Decimal))
    except ValueError:
        return None


def _inputs_of(order: Order) -> dict[str, str]:
    """What was typed, as parameters. Raises: InputRefused; names the field, never its text."""
    known = {ACCOUNT, *OF_TOPUPS} if order.goods is Goods.TOPUP else set(OF_CARDS)
    if not set(order.inputs) <= known:
        raise InputRefused(supplier=NAME, said="unknown field")
    if order.goods is Goods.TOPUP and not order.inputs.get(ACCOUNT):
        raise InputRefused(supplier=NAME, said=ACCOUNT)
    return dict(order.inputs)
