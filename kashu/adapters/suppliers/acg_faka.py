"""acg-faka: shops of one open-source program that sell each other's goods ("shared store").

Cards come in the answer to an order. There is no question by our number: sending an order again
tells whether it was made, and if so its cards are lost to us, as their number for it is.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from kashu.adapters.suppliers import acg_faka_calls as calls
from kashu.adapters.suppliers import acg_faka_goods as goods
from kashu.adapters.suppliers.card_lines import cards_of
from kashu.adapters.suppliers.texts import printable
from kashu.core.errors import Refused
from kashu.suppliers.errors import (
    AnswerLost,
    InputRefused,
    LoginRefused,
    NoSuchPurchase,
    NumberTaken,
    ProductGone,
)
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import (
    AccountCheck,
    Balance,
    BoughtCard,
    Can,
    Charge,
    Input,
    Link,
    Login,
    Notice,
    NoticeReply,
    NoticeRequest,
    Order,
    OrderState,
    Page,
    Product,
    Repeats,
    Rules,
    Standing,
)

PLACE_DEADLINE_S: Final = 45.0  # a shop that resells waits 30 s for the next one
WAITING: Final = "正在发货中"  # how the usual sentence begins, until a person has delivered
# The money is taken, and there is no card. What is usually said, and how shops say it themselves.
APOLOGY: Final = "有人在你付款之前抢走了商品"
SORRY: Final = ("很抱歉", "抱歉", "非常抱歉", "对不起", "不好意思")
MARK: Final = "."  # between their number and what the first answer was known by
OWN: Final = frozenset(  # parameters that no form may overwrite
    {"app_id", "app_key", "card_id", "coupon", "device", "num", "race", "request_no", "shared_code"}
    | {"sign", "sku"}
)


class _Shop(msgspec.Struct):
    balance: Decimal


class _Valuation(msgspec.Struct):
    price: Decimal  # of all, not of one


class _Stock(msgspec.Struct):
    stock: int | str | None


class _Trade(msgspec.Struct):
    tradeNo: str  # noqa: N815  (theirs)
    amount: Decimal
    secret: str | None


class _Query(msgspec.Struct):
    secret: str | None


class AcgFakaUpstream:
    """A shop of acg-faka."""

    name = calls.NAME
    can = frozenset(
        {
            Can.LIST_PRODUCTS,
            Can.READ_PRODUCT,
            Can.READ_INPUTS,
            Can.BALANCE,
            Can.PLACE,
            Can.ASK,
            Can.ASK_THEIRS,
        }
    )
    rules = Rules(
        goods=frozenset({Goods.CARD, Goods.TOPUP}),
        repeats=Repeats.REFUSED,
        ask_after=timedelta(seconds=2),
        # Whether a lost order was made shows only in the balance, and that only if it was alone.
        one_at_a_time=True,
        place_deadline_s=PLACE_DEADLINE_S,
    )
    secret_options: frozenset[str] = frozenset()

    async def products(self, link: Link, page: str | None = None) -> Page[Product]:
        """What is sold to us, all at once, each variant by itself."""
        categories = await calls.call(link, "commodity/items", list[goods.Category], {})
        found: list[Product] = []
        wrong = 0
        for category in categories:
            for raw in category.children:
                try:
                    item = msgspec.json.decode(raw, type=goods.Item)
                    found += goods.listed(item, category.name)
                except (msgspec.MsgspecError, ValueError, RecursionError):
                    wrong += 1
        return Page(found, wrong=wrong)

    async def product(self, link: Link, ref: str, quantity: int = 1) -> Product:
        """One variant, valued for our account: the only price of a shop that can be relied on."""
        code, chosen = goods.read_ref(ref)
        item = await _item(link, code, chosen)
        asked = {"code": code, **chosen.parameters()}
        stock = goods.count_of(item.stock)
        if chosen.race or chosen.sku:
            stock = goods.count_of((await calls.call(link, "commodity/stock", _Stock, asked)).stock)
        unit_cost_e4 = -(-await _value_e4(link, code, chosen, quantity) // quantity)
        return goods.told(item, chosen, unit_cost_e4, stock)

    async def inputs(self, link: Link, ref: str) -> Sequence[Input]:
        """What the item's form asks for."""
        code, chosen = goods.read_ref(ref)
        try:
            return goods.inputs_of(await _item(link, code, chosen))
        except ValueError as error:
            raise calls.unclear("a form that can't be") from error

    async def place(self, link: Link, order: Order) -> Standing:
        """Order, having looked whether the variant is there: a wrong one would be ignored.

        The order carries no price limit: whoever places it has read the price.
        """
        code, chosen = goods.read_ref(order.ref)
        item = await _item(link, code, chosen)
        try:
            return await _trade(link, order, code, chosen, item)
        except calls.FieldRefused as error:
            if _is_of_a_field(item, error.words):
                raise InputRefused(supplier=calls.NAME, said=error.facts["said"]) from error
            raise

    async def ask(self, link: Link, order: Order, their_number: str = "") -> Standing:
        """Ask by their number; without it, send the order again.

        Where it wasn't made, that makes it: so only while its price is within our limit. That the
        number is taken says that it was made, and that its cards are lost to us. Any other
        refusal proves nothing: they look at stock and price before they look for the number.
        """
        if their_number:
            return await _query(link, order, their_number)
        code, chosen = goods.read_ref(order.ref)
        try:
            item = await _item(link, code, chosen)
            if await _value_e4(link, code, chosen, order.quantity) > order.total_max_e4:
                raise calls.unclear("the price has risen: it isn't sent again")
            return await _trade(link, order, code, chosen, item)
        except NumberTaken as error:
            said = error.facts["said"]
            raise AnswerLost(supplier=calls.NAME, number=order.number, said=said) from error
        except LoginRefused:
            raise
        except Refused as error:
            raise calls.unclear(f"{error.facts.get('said', '')}: proves nothing") from error

    async def cancel(self, link: Link, order: Order, their_number: str, reason: str) -> None:
        """There is none."""
        raise AssertionError("acg-faka cancels nothing")

    async def balance(self, link: Link) -> Balance:
        """Our balance there."""
        told = await calls.call(link, "authentication/connect", _Shop, {})
        return Balance(_e4(told.balance))

    async def statement(
        self, link: Link, begin: datetime, end: datetime, page: str | None = None
    ) -> Page[Charge]:
        """There is none."""
        raise AssertionError("acg-faka has no statement")

    async def check_account(self, link: Link, ref: str, account: str) -> AccountCheck:
        """There is none."""
        raise AssertionError("acg-faka checks no accounts")

    def read_notice(self, login: Login, request: NoticeRequest, at: datetime) -> Notice:
        """There are none."""
        raise AssertionError("acg-faka sends no notices")

    def reply(self, notice: Notice | None) -> NoticeReply:
        """There are none."""
        raise AssertionError("acg-faka sends no notices")


