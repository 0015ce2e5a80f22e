"""Lansexiongdi 蓝色兄弟, the open API 1.0 of 1688sup: top-ups, one account at a time."""

import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NoReturn

import msgspec

from kashu.adapters.suppliers.amounts import e4, price_e4
from kashu.adapters.suppliers.answers import plain, read_answer, read_each
from kashu.adapters.suppliers.forms import read_form
from kashu.adapters.suppliers.lansexiongdi_wire import (
    NAME,
    TAKEN_ON,
    Answered,
    Failed,
    Told,
    call,
    refusal,
    refusal_of_asking,
    refusal_of_order,
    sign,
    unclear,
)
from kashu.adapters.suppliers.texts import TITLE_MAX, printable, word
from kashu.suppliers.errors import InputRefused, NoticeNotAuthentic, ProductGone
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import (
    AccountCheck,
    Balance,
    Can,
    Charge,
    Guard,
    Input,
    InputKind,
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

ACCOUNT: Final = "rechargeAccount"
ACCOUNT_TYPE: Final = "accountType"
PHONE, QQ, OTHER = "1", "2", "0"
NO_ADDRESS: Final = "none"  # the field is required, also where we have no public address
STATES: Final = {
    "01": OrderState.SUCCEEDED,
    "02": OrderState.PROCESSING,
    "03": OrderState.FAILED,  # nothing else is a failure
    "04": OrderState.PROCESSING,  # people there look at it
}
# As the platform's page gives them.
_PHONE: Final = re.compile(r"1[3-9]\d{9}", re.ASCII)
_QQ: Final = re.compile(r"[1-3]\d{4,9}|[1-9]\d{4,8}", re.ASCII)


class _Item(msgspec.Struct):
    product_id: str | int
    item_name: str
    channel_price: Decimal
    original_price: Decimal | None = None


class _Items(Answered):
    products: list[msgspec.Raw] = msgspec.field(default_factory=list)


class _OrderTold(Answered):
    status: str = ""
    outTradeNo: str | int | None = None  # noqa: N815  (the platform's name)


class _Wallet(Answered):
    balance: Decimal | None = None


class LansexiongdiUpstream:
    """The adapter of Lansexiongdi."""

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
        frozenset({Goods.TOPUP}),
        Repeats.REFUSED,
        Guard.NONE,
        NoticeBy.ORDER,
        # They want to be asked five minutes after an order at the earliest, where no notice came.
        # A buyer waits: our choice, within their limits as far as those are known.
        ask_after=timedelta(seconds=30),
        most_at_once=1,
    )
    secret_options: frozenset[str] = frozenset()

    async def products(self, link: Link, page: str | None = None) -> Page[Product]:
        """What is sold to us, all in one answer; whether it can be had isn't told."""
        del page
        told = await _read(link, "/recharge/product", _Items)
        found, wrong = read_each(told.products, _product)
        return Page(found, wrong=wrong)

    async def product(self, link: Link, ref: str, quantity: int = 1) -> Product:
        """One product, found in the list. Raises also: ProductGone."""
        del quantity  # always one
        for product in (await self.products(link)).members:
            if product.ref == ref:
                return product
        raise ProductGone(supplier=NAME, said="not in the list")

    async def inputs(self, link: Link, ref: str) -> Sequence[Input]:
        """What must be filled in. They tell it for no product: more may be needed.

        Every further key is sent as an extended parameter. Raises also: ProductGone.
        """
        await self.product(link, ref)
        types = (PHONE, QQ, OTHER)
        return (
            Input(ACCOUNT, "充值账号", is_account=True),
            Input(ACCOUNT_TYPE, "账号类型", InputKind.CHOICE, required=False, choices=types),
        )

    async def place(self, link: Link, order: Order) -> Standing:
        """Order one; that it was taken isn't that it was topped up."""
        account = order.inputs.get(ACCOUNT, "")
        if order.goods is not Goods.TOPUP or order.quantity != 1 or not account:
            raise InputRefused(supplier=NAME, said=f"number 1, {ACCOUNT}")
        more = {
            key: told
            for key, told in order.inputs.items()
            if key not in {ACCOUNT, ACCOUNT_TYPE} and told
        }
        params = {
            "outTradeNo": order.number,
            "productId": order.ref,
            ACCOUNT: account,
            ACCOUNT_TYPE: order.inputs.get(ACCOUNT_TYPE, "") or _type_of(account),
            "number": "1",
            "notifyUrl": order.notice_url or NO_ADDRESS,
            "extendParameter": msgspec.json.encode(more).decode() if more else "",
        }
        limit = self.rules.place_deadline_s
        try:
            await call(
                link,
                "/recharge/order",
                params,
                Answered,
                good=TAKEN_ON,
                order=order,
                deadline_s=limit,
            )
        except Failed as failed:
            refused = refusal_of_order(failed, order)
        else:
            return Standing(
                OrderState.PROCESSING, number=order.number, their_number="", said=TAKEN_ON
            )
        raise refused

    async def ask(self, link: Link, order: Order, their_number: str = "") -> Standing:
        """Ask by our number: they tell none of their own, and no money."""
        del their_number
        params = {"outTradeNo": order.number}
        try:
            told = await call(link, "/recharge/query", params, _OrderTold, order=order)
        except Failed as failed:
            refused = refusal_of_asking(failed, order)
        else:
            return _standing(told, order)
        raise refused

    async def cancel(self, link: Link, order: Order, their_number: str, reason: str) -> None:
        """Not offered: no such call is documented."""
        _lacking("cancel")

    async def balance(self, link: Link) -> Balance:
        """Our money there."""
        told = await _read(link, "/recharge/info", _Wallet)
        try:
            if told.balance is not None:
                return Balance(e4(told.balance))
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
        """Check a notice's signature, and read whose it is. Raises: NoticeNotAuthentic.

        Nothing tells when it was sent: an old one only has its order asked for once more.
        """
        del at
        try:
            fields = read_form(request.body)
        except ValueError as error:
            raise NoticeNotAuthentic(why="unreadable") from error
        given, expected = fields.get("sign", ""), sign(fields, login.secret.clear)
        if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
            raise NoticeNotAuthentic(why="signature")
        if fields.get("merchantId") != login.account:
            raise NoticeNotAuthentic(why="another account")
        number = fields.get("outTradeNo", "")
        signal = Signal.ORDER if number else Signal.OTHER
        return Notice(signal, number, said=word(fields.get("status", "")))

    def reply(self, notice: Notice | None) -> NoticeReply:
        """Say that a notice was taken, or that it wasn't."""
        return NoticeReply(b"success") if notice else NoticeReply(b"fail", status=400)


