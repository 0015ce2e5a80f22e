"""Read Kasushou's goods and what must be filled in."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from kashu.adapters.suppliers.amounts import price_e4
from kashu.adapters.suppliers.texts import TITLE_MAX, printable
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import Input, InputKind, Page, Product

GOODS: Final = {1: Goods.CARD, 2: Goods.TOPUP}  # 3 is sent by post
ON_SALE: Final = 1
ACCOUNT: Final = "recharge_account"
KINDS: Final = {
    "password": InputKind.PASSWORD,
    "select": InputKind.CHOICE,
    "radio": InputKind.CHOICE,
    "checkbox": InputKind.CHOICE,
}
CHOICES_MAX: Final = 500


class Item(msgspec.Struct):
    """A product, as the list and its detail tell it."""

    id: int
    goods_name: str
    goods_type: int
    goods_price: Decimal
    status: int
    stock_num: int
    face_value: Decimal | None = None
    start_count: int | None = None
    end_count: int | None = None


class ItemList(msgspec.Struct):
    """A page of the list."""

    list: list[msgspec.Raw]
    total: int


class Field(msgspec.Struct):
    """Something that must be filled in."""

    key: str
    type: str = "text"
    name: str = ""
    options: Any = None


def read_products(told: Sequence[msgspec.Raw], following: str | None) -> Page[Product]:
    """Read a page; those that can't be read don't hold up the others."""
    found = []
    for each in told:
        try:
            found.append(read_product(msgspec.json.decode(each, type=Item)))
        except (msgspec.MsgspecError, RecursionError, ValueError):
            continue
    return Page(found, following, wrong=len(told) - len(found))


def read_product(item: Item) -> Product:
    """Read one. Raises: ValueError."""
    goods = GOODS.get(item.goods_type)
    if goods is None:
        raise ValueError("goods of another kind")
    stock = max(item.stock_num, 0)
    return Product(
        ref=str(item.id),
        title=printable(item.goods_name, TITLE_MAX),
        goods=goods,
        unit_cost_e4=price_e4(item.goods_price),
        in_stock=stock > 0,
        on_sale=item.status == ON_SALE,
        stock=stock,
        face_value_e4=None if item.face_value is None else price_e4(item.face_value),
        least=max(item.start_count or 1, 1),
        most=item.end_count or None,
    )


def read_inputs(fields: Sequence[Field]) -> Sequence[Input]:
    """Say what must be filled in. Which of it may be left out they don't tell."""
    keys = [field.key for field in fields]
    account = ACCOUNT if ACCOUNT in keys else next(iter(keys), "")
    return [
        Input(
            field.key,
            printable(field.name, TITLE_MAX) or printable(field.key, TITLE_MAX),
            KINDS.get(field.type, InputKind.TEXT),
            is_account=field.key == account,
            choices=tuple(dict.fromkeys(_choices(field.options))) if field.type in KINDS else (),
        )
        for field in fields
    ]


def _choices(options: object) -> Iterator[str]:
    """Find the choices. How they are written isn't documented: a list, or JSON in a text."""
    if isinstance(options, str):
        try:
            options = msgspec.json.decode(options)
        except (msgspec.MsgspecError, RecursionError, ValueError):
            return
    if isinstance(options, dict):
        options = options.get("options")
    if not isinstance(options, list) or len(options) > CHOICES_MAX:
        return
    for each in options:
        told = each.get("value", each.get("label")) if isinstance(each, dict) else each
        if isinstance(told, str):
            yield told