async def _item(link: Link, code: str, chosen: goods.Chosen) -> goods.Item:
    """Read an item that has a variant. Raises: ProductGone."""
    item = await calls.call(link, "commodity/item", goods.Item, {"code": code})
    try:
        there = goods.variants(item)
        goods.goods_of(item)
    except ValueError as error:
        raise calls.unclear("an item that can't be") from error
    if chosen not in there:
        raise ProductGone(supplier=calls.NAME, said="variant")
    return item


async def _value_e4(link: Link, code: str, chosen: goods.Chosen, quantity: int) -> int:
    """What so many cost our account, in all. Nothing at all is no price."""
    asked = {"code": code, "num": str(quantity), "card_id": "0", **chosen.parameters()}
    value_e4 = _e4((await calls.call(link, "commodity/valuation", _Valuation, asked)).price)
    if not value_e4:
        raise calls.unclear("a price of nothing")
    return value_e4


async def _trade(
    link: Link, order: Order, code: str, chosen: goods.Chosen, item: goods.Item
) -> Standing:
    if OWN & set(order.inputs):
        raise InputRefused(supplier=calls.NAME, said="a field has the name of one of ours")
    asked: dict[str, calls.Value] = {
        "contact": "",
        "password": "",
        **order.inputs,
        "shared_code": code,
        "num": str(order.quantity),
        "card_id": "0",
        "device": "0",
        "coupon": "",
        "request_no": order.number,
        **chosen.parameters(),
    }
    told = await calls.call(
        link,
        "commodity/trade",
        _Trade,
        asked,
        number=order.number,
        hidden=tuple(order.inputs.values()),
        deadline_s=PLACE_DEADLINE_S,
    )
    secret = told.secret or ""
    their_number = told.tradeNo
    if item.is_by_hand:  # until it says something else than now
        their_number = f"{told.tradeNo}{MARK}{_mark(secret)}"
    return _standing(link.login, order, their_number, secret, _e4(told.amount))


async def _query(link: Link, order: Order, their_number: str) -> Standing:
    trade_number = their_number.partition(MARK)[0]
    try:
        told = await calls.call(
            link, "commodity/query", _Query, {"tradeNo": trade_number}, number=order.number
        )
    except calls.FieldRefused as error:
        if error.words == "订单不存在":
            raise NoSuchPurchase(supplier=calls.NAME, number=order.number) from error
        raise
    return _standing(link.login, order, their_number, told.secret or "", None)


def _standing(
    login: Login, order: Order, their_number: str, secret: str, charged_e4: int | None
) -> Standing:
    """Tell what an order gave: nothing yet while a person's goods say what they said at first."""
    mark = their_number.partition(MARK)[2]
    waits = mark == _mark(secret) or secret.startswith(WAITING)
    state = OrderState.PROCESSING if waits else OrderState.SUCCEEDED
    topped_up = order.goods is Goods.TOPUP
    given = secret if state is OrderState.SUCCEEDED else ""
    return Standing(
        state,
        "",
        their_number,
        "waiting" if waits else "given",
        charged_e4=charged_e4,
        cards=_cards(given, login) if given and not topped_up else None,
        receipt=printable(given) if topped_up else "",
    )


def _cards(secret: str, login: Login) -> tuple[BoughtCard, ...]:
    """An apology is none: a card doesn't begin with one."""
    if APOLOGY in secret or secret.strip().startswith(SORRY):
        return ()
    return cards_of(secret, login.options)


def _mark(secret: str) -> str:
    """Know a text again that isn't kept."""
    return hashlib.sha256(secret.encode()).hexdigest()[:12]


def _is_of_a_field(item: goods.Item, words: str) -> bool:
    try:
        return words in goods.field_errors(item)
    except ValueError:
        return False


def _e4(told: Decimal) -> int:
    try:
        return calls.yuan_e4(told)
    except ValueError as error:
        raise calls.unclear("an amount that can't be") from error
