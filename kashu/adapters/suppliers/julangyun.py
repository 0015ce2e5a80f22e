"""Julangyun 聚浪云. See docs/reference/suppliers/julangyun.md for what is documented of it.

The account is the userCode, the secret is the token; the base URL is the one in the contract.
"""

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, NoReturn

import msgspec

from kashu.adapters.suppliers.exact import Unreadable, apart, code_of, decoded, e4_of, price_e4
from kashu.adapters.suppliers.julangyun_calls import (
    NAME,
    call,
    open_cards,
    read_signed,
    sign,
    sign_with_empty,
    unclear,
)
from kashu.adapters.suppliers.texts import TITLE_MAX, printable
from kashu.core.money import format_amount
from kashu.suppliers.errors import InputRefused, NoticeNotAuthentic
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import (
    Balance,
    BoughtCard,
    Can,
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

ACCOUNT: Final = "rechargeAccount"
_SIZE: Final = 50
_FRESH: Final = timedelta(hours=1)  # its five deliveries may be spread over some of it
_PLACE_DEADLINE_S: Final = 30.0

_STATES: Final = {
    20: OrderState.PROCESSING,
    30: OrderState.SUCCEEDED,
    40: OrderState.FAILED,
    50: OrderState.FAILED,  # cancelled by hand
}
_GOODS: Final = {1: Goods.CARD, 2: Goods.TOPUP}


class _Goods(msgspec.Struct, rename="camel"):
    goods_code: str
    goods_name: str
    goods_type: int
    price: Decimal
    status: int  # 1: on sale
    stock: int | None = None


class _List(msgspec.Struct):
    total: int
    list: list[msgspec.Raw]


class _Order(msgspec.Struct, rename="camel"):
    access_order_no: str
    order_no: str
    order_status: int
    order_amount: Decimal | None = None
    refund_amount: Decimal | None = None
    goods_code: str = ""
    order_num: int | None = None
    recharge_account: str | None = None
    cards: str | None = None


class _Card(msgspec.Struct, rename="camel"):
    card_no: str | None = None
    card_pwd: str | None = None


class _Money(msgspec.Struct):
    amount: Decimal


class JulangyunUpstream:
    """Accounts at Julangyun."""

    name: str = NAME
    can: frozenset[Can] = frozenset(
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
    rules: Rules = Rules(
        goods=frozenset({Goods.CARD, Goods.TOPUP}),
        repeats=Repeats.REFUSED,
        guard=Guard.UNIT,
        notice_by=NoticeBy.ORDER,
        ask_after=timedelta(seconds=3),
        place_deadline_s=_PLACE_DEADLINE_S,
    )
    secret_options: frozenset[str] = frozenset()

    async def products(self, link: Link, page: str | None = None) -> Page[Product]:
        """What is sold to us, in pages of 50."""
        number = int(page or "1")
        body: dict[str, str | int] = {"pageNum": number, "pageSize": _SIZE}
        found = await call(link, "/api/recharge/goods/list", body, _List)
        good, wrong = apart(found.list, _read_product)
        more = bool(found.list) and number * _SIZE < found.total
        return Page(good, str(number + 1) if more else None, wrong)

    async def product(self, link: Link, ref: str, quantity: int = 1) -> Product:
        """One product; its price is the same for any quantity."""
        del quantity
        try:
            return _product(await self._goods(link, ref))
        except Unreadable as error:
            raise unclear("goods") from error

    async def inputs(self, link: Link, ref: str) -> Sequence[Input]:
        """The account, of what is a top-up."""
        found = await self._goods(link, ref)
        if _GOODS.get(found.goods_type) is not Goods.TOPUP:
            return ()
        return (Input(ACCOUNT, "充值账号", is_account=True),)

    async def place(self, link: Link, order: Order) -> Standing:
        """Order, with the price of one as its limit.

        Whether the limit is of one or of all isn't documented: read as of all, that of one only
        refuses more.
        """
        account = order.inputs.get(ACCOUNT, "")
        if order.goods is Goods.TOPUP and not account:
            raise InputRefused(supplier=NAME, said=ACCOUNT)
        body: dict[str, str | int] = {
            "goodsCode": order.ref,
            "accessOrderNo": order.number,
            "rechargeAccount": account,
            "orderNum": order.quantity,
            "callbackUrl": order.notice_url,
            "accessPrice": format_amount(order.total_max_e4 // order.quantity),
        }
        made = await call(
            link,
            "/api/recharge/order/submit",
            body,
            _Order,
            placed=order.number,
            deadline_s=_PLACE_DEADLINE_S,
        )
        return _standing(link, order, made)

    async def ask(self, link: Link, order: Order, their_number: str = "") -> Standing:
        """How an order stands, by our number."""
        del their_number
        path, body = "/api/recharge/order/detail", {"accessOrderNo": order.number}
        return _standing(link, order, await call(link, path, body, _Order, asked=order.number))

    async def cancel(self, link: Link, order: Order, their_number: str, reason: str) -> None:
        """Ask for an order to be ended."""
        del their_number, reason
        body = {"accessOrderNo": order.number}
        await call(link, "/api/recharge/order/cancel", body, msgspec.Raw, asked=order.number)

    async def balance(self, link: Link) -> Balance:
        """Our money there."""
        found = await call(link, "/api/recharge/user/amount/detail", None, _Money)
        return Balance(_amount(found.amount))

    async def statement(
        self, link: Link, begin: datetime, end: datetime, page: str | None = None
    ) -> NoReturn:
        """There are none."""
        raise AssertionError(Can.STATEMENT)

    async def check_account(self, link: Link, ref: str, account: str) -> NoReturn:
        """It can't be asked."""
        raise AssertionError(Can.CHECK_ACCOUNT)

    def read_notice(self, login: Login, request: NoticeRequest, at: datetime) -> Notice:
        """Check the signature, which is made as ours is, with or without empty values."""
        try:
            told = read_signed(request.body)
        except ValueError as error:
            raise NoticeNotAuthentic(why="body") from error
        written = request.headers.get("timestamp", "")
        user = request.headers.get("usercode", "")
        params = {**told, "userCode": user, "timestamp": written}
        signature = request.headers.get("sign", "").encode()
        token = login.secret.clear
        right = [
            hmac.compare_digest(make(token, params).encode("utf-8", "replace"), signature)
            for make in (sign, sign_with_empty)
        ]
        if not any(right) or user != login.account:
            raise NoticeNotAuthentic(why="sign")
        told_at = _signed_at(written)
        if abs(at - told_at) > _FRESH:
            raise NoticeNotAuthentic(why="timestamp")
        if not told.get("accessOrderNo"):
            raise NoticeNotAuthentic(why="body")
        return Notice(
            Signal.ORDER,
            number=told["accessOrderNo"],
            their_number=told.get("orderNo", ""),
            said=code_of(told.get("orderStatus", "")),
            at=told_at,
        )

    def reply(self, notice: Notice | None) -> NoticeReply:
        """Say 200 in its words; whatever else has it told again."""
        code = b'{"code":500}' if notice is None else b'{"code":200}'
        return NoticeReply(code, "application/json")

    async def _goods(self, link: Link, ref: str) -> _Goods:
        found = await call(link, "/api/recharge/goods/detail", {"goodsCode": ref}, _Goods)
        if found.goods_code != ref:
            raise unclear("goodsCode: another product")
        return found


def _read_product(row: msgspec.Raw) -> Product:
    return _product(decoded(row, _Goods))


def _product(found: _Goods) -> Product:
    goods = _GOODS.get(found.goods_type)
    if goods is None:
        raise Unreadable("goodsType")
    return Product(
        ref=found.goods_code,
        title=printable(found.goods_name, TITLE_MAX),
        goods=goods,
        unit_cost_e4=price_e4(found.price),
        in_stock=found.stock is None or found.stock > 0,
        on_sale=found.status == 1,
        stock=None if found.stock is None else max(found.stock, 0),
    )


def _standing(link: Link, order: Order, found: _Order) -> Standing:
    if found.access_order_no != order.number:
        raise unclear("accessOrderNo: another order")
    state = _STATES.get(found.order_status)
    cards = None
    if state is OrderState.SUCCEEDED and order.goods is not Goods.TOPUP and found.cards:
        cards = _cards(link.login.secret.clear, found.cards)
    refunded = 0 if found.refund_amount is None else _amount(found.refund_amount)
    if state is OrderState.SUCCEEDED and refunded:
        state = OrderState.REFUNDED  # the state stays as it is; the sum tells
    return Standing(
        state or OrderState.PROCESSING,
        number=found.access_order_no,
        their_number=found.order_no,
        said=code_of(found.order_status),
        known=state is not None,
        quantity=found.order_num,
        charged_e4=None if found.order_amount is None else _amount(found.order_amount),
        refunded_e4=refunded,
        cards=cards,
        ref=found.goods_code,
        account=found.recharge_account or "",
    )


def _cards(token: str, sealed: str) -> tuple[BoughtCard, ...]:
    try:
        told = decoded(open_cards(token, sealed), list[_Card])
    except ValueError as error:
        raise unclear("cards") from error
    cards = (BoughtCard(card.card_no or "", card.card_pwd or "") for card in told)
    return tuple(card for card in cards if card.number or card.password)


def _signed_at(written: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(written) / 1000, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise NoticeNotAuthentic(why="timestamp") from error


def _amount(written: Decimal) -> int:
    try:
        return e4_of(written)
    except Unreadable as error:
        raise unclear("amount") from error