def _lacking(method: str) -> NoReturn:
    raise AssertionError(f"{NAME} has no {method}: it isn't in `can`")


async def _read(link: Link, path: str, shape: type[Told]) -> Told:
    """Read something. Raises: errors of the table."""
    try:
        return await call(link, path, {}, shape)
    except Failed as failed:
        refused = refusal(failed)
    raise refused


def _product(row: msgspec.Raw) -> Product:
    item = read_answer(row, _Item)
    face = item.original_price
    return Product(
        ref=str(item.product_id),
        title=printable(item.item_name, TITLE_MAX),
        goods=Goods.TOPUP,
        unit_cost_e4=price_e4(item.channel_price),
        in_stock=True,
        on_sale=True,
        face_value_e4=None if face is None else price_e4(face),
        most=1,
    )


def _standing(told: _OrderTold, order: Order) -> Standing:
    if plain(told.outTradeNo) not in {"", order.number}:
        raise unclear("another order")
    if not told.status:
        raise unclear("no status")
    state = STATES.get(told.status)
    return Standing(
        state or OrderState.PROCESSING,
        number=plain(told.outTradeNo),
        their_number="",
        said=word(told.status),
        known=state is not None,
        cards=() if state is OrderState.SUCCEEDED else None,
    )


def _type_of(account: str) -> str:
    if _PHONE.fullmatch(account):
        return PHONE
    return QQ if _QQ.fullmatch(account) else OTHER
