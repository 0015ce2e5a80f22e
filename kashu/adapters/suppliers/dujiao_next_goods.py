"""What a dujiao-next site sells, as we understand it."""

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

import msgspec

from kashu.adapters.suppliers.amounts import price_e4
from kashu.adapters.suppliers.shop_forms import with_account
from kashu.adapters.suppliers.texts import TITLE_MAX, printable
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import Input, InputKind, Product

LANGUAGES: Final = ("zh-CN", "zh", "zh-TW", "en-US", "en")
KINDS: Final = {
    "number": InputKind.NUMBER,
    "password": InputKind.PASSWORD,
    "select": InputKind.CHOICE,
    "radio": InputKind.CHOICE,
}
TEXT_MAX: Final = 2_000


class _Field(msgspec.Struct):
    key: str
    type: str = "text"
    required: bool = False
    label: str | dict[str, str] = ""
    regex: str = ""
    options: list[str] | None = None


class _Schema(msgspec.Struct):
    fields: list[_Field] | None = None


class _Sku(msgspec.Struct):
    id: int
    price_amount: str
    stock_quantity: int
    stock_status: str
    is_active: bool
    spec_values: msgspec.Raw = msgspec.Raw(b"{}")


class Item(msgspec.Struct):
    """A product, with the variants that are ordered."""

    id: int
    title: str | dict[str, str]
    fulfillment_type: str
    is_active: bool
    skus: list[_Sku]
    manual_form_schema: _Schema | None = None


class OneItem(msgspec.Struct):
    """The answer about one product."""

    product: Item


class Items(msgspec.Struct):
    """A page of products."""

    items: list[msgspec.Raw]
    total: int
    page: int
    page_size: int


def amount_e4(told: str) -> int:
    """Read an amount. Raises: ValueError."""
    try:
        return price_e4(Decimal(told))
    except InvalidOperation as error:
        raise ValueError("not an amount") from error


def products_of(item: Item) -> Iterator[Product]:
    """Each variant is a product of its own. Raises: ValueError."""
    for sku in item.skus:
        sold_out = sku.stock_status == "out_of_stock" or sku.stock_quantity == 0
        title = f"{_words(item.title)} {_variant(sku.spec_values)}"
        yield Product(
            f"{item.id}/{sku.id}",
            printable(title, TITLE_MAX),
            Goods.TOPUP if _fields(item) else Goods.CARD,
            amount_e4(sku.price_amount),
            in_stock=not sold_out,
            on_sale=item.is_active and sku.is_active,
            stock=None if sku.stock_quantity < 0 else sku.stock_quantity,
        )


def inputs_of(item: Item) -> Sequence[Input]:
    """What a product's form asks for."""
    return with_account(
        [
            Input(
                field.key,
                printable(_words(field.label) or field.key, TITLE_MAX),
                KINDS.get(field.type, InputKind.TEXT),
                required=field.required,
                pattern=field.regex[:TEXT_MAX],
                choices=tuple(printable(each, TITLE_MAX) for each in field.options or ()),
            )
            for field in _fields(item)
        ]
    )


def _fields(item: Item) -> list[_Field]:
    """The form is asked of goods that people deliver, and of no others."""
    if item.fulfillment_type != "manual" or item.manual_form_schema is None:
        return []
    return item.manual_form_schema.fields or []


def _words(told: str | dict[str, str]) -> str:
    """Choose a language."""
    if isinstance(told, str):
        return told
    known = (told[language] for language in LANGUAGES if told.get(language))
    return next(known, next(iter(told.values()), ""))


def _variant(spec_values: msgspec.Raw) -> str:
    """Say what a variant is; its shape isn't documented, so what can't be read is left out."""
    try:
        told = msgspec.json.decode(spec_values, type=dict[str, str | dict[str, str]] | None)
    except (msgspec.MsgspecError, RecursionError):
        return ""
    return " ".join(_words(each) for each in (told or {}).values())
